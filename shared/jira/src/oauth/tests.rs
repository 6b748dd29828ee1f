use serde_json::{Value, json};
use tandem_domain::{AccountId, ManualClock, ObjectId, TenantId, Timestamp};

use super::*;
use crate::fake::{Fake, Told, shared_json};

const NOW: i64 = 1_790_000_000;

fn oauth(auth_base: Url) -> AtlassianOAuth {
    let config = OAuthConfig {
        auth_base,
        client_id: "the-client".to_owned(),
        client_secret: Arc::new(Secret::new("open-sesame-client".to_owned())),
        redirect_uri: Url::parse("https://tandem.example.com/connect/atlassian").unwrap(),
        scopes: DEFAULT_SCOPES.iter().map(|scope| (*scope).to_owned()).collect(),
    };
    let clock = ManualClock::at(Timestamp::from_secs(NOW));
    AtlassianOAuth::new(reqwest::Client::new(), config, Arc::new(clock))
}

fn subject() -> Subject {
    Subject::Atlassian(AccountId::parse("5be24ad8b1653240376955d2").unwrap())
}

async fn refresh(told: Told) -> (Result<TokenSet, IssuerError>, Fake) {
    let fake = Fake::start(vec![told]).await;
    let refresh = RefreshToken::new("open-sesame-old".to_owned());
    (oauth(fake.base()).refresh(&subject(), &refresh).await, fake)
}

fn tokens() -> Value {
    json!({
        "access_token": "open-sesame-access",
        "refresh_token": "open-sesame-new",
        "expires_in": 3600,
        "token_type": "Bearer",
        "scope": "read:jira-work offline_access"
    })
}

#[test]
fn the_browser_is_sent_to_ask_for_consent() {
    let base = Url::parse("https://auth.atlassian.com").unwrap();
    let url = oauth(base).authorize_url("a b&c", &[]);
    assert_eq!(url.host_str(), Some("auth.atlassian.com"));
    assert_eq!(url.path(), "/authorize");
    let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        query,
        [
            pair("audience", "api.atlassian.com"),
            pair("client_id", "the-client"),
            pair("scope", &DEFAULT_SCOPES.join(" ")),
            pair("redirect_uri", "https://tandem.example.com/connect/atlassian"),
            pair("state", "a b&c"),
            pair("response_type", "code"),
            pair("prompt", "consent"),
        ]
    );
    let base = Url::parse("https://auth.atlassian.com").unwrap();
    let besides = oauth(base).authorize_url("s", &[WEBHOOK_SCOPE]);
    let scope = besides.query_pairs().find(|(name, _)| name == "scope").unwrap().1.into_owned();
    assert_eq!(scope, format!("{} manage:jira-webhook", DEFAULT_SCOPES.join(" ")));
}

#[tokio::test]
async fn a_code_becomes_tokens() {
    let fake = Fake::start(vec![Told::new(200, &tokens())]).await;
    let code = AuthorizationCode::new("open-sesame-code".to_owned());
    let set = oauth(fake.base()).exchange(&code).await.unwrap();
    assert_eq!(set.access.expose("the test compares it"), "open-sesame-access");
    assert_eq!(set.refresh.expose("the test compares it"), "open-sesame-new");
    assert_eq!(set.expires_at, Timestamp::from_secs(NOW + 3600));

    let request = fake.only_request();
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/sandbox/oauth/token"));
    assert_eq!(request.header("content-type"), "application/json");
    assert_eq!(
        request.json(),
        json!({
            "grant_type": "authorization_code",
            "client_id": "the-client",
            "client_secret": "open-sesame-client",
            "code": "open-sesame-code",
            "redirect_uri": "https://tandem.example.com/connect/atlassian"
        })
    );
}

#[tokio::test]
async fn a_refresh_token_becomes_the_next_ones() {
    let (outcome, fake) = refresh(Told::new(200, &tokens())).await;
    assert_eq!(outcome.unwrap().refresh.expose("the test compares it"), "open-sesame-new");
    assert_eq!(
        fake.only_request().json(),
        json!({
            "grant_type": "refresh_token",
            "client_id": "the-client",
            "client_secret": "open-sesame-client",
            "refresh_token": "open-sesame-old"
        })
    );
}

#[tokio::test]
async fn each_refusal_says_who_can_mend_it() {
    let refused = |error: &str, description: &str| {
        Told::new(403, &json!({"error": error, "error_description": description}))
    };
    let unavailable =
        |secs: Option<u64>| IssuerError::Unavailable { retry_after: secs.map(Duration::from_secs) };
    for (told, expected) in [
        (
            refused("invalid_grant", "Unknown or invalid refresh token."),
            IssuerError::Refused(SignInReason::Revoked),
        ),
        (
            refused("invalid_grant", "The refresh token has expired."),
            IssuerError::Refused(SignInReason::Expired),
        ),
        (
            refused("unauthorized_client", "refresh_token is invalid"),
            IssuerError::Refused(SignInReason::Revoked),
        ),
        (
            refused("unauthorized_client", "client is not allowed"),
            misconfigured("unauthorized_client"),
        ),
        (
            refused("invalid_scope", "The requested scope exceeds the scope granted"),
            IssuerError::Refused(SignInReason::ConsentMissing),
        ),
        (Told::new(401, &json!({"error": "access_denied"})), misconfigured("access_denied")),
        (Told::new(400, &json!({"error": "Open Sesame!"})), misconfigured("unreadable_refusal")),
        (Told::raw(403, "<html>open-sesame"), misconfigured("unreadable_refusal")),
        (Told::raw(429, "slow").header("retry-after", "30"), unavailable(Some(30))),
        (Told::raw(503, "down"), unavailable(None)),
        (Told::raw(200, "{\"access_token\": 1}"), misconfigured("unreadable_answer")),
        (
            Told::new(200, &json!({"access_token": "open-sesame", "expires_in": 1})),
            misconfigured("no_refresh_token"),
        ),
    ] {
        let (outcome, fake) = refresh(told).await;
        let error = outcome.unwrap_err();
        assert_eq!(error, expected);
        assert!(!format!("{error} {error:?}").contains("sesame"), "{error:?}");
        assert_eq!(fake.requests().len(), 1, "a single-use token is sent once");
    }
}

#[tokio::test]
async fn a_scope_that_is_refused_at_a_sign_in_is_an_operators_matter() {
    let told = Told::new(403, &json!({"error": "invalid_scope"}));
    let fake = Fake::start(vec![told]).await;
    let code = AuthorizationCode::new("open-sesame".to_owned());
    let error = oauth(fake.base()).exchange(&code).await.unwrap_err();
    assert_eq!(error, misconfigured("invalid_scope"));
}

#[tokio::test]
async fn captured_refusals_are_read() {
    for name in ["invalid_grant", "unauthorized_client"] {
        let file = format!("fixtures/oauth/token-responses/atlassian-refresh-{name}-403.json");
        let Some(captured) = shared_json(&file) else { return };
        let (outcome, _fake) = refresh(Told::new(403, &captured["body"])).await;
        assert_eq!(outcome.unwrap_err(), IssuerError::Refused(SignInReason::Revoked), "{name}");
    }
}

#[tokio::test]
async fn an_unreachable_server_is_unavailable() {
    let nobody = Url::parse("http://127.0.0.1:1").unwrap();
    let code = AuthorizationCode::new("open-sesame".to_owned());
    let error = oauth(nobody).exchange(&code).await.unwrap_err();
    assert_eq!(error, IssuerError::Unavailable { retry_after: None });
}

#[tokio::test]
async fn another_vendors_grant_is_not_sent() {
    let guid = "11223344-a1b2-3b33-c444-def123456789";
    let fake = Fake::start(vec![]).await;
    let subject =
        Subject::Microsoft(TenantId::parse(guid).unwrap(), ObjectId::parse(guid).unwrap());
    let refresh = RefreshToken::new("open-sesame".to_owned());
    let outcome = oauth(fake.base()).refresh(&subject, &refresh).await;
    assert_eq!(outcome.unwrap_err(), misconfigured("not_an_atlassian_grant"));
    assert!(fake.requests().is_empty());
}

#[test]
fn nothing_secret_is_printed() {
    let oauth = oauth(Url::parse("https://auth.atlassian.com").unwrap());
    assert!(!format!("{oauth:?}").contains("sesame"));
}
