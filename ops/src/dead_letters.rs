//! Dead letters: deliveries that failed sixteen times. They are looked at without being lost, explained,
//! sent back, or dropped.

mod answers;
mod queue;
mod replay;

use std::collections::HashSet;

pub(crate) use self::replay::{drop, replay};
use self::{
    answers::{ExplainedAnswer, ListAnswer, ListedAnswer},
    queue::{DeadLetters, Letter},
};
use crate::{Ops, error::OpsError, explain, output::bar};

/// What was seen of the queue.
struct Seen {
    letters: Vec<Letter>,
    /// How many more there are. A FIFO queue shows no more of a group (an issue) than the first ten,
    /// until these are gone; and nothing that somebody else looks at now.
    behind: u64,
}

/// Lists the dead letters.
pub(crate) async fn list(ops: &mut Ops) -> Result<(), OpsError> {
    let queue = DeadLetters::of(&ops.deployment);
    let policy = queue.policy().await?;
    let seen = look(&queue).await?;
    let mut listed = Vec::new();
    for letter in &seen.letters {
        let claim = explain::claim_of(&ops.deployment.store, letter.message.as_ref()).await?;
        listed.push(ListedAnswer::of(letter, claim.as_ref(), &policy));
    }
    let answer = ListAnswer { dead_letters: listed, behind: seen.behind };
    ops.output.answer(&answer, &answer.text(ops.clock.now()))
}

/// Explains dead letters: those of `ids`, or all.
pub(crate) async fn explain(ops: &mut Ops, ids: &[String]) -> Result<(), OpsError> {
    let queue = DeadLetters::of(&ops.deployment);
    let seen = look(&queue).await?;
    let wanted = |letter: &&Letter| ids.is_empty() || ids.contains(&letter.id);
    let letters: Vec<&Letter> = seen.letters.iter().filter(wanted).collect();
    missing(ids, letters.iter().map(|letter| letter.id.as_str()))?;
    let (now, sign_in) = (ops.clock.now(), ops.deployment.public("/connect"));
    let bar = bar("looking up", letters.len() as u64);
    let mut explained = Vec::new();
    for letter in letters {
        let store = &ops.deployment.store;
        let findings = explain::findings(store, letter.message.as_ref(), now).await?;
        explained.push(ExplainedAnswer::of(letter, &findings, &sign_in));
        bar.inc(1);
    }
    bar.finish_and_clear();
    let text: Vec<String> = explained.iter().map(ExplainedAnswer::text).collect();
    let text = if text.is_empty() { answers::NONE.to_owned() } else { text.join("\n\n") };
    ops.output.answer(&serde_json::json!({ "explained": explained }), &text)
}

/// Looks at the queue and lets go of everything again: what is held keeps the rest of its group back.
/// If that is interrupted, it becomes visible by itself after [`queue::HELD_SECS`].
async fn look(queue: &DeadLetters<'_>) -> Result<Seen, OpsError> {
    let total = queue.count().await?;
    let bar = bar("looking through", total);
    let mut letters: Vec<Letter> = Vec::new();
    let mut known = HashSet::new();
    let held = loop {
        match queue.hold().await {
            Ok(batch) => {
                // Nothing, or what was held before and ran out: the end.
                let new: Vec<_> =
                    batch.into_iter().filter(|letter| known.insert(letter.id.clone())).collect();
                if new.is_empty() {
                    break Ok(());
                }
                bar.inc(new.len() as u64);
                letters.extend(new);
            }
            Err(error) => break Err(error),
        }
    };
    queue.release(&letters).await;
    bar.finish_and_clear();
    held?;
    let behind = total.saturating_sub(letters.len() as u64);
    Ok(Seen { letters, behind })
}

/// An error that names those of `ids` that are not among what was found.
fn missing<'a>(ids: &[String], found: impl Iterator<Item = &'a str>) -> Result<(), OpsError> {
    let found: HashSet<&str> = found.collect();
    let missing: Vec<&str> =
        ids.iter().map(String::as_str).filter(|id| !found.contains(id)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(OpsError::NotFound(format!(
        "not among the dead letters that can be seen now: {}. Of one issue the first ten can be seen \
         until they are gone.",
        missing.join(", ")
    )))
}
