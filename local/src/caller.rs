//! Which function makes a call to AWS. All functions of the stack share one set of clients; on AWS
//! each has a role of its own.

use std::{fmt, sync::Arc};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeTransmitInterceptorContextRef,
    },
    error::BoxError,
};
use tandem_runtime::{App, Error, Invocation};
use tandem_upkeep::{UpkeepEvent, UpkeepReport};

tokio::task_local! {
    static FUNCTION: &'static str;
}

/// Does `work` as a function. A task that is spawned within is nobody's: functions spawn none.
pub async fn as_function<F: Future>(name: &'static str, work: F) -> F::Output {
    FUNCTION.scope(name, Box::pin(work)).await
}

/// A run of `upkeep`, as itself.
///
/// # Errors
/// As [`tandem_upkeep::handle`].
pub async fn upkeep(app: Arc<App>, event: UpkeepEvent) -> Result<UpkeepReport, Error> {
    as_function(tandem_upkeep::NAME, tandem_upkeep::handle(app, event)).await
}

/// A run of `upkeep` that was invoked with an id, as itself.
///
/// # Errors
/// As [`tandem_upkeep::handle_as`].
pub async fn upkeep_invoked(
    app: Arc<App>,
    event: UpkeepEvent,
    invocation: Invocation,
) -> Result<UpkeepReport, Error> {
    as_function(tandem_upkeep::NAME, tandem_upkeep::handle_as(app, event, invocation)).await
}

/// A batch of deliveries, handled by `delivery` as itself.
///
/// # Errors
/// As [`tandem_delivery::handle`].
pub async fn deliver(app: Arc<App>, event: SqsEvent) -> Result<SqsBatchResponse, Error> {
    as_function(tandem_delivery::NAME, tandem_delivery::handle(app, event)).await
}

/// A call to AWS by a function.
pub struct Call<'a> {
    /// Which function's it is.
    pub function: &'static str,
    /// Service and operation, as in `X-Amz-Target`: `DynamoDB_20120810.GetItem`.
    pub target: &'a str,
    /// The request, in JSON.
    pub body: &'a [u8],
}

/// Sees each call to AWS by a function before it is sent; not those that are nobody's.
pub type CallObserver = Arc<dyn Fn(&Call<'_>) + Send + Sync>;

/// Has an observer see what a client of AWS sends.
#[derive(Clone)]
pub(crate) struct Observed(pub(crate) CallObserver);

impl fmt::Debug for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observed")
    }
}

impl Intercept for Observed {
    fn name(&self) -> &'static str {
        "Observed"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Ok(function) = FUNCTION.try_with(|name| *name) else { return Ok(()) };
        let request = context.request();
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let body = request.body().bytes().unwrap_or_default();
        (self.0)(&Call { function, target, body });
        Ok(())
    }
}
