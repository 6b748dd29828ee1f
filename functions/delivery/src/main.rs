//! The Lambda function `delivery`: wiring only.

// What it waits for is nested deeper than the compiler looks unless it is told to.
#![recursion_limit = "256"]

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), tandem_runtime::Error> {
    tandem_runtime::serve_events(tandem_delivery::NAME, tandem_delivery::handle).await
}
