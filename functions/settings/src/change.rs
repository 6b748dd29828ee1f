//! The one way in which settings change, whoever asks: a program or a page. Permission, then the
//! version, then both the settings and the record of what changed, or neither.

use tandem_domain::{
    RequestId,
    settings::{SettingName, SettingValue, SettingValues},
};
use tandem_runtime::{ApiError, App, session::SignedIn};
use tandem_store::{ScopeSettings, SettingChange, SettingsScope, StoreError, Watcher};

use crate::{access, precondition::Precondition};

/// How often a change without precondition is tried again because another came first.
const ATTEMPTS: usize = 16;

/// What is set in a scope, and its version; version 0 where nothing ever was.
pub(crate) async fn present(
    app: &App,
    place: &SettingsScope,
) -> Result<(u64, SettingValues), StoreError> {
    let found = app.store.find_settings(place).await?;
    Ok(found.map_or((0, SettingValues::default()), |found| (found.version, found.values)))
}

/// Replaces what is set in a scope, where the person may and the precondition admits it; returns the
/// new version.
pub(crate) async fn replace(
    app: &App,
    person: &SignedIn,
    request: &RequestId,
    place: &SettingsScope,
    precondition: &Precondition,
    values: &SettingValues,
) -> Result<u64, ApiError> {
    access::may_change(app, person, request, place).await?;
    // Whoever comes between makes it read again: then the precondition decides anew.
    for _ in 0..ATTEMPTS {
        let (from, before) = present(app, place).await?;
        precondition.check(from)?;
        if from == 0 && before == *values {
            return Ok(from);
        }
        let (by, now) = (person.session.account_id.clone(), app.clock.now());
        let settings = ScopeSettings::of(place, from + 1, values.clone(), by, now);
        let watcher = watcher_of(place);
        let wants_it =
            matches!(values.get(SettingName::NotifyWatched), Some(SettingValue::Choice("on")));
        if let Some(watcher) = watcher.as_ref().filter(|_| wants_it) {
            app.store.put_watcher(watcher).await?;
        }
        match write(app, &before, &settings, from).await {
            Err(StoreError::Conflict) => continue,
            written => written?,
        }
        if let Some(watcher) = watcher.filter(|_| !wants_it) {
            app.store.delete_watcher(&watcher).await?;
        }
        return Ok(from + 1);
    }
    Err(StoreError::Conflict.into())
}

async fn write(
    app: &App,
    before: &SettingValues,
    settings: &ScopeSettings,
    from: u64,
) -> Result<(), StoreError> {
    match SettingChange::of(before, settings) {
        None => app.store.put_settings(settings, from).await,
        Some(change) => app.store.change_settings(settings, from, &change).await,
    }
}

/// The person as one who wants to be told of what they watch: listed before the setting is on, and
/// until it is off. The setting itself decides.
fn watcher_of(place: &SettingsScope) -> Option<Watcher> {
    match place {
        SettingsScope::User(cloud_id, account_id) => {
            Some(Watcher { cloud_id: cloud_id.clone(), account_id: account_id.clone() })
        }
        SettingsScope::Instance(_) | SettingsScope::Project(..) => None,
    }
}
