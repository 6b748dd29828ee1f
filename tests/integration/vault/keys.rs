//! Keys that are replaced, and keys in trouble: nothing stops, and nobody is signed out.

use std::{collections::HashSet, sync::Arc, time::Duration};

use tandem_domain::{Failure, GrantState, Subject};
use tandem_vault::{Vault, VaultConfig};

use super::{
    bench::{Bench, STOPS, create_key, open, request, stop_after, subject},
    issuer::{LASTS, Moment},
};

const AFTER_THE_LEASE: Duration = Duration::from_secs(31);

/// Runs of upkeep until there is nothing left: how many grants they sealed anew, and why others
/// were not.
pub(super) async fn rewrap_all(vault: &Vault, limit: i32) -> (u32, Vec<Failure>) {
    let (mut done, mut failures, mut from) = (0, Vec::new(), None);
    loop {
        let page = vault.rewrap(limit, from, &request("upkeep")).await.unwrap();
        assert!(page.done <= limit.unsigned_abs());
        done += page.done;
        failures.extend(page.failures);
        from = page.next;
        if from.is_none() {
            return (done, failures);
        }
    }
}

async fn disable(bench: &Bench, key: &str) {
    bench.kms.disable_key().key_id(key).send().await.unwrap();
}

/// The vault of a deployment whose envelope key was replaced by `next`.
pub(super) fn with_next_key(bench: &Bench, next: &str) -> Arc<Vault> {
    bench.vault_with(next, &[&bench.envelope_key])
}

#[tokio::test(flavor = "multi_thread")]
async fn grants_are_sealed_anew_page_by_page_until_the_older_key_can_go() {
    let bench = Bench::start().await;
    let people: Vec<Subject> = (0..7).map(subject).collect();
    for one in &people {
        bench.sign_in(one).await;
    }
    let next = create_key(&bench.kms).await;
    let vault = with_next_key(&bench, &next);
    let seal = bench.grant(&people[0]).await.seal.unwrap();
    assert_eq!(seal.envelope_key.as_str(), bench.envelope_key);
    assert_eq!(seal.secrets_key.as_str(), bench.secrets_key);
    assert_eq!(rewrap_all(&vault, 3).await, (7, Vec::new()));
    assert_eq!(rewrap_all(&vault, 3).await, (0, Vec::new()), "a second time there is nothing");
    for one in &people {
        assert_eq!(bench.grant(one).await.seal.unwrap().envelope_key.as_str(), next);
    }
    let stored: HashSet<String> = bench
        .items()
        .iter()
        .filter(|item| item["entity"]["S"] == "grant")
        .map(|item| item["envelope_key"]["S"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(stored, HashSet::from([next.clone()]), "the items say which key seals what");
    disable(&bench, &bench.envelope_key).await;
    let alone = bench.vault_with(&next, &[]);
    for one in &people {
        assert_eq!(open(&alone, one).await.unwrap(), "access-1");
        assert_eq!(bench.issuer.counts(one), (0, 0), "no refresh token was spent on it");
    }
    // What was sealed anew is refreshed like any other, again and again.
    for round in 2..6 {
        bench.clock.advance(LASTS);
        assert_eq!(
            open(&bench.vault_with(&next, &[]), &people[0]).await.unwrap(),
            format!("access-{round}")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn opening_and_refreshing_go_on_while_keys_change() {
    let bench = Bench::start().await;
    let (one, other) = (subject(1), subject(2));
    bench.sign_in(&one).await;
    bench.sign_in(&other).await;
    let next = create_key(&bench.kms).await;
    let vault = with_next_key(&bench, &next);
    // A function that was not deployed yet goes on under the older key, and reads neither.
    let before = bench.vault();
    assert_eq!(open(&before, &one).await.unwrap(), "access-1");
    let rewrapping = tokio::spawn({
        let vault = vault.clone();
        async move { rewrap_all(&vault, 10).await }
    });
    assert_eq!(open(&vault, &one).await.unwrap(), "access-1");
    assert_eq!(open(&vault, &other).await.unwrap(), "access-1");
    assert_eq!(rewrapping.await.unwrap().1, Vec::new());
    rewrap_all(&vault, 10).await;
    bench.clock.advance(LASTS);
    assert_eq!(open(&vault, &one).await.unwrap(), "access-2");
    assert_eq!(bench.grant(&one).await.seal.unwrap().envelope_key.as_str(), next);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_the_secrets_is_replaced_too() {
    let bench = Bench::start().await;
    let one = subject(1);
    bench.sign_in(&one).await;
    let next = create_key(&bench.kms).await;
    let vault = bench.vault_of(VaultConfig {
        secrets_key: next.clone(),
        older_secrets_keys: vec![bench.secrets_key.clone()],
        ..bench.config()
    });
    // A refresh puts into the secret as it is: under the older key still, and noted so.
    bench.clock.advance(LASTS);
    assert_eq!(open(&vault, &one).await.unwrap(), "access-2");
    assert_eq!(bench.grant(&one).await.seal.unwrap().secrets_key.as_str(), bench.secrets_key);
    assert_eq!(rewrap_all(&vault, 10).await, (1, Vec::new()));
    assert_eq!(bench.grant(&one).await.seal.unwrap().secrets_key.as_str(), next);
    assert_eq!(bench.grant_secrets()[0].kms_key.as_deref(), Some(next.as_str()));
    assert_eq!(open(&bench.vault(), &one).await.unwrap(), "access-2");
}

#[tokio::test]
async fn sealing_anew_that_stops_anywhere_loses_no_grant_and_is_taken_up_again() {
    let bench = Bench::start().await;
    let next = create_key(&bench.kms).await;
    let mut points = 0;
    for stop in STOPS {
        for steps in 1.. {
            let one = subject(steps * 2 + usize::from(stop == STOPS[0]));
            bench.sign_in(&one).await;
            let vault = with_next_key(&bench, &next);
            let done = stop_after(steps, stop, rewrap_all(&vault, 10)).await;
            bench.clock.advance(AFTER_THE_LEASE);
            let again = with_next_key(&bench, &next);
            assert_eq!(open(&again, &one).await.unwrap(), "access-1", "{stop:?}, {steps} steps");
            assert_eq!(rewrap_all(&again, 10).await.1, Vec::new());
            assert_eq!(bench.grant(&one).await.seal.unwrap().envelope_key.as_str(), next);
            bench.clock.advance(LASTS);
            assert_eq!(open(&again, &one).await.unwrap(), "access-2", "{stop:?}, {steps} steps");
            assert_eq!(bench.issuer.counts(&one), (1, 0));
            if done.is_some() {
                points += steps - 1;
                break;
            }
        }
    }
    eprintln!("sealing anew: stopped at {points} points");
    assert!(points >= 16, "{points}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_refresh_is_not_overtaken_by_sealing_anew() {
    for then in ["goes on", "stops"] {
        let bench = Bench::start().await;
        let one = subject(1);
        bench.sign_in(&one).await;
        bench.clock.advance(LASTS);
        let held = bench.issuer.hold_next(Moment::Answering);
        let slow = tokio::spawn({
            let (vault, one) = (bench.vault(), one.clone());
            async move { open(&vault, &one).await }
        });
        held.arrived().await;
        bench.clock.advance(AFTER_THE_LEASE);
        let next = create_key(&bench.kms).await;
        let vault = with_next_key(&bench, &next);
        assert_eq!(rewrap_all(&vault, 10).await, (1, Vec::new()), "of the tokens of before");
        if then == "goes on" {
            held.go();
            assert_eq!(slow.await.unwrap().unwrap(), "access-2", "its answer still counts");
            assert_eq!(open(&vault, &one).await.unwrap(), "access-2");
            assert_eq!(rewrap_all(&vault, 10).await.1, Vec::new());
            bench.clock.advance(LASTS);
            assert_eq!(open(&vault, &one).await.unwrap(), "access-3");
            assert_eq!(bench.issuer.counts(&one), (2, 0), "no old refresh token was seen");
        } else {
            slow.abort();
            // The vendor's answer is lost: only then it is over.
            let ended = open(&vault, &one).await;
            assert!(matches!(ended, Err(Failure::SignInNeeded { .. })), "{ended:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_cannot_be_opened_keeps_no_other_from_being_sealed_anew() {
    let bench = Bench::start().await;
    let people: Vec<Subject> = (0..3).map(subject).collect();
    for one in &people {
        bench.sign_in(one).await;
        bench.clock.advance(Duration::from_secs(1));
    }
    let name = Bench::secret_name(&bench.grant(&people[0]).await);
    let deletion = bench.secrets.delete_secret().secret_id(&name);
    deletion.force_delete_without_recovery(true).send().await.unwrap();
    let next = create_key(&bench.kms).await;
    let missing = Failure::Fault { what: "secret_missing" };
    let vault = with_next_key(&bench, &next);
    assert_eq!(rewrap_all(&vault, 1).await, (2, vec![missing]), "past the first");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_rotated_goes_on_opening_and_sealing_without_a_pause() {
    let bench = Bench::start().await;
    let (one, other) = (subject(1), subject(2));
    bench.sign_in(&one).await;
    let running = bench.vault();
    for round in 2..5 {
        let rotation = bench.kms.rotate_key_on_demand().key_id(&bench.envelope_key);
        rotation.send().await.unwrap();
        let before = format!("access-{}", round - 1);
        assert_eq!(open(&bench.vault(), &one).await.unwrap(), before, "sealed before it");
        bench.clock.advance(LASTS);
        assert_eq!(open(&running, &one).await.unwrap(), format!("access-{round}"));
    }
    bench.sign_in(&other).await;
    assert_eq!(open(&running, &other).await.unwrap(), "access-1");
    assert_eq!(rewrap_all(&running, 10).await, (0, Vec::new()), "it is the same key");
    assert_eq!(running.count_under_older_keys(10).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_older_keys_is_counted() {
    let bench = Bench::start().await;
    for number in 0..5 {
        bench.sign_in(&subject(number)).await;
    }
    let next = create_key(&bench.kms).await;
    let vault = with_next_key(&bench, &next);
    for (left, most) in [(5, 10), (5, 5), (5, 2)] {
        // What is on the page that is looked at is counted, also beyond the limit.
        assert_eq!(vault.count_under_older_keys(most).await.unwrap(), left, "{most}");
    }
    vault.rewrap(3, None, &request("upkeep")).await.unwrap();
    assert_eq!(vault.count_under_older_keys(10).await.unwrap(), 2);
    rewrap_all(&vault, 10).await;
    assert_eq!(vault.count_under_older_keys(10).await.unwrap(), 0);
}

/// What became of a key.
#[derive(Clone, Copy, Debug)]
enum Trouble {
    Disabled,
    ToBeDeleted,
    Gone,
}

/// How long a key that is to be deleted can still be saved.
const WINDOW: Duration = Duration::from_hours(7 * 24);

async fn bring_about(bench: &Bench, trouble: Trouble, key: &str) {
    if matches!(trouble, Trouble::Disabled) {
        return disable(bench, key).await;
    }
    let deletion = bench.kms.schedule_key_deletion().key_id(key);
    deletion.pending_window_in_days(7).send().await.unwrap();
    if matches!(trouble, Trouble::Gone) {
        bench.clock.advance(WINDOW);
        let described = bench.kms.describe_key().key_id(key).send().await;
        assert!(described.is_err(), "there is no such key any more");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_key_is_gone_for_good_a_sign_in_under_another_mends_a_grant() {
    for lost in ["the envelope key", "the secrets key, and so the secret"] {
        let bench = Bench::start().await;
        let one = subject(1);
        bench.sign_in(&one).await;
        let next = create_key(&bench.kms).await;
        let vault = if lost == "the envelope key" {
            bring_about(&bench, Trouble::Gone, &bench.envelope_key).await;
            with_next_key(&bench, &next)
        } else {
            let name = Bench::secret_name(&bench.grant(&one).await);
            let deletion = bench.secrets.delete_secret().secret_id(name);
            deletion.force_delete_without_recovery(true).send().await.unwrap();
            bench.vault_of(VaultConfig { secrets_key: next, ..bench.config() })
        };
        assert!(open(&vault, &one).await.is_err(), "{lost}");
        let tokens = bench.issuer.sign_in(&one);
        vault.save(&one, &tokens).await.unwrap();
        assert_eq!(open(&vault, &one).await.unwrap(), "access-2", "{lost}");
        bench.clock.advance(LASTS);
        assert_eq!(open(&vault, &one).await.unwrap(), "access-3", "{lost}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_trouble_is_told_as_such_and_ends_no_grant() {
    for trouble in [Trouble::Disabled, Trouble::ToBeDeleted, Trouble::Gone] {
        let bench = Bench::start().await;
        let one = subject(1);
        bench.sign_in(&one).await;
        let next = create_key(&bench.kms).await;
        bring_about(&bench, trouble, &bench.envelope_key).await;
        let unusable = Failure::Fault { what: "envelope_key_unusable" };
        assert!(tandem_vault::is_key_trouble(&unusable));
        let vault = with_next_key(&bench, &next);
        assert_eq!(rewrap_all(&vault, 10).await, (0, vec![unusable.clone()]));
        for expired in [false, true] {
            if expired {
                bench.clock.advance(LASTS);
            }
            let opened = open(&bench.vault(), &one).await;
            assert_eq!(opened, Err(unusable.clone()), "{trouble:?}");
            assert_eq!(bench.grant(&one).await.state, GrantState::Active, "{trouble:?}");
        }
        // Nor is anything of a sign-in lost: it cannot be saved, and says why.
        let tokens = bench.issuer.sign_in(&subject(2));
        assert_eq!(bench.vault().save(&subject(2), &tokens).await, Err(unusable), "{trouble:?}");
        assert_eq!(bench.issuer.counts(&one), (0, 0), "no refresh token is spent on it");
    }
    // The key of the secrets: Secrets Manager says so.
    for (operation, exception) in
        [("GetSecretValue", "DecryptionFailure"), ("PutSecretValue", "EncryptionFailure")]
    {
        let bench = Bench::start().await;
        let one = subject(1);
        bench.sign_in(&one).await;
        bench.clock.advance(LASTS);
        let (proxy, secrets) = bench.proxied_secrets().await;
        let vault = bench.vault_of(VaultConfig { secrets, ..bench.config() });
        proxy.refuse(operation, exception);
        let unusable = Failure::Fault { what: "secrets_key_unusable" };
        assert!(tandem_vault::is_key_trouble(&unusable));
        assert_eq!(open(&vault, &one).await, Err(unusable), "{operation}");
        assert_eq!(bench.grant(&one).await.state, GrantState::Active, "{operation}");
    }
}
