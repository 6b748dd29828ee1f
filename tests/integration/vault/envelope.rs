//! Envelopes that were tampered with, swapped or replayed, and keys in trouble.

use aws_sdk_secretsmanager::primitives::Blob;
use tandem_domain::{Failure, Subject};
use tandem_store::Grant;

use super::{
    bench::{Bench, create_key, open, subject},
    issuer::LASTS,
};

async fn envelope_of(bench: &Bench, grant: &Grant) -> Vec<u8> {
    let asked = bench.secrets.get_secret_value().secret_id(Bench::secret_name(grant));
    let answer = asked.version_id(grant.secret_version.as_str()).send().await.unwrap();
    answer.secret_binary.unwrap().into_inner()
}

/// Puts `bytes` in the place of the version that counts, as one could who may write secrets.
async fn replace(bench: &Bench, grant: &Grant, bytes: &[u8]) {
    let name = Bench::secret_name(grant);
    let deletion = bench.secrets.delete_secret().secret_id(&name);
    deletion.force_delete_without_recovery(true).send().await.unwrap();
    let created = bench.secrets.create_secret().name(&name).secret_binary(Blob::new(bytes));
    created.client_request_token(grant.secret_version.as_str()).send().await.unwrap();
}

async fn assert_refused(bench: &Bench, subject: &Subject, case: &str) {
    let opened = open(&bench.vault(), subject).await;
    let Err(Failure::Fault { what }) = opened else { panic!("{case}: {opened:?}") };
    assert!(what.starts_with("envelope_"), "{case}: {what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_byte_anywhere_and_any_truncation_is_refused() {
    let bench = Bench::start().await;
    let one = subject(1);
    bench.sign_in(&one).await;
    let grant = bench.grant(&one).await;
    let good = envelope_of(&bench, &grant).await;
    for place in 0..good.len() {
        let mut changed = good.clone();
        changed[place] ^= 0x01;
        replace(&bench, &grant, &changed).await;
        assert_refused(&bench, &one, &format!("byte {place} changed")).await;
    }
    for length in 1..good.len() {
        replace(&bench, &grant, &good[..length]).await;
        assert_refused(&bench, &one, &format!("the first {length} bytes")).await;
    }
    replace(&bench, &grant, &good).await;
    assert_eq!(open(&bench.vault(), &one).await.unwrap(), "access-1");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_grants_envelope_and_an_old_one_are_refused() {
    let bench = Bench::start().await;
    let (one, other) = (subject(1), subject(2));
    bench.sign_in(&one).await;
    bench.sign_in(&other).await;
    let (grant, others) = (bench.grant(&one).await, bench.grant(&other).await);
    let old = envelope_of(&bench, &grant).await;
    let theirs = envelope_of(&bench, &others).await;
    replace(&bench, &grant, &theirs).await;
    assert_refused(&bench, &one, "another grant's").await;
    replace(&bench, &grant, &old).await;
    bench.clock.advance(LASTS);
    assert_eq!(open(&bench.vault(), &one).await.unwrap(), "access-2");
    let grant = bench.grant(&one).await;
    replace(&bench, &grant, &old).await;
    assert_refused(&bench, &one, "replayed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn older_keys_open_and_new_ones_seal() {
    let bench = Bench::start().await;
    let one = subject(1);
    bench.sign_in(&one).await;
    let next_key = create_key(&bench.kms).await;
    let unknown = open(&bench.vault_with(&next_key, &[]), &one).await;
    assert_eq!(unknown, Err(Failure::Fault { what: "envelope_key_unknown" }));
    let older = [bench.envelope_key.as_str()];
    let vault = bench.vault_with(&next_key, &older);
    assert_eq!(open(&vault, &one).await.unwrap(), "access-1");
    bench.clock.advance(LASTS);
    assert_eq!(open(&vault, &one).await.unwrap(), "access-2");
    assert_eq!(open(&bench.vault_with(&next_key, &[]), &one).await.unwrap(), "access-2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_key_is_an_operators_matter_and_ends_no_grant() {
    let bench = Bench::start().await;
    let one = subject(1);
    bench.sign_in(&one).await;
    let unusable = Err(Failure::Fault { what: "envelope_key_unusable" });
    let key = bench.envelope_key.clone();
    bench.kms.disable_key().key_id(&key).send().await.unwrap();
    assert_eq!(open(&bench.vault(), &one).await, unusable);
    bench.clock.advance(LASTS);
    assert_eq!(open(&bench.vault(), &one).await, unusable);
    assert_eq!(bench.issuer.counts(&one), (0, 0), "no refresh token is spent on it");
    bench.kms.enable_key().key_id(&key).send().await.unwrap();
    assert_eq!(open(&bench.vault(), &one).await.unwrap(), "access-2");
    let deletion = bench.kms.schedule_key_deletion().key_id(&key).pending_window_in_days(7);
    deletion.send().await.unwrap();
    assert_eq!(open(&bench.vault(), &one).await, unusable);
}
