//! The command that adds a message to an issue, as a comment of the person.

use serde_json::Value;
use tandem_domain::{CommentId, IssueKey, Purpose};
use tandem_jira::client::FieldErrors;
use tandem_microsoft::cards::{self, ChoiceList, CommentForm, comment_form, dataset, input};
use url::Url;

use super::{
    comment_issues,
    comment_work::{Outcome, Work},
    create_form::as_chosen,
    fields::{self, Named, list},
    in_time, kept,
    message::{Message, Room},
    message_draft::Draft,
    task_card, texts,
};
use crate::{shown, stopped::Stopped, turn::Turn};

/// The form: the issues of this chat and those the person saw last, and the message.
pub(super) async fn open(turn: &Turn<'_>) -> Result<Value, Stopped> {
    let me = turn.me().await?;
    let token = turn.jira_token(&me, Purpose::ShowIssue).await?;
    let message = Message::of(&turn.activity.value);
    let mut draft = Draft::begun(turn, me.cloud())?;
    if let Some(message) = &message {
        draft.fill(input::COMMENT, &message.shown(Room::Wide));
    }
    let site = turn.site(&me, &token);
    let near = comment_issues::near(turn, &me, &site, message.as_ref()).await?;
    if let Some(issue) = &near.chosen {
        draft.fill(input::ISSUE, &issue.id);
    }
    Ok(form(&draft, &near.issues, &FieldErrors::default()))
}

fn form(draft: &Draft, issues: &[Named], wrong: &FieldErrors) -> Value {
    let issues = list(issues, draft.typed(input::ISSUE), Some(dataset::ISSUES));
    task_card(texts::COMMENT_TITLE, &card(draft, issues, wrong))
}

fn card(draft: &Draft, issues: ChoiceList<'_>, wrong: &FieldErrors) -> Value {
    comment_form(&CommentForm {
        issues,
        key: draft.typed(input::ISSUE_KEY),
        comment: draft.typed(input::COMMENT),
        errors: fields::shown(wrong),
        data: draft.data(),
    })
    .into_json()
}

/// Takes the form in.
pub(super) async fn submit(turn: &Turn<'_>) -> Value {
    let draft = Draft::sent(turn);
    let message = Message::of(&turn.activity.value);
    match in_time(Box::pin(take_in(turn, &draft, message.as_ref()))).await {
        Ok(answer) => answer,
        Err(stopped) => {
            stopped.log("add_comment");
            kept(turn, texts::COMMENT_TITLE, &stopped, |wrong| kept_card(&draft, wrong))
        }
    }
}

/// The form with all that was typed, while Jira cannot be asked for the issues.
fn kept_card(draft: &Draft, wrong: &FieldErrors) -> Value {
    let chosen = as_chosen(draft.typed(input::ISSUE));
    card(draft, ChoiceList { dataset: Some(dataset::ISSUES), ..chosen }, wrong)
}

async fn take_in(
    turn: &Turn<'_>,
    draft: &Draft,
    message: Option<&Message>,
) -> Result<Value, Stopped> {
    let me = turn.me_on(&draft.site(turn)?).await?;
    let token = turn.jira_token(&me, Purpose::ChangeIssue).await?;
    let site = turn.site(&me, &token);
    let at = shown::installation(turn, me.cloud()).await?;
    let work = Work { turn, me: &me, site: &site, at: &at, draft, message };
    let told = |key: &IssueKey, comment: Option<&CommentId>, words: &str| {
        let open = address(&at.site_host, key, comment);
        let open: Vec<_> = open.into_iter().map(|url| (texts::OPEN_IN_JIRA, url)).collect();
        let title = [words, key.as_str()].concat();
        task_card(texts::COMMENT_TITLE, &cards::notice(&title, "", &open).into_json())
    };
    match work.comment().await? {
        Outcome::Written(key, comment) => Ok(told(&key, Some(&comment), texts::COMMENTED)),
        Outcome::WrittenBefore(key, comment) => {
            Ok(told(&key, comment.as_ref(), texts::COMMENTED_BEFORE))
        }
        Outcome::Wrong(wrong) => match comment_issues::near(turn, &me, &site, message).await {
            Ok(near) => {
                let issues = comment_issues::with_chosen(&site, draft, near.issues).await;
                Ok(form(draft, &issues, &wrong))
            }
            Err(_) => Ok(task_card(texts::COMMENT_TITLE, &kept_card(draft, &wrong))),
        },
    }
}

/// The issue in the browser, at the comment.
fn address(
    host: &tandem_domain::SiteHost,
    key: &IssueKey,
    comment: Option<&CommentId>,
) -> Option<Url> {
    let mut url = Url::parse(&format!("https://{host}/browse/{key}")).ok()?;
    if let Some(comment) = comment {
        url.query_pairs_mut().append_pair("focusedCommentId", comment.as_str());
    }
    Some(url)
}
