//! How far the reporting of accounts to Atlassian is.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tandem_domain::Timestamp;

use crate::{
    Store, StoreError,
    entity::{Attribute, Entity, ErasedWith, Whose, attribute},
    keys::{self, Key},
    table::If,
};

/// What Atlassian last said about reporting, and how long to wait.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reporting {
    /// Within how many seconds each account is to be reported again, as the last answer said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cycle_secs: Option<u64>,
    /// Before when not to ask again: the endpoint was busy, or nobody's grant allows it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub not_before: Option<Timestamp>,
    /// When accounts were last reported.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reported_at: Option<Timestamp>,
}

impl Reporting {
    /// Within what time each account is to be reported again.
    pub fn cycle(&self) -> Duration {
        self.cycle_secs.map_or(crate::REPORT_CYCLE, Duration::from_secs)
    }
}

impl Entity for Reporting {
    const NAME: &'static str = "reporting";
    const WHAT: &'static str = "How far the reporting of accounts to Atlassian is; of nobody";
    const KEPT: &'static str = "as long as the deployment";
    const ERASED_WITH: &'static [ErasedWith] = &[ErasedWith::Deployment];
    const ATTRIBUTES: &'static [Attribute] = &[
        attribute("cycle_secs", Whose::Tandem, "Atlassian's reporting cycle", "when to report"),
        attribute("not_before", Whose::Tandem, "before when not to report", "when to report"),
        attribute("reported_at", Whose::Tandem, "the last report", "shown to the operator"),
    ];

    fn key(&self) -> Key {
        keys::reporting()
    }
}

impl Store {
    /// How far the reporting of accounts is.
    pub async fn find_reporting(&self) -> Result<Option<Reporting>, StoreError> {
        self.find(keys::reporting()).await
    }

    /// Writes how far it is.
    pub async fn put_reporting(&self, reporting: &Reporting) -> Result<(), StoreError> {
        self.put(reporting.clone(), If::Anything).await
    }
}
