//! The Lambda function `jira-events`: wiring only.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), tandem_runtime::Error> {
    tandem_runtime::serve_http(tandem_jira_events::NAME, tandem_jira_events::handle).await
}
