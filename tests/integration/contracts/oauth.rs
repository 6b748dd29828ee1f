//! Sign-in and tokens: no contract is published for these, the vendors' documentation says it.
//! <https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/>
//! <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow>

use std::collections::BTreeMap;

use tandem_local::sandbox::gate::Recorded;
use url::form_urlencoded;

type Fields = BTreeMap<String, String>;

/// What the request is, or what is wrong with it.
pub fn check(request: &Recorded) -> Result<String, String> {
    let segments: Vec<&str> = request.path.trim_start_matches('/').split('/').collect();
    match (request.method.as_str(), segments.as_slice()) {
        ("GET", ["atlassian", "login", "authorize"]) => atlassian_authorize(request),
        ("POST", ["atlassian", "login", "oauth", "token"]) => atlassian_token(request),
        ("GET", ["atlassian", "api", "oauth", "token", "accessible-resources"]) => {
            plain(request, "atlassian sites")
        }
        ("POST", ["atlassian", "api", "app", "report-accounts", ""]) => report_accounts(request),
        ("GET", ["entra", _, "oauth2", "v2.0", "authorize"]) => entra_authorize(request),
        ("POST", ["entra", _, "oauth2", "v2.0", "token"]) => entra_token(request),
        ("GET", ["entra", _, "discovery", "v2.0", "keys"]) => plain(request, "entra keys"),
        ("GET", ["botframework", "keys"]) => plain(request, "bot keys"),
        _ => Err("neither in a contract nor part of a sign-in".to_owned()),
    }
}

/// <https://developer.atlassian.com/cloud/jira/platform/user-privacy-developer-guide/>
fn report_accounts(request: &Recorded) -> Result<String, String> {
    let body = request.json().ok_or("the body is not JSON")?;
    let accounts = body["accounts"].as_array().ok_or("there are no accounts")?;
    if accounts.is_empty() || accounts.len() > 90 || body.as_object().map_or(0, |it| it.len()) != 1
    {
        return Err("1 to 90 accounts, and nothing else".to_owned());
    }
    for account in accounts {
        let at = account["updatedAt"].as_str().and_then(tandem_domain::Timestamp::parse);
        let fields = account.as_object().map_or(0, |it| it.len());
        if account["accountId"].as_str().is_none() || at.is_none() || fields != 2 {
            return Err(format!("{account} is no account to report"));
        }
    }
    plain_query(request)?;
    Ok("atlassian report of accounts".to_owned())
}

fn plain(request: &Recorded, what: &str) -> Result<String, String> {
    let bare = request.query.is_empty() && request.body.is_empty();
    if bare { Ok(what.to_owned()) } else { Err("a query or body that nobody asked for".to_owned()) }
}

/// The fields of a query or form, each once. `login_as` is this test's own: who signs in.
fn fields(encoded: &[u8]) -> Result<Fields, String> {
    let mut fields = Fields::new();
    for (name, value) in form_urlencoded::parse(encoded).filter(|(name, _)| name != "login_as") {
        if fields.insert(name.to_string(), value.to_string()).is_some() {
            return Err(format!("{name} is there twice"));
        }
    }
    Ok(fields)
}

/// Exactly these fields, each with this value, or with any where it is empty.
fn exactly(fields: &Fields, expected: &[(&str, &str)]) -> Result<(), String> {
    for (name, value) in expected {
        let given = fields.get(*name).ok_or_else(|| format!("{name} is missing"))?;
        if given.is_empty() || !(value.is_empty() || given == value) {
            return Err(format!("{name} is {given:?}"));
        }
    }
    match fields.keys().find(|name| !expected.iter().any(|(known, _)| known == name)) {
        None => Ok(()),
        Some(name) => Err(format!("nobody asked for {name}")),
    }
}

fn atlassian_authorize(request: &Recorded) -> Result<String, String> {
    let fields = fields(request.query.as_bytes())?;
    let expected = [
        ("audience", "api.atlassian.com"),
        ("client_id", ""),
        ("scope", ""),
        ("redirect_uri", ""),
        ("state", ""),
        ("response_type", "code"),
        ("prompt", "consent"),
    ];
    exactly(&fields, &expected)?;
    has_scope(&fields, "offline_access")?;
    Ok("atlassian authorize".to_owned())
}

/// JSON, with the client's credentials in it.
fn atlassian_token(request: &Recorded) -> Result<String, String> {
    if request.content_type.split(';').next() != Some("application/json") {
        return Err(format!("{} is not JSON", request.content_type));
    }
    let body = request.json().ok_or("the body is not JSON")?;
    let body = body.as_object().ok_or("the body is no object")?;
    let texts = body.iter().map(|(name, value)| {
        let text = value.as_str().ok_or_else(|| format!("{name} is no text"))?;
        Ok((name.clone(), text.to_owned()))
    });
    let fields: Fields = texts.collect::<Result<_, String>>()?;
    let grant = fields.get("grant_type").cloned().unwrap_or_default();
    let own: &[(&str, &str)] = match grant.as_str() {
        "authorization_code" => &[("code", ""), ("redirect_uri", "")],
        "refresh_token" => &[("refresh_token", "")],
        other => return Err(format!("grant_type {other:?}")),
    };
    let common = [("grant_type", ""), ("client_id", ""), ("client_secret", "")];
    exactly(&fields, &[own, &common].concat())?;
    plain_query(request)?;
    Ok(format!("atlassian token {grant}"))
}

fn entra_authorize(request: &Recorded) -> Result<String, String> {
    let fields = fields(request.query.as_bytes())?;
    let expected = [
        ("client_id", ""),
        ("response_type", "code"),
        ("response_mode", "query"),
        ("redirect_uri", ""),
        ("scope", ""),
        ("state", ""),
        ("nonce", ""),
        ("code_challenge", ""),
        ("code_challenge_method", "S256"),
        ("prompt", "select_account"),
    ];
    exactly(&fields, &expected)?;
    for scope in ["openid", "profile", "offline_access"] {
        has_scope(&fields, scope)?;
    }
    if fields["code_challenge"].len() != 43 {
        return Err("code_challenge is no SHA-256".to_owned());
    }
    Ok("entra authorize".to_owned())
}

/// A token of the app's own, for the Bot Connector.
const APP_GRANT: &str = "client_credentials";
/// A token of Teams' for one of the person's.
/// <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow>
const ON_BEHALF_OF: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// A form, with the client's credentials in it.
fn entra_token(request: &Recorded) -> Result<String, String> {
    if request.content_type.split(';').next() != Some("application/x-www-form-urlencoded") {
        return Err(format!("{} is no form", request.content_type));
    }
    let fields = fields(&request.body)?;
    let grant = fields.get("grant_type").cloned().unwrap_or_default();
    let own: &[(&str, &str)] = match grant.as_str() {
        "authorization_code" => &[("code", ""), ("code_verifier", ""), ("redirect_uri", "")],
        "refresh_token" => &[("refresh_token", "")],
        APP_GRANT => &[],
        ON_BEHALF_OF => &[("assertion", ""), ("requested_token_use", "on_behalf_of")],
        other => return Err(format!("grant_type {other:?}")),
    };
    let common = [("grant_type", ""), ("client_id", ""), ("client_secret", ""), ("scope", "")];
    exactly(&fields, &[own, &common].concat())?;
    if grant == APP_GRANT && fields["scope"] != "https://api.botframework.com/.default" {
        return Err(format!("the scope {} for the Bot Connector", fields["scope"]));
    }
    if grant == ON_BEHALF_OF {
        has_scope(&fields, "offline_access")?;
    }
    // RFC 7636, section 4.1.
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    if let Some(verifier) = fields.get("code_verifier")
        && !((43..=128).contains(&verifier.len()) && verifier.bytes().all(unreserved))
    {
        return Err("code_verifier is none".to_owned());
    }
    plain_query(request)?;
    Ok(format!("entra token {grant}"))
}

fn plain_query(request: &Recorded) -> Result<(), String> {
    if request.query.is_empty() { Ok(()) } else { Err("a query beside the body".to_owned()) }
}

fn has_scope(fields: &Fields, scope: &str) -> Result<(), String> {
    let there = fields["scope"].split(' ').any(|given| given == scope);
    if there { Ok(()) } else { Err(format!("the scope {scope} is not asked for")) }
}
