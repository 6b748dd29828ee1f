//! Running under the Lambda runtime.

use std::{future::Future, sync::Arc};

use lambda_http::{Body, Request, Response, service_fn};
use lambda_runtime::LambdaEvent;
use serde::{Serialize, de::DeserializeOwned};
use tandem_domain::{RequestId, Timestamp};

use crate::{
    App, Starting,
    http::{Answer, answer_once_there},
    telemetry,
};

/// The error type of the Lambda runtime.
pub type Error = lambda_runtime::Error;

/// Serves requests of the HTTP API with `handler`.
pub async fn serve_http<F, Fut>(function: &'static str, handler: F) -> Result<(), Error>
where
    F: Fn(Arc<App>, Request) -> Fut + Copy + Send + Sync + 'static,
    Fut: Future<Output = Answer> + Send,
{
    telemetry::start();
    let starting = Arc::new(Starting::from_environment()?);
    lambda_http::run(service_fn(move |request: Request| {
        let starting = Arc::clone(&starting);
        async move {
            Ok::<Response<Body>, std::convert::Infallible>(
                answer_once_there(&starting, function, handler, request).await,
            )
        }
    }))
    .await
}

/// One invocation, as Lambda names and limits it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invocation {
    /// Its id, which Lambda's own log lines name; none where Lambda gave none that is usable.
    pub id: Option<RequestId>,
    /// When Lambda ends it, done or not; none where nothing does.
    pub ends_at: Option<Timestamp>,
}

/// Serves events of another kind (a queue's batch, a schedule) with `handler`.
pub async fn serve_events<E, R, F, Fut>(function: &'static str, handler: F) -> Result<(), Error>
where
    E: DeserializeOwned + Send + 'static,
    R: Serialize + Send + Sync + 'static,
    F: Fn(Arc<App>, E) -> Fut + Copy + Send + Sync + 'static,
    Fut: Future<Output = Result<R, Error>> + Send,
{
    serve_runs(function, move |app, event, _| handler(app, event)).await
}

/// The same where `handler` works under the id of the invocation, and by its end.
pub async fn serve_runs<E, R, F, Fut>(function: &'static str, handler: F) -> Result<(), Error>
where
    E: DeserializeOwned + Send + 'static,
    R: Serialize + Send + Sync + 'static,
    F: Fn(Arc<App>, E, Invocation) -> Fut + Copy + Send + Sync + 'static,
    Fut: Future<Output = Result<R, Error>> + Send,
{
    telemetry::start();
    let starting = Arc::new(Starting::from_environment()?);
    lambda_runtime::run(lambda_runtime::service_fn(move |event: LambdaEvent<E>| {
        let starting = Arc::clone(&starting);
        let invocation = Invocation {
            id: RequestId::parse(&event.context.request_id).ok(),
            ends_at: i64::try_from(event.context.deadline).ok().map(Timestamp::from_millis),
        };
        async move {
            let app = starting.app_for_event(function).await?;
            handler(app, event.payload, invocation).await
        }
    }))
    .await
}
