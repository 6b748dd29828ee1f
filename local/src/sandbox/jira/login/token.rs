//! `POST /oauth/token`.

use aws_lc_rs::constant_time;
use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde_json::{Value, json};

use super::grants::{ACCESS, Tokens, Unusable};
use crate::sandbox::jira::{
    JiraSandbox,
    answer::{Answer, Outcome, Refusal},
    call::is_json,
};

/// Exchanges a code or a refresh token.
pub(super) async fn token(
    State(sandbox): State<JiraSandbox>,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome {
    let request: Value = Some(&body)
        .filter(|_| is_json(&headers))
        .and_then(|body| serde_json::from_slice(body).ok())
        .filter(Value::is_object)
        .ok_or_else(|| {
            refuse(StatusCode::BAD_REQUEST, "invalid_request", "A JSON object is required.")
        })?;
    let text = |name: &str| request[name].as_str().unwrap_or_default();
    let required = |name: &str| match text(name) {
        "" => Err(refuse(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            &format!("Missing required parameter: {name}"),
        )),
        value => Ok(value),
    };
    let options = sandbox.options();
    let secret = text("client_secret").as_bytes();
    let known = text("client_id") == options.client_id
        && constant_time::verify_slices_are_equal(secret, options.client_secret.as_bytes()).is_ok();
    if !known {
        return Err(refuse(StatusCode::UNAUTHORIZED, "access_denied", "Unauthorized"));
    }
    let now = sandbox.now();
    match text("grant_type") {
        "authorization_code" => {
            let (code, redirect_uri) = (required("code")?, required("redirect_uri")?);
            sandbox
                .change(|cloud| cloud.login.exchange(code, redirect_uri, now))
                .map(|tokens| answer(&tokens))
                .ok_or_else(|| {
                    let text = "Invalid authorization code";
                    refuse(StatusCode::FORBIDDEN, "invalid_grant", text)
                })
        }
        "refresh_token" => {
            let (token, leeway) = (required("refresh_token")?, options.reuse_leeway);
            sandbox
                .change(|cloud| cloud.login.renew(token, now, leeway))
                .map(|tokens| answer(&tokens))
                .map_err(|unusable| refuse_refresh(&unusable))
        }
        _ => Err(refuse(StatusCode::FORBIDDEN, "unsupported_grant_type", "Unsupported grant type")),
    }
}

fn answer(tokens: &Tokens) -> Answer {
    let mut body = json!({
        "access_token": tokens.access,
        "scope": tokens.scope,
        "expires_in": ACCESS.as_secs(),
        "token_type": "Bearer",
    });
    if let Some(refresh) = &tokens.refresh {
        body["refresh_token"] = json!(refresh);
    }
    Answer::ok(body)
}

fn refuse(status: StatusCode, error: &str, description: &str) -> Refusal {
    Refusal::with(status, json!({"error": error, "error_description": description}))
}

fn refuse_refresh(unusable: &Unusable) -> Refusal {
    let (error, description) = match unusable {
        Unusable::Unknown => ("invalid_grant", "Unknown or invalid refresh token."),
        Unusable::Ended => ("unauthorized_client", "refresh_token is invalid"),
    };
    refuse(StatusCode::FORBIDDEN, error, description)
}
