//! The authorize endpoint: a page to choose a person, or `login_as` to choose at once.

use std::collections::HashMap;

use axum::{
    extract::{Path, RawQuery, State as Sandbox},
    http::{StatusCode, header},
    response::{Html, IntoResponse as _, Response},
};
use url::{Url, form_urlencoded};

use super::{Authority, EntraError, scopes};
use crate::sandbox::microsoft::{
    MicrosoftSandbox, User,
    model::SignInBlock,
    random,
    state::{CodeRecord, State},
};

/// A code has to be exchanged within ten minutes.
const CODE_MILLIS: i64 = 10 * 60 * 1000;

type Parameters = HashMap<String, String>;

/// `GET /{tenant}/oauth2/v2.0/authorize`. Beyond the published parameters, for scripts:
/// `login_as=<object id>` signs that person in without the page (`login_as=<object id>@<tenant>`
/// where an object id exists in two tenants), `login_as=deny` declines.
pub(super) async fn authorize(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    Path(segment): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let parameters: Parameters = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let checked = sandbox
        .read(|state| Authority::parse(state, &segment))
        .and_then(|authority| Ok((authority, registered_redirect(&sandbox, &parameters)?)));
    let (authority, redirect) = match checked {
        Ok(checked) => checked,
        Err(error) => return error_page(&error),
    };
    let request = match Request::parse(&parameters) {
        Ok(request) => request,
        Err(error) => return send_back_error(redirect, &parameters, &error),
    };
    match parameters.get("login_as").map(String::as_str) {
        None => choose_page(&sandbox, &authority, &query),
        Some("deny") => {
            let error = EntraError::new("access_denied", 65004, "User declined to consent.");
            send_back_error(redirect, &parameters, &error)
        }
        Some(login) => {
            let signed_in = sandbox.change(|state, now| {
                sign_in(state, now, &authority, login, request, redirect.as_str())
            });
            match signed_in {
                Ok(code) => send_back(redirect, &parameters, &[("code", &code)]),
                Err(error) => error_page(&error),
            }
        }
    }
}

/// The redirect address, when it and the client are registered. Errors here are shown, never
/// sent: the address cannot be trusted.
fn registered_redirect(
    sandbox: &MicrosoftSandbox,
    parameters: &Parameters,
) -> Result<Url, EntraError> {
    let options = &sandbox.0.options;
    let client = parameters.get("client_id").ok_or_else(|| EntraError::missing("client_id"))?;
    if client != &options.client_id {
        return Err(EntraError::new(
            "unauthorized_client",
            700_016,
            format!("Application with identifier '{client}' was not found in the directory."),
        ));
    }
    let redirect =
        parameters.get("redirect_uri").ok_or_else(|| EntraError::missing("redirect_uri"))?;
    options
        .redirect_uris
        .iter()
        .find(|registered| *registered == redirect)
        .and_then(|registered| Url::parse(registered).ok())
        .ok_or_else(|| {
            EntraError::new(
                "invalid_request",
                50011,
                format!("The redirect URI '{redirect}' does not match the ones configured."),
            )
        })
}

/// What of the request goes into the code.
struct Request {
    scopes: Vec<String>,
    nonce: Option<String>,
    code_challenge: String,
}

impl Request {
    fn parse(parameters: &Parameters) -> Result<Self, EntraError> {
        let get =
            |name: &str| parameters.get(name).filter(|value| !value.is_empty()).map(String::as_str);
        let need = |name: &str| get(name).ok_or_else(|| EntraError::missing(name));
        let invalid = |text: &str| EntraError::new("invalid_request", 900_561, text);
        if need("response_type")? != "code" {
            let text = "The response_type is not supported.";
            return Err(EntraError::new("unsupported_response_type", 700_054, text));
        }
        if !matches!(get("response_mode"), None | Some("query")) {
            return Err(invalid("The response_mode is not supported here."));
        }
        let scopes = scopes::parse(need("scope")?)?;
        let _ = need("state")?;
        let nonce = get("nonce").map(str::to_owned);
        if nonce.is_none() && scopes.iter().any(|scope| scope == "openid") {
            return Err(EntraError::missing("nonce"));
        }
        let code_challenge = need("code_challenge")?.to_owned();
        if need("code_challenge_method")? != "S256" || code_challenge.len() != 43 {
            return Err(invalid("A code_challenge of the method S256 is needed."));
        }
        Ok(Self { scopes, nonce, code_challenge })
    }
}

/// Signs the person in and gives the code. An interactive sign-in settles consent and
/// multifactor authentication; a disabled account stays out.
fn sign_in(
    state: &mut State,
    now: i64,
    authority: &Authority,
    login: &str,
    request: Request,
    redirect_uri: &str,
) -> Result<String, EntraError> {
    let (object_id, tenant) = login.split_once('@').unwrap_or((login, ""));
    let user = state
        .users
        .iter_mut()
        .find(|user| {
            user.object_id == object_id
                && authority.covers(&user.tenant_id)
                && (tenant.is_empty() || user.tenant_id == tenant)
        })
        .ok_or_else(|| {
            let text = "The user account does not exist in the directory.";
            EntraError::new("invalid_grant", 50034, text)
        })?;
    if user.block == Some(SignInBlock::Disabled) {
        return Err(EntraError::new("invalid_grant", 50057, "The user account is disabled."));
    }
    user.block = None;
    let record = CodeRecord {
        tenant_id: user.tenant_id.clone(),
        object_id: user.object_id.clone(),
        redirect_uri: redirect_uri.to_owned(),
        scopes: request.scopes,
        nonce: request.nonce,
        code_challenge: request.code_challenge,
        expires_at: now + CODE_MILLIS,
        used: false,
    };
    let code = random::token("1.A");
    state.codes.insert(code.clone(), record);
    Ok(code)
}

fn send_back_error(redirect: Url, parameters: &Parameters, error: &EntraError) -> Response {
    let description = error.description();
    send_back(redirect, parameters, &[("error", error.error), ("error_description", &description)])
}

/// Back to the app, with the state it gave.
fn send_back(mut redirect: Url, parameters: &Parameters, answer: &[(&str, &str)]) -> Response {
    {
        let mut pairs = redirect.query_pairs_mut();
        pairs.extend_pairs(answer);
        if let Some(state) = parameters.get("state") {
            pairs.append_pair("state", state);
        }
    }
    (StatusCode::FOUND, [(header::LOCATION, String::from(redirect))]).into_response()
}

/// The people who can sign in, each a link to this request with `login_as`.
fn choose_page(sandbox: &MicrosoftSandbox, authority: &Authority, query: &str) -> Response {
    let people: String = sandbox.read(|state| {
        state
            .users
            .iter()
            .filter(|user| authority.covers(&user.tenant_id))
            .map(|user| choice(query, user))
            .collect()
    });
    let deny = link(query, "deny");
    page(
        StatusCode::OK,
        "Sign in to the simulated Microsoft",
        &format!("<ul>{people}</ul><p><a href=\"{deny}\">Decline</a></p>"),
    )
}

fn choice(query: &str, user: &User) -> String {
    format!(
        "<li><a href=\"{}\">{}</a> <small>{}</small></li>",
        link(query, &format!("{}@{}", user.object_id, user.tenant_id)),
        escape(&user.display_name),
        escape(&user.user_principal_name),
    )
}

fn link(query: &str, login_as: &str) -> String {
    let addition =
        form_urlencoded::Serializer::new(String::new()).append_pair("login_as", login_as).finish();
    escape(&format!("?{query}&{addition}"))
}

fn error_page(error: &EntraError) -> Response {
    let text = format!("<p>{}</p>", escape(&error.description()));
    page(StatusCode::BAD_REQUEST, "Sorry, but we’re having trouble signing you in", &text)
}

fn page(status: StatusCode, title: &str, content: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width\"></head>\
         <body style=\"font:16px/1.5 system-ui;max-width:32rem;margin:3rem auto;padding:0 1rem\">\
         <h1 style=\"font-size:1.3rem\">{title}</h1>{content}</body></html>"
    );
    (status, Html(html)).into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
