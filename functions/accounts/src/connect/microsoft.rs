//! Back from Microsoft: both sides are known, so the accounts are linked and the person signed in.

use lambda_http::{Body, Request, Response};
use tandem_domain::{AccountId, CloudId, Provider, Secret, Subject};
use tandem_microsoft::entra::{Identity, SignedIn};
use tandem_pages::Problem;
use tandem_runtime::{
    App,
    disconnect::{self, Side},
    http::{cookie_of, query_parameter, redirect},
    session::{SESSION_COOKIE, SESSION_LASTS, begin_session},
    signing::{random_token, token_hash},
};
use tandem_store::{AccountLink, Session, SignInStage};

use super::{
    returned,
    ticket::{self, Redeemed},
};
use crate::problem;

/// `GET /connect/microsoft/callback`.
pub(crate) async fn callback(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let state = query_parameter(request, "state");
    let ticket = ticket::redeem(app, request, state, SignInStage::Microsoft).await?;
    let code = returned::code(request, Provider::Microsoft)?;
    let signed_in = app
        .entra
        .exchange(&code, &app.signing.pkce_verifier(&ticket.state))
        .await
        .map_err(|error| problem::of_issuer(Provider::Microsoft, &error))?;
    let who = app
        .entra
        .verify(&signed_in.id_token, &app.entra_keys, &app.signing.nonce(&ticket.state))
        .await
        .map_err(problem::of_id_token)?;
    let (account_id, cloud_id) = jira_side(ticket)?;
    let settings = app.store.get_effective_settings(&cloud_id, None, None).await?;
    if !settings.tenant_allowed(&who.tenant_id) {
        return Err(problem::tenant_not_allowed());
    }
    let link = link(app, cloud_id, account_id, who, &signed_in).await?;
    sign_in(app, request, link).await
}

/// The Jira user and the one site that the first half of the sign-in settled.
fn jira_side(ticket: Redeemed) -> Result<(AccountId, CloudId), Problem> {
    let fault = Problem::fault("sign_in_without_jira_side");
    let Ok([cloud_id]) = <[CloudId; 1]>::try_from(ticket.sign_in.cloud_ids) else {
        return Err(fault);
    };
    Ok((ticket.sign_in.account_id.ok_or(fault)?, cloud_id))
}

/// Saves the grant and writes the link. Links that the two accounts had with others on this site
/// end: their sessions with them, and the grant that is left without a link.
async fn link(
    app: &App,
    cloud_id: CloudId,
    account_id: AccountId,
    who: Identity,
    signed_in: &SignedIn,
) -> Result<AccountLink, Problem> {
    let Identity { tenant_id, object_id } = who;
    let subject = Subject::Microsoft(tenant_id.clone(), object_id.clone());
    app.vault.save(&subject, &signed_in.tokens).await?;
    let now = app.clock.now();
    let link = AccountLink {
        cloud_id,
        account_id,
        tenant_id,
        object_id,
        created_at: now,
        signed_in_at: now,
    };
    for ended in app.store.put_link(&link).await? {
        app.store.delete_sessions_of(&ended.cloud_id, &ended.account_id).await?;
        let left_over =
            if ended.account_id == link.account_id { Side::Microsoft } else { Side::Atlassian };
        disconnect::erase_unlinked(app, &ended, &[left_over]).await?;
    }
    Ok(link)
}

/// Begins a session for this browser, in place of the one it had.
async fn sign_in(
    app: &App,
    request: &Request,
    link: AccountLink,
) -> Result<Response<Body>, Problem> {
    let before = cookie_of(request, SESSION_COOKIE).map(Secret::new);
    if let Some(before) = before.as_ref().and_then(token_hash) {
        app.store.delete_session(&before).await?;
    }
    let token = random_token(&*app.entropy);
    let session = Session {
        token_hash: token_hash(&token).ok_or(Problem::fault("token_hash"))?,
        cloud_id: link.cloud_id,
        account_id: link.account_id,
        tenant_id: link.tenant_id,
        object_id: link.object_id,
        ends_at: app.clock.now().plus(SESSION_LASTS),
    };
    app.store.create_session(&session).await?;
    let mut response = redirect("/connected")?;
    begin_session(&mut response, &token);
    ticket::release(&mut response);
    Ok(response)
}
