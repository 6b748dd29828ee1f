//! The Lambda function `teams-bot`: wiring only.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), tandem_runtime::Error> {
    tandem_runtime::serve_http(tandem_teams_bot::NAME, tandem_teams_bot::handle).await
}
