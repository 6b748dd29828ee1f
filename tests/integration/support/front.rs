//! The same functions over the same table once more, with every call to AWS counted, and a queue
//! that nobody works off.

use std::{collections::HashMap, sync::Arc};

use aws_config::retry::RetryConfig;
use aws_sdk_sqs::types::QueueAttributeName;
use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, Method, Uri},
};
use serde_json::Value;
use tandem_local::{
    aws::{Aws, MessageListing},
    gateway::{Gateway, LatestEvents, Observer},
    routes::Routes,
};
use tandem_runtime::{App, Parts, metrics::Metrics};
use tokio::{net::TcpListener, task::JoinHandle};

use super::{AwsProxy, TestStack};

/// The queue that nobody works off.
const QUEUE: &str = "held.fifo";

/// The functions behind an HTTP address of their own.
pub struct Front {
    pub app: Arc<App>,
    /// DynamoDB's calls.
    pub table: AwsProxy,
    /// SQS's calls.
    pub queue: AwsProxy,
    /// Secrets Manager's calls.
    pub secrets: AwsProxy,
    /// KMS's calls.
    pub kms: AwsProxy,
    url: String,
    aws: Arc<Aws>,
    http: reqwest::Client,
    task: JoinHandle<()>,
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An AWS client like `$client`, at the proxy, without attempts of its own.
macro_rules! behind {
    ($krate:ident, $client:expr, $proxy:expr) => {
        $krate::Client::from_conf(
            $client
                .config()
                .to_builder()
                .endpoint_url($proxy.endpoint())
                .retry_config(RetryConfig::disabled())
                .build(),
        )
    };
}

impl Front {
    /// Another front of `stack`.
    pub async fn of(stack: &TestStack) -> Self {
        let clients = &stack.clients;
        let table = AwsProxy::before(stack.aws.dynamodb_endpoint()).await;
        let queue = AwsProxy::before(stack.aws.sqs_endpoint()).await;
        let secrets = AwsProxy::before(stack.aws.secrets_manager_endpoint()).await;
        let kms = AwsProxy::before(stack.aws.kms_endpoint()).await;
        let fifo = HashMap::from([(QueueAttributeName::FifoQueue, "true".to_owned())]);
        let made = clients.sqs.create_queue().queue_name(QUEUE).set_attributes(Some(fifo));
        let mut config = stack.app.config.clone();
        config.queue_url = made.send().await.unwrap().queue_url.unwrap();
        let clock = Arc::clone(&stack.app.clock);
        let parts = Parts {
            config,
            http: clients.http.clone(),
            dynamodb: behind!(aws_sdk_dynamodb, clients.dynamodb, table),
            kms: behind!(aws_sdk_kms, clients.kms, kms),
            secrets: behind!(aws_sdk_secretsmanager, clients.secrets, secrets),
            sqs: behind!(aws_sdk_sqs, clients.sqs, queue),
            metrics: Metrics::new(Arc::new(|_: &str| {}), Arc::clone(&clock)),
            clock,
            entropy: Arc::clone(&stack.app.entropy),
            anonymous_bot: false,
        };
        let app = Arc::new(App::build(parts).await.unwrap());
        let (url, task) = serve(Arc::clone(&app), stack.observer()).await;
        let aws = Arc::clone(&stack.aws);
        Self { app, table, queue, secrets, kms, url, aws, http: super::client(), task }
    }

    /// A POST to a path.
    pub fn post(&self, path: &str) -> reqwest::RequestBuilder {
        self.http.post(format!("{}{path}", self.url))
    }

    /// Sends a request and gives the status and the JSON answered.
    pub async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
    }

    /// What lies on the queue.
    pub fn queued(&self) -> Vec<MessageListing> {
        let queues = self.aws.queues().into_iter();
        queues.filter(|queue| queue.name == QUEUE).flat_map(|queue| queue.messages).collect()
    }

    /// What lies on the queue, as JSON.
    pub fn deliveries(&self) -> Vec<Value> {
        self.queued().iter().map(|it| serde_json::from_str(&it.body).unwrap()).collect()
    }
}

async fn serve(app: Arc<App>, observer: Observer) -> (String, JoinHandle<()>) {
    let gateway = Gateway {
        app,
        routes: Routes::load().unwrap(),
        observer: Some(observer),
        latest: LatestEvents::default(),
    };
    let router = Router::new().fallback(
        move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| async move {
            gateway.serve(method, uri, headers, body).await
        },
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (url, tokio::spawn(async move { axum::serve(listener, router).await.unwrap() }))
}
