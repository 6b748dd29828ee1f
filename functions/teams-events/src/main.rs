//! The Lambda function `teams-events`: wiring only.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), tandem_runtime::Error> {
    tandem_runtime::serve_http(tandem_teams_events::NAME, tandem_teams_events::handle).await
}
