//! Who calls, with which permissions, about which chat.

use std::collections::HashMap;

use axum::{
    extract::{FromRequestParts, Path},
    http::{header, request::Parts},
};

use super::GraphError;
use crate::sandbox::microsoft::{
    MicrosoftSandbox,
    conversations::Actor,
    state::{Audience, State},
};

/// The holder of a valid access token for Graph.
#[derive(Clone)]
pub(in crate::sandbox::microsoft) struct Caller {
    pub(super) tenant_id: String,
    /// The user on whose behalf the app calls; `None` for the app itself.
    object_id: Option<String>,
    scopes: Vec<String>,
}

impl Caller {
    fn authenticate(state: &State, now: i64, token: &str) -> Result<Self, GraphError> {
        let record = state.access_tokens.get(token).ok_or_else(|| {
            GraphError::unauthenticated("CompactToken parsing failed with error code: 80049217")
        })?;
        if record.audience != Audience::Graph {
            let text = "Access token validation failure. Invalid audience.";
            return Err(GraphError::unauthenticated(text));
        }
        if record.expires_at <= now {
            let text = "Lifetime validation failed, the token is expired.";
            return Err(GraphError::unauthenticated(text));
        }
        Ok(Self {
            tenant_id: record.tenant_id.clone(),
            object_id: record.object_id.clone(),
            scopes: record.scopes.clone(),
        })
    }

    /// The user, when the app acts for one with at least one of the delegated permissions.
    pub(super) fn delegated(&self, permissions: &[&str]) -> Result<Actor<'_>, GraphError> {
        let Some(object_id) = &self.object_id else {
            let text = "The sandbox supports this for delegated permissions only.";
            return Err(GraphError::forbidden(text));
        };
        self.check(permissions)?;
        Ok(Actor { tenant_id: &self.tenant_id, object_id })
    }

    /// Refuses everybody but the app itself with at least one of the application permissions.
    pub(super) fn application(&self, permissions: &[&str]) -> Result<(), GraphError> {
        if self.object_id.is_some() {
            let text = "The resource is not supported with delegated permissions.";
            return Err(GraphError::forbidden(text));
        }
        self.check(permissions)
    }

    /// The user's object id, or the app's id.
    pub(super) fn id<'a>(&'a self, sandbox: &'a MicrosoftSandbox) -> &'a str {
        self.object_id.as_deref().unwrap_or(&sandbox.0.options.client_id)
    }

    fn check(&self, permissions: &[&str]) -> Result<(), GraphError> {
        if permissions.iter().any(|wanted| self.scopes.iter().any(|scope| scope == wanted)) {
            return Ok(());
        }
        Err(GraphError::forbidden(format!(
            "Missing scope permissions on the request. API requires one of '{}'. Scopes on the \
             request '{}'",
            permissions.join(", "),
            self.scopes.join(", ")
        )))
    }
}

impl FromRequestParts<MicrosoftSandbox> for Caller {
    type Rejection = GraphError;

    async fn from_request_parts(
        parts: &mut Parts,
        sandbox: &MicrosoftSandbox,
    ) -> Result<Self, GraphError> {
        let header = parts.headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
        let token = header
            .and_then(|header| header.strip_prefix("Bearer "))
            .ok_or_else(|| GraphError::unauthenticated("Access token is empty."))?;
        let now = sandbox.now();
        sandbox.read(|state| Self::authenticate(state, now, token.trim()))
    }
}

/// A call about chats: the caller and the segments of the path. Segments the route does not
/// have are empty.
pub(super) struct ChatCall {
    pub(super) caller: Caller,
    pub(super) chat: String,
    pub(super) message: String,
    pub(super) membership: String,
    /// Whether the client asked for values younger than the enumerations of the contract.
    pub(super) evolved: bool,
}

impl FromRequestParts<MicrosoftSandbox> for ChatCall {
    type Rejection = GraphError;

    async fn from_request_parts(
        parts: &mut Parts,
        sandbox: &MicrosoftSandbox,
    ) -> Result<Self, GraphError> {
        let caller = Caller::from_request_parts(parts, sandbox).await?;
        let Path(mut segments) =
            Path::<HashMap<String, String>>::from_request_parts(parts, sandbox)
                .await
                .map_err(|_| GraphError::bad_request("The path is not valid."))?;
        if let Some(user) = segments.get("user") {
            own_path(sandbox, &caller, user)?;
        }
        let prefer = parts.headers.get_all("prefer").iter();
        let evolved = prefer
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.contains("include-unknown-enum-members"));
        let mut take = |name: &str| segments.remove(name).unwrap_or_default();
        let (chat, message) = (take("chat"), take("message"));
        Ok(Self { caller, chat, message, membership: take("membership"), evolved })
    }
}

/// `/users/{id}/chats` works for the caller's own id or sign-in name.
fn own_path(sandbox: &MicrosoftSandbox, caller: &Caller, user: &str) -> Result<(), GraphError> {
    let named = sandbox
        .read(|state| state.user(&caller.tenant_id, user).map(|user| user.object_id.clone()));
    if named.is_some() && named == caller.object_id {
        Ok(())
    } else {
        Err(GraphError::forbidden("The chats of another user cannot be accessed."))
    }
}
