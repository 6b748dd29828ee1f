//! Buttons of cards (`adaptiveCard/action`): what is done is done as the person who presses.
//!
//! A card carries which issue it is about, signed for the conversation it was shown in; a card that
//! was changed, carried elsewhere or kept too long does nothing. What comes back takes the card's
//! place for the person who pressed; where the card is a message of the bot's own, the message is
//! replaced, too, so that everybody sees how the issue stands.
//! <https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/work-with-universal-actions-for-adaptive-cards>

mod answer;
mod deed;
mod once;
mod subscription;
mod texts;

use serde_json::Value;
use tandem_domain::{CloudId, IssueId, Purpose};
use tandem_jira::client::{Issue, Site, Transition};
use tandem_microsoft::cards::{Card, verb};
use tandem_runtime::card_data::CardSubject;
use tandem_store::Installation;

use self::{answer::Refusal, deed::Deed};
use crate::{
    shown,
    stopped::Stopped,
    turn::{Turn, message},
};

/// Carries out the button that was pressed and answers with what takes the card's place.
pub(crate) async fn act(turn: &Turn<'_>) -> Value {
    let value = turn.activity.value.json();
    let pressed = Pressed {
        verb: value["action"]["verb"].as_str().unwrap_or_default(),
        data: &value["action"]["data"],
        automatic: value["trigger"] == "automatic",
    };
    match acted(turn, &pressed).await {
        Ok(answer) => answer,
        Err(refusal) => answer::refused(turn, &pressed, &refusal),
    }
}

/// What was pressed.
struct Pressed<'a> {
    verb: &'a str,
    /// What the button carries, and what was typed and chosen.
    data: &'a Value,
    /// Nobody pressed: Teams asks for the person's own view of the card.
    automatic: bool,
}

async fn acted(turn: &Turn<'_>, pressed: &Pressed<'_>) -> Result<Value, Refusal> {
    match subject(turn, pressed)? {
        CardSubject::Issue(cloud, issue) => on_issue(turn, &cloud, &issue, pressed).await,
        CardSubject::Follow(cloud, follow) if pressed.verb == verb::UNSUBSCRIBE => {
            Ok(subscription::end(turn, &cloud, &follow).await?)
        }
        CardSubject::Follow(..) | CardSubject::Site(_) => Err(Refusal::Unknown),
    }
}

/// What the card is about, where it is ours and of this conversation.
fn subject(turn: &Turn<'_>, pressed: &Pressed<'_>) -> Result<CardSubject, Refusal> {
    let now = turn.app.clock.now();
    let verified = CardSubject::verify(pressed.data, &turn.app.signing, turn.shown_in(), now);
    verified.map_err(Refusal::Card)
}

async fn on_issue(
    turn: &Turn<'_>,
    cloud: &CloudId,
    issue: &IssueId,
    pressed: &Pressed<'_>,
) -> Result<Value, Refusal> {
    let deed = match pressed.verb {
        verb::REFRESH => None,
        _ => Some(Deed::parse(pressed.verb, pressed.data)?),
    };
    let me = turn.me_on(cloud).await?;
    let purpose = if deed.is_some() { Purpose::ChangeIssue } else { Purpose::ShowIssue };
    let token = turn.jira_token(&me, purpose).await?;
    let site = turn.site(&me, &token);
    if let Some(deed) = &deed {
        once::done_once(turn, cloud, pressed.verb, async |again| {
            deed.carry_out(&site, issue, &me, again).await
        })
        .await?;
    }
    let installation = shown::installation(turn, cloud).await?;
    let seen = Seen::of(turn, &site, cloud, issue).await?;
    let changes_card = deed.as_ref().is_none_or(Deed::changes_card);
    if changes_card && !pressed.automatic && shown::is_alone(pressed.data) {
        show_everybody(turn, &installation, &seen).await;
    }
    let card = seen.card(turn, &installation, &seen.transitions)?;
    Ok(answer::card(card, deed.as_ref().map(Deed::done)))
}

/// An issue as the person sees it now.
struct Seen {
    issue: Issue,
    /// What the person can do with its status.
    transitions: Vec<Transition>,
    /// Whether more than its key may be shown here.
    showable: bool,
}

impl Seen {
    async fn of(
        turn: &Turn<'_>,
        site: &Site<'_>,
        cloud: &CloudId,
        id: &IssueId,
    ) -> Result<Self, Stopped> {
        let (issue, transitions) = tokio::join!(site.get_issue(id), site.list_transitions(id));
        let issue = issue?;
        let showable = shown::is_showable(turn, cloud, &issue).await?;
        // The card is of use without them.
        let transitions = transitions.unwrap_or_else(|failure| {
            Stopped::from(failure).log("card_transitions");
            Vec::new()
        });
        Ok(Self { issue, transitions, showable })
    }

    fn card(
        &self,
        turn: &Turn<'_>,
        site: &Installation,
        transitions: &[Transition],
    ) -> Result<Card, Stopped> {
        Ok(if self.showable {
            shown::card_with(turn, site, &self.issue, transitions)?
        } else {
            shown::hidden(site, &self.issue.key)?
        })
    }
}

/// Replaces the message that the card is, for everybody and for good: without the transitions, which
/// are the person's own. The person gets their answer in any case.
async fn show_everybody(turn: &Turn<'_>, site: &Installation, seen: &Seen) {
    let Some(post) = &turn.activity.reply_to else { return };
    let replaced = async {
        let activity = message(&seen.card(turn, site, &[])?);
        turn.app.connector.update(turn.place(), post, &activity).await.map_err(Stopped::from)
    };
    if let Err(stopped) = replaced.await {
        stopped.log("card_update");
    }
}
