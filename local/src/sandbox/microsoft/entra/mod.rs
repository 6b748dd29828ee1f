//! The Microsoft identity platform v2.0: metadata, keys, authorize, token.
//! <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow>

mod authorize;
mod error;
mod scopes;
mod token;
pub(super) mod tokens;

use axum::{
    Json, Router,
    extract::{Path, State as Sandbox},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde_json::json;

use self::error::EntraError;
use super::{MicrosoftSandbox, state::State};

pub(super) fn router() -> Router<MicrosoftSandbox> {
    Router::new()
        .route("/{tenant}/v2.0/.well-known/openid-configuration", get(metadata))
        .route("/{tenant}/discovery/v2.0/keys", get(keys))
        .route("/{tenant}/oauth2/v2.0/authorize", get(authorize::authorize))
        .route("/{tenant}/oauth2/v2.0/token", post(token::token))
}

/// The tenant segment of an address: one tenant, or whichever the user belongs to.
#[derive(Clone, Debug)]
enum Authority {
    Tenant(String),
    Any,
}

impl Authority {
    fn parse(state: &State, segment: &str) -> Result<Self, EntraError> {
        match segment {
            "common" | "organizations" => Ok(Self::Any),
            id if state.tenants.contains(id) => Ok(Self::Tenant(id.to_owned())),
            id => Err(EntraError::new(
                "invalid_tenant",
                90002,
                format!(
                    "Tenant '{id}' not found. Check to make sure you have the correct tenant ID."
                ),
            )),
        }
    }

    fn covers(&self, tenant_id: &str) -> bool {
        match self {
            Self::Tenant(id) => id == tenant_id,
            Self::Any => true,
        }
    }
}

impl MicrosoftSandbox {
    /// The `iss` of id tokens of a tenant.
    fn issuer(&self, tenant_id: &str) -> String {
        format!("{}/{tenant_id}/v2.0", self.0.options.entra_base)
    }
}

async fn metadata(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    Path(segment): Path<String>,
) -> Response {
    let base = &sandbox.0.options.entra_base;
    let issuer = match sandbox.read(|state| Authority::parse(state, &segment)) {
        Ok(Authority::Tenant(id)) => sandbox.issuer(&id),
        // What the real one answers here, braces and all.
        Ok(Authority::Any) => sandbox.issuer("{tenantid}"),
        Err(error) => return error.respond(sandbox.now()),
    };
    Json(json!({
        "token_endpoint": format!("{base}/{segment}/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "jwks_uri": format!("{base}/{segment}/discovery/v2.0/keys"),
        "response_modes_supported": ["query"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": issuer,
        "request_uri_parameter_supported": false,
        "authorization_endpoint": format!("{base}/{segment}/oauth2/v2.0/authorize"),
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nbf", "nonce", "ver", "tid", "oid",
            "name", "preferred_username"],
    }))
    .into_response()
}

async fn keys(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    Path(segment): Path<String>,
) -> Response {
    match sandbox.read(|state| Authority::parse(state, &segment)) {
        Ok(Authority::Tenant(id)) => keys_for(&sandbox, &id),
        Ok(Authority::Any) => keys_for(&sandbox, "{tenantid}"),
        Err(error) => error.respond(sandbox.now()),
    }
}

fn keys_for(sandbox: &MicrosoftSandbox, tenant_id: &str) -> Response {
    let key = sandbox.0.key.jwk(&sandbox.issuer(tenant_id));
    Json(json!({ "keys": [key] })).into_response()
}
