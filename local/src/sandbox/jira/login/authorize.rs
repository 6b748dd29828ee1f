//! `GET /authorize`: the sign-in and consent page in one.
//!
//! Besides Atlassian's own parameters it takes, in this simulation only:
//! `login_as` (the account id of who signs in; with it there is no page, the browser is sent on at
//! once), `decision` (`accept`, the default, or `deny`) and `site` (a cloud id that the consent is
//! for, repeatable; without it every site of the user).

use std::fmt::Write;

use axum::{
    extract::{RawQuery, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use url::{Url, form_urlencoded};

use crate::sandbox::jira::{JiraSandbox, model::Cloud};

/// The parameters of the request, in their order.
struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }
}

/// Shows the page, or answers its form.
pub(super) async fn authorize(
    State(sandbox): State<JiraSandbox>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let parameters = Parameters(form_urlencoded::parse(query.as_bytes()).into_owned().collect());
    let callback = match check(&sandbox, &parameters) {
        Ok(callback) => callback,
        Err(reason) => return page(StatusCode::BAD_REQUEST, &format!("<p>{reason}</p>")),
    };
    match parameters.get("login_as") {
        "" => page(StatusCode::OK, &sandbox.read(|cloud| form(cloud, &parameters))),
        account => decide(&sandbox, &parameters, account, callback),
    }
}

/// What Atlassian checks before anybody signs in; gives the address to come back to.
fn check(sandbox: &JiraSandbox, parameters: &Parameters) -> Result<Url, String> {
    let options = sandbox.options();
    let redirect_uri = parameters.get("redirect_uri");
    if parameters.get("client_id") != options.client_id {
        return Err("client_id is not the id of a known app.".to_owned());
    }
    if !options.redirect_uris.iter().any(|known| known == redirect_uri) {
        return Err("redirect_uri is not registered for the app.".to_owned());
    }
    for (name, wanted) in
        [("audience", "api.atlassian.com"), ("response_type", "code"), ("prompt", "consent")]
    {
        if parameters.get(name) != wanted {
            return Err(format!("{name} must be {wanted}."));
        }
    }
    for name in ["scope", "state"] {
        if parameters.get(name).trim().is_empty() {
            return Err(format!("{name} is required."));
        }
    }
    Url::parse(redirect_uri).map_err(|_| "redirect_uri is not a URL.".to_owned())
}

fn decide(
    sandbox: &JiraSandbox,
    parameters: &Parameters,
    account: &str,
    mut callback: Url,
) -> Response {
    let known = sandbox.read(|cloud| cloud.users.get(account).is_some_and(|user| !user.closed));
    if !known {
        return page(StatusCode::BAD_REQUEST, "<p>login_as is not a user here.</p>");
    }
    if parameters.get("decision") == "deny" {
        callback
            .query_pairs_mut()
            .append_pair("error", "access_denied")
            .append_pair("error_description", "User did not authorize the request");
    } else {
        let scopes = parameters.get("scope").split_whitespace().map(str::to_owned).collect();
        let sites: Vec<String> = (parameters.0.iter())
            .filter(|(name, _)| name == "site")
            .map(|(_, cloud_id)| cloud_id.clone())
            .collect();
        let sites = (!sites.is_empty()).then_some(sites);
        let (redirect_uri, now) = (parameters.get("redirect_uri"), sandbox.now());
        let code =
            sandbox.change(|cloud| cloud.login.consent(account, scopes, sites, redirect_uri, now));
        callback.query_pairs_mut().append_pair("code", &code);
    }
    callback.query_pairs_mut().append_pair("state", parameters.get("state"));
    (StatusCode::FOUND, [(header::LOCATION, callback.as_str())]).into_response()
}

fn form(cloud: &Cloud, parameters: &Parameters) -> String {
    let mut body = String::from("<form method=\"get\">\n");
    for (name, value) in &parameters.0 {
        let (name, value) = (escape(name), escape(value));
        let _ = writeln!(body, "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
    }
    body.push_str("<fieldset><legend>Sign in as</legend>\n");
    for (index, user) in cloud.users.values().filter(|user| !user.closed).enumerate() {
        let checked = if index == 0 { " checked" } else { "" };
        let (id, name) = (escape(&user.account_id), escape(&user.display_name));
        let _ = writeln!(
            body,
            "<p><label><input type=\"radio\" name=\"login_as\" value=\"{id}\"{checked}> \
             {name}</label></p>"
        );
    }
    body.push_str("</fieldset>\n<p>The app asks for:</p>\n<ul>\n");
    for scope in parameters.get("scope").split_whitespace() {
        let _ = writeln!(body, "<li><code>{}</code></li>", escape(scope));
    }
    body.push_str(
        "</ul>\n<button name=\"decision\" value=\"accept\">Accept</button>\n\
         <button name=\"decision\" value=\"deny\">Deny</button>\n</form>",
    );
    body
}

fn page(status: StatusCode, body: &str) -> Response {
    let page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>Simulated Atlassian account</title>\n\
         <style>body{{font:16px system-ui;max-width:36rem;margin:3rem auto;padding:0 1rem}}</style>\n\
         <h1>Simulated Atlassian account</h1>\n{body}\n</html>\n"
    );
    (status, [(header::CACHE_CONTROL, "no-store")], Html(page)).into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
