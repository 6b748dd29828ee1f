//! Telling a channel: in one thread for each issue, read as the person who subscribed, and only
//! what the subscription and the site's settings let out.

use serde_json::{Value, json};
use tandem_domain::{
    AccountId, ConversationId, Failure, FollowId, Followed, Purpose, Telling, TenantId, Told,
    settings::EffectiveSettings,
};
use tandem_jira::client::Issue;
use tandem_microsoft::cards::{self, IssueActions, IssueView};
use tandem_runtime::{
    App,
    card_data::{CardSubject, ShownIn},
    conversations,
    labels::label_hash,
};
use tandem_store::{ChannelSubscription, LinkState};
use url::Url;

use super::{
    Seen, Unseen, read_as, text,
    thread::{Post, Threads},
};
use crate::work::Outcome;

const PURPOSE: Purpose = Purpose::TellChannel;

/// Tells a channel of an event.
pub(super) async fn tell(
    app: &App,
    telling: &Telling,
    follow: &FollowId,
    tenant: &TenantId,
    channel: &ConversationId,
) -> Result<Outcome, Failure> {
    let (cloud, project) = (&telling.cloud_id, &telling.project_id);
    let found = app.store.find_channel_subscription(cloud, project, follow).await?;
    let Some(item) = found.filter(|item| item.channel_id == *channel) else {
        return Ok(Outcome::Dropped("unsubscribed"));
    };
    if item.state != LinkState::Active {
        return Ok(Outcome::Dropped("subscription_rests"));
    }
    let settings = app.store.get_effective_settings(cloud, Some(project), None).await?;
    if !settings.tenant_allowed(tenant) {
        return Ok(Outcome::Dropped("tenant_not_allowed"));
    }
    let threads = Threads { app, telling, item: &item };
    if telling.what == Told::Deleted {
        return ended(&threads, threads.tell_deleted().await).await;
    }
    let seen = match read_as(app, telling, &item.subscribed_by, PURPOSE).await? {
        Ok(seen) => seen,
        Err(Unseen::Gone) => return Ok(Outcome::Dropped("not_visible_to_subscriber")),
        Err(Unseen::NoGrant) => {
            let resting = ChannelSubscription { state: LinkState::NeedsSignIn, ..item };
            app.store.put_channel_subscription(&resting).await?;
            return Ok(Outcome::GivenUp("subscriber_must_sign_in"));
        }
    };
    if let Some(why) = kept_inside(&item, &settings, &seen) {
        return Ok(Outcome::Dropped(why));
    }
    let post = post(app, telling, &item, &seen).await?;
    ended(&threads, threads.tell(&post).await).await
}

/// The bot may have been removed meanwhile: then the conversation is forgotten.
async fn ended(threads: &Threads<'_>, told: Result<(), Failure>) -> Result<Outcome, Failure> {
    match told {
        Ok(()) => Ok(Outcome::carried()),
        Err(Failure::Forbidden { .. } | Failure::Absent { .. }) => {
            let item = threads.item;
            conversations::forget(threads.app, &item.tenant_id, &item.channel_id).await?;
            Ok(Outcome::GivenUp("bot_removed"))
        }
        Err(failure) => Err(failure),
    }
}

/// Why the channel is not told: what the subscription does not want, and what stays in Jira unless
/// both the subscription and the site's settings name it.
fn kept_inside(
    item: &ChannelSubscription,
    settings: &EffectiveSettings,
    seen: &Seen,
) -> Option<&'static str> {
    if seen.issue.has_security_level && !settings.secured_issues_allowed() {
        return Some("secured_issue");
    }
    if !item.filter.admits(&followed(item, &seen.issue)) {
        return Some("not_followed");
    }
    let kept = seen.comment.as_ref().is_some_and(|comment| comment.restricted || comment.internal);
    (kept && !(item.filter.restricted && settings.restricted_comments_allowed()))
        .then_some("restricted_comment")
}

/// What of an issue the filter looks at.
fn followed(item: &ChannelSubscription, issue: &Issue) -> Followed {
    Followed {
        issue_type: issue.issue_type_id.clone(),
        status_category: issue.status_category,
        priority: issue.priority_id.clone(),
        assignee: issue.assignee.as_ref().map(|user| user.account_id.clone()),
        labels: issue
            .labels
            .iter()
            .filter_map(|label| label_hash(&item.follow_id, label.as_str()))
            .collect(),
        secured: issue.has_security_level,
    }
}

/// What is posted: the issue's card, and what happened where that is more than its creation.
async fn post(
    app: &App,
    telling: &Telling,
    item: &ChannelSubscription,
    seen: &Seen,
) -> Result<Post, Failure> {
    let installation = app.store.find_installation(&telling.cloud_id).await?;
    let installation = installation.ok_or(Failure::Fault { what: "installation" })?;
    let url = Url::parse(&format!("https://{}/browse/{}", installation.site_host, seen.issue.key))
        .map_err(|_| Failure::Fault { what: "issue_url" })?;
    let card = card(app, telling, item, &seen.issue, &url);
    let issue = seen.issue.clone();
    Ok(match (&telling.what, &seen.comment) {
        (Told::Updated { changes, actor }, _) => {
            let who = name_of(app, telling, item, actor.as_ref()).await?;
            Post::changes(card, issue, changes.clone(), who)
        }
        (_, Some(comment)) => Post::words(card, text::comment(comment, &url)),
        _ => Post::card(card),
    })
}

/// The name of who changed something, read as the subscriber.
async fn name_of(
    app: &App,
    telling: &Telling,
    item: &ChannelSubscription,
    actor: Option<&AccountId>,
) -> Result<Option<String>, Failure> {
    let Some(actor) = actor else { return Ok(None) };
    let subject = tandem_domain::Subject::Atlassian(item.subscribed_by.clone());
    let token = app.vault.access_token(&subject, PURPOSE, &super::request(telling)?).await?;
    match app.jira.site(&telling.cloud_id, &token).get_user(actor).await {
        Ok(user) => Ok(Some(user.display_name.as_str().to_owned())),
        Err(failure) if failure.is_transient() => Err(failure),
        Err(_) => Ok(None),
    }
}

/// The issue's card, with buttons for whoever presses them.
fn card(
    app: &App,
    telling: &Telling,
    item: &ChannelSubscription,
    issue: &Issue,
    url: &Url,
) -> Value {
    let subject = CardSubject::Issue(telling.cloud_id.clone(), telling.issue_id.clone());
    let shown = ShownIn { tenant: &item.tenant_id, conversation: &item.channel_id };
    let view = IssueView {
        key: issue.key.as_str(),
        url,
        summary: issue.summary.as_str(),
        issue_type: issue.issue_type.as_ref().map(|name| name.as_str()),
        status: issue.status.as_ref().map(|name| name.as_str()),
        status_category: issue.status_category.map(tandem_domain::StatusCategory::as_key),
        priority: issue.priority.as_ref().map(|name| name.as_str()),
        assignee: issue.assignee.as_ref().map(|user| user.display_name.as_str()),
        project: issue.project_name.as_ref().map(|name| name.as_str()),
    };
    let actions = IssueActions {
        data: subject.sign(&app.signing, shown, app.clock.now()),
        assign_to_me: true,
        comment: true,
        watch: true,
        refresh: true,
        ..IssueActions::default()
    };
    json!({"type": "message", "attachments": [cards::issue(&view, &actions).attachment()]})
}
