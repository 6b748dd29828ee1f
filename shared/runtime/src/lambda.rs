//! Running under the Lambda runtime.

use std::{future::Future, sync::Arc};

use lambda_http::{Body, Request, Response, service_fn};
use lambda_runtime::LambdaEvent;
use serde::{Serialize, de::DeserializeOwned};
use tandem_domain::RequestId;

use crate::{
    App,
    http::{Answer, answer},
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
    let app = Arc::new(App::from_environment().await?);
    lambda_http::run(service_fn(move |request: Request| {
        let app = Arc::clone(&app);
        async move {
            Ok::<Response<Body>, std::convert::Infallible>(
                answer(app, function, handler, request).await,
            )
        }
    }))
    .await
}

/// Serves events of another kind (a queue's batch, a schedule) with `handler`.
pub async fn serve_events<E, R, F, Fut>(handler: F) -> Result<(), Error>
where
    E: DeserializeOwned + Send + 'static,
    R: Serialize + Send + Sync + 'static,
    F: Fn(Arc<App>, E) -> Fut + Copy + Send + Sync + 'static,
    Fut: Future<Output = Result<R, Error>> + Send,
{
    serve_runs(move |app, event, _| handler(app, event)).await
}

/// The same where `handler` works under the id of the invocation, which Lambda's own log lines name;
/// none where Lambda gave none that is usable.
pub async fn serve_runs<E, R, F, Fut>(handler: F) -> Result<(), Error>
where
    E: DeserializeOwned + Send + 'static,
    R: Serialize + Send + Sync + 'static,
    F: Fn(Arc<App>, E, Option<RequestId>) -> Fut + Copy + Send + Sync + 'static,
    Fut: Future<Output = Result<R, Error>> + Send,
{
    telemetry::start();
    let app = Arc::new(App::from_environment().await?);
    lambda_runtime::run(lambda_runtime::service_fn(move |event: LambdaEvent<E>| {
        let app = Arc::clone(&app);
        let id = RequestId::parse(&event.context.request_id).ok();
        async move { handler(app, event.payload, id).await }
    }))
    .await
}
