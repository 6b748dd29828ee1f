//! Secrets Manager through its SDK.

use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::primitives::Blob;

use crate::aws::testing::{Stack, TempDir, error_code, secrets_manager};

const DAY: Duration = Duration::from_hours(24);

/// A token of an allowed length.
fn token(name: &str) -> String {
    format!("{name:-<32}")
}

async fn create(client: &Client, version: &str, value: &str) {
    let call = client.create_secret().name("grant/1").client_request_token(token(version));
    call.secret_string(value).send().await.unwrap();
}

/// Puts a version; answers the exception's name.
async fn put(client: &Client, version: &str, value: &str) -> String {
    let call = client.put_secret_value().secret_id("grant/1").secret_string(value);
    error_code(call.client_request_token(token(version)).send().await)
}

/// The value under a label, or the exception's name.
async fn labelled(client: &Client, stage: &str) -> Result<String, String> {
    let call = client.get_secret_value().secret_id("grant/1").version_stage(stage);
    match call.send().await {
        Ok(answer) => Ok(answer.secret_string.unwrap()),
        Err(error) => Err(error_code::<(), _>(Err(error))),
    }
}

async fn move_label(client: &Client, stage: &str, from: Option<&str>, to: Option<&str>) -> String {
    let call = client.update_secret_version_stage().secret_id("grant/1").version_stage(stage);
    let call = call.set_remove_from_version_id(from.map(token));
    error_code(call.set_move_to_version_id(to.map(token)).send().await)
}

#[tokio::test]
async fn a_new_version_becomes_current_and_the_one_before_previous() {
    let stack = Stack::start().await;
    let client = secrets_manager(&stack.aws);
    create(&client, "one", "first").await;
    assert_eq!(labelled(&client, "AWSCURRENT").await, Ok("first".to_owned()));
    let none = labelled(&client, "AWSPREVIOUS").await;
    assert_eq!(none, Err("ResourceNotFoundException".to_owned()));
    assert_eq!(put(&client, "two", "second").await, "");
    assert_eq!(put(&client, "three", "third").await, "");
    assert_eq!(labelled(&client, "AWSCURRENT").await, Ok("third".to_owned()));
    assert_eq!(labelled(&client, "AWSPREVIOUS").await, Ok("second".to_owned()));

    let described = client.describe_secret().secret_id("grant/1").send().await.unwrap();
    let stages = described.version_ids_to_stages.unwrap();
    assert_eq!(stages.len(), 2, "a version without a label is not described");
    assert_eq!(stages[&token("three")], ["AWSCURRENT"]);
}

#[tokio::test]
async fn a_version_is_read_by_id_and_must_bear_the_label_asked_for() {
    let stack = Stack::start().await;
    let client = secrets_manager(&stack.aws);
    create(&client, "one", "first").await;
    put(&client, "two", "second").await;
    let get = || client.get_secret_value().secret_id("grant/1");
    let first = get().version_id(token("one")).send().await.unwrap();
    assert_eq!(first.secret_string.as_deref(), Some("first"));
    assert_eq!(first.version_stages.unwrap(), ["AWSPREVIOUS"]);
    let wrong = get().version_id(token("one")).version_stage("AWSCURRENT").send().await;
    assert_eq!(error_code(wrong), "InvalidRequestException");
    let unknown = get().version_id(token("nine")).send().await;
    assert_eq!(error_code(unknown), "ResourceNotFoundException");
    let by_arn = client.get_secret_value().secret_id(first.arn.unwrap()).send().await.unwrap();
    assert_eq!(by_arn.secret_string.as_deref(), Some("second"));
}

#[tokio::test]
async fn a_version_put_with_a_label_of_its_own_leaves_current_alone() {
    let stack = Stack::start().await;
    let client = secrets_manager(&stack.aws);
    create(&client, "one", "first").await;
    let call = client.put_secret_value().secret_id("grant/1").secret_string("second");
    let call = call.client_request_token(token("two")).version_stages("pending");
    assert_eq!(call.send().await.unwrap().version_stages.unwrap(), ["pending"]);
    assert_eq!(labelled(&client, "AWSCURRENT").await, Ok("first".to_owned()));
    assert_eq!(labelled(&client, "pending").await, Ok("second".to_owned()));
}

#[tokio::test]
async fn the_same_token_is_taken_once_and_refused_with_other_content() {
    let stack = Stack::start().await;
    let client = secrets_manager(&stack.aws);
    create(&client, "one", "first").await;
    create(&client, "one", "first").await;
    let again = |version: &str, value: &str| {
        let call = client.create_secret().name("grant/1").secret_string(value);
        call.client_request_token(token(version)).send()
    };
    assert_eq!(error_code(again("one", "other").await), "ResourceExistsException");
    assert_eq!(error_code(again("two", "first").await), "ResourceExistsException");

    assert_eq!(put(&client, "two", "second").await, "");
    assert_eq!(put(&client, "three", "third").await, "");
    assert_eq!(put(&client, "two", "second").await, "", "the same once more");
    assert_eq!(put(&client, "two", "other").await, "ResourceExistsException");
    assert_eq!(labelled(&client, "AWSCURRENT").await, Ok("third".to_owned()));
    assert_eq!(stack.aws.secrets()[0].versions.len(), 3);

    let short = client.put_secret_value().secret_id("grant/1").secret_string("x");
    let short = short.client_request_token("short").send().await;
    assert_eq!(error_code(short), "InvalidParameterException");
}

#[tokio::test]
async fn values_have_1_to_65536_bytes() {
    let stack = Stack::start().await;
    let client = secrets_manager(&stack.aws);
    create(&client, "one", "first").await;
    let cases = [(65_536, ""), (65_537, "ValidationException"), (0, "ValidationException")];
    for (size, code) in cases {
        let put = || client.put_secret_value().secret_id("grant/1");
        let text = put().secret_string("x".repeat(size)).send().await;
        assert_eq!(error_code(text), code, "{size} bytes of text");
        let binary = put().secret_binary(Blob::new(vec![0; size])).send().await;
        assert_eq!(error_code(binary), code, "{size} bytes of binary");
    }
    let both = client.put_secret_value().secret_id("grant/1").secret_string("x");
    let both = both.secret_binary(Blob::new("x")).send().await;
    assert_eq!(error_code(both), "InvalidParameterException");
    let neither = client.put_secret_value().secret_id("grant/1").send().await;
    assert_eq!(error_code(neither), "InvalidParameterException");
}

#[tokio::test]
async fn binary_comes_back_as_binary() {
    let stack = Stack::start().await;
    let client = secrets_manager(&stack.aws);
    let bytes = vec![0, 159, 146, 150, 255];
    let call = client.create_secret().name("grant/1").kms_key_id("alias/secrets");
    call.secret_binary(Blob::new(bytes.clone())).send().await.unwrap();
    let read = client.get_secret_value().secret_id("grant/1").send().await.unwrap();
    assert_eq!(read.secret_binary.unwrap().into_inner(), bytes);
    assert_eq!(read.secret_string, None);
}

#[tokio::test]
async fn a_deleted_secret_is_refused_restored_and_gone_after_its_window() {
    let stack = Stack::start().await;
    let client = secrets_manager(&stack.aws);
    create(&client, "one", "first").await;
    let delete =
        |window| client.delete_secret().secret_id("grant/1").recovery_window_in_days(window).send();
    assert_eq!(error_code(delete(6).await), "InvalidParameterException");
    let deleted = delete(7).await.unwrap();
    let expected = crate::aws::testing::START.as_secs() + 7 * 24 * 60 * 60;
    assert_eq!(deleted.deletion_date.unwrap().secs(), expected);

    let refused = "InvalidRequestException";
    assert_eq!(labelled(&client, "AWSCURRENT").await, Err(refused.to_owned()));
    assert_eq!(put(&client, "two", "second").await, refused);
    assert_eq!(error_code(delete(7).await), refused);
    let create_again = client.create_secret().name("grant/1").secret_string("x").send().await;
    assert_eq!(error_code(create_again), refused);
    let described = client.describe_secret().secret_id("grant/1").send().await.unwrap();
    assert!(described.deleted_date.is_some());

    client.restore_secret().secret_id("grant/1").send().await.unwrap();
    assert_eq!(labelled(&client, "AWSCURRENT").await, Ok("first".to_owned()));

    delete(7).await.unwrap();
    stack.clock.advance(7 * DAY);
    let gone = client.restore_secret().secret_id("grant/1").send().await;
    assert_eq!(error_code(gone), "ResourceNotFoundException");
    assert!(stack.aws.secrets().is_empty());
}

#[tokio::test]
async fn a_forced_deletion_leaves_nothing() {
    let stack = Stack::start().await;
    let client = secrets_manager(&stack.aws);
    create(&client, "one", "first").await;
    let force = || {
        let call = client.delete_secret().secret_id("grant/1");
        call.force_delete_without_recovery(true)
    };
    let both = force().recovery_window_in_days(7).send().await;
    assert_eq!(error_code(both), "InvalidParameterException");
    force().send().await.unwrap();
    force().send().await.unwrap();
    let gone = labelled(&client, "AWSCURRENT").await;
    assert_eq!(gone, Err("ResourceNotFoundException".to_owned()));
    create(&client, "two", "again").await;
    assert_eq!(labelled(&client, "AWSCURRENT").await, Ok("again".to_owned()));
}

#[tokio::test]
async fn a_label_moves_only_from_where_it_is_said_to_stand() {
    let stack = Stack::start().await;
    let client = secrets_manager(&stack.aws);
    create(&client, "one", "first").await;
    for version in ["two", "three"] {
        let call = client.put_secret_value().secret_id("grant/1").secret_string(version);
        let call = call.client_request_token(token(version)).version_stages(version);
        call.send().await.unwrap();
    }
    // (label, from, to, exception), each applied to the state the ones before it left.
    let invalid = "InvalidParameterException";
    let cases = [
        ("AWSCURRENT", None, Some("two"), invalid),
        ("AWSCURRENT", Some("three"), Some("two"), invalid),
        ("AWSCURRENT", Some("one"), Some("nine"), "ResourceNotFoundException"),
        ("AWSCURRENT", Some("one"), None, invalid),
        ("AWSCURRENT", Some("one"), Some("two"), ""),
        ("AWSCURRENT", Some("one"), Some("three"), invalid),
        ("AWSCURRENT", Some("two"), Some("three"), ""),
        ("AWSCURRENT", None, Some("three"), ""),
        ("two", None, None, invalid),
        ("two", Some("two"), None, ""),
        ("fresh", None, Some("one"), ""),
    ];
    for (stage, from, to, code) in cases {
        assert_eq!(move_label(&client, stage, from, to).await, code, "{stage} {from:?} {to:?}");
    }
    assert_eq!(labelled(&client, "AWSCURRENT").await, Ok("three".to_owned()));
    assert_eq!(labelled(&client, "AWSPREVIOUS").await, Ok("two".to_owned()));
    assert_eq!(labelled(&client, "fresh").await, Ok("first".to_owned()));
}

#[tokio::test]
async fn an_update_changes_the_key_and_adds_a_version_if_a_value_is_given() {
    let stack = Stack::start().await;
    let client = secrets_manager(&stack.aws);
    create(&client, "one", "first").await;
    let update = || client.update_secret().secret_id("grant/1");
    update().kms_key_id("alias/other").send().await.unwrap();
    assert_eq!(stack.aws.secrets()[0].versions.len(), 1);
    update().secret_string("second").send().await.unwrap();
    assert_eq!(labelled(&client, "AWSCURRENT").await, Ok("second".to_owned()));
    assert_eq!(stack.aws.secrets()[0].kms_key.as_deref(), Some("alias/other"));
}

#[tokio::test]
async fn secrets_are_listed_in_pages_by_prefix() {
    let stack = Stack::start().await;
    let client = secrets_manager(&stack.aws);
    for name in ["grant/1", "grant/2", "grant/3", "other"] {
        client.create_secret().name(name).secret_string("x").send().await.unwrap();
    }
    client.delete_secret().secret_id("grant/2").send().await.unwrap();
    let filter = aws_sdk_secretsmanager::types::Filter::builder().key("name".into());
    let filter = filter.values("grant/").build();
    let names = |planned: bool| {
        let call = client.list_secrets().filters(filter.clone()).include_planned_deletion(planned);
        let mut pages = call.max_results(1).into_paginator().send();
        async move {
            let mut names = Vec::new();
            while let Some(page) = pages.next().await {
                let entries = page.unwrap().secret_list.unwrap();
                names.extend(entries.into_iter().filter_map(|entry| entry.name));
            }
            names
        }
    };
    assert_eq!(names(false).await, ["grant/1", "grant/3"]);
    assert_eq!(names(true).await, ["grant/1", "grant/2", "grant/3"]);
}

#[tokio::test]
async fn the_local_listing_has_sizes_and_no_values() {
    let stack = Stack::start().await;
    let client = secrets_manager(&stack.aws);
    create(&client, "one", "a canary").await;
    let listing = stack.aws.secrets();
    assert_eq!(listing[0].versions[0].size, 8);
    assert_eq!(listing[0].versions[0].stages, ["AWSCURRENT"]);
    assert!(!serde_json::to_string(&listing).unwrap().contains("canary"));
}

#[tokio::test]
async fn secrets_outlive_the_process() {
    let dir = TempDir::new();
    let stack = Stack::start_in(Some(dir.path())).await;
    create(&secrets_manager(&stack.aws), "one", "first").await;
    drop(stack);
    let stack = Stack::start_in(Some(dir.path())).await;
    let client = secrets_manager(&stack.aws);
    assert_eq!(labelled(&client, "AWSCURRENT").await, Ok("first".to_owned()));
}

/// Puts a resource policy; answers the exception's name.
async fn put_policy(client: &Client, policy: &str, block_public: bool) -> String {
    let call = client.put_resource_policy().secret_id("grant/1").resource_policy(policy);
    error_code(call.block_public_policy(block_public).send().await)
}

/// A policy of one statement.
fn policy_of(statement: &str) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": {statement}}}"#)
}

const DENY: &str =
    r#"[{"Effect": "Deny", "Principal": "*", "Action": "secretsmanager:*", "Resource": "*"}]"#;
const ALLOW: &str =
    r#"{"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": "x", "Resource": "*"}"#;

#[tokio::test]
async fn a_policy_is_kept_as_it_was_put_and_can_be_taken_away() {
    let stack = Stack::start().await;
    let client = secrets_manager(&stack.aws);
    let get = || client.get_resource_policy().secret_id("grant/1").send();
    assert_eq!(error_code(get().await), "ResourceNotFoundException");
    assert_eq!(put_policy(&client, &policy_of(DENY), true).await, "ResourceNotFoundException");

    client.create_secret().name("grant/1").send().await.unwrap();
    assert_eq!(get().await.unwrap().resource_policy, None);
    assert_eq!(put_policy(&client, &policy_of(DENY), true).await, "");
    let answer = get().await.unwrap();
    assert_eq!(answer.name.as_deref(), Some("grant/1"));
    assert_eq!(answer.resource_policy, Some(policy_of(DENY)));
    client.delete_resource_policy().secret_id("grant/1").send().await.unwrap();
    assert_eq!(get().await.unwrap().resource_policy, None);

    client.delete_secret().secret_id("grant/1").send().await.unwrap();
    assert_eq!(put_policy(&client, &policy_of(DENY), true).await, "InvalidRequestException");
    assert_eq!(error_code(get().await), "InvalidRequestException");
}

#[tokio::test]
async fn a_policy_that_is_none_or_too_long_or_lets_in_everybody_is_refused() {
    let stack = Stack::start().await;
    let client = secrets_manager(&stack.aws);
    client.create_secret().name("grant/1").send().await.unwrap();
    let malformed = "MalformedPolicyDocumentException";
    for (policy, refused) in [
        ("not JSON".to_owned(), malformed),
        ("[]".to_owned(), malformed),
        ("{}".to_owned(), malformed),
        (policy_of("[]"), malformed),
        (policy_of(DENY).replace("2012-10-17", "2012"), malformed),
        (policy_of(DENY).replace("Version", "version"), malformed),
        (policy_of(DENY).replace("Deny", "Forbid"), malformed),
        (policy_of(DENY).replace("Principal", "Principals"), malformed),
        (policy_of(DENY).replace(r#""Resource": "*""#, r#""Sid": "One""#), malformed),
        (String::new(), "InvalidParameterException"),
        (format!("{:<20481}", policy_of(DENY)), "InvalidParameterException"),
        (format!("{:<20480}", policy_of(DENY)), ""),
        (policy_of(ALLOW), "PublicPolicyException"),
        (policy_of(&ALLOW.replace(r#"["*"]"#, r#""*""#)), "PublicPolicyException"),
        (policy_of(&ALLOW.replace('*', "arn:aws:iam::000000000000:role/a")), ""),
        (policy_of(&ALLOW.replace("Allow", "Deny")), ""),
    ] {
        assert_eq!(put_policy(&client, &policy, true).await, refused, "{policy:.100}");
    }
    assert_eq!(put_policy(&client, &policy_of(ALLOW), false).await, "", "it was not asked for");
}
