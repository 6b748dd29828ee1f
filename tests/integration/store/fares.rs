//! How a site fares: what is counted, what it costs, up to which bound.

use tandem_domain::{SignInReason, Subject};
use tandem_store::{AccountLink, Counted, Counts, DueKind, MOST_COUNTED, Tally, WebhookSeen};

use super::{
    bench::{Bench, on_every_engine},
    chats::heard,
    grants::fresh,
    ids::{account, cloud, object, tenant},
};

const ONE: Counts = Counts { done: 1, dropped: 2, retried: 3, given_up: 4, failed: 5 };

impl Bench {
    async fn slots(&self, site: usize, secs: i64) -> Vec<Counts> {
        let tallies = self.store.list_tallies(&cloud(site), self.at(secs)).await.unwrap();
        assert!(tallies.windows(2).all(|two| two[0].slot_at < two[1].slot_at), "{tallies:?}");
        tallies.into_iter().map(|tally| tally.counts).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_counted_by_site_and_slot_whoever_counts_at_once() {
    on_every_engine(async |bench| {
        let at = bench.now;
        let added = bench
            .twenty(|store, _| async move { store.add_to_tally(&cloud(1), at, ONE).await })
            .await;
        assert!(added.iter().all(Result::is_ok), "{added:?}");
        for (site, secs) in [(1, -600), (1, -7200), (2, 0)] {
            bench.store.add_to_tally(&cloud(site), bench.at(secs), ONE).await.unwrap();
        }
        let twenty = Counts { done: 20, dropped: 40, retried: 60, given_up: 80, failed: 100 };
        assert_eq!(bench.slots(1, 0).await, [twenty]);
        assert_eq!(bench.slots(1, -600).await, [ONE, twenty]);
        assert_eq!(bench.slots(1, -7200).await, [ONE, ONE, twenty]);
        assert_eq!(bench.slots(2, -7200).await, [ONE]);
        assert_eq!(bench.slots(3, -7200).await, []);
        let tally = bench.store.list_tallies(&cloud(2), bench.at(0)).await.unwrap().remove(0);
        assert_eq!(tally, Tally { counts: ONE, ..Tally::at(&cloud(2), at) });
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_is_counted_in_one_query_up_to_a_bound() {
    on_every_engine(async |bench| {
        let of = DueKind::Subscription;
        assert_eq!(bench.store.find_next_due(of).await, Ok(None));
        for number in 0..30 {
            let secs = i64::try_from(number).unwrap() - 10;
            bench.store.put_chat_subscription(&heard(bench, number, secs)).await.unwrap();
        }
        bench.calls();
        let all = bench.store.count_due(of, None).await;
        assert_eq!(all, Ok(Counted { count: 30, more: false }));
        let overdue = bench.store.count_due(of, Some(bench.now)).await;
        assert_eq!(overdue, Ok(Counted { count: 10, more: false }));
        assert_eq!(bench.store.find_next_due(of).await, Ok(Some(bench.at(-10))));
        let none = bench.store.count_erasures_of_site(&cloud(1)).await;
        assert_eq!(none, Ok(Counted::default()));
        assert_eq!(bench.calls(), ["Query"; 4]);
        for number in 30..usize::try_from(MOST_COUNTED).unwrap() + 1 {
            bench.store.put_chat_subscription(&heard(bench, number, 60)).await.unwrap();
        }
        let most = u64::try_from(MOST_COUNTED).unwrap();
        let all = bench.store.count_due(of, None).await;
        assert_eq!(all, Ok(Counted { count: most, more: true }), "at least");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn grants_that_need_a_sign_in_are_found_by_one_query_and_their_people_by_their_keys() {
    on_every_engine(async |bench| {
        let subjects = [
            Subject::Atlassian(account(1)),
            Subject::Microsoft(tenant(1), object(1)),
            Subject::Atlassian(account(2)),
            Subject::Microsoft(tenant(1), object(3)),
        ];
        for (number, subject) in subjects.iter().enumerate() {
            let grant = fresh(bench, number + 1, subject, bench.at(60));
            bench.store.create_grant(&grant).await.unwrap();
            if number != 3 {
                let at = bench.at(-i64::try_from(number).unwrap());
                let reason = SignInReason::Revoked;
                bench.store.mark_grant_needs_sign_in(&grant, reason, at).await.unwrap();
            }
        }
        let link = |site: usize, number: usize| AccountLink {
            cloud_id: cloud(site),
            account_id: account(number),
            tenant_id: tenant(1),
            object_id: object(number),
            created_at: bench.now,
            signed_in_at: bench.now,
        };
        bench.store.put_link(&link(1, 1)).await.unwrap();
        bench.store.put_link(&link(2, 2)).await.unwrap();
        bench.calls();
        let (found, more) = bench.store.list_grants_needing_sign_in(500).await.unwrap();
        let found: Vec<Subject> = found.iter().filter_map(tandem_store::Grant::subject).collect();
        assert_eq!(
            (&found[..], more),
            (&[2, 1, 0].map(|at: usize| subjects[at].clone())[..], false)
        );
        assert_eq!(bench.calls(), ["Query", "BatchGetItem"]);
        let linked = bench.store.list_accounts_by_subjects(&cloud(1), &found).await.unwrap();
        assert_eq!(bench.calls(), ["BatchGetItem"]);
        let mut accounts: Vec<_> =
            linked.iter().map(|(subject, it)| (subject.provider().as_str(), it)).collect();
        accounts.sort_unstable();
        assert_eq!(accounts, [("atlassian", &account(1)), ("microsoft", &account(1))]);
        let (first, more) = bench.store.list_grants_needing_sign_in(1).await.unwrap();
        assert_eq!((first.len(), more), (1, true));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_a_webhook_was_seen_is_one_item_of_the_site() {
    on_every_engine(async |bench| {
        assert_eq!(bench.store.find_webhook_seen(&cloud(1)).await, Ok(None));
        for secs in [0, 300] {
            let seen = WebhookSeen { cloud_id: cloud(1), seen_at: bench.at(secs) };
            bench.calls();
            bench.store.put_webhook_seen(&seen).await.unwrap();
            assert_eq!(bench.store.find_webhook_seen(&cloud(1)).await, Ok(Some(seen)));
            assert_eq!(bench.calls(), ["PutItem", "GetItem"]);
        }
        assert_eq!(bench.store.find_webhook_seen(&cloud(2)).await, Ok(None));
    })
    .await;
}
