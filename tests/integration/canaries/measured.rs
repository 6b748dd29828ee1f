//! What the story's metrics say: lines that CloudWatch takes, and every metric among them.

use std::{collections::BTreeSet, path::Path};

use tandem_runtime::metrics::{Dimension, Metric};

use super::scene::Scene;
use crate::support::metrics::{assert_taken, sum, sum_by};

/// What no part of the story brings about, and which test does.
const UNWRITTEN: &[(Metric, &str)] = &[
    (Metric::KeyTrouble, "custody::keys: a disabled key"),
    (Metric::LeaseWaits, "metrics: refreshes, refusals and waits"),
    (Metric::GrantsKeptAlive, "metrics: a month without upkeep"),
    (Metric::MessagesReconciled, "metrics: a month without upkeep"),
    (Metric::AccountsClosed, "metrics: a month without upkeep"),
];

/// Each metric was written, and tokens were opened for each purpose. The lines are left for
/// `tests/dashboard/run`, which draws them.
pub fn assert_all_declared_was_written(scene: &Scene) {
    let lines = scene.stack.metrics();
    assert_taken(&lines);
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("metrics.jsonl");
    std::fs::write(kept, lines.join("\n")).unwrap();
    let written: BTreeSet<Metric> =
        Metric::ALL.iter().copied().filter(|metric| sum(&lines, *metric) > 0.0).collect();
    let mut all = written.clone();
    all.extend(UNWRITTEN.iter().map(|(metric, _)| *metric));
    assert_eq!(all, Metric::ALL.iter().copied().collect(), "declared, and never written");
    let opened = sum_by(&lines, Metric::TokensOpened, Dimension::Purpose);
    let purposes = Dimension::Purpose.values().into_iter();
    let missing: Vec<&str> = purposes.filter(|of| !opened.contains_key(*of)).collect();
    // A sign-in brings its tokens along.
    assert_eq!(missing, ["sign_in"], "purposes for which no token was opened");
}
