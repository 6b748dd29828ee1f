//! What is set in one scope: shown, replaced as a whole, unset.

use http::{HeaderValue, StatusCode, header};
use lambda_http::Request;
use serde::Serialize;
use serde_json::{Map, Value};
use tandem_domain::{
    ProjectId,
    settings::{Scope, SettingValues},
};
use tandem_runtime::{
    ApiError, App, field,
    http::{Answer, json, json_body, path_parameter, request_id},
    session::{SignedIn, signed_in, signed_in_to_change},
};
use tandem_store::SettingsScope;

use crate::{
    access, change,
    precondition::{Precondition, etag},
    values,
};

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
    let (version, values) = change::present(app, &place).await?;
    answer(scope, version, &values)
}

/// `PUT`: replaces what is set by the body, an object of names and values.
pub(crate) async fn replace(app: &App, request: &Request, scope: Scope) -> Answer {
    let person = signed_in_to_change(app, request).await?;
    let values = values::parse(scope, &json_body::<Map<String, Value>>(request)?)?;
    change(app, request, &person, scope, &values).await
}

/// `DELETE`: unsets all. The version goes on, so that no entity tag ever comes back.
pub(crate) async fn unset(app: &App, request: &Request, scope: Scope) -> Answer {
    let person = signed_in_to_change(app, request).await?;
    change(app, request, &person, scope, &SettingValues::default()).await
}

async fn change(
    app: &App,
    request: &Request,
    person: &SignedIn,
    scope: Scope,
    values: &SettingValues,
) -> Answer {
    let place = place(person, request, scope)?;
    let precondition = Precondition::read(request.headers())?;
    let id = request_id(request)?;
    let version = change::replace(app, person, &id, &place, &precondition, values).await?;
    answer(scope, version, values)
}

/// Whose settings the request is about: always on the session's own site.
pub(crate) fn place(
    person: &SignedIn,
    request: &Request,
    scope: Scope,
) -> Result<SettingsScope, ApiError> {
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

fn answer(scope: Scope, version: u64, values: &SettingValues) -> Answer {
    let body = ScopeResponse { scope: values::scope_name(scope), version, values };
    let mut response = json(StatusCode::OK, &body)?;
    let tag = HeaderValue::from_str(&etag(version)).map_err(|_| ApiError::internal("etag"))?;
    response.headers_mut().insert(header::ETAG, tag);
    Ok(response)
}
