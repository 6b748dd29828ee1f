//! The encryption contexts that KMS gets; AWS writes them to its trail in the clear.

use std::sync::{Arc, Mutex};

use aws_sdk_kms::config::{
    ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeTransmitInterceptorContextRef,
};
use serde_json::Value;
use tandem_domain::{AccessToken, Purpose, RefreshToken, RequestId, Subject, TokenSet};
use tandem_domain::{AccountId, Clock};
use tandem_runtime::{App, Parts, metrics::Metrics};

use super::scene::Scene;

/// The bodies of the requests to KMS.
#[derive(Clone, Debug, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Intercept for Seen {
    fn name(&self) -> &'static str {
        "seen"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), aws_sdk_kms::error::BoxError> {
        let body = context.request().body().bytes().unwrap_or_default();
        self.0.lock().unwrap().push(String::from_utf8_lossy(body).into_owned());
        Ok(())
    }
}

/// The contexts with which a grant is sealed and opened.
pub async fn contexts(scene: &Scene) -> Vec<String> {
    let (stack, seen) = (&scene.stack, Seen::default());
    let kms = stack.clients.kms.config().to_builder().interceptor(seen.clone()).build();
    let parts = Parts {
        config: stack.app.config.clone(),
        http: stack.clients.http.clone(),
        dynamodb: stack.clients.dynamodb.clone(),
        kms: aws_sdk_kms::Client::from_conf(kms),
        secrets: stack.clients.secrets.clone(),
        sqs: stack.clients.sqs.clone(),
        clock: Arc::clone(&stack.app.clock),
        entropy: Arc::clone(&stack.app.entropy),
        metrics: Metrics::new(Arc::new(|_: &str| {}), Arc::clone(&stack.app.clock)),
        anonymous_bot: false,
    };
    let app = App::build(parts).await.unwrap();
    let subject = Subject::Atlassian(AccountId::parse(&scene.ben.account).unwrap());
    let (access, refresh) =
        stack.jira.issue_tokens(&scene.ben.account, tandem_jira::oauth::DEFAULT_SCOPES);
    let tokens = TokenSet {
        access: AccessToken::new(access),
        refresh: RefreshToken::new(refresh),
        expires_at: stack.clock.now().plus(std::time::Duration::from_hours(1)),
    };
    app.vault.save(&subject, &tokens).await.unwrap();
    let ada = Subject::Atlassian(AccountId::parse(&scene.ada.account).unwrap());
    let request = RequestId::parse("canaries").unwrap();
    app.vault.access_token(&ada, Purpose::ShowChat, &request).await.unwrap();
    let bodies = seen.0.lock().unwrap();
    let contexts: Vec<String> = bodies
        .iter()
        .filter_map(|body| serde_json::from_str::<Value>(body).ok())
        .filter(|body| body["EncryptionContext"].is_object())
        .map(|body| body["EncryptionContext"].to_string())
        .collect();
    assert!(contexts.len() >= 2, "one was sealed and one was opened: {contexts:?}");
    contexts
}
