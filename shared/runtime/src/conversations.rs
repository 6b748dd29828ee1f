//! The bot's conversations: forgetting one with all it owned, and telling a person once that a
//! sign-in is needed.

use tandem_domain::{CloudId, ConversationId, Failure, GrantState, ObjectId, Subject, TenantId};
use tandem_microsoft::{cards, connector::Place};
use url::Url;

use crate::App;

/// Forgets a group chat or channel: its subscriptions and threads, then where it is served.
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
    if let Some(known) = app.store.find_bot_conversation(tenant, conversation).await? {
        app.store.delete_bot_conversation(&known).await?;
    }
    Ok(())
}

/// Tells the owner of a grant, in their chat with the bot, that it needs a sign-in: once for each
/// time it came to that. Somebody whom the bot cannot reach is told nothing here; the panel in
/// Jira tells them when they next open it. `cloud` is the Jira site by which an Atlassian account
/// is found at Microsoft; without it only an account of Microsoft is told. `true` when they were told now.
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
    if !app.store.claim_telling(&grant).await? {
        return Ok(false);
    }
    let url = Url::parse(&app.config.public("/connect"))
        .map_err(|_| Failure::Fault { what: "public_url" })?;
    let card = cards::sign_in(&url, cards::SignInWhy::Again);
    let activity = serde_json::json!({"type": "message", "attachments": [card.attachment()]});
    let place = Place { service_url: &known.service_url, conversation: &known.conversation_id };
    match app.connector.send(place, &activity).await {
        Ok(_) => Ok(true),
        Err(Failure::Forbidden { .. } | Failure::Absent { .. }) => {
            app.store.delete_personal_conversation(&tenant, &object).await?;
            Ok(false)
        }
        Err(failure) => {
            tracing::warn!(target: "tandem", code = failure.code(), %failure, "not told of a sign-in");
            app.store.release_telling(&grant).await?;
            Ok(false)
        }
    }
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
