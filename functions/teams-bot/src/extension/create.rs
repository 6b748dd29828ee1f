//! The command that creates an issue: from a message, or from where one writes.

use serde_json::Value;
use tandem_domain::Purpose;
use tandem_jira::client::{FieldErrors, Site};
use tandem_microsoft::cards::input;

use super::{
    create_answer, create_form,
    create_screen::Screen,
    create_work::{Outcome, Work},
    in_time, kept,
    message::Message,
    message_draft::Draft,
    texts,
};
use crate::{
    shown,
    stopped::Stopped,
    turn::{Me, Turn},
};

const PURPOSE: Purpose = Purpose::CreateIssue;

/// The form, with the project and the type the person chose last, and the message in it.
pub(super) async fn open(turn: &Turn<'_>) -> Result<Value, Stopped> {
    let me = turn.me().await?;
    let token = turn.jira_token(&me, PURPOSE).await?;
    let message = Message::of(&turn.activity.value);
    let draft = begun(turn, &me, message.as_ref()).await?;
    form(turn, &me, &turn.site(&me, &token), &draft, message.as_ref(), FieldErrors::default()).await
}

async fn begun(turn: &Turn<'_>, me: &Me, message: Option<&Message>) -> Result<Draft, Stopped> {
    let mut draft = Draft::begun(turn, me.cloud())?;
    let account = Some(&me.link.account_id);
    let settings = turn.app.store.get_effective_settings(me.cloud(), None, account).await?;
    let (project, issue_type) = settings.last_created();
    if let Some(project) = project {
        draft.fill(input::PROJECT, project.as_str());
    }
    if let Some(issue_type) = issue_type {
        draft.fill(input::ISSUE_TYPE, issue_type.as_str());
    }
    if let Some(message) = message {
        draft.fill(input::SUMMARY, &message.summary());
    }
    Ok(draft)
}

async fn form(
    turn: &Turn<'_>,
    me: &Me,
    site: &Site<'_>,
    draft: &Draft,
    message: Option<&Message>,
    wrong: FieldErrors,
) -> Result<Value, Stopped> {
    let (at, screen) =
        tokio::try_join!(shown::installation(turn, me.cloud()), Screen::load(site, draft))?;
    Ok(create_form::form(&at, &screen, draft, message, wrong))
}

/// Takes the form in. Whatever keeps the issue from being made is said in the form, and what was
/// typed stays there.
pub(super) async fn submit(turn: &Turn<'_>) -> Value {
    let draft = Draft::sent(turn);
    let message = Message::of(&turn.activity.value);
    match in_time(Box::pin(take_in(turn, &draft, message.as_ref()))).await {
        Ok(answer) => answer,
        Err(stopped) => {
            stopped.log("create_issue");
            kept(turn, texts::CREATE_TITLE, &stopped, |wrong| create_form::kept(&draft, wrong))
        }
    }
}

async fn take_in(
    turn: &Turn<'_>,
    draft: &Draft,
    message: Option<&Message>,
) -> Result<Value, Stopped> {
    let me = turn.me_on(&draft.site(turn)?).await?;
    let token = turn.jira_token(&me, PURPOSE).await?;
    let site = turn.site(&me, &token);
    if draft.reload {
        return form(turn, &me, &site, draft, message, FieldErrors::default()).await;
    }
    let work = Work { turn, me: &me, site: &site, draft, message };
    match work.create().await? {
        Outcome::Made(created) => Ok(create_answer::made(&work, &created).await),
        Outcome::MadeBefore(created) => {
            Ok(create_answer::made_before(&work, created.as_ref()).await)
        }
        Outcome::Wrong(wrong) => {
            match form(turn, &me, &site, draft, message, wrong.clone()).await {
                // What was wrong is of more use than that Jira cannot be asked any more.
                Err(Stopped::Failed(_)) => {
                    let card = create_form::kept(draft, &wrong);
                    Ok(super::task_card(texts::CREATE_TITLE, &card))
                }
                shown => shown,
            }
        }
    }
}
