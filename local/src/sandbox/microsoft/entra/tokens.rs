//! Making tokens: opaque access and refresh tokens, signed id tokens.

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::sandbox::microsoft::{
    MicrosoftSandbox, User, random,
    state::{AccessRecord, Audience, RefreshRecord, State},
};

/// How long an access token is good for, in seconds.
pub(in crate::sandbox::microsoft) const ACCESS_SECONDS: i64 = 3599;

/// How long a refresh token is good for, in milliseconds.
/// <https://learn.microsoft.com/entra/identity-platform/refresh-tokens>
const REFRESH_MILLIS: i64 = 90 * 24 * 60 * 60 * 1000;

/// A new access token.
pub(in crate::sandbox::microsoft) fn access_token(
    state: &mut State,
    now: i64,
    tenant_id: &str,
    object_id: Option<&str>,
    audience: Audience,
    scopes: &[String],
) -> String {
    let token = random::token("eyJsandbox.");
    let record = AccessRecord {
        tenant_id: tenant_id.to_owned(),
        object_id: object_id.map(str::to_owned),
        app_id: String::new(),
        audience,
        scopes: scopes.to_vec(),
        expires_at: now + ACCESS_SECONDS * 1000,
    };
    state.access_tokens.insert(token.clone(), record);
    token
}

/// A new refresh token for a user.
pub(in crate::sandbox::microsoft) fn refresh_token(
    state: &mut State,
    now: i64,
    tenant_id: &str,
    object_id: &str,
    scopes: &[String],
) -> String {
    let token = random::token("0.AX");
    let record = RefreshRecord {
        tenant_id: tenant_id.to_owned(),
        object_id: object_id.to_owned(),
        scopes: scopes.to_vec(),
        issued_at: now,
        expires_at: now + REFRESH_MILLIS,
    };
    state.refresh_tokens.insert(token.clone(), record);
    token
}

/// The claims of an id token: `oid`, `name` and `preferred_username` come with the scope
/// `profile` only. <https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference>
pub(super) fn id_claims(
    sandbox: &MicrosoftSandbox,
    now: i64,
    user: &User,
    scopes: &[String],
    nonce: Option<&str>,
) -> Value {
    let client_id = &sandbox.0.options.client_id;
    let issued = now.div_euclid(1000);
    let mut claims = json!({
        "aud": client_id,
        "iss": sandbox.issuer(&user.tenant_id),
        "iat": issued,
        "nbf": issued,
        "exp": issued + 3600,
        "sub": pairwise_subject(client_id, user),
        "tid": user.tenant_id,
        "ver": "2.0",
    });
    if let Some(nonce) = nonce {
        claims["nonce"] = json!(nonce);
    }
    if scopes.iter().any(|scope| scope == "profile") {
        claims["oid"] = json!(user.object_id);
        claims["name"] = json!(user.display_name);
        claims["preferred_username"] = json!(user.user_principal_name);
    }
    claims
}

/// A subject that is the same for the app and the user, and for no other app.
fn pairwise_subject(client_id: &str, user: &User) -> String {
    let text = format!("{client_id}\n{}\n{}", user.tenant_id, user.object_id);
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
}
