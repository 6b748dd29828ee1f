//! The Lambda function `delivery`: wiring only.

#[tokio::main]
async fn main() -> Result<(), tandem_runtime::Error> {
    tandem_runtime::serve_events(tandem_delivery::handle).await
}
