//! The token endpoint: authorization codes, refresh tokens, client credentials, on-behalf-of.

mod on_behalf_of;

use std::collections::HashMap;

use aws_lc_rs::{constant_time, digest};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, State as Sandbox},
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{Authority, EntraError, scopes, tokens};
use crate::sandbox::microsoft::{
    MicrosoftSandbox, User,
    model::SignInBlock,
    state::{Audience, State},
};

/// The parameters of the form.
struct Form(HashMap<String, String>);

impl Form {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn need(&self, name: &str) -> Result<&str, EntraError> {
        self.get(name).ok_or_else(|| EntraError::missing(name))
    }
}

/// `POST /{tenant}/oauth2/v2.0/token`.
pub(super) async fn token(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    Path(segment): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let answer = sandbox.change(|state, now| {
        let form = read_form(&headers, &body)?;
        let grant_type = form.need("grant_type")?;
        let app_id = check_client(&sandbox, &headers, &form)?;
        if grant_type == "client_credentials" {
            return client_grant(&sandbox, state, now, &segment, &app_id, &form);
        }
        let authority = Authority::parse(state, &segment)?;
        if app_id != sandbox.0.options.client_id {
            let text = "The client does not sign people in.";
            return Err(EntraError::new("unauthorized_client", 700_016, text));
        }
        match grant_type {
            "authorization_code" => code_grant(&sandbox, state, now, &authority, &form),
            "refresh_token" => refresh_grant(&sandbox, state, now, &authority, &form),
            on_behalf_of::GRANT_TYPE => {
                on_behalf_of::exchange(&sandbox, state, now, &authority, &form)
            }
            other => Err(EntraError::new(
                "unsupported_grant_type",
                70003,
                format!("The app requested an unsupported grant type '{other}'."),
            )),
        }
    });
    match answer {
        Ok(body) => {
            ([("cache-control", "no-store"), ("pragma", "no-cache")], Json(body)).into_response()
        }
        Err(error) => error.respond(sandbox.now()),
    }
}

fn read_form(headers: &HeaderMap, body: &[u8]) -> Result<Form, EntraError> {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !media_type.is_some_and(|it| it.starts_with("application/x-www-form-urlencoded")) {
        let text = "The request body must be 'application/x-www-form-urlencoded'.";
        return Err(EntraError::new("invalid_request", 900_144, text));
    }
    Ok(Form(form_urlencoded::parse(body).into_owned().collect()))
}

/// Checks id and secret of the app or of the bot, in the form or as HTTP Basic credentials, and
/// returns the id.
fn check_client(
    sandbox: &MicrosoftSandbox,
    headers: &HeaderMap,
    form: &Form,
) -> Result<String, EntraError> {
    let options = &sandbox.0.options;
    let basic = basic_credentials(headers);
    let (id, secret) = match &basic {
        Some((id, secret)) => (id.as_str(), Some(secret.as_str())),
        None => (form.need("client_id")?, form.get("client_secret")),
    };
    let known = [
        (&options.client_id, &options.client_secret),
        (&options.bot_client_id, &options.bot_client_secret),
    ];
    let mut secrets =
        known.into_iter().filter(|known| known.0 == id).map(|known| known.1).peekable();
    if secrets.peek().is_none() {
        let text = format!("Application with identifier '{id}' was not found in the directory.");
        return Err(EntraError::new("unauthorized_client", 700_016, text));
    }
    let secret = secret.ok_or_else(|| {
        let text = "The request body must contain the following parameter: \
                    'client_assertion' or 'client_secret'.";
        EntraError::invalid_client(7_000_218, text)
    })?;
    let is = |known: &String| {
        constant_time::verify_slices_are_equal(secret.as_bytes(), known.as_bytes()).is_ok()
    };
    if secrets.any(is) {
        Ok(id.to_owned())
    } else {
        Err(EntraError::invalid_client(7_000_215, "Invalid client secret provided."))
    }
}

fn basic_credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let text = String::from_utf8(STANDARD.decode(value).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let decode = |part: &str| {
        form_urlencoded::parse(part.as_bytes()).map(|(name, _)| name.into_owned()).next()
    };
    Some((decode(id)?, decode(secret)?))
}

fn code_grant(
    sandbox: &MicrosoftSandbox,
    state: &mut State,
    now: i64,
    authority: &Authority,
    form: &Form,
) -> Result<Value, EntraError> {
    let code = form.need("code")?;
    let redirect_uri = form.need("redirect_uri")?;
    let verifier = form.need("code_verifier")?;
    let record =
        state.codes.get_mut(code).filter(|record| authority.covers(&record.tenant_id)).ok_or_else(
            || {
                let text = "The provided value for the 'code' parameter is not valid.";
                EntraError::invalid_grant(70000, text)
            },
        )?;
    if record.used {
        let text = "OAuth2 Authorization code was already redeemed.";
        return Err(EntraError::invalid_grant(54005, text));
    }
    if record.expires_at <= now {
        let text = "The provided authorization code has expired.";
        return Err(EntraError::invalid_grant(70008, text));
    }
    if record.redirect_uri != redirect_uri {
        let text = "The reply address does not match the one of the authorization request.";
        return Err(EntraError::invalid_grant(500_112, text));
    }
    let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
    if challenge != record.code_challenge {
        let text = "The Code_Verifier does not match the code_challenge supplied in the \
                    authorization request.";
        return Err(EntraError::invalid_grant(501_481, text));
    }
    record.used = true;
    let record = record.clone();
    let user = usable_user(state, &record.tenant_id, &record.object_id)?;
    let scopes = &record.scopes;
    Ok(grant(sandbox, state, now, &user, scopes, scopes, record.nonce.as_deref()))
}

fn refresh_grant(
    sandbox: &MicrosoftSandbox,
    state: &mut State,
    now: i64,
    authority: &Authority,
    form: &Form,
) -> Result<Value, EntraError> {
    let record = state
        .refresh_tokens
        .get(form.need("refresh_token")?)
        .filter(|record| authority.covers(&record.tenant_id))
        .cloned()
        .ok_or_else(|| {
            let text = "The provided value for the input parameter 'refresh_token' is not valid.";
            EntraError::invalid_grant(70000, text)
        })?;
    if record.expires_at <= now {
        let text = "The refresh token has expired due to inactivity.";
        return Err(EntraError::invalid_grant(700_082, text).because("token_expired"));
    }
    let user = usable_user(state, &record.tenant_id, &record.object_id)?;
    if user.sign_ins_revoked_at.is_some_and(|revoked| record.issued_at <= revoked) {
        let text = "The provided grant has expired due to it being revoked, a fresh auth token \
                    is needed.";
        return Err(EntraError::invalid_grant(50173, text).because("bad_token"));
    }
    let wanted = match form.get("scope") {
        None => record.scopes.clone(),
        Some(text) => scopes::parse(text)?,
    };
    if let Some(scope) = wanted.iter().find(|scope| !record.scopes.contains(scope)) {
        let text = format!("The user or administrator has not consented to use '{scope}'.");
        return Err(EntraError::invalid_grant(65001, text).because("consent_required"));
    }
    Ok(grant(sandbox, state, now, &user, &wanted, &record.scopes, None))
}

/// The user, where nothing keeps the user from getting tokens without a sign-in.
fn usable_user(state: &State, tenant_id: &str, object_id: &str) -> Result<User, EntraError> {
    let user = state.user(tenant_id, object_id).cloned().ok_or_else(|| {
        EntraError::invalid_grant(50034, "The user account does not exist in the directory.")
    })?;
    match user.block {
        None => Ok(user),
        Some(SignInBlock::Disabled) => {
            Err(EntraError::invalid_grant(50057, "The user account is disabled."))
        }
        Some(SignInBlock::ConsentRequired) => {
            let text = "The user or administrator has not consented to use the application.";
            Err(EntraError::invalid_grant(65001, text).because("consent_required"))
        }
        Some(SignInBlock::MultifactorRequired) => {
            let text = "Due to a configuration change made by your administrator, you must use \
                        multifactor authentication.";
            Err(EntraError::invalid_grant(50076, text)
                .because("basic_action")
                .demanding("{\"access_token\":{\"capolids\":{\"essential\":true}}}"))
        }
    }
}

/// The answer with the tokens: a refresh token with `offline_access`, an id token with `openid`.
fn grant(
    sandbox: &MicrosoftSandbox,
    state: &mut State,
    now: i64,
    user: &User,
    wanted: &[String],
    consented: &[String],
    nonce: Option<&str>,
) -> Value {
    let has = |scope: &str| consented.iter().any(|it| it == scope);
    let (tenant, object) = (user.tenant_id.as_str(), user.object_id.as_str());
    let access = tokens::access_token(state, now, tenant, Some(object), Audience::Graph, wanted);
    let mut body = json!({
        "token_type": "Bearer",
        "scope": scopes::listed(wanted),
        "expires_in": tokens::ACCESS_SECONDS,
        "ext_expires_in": tokens::ACCESS_SECONDS,
        "access_token": access,
    });
    if has("offline_access") {
        body["refresh_token"] = json!(tokens::refresh_token(state, now, tenant, object, consented));
    }
    if has("openid") {
        let claims = tokens::id_claims(sandbox, now, user, consented, nonce);
        body["id_token"] = json!(sandbox.sign_id_token(&claims));
    }
    body
}

/// A token of the app itself, for the Bot Connector or for Graph's application permissions. The
/// bot is registered wherever it says (`botframework.com` for several tenants), where no user of
/// the sandbox need be.
fn client_grant(
    sandbox: &MicrosoftSandbox,
    state: &mut State,
    now: i64,
    segment: &str,
    app_id: &str,
    form: &Form,
) -> Result<Value, EntraError> {
    let authority = match Authority::parse(state, segment) {
        Err(_) if app_id == sandbox.0.options.bot_client_id => {
            Authority::Tenant(segment.to_owned())
        }
        known => known?,
    };
    let (audience, roles) = match form.need("scope")? {
        "https://api.botframework.com/.default" => (Audience::BotFramework, vec![]),
        "https://graph.microsoft.com/.default" => {
            (Audience::Graph, vec!["Chat.Read.All".to_owned()])
        }
        scope => {
            let text = format!(
                "The provided value for scope {scope} is not valid. Client credential flows must \
                 have a scope value with /.default suffixed to the resource identifier."
            );
            return Err(EntraError::new("invalid_scope", 1_002_012, text));
        }
    };
    let Authority::Tenant(tenant) = authority else {
        let text = "The 'common' and 'organizations' endpoints cannot be used by an application.";
        return Err(EntraError::new("invalid_request", 50194, text));
    };
    let token = tokens::access_token(state, now, &tenant, None, audience, &roles);
    if let Some(record) = state.access_tokens.get_mut(&token) {
        app_id.clone_into(&mut record.app_id);
    }
    Ok(json!({
        "token_type": "Bearer",
        "expires_in": tokens::ACCESS_SECONDS,
        "ext_expires_in": tokens::ACCESS_SECONDS,
        "access_token": token,
    }))
}
