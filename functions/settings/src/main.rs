//! The Lambda function of `settings`: wiring only.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    tandem_runtime::serve_http(tandem_settings::NAME, tandem_settings::handle).await
}
