//! Erasing reaches everything, and everybody.

use tandem_domain::Failure;

use super::{
    bench::{Bench, open, subject},
    issuer::{LASTS, Moment},
};

#[tokio::test(flavor = "multi_thread")]
async fn erasing_takes_secret_item_and_memory_and_once_is_enough() {
    let bench = Bench::start().await;
    let (one, other) = (subject(1), subject(2));
    bench.sign_in(&one).await;
    bench.sign_in(&other).await;
    let (vault, elsewhere) = (bench.vault(), bench.vault());
    assert_eq!(open(&elsewhere, &one).await.unwrap(), "access-1");
    assert!(vault.erase(&one).await.unwrap());
    assert!(!vault.erase(&one).await.unwrap());
    assert_eq!(open(&elsewhere, &one).await, Err(Failure::Absent { what: "grant" }));
    assert_eq!(bench.store.find_grant(&one).await.unwrap(), None);
    assert_eq!(bench.grant_secrets().len(), 1);
    assert_eq!(open(&vault, &other).await.unwrap(), "access-1", "others stay");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_was_under_way_brings_nothing_back() {
    let bench = Bench::start().await;
    let one = subject(1);
    bench.sign_in(&one).await;
    bench.clock.advance(LASTS);
    let held = bench.issuer.hold_next(Moment::Answering);
    let (vault, subject) = (bench.vault(), one.clone());
    let slow = tokio::spawn(async move { open(&vault, &subject).await });
    held.arrived().await;
    assert!(bench.vault().erase(&one).await.unwrap());
    held.go();
    assert_eq!(slow.await.unwrap(), Err(Failure::Absent { what: "grant" }));
    assert_eq!(bench.store.find_grant(&one).await.unwrap(), None);
    assert!(bench.grant_secrets().is_empty());
}
