//! Signing in from Teams.
//!
//! Both sides are connected in the browser, at `/connect`. Where only the sign-in at Microsoft has
//! ended, Teams can mend it without a window: it hands the bot a token of its own
//! (`signin/tokenExchange`), and the bot exchanges that for the person's tokens.
//!
//! <https://learn.microsoft.com/microsoftteams/platform/bots/how-to/authentication/bot-sso-code>

use http::StatusCode;
use serde_json::json;
use tandem_domain::{Failure, IssuerError, Secret, Subject};
use tandem_microsoft::cards;
use tandem_runtime::http::{Answer, empty, json as json_answer};

use crate::{
    stopped::{Stopped, connect_url},
    turn::Turn,
};

/// `signin/verifyState`: the window that `/connect` was open in has closed. What counts is not the
/// state that the client carries but whether the person's accounts are linked now.
pub(crate) async fn verify_state(turn: &Turn<'_>) -> Answer {
    match turn.me().await {
        Ok(_) => {
            let done = cards::notice("", "Your accounts are connected.", &[]);
            turn.say(done).await?;
            empty(StatusCode::OK)
        }
        Err(Stopped::Failed(failure)) => Err(failure.into()),
        Err(stopped) => {
            turn.say(stopped.card(turn.app)).await?;
            empty(StatusCode::PRECONDITION_FAILED)
        }
    }
}

/// `signin/failure`: Teams could not get a token of its own; the window remains.
pub(crate) async fn failure(turn: &Turn<'_>) -> Answer {
    // The code is one of Microsoft's list; anything else is not repeated.
    tracing::info!(target: "tandem", function = crate::NAME, code = "single_sign_on_failed", "sign-in in Teams failed");
    if let Ok(url) = connect_url(turn.app) {
        turn.say(cards::sign_in(&url, cards::SignInWhy::Again)).await?;
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
    match app.entra.on_behalf_of(&token, &identity.tenant_id).await {
        Ok(tokens) => {
            let subject = Subject::Microsoft(identity.tenant_id, identity.object_id);
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
