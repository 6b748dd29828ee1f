//! The Lambda function `upkeep`: wiring only.

#[tokio::main]
async fn main() -> Result<(), tandem_runtime::Error> {
    tandem_runtime::serve_runs(tandem_upkeep::handle_as).await
}
