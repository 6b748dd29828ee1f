//! Opening and refreshing: one token call, nobody loses, nobody overwrites.

use std::{sync::Arc, time::Duration};

use tandem_domain::{Clock, Failure, GrantState, LeaseHolder, Provider, SignInReason, Subject};
use tandem_vault::Vault;

use super::{
    bench::{Bench, open, request, subject},
    issuer::{LASTS, Moment, Mood},
};

/// Longer than the lease.
const AFTER_THE_LEASE: Duration = Duration::from_secs(31);

fn spawn_open(
    vault: Arc<Vault>,
    subject: &Subject,
) -> tokio::task::JoinHandle<Result<String, Failure>> {
    let subject = subject.clone();
    tokio::spawn(async move { open(&vault, &subject).await })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_sign_in_saved_opens_in_any_process() {
    let bench = Bench::start().await;
    let (one, other) = (subject(1), subject(2));
    let absent = Err(Failure::Absent { what: "grant" });
    assert_eq!(open(&bench.vault(), &one).await, absent);
    bench.sign_in(&one).await;
    let vault = bench.vault();
    for _ in 0..2 {
        assert_eq!(open(&vault, &one).await.unwrap(), "access-1");
    }
    assert_eq!(open(&vault, &other).await, absent);
    assert_eq!(bench.issuer.counts(&one), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_sign_in_renews_the_same_grant_at_once() {
    let bench = Bench::start().await;
    let one = subject(1);
    bench.sign_in(&one).await;
    let (vault, before) = (bench.vault(), bench.grant(&one).await);
    assert_eq!(open(&vault, &one).await.unwrap(), "access-1");
    bench.sign_in(&one).await;
    assert_eq!(open(&vault, &one).await.unwrap(), "access-2", "the memory notices");
    let after = bench.grant(&one).await;
    assert_eq!(after.grant_id, before.grant_id);
    assert_eq!(after.created_at, before.created_at);
    assert_eq!(bench.grant_secrets().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_refreshed_when_less_than_five_minutes_are_left() {
    let bench = Bench::start().await;
    let one = subject(1);
    bench.sign_in(&one).await;
    let vault = bench.vault();
    bench.clock.advance(LASTS - Duration::from_secs(301));
    assert_eq!(open(&vault, &one).await.unwrap(), "access-1");
    bench.clock.advance(Duration::from_secs(2));
    assert_eq!(open(&vault, &one).await.unwrap(), "access-2");
    let grant = bench.grant(&one).await;
    assert_eq!(grant.lease_holder, None, "the lease is given back");
    assert_eq!(grant.access_expires_at, bench.clock.now().plus(LASTS));
    // Many more rounds: the version that counts stays readable, one refresh each.
    for round in 3..9 {
        bench.clock.advance(LASTS);
        assert_eq!(open(&bench.vault(), &one).await.unwrap(), format!("access-{round}"));
    }
    assert_eq!(bench.issuer.counts(&one), (7, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_callers_in_eight_processes_make_one_token_call() {
    let bench = Bench::start_with(false, Duration::from_millis(50)).await;
    let one = subject(1);
    bench.sign_in(&one).await;
    bench.clock.advance(LASTS);
    let vaults: Vec<_> = (0..8).map(|_| bench.vault()).collect();
    let callers: Vec<_> = (0..200).map(|n| spawn_open(vaults[n % 8].clone(), &one)).collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap().unwrap(), "access-2");
    }
    assert_eq!(bench.issuer.counts(&one), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lease_of_one_that_vanished_is_taken_over() {
    let bench = Bench::start().await;
    let one = subject(1);
    bench.sign_in(&one).await;
    bench.clock.advance(LASTS - Duration::from_secs(60));
    let (grant, now) = (bench.grant(&one).await, bench.clock.now());
    let gone = LeaseHolder::parse(&"e".repeat(32)).unwrap();
    let until = now.plus(Duration::from_secs(30));
    bench.store.take_lease(&one, grant.version, &gone, now, until).await.unwrap();
    assert_eq!(open(&bench.vault(), &one).await.unwrap(), "access-1", "it still lasts a while");
    bench.clock.advance(AFTER_THE_LEASE);
    assert_eq!(open(&bench.vault(), &one).await.unwrap(), "access-2");
    assert_eq!(bench.issuer.counts(&one), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_refresher_does_not_overwrite_its_successor() {
    let bench = Bench::start_with(true, Duration::ZERO).await;
    let one = subject(1);
    bench.sign_in(&one).await;
    bench.clock.advance(LASTS);
    let held = bench.issuer.hold_next(Moment::Answering);
    let slow = spawn_open(bench.vault(), &one);
    held.arrived().await;
    bench.clock.advance(AFTER_THE_LEASE);
    assert_eq!(open(&bench.vault(), &one).await.unwrap(), "access-3", "by the vendor's leeway");
    let saved = bench.grant(&one).await;
    held.go();
    assert_eq!(slow.await.unwrap().unwrap(), "access-3", "the successor's, not its own");
    assert_eq!(bench.grant(&one).await, saved);
    // The slow one's version took the label and came to nothing; the next refresh still works.
    for round in 4..7 {
        bench.clock.advance(LASTS);
        assert_eq!(open(&bench.vault(), &one).await.unwrap(), format!("access-{round}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_while_another_refreshed_is_no_end() {
    let bench = Bench::start().await;
    let one = subject(1);
    bench.sign_in(&one).await;
    bench.clock.advance(LASTS);
    let held = bench.issuer.hold_next(Moment::Arriving);
    let slow = spawn_open(bench.vault(), &one);
    held.arrived().await;
    bench.clock.advance(AFTER_THE_LEASE);
    assert_eq!(open(&bench.vault(), &one).await.unwrap(), "access-2");
    held.go();
    assert_eq!(slow.await.unwrap().unwrap(), "access-2");
    assert_eq!(bench.issuer.counts(&one), (2, 1));
    assert_eq!(bench.grant(&one).await.state, GrantState::Active);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_served_brings_back_a_grant_that_another_gave_up() {
    let bench = Bench::start().await;
    let one = subject(1);
    bench.sign_in(&one).await;
    bench.clock.advance(LASTS);
    let held = bench.issuer.hold_next(Moment::Answering);
    let slow = spawn_open(bench.vault(), &one);
    held.arrived().await;
    bench.clock.advance(AFTER_THE_LEASE);
    // The old token is refused, and where the new ones are nobody can know.
    let refused = open(&bench.vault(), &one).await;
    assert!(matches!(refused, Err(Failure::SignInNeeded { .. })), "{refused:?}");
    held.go();
    assert_eq!(slow.await.unwrap().unwrap(), "access-2");
    assert_eq!(open(&bench.vault(), &one).await.unwrap(), "access-2");
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_alone_needs_a_sign_in_and_a_sign_in_mends_it() {
    let bench = Bench::start().await;
    let one = subject(1);
    bench.sign_in(&one).await;
    bench.clock.advance(LASTS);
    let vault = bench.vault();
    bench.issuer.set_mood(Mood::Refuses(SignInReason::Expired));
    let needed =
        Err(Failure::SignInNeeded { provider: Provider::Atlassian, reason: SignInReason::Expired });
    for _ in 0..3 {
        assert_eq!(open(&vault, &one).await, needed);
    }
    assert_eq!(bench.issuer.counts(&one).0, 1, "the vendor is asked once");
    bench.issuer.set_mood(Mood::Serves);
    assert_eq!(open(&vault, &one).await, needed);
    bench.sign_in(&one).await;
    assert_eq!(open(&vault, &one).await.unwrap(), "access-2");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_vendor_is_out_of_reach_the_present_token_does() {
    let bench = Bench::start().await;
    let one = subject(1);
    bench.sign_in(&one).await;
    bench.issuer.set_mood(Mood::Unavailable);
    bench.clock.advance(LASTS - Duration::from_secs(60));
    let vault = bench.vault();
    assert_eq!(open(&vault, &one).await.unwrap(), "access-1");
    bench.clock.advance(Duration::from_secs(45));
    let later = open(&vault, &one).await;
    let what = "token_endpoint_unavailable";
    assert_eq!(later, Err(Failure::Retry { what, after: None }));
    bench.issuer.set_mood(Mood::Serves);
    assert_eq!(open(&vault, &one).await.unwrap(), "access-2", "the lease was given back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_wins_over_a_running_refresh() {
    let bench = Bench::start().await;
    let one = subject(1);
    bench.sign_in(&one).await;
    bench.clock.advance(LASTS);
    let held = bench.issuer.hold_next(Moment::Answering);
    let slow = spawn_open(bench.vault(), &one);
    held.arrived().await;
    bench.sign_in(&one).await;
    held.go();
    assert_eq!(slow.await.unwrap().unwrap(), "access-3");
    assert_eq!(open(&bench.vault(), &one).await.unwrap(), "access-3");
    // Its version was left without a label of ours; the next refresh gives it one.
    bench.clock.advance(LASTS);
    assert_eq!(open(&bench.vault(), &one).await.unwrap(), "access-4");
    assert_eq!(bench.issuer.counts(&one), (2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn keep_alive_refreshes_once_however_long_the_token_lasts() {
    let bench = Bench::start().await;
    let one = subject(1);
    bench.sign_in(&one).await;
    let (vault, due) = (bench.vault(), bench.grant(&one).await);
    for _ in 0..2 {
        vault.keep_alive(&due, &request("upkeep")).await.unwrap();
    }
    assert_eq!(open(&bench.vault(), &one).await.unwrap(), "access-2");
    assert_eq!(bench.issuer.counts(&one), (1, 0));
}
