//! The emulations together.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use tandem_domain::SystemClock;

use super::testing::{Stack, TempDir, dynamodb, kms, secrets_manager, sqs, table};
use super::{Aws, AwsOptions};

/// Writes one thing to every service.
async fn write_everywhere(aws: &Aws) {
    let client = dynamodb(aws);
    table(&client, "things").await;
    let item = client.put_item().table_name("things");
    item.item("pk", AttributeValue::S("one".to_owned())).send().await.unwrap();
    kms(aws).create_key().send().await.unwrap();
    let secret = secrets_manager(aws).create_secret().name("grant/1").secret_string("x");
    secret.send().await.unwrap();
    let queue = sqs(aws).create_queue().queue_name("work.fifo");
    queue.attributes("FifoQueue".into(), "true").send().await.unwrap();
}

/// What a process leaves behind that is killed now.
fn as_left_behind(dir: &Path) -> TempDir {
    let copy = TempDir::new();
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    copy
}

#[tokio::test]
async fn state_survives_a_killed_process() {
    let dir = TempDir::new();
    let stack = Stack::start_in(Some(dir.path())).await;
    write_everywhere(&stack.aws).await;
    let left = as_left_behind(dir.path());

    let again = Stack::start_in(Some(left.path())).await;
    assert_eq!(again.aws.items("things").unwrap().len(), 1);
    assert_eq!(again.aws.secrets().len(), 1);
    assert_eq!(again.aws.queues().len(), 1);
    assert!(fs::read_to_string(left.path().join("kms.json")).unwrap().contains("generations"));
}

#[tokio::test]
async fn stacks_in_memory_share_nothing() {
    let (one, other) = (Stack::start().await, Stack::start().await);
    write_everywhere(&one.aws).await;
    assert!(other.aws.items("things").is_err());
    assert!(other.aws.secrets().is_empty());
    assert!(other.aws.queues().is_empty());
}

#[tokio::test]
async fn a_data_directory_that_cannot_be_used_is_named() {
    let dir = TempDir::new();
    let start = |dir: &Path| {
        let data_dir = Some(dir.to_path_buf());
        Aws::start(AwsOptions { data_dir, clock: Arc::new(SystemClock) })
    };
    let running = start(dir.path()).await.unwrap();
    let in_use = start(dir.path()).await.err().unwrap().to_string();
    assert!(in_use.contains("in use") && !in_use.contains('\n'), "{in_use}");
    drop(running);

    let dir = TempDir::new();
    fs::write(dir.path().join("dynamodb.sqlite"), "not a database, ".repeat(64)).unwrap();
    let broken = start(dir.path()).await.err().unwrap().to_string();
    assert!(broken.contains("dynamodb.sqlite") && !broken.contains('\n'), "{broken}");

    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let no_directory = start(&file).await.err().unwrap().to_string();
    assert!(no_directory.contains("file"), "{no_directory}");
}

#[tokio::test]
async fn a_dropped_stack_does_not_answer() {
    let stack = Stack::start().await;
    let client = sqs(&stack.aws);
    drop(stack);
    assert!(client.get_queue_url().queue_name("work.fifo").send().await.is_err());
}

#[test]
fn a_stack_can_be_shared_between_threads() {
    fn shareable<T: Send + Sync>() {}
    shareable::<Aws>();
}
