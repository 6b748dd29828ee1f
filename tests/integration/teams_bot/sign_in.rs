//! Signing in from Teams.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tandem_domain::{Failure, GrantState, Purpose, RequestId, Subject};
use tandem_local::sandbox::microsoft::{BotAnswer, SignInBlock};
use tandem_store::Grant;

use super::scene::{Scene, object, tenant, words};
use crate::support::{Person, TENANT};

/// What Teams calls the exchange; it comes back with a refusal.
const EXCHANGE: &str = "b1f3c8a2-7e51-4a38-9b06-2f4c6d8e0a11";

impl Scene {
    async fn invoke(&self, who: &Person, name: &str, value: Value) -> BotAnswer {
        let deed = json!({"invoke": {"name": name, "value": value}});
        self.bot(who, &json!({"kind": "personal"}), deed).await
    }

    async fn verify_state(&self, who: &Person) -> BotAnswer {
        self.invoke(who, "signin/verifyState", json!({"state": "123456"})).await
    }

    async fn exchange(&self, who: &Person, token: &str) -> BotAnswer {
        let value = json!({"id": EXCHANGE, "connectionName": "tandem", "token": token});
        self.invoke(who, "signin/tokenExchange", value).await
    }

    async fn microsoft_grant(&self, who: &Person) -> Grant {
        self.stack.app.store.find_grant(&at_microsoft(who)).await.unwrap().unwrap()
    }

    async fn microsoft_token(&self, who: &Person) -> Result<(), Failure> {
        let request = RequestId::parse("sign-in-in-teams").unwrap();
        let purpose = Purpose::CarryToTeams;
        self.stack.app.vault.access_token(&at_microsoft(who), purpose, &request).await.map(drop)
    }

    /// Entra ends somebody's sign-in, and the vault learns of it.
    async fn sign_out_at_microsoft(&self, who: &Person) {
        self.stack.microsoft.revoke_sign_ins(TENANT, &who.object);
        self.stack.clock.advance(Duration::from_hours(2));
        let refused = self.microsoft_token(who).await;
        assert!(matches!(refused, Err(Failure::SignInNeeded { .. })), "{refused:?}");
    }

    /// A token of Teams for somebody, with changed claims.
    fn sso_with(&self, who: &Person, changes: &Value) -> String {
        let teams = &self.stack.microsoft;
        let good = teams.sso_token(TENANT, &who.object);
        let claims = URL_SAFE_NO_PAD.decode(good.split('.').nth(1).unwrap()).unwrap();
        let mut claims: Value = serde_json::from_slice(&claims).unwrap();
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        teams.sign_id_token(&claims)
    }
}

fn at_microsoft(who: &Person) -> Subject {
    Subject::Microsoft(tenant(), object(who))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_that_closed_is_answered_by_what_is_linked() {
    let scene = Scene::open().await;
    let dana = scene.stack.person("Dana Lind", false, false).await;
    for who in [&scene.ben, &dana] {
        scene.install(who).await;
    }
    let done = scene.verify_state(&scene.ben).await;
    assert_eq!((done.status, done.posts.len()), (200, 1));
    assert!(words(&done.posts[0]).contains("connected"), "{:?}", done.posts);

    let refused = scene.verify_state(&dana).await;
    assert_eq!((refused.status, refused.posts.len()), (412, 1));
    assert!(words(&refused.posts[0]).contains("/connect"), "{:?}", refused.posts);
    dana.browser(&scene.stack).await;
    assert_eq!(scene.verify_state(&dana).await.status, 200);

    // Linked, but of no use before another sign-in.
    scene.sign_out_at_microsoft(&scene.ben).await;
    let refused = scene.verify_state(&scene.ben).await;
    assert_eq!(refused.status, 412);
    assert!(words(&refused.posts[0]).contains("Sign in again"), "{:?}", refused.posts);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_said_changes_no_answer() {
    let scene = Scene::open().await;
    let dana = scene.stack.person("Dana Lind", false, false).await;
    // The bot is not installed there: it may not write.
    assert_eq!(scene.verify_state(&scene.ben).await.status, 200);
    assert_eq!(scene.verify_state(&dana).await.status, 412);
    let failed = json!({"code": "resourcematchfailed", "message": "no"});
    assert_eq!(scene.invoke(&dana, "signin/failure", failed).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_teams_renews_the_sign_in_at_microsoft() {
    let scene = Scene::open().await;
    scene.install(&scene.ben).await;
    scene.sign_out_at_microsoft(&scene.ben).await;
    let token = scene.stack.microsoft.sso_token(TENANT, &scene.ben.object);
    let answer = scene.exchange(&scene.ben, &token).await;
    assert_eq!((answer.status, &answer.body), (200, &Value::Null));
    assert_eq!(scene.microsoft_grant(&scene.ben).await.state, GrantState::Active);
    scene.microsoft_token(&scene.ben).await.unwrap();

    // Also an hour later, when the access token has ended: the refresh token came with it.
    scene.stack.clock.advance(Duration::from_hours(2));
    scene.microsoft_token(&scene.ben).await.unwrap();

    // Each of the person's devices sends one.
    let before = scene.microsoft_grant(&scene.ben).await;
    let token = scene.stack.microsoft.sso_token(TENANT, &scene.ben.object);
    assert_eq!(scene.exchange(&scene.ben, &token).await.status, 200);
    assert_eq!(scene.microsoft_grant(&scene.ben).await, before);
    let found = scene.stack.traces().await.find([token.as_str()]);
    assert!(found.is_empty(), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_app_as_an_api_is_the_app() {
    let scene = Scene::open().await;
    scene.sign_out_at_microsoft(&scene.ben).await;
    let client = scene.stack.app.config.microsoft_client_id.clone();
    let named = json!({"aud": format!("api://tandem.example.com/{client}")});
    let token = scene.sso_with(&scene.ben, &named);
    assert_eq!(scene.exchange(&scene.ben, &token).await.status, 200);
    assert_eq!(scene.microsoft_grant(&scene.ben).await.state, GrantState::Active);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_exchanged_saves_nothing_and_has_teams_show_the_window() {
    let scene = Scene::open().await;
    scene.sign_out_at_microsoft(&scene.ben).await;
    let teams = &scene.stack.microsoft;
    let now = scene.now().as_millis() / 1000;
    let other = "0c60ce18-654d-441a-badf-14404098f38e";
    let good = teams.sso_token(TENANT, &scene.ben.object);
    let (head, _) = good.rsplit_once('.').unwrap();
    let before = scene.microsoft_grant(&scene.ben).await;
    let secrets = scene.stack.aws.secrets().len();
    for (name, token, why) in [
        ("none", String::new(), "no_token"),
        ("words", "let me in".to_owned(), "token_malformed"),
        ("another signature", format!("{head}.AAAA"), "token_signature"),
        ("another's", teams.sso_token(TENANT, &scene.ada.object), "token_of_another_person"),
        ("for another app", scene.sso_with(&scene.ben, &json!({"aud": other})), "token_audience"),
        (
            "for another app as an api",
            scene.sso_with(&scene.ben, &json!({"aud": format!("api://x/{other}")})),
            "token_audience",
        ),
        ("of another tenant", scene.sso_with(&scene.ben, &json!({"tid": other})), "token_issuer"),
        ("expired", scene.sso_with(&scene.ben, &json!({"exp": now - 6 * 60})), "token_expired"),
        ("of the Bot Connector", teams.sign_bot_token(&teams.bot_claims()), "token_unknown_key"),
    ] {
        let answer = scene.exchange(&scene.ben, &token).await;
        let told = json!({"id": EXCHANGE, "connectionName": "tandem", "failureDetail": why});
        assert_eq!((answer.status, answer.body), (412, told), "{name}");
    }
    for (block, why) in [
        (SignInBlock::ConsentRequired, "consent_needed"),
        (SignInBlock::MultifactorRequired, "consent_needed"),
        (SignInBlock::Disabled, "consent_needed"),
    ] {
        teams.set_sign_in_block(TENANT, &scene.ben.object, Some(block));
        let answer = scene.exchange(&scene.ben, &good).await;
        assert_eq!((answer.status, &answer.body["failureDetail"]), (412, &json!(why)), "{block:?}");
    }
    teams.set_sign_in_block(TENANT, &scene.ben.object, None);
    assert_eq!(scene.microsoft_grant(&scene.ben).await, before);
    assert_eq!(scene.stack.aws.secrets().len(), secrets);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_linked_nothing_gets_the_window() {
    let scene = Scene::open().await;
    let dana = scene.stack.person("Dana Lind", false, false).await;
    let grants = scene.stack.items_of("grant").await.len();
    let token = scene.stack.microsoft.sso_token(TENANT, &dana.object);
    let answer = scene.exchange(&dana, &token).await;
    assert_eq!((answer.status, &answer.body["failureDetail"]), (412, &json!("not_linked")));
    assert_eq!(scene.stack.items_of("grant").await.len(), grants);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_entra_is_down_nothing_is_said_about_the_person() {
    use tandem_local::sandbox::gate::{Fault, Strike};
    let scene = Scene::open().await;
    scene.sign_out_at_microsoft(&scene.ben).await;
    let token = scene.stack.microsoft.sso_token(TENANT, &scene.ben.object);
    scene.stack.gate.fail(Fault {
        method: "POST".parse().unwrap(),
        path: "/entra/".to_owned(),
        path_end: "/token".to_owned(),
        strike: Strike::Before,
        status: 503_u16.try_into().unwrap(),
        retry_after: None,
        times: 1,
    });
    assert_eq!(scene.exchange(&scene.ben, &token).await.status, 503);
    assert_eq!(scene.exchange(&scene.ben, &token).await.status, 200);
}
