//! Grants: one version after the other, one refresher at a time, found when they are due.

use serde_json::json;
use tandem_domain::{GrantState, Provider, SignInReason, Subject, Timestamp};
use tandem_store::{Grant, StoreError};

use super::{
    bench::{Bench, came_through, on_every_engine},
    ids::{account, grant, holder, object, secret, tenant},
};

fn atlassian(number: usize) -> Subject {
    Subject::Atlassian(account(number))
}

fn microsoft(number: usize) -> Subject {
    Subject::Microsoft(tenant(1), object(number))
}

/// The first version of a subject's grant, to be refreshed at `refresh_at`.
pub fn fresh(bench: &Bench, number: usize, subject: &Subject, refresh_at: Timestamp) -> Grant {
    let (account_id, tenant_id, object_id) = Grant::owner_of(subject);
    let known = json!({
        "grant_id": grant(number),
        "provider": subject.provider(),
        "account_id": account_id,
        "tenant_id": tenant_id,
        "object_id": object_id,
        "state": "active",
        "version": 1,
        "secret_version": secret(1),
        "access_expires_at": bench.at(3600),
        "created_at": bench.at(0),
        "renewed_at": bench.at(0),
        "refresh_at": refresh_at,
    });
    serde_json::from_value(known).unwrap()
}

impl Bench {
    async fn grant_of(&self, subject: &Subject) -> Grant {
        self.store.find_grant(subject).await.unwrap().unwrap()
    }

    /// Takes the lease for a minute.
    async fn lease(&self, subject: &Subject, version: u64, who: usize, at: i64) -> bool {
        let (now, until) = (self.at(at), self.at(at + 60));
        match self.store.take_lease(subject, version, &holder(who), now, until).await {
            Ok(()) => true,
            Err(StoreError::Conflict) => false,
            Err(error) => panic!("{error}"),
        }
    }

    /// Who is due at a time.
    async fn grants_due(&self, at: i64, limit: i32) -> Vec<String> {
        let due = self.store.list_due_grants(&[], self.at(at), limit).await.unwrap();
        let mut due: Vec<String> = due.iter().map(|it| it.grant_id.to_string()).collect();
        due.sort();
        due
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_is_created_once_and_moved_from_the_version_it_was_read_at() {
    on_every_engine(async |bench| {
        for subject in [atlassian(1), microsoft(1)] {
            assert_eq!(bench.store.find_grant(&subject).await, Ok(None));
            let first = fresh(bench, 1, &subject, bench.at(600));
            bench.store.create_grant(&first).await.unwrap();
            assert_eq!(bench.grant_of(&subject).await, first);
            assert_eq!(bench.grant_of(&subject).await.subject(), Some(subject.clone()));
            let other = fresh(bench, 2, &subject, bench.at(600));
            assert_eq!(bench.store.create_grant(&other).await, Err(StoreError::Conflict));

            let second = Grant { version: 2, secret_version: secret(2), ..first.clone() };
            bench.store.move_grant(&second, 1).await.unwrap();
            assert_eq!(bench.grant_of(&subject).await, second);
            for stale in [0, 1, 3] {
                let late = Grant { version: stale + 1, secret_version: secret(9), ..first.clone() };
                assert_eq!(bench.store.move_grant(&late, stale).await, Err(StoreError::Conflict));
            }
            assert_eq!(bench.grant_of(&subject).await, second);

            bench.store.delete_grant(&subject, &grant(7)).await.unwrap();
            assert_eq!(bench.grant_of(&subject).await, second, "another grant's id");
            bench.store.delete_grant(&subject, &grant(1)).await.unwrap();
            assert_eq!(bench.store.find_grant(&subject).await, Ok(None));
            bench.store.delete_grant(&subject, &grant(1)).await.expect("gone already");
            let gone = bench.store.move_grant(&second, 2).await;
            assert_eq!(gone, Err(StoreError::Conflict), "what is gone does not come back");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_creates_and_one_of_many_moves() {
    on_every_engine(async |bench| {
        let subject = atlassian(1);
        let first = fresh(bench, 1, &subject, bench.at(600));
        let created = bench
            .twenty(|store, number| {
                let mine = Grant { secret_version: secret(number), ..first.clone() };
                async move { store.create_grant(&mine).await }
            })
            .await;
        assert_eq!(came_through(&created), 1);
        let moved = bench
            .twenty(|store, number| {
                let mine =
                    Grant { version: 2, secret_version: secret(100 + number), ..first.clone() };
                async move { store.move_grant(&mine, 1).await }
            })
            .await;
        assert_eq!(came_through(&moved), 1);
        let winner = moved.iter().position(Result::is_ok).unwrap();
        assert_eq!(bench.grant_of(&subject).await.secret_version, secret(100 + winner));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_refreshes_at_a_time() {
    on_every_engine(async |bench| {
        let subject = microsoft(1);
        let first = fresh(bench, 1, &subject, bench.at(600));
        assert!(!bench.lease(&subject, 1, 1, 0).await, "there is no grant yet");
        bench.store.create_grant(&first).await.unwrap();
        assert!(!bench.lease(&subject, 2, 1, 0).await, "another version");
        assert!(bench.lease(&subject, 1, 1, 0).await);
        assert!(!bench.lease(&subject, 1, 2, 30).await, "somebody else's");
        assert!(bench.lease(&subject, 1, 1, 30).await, "one's own, longer");
        assert!(!bench.lease(&subject, 1, 2, 90).await, "to its last moment");
        assert!(bench.lease(&subject, 1, 2, 91).await, "run out");
        let leased = bench.grant_of(&subject).await;
        assert_eq!(
            (leased.lease_holder, leased.lease_until),
            (Some(holder(2)), Some(bench.at(151)))
        );
        // A lease alone is no change: the first holder, come late, still moves the version; then
        // the second one's own is too late.
        let (by_first, by_second) = (
            Grant { version: 2, secret_version: secret(2), ..first.clone() },
            Grant { version: 2, secret_version: secret(3), ..first.clone() },
        );
        bench.store.move_grant(&by_first, 1).await.unwrap();
        assert_eq!(bench.store.move_grant(&by_second, 1).await, Err(StoreError::Conflict));
        let moved = bench.grant_of(&subject).await;
        assert_eq!((&moved.secret_version, moved.lease_holder), (&secret(2), None));
        assert!(!bench.lease(&subject, 1, 3, 100).await, "read before the change");

        assert!(bench.lease(&subject, 2, 3, 100).await);
        bench.store.release_lease(&subject, &holder(9)).await.unwrap();
        assert!(!bench.lease(&subject, 2, 4, 100).await, "another's release changes nothing");
        bench.store.release_lease(&subject, &holder(3)).await.unwrap();
        assert_eq!(bench.grant_of(&subject).await, by_first);
        let taken = bench
            .twenty(|store, number| {
                let (subject, now, until) = (subject.clone(), bench.at(100), bench.at(160));
                async move { store.take_lease(&subject, 2, &holder(number), now, until).await }
            })
            .await;
        assert_eq!(came_through(&taken), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_needs_a_sign_in_says_why_and_is_not_due() {
    on_every_engine(async |bench| {
        for (number, reason) in [
            SignInReason::Revoked,
            SignInReason::Expired,
            SignInReason::ConsentMissing,
            SignInReason::InteractionRequired,
            SignInReason::AccountDisabled,
        ]
        .into_iter()
        .enumerate()
        {
            let subject = atlassian(number);
            let first = fresh(bench, number, &subject, bench.at(-60));
            bench.store.create_grant(&first).await.unwrap();
            assert_eq!(bench.grants_due(0, 100).await, [grant(number).to_string()]);
            assert!(bench.lease(&subject, 1, 1, 0).await);
            let read = bench.grant_of(&subject).await;
            bench.store.mark_grant_needs_sign_in(&read, reason, bench.now).await.unwrap();
            let marked = bench.grant_of(&subject).await;
            let ended_at = Some(bench.now);
            let state = GrantState::NeedsSignIn(reason);
            let expected = Grant { state, version: 2, ended_at, ..first };
            assert_eq!(marked, expected);
            assert_eq!(bench.grants_due(0, 100).await, [] as [String; 0]);
            // Who read the older version does not mark the newer one.
            let renewed = Grant { state: GrantState::Active, version: 3, ..marked };
            bench.store.move_grant(&renewed, 2).await.unwrap();
            let late = bench.store.mark_grant_needs_sign_in(&read, reason, bench.now).await;
            assert_eq!(late, Err(StoreError::Conflict));
            bench.store.delete_grant(&subject, &grant(number)).await.unwrap();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_longest_due_are_found_first() {
    on_every_engine(async |bench| {
        let dates = [-10, -30, 3600, -20, 0];
        for (number, secs) in dates.into_iter().enumerate() {
            let subject = if number % 2 == 0 { atlassian(number) } else { microsoft(number) };
            let first = fresh(bench, number, &subject, bench.at(secs));
            bench.store.create_grant(&first).await.unwrap();
        }
        let named = |numbers: &[usize]| -> Vec<String> {
            numbers.iter().map(|number| grant(*number).to_string()).collect()
        };
        for (at, limit, due) in [
            (0, 100, &[0, 1, 3][..]),
            (1, 100, &[0, 1, 3, 4]),
            (1, 1, &[1]),
            (1, 2, &[1, 3]),
            (-30, 100, &[]),
            (7200, 1000, &[0, 1, 2, 3, 4]),
        ] {
            assert_eq!(bench.grants_due(at, limit).await, named(due), "{at} s, {limit}");
        }
        let mut put_off = bench.grant_of(&microsoft(1)).await;
        (put_off.version, put_off.refresh_at) = (2, bench.at(3600));
        bench.store.move_grant(&put_off, 1).await.unwrap();
        assert_eq!(bench.grants_due(1, 100).await, named(&[0, 3, 4]));
        assert_eq!(put_off.provider, Provider::Microsoft);
    })
    .await;
}
