//! Sending dead letters back, and dropping them: each is deleted only after what was to become of it
//! has become.

use std::collections::HashSet;

use serde_json::json;

use super::{
    missing,
    queue::{DeadLetters, Letter},
};
use crate::{Ops, arguments::Which, confirm::confirm, error::OpsError, output::bar};

/// What becomes of a dead letter.
#[derive(Clone, Copy)]
enum Fate {
    SentBack,
    Dropped,
}

/// Sends dead letters back to be delivered.
pub(crate) async fn replay(ops: &mut Ops, which: &Which) -> Result<(), OpsError> {
    let done = dispose(ops, which, Fate::SentBack).await?;
    let text = format!("{} sent back to be delivered.", done.len());
    ops.output.answer(&json!({ "replayed": done }), &text)
}

/// Deletes dead letters for good.
pub(crate) async fn drop(ops: &mut Ops, which: &Which, yes: bool) -> Result<(), OpsError> {
    if !yes {
        let what = if which.all {
            "All dead letters are deleted, undelivered.".to_owned()
        } else {
            format!("{} dead letters are deleted, undelivered.", which.ids.len())
        };
        confirm(&ops.output, &what, "drop")?;
    }
    let done = dispose(ops, which, Fate::Dropped).await?;
    let text = format!("{} dropped.", done.len());
    ops.output.answer(&json!({ "dropped": done }), &text)
}

/// Does it to each of `which`, the oldest first, until none is left; answers their ids. The first
/// failure ends it, so that no later delivery of an issue goes before an earlier one.
async fn dispose(ops: &Ops, which: &Which, fate: Fate) -> Result<Vec<String>, OpsError> {
    let queue = DeadLetters::of(&ops.deployment);
    let length = if which.all { queue.count().await? } else { which.ids.len() as u64 };
    let bar = bar("dead letters", length);
    let (mut done, mut seen, mut others) = (Vec::new(), HashSet::new(), Vec::new());
    let mut failed = None;
    while failed.is_none() && (which.all || done.len() < which.ids.len()) {
        let batch = match queue.hold().await {
            Ok(batch) => batch,
            Err(error) => {
                failed = Some(error);
                break;
            }
        };
        // Nothing, or what was held before and ran out: the end.
        let more = batch.iter().any(|letter| seen.insert(letter.id.clone()));
        if !more {
            others.extend(batch);
            break;
        }
        for letter in batch {
            if failed.is_some() || !which.has(&letter.id) {
                others.push(letter);
                continue;
            }
            match dispose_of(&queue, &letter, fate).await {
                Ok(()) => {
                    bar.inc(1);
                    done.push(letter.id);
                }
                Err(error) => {
                    failed = Some(error);
                    others.push(letter);
                }
            }
        }
    }
    queue.release(&others).await;
    bar.finish_and_clear();
    if let Some(error) = failed {
        let verb = match fate {
            Fate::SentBack => "sent back",
            Fate::Dropped => "dropped",
        };
        let text =
            format!("{error}; {} were {verb} before, the others lie there still", done.len());
        return Err(OpsError::Partly(text));
    }
    missing(&which.ids, done.iter().map(String::as_str))?;
    Ok(done)
}

async fn dispose_of(queue: &DeadLetters<'_>, letter: &Letter, fate: Fate) -> Result<(), OpsError> {
    match fate {
        Fate::SentBack => queue.send_back(letter).await?,
        Fate::Dropped => {}
    }
    queue.delete(letter).await
}
