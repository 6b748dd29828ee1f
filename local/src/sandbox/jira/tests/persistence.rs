//! The state on disk.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use tandem_domain::{ManualClock, Timestamp};

use super::harness::{SCOPES, SECRET, Stack, options};
use crate::sandbox::jira::{DeliveryState, JiraSandbox};

fn data_file(name: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("tandem-jira-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder.join("jira.json")
}

#[tokio::test]
async fn everything_is_there_after_a_kill() {
    let path = data_file("kill");
    let stack = Stack::start_with(|options| {
        options.data_file = Some(path.clone());
        options.retry_delay = Duration::from_hours(1);
    })
    .await;
    let token = stack.sandbox.issue_tokens(&stack.demo.users[0], SCOPES).0;
    stack.receiver.answer_next(&[500]);
    stack.person(1, json!({"action": "comment", "issue": "DEMO-1", "text": "kept"})).await;
    while stack.sandbox.webhook_log()[0].attempts == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_790_000_000)));
    let mut again = options("http://127.0.0.1:2", "http://127.0.0.1:1", clock);
    again.data_file = Some(path);
    let again = JiraSandbox::new(again).unwrap();
    assert_eq!(again.comments(&stack.demo.cloud_id, "DEMO-1").len(), 1);
    assert!(again.session(&token).is_some());
    assert_eq!(again.seed_demo(SECRET), stack.demo);
    assert_eq!(again.comments(&stack.demo.cloud_id, "DEMO-1").len(), 1);

    let _router = again.router();
    again.settled().await;
    assert_eq!(stack.receiver.all().len(), 2, "the webhook that waited is sent again");
    assert_eq!(again.webhook_log()[0].state, DeliveryState::Delivered);
}

#[test]
fn an_unreadable_file_is_an_error() {
    let path = data_file("bad");
    std::fs::write(&path, "not a state").unwrap();
    let clock = Arc::new(ManualClock::default());
    let mut options = options("http://127.0.0.1:2", "http://127.0.0.1:1", clock);
    options.data_file = Some(path);
    assert_eq!(
        JiraSandbox::new(options).err().map(|error| error.kind()),
        Some(std::io::ErrorKind::InvalidData)
    );
}
