//! The Lambda function `upkeep`: wiring only.

// What it waits for is nested deeper than the compiler looks unless it is told to.
#![recursion_limit = "256"]

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), tandem_runtime::Error> {
    tandem_runtime::serve_runs(tandem_upkeep::NAME, tandem_upkeep::handle_as).await
}
