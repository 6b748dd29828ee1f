//! The Lambda function of `accounts`: wiring only.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    tandem_runtime::serve_http(tandem_accounts::NAME, tandem_accounts::handle).await
}
