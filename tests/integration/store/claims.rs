//! Claims: nothing is done twice, and what was begun and left is taken up.

use std::time::Duration;

use tandem_store::{Claim, ClaimState, Claimed, StoreError};

use super::{
    bench::{Bench, on_every_engine},
    ids::{chat, claim, cloud, holder, message},
};

const LEASE: Duration = Duration::from_secs(30);

impl Bench {
    /// An attempt at the first piece of work.
    async fn attempt(&self, who: usize, at: i64) -> Claimed {
        let claimed =
            self.store.claim(&cloud(1), &claim(1), &holder(who), self.at(at), LEASE).await;
        claimed.unwrap()
    }

    async fn known(&self) -> Option<Claim> {
        self.store.find_claim(&cloud(1), &claim(1)).await.unwrap()
    }
}

/// The claim, if it was the first.
fn first(claimed: Claimed) -> Claim {
    match claimed {
        Claimed::First(claim) => claim,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_has_it_until_it_is_done() {
    on_every_engine(async |bench| {
        let ours = first(bench.attempt(1, 0).await);
        assert_eq!(
            (ours.state, &ours.lease_holder, ours.lease_until, ours.created_at),
            (ClaimState::Begun, &holder(1), bench.at(30), bench.at(0))
        );
        assert_eq!(bench.known().await, Some(ours.clone()));
        for (who, at) in [(2, 0), (1, 10), (2, 29)] {
            assert_eq!(bench.attempt(who, at).await, Claimed::Busy(bench.at(30)), "{who} at {at}");
        }
        let done = Claim { state: ClaimState::Done, message_id: Some(message(1)), ..ours };
        bench.store.put_claim(&done).await.unwrap();
        for at in [0, 31, 3 * 24 * 3600] {
            assert_eq!(bench.attempt(2, at).await, Claimed::Done(done.clone()), "at {at}");
        }
        // Other work, and the same of another site, is another's.
        for (site, work) in [(2, 1), (1, 2)] {
            let (site, work) = (cloud(site), claim(work));
            let other = bench.store.claim(&site, &work, &holder(2), bench.at(0), LEASE).await;
            first(other.unwrap());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_and_left_is_resumed_with_what_is_known() {
    on_every_engine(async |bench| {
        let begun = first(bench.attempt(1, 0).await);
        let noted = Claim { chat_id: Some(chat(1)), ..begun };
        bench.store.put_claim(&noted).await.unwrap();
        let Claimed::Resumed(resumed) = bench.attempt(2, 31).await else { panic!() };
        assert_eq!(
            (resumed.state, &resumed.lease_holder, resumed.lease_until, resumed.created_at),
            (ClaimState::Begun, &holder(2), bench.at(61), bench.at(0))
        );
        assert_eq!(resumed.chat_id, Some(chat(1)));
        assert_eq!(bench.known().await, Some(resumed.clone()));
        assert_eq!(bench.attempt(3, 40).await, Claimed::Busy(bench.at(61)));
        // The one who left it comes back too late for anything.
        let late = Claim { state: ClaimState::Done, chat_id: Some(chat(9)), ..noted.clone() };
        assert_eq!(bench.store.put_claim(&late).await, Err(StoreError::Conflict));
        bench.store.release_claim(&noted).await.unwrap();
        assert_eq!(bench.known().await, Some(resumed.clone()));

        bench.store.release_claim(&resumed).await.unwrap();
        assert_eq!(bench.known().await, None);
        bench.store.release_claim(&resumed).await.expect("given back already");
        assert_eq!(bench.store.put_claim(&resumed).await, Err(StoreError::Conflict));
        let again = first(bench.attempt(3, 41).await);
        assert_eq!((again.created_at, again.chat_id), (bench.at(41), None));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_forgotten_is_as_good_as_new_though_the_item_still_lies_there() {
    on_every_engine(async |bench| {
        let ours = first(bench.attempt(1, 0).await);
        let done = Claim { state: ClaimState::Done, message_id: Some(message(1)), ..ours };
        bench.store.put_claim(&done).await.unwrap();
        let week = 7 * 24 * 3600;
        assert_eq!(bench.attempt(2, week - 1).await, Claimed::Done(done));
        let anew = first(bench.attempt(2, week).await);
        assert_eq!((anew.created_at, anew.message_id), (bench.at(week), None));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_is_first_and_later_one_resumes() {
    on_every_engine(async |bench| {
        for (at, resumed) in [(0, 0), (31, 1)] {
            let results = bench
                .twenty(|store, number| {
                    let (who, now) = (holder(100 + number), bench.at(at));
                    async move { store.claim(&cloud(1), &claim(1), &who, now, LEASE).await }
                })
                .await;
            let results: Vec<Claimed> = results.into_iter().map(Result::unwrap).collect();
            let count = |of: fn(&Claimed) -> bool| results.iter().filter(|it| of(it)).count();
            let counts = (
                count(|it| matches!(it, Claimed::First(_))),
                count(|it| matches!(it, Claimed::Resumed(_))),
                count(|it| matches!(it, Claimed::Busy(_))),
            );
            assert_eq!(counts, (1 - resumed, resumed, 19), "at {at}: {results:?}");
        }
    })
    .await;
}
