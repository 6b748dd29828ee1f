//! KMS through its SDK.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_kms::Client;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{DataKeySpec, KeyState};

use crate::aws::testing::{Stack, TempDir, error_code, kms};

const DAY: Duration = Duration::from_hours(24);

async fn new_key(client: &Client) -> String {
    let created = client.create_key().description("tokens").send().await.unwrap();
    created.key_metadata.unwrap().key_id
}

fn context(grant: &str) -> HashMap<String, String> {
    HashMap::from([
        ("grant".to_owned(), grant.to_owned()),
        ("provider".to_owned(), "atlassian".to_owned()),
    ])
}

async fn encrypt(client: &Client, key: &str, grant: &str) -> Blob {
    let call = client.encrypt().key_id(key).plaintext(Blob::new("plain"));
    let answer = call.set_encryption_context(Some(context(grant))).send().await.unwrap();
    answer.ciphertext_blob.unwrap()
}

/// The plaintext, or the exception's name.
async fn decrypt(client: &Client, blob: &Blob, grant: &str) -> Result<Vec<u8>, String> {
    let call = client.decrypt().ciphertext_blob(blob.clone());
    match call.set_encryption_context(Some(context(grant))).send().await {
        Ok(answer) => Ok(answer.plaintext.unwrap().into_inner()),
        Err(error) => Err(error_code::<(), _>(Err(error))),
    }
}

async fn state(client: &Client, key: &str) -> KeyState {
    let described = client.describe_key().key_id(key).send().await.unwrap();
    described.key_metadata.unwrap().key_state.unwrap()
}

#[tokio::test]
async fn a_data_key_opens_to_what_was_given_out() {
    let stack = Stack::start().await;
    let client = kms(&stack.aws);
    let key = new_key(&client).await;
    let call = client.generate_data_key().key_id(&key).key_spec(DataKeySpec::Aes256);
    let given = call.set_encryption_context(Some(context("1"))).send().await.unwrap();
    assert!(given.key_id.unwrap().ends_with(&key));
    let plain = given.plaintext.unwrap().into_inner();
    assert_eq!(plain.len(), 32);
    assert_eq!(decrypt(&client, &given.ciphertext_blob.unwrap(), "1").await, Ok(plain));
    let neither = client.generate_data_key().key_id(&key).send().await;
    assert_eq!(error_code(neither), "ValidationException");
}

#[tokio::test]
async fn another_context_does_not_open() {
    let stack = Stack::start().await;
    let client = kms(&stack.aws);
    let key = new_key(&client).await;
    let blob = encrypt(&client, &key, "1").await;
    assert_eq!(decrypt(&client, &blob, "1").await, Ok(b"plain".to_vec()));
    let other = decrypt(&client, &blob, "2").await;
    assert_eq!(other, Err("InvalidCiphertextException".to_owned()));
    let none = client.decrypt().ciphertext_blob(blob).send().await;
    assert_eq!(error_code(none), "InvalidCiphertextException");
}

#[tokio::test]
async fn a_changed_or_cut_ciphertext_does_not_open() {
    let stack = Stack::start().await;
    let client = kms(&stack.aws);
    let key = new_key(&client).await;
    let blob = encrypt(&client, &key, "1").await.into_inner();
    let last = blob.len() - 1;
    // Version, key id, generation, nonce, ciphertext, tag.
    for at in [0, 5, 40, 45, 53, last] {
        let mut changed = blob.clone();
        changed[at] ^= 1;
        let opened = decrypt(&client, &Blob::new(changed), "1").await;
        assert_eq!(opened, Err("InvalidCiphertextException".to_owned()), "byte {at}");
        let cut = decrypt(&client, &Blob::new(&blob[..at.max(1)]), "1").await;
        assert_eq!(cut, Err("InvalidCiphertextException".to_owned()), "cut at {at}");
    }
}

#[tokio::test]
async fn another_key_than_the_named_one_is_refused() {
    let stack = Stack::start().await;
    let client = kms(&stack.aws);
    let (key, other) = (new_key(&client).await, new_key(&client).await);
    let blob = encrypt(&client, &key, "1").await;
    let open_with = |key: &str| {
        let call = client.decrypt().ciphertext_blob(blob.clone()).key_id(key);
        call.set_encryption_context(Some(context("1"))).send()
    };
    assert!(open_with(&key).await.is_ok());
    assert_eq!(error_code(open_with(&other).await), "IncorrectKeyException");
    assert_eq!(error_code(open_with("no-such-key").await), "NotFoundException");
}

#[tokio::test]
async fn a_disabled_key_neither_seals_nor_opens_until_enabled() {
    let stack = Stack::start().await;
    let client = kms(&stack.aws);
    let key = new_key(&client).await;
    let blob = encrypt(&client, &key, "1").await;
    client.disable_key().key_id(&key).send().await.unwrap();
    assert_eq!(state(&client, &key).await, KeyState::Disabled);
    assert_eq!(decrypt(&client, &blob, "1").await, Err("DisabledException".to_owned()));
    let given = client.generate_data_key().key_id(&key).key_spec(DataKeySpec::Aes256);
    assert_eq!(error_code(given.send().await), "DisabledException");
    client.enable_key().key_id(&key).send().await.unwrap();
    assert!(decrypt(&client, &blob, "1").await.is_ok());
}

#[tokio::test]
async fn a_key_pending_deletion_is_refused_and_can_be_saved_in_time() {
    let stack = Stack::start().await;
    let client = kms(&stack.aws);
    let key = new_key(&client).await;
    let blob = encrypt(&client, &key, "1").await;
    let schedule =
        |window| client.schedule_key_deletion().key_id(&key).pending_window_in_days(window).send();
    assert_eq!(error_code(schedule(6).await), "ValidationException");
    let scheduled = schedule(7).await.unwrap();
    assert_eq!(scheduled.key_state.unwrap(), KeyState::PendingDeletion);
    let refused = Err("KMSInvalidStateException".to_owned());
    assert_eq!(decrypt(&client, &blob, "1").await, refused);
    let enabled = client.enable_key().key_id(&key).send().await;
    assert_eq!(error_code(enabled), "KMSInvalidStateException");
    assert_eq!(error_code(schedule(7).await), "KMSInvalidStateException");

    client.cancel_key_deletion().key_id(&key).send().await.unwrap();
    assert_eq!(state(&client, &key).await, KeyState::Disabled);
    client.enable_key().key_id(&key).send().await.unwrap();
    assert!(decrypt(&client, &blob, "1").await.is_ok());
}

#[tokio::test]
async fn a_key_is_gone_when_its_window_has_passed() {
    let stack = Stack::start().await;
    let client = kms(&stack.aws);
    let key = new_key(&client).await;
    let blob = encrypt(&client, &key, "1").await;
    let call = client.schedule_key_deletion().key_id(&key).pending_window_in_days(7);
    call.send().await.unwrap();
    stack.clock.advance(7 * DAY);
    let described = client.describe_key().key_id(&key).send().await;
    assert_eq!(error_code(described), "NotFoundException");
    assert!(decrypt(&client, &blob, "1").await.is_err());
    let saved = client.cancel_key_deletion().key_id(&key).send().await;
    assert_eq!(error_code(saved), "NotFoundException");
}

#[tokio::test]
async fn a_rotated_key_still_opens_what_it_sealed_before() {
    let stack = Stack::start().await;
    let client = kms(&stack.aws);
    let key = new_key(&client).await;
    let old = encrypt(&client, &key, "1").await;
    client.rotate_key_on_demand().key_id(&key).send().await.unwrap();
    let new = encrypt(&client, &key, "1").await;
    for blob in [&old, &new] {
        assert_eq!(decrypt(&client, blob, "1").await, Ok(b"plain".to_vec()));
    }
    // A ciphertext belongs to its generation: relabelling it does not open it.
    let mut relabelled = old.into_inner();
    relabelled[40] = 1;
    assert!(decrypt(&client, &Blob::new(relabelled), "1").await.is_err());
}

#[tokio::test]
async fn re_encrypt_moves_to_another_key_and_context() {
    let stack = Stack::start().await;
    let client = kms(&stack.aws);
    let (from, to) = (new_key(&client).await, new_key(&client).await);
    let blob = encrypt(&client, &from, "1").await;
    let re_encrypt = |grant: &str| {
        client
            .re_encrypt()
            .ciphertext_blob(blob.clone())
            .set_source_encryption_context(Some(context(grant)))
            .destination_key_id(&to)
            .set_destination_encryption_context(Some(context("2")))
            .send()
    };
    let moved = re_encrypt("1").await.unwrap();
    assert!(moved.source_key_id.unwrap().ends_with(&from));
    assert!(moved.key_id.unwrap().ends_with(&to));
    let blob = moved.ciphertext_blob.unwrap();
    assert_eq!(decrypt(&client, &blob, "2").await, Ok(b"plain".to_vec()));
    assert!(decrypt(&client, &blob, "1").await.is_err());
    assert_eq!(error_code(re_encrypt("3").await), "InvalidCiphertextException");
}

#[tokio::test]
async fn keys_and_aliases_outlive_the_process() {
    let dir = TempDir::new();
    let stack = Stack::start_in(Some(dir.path())).await;
    let client = kms(&stack.aws);
    let key = new_key(&client).await;
    let alias = client.create_alias().alias_name("alias/tokens").target_key_id(&key);
    alias.clone().send().await.unwrap();
    assert_eq!(error_code(alias.send().await), "AlreadyExistsException");
    let blob = encrypt(&client, "alias/tokens", "1").await;
    drop(stack);

    let stack = Stack::start_in(Some(dir.path())).await;
    let client = kms(&stack.aws);
    assert_eq!(decrypt(&client, &blob, "1").await, Ok(b"plain".to_vec()));
    assert_eq!(state(&client, "alias/tokens").await, KeyState::Enabled);
}

#[tokio::test]
async fn calls_that_are_not_emulated_are_refused_by_name() {
    let stack = Stack::start().await;
    let refused = kms(&stack.aws).list_keys().send().await;
    assert_eq!(error_code(refused), "UnknownOperationException");
}
