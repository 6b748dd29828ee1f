//! Signing in: consent, codes, tokens, and what they reach.

use std::time::Duration;

use serde_json::{Value, json};
use url::Url;

use super::harness::{CALLBACK, SCOPES, Stack, answer, shared};

async fn authorize(stack: &Stack, change: &[(&str, &str)]) -> reqwest::Response {
    let mut query = vec![
        ("audience", "api.atlassian.com"),
        ("client_id", "tandem-client"),
        ("scope", "read:jira-work read:jira-user offline_access"),
        ("redirect_uri", CALLBACK),
        ("state", "a state & more"),
        ("response_type", "code"),
        ("prompt", "consent"),
    ];
    for (name, value) in change {
        query.retain(|(known, _)| known != name);
        query.push((name, value));
    }
    let url = format!("{}/sandbox/atlassian/login/authorize", stack.base);
    stack.http.get(url).query(&query).send().await.unwrap()
}

/// The parameters of the callback that the browser is sent to.
async fn callback(stack: &Stack, change: &[(&str, &str)]) -> Vec<(String, String)> {
    let response = authorize(stack, change).await;
    assert_eq!(response.status(), 302);
    let location = Url::parse(response.headers()["location"].to_str().unwrap()).unwrap();
    assert!(location.as_str().starts_with(CALLBACK));
    location.query_pairs().into_owned().collect()
}

async fn code(stack: &Stack) -> String {
    let user = stack.demo.users[1].as_str();
    callback(stack, &[("login_as", user)]).await[0].1.clone()
}

async fn token(stack: &Stack, change: Value) -> (u16, Value) {
    let mut body = json!({"client_id": "tandem-client", "client_secret": "tandem-secret"});
    for (name, value) in change.as_object().unwrap() {
        body[name] = value.clone();
    }
    let url = format!("{}/sandbox/atlassian/login/oauth/token", stack.base);
    answer(stack.http.post(url).json(&body).send().await.unwrap()).await
}

async fn exchange(stack: &Stack, code: &str) -> (u16, Value) {
    let body = json!({"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK});
    token(stack, body).await
}

async fn renew(stack: &Stack, refresh: &Value) -> (u16, Value) {
    token(stack, json!({"grant_type": "refresh_token", "refresh_token": refresh})).await
}

#[tokio::test]
async fn the_page_offers_the_users_and_asks_for_consent() {
    let stack = Stack::start().await;
    let response = authorize(&stack, &[]).await;
    assert_eq!(response.status(), 200);
    let page = response.text().await.unwrap();
    for user in &stack.demo.users {
        assert!(page.contains(&format!("value=\"{user}\"")));
    }
    assert!(page.contains("name=\"state\" value=\"a state &amp; more\""));
    assert!(page.contains("value=\"accept\"") && page.contains("value=\"deny\""));
}

#[tokio::test]
async fn a_request_that_atlassian_would_refuse_goes_nowhere() {
    let stack = Stack::start().await;
    for (name, value) in [
        ("client_id", "another"),
        ("redirect_uri", "http://127.0.0.1:1/elsewhere"),
        ("audience", "somebody"),
        ("response_type", "token"),
        ("prompt", "none"),
        ("scope", " "),
        ("state", ""),
        ("login_as", "nobody"),
    ] {
        let response = authorize(&stack, &[(name, value)]).await;
        assert_eq!(response.status(), 400, "{name}");
        assert!(response.headers().get("location").is_none(), "{name}");
    }
}

#[tokio::test]
async fn consent_gives_a_code_and_denial_an_error() {
    let stack = Stack::start().await;
    let user = stack.demo.users[0].as_str();
    let given = callback(&stack, &[("login_as", user)]).await;
    assert_eq!(given[0].0, "code");
    assert_eq!(given[1], ("state".to_owned(), "a state & more".to_owned()));
    let denied = callback(&stack, &[("login_as", user), ("decision", "deny")]).await;
    assert_eq!(denied[0], ("error".to_owned(), "access_denied".to_owned()));
    assert_eq!(denied[2].0, "state");
}

#[tokio::test]
async fn a_code_is_good_once_and_for_ten_minutes() {
    let stack = Stack::start().await;
    let first = code(&stack).await;
    let (status, tokens) = exchange(&stack, &first).await;
    assert_eq!(status, 200);
    assert_eq!(tokens["expires_in"], 3600);
    assert_eq!(tokens["scope"], "read:jira-work read:jira-user offline_access");
    assert!(tokens["refresh_token"].is_string());
    let (status, error) = exchange(&stack, &first).await;
    assert_eq!((status, error["error"].as_str()), (403, Some("invalid_grant")));

    let late = code(&stack).await;
    stack.clock.advance(Duration::from_mins(10));
    assert_eq!(exchange(&stack, &late).await.0, 403);
}

#[tokio::test]
async fn token_requests_are_checked() {
    let stack = Stack::start().await;
    let code = code(&stack).await;
    for (change, status, error) in [
        (json!({"client_secret": "wrong"}), 401, "access_denied"),
        (json!({"client_id": "wrong"}), 401, "access_denied"),
        (json!({"grant_type": "password"}), 403, "unsupported_grant_type"),
        (json!({"grant_type": "authorization_code"}), 400, "invalid_request"),
        (json!({"grant_type": "refresh_token"}), 400, "invalid_request"),
        (
            json!({"grant_type": "authorization_code", "code": code, "redirect_uri": "x:y"}),
            403,
            "invalid_grant",
        ),
    ] {
        let (got, body) = token(&stack, change.clone()).await;
        assert_eq!((got, body["error"].as_str()), (status, Some(error)), "{change}");
    }
    let url = format!("{}/sandbox/atlassian/login/oauth/token", stack.base);
    let form = stack.http.post(url).form(&[("grant_type", "refresh_token")]).send().await.unwrap();
    assert_eq!(form.status(), 400);
}

#[tokio::test]
async fn refresh_tokens_rotate() {
    let stack = Stack::start().await;
    let (_, first) = exchange(&stack, &code(&stack).await).await;
    let (status, second) = renew(&stack, &first["refresh_token"]).await;
    assert_eq!(status, 200);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    let reused = renew(&stack, &first["refresh_token"]).await;
    if let Some(fixture) =
        shared("fixtures/oauth/token-responses/atlassian-refresh-invalid_grant-403.json")
    {
        assert_eq!((json!(reused.0), &reused.1), (fixture["status"].clone(), &fixture["body"]));
    }
    assert_eq!(renew(&stack, &second["refresh_token"]).await.0, 200);

    stack.sandbox.revoke_grants(&stack.demo.users[1]);
    let ended = renew(&stack, &second["refresh_token"]).await;
    if let Some(fixture) =
        shared("fixtures/oauth/token-responses/atlassian-refresh-unauthorized_client-403.json")
    {
        assert_eq!((json!(ended.0), &ended.1), (fixture["status"].clone(), &fixture["body"]));
    }
}

#[tokio::test]
async fn refresh_tokens_end_when_idle() {
    let stack = Stack::start().await;
    let (_, tokens) = exchange(&stack, &code(&stack).await).await;
    stack.clock.advance(Duration::from_hours(90 * 24));
    assert_eq!(renew(&stack, &tokens["refresh_token"]).await.0, 403);
}

#[tokio::test]
async fn a_leeway_lets_a_used_refresh_token_pass_for_a_while() {
    let stack =
        Stack::start_with(|options| options.reuse_leeway = Some(Duration::from_mins(10))).await;
    let (_, tokens) = exchange(&stack, &code(&stack).await).await;
    assert_eq!(renew(&stack, &tokens["refresh_token"]).await.0, 200);
    assert_eq!(renew(&stack, &tokens["refresh_token"]).await.0, 200);
    stack.clock.advance(Duration::from_mins(10));
    assert_eq!(renew(&stack, &tokens["refresh_token"]).await.0, 403);
}

#[tokio::test]
async fn without_offline_access_there_is_no_refresh_token() {
    let stack = Stack::start().await;
    let user = stack.demo.users[1].as_str();
    let change = [("login_as", user), ("scope", "read:jira-work")];
    let code = callback(&stack, &change).await[0].1.clone();
    let (status, tokens) = exchange(&stack, &code).await;
    assert_eq!(status, 200);
    assert!(tokens.get("refresh_token").is_none());
}

#[tokio::test]
async fn an_access_token_reaches_the_sites_consented_to_for_an_hour() {
    let stack = Stack::start().await;
    stack.sandbox.add_site("other-site", "other.atlassian.net", "");
    stack.sandbox.add_member("other-site", &stack.demo.users[1], false);
    let user = stack.demo.users[1].as_str();
    for (change, sites) in
        [(vec![("login_as", user)], 2), (vec![("login_as", user), ("site", "other-site")], 1)]
    {
        let code = callback(&stack, &change).await[0].1.clone();
        let (_, tokens) = exchange(&stack, &code).await;
        let token = tokens["access_token"].as_str().unwrap();
        let url = format!("{}/sandbox/atlassian/api/oauth/token/accessible-resources", stack.base);
        let request = || stack.http.get(&url).bearer_auth(token).send();
        let (status, body) = answer(request().await.unwrap()).await;
        assert_eq!((status, body.as_array().unwrap().len()), (200, sites));
        assert_eq!(body[0]["scopes"], json!(["read:jira-work", "read:jira-user"]));
        let myself = format!("{}/myself", stack.rest());
        let status = stack.http.get(myself).bearer_auth(token).send().await.unwrap().status();
        assert_eq!(status, if sites == 2 { 200 } else { 404 });
        stack.clock.advance(Duration::from_hours(1));
        assert_eq!(request().await.unwrap().status(), 401);
    }
}

#[tokio::test]
async fn calls_without_a_token_or_scope_are_refused() {
    let stack = Stack::start().await;
    let url = format!("{}/myself", stack.rest());
    let (status, body) = answer(stack.http.get(&url).send().await.unwrap()).await;
    assert_eq!((status, body), (401, json!({"code": 401, "message": "Unauthorized"})));
    let (token, refresh) = stack.sandbox.issue_tokens(&stack.demo.users[0], &["read:jira-work"]);
    assert_eq!(refresh, "");
    let (status, body) =
        answer(stack.http.get(&url).bearer_auth(token).send().await.unwrap()).await;
    assert_eq!(status, 401);
    assert_eq!(body["message"], "Unauthorized; scope does not match");
}

#[tokio::test]
async fn personal_data_reports_say_who_is_gone_or_changed() {
    let stack = Stack::start().await;
    let token = stack.sandbox.issue_tokens(&stack.demo.users[0], SCOPES).0;
    let url = format!("{}/sandbox/atlassian/api/app/report-accounts/", stack.base);
    let report = |accounts: Value| {
        stack.http.post(&url).bearer_auth(&token).json(&json!({"accounts": accounts})).send()
    };
    stack.sandbox.close_user(&stack.demo.users[1]);
    let of = |id: &str, at: &str| json!({"accountId": id, "updatedAt": at});
    let accounts = json!([
        of(&stack.demo.users[0], "2020-01-01T00:00:00.000Z"),
        of(&stack.demo.users[1], "2030-01-01T00:00:00.000Z"),
        of(&stack.demo.users[2], "2030-01-01T00:00:00.000Z"),
        of("5be24ad8b1653240376955d2", "2020-01-01T00:00:00.000Z"),
        of("5be24ba3f91c106033269289", "2020-01-01T00:00:00.000Z"),
    ]);
    let response = report(accounts).await.unwrap();
    assert_eq!(response.headers()["cycle-period"], "P7D");
    let (status, body) = answer(response).await;
    assert_eq!(status, 200);
    let expected = json!([
        {"accountId": stack.demo.users[0], "status": "updated"},
        {"accountId": stack.demo.users[1], "status": "closed"},
        {"accountId": "5be24ba3f91c106033269289", "status": "closed"},
    ]);
    assert_eq!(body["accounts"], expected);
    let nothing = json!([of("5be24ad8b1653240376955d2", "2020-01-01T00:00:00.000Z")]);
    assert_eq!(report(nothing).await.unwrap().status(), 204);
    let many = vec![of("a", "2020-01-01T00:00:00.000Z"); 91];
    assert_eq!(report(json!(many)).await.unwrap().status(), 400);
    assert_eq!(report(json!([of("a", "yesterday")])).await.unwrap().status(), 400);
}
