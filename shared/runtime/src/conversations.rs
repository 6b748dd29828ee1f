//! The bot's conversations: forgetting one with all it owned, and telling a person once that a
//! sign-in is needed.

use std::time::Duration;

use tandem_domain::{
    CloudId, ConversationId, Failure, GrantState, ObjectId, RequestId, Subject, TenantId,
};
use tandem_microsoft::{
    cards,
    connector::{BLOCKED, Place},
};
use url::Url;

use crate::{App, signing::lease_holder};

/// For how long after it was renewed a token that is refused is not renewed again.
pub const FRESH: Duration = Duration::from_mins(1);

/// Whether the bot was removed from a conversation, or blocked there.
pub fn is_blocked(failure: &Failure) -> bool {
    matches!(failure, Failure::Forbidden { what: BLOCKED })
}

/// Whether a conversation is over for the bot: it was removed or blocked, or the conversation is
/// gone. Any other refusal is one of what was said there.
pub fn is_over(failure: &Failure) -> bool {
    is_blocked(failure) || matches!(failure, Failure::Absent { what: "conversation" })
}

/// Forgets a conversation of the bot: its subscriptions and threads, from which of its messages issues
/// were created, then where it is served.
pub async fn forget(
    app: &App,
    tenant: &TenantId,
    conversation: &ConversationId,
) -> Result<(), Failure> {
    for item in app.store.list_projects_by_channel(tenant, conversation).await? {
        app.store.delete_channel_subscription(&item).await?;
    }
    for thread in app.store.list_threads_by_channel(tenant, conversation).await? {
        app.store.delete_issue_thread(&thread).await?;
    }
    for message in app.store.list_issue_messages_by_conversation(tenant, conversation).await? {
        app.store.delete_issue_message(&message).await?;
    }
    if let Some(known) = app.store.find_bot_conversation(tenant, conversation).await? {
        app.store.delete_bot_conversation(&known).await?;
    }
    Ok(())
}

/// Tells the owner of a grant, in their chat with the bot, that it needs a sign-in: once for each
/// time it came to that. Somebody whom the bot cannot reach is told nothing here; the panel in
/// Jira tells them when they next open it. `cloud` is the Jira site by which an Atlassian account
/// is found at Microsoft; without it only an account of Microsoft is told. `true` when they were
/// told now.
///
/// # Errors
/// Those of the table. A message that cannot be sent is tried again with the next occasion.
pub async fn tell_sign_in_needed(
    app: &App,
    subject: &Subject,
    cloud: Option<&CloudId>,
) -> Result<bool, Failure> {
    let Some(grant) = app.store.find_grant(subject).await? else { return Ok(false) };
    let told = grant.told_version == Some(grant.version);
    if told || !matches!(grant.state, GrantState::NeedsSignIn(_)) {
        return Ok(false);
    }
    let Some((tenant, object)) = at_microsoft(app, subject, cloud).await? else {
        return Ok(false);
    };
    let Some(known) = app.store.find_personal_conversation(&tenant, &object).await? else {
        return Ok(false);
    };
    let url = Url::parse(&app.config.public("/connect"))
        .map_err(|_| Failure::Fault { what: "public_url" })?;
    if !app.store.claim_telling(&grant).await? {
        return Ok(false);
    }
    let card = match subject {
        Subject::Atlassian(_) => cards::sign_in(&url, cards::SignInWhy::Again).attachment(),
        Subject::Microsoft(..) => by_itself(app, &url)?,
    };
    let activity = serde_json::json!({"type": "message", "attachments": [card]});
    let place = Place { service_url: &known.service_url, conversation: &known.conversation_id };
    match app.connector.send(place, &activity).await {
        Ok(_) => Ok(true),
        Err(failure) => {
            if is_over(&failure) {
                app.store.delete_personal_conversation(&tenant, &object).await?;
            }
            tracing::warn!(target: "tandem", code = failure.code(), %failure, "not told of a sign-in");
            app.store.release_telling(&grant).await?;
            Ok(false)
        }
    }
}

/// The card by which Teams mends a sign-in at Microsoft without a window, where it can.
fn by_itself(app: &App, url: &Url) -> Result<serde_json::Value, Failure> {
    let fault = || Failure::Fault { what: "sign_in_card" };
    let host = app.config.public_url.host_str().ok_or_else(fault)?;
    let uri = format!("api://{host}/{}", app.config.microsoft_client_id);
    let id = lease_holder(app.entropy.as_ref()).ok_or_else(fault)?;
    Ok(cards::sign_in_by_itself(url, cards::TokenResource { id: id.as_str(), uri: &uri }))
}

/// How a grant stands after a vendor refused a token of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// There is a new token to try again with.
    Renewed,
    /// The token was renewed less than [`FRESH`] ago, by whoever came first.
    Fresh,
    /// There is no grant, or its owner must sign in again.
    Ended,
}

impl Renewal {
    /// The better one of two people's: one of them can act.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Renewed, _) | (_, Self::Renewed) => Self::Renewed,
            (Self::Fresh, _) | (_, Self::Fresh) => Self::Fresh,
            (Self::Ended, Self::Ended) => Self::Ended,
        }
    }
}

/// A vendor refused a token that should still have lasted: the grant may have ended, or but the
/// token. It is renewed where it is not fresh; whoever must sign in again is told so, once.
///
/// # Errors
/// Those of the table and of the vault, where the vendor could not be asked.
pub async fn renew_or_tell(
    app: &App,
    subject: &Subject,
    cloud: Option<&CloudId>,
    request: &RequestId,
) -> Result<Renewal, Failure> {
    let Some(grant) = app.store.find_grant(subject).await? else { return Ok(Renewal::Ended) };
    if grant.state == GrantState::Active {
        if app.clock.now() < grant.renewed_at.plus(FRESH) {
            return Ok(Renewal::Fresh);
        }
        match app.vault.keep_alive(&grant, request).await {
            Ok(()) => return Ok(Renewal::Renewed),
            Err(Failure::SignInNeeded { .. } | Failure::Absent { .. }) => {}
            Err(failure) => return Err(failure),
        }
    }
    tell_sign_in_needed(app, subject, cloud).await?;
    Ok(Renewal::Ended)
}

/// The owner of a grant at Microsoft.
async fn at_microsoft(
    app: &App,
    subject: &Subject,
    cloud: Option<&CloudId>,
) -> Result<Option<(TenantId, ObjectId)>, Failure> {
    Ok(match (subject, cloud) {
        (Subject::Microsoft(tenant, object), _) => Some((tenant.clone(), object.clone())),
        (Subject::Atlassian(account), Some(cloud)) => app
            .store
            .find_link_by_account(cloud, account)
            .await?
            .map(|link| (link.tenant_id, link.object_id)),
        (Subject::Atlassian(_), None) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_is_over_where_the_bot_may_not_write_or_it_is_gone() {
        for (failure, blocked, over) in [
            (Failure::Forbidden { what: BLOCKED }, true, true),
            (Failure::Absent { what: "conversation" }, false, true),
            (Failure::Forbidden { what: "conversation" }, false, false),
            (Failure::Forbidden { what: "activity_too_large" }, false, false),
            (Failure::Absent { what: "jira_issue" }, false, false),
            (Failure::Retry { what: "connector_throttled", after: None }, false, false),
            (Failure::Fault { what: "connector_request" }, false, false),
        ] {
            assert_eq!((is_blocked(&failure), is_over(&failure)), (blocked, over), "{failure:?}");
        }
    }
}
