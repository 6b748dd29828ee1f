//! `/me` and `/users/{id}`.

use axum::{
    Json,
    extract::{Path, RawQuery, State as Sandbox},
};
use serde_json::Value;

use super::{Caller, GraphError, query::Options, wire};
use crate::sandbox::microsoft::MicrosoftSandbox;

const READ_SELF: [&str; 4] = ["User.Read", "User.ReadWrite", "User.ReadBasic.All", "User.Read.All"];
const READ_OTHERS: [&str; 2] = ["User.ReadBasic.All", "User.Read.All"];

/// `GET /me`.
pub(super) async fn me(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, GraphError> {
    let own = caller.delegated(&READ_SELF)?.object_id.to_owned();
    find(&sandbox, &caller, &own, query.as_deref())
}

/// `GET /users/{id | userPrincipalName}`: of the caller's tenant.
pub(super) async fn user(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, GraphError> {
    let own = caller.id(&sandbox) == id;
    caller.delegated(if own { &READ_SELF } else { &READ_OTHERS })?;
    find(&sandbox, &caller, &id, query.as_deref())
}

fn find(
    sandbox: &MicrosoftSandbox,
    caller: &Caller,
    id: &str,
    query: Option<&str>,
) -> Result<Json<Value>, GraphError> {
    let options = Options::parse(query, &["$select"])?;
    let mut user = sandbox
        .read(|state| state.user(&caller.tenant_id, id).map(wire::user))
        .ok_or_else(|| GraphError::not_found(format!("Resource '{id}' does not exist.")))?;
    if let (Some(select), Value::Object(properties)) = (options.get("$select"), &mut user) {
        properties.retain(|name, _| select.split(',').any(|wanted| wanted.trim() == name));
    }
    Ok(Json(wire::entity(sandbox, "users", user)))
}
