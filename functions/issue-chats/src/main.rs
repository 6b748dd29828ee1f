//! The Lambda function `issue-chats`: wiring only.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), tandem_runtime::Error> {
    tandem_runtime::serve_http(tandem_issue_chats::NAME, tandem_issue_chats::handle).await
}
