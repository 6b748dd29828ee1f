//! What a stranger can put into a request: paths, queries, headers, bodies.

use serde_json::json;

use super::scene::Scene;
use crate::support::{Browser, CLOUD, people::ISSUE};

/// Requests with a marker at each `*`: method, path and query, content type, body.
const KNOCKS: &[(&str, &str, &str, &str)] = &[
    ("GET", "/*", "", ""),
    ("GET", "/issues/*/chats", "", ""),
    ("POST", "/issues/*/chats", "application/json", r#"{"members":["*"],"*":"*"}"#),
    ("POST", "/issues/@/chats", "application/json", r#"{"members":["* *"],"topic":"issue"}"#),
    ("POST", "/issues/@/chats", "application/json", r#"{"members":[],"topic":"*"}"#),
    ("POST", "/issues/@/chats", "application/json", r#"{"members":[],"*":1}"#),
    ("POST", "/issues/@/chats", "*/*", "*"),
    ("POST", "/issues/@/chats/*/messages", "application/json", r#"{"text":"*"}"#),
    (
        "POST",
        "/issues/@/chats/19:nosuchchat0@thread.v2/messages",
        "application/json",
        r#"{"text":"*"}"#,
    ),
    ("GET", "/settings/effective?project=*", "", ""),
    ("GET", "/settings/projects/*", "", ""),
    ("PUT", "/settings/projects/*", "application/json", r#"{"comment_sync":"*"}"#),
    ("PUT", "/settings/instance", "application/json", r#"{"*":"*"}"#),
    ("PUT", "/settings/instance", "application/json", r#"{"comment_sync":"*"}"#),
    ("PUT", "/settings/instance", "application/json", r#"{"allowed_tenants":["*"]}"#),
    ("PUT", "/settings/instance", "application/json", r#"{"issue_updates":["*"]}"#),
    ("PUT", "/settings/users/me", "application/json", r#"{"appearance":"*"}"#),
    ("PUT", "/settings/users/me", "text/plain", "*"),
    ("DELETE", "/settings/projects/*", "", ""),
    ("GET", "/settings/instance/changes?from=*", "", ""),
    ("GET", "/settings/projects/*/changes", "", ""),
    ("GET", "/my/settings?saved=*", "", ""),
    ("GET", "/site/settings?saved=*&from=*", "", ""),
    ("GET", "/site/projects/*/settings", "", ""),
    (
        "POST",
        "/my/settings",
        "application/x-www-form-urlencoded",
        "csrf=*&version=*&appearance=*&quiet_hours=*&last_project=*&*=*",
    ),
    (
        "POST",
        "/site/settings",
        "application/x-www-form-urlencoded",
        "csrf=*&version=*&comment_sync=*&allowed_tenants=*&*=*",
    ),
    ("POST", "/site/projects/*/settings", "application/x-www-form-urlencoded", "csrf=*&version=*"),
    ("POST", "/my/settings", "*/*", "*"),
    ("GET", "/connect?*=*", "", ""),
    ("GET", "/connect/atlassian/callback?state=*&code=*", "", ""),
    ("GET", "/connect/atlassian/callback?state=*&error=*&error_description=*", "", ""),
    ("GET", "/connect/microsoft/callback?state=*&code=*", "", ""),
    ("GET", "/connect/microsoft/callback?state=*&error=*&error_description=*", "", ""),
    ("POST", "/connect/site", "application/x-www-form-urlencoded", "state=*&csrf=*&site=*"),
    ("DELETE", "/me", "application/json", r#"{"*":"*"}"#),
    ("GET", "/me/ledger?*=*", "", ""),
    ("GET", "/receipts/*", "", ""),
    ("GET", "/me/data?from=*", "", ""),
    ("GET", "/me/data?from=1|*|*", "", ""),
    ("GET", "/my/data?from=*&*=*", "", ""),
    ("GET", "/my/ledger?provider=*&from=*", "", ""),
    ("POST", "/my/erasure", "application/x-www-form-urlencoded", "csrf=*&confirmed=*"),
    ("GET", "/inventory?*=*", "", ""),
    ("GET", "/connected?*=*", "", ""),
    ("GET", "/admin?*=*", "", ""),
    ("GET", "/setup?*=*", "", ""),
    ("GET", "/instance?*=*", "", ""),
    ("GET", "/instance/data?from=*", "", ""),
    ("DELETE", "/instance", "application/json", r#"{"siteHost":"*"}"#),
    ("DELETE", "/instance", "application/json", r#"{"siteHost":"*.atlassian.net"}"#),
    ("POST", "/admin/erasure", "application/x-www-form-urlencoded", "csrf=*&site_host=*"),
    ("POST", "/disconnect", "application/x-www-form-urlencoded", "csrf=*"),
    ("POST", "/jira/*/webhooks", "application/json", r#"{"*":"*"}"#),
    ("POST", "/jira/~/webhooks?triggeredByUser=*", "application/json", r#"{"webhookEvent":"*"}"#),
    ("POST", "/jira/~/webhooks", "application/json", "*"),
    ("POST", "/jira/forge/events", "application/json", "*"),
    ("POST", "/jira/forge/events?*=*", "application/json", r#"{"eventType":"*","*":"*"}"#),
    ("POST", "/teams/notifications", "application/json", "*"),
    ("POST", "/teams/notifications", "application/json", r#"{"value":["*"],"*":"*"}"#),
    (
        "POST",
        "/teams/lifecycle?chat=*",
        "application/json",
        r#"{"value":[{"lifecycleEvent":"*"}]}"#,
    ),
    ("POST", "/teams/messages", "application/json", "*"),
    ("POST", "/teams/messages?*=*", "application/json", r#"{"type":"message","text":"*","*":"*"}"#),
    (
        "POST",
        "/teams/messages",
        "application/json",
        r#"{"type":"invoke","name":"*","channelId":"msteams","serviceUrl":"https://*.example/*",
            "conversation":{"id":"a:1","name":"*"},"value":"*"}"#,
    ),
];

/// Headers in which a stranger can put a text.
const HEADERS: [&str; 15] = [
    "accept",
    "accept-language",
    "authorization",
    "idempotency-key",
    "if-match",
    "origin",
    "referer",
    "traceparent",
    "user-agent",
    "x-amzn-trace-id",
    "x-atlassian-webhook-identifier",
    "x-csrf-token",
    "x-forwarded-for",
    "x-hub-signature",
    "x-request-id",
];

/// Everybody knocks: somebody without a session, and somebody with one. No answer repeats a marker.
pub async fn knock(scene: &mut Scene) {
    for signed_in in [false, true] {
        for (method, path, kind, body) in KNOCKS {
            // With its token the person would really be disconnected or erased.
            let known = signed_in && !["/disconnect", "/me", "/my/erasure"].contains(path);
            let csrf = if known { Some(scene.browser.csrf().await) } else { None };
            let mark = |text: &str| marked(scene, text);
            let (path, kind, body) = (mark(path), mark(kind), mark(body));
            let headers: Vec<(&str, String)> =
                HEADERS.iter().map(|name| (*name, mark("Bearer *"))).collect();
            let mut stranger = scene.stack.browser();
            stranger.cookies.insert("__Host-tandem".to_owned(), mark("*"));
            stranger.cookies.insert("__Host-tandem-signin".to_owned(), mark("*"));
            let browser = if signed_in { &mut scene.browser } else { &mut stranger };
            let answer = browser.send(method, &path, |request| {
                let mut request = request.body(body);
                for (name, value) in headers {
                    request = match &csrf {
                        Some(csrf) if name == "x-csrf-token" => request.header(name, csrf),
                        _ => request.header(name, value),
                    };
                }
                if kind.is_empty() { request } else { request.header("content-type", kind) }
            });
            let answer = answer.await;
            assert!(answer.status < 500, "{method} {path}: {answer:?}");
            let repeated = scene.markers.in_text(&answer.body);
            assert!(repeated.is_empty(), "{method} {path} repeats {repeated:?}: {answer:?}");
        }
    }
    handshake(scene).await;
    for vendor in ["atlassian", "microsoft"] {
        for outcome in
            ["error=*&error_description=*", "error=access_denied&error_description=*", "code=*"]
        {
            returned_with(scene, vendor, outcome).await;
        }
    }
    scene.stack.settled_in_time().await;
}

/// `*` becomes a marker, `@` the issue, `~` the site.
fn marked(scene: &Scene, text: &str) -> String {
    let mut made = String::new();
    let text = text.replace("/@/", &format!("/{ISSUE}/")).replace('~', CLOUD);
    for (index, part) in text.split('*').enumerate() {
        if index > 0 {
            made.push_str(&scene.markers.at("a stranger's request"));
        }
        made.push_str(part);
    }
    made
}

/// The one thing that is repeated: the token of Graph's validation.
async fn handshake(scene: &Scene) {
    for path in ["/teams/notifications", "/teams/lifecycle"] {
        let token = scene.markers.at("a validation token");
        let sent = scene.stack.request("POST", &format!("{path}?validationToken={token}"));
        assert_eq!(sent.send().await.unwrap().text().await.unwrap(), token);
    }
}

/// A browser comes back from a vendor with its true state, and with this.
async fn returned_with(scene: &mut Scene, vendor: &str, outcome: &str) {
    let mut browser: Browser = scene.stack.browser();
    let begun = browser.get("/connect").await;
    let mut at = begun.location.unwrap();
    if vendor == "microsoft" {
        let back = browser.get(&format!("{at}&login_as={}", scene.ada.account)).await;
        at = browser.get(&back.location.unwrap()).await.location.unwrap();
    }
    let url = url::Url::parse(&at).unwrap();
    let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let outcome = marked(scene, outcome);
    let page = browser.get(&format!("/connect/{vendor}/callback?state={state}&{outcome}")).await;
    assert!((400..500).contains(&page.status) || page.status == 502, "{outcome}: {page:?}");
    assert!(scene.markers.in_text(&page.body).is_empty(), "{}", page.body);
    // Used up: what was true is of no more use than what was invented.
    let again = browser.get(&format!("/connect/{vendor}/callback?state={state}&code=1")).await;
    assert_eq!(again.status, 400, "{}", json!(again.body));
}
