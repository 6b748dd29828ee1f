//! What administrators changed: of the site's settings, and of a project's.

use http::StatusCode;
use lambda_http::Request;
use serde::Serialize;
use tandem_domain::{
    AccountId,
    settings::{CATALOGUE, Scope, SettingName, SettingValue},
};
use tandem_runtime::{
    ApiError, App,
    http::{Answer, json, query_parameter, request_id},
    session::signed_in,
};
use tandem_store::{ChangeCursor, SettingChange};

use crate::{access, scope};

/// How many changes one answer has; each may be of several settings.
pub(crate) const PAGE: i32 = 50;

/// One setting that was changed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChangeResponse<'a> {
    /// The version of the scope's settings that the change made.
    version: u64,
    setting: &'static str,
    /// `null` where it was not set.
    from: Option<&'a SettingValue>,
    /// `null` where it is not set any more.
    to: Option<&'a SettingValue>,
    /// `null` when that person was erased.
    changed_by: Option<&'a AccountId>,
    /// RFC 3339.
    changed_at: String,
}

#[derive(Serialize)]
struct ChangesResponse<'a> {
    /// The newest first.
    changes: Vec<ChangeResponse<'a>>,
    /// Given back as `from`; `null` at the end.
    next: Option<&'a str>,
}

/// `GET .../changes?from=`: for who may change the settings.
pub(crate) async fn list(app: &App, request: &Request, scope: Scope) -> Answer {
    let person = signed_in(app, request).await?;
    let place = scope::place(&person, request, scope)?;
    let from = cursor(request)?;
    access::may_change(app, &person, &request_id(request)?, &place).await?;
    let now = app.clock.now();
    let (changes, next) = app.store.list_setting_changes(&place, now, PAGE, from.as_ref()).await?;
    let body = ChangesResponse {
        changes: changes.iter().flat_map(settings_of).collect(),
        next: next.as_ref().map(ChangeCursor::as_str),
    };
    json(StatusCode::OK, &body)
}

/// Where the page begins that is asked for.
pub(crate) fn cursor(request: &Request) -> Result<Option<ChangeCursor>, ApiError> {
    let parse = |text: String| {
        ChangeCursor::parse(&text).ok_or_else(|| ApiError::invalid_field("from", "cursor"))
    };
    query_parameter(request, "from").map(parse).transpose()
}

fn settings_of(change: &SettingChange) -> impl Iterator<Item = ChangeResponse<'_>> {
    let changed = |name: &SettingName| {
        change.before.get(*name).is_some() || change.after.get(*name).is_some()
    };
    let names = CATALOGUE.iter().map(|definition| definition.name).filter(changed);
    names.map(|name| ChangeResponse {
        version: change.version,
        setting: name.as_str(),
        from: change.before.get(name),
        to: change.after.get(name),
        changed_by: change.changed_by.as_ref(),
        changed_at: change.changed_at.to_rfc3339(),
    })
}
