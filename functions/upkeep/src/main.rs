//! The Lambda function `upkeep`: wiring only.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), tandem_runtime::Error> {
    tandem_runtime::serve_runs(tandem_upkeep::NAME, tandem_upkeep::handle_as).await
}
