//! The app's own credentials are changed while everything runs: nothing is refused, nothing starts
//! anew, and nothing of them is in an environment variable.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use http::StatusCode;
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};
use tandem_domain::{
    AccountId, Failure, IssuerError, RefreshToken, ServiceUrl, Subject, TokenIssuer,
};
use tandem_local::sandbox::microsoft::Installation;
use tandem_runtime::{
    App, Config, Parts, StartError, Starting, app_secret_name,
    http::answer_once_there,
    metrics::{Metric, Metrics},
};
use tandem_upkeep::{UpkeepEvent, UpkeepReport};

use crate::{
    custody::{parts, secrets_behind},
    support::{AwsProxy, CLOUD, Front, Person, TENANT, TestStack, metrics::sum, world},
};

/// A little longer than credentials are held.
const HELD: Duration = Duration::from_secs(301);

/// What lies in the app's secret, and a change of it.
async fn change(stack: &TestStack, change: impl FnOnce(&mut Value)) -> Value {
    let name = app_secret_name(&stack.app.config.secret_prefix);
    let known = stack.clients.secrets.get_secret_value().secret_id(&name).send().await.unwrap();
    let before: Value = serde_json::from_str(&known.secret_string.unwrap()).unwrap();
    let mut after = before.clone();
    change(&mut after);
    let put = stack.clients.secrets.put_secret_value().secret_id(name);
    put.secret_string(after.to_string()).send().await.unwrap();
    before
}

fn key(byte: u8) -> Value {
    json!(STANDARD.encode([byte; 32]))
}

/// Changes the signing key and keeps the one before.
async fn change_signing_key(stack: &TestStack, byte: u8) {
    change(stack, |secret| {
        secret["signing_key_previous"] = secret["signing_key"].clone();
        secret["signing_key"] = key(byte);
    })
    .await;
    stack.clock.advance(HELD);
}

/// Asks a token endpoint about a refresh token that it does not know. Only who has the right client
/// secret is told so.
async fn is_known_at_vendor(issuer: &dyn TokenIssuer, subject: &Subject) -> bool {
    let refresh = RefreshToken::new("unknown".to_owned());
    match issuer.refresh(subject, &refresh).await {
        Err(IssuerError::Refused(_)) => true,
        Err(IssuerError::Misconfigured { .. }) => false,
        other => panic!("{:?}", other.err()),
    }
}

/// Whether the bot gets a token for what it says: asked for where it holds none yet.
async fn is_bot_known(front: &Front, stack: &TestStack, person: &Person) -> bool {
    let member = stack.microsoft.bot_user_id(TENANT, &person.object).unwrap().parse().unwrap();
    let service_url = ServiceUrl::parse(&stack.at("/sandbox/connector/")).unwrap();
    let tenant = TENANT.parse().unwrap();
    match front.app.connector.open_personal(&service_url, &tenant, &member).await {
        Ok(_) => true,
        Err(Failure::Fault { what: "bot_credentials" }) => false,
        Err(other) => panic!("{other}"),
    }
}

/// Whether the vendors take the app's two secrets, and Microsoft the bot's.
async fn all_known(front: &Front, stack: &TestStack, person: &Person) -> [bool; 3] {
    let account = AccountId::parse("712020:11223344-a1b2-4b33-8444-def123456789").unwrap();
    let (tenant, object) = (TENANT.parse().unwrap(), CLOUD.parse().unwrap());
    [
        is_known_at_vendor(&*front.app.atlassian, &Subject::Atlassian(account)).await,
        is_known_at_vendor(&*front.app.entra, &Subject::Microsoft(tenant, object)).await,
        is_bot_known(front, stack, person).await,
    ]
}

/// A stack, and somebody with whom the bot may speak.
async fn with_somebody() -> (TestStack, Person) {
    let stack = TestStack::start().await;
    let ada = stack.person("Ada Berg", false, false).await;
    let personal = stack.microsoft.personal_conversation(TENANT, &ada.object).unwrap();
    stack.microsoft.set_installation(&personal, Installation::Installed);
    (stack, ada)
}

#[tokio::test]
async fn while_a_client_secret_is_changed_either_is_sent_and_a_refusal_has_it_read_again() {
    let (stack, ada) = with_somebody().await;
    let right = change(&stack, |secret| {
        for vendor in ["atlassian", "microsoft", "bot"] {
            let name = format!("{vendor}_client_secret");
            secret[format!("{name}_previous")] = secret[&name].clone();
            secret[&name] = json!("not known to the vendor yet");
        }
    })
    .await;
    let front = Front::of(&stack).await;
    assert_eq!(all_known(&front, &stack, &ada).await, [true; 3], "the one before is taken");

    change(&stack, |secret| {
        *secret = json!({
            "atlassian_client_secret": "wrong", "microsoft_client_secret": "wrong",
            "bot_client_secret": "wrong", "signing_key": secret["signing_key"],
        });
    })
    .await;
    let front = Front::of(&stack).await;
    assert_eq!(all_known(&front, &stack, &ada).await, [false; 3]);
    change(&stack, |secret| *secret = right).await;
    assert_eq!(all_known(&front, &stack, &ada).await, [false; 3], "not read again at each refusal");
    stack.clock.advance(Duration::from_secs(31));
    assert_eq!(
        all_known(&front, &stack, &ada).await,
        [true; 3],
        "read again, long before it is due"
    );
}

#[tokio::test]
async fn while_they_cannot_be_read_what_is_held_goes_on_to_be_used() {
    let (stack, ada) = with_somebody().await;
    let front = Front::of(&stack).await;
    for unusable in [json!("no JSON"), json!({"signing_key": ""})] {
        change(&stack, |secret| *secret = unusable).await;
        stack.clock.advance(HELD);
        assert_eq!(all_known(&front, &stack, &ada).await, [true; 3]);
    }
}

/// Why there is no application on the stack as it is.
async fn refusal_to_start(stack: &TestStack, change: impl FnOnce(&mut Parts)) -> Failure {
    let mut parts = parts(stack);
    change(&mut parts);
    match App::build(parts).await.err() {
        Some(StartError::Secrets(failure)) => failure,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn there_is_no_application_without_the_apps_secret_or_with_an_empty_one() {
    let stack = TestStack::start().await;
    let unusable = Failure::Fault { what: "app_secret_unusable" };
    for name in
        ["atlassian_client_secret", "microsoft_client_secret", "bot_client_secret", "signing_key"]
    {
        for value in [json!(""), Value::Null] {
            let right = change(&stack, |secret| secret[name] = value).await;
            assert_eq!(refusal_to_start(&stack, |_| {}).await, unusable, "{name}");
            change(&stack, |secret| *secret = right).await;
        }
    }
    assert!(App::build(parts(&stack)).await.is_ok(), "it was for these alone");
    let proxy = AwsProxy::before(stack.aws.secrets_manager_endpoint()).await;
    for (exception, failure) in [
        ("DecryptionFailure", Failure::Fault { what: "secrets_key_unusable" }),
        ("InternalServiceError", Failure::Retry { what: "secrets_unavailable", after: None }),
    ] {
        proxy.refuse("GetSecretValue", exception);
        let behind = secrets_behind(&stack, &proxy);
        let refused = refusal_to_start(&stack, |parts| parts.secrets = behind).await;
        assert_eq!(refused, failure, "{exception}");
    }
    let name = app_secret_name(&stack.app.config.secret_prefix);
    let deletion = stack.clients.secrets.delete_secret().secret_id(name);
    deletion.force_delete_without_recovery(true).send().await.unwrap();
    assert_eq!(refusal_to_start(&stack, |_| {}).await, unusable, "there is none");
}

/// A request to a function, and what it answers: `settings` here, which has nothing to do.
async fn asked(starting: &Starting) -> (u16, Value) {
    let handler = |_: Arc<App>, _| async {
        tandem_runtime::http::json(StatusCode::OK, &json!({"code": "handled"}))
    };
    let request = http::Request::default();
    let answer = answer_once_there(starting, tandem_settings::NAME, handler, request).await;
    let body = serde_json::from_slice(answer.body()).unwrap();
    (answer.status().as_u16(), body)
}

#[tokio::test]
async fn a_function_fails_each_event_until_its_secrets_can_be_read_and_then_works() {
    let stack = TestStack::start().await;
    let proxy = AwsProxy::before(stack.aws.secrets_manager_endpoint()).await;
    let lines = Arc::new(Mutex::new(Vec::new()));
    let written = Arc::clone(&lines);
    let mut parts = parts(&stack);
    parts.secrets = secrets_behind(&stack, &proxy);
    parts.metrics = Metrics::new(
        Arc::new(move |line: &str| written.lock().unwrap().push(line.to_owned())),
        Arc::clone(&parts.clock),
    );
    let starting = Starting::with(parts);
    assert!(proxy.calls().is_empty(), "nothing is read before the first event");
    let counted = || {
        let lines = std::mem::take(&mut *lines.lock().unwrap());
        [Metric::Faults, Metric::KeyTrouble, Metric::ColdStarts].map(|it| sum(&lines, it))
    };
    for (exception, status, code, faults, key_trouble) in [
        ("DecryptionFailure", 500, "internal", 1.0, 1.0),
        ("InternalServiceError", 503, "secrets_unavailable", 0.0, 0.0),
    ] {
        proxy.refuse("GetSecretValue", exception);
        let (answered, body) = asked(&starting).await;
        assert_eq!((answered, &body["code"]), (status, &json!(code)), "{body}");
        assert_eq!(counted(), [faults, key_trouble, 0.0], "{exception}: a request");
        let batch = starting.app_for_event(tandem_delivery::NAME).await;
        assert!(batch.is_err(), "{exception}: the queue keeps its messages");
        assert_eq!(counted(), [faults, key_trouble, 0.0], "{exception}: a batch");
    }
    proxy.relent();
    assert_eq!(asked(&starting).await, (200, json!({"code": "handled"})));
    assert_eq!(counted(), [0.0, 0.0, 1.0], "it is there since this event");
    assert!(starting.app_for_event(tandem_delivery::NAME).await.is_ok());
    let read = proxy.calls().into_iter().filter(|it| it == "GetSecretValue").count();
    assert_eq!(read, 5, "twice for each failure, and once for good");
}

async fn webhook_status(stack: &TestStack, secret: &str) -> u16 {
    let now = stack.app.clock.now().as_secs();
    let claims = json!({"iss": "jira", "iat": now, "exp": now + 600});
    let key = EncodingKey::from_secret(secret.as_bytes());
    let token = jsonwebtoken::encode(&Header::default(), &claims, &key).unwrap();
    let request = stack.request("POST", &format!("/jira/{CLOUD}/webhooks"));
    request.bearer_auth(token).body("{}").send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn bearer_tokens_of_webhooks_hold_under_the_present_secret_and_the_one_before() {
    let stack = TestStack::start().await;
    let before = change(&stack, |secret| {
        secret["atlassian_client_secret_previous"] = secret["atlassian_client_secret"].clone();
        secret["atlassian_client_secret"] = json!("the new one");
    })
    .await;
    let old = before["atlassian_client_secret"].as_str().unwrap();
    assert_eq!(webhook_status(&stack, "the new one").await, 401, "not read yet");
    stack.clock.advance(HELD);
    for (secret, refused) in [("the new one", false), (old, false), ("neither", true)] {
        assert_eq!(webhook_status(&stack, secret).await == 401, refused, "{refused}");
    }
    change(&stack, |secret| secret["atlassian_client_secret_previous"] = json!("")).await;
    stack.clock.advance(HELD);
    assert_eq!(webhook_status(&stack, old).await, 401);
    assert_ne!(webhook_status(&stack, "the new one").await, 401);
}

async fn upkeep(stack: &TestStack) -> UpkeepReport {
    let event: UpkeepEvent = serde_json::from_value(json!({})).unwrap();
    tandem_local::caller::upkeep(Arc::clone(&stack.app), event).await.unwrap()
}

#[tokio::test]
async fn a_change_of_the_signing_key_ends_no_sign_in_and_no_page() {
    let stack = TestStack::start().await;
    let ada = stack.person("Ada Berg", false, false).await;
    let mut browser = stack.browser();
    let at_microsoft = crate::sign_in::to_microsoft(&mut browser, &ada.account).await;
    change_signing_key(&stack, 8).await;
    let back = crate::sign_in::back_from_microsoft(&mut browser, &at_microsoft, &ada.object).await;
    let answer = browser.get(&back).await;
    assert_eq!(answer.location.as_deref(), Some("/connected"), "{answer:?}");
    let csrf = browser.csrf().await;
    change_signing_key(&stack, 9).await;
    let answer = browser.send("POST", "/disconnect", |it| it.header("x-csrf-token", csrf)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn a_change_of_the_signing_key_makes_subscriptions_anew_before_the_one_before_is_dropped() {
    let world = world().await;
    let stack = &world.stack;
    change_signing_key(stack, 8).await;
    stack.gate.forget();
    assert_eq!(upkeep(stack).await.subscriptions_renewed, 1);
    assert_eq!(upkeep(stack).await.subscriptions_renewed, 0, "each once");
    let calls = stack.gate.recorded();
    let of = |method: &str| {
        calls.iter().filter(|it| it.method == method && it.path.contains("/subscriptions")).count()
    };
    assert_eq!((of("DELETE"), of("POST"), of("PATCH")), (1, 1, 0));
    change(stack, |secret| secret["signing_key_previous"] = json!("")).await;
    stack.clock.advance(HELD);
    world.write(&world.ben, "<p>Still here</p>").await;
    stack.settled().await;
    assert_eq!(world.comments().len(), 1, "the chat still is heard");
}

#[test]
fn no_credential_is_in_an_environment_variable_or_in_the_template() {
    let text = include_str!("../../template.yaml");
    let template: Value = serde_saphyr::from_str(text).unwrap();
    // A reference that CloudFormation resolves would put the value into the configuration.
    assert!(!text.contains("{{resolve:"));
    for (name, parameter) in template["Parameters"].as_object().unwrap() {
        assert!(parameter.get("NoEcho").is_none(), "{name} takes a secret");
    }
    let variables =
        template["Globals"]["Function"]["Environment"]["Variables"].as_object().unwrap();
    for (name, value) in variables {
        let ends = ["_URL", "_ID", "_IDS", "_TABLE", "_PREFIX", "_READERS", "_AUTHORITY"];
        assert!(ends.iter().any(|end| name.ends_with(end)), "{name}: an address or an identifier");
        let value = value.to_string().to_ascii_lowercase();
        for word in ["password", "clientsecret", "signingkey", "token"] {
            assert!(!value.contains(word), "{name}: {value}");
        }
    }
    // What is not in the template is not asked for either.
    let config = Config::read(&|name| {
        assert!(variables.contains_key(name), "{name}");
        Some(if name.ends_with("_URL") { "https://example.com" } else { "x" }.to_owned())
    });
    assert!(config.is_ok());
}
