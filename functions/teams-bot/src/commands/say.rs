//! Answers: in the conversation, or to the person alone.

use tandem_domain::{ConversationKind, Failure};
use tandem_microsoft::{
    cards::{self, Card},
    connector::Place,
};
use tandem_store::PersonalConversation;

use super::texts;
use crate::turn::{self, Turn};

/// An answer to a command.
pub(super) enum Answer {
    /// For everybody in the conversation.
    Here(Card),
    /// For the person alone.
    Privately {
        /// What is said to them.
        card: Card,
        /// What is said in a group where they cannot be reached alone.
        otherwise: &'static str,
    },
}

/// Gives an answer. Where the bot may not write, or no longer is, that is noted and nothing more
/// can be done.
///
/// # Errors
/// [`Failure::Retry`] where Teams is out of reach: nothing was said then.
pub(super) async fn give(turn: &Turn<'_>, answer: Answer) -> Result<(), Failure> {
    let personal = turn.activity.conversation.kind == ConversationKind::Personal;
    let (card, otherwise) = match answer {
        Answer::Here(card) => return here(turn, card).await,
        Answer::Privately { card, .. } if personal => return here(turn, card).await,
        Answer::Privately { card, otherwise } => (card, otherwise),
    };
    if !privately(turn, card).await? {
        return here(turn, cards::notice("", otherwise, &[])).await;
    }
    // The person has their answer: the note is not worth a repetition.
    if let Err(failure) = here(turn, cards::notice("", texts::SAID_PRIVATELY, &[])).await {
        tracing::warn!(target: "tandem", function = crate::NAME, code = failure.code(), %failure, "not noted in the group");
    }
    Ok(())
}

async fn here(turn: &Turn<'_>, card: Card) -> Result<(), Failure> {
    reached(turn.say(card).await.map(drop)).map(drop)
}

/// Whether what was sent got there; `false` where the bot may not write, or is not.
fn reached(sent: Result<(), Failure>) -> Result<bool, Failure> {
    match sent {
        Ok(()) => Ok(true),
        Err(failure @ (Failure::Forbidden { .. } | Failure::Absent { .. })) => {
            tracing::warn!(target: "tandem", function = crate::NAME, code = failure.code(), %failure, "not said");
            Ok(false)
        }
        Err(failure) => Err(failure),
    }
}

/// Whether the person could be told alone.
async fn privately(turn: &Turn<'_>, card: Card) -> Result<bool, Failure> {
    let Some(object) = &turn.activity.from else { return Ok(false) };
    let activity = turn::message(&card);
    let known = turn.app.store.find_personal_conversation(&turn.tenant, object).await?;
    if let Some(known) = &known {
        let place = Place { service_url: &known.service_url, conversation: &known.conversation_id };
        if reached(turn.app.connector.send(place, &activity).await.map(drop))? {
            return Ok(true);
        }
    }
    let Some(opened) = open(turn).await? else { return Ok(false) };
    if known.is_some_and(|known| known.conversation_id == opened.conversation_id) {
        return Ok(false);
    }
    let place = Place { service_url: &opened.service_url, conversation: &opened.conversation_id };
    let reached = reached(turn.app.connector.send(place, &activity).await.map(drop))?;
    if reached {
        turn.app.store.put_personal_conversation(&opened).await?;
    }
    Ok(reached)
}

/// The conversation with the person, which Teams opens where they have the app.
async fn open(turn: &Turn<'_>) -> Result<Option<PersonalConversation>, Failure> {
    let (Some(object), Some(member)) = (&turn.activity.from, &turn.activity.from_id) else {
        return Ok(None);
    };
    let service_url = &turn.activity.service_url;
    let opened = turn.app.connector.open_personal(service_url, &turn.tenant, member).await;
    match opened {
        Ok(conversation_id) => Ok(Some(PersonalConversation {
            tenant_id: turn.tenant.clone(),
            object_id: object.clone(),
            conversation_id,
            service_url: service_url.clone(),
            seen_at: turn.app.clock.now(),
        })),
        Err(failure) if failure.is_transient() => Err(failure),
        Err(_) => Ok(None),
    }
}
