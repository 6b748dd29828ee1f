//! The Lambda function of `admin`: wiring only.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    tandem_runtime::serve_http(tandem_admin::NAME, tandem_admin::handle).await
}
