//! What is set in one scope: shown, replaced as a whole, unset.

use http::{HeaderValue, StatusCode, header};
use lambda_http::Request;
use serde::Serialize;
use serde_json::{Map, Value};
use tandem_domain::{
    ProjectId,
    settings::{Scope, SettingName, SettingValue, SettingValues},
};
use tandem_runtime::{
    ApiError, App, field,
    http::{Answer, json, json_body, path_parameter, request_id},
    session::{SignedIn, signed_in, signed_in_to_change},
};
use tandem_store::{ScopeSettings, SettingsScope, StoreError, Watcher};

use crate::{
    access,
    precondition::{Precondition, etag},
    values,
};

/// How often a change without precondition is tried again because another came first.
const ATTEMPTS: usize = 16;

#[derive(Serialize)]
struct ScopeResponse<'a> {
    scope: &'static str,
    version: u64,
    values: &'a SettingValues,
}

/// `GET`: what is set, with its version as entity tag; version 0 where nothing ever was.
pub(crate) async fn show(app: &App, request: &Request, scope: Scope) -> Answer {
    let person = signed_in(app, request).await?;
    let place = place(&person, request, scope)?;
    access::may_read(app, &person, &request_id(request)?, &place).await?;
    let (version, values) = present(app, &place).await?;
    answer(scope, version, &values)
}

/// `PUT`: replaces what is set by the body, an object of names and values.
pub(crate) async fn replace(app: &App, request: &Request, scope: Scope) -> Answer {
    let person = signed_in_to_change(app, request).await?;
    let place = place(&person, request, scope)?;
    let values = values::parse(scope, &json_body::<Map<String, Value>>(request)?)?;
    let precondition = Precondition::read(request.headers())?;
    access::may_change(app, &person, &request_id(request)?, &place).await?;
    let version = write(app, &person, &place, &precondition, &values).await?;
    answer(scope, version, &values)
}

/// `DELETE`: unsets all. The version goes on, so that no entity tag ever comes back.
pub(crate) async fn unset(app: &App, request: &Request, scope: Scope) -> Answer {
    let person = signed_in_to_change(app, request).await?;
    let place = place(&person, request, scope)?;
    let precondition = Precondition::read(request.headers())?;
    access::may_change(app, &person, &request_id(request)?, &place).await?;
    let nothing = SettingValues::default();
    let version = write(app, &person, &place, &precondition, &nothing).await?;
    answer(scope, version, &nothing)
}

/// Whose settings the request is about: always on the session's own site.
fn place(person: &SignedIn, request: &Request, scope: Scope) -> Result<SettingsScope, ApiError> {
    let cloud = person.session.cloud_id.clone();
    Ok(match scope {
        Scope::Instance => SettingsScope::Instance(cloud),
        Scope::Project => {
            let id = path_parameter(request, "projectId")?;
            SettingsScope::Project(cloud, field::<ProjectId>("projectId", &id)?)
        }
        Scope::User => SettingsScope::User(cloud, person.session.account_id.clone()),
    })
}

async fn present(app: &App, place: &SettingsScope) -> Result<(u64, SettingValues), StoreError> {
    let found = app.store.find_settings(place).await?;
    Ok(found.map_or((0, SettingValues::default()), |found| (found.version, found.values)))
}

/// Writes over the version that is there, when the precondition admits it; returns the new one.
/// Whoever comes between makes it read again: then the precondition decides anew.
async fn write(
    app: &App,
    person: &SignedIn,
    place: &SettingsScope,
    precondition: &Precondition,
    values: &SettingValues,
) -> Result<u64, ApiError> {
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
        match app.store.put_settings(&settings, from).await {
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

fn answer(scope: Scope, version: u64, values: &SettingValues) -> Answer {
    let body = ScopeResponse { scope: values::scope_name(scope), version, values };
    let mut response = json(StatusCode::OK, &body)?;
    let tag = HeaderValue::from_str(&etag(version)).map_err(|_| ApiError::internal("etag"))?;
    response.headers_mut().insert(header::ETAG, tag);
    Ok(response)
}
