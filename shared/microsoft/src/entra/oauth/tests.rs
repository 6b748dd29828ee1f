use std::collections::HashMap;

use serde_json::{Value, json};
use tandem_domain::{ManualClock, ObjectId, SignInReason, TenantId, Timestamp};

use super::*;
use crate::testing::{FakeVendor, TestKey, fixture, form};

const TENANT: &str = "0e3419f7-4c4d-47e7-b98a-7b9b9de02b80";
const USER: &str = "48d31887-5fad-4d73-a9f5-3c356e68a038";
const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

fn client(login_base: Url, authority: &str) -> EntraOAuth {
    let config = EntraConfig {
        login_base,
        authority: authority.to_owned(),
        client_id: "the-app".to_owned(),
        client_secret: Arc::new(Secret::new("the app's secret".to_owned())),
        redirect_uri: Url::parse("https://tandem.example/connect/microsoft").unwrap(),
        scopes: ["openid", "profile", "offline_access", "Chat.Create"].map(String::from).to_vec(),
    };
    EntraOAuth::new(reqwest::Client::new(), config, Arc::new(ManualClock::at(NOW)))
}

fn subject() -> Subject {
    Subject::Microsoft(TenantId::parse(TENANT).unwrap(), ObjectId::parse(USER).unwrap())
}

#[test]
fn the_challenge_is_the_one_of_the_standards_example() {
    // RFC 7636, appendix B.
    let verifier = Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned());
    assert_eq!(code_challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

#[test]
fn the_sign_in_page_is_asked_for_a_code() {
    for base in ["https://login.microsoftonline.com", "https://login.microsoftonline.com/"] {
        let url = client(Url::parse(base).unwrap(), "organizations").authorize_url("s&", "n", "c");
        assert_eq!(
            &url[..url::Position::AfterPath],
            "https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize"
        );
        let asked: HashMap<_, _> = url.query_pairs().into_owned().collect();
        for (name, value) in [
            ("client_id", "the-app"),
            ("response_type", "code"),
            ("redirect_uri", "https://tandem.example/connect/microsoft"),
            ("scope", "openid profile offline_access Chat.Create"),
            ("state", "s&"),
            ("nonce", "n"),
            ("code_challenge", "c"),
            ("code_challenge_method", "S256"),
            ("prompt", "select_account"),
        ] {
            assert_eq!(asked[name], value, "{name}");
        }
        assert!(!url.as_str().contains("secret"));
    }
}

#[tokio::test]
async fn a_code_is_exchanged_with_its_verifier() {
    let vendor = FakeVendor::start().await;
    let answer = fixture("oauth/token-responses/entra-docs-authcode-token-success.json")
        .map_or_else(
            || json!({"access_token": "a", "refresh_token": "r", "id_token": "i", "expires_in": 3599}),
            |body| serde_json::from_slice::<Value>(&body).unwrap(),
        );
    vendor.answer("POST", "/organizations/oauth2/v2.0/token", 200, answer.clone());
    let signed_in = client(vendor.url("/"), "organizations")
        .exchange(&AuthorizationCode::new("c0de".into()), &Secret::new("verifier".into()))
        .await
        .unwrap();
    assert_eq!(signed_in.tokens.access.expose("test"), answer["access_token"]);
    assert_eq!(signed_in.tokens.refresh.expose("test"), answer["refresh_token"]);
    assert_eq!(signed_in.id_token.expose("test"), answer["id_token"]);
    assert_eq!(signed_in.tokens.expires_at, NOW.plus(Duration::from_secs(3599)));

    let request = &vendor.requests()[0];
    assert!(request.header("user-agent").starts_with("tandem/"));
    let sent = form(&request.body);
    for (name, value) in [
        ("grant_type", "authorization_code"),
        ("code", "c0de"),
        ("code_verifier", "verifier"),
        ("client_id", "the-app"),
        ("client_secret", "the app's secret"),
        ("redirect_uri", "https://tandem.example/connect/microsoft"),
    ] {
        assert_eq!(sent[name], value, "{name}");
    }
}

#[tokio::test]
async fn a_sign_in_without_refresh_or_id_token_is_an_operators_matter() {
    for (missing, code) in [("refresh_token", "no_refresh_token"), ("id_token", "no_id_token")] {
        let vendor = FakeVendor::start().await;
        let mut answer = json!({
            "access_token": "a", "refresh_token": "r", "id_token": "i", "expires_in": 3599
        });
        answer.as_object_mut().unwrap().remove(missing);
        vendor.answer("POST", "/organizations/oauth2/v2.0/token", 200, answer);
        let refused = client(vendor.url("/"), "organizations")
            .exchange(&AuthorizationCode::new("c".into()), &Secret::new("v".into()))
            .await
            .unwrap_err();
        assert_eq!(refused, misconfigured(code));
    }
}

#[tokio::test]
async fn a_refresh_goes_to_the_persons_own_tenant() {
    let vendor = FakeVendor::start().await;
    let path = format!("/{TENANT}/oauth2/v2.0/token");
    let entra = client(vendor.url("/"), "organizations");
    let old = RefreshToken::new("old".into());
    for (answered, kept) in [(Some("new"), "new"), (None, "old")] {
        let answer = json!({"access_token": "a", "refresh_token": answered, "expires_in": 60});
        vendor.answer("POST", &path, 200, answer);
        let tokens = entra.refresh(&subject(), &old).await.unwrap();
        assert_eq!(tokens.refresh.expose("test"), kept);
        assert_eq!(tokens.expires_at, NOW.plus(Duration::from_mins(1)));
    }
    let sent = form(&vendor.requests()[0].body);
    assert_eq!((&*sent["grant_type"], &*sent["refresh_token"]), ("refresh_token", "old"));
}

#[tokio::test]
async fn refusals_and_outages_are_told_apart() {
    let vendor = FakeVendor::start().await;
    let path = format!("/{TENANT}/oauth2/v2.0/token");
    let entra = client(vendor.url("/"), "organizations");
    let token = RefreshToken::new("t".into());
    let after = Some(Duration::from_secs(9));
    for (status, body, meaning) in [
        (
            400,
            json!({"error": "invalid_grant", "error_codes": [50173]}),
            IssuerError::Refused(SignInReason::Revoked),
        ),
        (
            400,
            json!({"error": "invalid_scope", "error_codes": [70011]}),
            IssuerError::Refused(SignInReason::ConsentMissing),
        ),
        (429, json!({}), IssuerError::Unavailable { retry_after: after }),
        (200, json!({"access_token": "a"}), misconfigured("unreadable_answer")),
        (401, json!({"error": "invalid_client"}), misconfigured("invalid_client")),
    ] {
        vendor.answer_after("POST", &path, status, Some(9), body);
        assert_eq!(entra.refresh(&subject(), &token).await.unwrap_err(), meaning, "{status}");
    }
    let gone = client(Url::parse("http://127.0.0.1:1").unwrap(), "organizations");
    let unavailable = IssuerError::Unavailable { retry_after: None };
    assert_eq!(gone.refresh(&subject(), &token).await.unwrap_err(), unavailable);
    let atlassian = Subject::Atlassian(tandem_domain::AccountId::parse("712020:1").unwrap());
    let wrong = entra.refresh(&atlassian, &token).await.unwrap_err();
    assert_eq!(wrong, misconfigured("wrong_provider"));
}

#[tokio::test]
async fn the_client_knows_whose_id_tokens_to_believe() {
    let vendor = FakeVendor::start().await;
    let key = TestKey::shared();
    let entra = client(vendor.url("/"), TENANT);
    let keys_url = EntraOAuth::keys_url(&entra.config).unwrap();
    assert_eq!(keys_url.path(), format!("/{TENANT}/discovery/v2.0/keys"));
    vendor.answer("GET", keys_url.path(), 200, json!({"keys": [key.jwk()]}));
    let keys = KeySet::new(reqwest::Client::new(), keys_url, Arc::new(ManualClock::at(NOW)));
    let nonce = Secret::new("n0nce".into());
    let other = "0c60ce18-654d-441a-badf-14404098f38e";
    for (tenant, believed) in [(TENANT, true), (other, false)] {
        let token = Secret::new(key.sign(&json!({
            "iss": format!("{}{tenant}/v2.0", vendor.url("/")), "aud": "the-app",
            "tid": tenant, "oid": USER, "nonce": "n0nce",
            "exp": NOW.as_secs() + 60, "nbf": NOW.as_secs(),
        })));
        assert_eq!(entra.verify(&token, &keys, &nonce).await.is_ok(), believed, "{tenant}");
    }
}

#[test]
fn nothing_of_the_secret_prints() {
    let printed = format!("{:?}", client(Url::parse("https://x").unwrap(), "organizations"));
    assert!(!printed.contains("the app's secret"), "{printed}");
}
