//! Signing in from Teams.
//!
//! Both sides are connected in the browser, at `/connect`. Where only the sign-in at Microsoft has
//! ended, Teams can mend it without a window: it hands the bot a token of its own
//! (`signin/tokenExchange`), and the bot exchanges that for the person's tokens.
//!
//! <https://learn.microsoft.com/microsoftteams/platform/bots/how-to/authentication/bot-sso-code>

use http::StatusCode;
use serde_json::json;
use tandem_domain::{Failure, GrantState, IssuerError, Secret, Subject};
use tandem_microsoft::cards::{self, Card};
use tandem_runtime::http::{Answer, empty, json as json_answer};

use crate::{
    stopped::{Stopped, connect_url},
    turn::Turn,
};

/// `signin/verifyState`: the window that `/connect` was open in has closed. What counts is not the
/// state that the client carries but whether the person's accounts are linked and signed in now.
pub(crate) async fn verify_state(turn: &Turn<'_>) -> Answer {
    match signed_in(turn).await {
        Ok(()) => {
            say(turn, cards::notice("", "Your accounts are connected.", &[])).await;
            empty(StatusCode::OK)
        }
        Err(Stopped::Failed(failure)) => Err(failure.into()),
        Err(stopped) => {
            say(turn, stopped.card(turn.app)).await;
            empty(StatusCode::PRECONDITION_FAILED)
        }
    }
}

/// Says something beside the answer. Where it cannot be said, the answer stands alone.
async fn say(turn: &Turn<'_>, card: Card) {
    if let Err(failure) = turn.say(card).await {
        tracing::warn!(target: "tandem", function = crate::NAME, code = failure.code(), %failure, "not said");
    }
}

/// Whether the person's accounts are linked, and neither of them needs another sign-in.
async fn signed_in(turn: &Turn<'_>) -> Result<(), Stopped> {
    let link = turn.me().await?.link;
    for subject in
        [Subject::Atlassian(link.account_id), Subject::Microsoft(link.tenant_id, link.object_id)]
    {
        if !is_active(turn, &subject).await? {
            return Err(Stopped::SignInNeeded);
        }
    }
    Ok(())
}

async fn is_active(turn: &Turn<'_>, subject: &Subject) -> Result<bool, Failure> {
    let grant = turn.app.store.find_grant(subject).await?;
    Ok(grant.is_some_and(|grant| grant.state == GrantState::Active))
}

/// `signin/failure`: Teams could not get a token of its own; the window remains.
pub(crate) async fn failure(turn: &Turn<'_>) -> Answer {
    // The code is one of Microsoft's list; anything else is not repeated.
    tracing::info!(target: "tandem", function = crate::NAME, code = "single_sign_on_failed", "sign-in in Teams failed");
    if let Ok(url) = connect_url(turn.app) {
        say(turn, cards::sign_in(&url, cards::SignInWhy::Again)).await;
    }
    empty(StatusCode::OK)
}

/// `signin/tokenExchange`: renews the person's grant at Microsoft. 412 has Teams show the sign-in
/// window instead: where the accounts are not linked yet, or where Entra wants the person present.
pub(crate) async fn token_exchange(turn: &Turn<'_>) -> Answer {
    let value = &turn.activity.value;
    let Some(token) = value.text("/token").filter(|token| !token.is_empty()) else {
        return not_exchanged(turn, "no_token");
    };
    let token = Secret::new(token.to_owned());
    let app = turn.app;
    let identity = match app.entra.verify_single_sign_on(&token, &app.entra_keys).await {
        Ok(identity) => identity,
        Err(error) => return not_exchanged(turn, error.code()),
    };
    // The token must be of the very person who sent the activity.
    if Some(&identity.object_id) != turn.activity.from.as_ref() || identity.tenant_id != turn.tenant
    {
        return not_exchanged(turn, "token_of_another_person");
    }
    match turn.me().await {
        Ok(_) => {}
        Err(Stopped::Failed(failure)) => return Err(failure.into()),
        Err(stopped) => return not_exchanged(turn, stopped.code()),
    }
    let subject = Subject::Microsoft(identity.tenant_id.clone(), identity.object_id);
    // Each of the person's devices sends a token of its own: the first one does.
    if is_active(turn, &subject).await? {
        return empty(StatusCode::OK);
    }
    match app.entra.on_behalf_of(&token, &identity.tenant_id).await {
        Ok(tokens) => {
            app.vault.save(&subject, &tokens).await?;
            empty(StatusCode::OK)
        }
        Err(IssuerError::Unavailable { retry_after }) => {
            Err(Failure::Retry { what: "entra_unavailable", after: retry_after }.into())
        }
        Err(IssuerError::Refused(_)) => not_exchanged(turn, "consent_needed"),
        Err(IssuerError::Misconfigured { .. }) => not_exchanged(turn, "entra_refused"),
    }
}

/// 412 with the id that Teams sent, as it asks for.
fn not_exchanged(turn: &Turn<'_>, why: &'static str) -> Answer {
    tracing::info!(target: "tandem", function = crate::NAME, code = why, "token not exchanged");
    let value = &turn.activity.value;
    let body = json!({
        "id": value.text("/id").unwrap_or_default(),
        "connectionName": value.text("/connectionName").unwrap_or_default(),
        "failureDetail": why,
    });
    json_answer(StatusCode::PRECONDITION_FAILED, &body)
}
