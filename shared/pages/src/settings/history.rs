//! What was changed: the list below the settings of a site or a project.

use tandem_domain::settings::{SettingName, SettingValue};
use tandem_store::{ChangeCursor, SettingChange};

use super::{TEXTS, field};
use crate::time::{Moment, moment};

/// The changes of a scope's settings, a page of them.
#[derive(Clone, Debug)]
pub struct History {
    pub(crate) rows: Vec<Row>,
    /// Where the older ones are.
    pub(crate) older: Option<String>,
    /// Where the newest ones are, when these are not.
    pub(crate) newest: Option<String>,
}

/// One setting that was changed.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) at: Moment,
    /// `None` when that person was erased.
    pub(crate) by: Option<String>,
    pub(crate) setting: String,
    pub(crate) from: String,
    pub(crate) to: String,
}

impl History {
    /// A page of changes on the page at `path`; `first` unless older ones were asked for.
    pub fn of(
        changes: &[SettingChange],
        next: Option<&ChangeCursor>,
        path: &str,
        first: bool,
    ) -> Self {
        let older = next.map(|cursor| {
            let from = cursor.as_str().replace('#', "%23");
            format!("{path}?from={from}#changes")
        });
        Self {
            rows: changes.iter().flat_map(rows).collect(),
            older,
            newest: (!first).then(|| format!("{path}#changes")),
        }
    }
}

fn rows(change: &SettingChange) -> Vec<Row> {
    let changed = |name: &SettingName| {
        change.before.get(*name).is_some() || change.after.get(*name).is_some()
    };
    let value =
        |value: Option<&SettingValue>| value.map_or_else(|| TEXTS.unset.to_owned(), field::shown);
    let names = tandem_domain::settings::CATALOGUE.iter().map(|definition| definition.name);
    let row = |name: SettingName| Row {
        at: moment(change.changed_at),
        by: change.changed_by.as_ref().map(ToString::to_string),
        setting: field::label(name.definition()),
        from: value(change.before.get(name)),
        to: value(change.after.get(name)),
    };
    names.filter(changed).map(row).collect()
}
