//! What a channel is told of an event: the issue's card, and behind it what happened.

use serde_json::{Value, json};
use tandem_domain::{AccountId, ChangedField, Failure, Subject, Telling, Told};
use tandem_jira::client::Issue;
use tandem_microsoft::cards::{self, IssueActions};
use tandem_runtime::{
    App,
    card_data::{CardSubject, ShownIn},
    shown_issue,
};
use tandem_store::ChannelSubscription;
use url::Url;

use super::{PURPOSE_CHANNEL, Seen, issue_url, request, text};

/// What is told of an issue.
pub(super) struct Post {
    /// The issue's card.
    pub(super) card: Value,
    pub(super) what: What,
}

/// What is told behind the card.
pub(super) enum What {
    /// Nothing: the card says it all.
    Card,
    /// Words, as HTML.
    Words(String),
    /// Fields that changed, and who changed them.
    Changes { issue: Box<Issue>, changes: Vec<ChangedField>, who: Option<String> },
}

/// What is posted of what the subscriber sees: more than the card of all but an issue's creation.
pub(super) async fn post(
    app: &App,
    telling: &Telling,
    item: &ChannelSubscription,
    seen: &Seen,
) -> Result<Post, Failure> {
    let url = issue_url(app, telling, &seen.issue).await?;
    let card = card(app, telling, item, &seen.issue, &url);
    let what = match (&telling.what, &seen.comment) {
        (Told::Updated { changes, actor }, _) => What::Changes {
            issue: Box::new(seen.issue.clone()),
            changes: changes.clone(),
            who: name_of(app, telling, item, actor.as_ref()).await?,
        },
        (_, Some(comment)) => What::Words(text::comment(comment, &url)),
        _ => What::Card,
    };
    Ok(Post { card, what })
}

/// The name of who changed something, read as the subscriber.
async fn name_of(
    app: &App,
    telling: &Telling,
    item: &ChannelSubscription,
    actor: Option<&AccountId>,
) -> Result<Option<String>, Failure> {
    let Some(actor) = actor else { return Ok(None) };
    let subject = Subject::Atlassian(item.subscribed_by.clone());
    let token = app.vault.access_token(&subject, PURPOSE_CHANNEL, &request(telling)?).await?;
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
    let view = shown_issue::view(issue, url);
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
