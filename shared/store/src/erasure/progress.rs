//! How far an erasure has looked through the table.

use serde::{Deserialize, Serialize};
use tandem_domain::Timestamp;

use super::Step;
use crate::keys::Key;

/// How far one pass of an erasure is: what it does, in which part of the table, behind which item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What the pass is at.
    pub step: Step,
    /// The part of the table, of those that the step looks through.
    pub part: usize,
    /// The key behind which it goes on; from the part's beginning without one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after: Option<Key>,
    /// How much this pass has erased.
    pub erased: usize,
    /// When the pass began.
    pub began_at: Timestamp,
}

impl Progress {
    /// A pass that begins now.
    pub fn begin(now: Timestamp) -> Self {
        Self { step: Step::Notifications, part: 0, after: None, erased: 0, began_at: now }
    }
}
