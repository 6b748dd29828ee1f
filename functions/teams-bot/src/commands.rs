//! What people write to the bot: commands, in a personal chat, a group chat or a channel.
//!
//! What concerns the person alone is answered to them alone, wherever they ask.

mod accounts;
mod filter;
mod issue;
mod link;
mod once;
mod parse;
mod say;
mod settings;
mod status;
mod subscribe;
mod subscriptions;
mod texts;
mod unlink;
mod unsubscribe;

use tandem_domain::Failure;
use tandem_microsoft::cards::{self, Card};

use self::{
    once::Taken,
    parse::{Command, Name, Parsed, parse},
    say::{Answer, give},
};
use crate::{stopped::Stopped, turn::Turn};

/// Carries out what a message says, and answers it.
///
/// # Errors
/// [`Failure::Retry`] where it could not be answered, or is being carried out elsewhere: the message
/// is to come again then.
pub(crate) async fn answer(turn: &Turn<'_>) -> Result<(), Failure> {
    match parse(turn.activity.text.as_str()) {
        Parsed::Command(command) if writes(command.name()) => once(turn, &command).await,
        Parsed::Command(command) => give(turn, carry_out(turn, &command, false).await).await,
        Parsed::Misused(name) => give(turn, Answer::Here(misused(name))).await,
        Parsed::Unknown(near) => give(turn, Answer::Here(help(near))).await,
    }
}

/// Carries out a command that must not be carried out twice.
async fn once(turn: &Turn<'_>, command: &Command) -> Result<(), Failure> {
    let hold = match once::take(turn).await {
        Ok(Taken::Ours(hold)) => hold,
        Ok(Taken::Done) => return Ok(()),
        Err(Stopped::Failed(failure @ Failure::Retry { what: "claimed_elsewhere", .. })) => {
            return Err(failure);
        }
        Err(stopped) => return give(turn, answered(turn, command.name(), Err(stopped))).await,
    };
    let answer = carry_out(turn, command, hold.resumed).await;
    match give(turn, answer).await {
        Ok(()) => {
            hold.done(turn).await;
            Ok(())
        }
        Err(failure) => {
            hold.put_off(turn).await;
            Err(failure)
        }
    }
}

/// Carries a command out. `resumed` says that an earlier attempt may have done so already.
async fn carry_out(turn: &Turn<'_>, command: &Command, resumed: bool) -> Answer {
    let done = match command {
        Command::Connect => accounts::connect(turn).await,
        Command::Disconnect => accounts::disconnect(turn).await,
        Command::Link(target) => link::link(turn, target).await,
        Command::Unlink(target) => unlink::unlink(turn, target.as_ref()).await,
        Command::Subscribe(project, words) => subscribe::subscribe(turn, project, words).await,
        Command::Subscriptions => subscriptions::show(turn).await,
        Command::Unsubscribe(which) => {
            unsubscribe::unsubscribe(turn, which.as_ref(), resumed).await
        }
        Command::Settings => settings::show(turn).await,
        Command::Status => status::show(turn).await,
        Command::Help => Ok(help(None)),
    };
    answered(turn, command.name(), done)
}

/// The answer that is due: what was done, or what kept it from being done.
fn answered(turn: &Turn<'_>, name: Name, done: Result<Card, Stopped>) -> Answer {
    let (card, happened) = match done {
        Ok(card) => (card, name == Name::Disconnect),
        Err(stopped) => {
            stopped.log(name.as_str());
            (stopped.card(turn.app), false)
        }
    };
    match name {
        Name::Connect | Name::Disconnect | Name::Settings | Name::Status => {
            let otherwise = if happened { texts::DONE_CANNOT_SAY } else { texts::CANNOT_SAY };
            Answer::Privately { card, otherwise }
        }
        _ => Answer::Here(card),
    }
}

/// Whether a command changes anything.
fn writes(name: Name) -> bool {
    matches!(
        name,
        Name::Disconnect | Name::Link | Name::Unlink | Name::Subscribe | Name::Unsubscribe
    )
}

fn help(near: Option<Name>) -> Card {
    cards::help(&Name::ALL.map(texts::usage), near.map(Name::as_str))
}

fn misused(name: Name) -> Card {
    let (usage, meaning) = texts::usage(name);
    let text = format!("{}{usage}\n{meaning}", texts::MISUSED_TEXT);
    cards::notice(texts::MISUSED, &text, &[])
}
