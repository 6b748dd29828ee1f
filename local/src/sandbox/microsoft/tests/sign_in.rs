//! Signing in and getting tokens.

use std::collections::HashMap;

use aws_lc_rs::{
    digest,
    signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use url::Url;

use super::*;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const SCOPES: &str = "openid profile offline_access https://graph.microsoft.com/Chat.Create";

impl World {
    /// Opens the authorize page with the usual parameters, each of `changes` replaced or (empty)
    /// left out.
    async fn authorize(&self, changes: &[(&str, &str)]) -> (u16, HashMap<String, String>, String) {
        let challenge =
            URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, VERIFIER.as_bytes()));
        let mut parameters = HashMap::from([
            ("client_id", CLIENT),
            ("redirect_uri", REDIRECT),
            ("response_type", "code"),
            ("scope", SCOPES),
            ("state", "st&te"),
            ("nonce", "n-1"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("login_as", ROBIN),
        ]);
        parameters.extend(changes.iter().copied());
        parameters.retain(|_, value| !value.is_empty());
        let url = format!("{}/entra/organizations/oauth2/v2.0/authorize", self.base);
        let answer = self.http.get(url).query(&parameters).send().await.unwrap();
        let status = answer.status().as_u16();
        let location = answer.headers().get("location").map(|it| it.to_str().unwrap().to_owned());
        let back = location.map(|it| {
            assert!(it.starts_with(REDIRECT));
            Url::parse(&it).unwrap().query_pairs().into_owned().collect()
        });
        (status, back.unwrap_or_default(), answer.text().await.unwrap())
    }

    async fn code(&self) -> String {
        self.authorize(&[]).await.1["code"].clone()
    }

    /// Asks for tokens; `changes` as above.
    async fn tokens(&self, changes: &[(&str, &str)]) -> Answer {
        let mut form = HashMap::from([("client_id", CLIENT), ("client_secret", SECRET)]);
        form.extend(changes.iter().copied());
        form.retain(|_, value| !value.is_empty());
        let url = format!("{}/entra/{TENANT}/oauth2/v2.0/token", self.base);
        Answer::read(self.http.post(url).form(&form)).await
    }

    async fn redeem(&self, code: &str, changes: &[(&str, &str)]) -> Answer {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ];
        form.extend(changes);
        self.tokens(&form).await
    }

    async fn refresh(&self, token: &str) -> Answer {
        self.tokens(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }
}

fn number(answer: &Answer) -> (u16, &str, i64) {
    let error = answer.body["error"].as_str().unwrap_or("-");
    (answer.status, error, answer.body["error_codes"][0].as_i64().unwrap_or(0))
}

#[tokio::test]
async fn a_person_signs_in_and_the_app_gets_verifiable_tokens() {
    let world = World::new().await;
    let (status, back, _) = world.authorize(&[]).await;
    assert_eq!((status, back["state"].as_str()), (302, "st&te"));
    let answer = world.redeem(&back["code"], &[]).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    assert_eq!(answer.body["scope"], "openid profile Chat.Create");
    assert_eq!(answer.body["expires_in"], 3599);

    let token = answer.body["id_token"].as_str().unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
    let header: Value = serde_json::from_slice(&decode(parts[0])).unwrap();
    let claims: Value = serde_json::from_slice(&decode(parts[1])).unwrap();

    let issuer = format!("{}/entra/{TENANT}/v2.0", world.base);
    let metadata = format!("{issuer}/.well-known/openid-configuration");
    let metadata = Answer::read(world.http.get(metadata)).await.body;
    assert_eq!(metadata["issuer"], issuer.as_str());
    let keys = Answer::read(world.http.get(metadata["jwks_uri"].as_str().unwrap())).await.body;
    let key = &keys["keys"][0];
    assert_eq!(key["kid"], header["kid"]);
    assert_eq!(header["alg"], "RS256");
    let (n, e) = (decode(key["n"].as_str().unwrap()), decode(key["e"].as_str().unwrap()));
    let signed = format!("{}.{}", parts[0], parts[1]);
    RsaPublicKeyComponents { n, e }
        .verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &decode(parts[2]))
        .unwrap();

    for (name, value) in [
        ("iss", json!(issuer)),
        ("aud", json!(CLIENT)),
        ("iat", json!(NOW / 1000)),
        ("nbf", json!(NOW / 1000)),
        ("exp", json!(NOW / 1000 + 3600)),
        ("nonce", json!("n-1")),
        ("oid", json!(ROBIN)),
        ("tid", json!(TENANT)),
        ("ver", json!("2.0")),
        ("name", json!("Robin Kline")),
        ("preferred_username", json!("robin.kline@2432b57b.onmicrosoft.example")),
    ] {
        assert_eq!(claims[name], value, "{name}");
    }
    assert!(claims["sub"].is_string());
    assert_ne!(claims["sub"], claims["oid"]);
}

#[tokio::test]
async fn the_page_offers_everybody_and_a_way_out() {
    let world = World::new().await;
    let (status, _, page) = world.authorize(&[("login_as", "")]).await;
    assert_eq!(status, 200);
    assert!(page.contains("Robin Kline") && page.contains(ALEX));
    assert!(page.contains("Alex &lt;b&gt;Wilber") && !page.contains("<b>Wilber"));
    let (_, back, _) = world.authorize(&[("login_as", "deny")]).await;
    assert_eq!(back["error"], "access_denied");
    assert!(back["error_description"].starts_with("AADSTS65004"));
}

#[tokio::test]
async fn an_untrusted_request_is_shown_and_a_faulty_one_sent_back() {
    let world = World::new().await;
    for (change, number) in [
        (("client_id", "another"), "AADSTS700016"),
        (("client_id", ""), "AADSTS900144"),
        (("redirect_uri", "http://evil.test/"), "AADSTS50011"),
        (("login_as", "nobody"), "AADSTS50034"),
    ] {
        let (status, back, page) = world.authorize(&[change]).await;
        assert_eq!((status, back.len()), (400, 0), "{change:?}");
        assert!(page.contains(number), "{change:?}");
    }
    for (change, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("scope", ""), "invalid_request"),
        (("scope", "https://foo.microsoft.com/mail.read"), "invalid_scope"),
        (("nonce", ""), "invalid_request"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("response_mode", "form_post"), "invalid_request"),
    ] {
        let (status, back, _) = world.authorize(&[change]).await;
        assert_eq!((status, back["error"].as_str()), (302, error), "{change:?}");
        assert_eq!(back["state"], "st&te");
    }
}

#[tokio::test]
async fn a_code_is_redeemed_once_by_the_app_it_was_given_to() {
    let world = World::new().await;
    for (change, expected) in [
        (("client_secret", "wrong"), (401, "invalid_client", 7_000_215)),
        (("client_secret", ""), (401, "invalid_client", 7_000_218)),
        (("client_id", "another"), (400, "unauthorized_client", 700_016)),
        (("code_verifier", "wrong"), (400, "invalid_grant", 501_481)),
        (("code_verifier", ""), (400, "invalid_request", 900_144)),
        (("redirect_uri", "http://127.0.0.1/"), (400, "invalid_grant", 500_112)),
        (("code", "unknown"), (400, "invalid_grant", 70000)),
        (("grant_type", "password"), (400, "unsupported_grant_type", 70003)),
    ] {
        let code = world.code().await;
        assert_eq!(number(&world.redeem(&code, &[change]).await), expected, "{change:?}");
    }
    let code = world.code().await;
    assert_eq!(world.redeem(&code, &[]).await.status, 200);
    assert_eq!(number(&world.redeem(&code, &[]).await), (400, "invalid_grant", 54005));
    let code = world.code().await;
    world.clock.advance(Duration::from_secs(601));
    let late = world.redeem(&code, &[]).await;
    assert_eq!(number(&late), (400, "invalid_grant", 70008));
    let description = late.body["error_description"].as_str().unwrap();
    assert!(description.starts_with("AADSTS70008: ") && description.contains("\r\nTrace ID: "));
}

#[tokio::test]
async fn scopes_decide_which_tokens_come() {
    let world = World::new().await;
    for (scope, refresh, id, oid) in [
        ("openid profile offline_access User.Read", true, true, true),
        ("openid User.Read", false, true, false),
        ("User.Read offline_access", true, false, false),
    ] {
        let code = world.authorize(&[("scope", scope)]).await.1["code"].clone();
        let body = world.redeem(&code, &[]).await.body;
        assert_eq!(body["refresh_token"].is_string(), refresh, "{scope}");
        assert_eq!(body["id_token"].is_string(), id, "{scope}");
        if let Some(token) = body["id_token"].as_str() {
            let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
            let claims: Value = serde_json::from_slice(&claims).unwrap();
            assert_eq!(claims["oid"].is_string(), oid, "{scope}");
        }
    }
}

#[tokio::test]
async fn a_refresh_token_is_renewed_and_the_old_one_lives_on() {
    let world = World::new().await;
    let (_, first) = world.sandbox.issue_tokens(TENANT, ROBIN, &["User.Read", "offline_access"]);
    let renewed = world.refresh(&first).await;
    let second = renewed.body["refresh_token"].as_str().unwrap();
    assert_ne!(first, second);
    assert_eq!(world.refresh(&first).await.status, 200);
    assert_eq!(world.refresh(second).await.status, 200);
    let access = renewed.body["access_token"].as_str().unwrap();
    assert_eq!(world.get(access, "/me").await.body["id"], ROBIN);

    let more = [
        ("grant_type", "refresh_token"),
        ("refresh_token", second),
        ("scope", "User.Read Chat.Create"),
    ];
    assert_eq!(number(&world.tokens(&more).await), (400, "invalid_grant", 65001));
    assert_eq!(number(&world.refresh("unknown").await), (400, "invalid_grant", 70000));
    world.clock.advance(Duration::from_hours(91 * 24));
    assert_eq!(number(&world.refresh(second).await), (400, "invalid_grant", 700_082));
}

#[tokio::test]
async fn an_administrator_can_end_what_was_granted() {
    let world = World::new().await;
    let scopes = ["User.Read", "offline_access"];
    let (_, token) = world.sandbox.issue_tokens(TENANT, ROBIN, &scopes);
    for (block, expected) in [
        (SignInBlock::ConsentRequired, 65001),
        (SignInBlock::MultifactorRequired, 50076),
        (SignInBlock::Disabled, 50057),
    ] {
        world.sandbox.set_sign_in_block(TENANT, ROBIN, Some(block));
        let refused = world.refresh(&token).await;
        assert_eq!(number(&refused), (400, "invalid_grant", expected));
        let signed_in = world.authorize(&[]).await.0;
        assert_eq!(signed_in, if block == SignInBlock::Disabled { 400 } else { 302 });
        world.sandbox.set_sign_in_block(TENANT, ROBIN, None);
        assert_eq!(world.refresh(&token).await.status, 200);
    }
    world.sandbox.revoke_sign_ins(TENANT, ROBIN);
    assert_eq!(number(&world.refresh(&token).await), (400, "invalid_grant", 50173));
    world.clock.advance(Duration::from_secs(1));
    let (_, fresh) = world.sandbox.issue_tokens(TENANT, ROBIN, &scopes);
    assert_eq!(world.refresh(&fresh).await.status, 200);
}

#[tokio::test]
async fn the_app_itself_gets_a_token_for_the_bot_that_graph_refuses() {
    let world = World::new().await;
    let bot =
        [("grant_type", "client_credentials"), ("scope", "https://api.botframework.com/.default")];
    let answer = world.tokens(&bot).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.get("refresh_token").is_none());
    let token = answer.body["access_token"].as_str().unwrap();
    assert_eq!(world.get(token, "/me").await.error(), (401, "InvalidAuthenticationToken"));
    let other = [("grant_type", "client_credentials"), ("scope", "Chat.Create")];
    assert_eq!(number(&world.tokens(&other).await), (400, "invalid_scope", 1_002_012));
}

#[tokio::test]
async fn basic_credentials_do_and_an_unknown_tenant_does_not() {
    let world = World::new().await;
    let (_, token) = world.sandbox.issue_tokens(TENANT, ROBIN, &["User.Read"]);
    let form = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
    for (tenant, status) in [(TENANT, 200), ("common", 200), ("organizations", 200), ("x", 400)] {
        let url = format!("{}/entra/{tenant}/oauth2/v2.0/token", world.base);
        let secret = SECRET.replace(' ', "+");
        let request = world.http.post(url).basic_auth(CLIENT, Some(secret)).form(&form);
        assert_eq!(Answer::read(request).await.status, status, "{tenant}");
    }
}

#[tokio::test]
async fn any_claims_can_be_signed_for_negative_tests() {
    let world = World::new().await;
    let token = world.sandbox.sign_id_token(&json!({ "aud": "somebody else" }));
    assert_eq!(token.split('.').count(), 3);
}
