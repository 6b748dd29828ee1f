//! A run that stops anywhere: nobody is passed over, and nobody erased twice.

use std::time::Duration;

use tandem_domain::{AccountId, Purpose, Subject, Timestamp};
use tandem_runtime::closed_account;

use super::{CLOSED, WEEK, account};
use crate::{
    erase::stops::{Stop, stop_after},
    support::TestStack,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_stops_anywhere_passes_nobody_over_and_erases_nobody_twice() {
    let stack = TestStack::start().await;
    let ada = stack.person("Ada Berg", false, true).await;
    let subject = Subject::Atlassian(AccountId::parse(&ada.account).unwrap());
    let mut points = 0;
    for stop in [Stop::Waiting, Stop::Answered] {
        for steps in (1..).step_by(3) {
            let before = stack.items_of("receipt").await.len();
            stack.commented(CLOSED, 1).await;
            stack.commented(&account(2), 2).await;
            stack.clock.advance(WEEK);
            // Refreshed before the run: one that stops between the vendor's answer and its being saved
            // can cost a sign-in where tokens rotate strictly, and nobody else could report.
            let request = "before-the-run".parse().unwrap();
            let token = stack.app.vault.access_token(&subject, Purpose::ReportAccounts, &request);
            token.await.unwrap();
            stack.gate.forget();
            let done = stop_after(steps, stop, stack.upkeep()).await;
            // A lease that was left behind runs out.
            stack.clock.advance(Duration::from_mins(6));
            let rest = stack.upkeep().await;
            assert_eq!(rest.failures, 0, "{stop:?} {steps}");
            let named: Vec<String> =
                stack.reports().into_iter().flat_map(|(_, named)| named).collect();
            for who in [CLOSED.to_owned(), account(2)] {
                assert!(named.contains(&who), "{stop:?} {steps}: {named:?}");
            }
            stack.finish_erasures().await;
            assert!(!stack.items().await.iter().any(|item| item.to_string().contains(CLOSED)));
            let receipts = stack.items_of("receipt").await.len();
            assert_eq!(receipts, before + 1, "{stop:?} {steps}");
            if done.is_some() {
                break;
            }
            points += 1;
        }
    }
    eprintln!("a run that reports: stopped at {points} points");
    assert!(points > 4, "{points}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_that_had_begun_is_joined() {
    let stack = TestStack::start().await;
    stack.person("Ada Berg", false, true).await;
    stack.commented(CLOSED, 1).await;
    stack.clock.advance(WEEK);
    let due = stack.app.store.list_due_reports(Timestamp::from_millis(i64::MAX), 90).await.unwrap();
    let item = due.iter().find(|item| item.account_id.as_str() == CLOSED).unwrap();
    let begun = closed_account::erase(&stack.app, item).await.unwrap();
    let again = closed_account::erase(&stack.app, item).await.unwrap();
    assert_eq!(again.receipt_id, begun.receipt_id);
    assert_eq!(stack.items_of("receipt").await.len(), 1);
}
