//! When the endpoint is busy, or somebody's grant does not allow it.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use tandem_domain::{AccessToken, AccountId, RefreshToken, Subject, TokenSet};
use tandem_local::sandbox::gate::{Fault, Strike};

use super::WEEK;
use crate::support::{Person, TestStack, logged};

fn fault(status: StatusCode, retry_after: Option<u64>, times: u32) -> Fault {
    Fault {
        method: Method::POST,
        path: "/atlassian/api/app/report-accounts".to_owned(),
        path_end: String::new(),
        strike: Strike::Before,
        status,
        retry_after,
        times,
    }
}

/// Signs somebody in as before accounts were reported: without the scope for it.
async fn without_scope(stack: &TestStack, person: &Person) {
    let scopes = ["read:jira-work", "write:jira-work", "read:jira-user", "offline_access"];
    let (access, refresh) = stack.jira.issue_tokens(&person.account, &scopes);
    let tokens = TokenSet {
        access: AccessToken::new(access),
        refresh: RefreshToken::new(refresh),
        expires_at: stack.app.clock.now().plus(Duration::from_hours(1)),
    };
    let subject = Subject::Atlassian(AccountId::parse(&person.account).unwrap());
    stack.app.vault.save(&subject, &tokens).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_endpoint_is_left_alone_for_as_long_as_it_says() {
    let stack = TestStack::start().await;
    stack.person("Ada Berg", false, true).await;
    stack.clock.advance(WEEK);
    stack.gate.fail(fault(StatusCode::TOO_MANY_REQUESTS, Some(3_600), 1));
    let report = stack.upkeep().await;
    assert_eq!((report.accounts_reported, report.failures), (0, 0), "no trouble");
    assert_eq!(stack.reports().len(), 1);
    stack.clock.advance(Duration::from_mins(59));
    assert_eq!(stack.upkeep().await.accounts_reported, 0);
    assert_eq!(stack.reports().len(), 1, "not asked before");
    stack.clock.advance(Duration::from_mins(2));
    assert_eq!(stack.upkeep().await.accounts_reported, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_fails_is_asked_again_soon() {
    let stack = TestStack::start().await;
    stack.person("Ada Berg", false, true).await;
    stack.clock.advance(WEEK);
    stack.gate.fail(fault(StatusCode::BAD_GATEWAY, None, 1));
    let report = stack.upkeep().await;
    assert_eq!((report.accounts_reported, report.failures), (0, 1));
    assert_eq!(stack.upkeep().await.accounts_reported, 0, "not at once");
    stack.clock.advance(Duration::from_mins(6));
    assert_eq!(stack.upkeep().await.accounts_reported, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_without_the_scope_is_passed_over_and_stays_as_it_is() {
    let stack = TestStack::start().await;
    let (ada, ben) =
        (stack.person("Ada Berg", false, true).await, stack.person("Ben", false, true).await);
    without_scope(&stack, &ada).await;
    stack.clock.advance(WEEK);
    let report = stack.upkeep().await;
    assert_eq!((report.accounts_reported, report.failures), (2, 0));
    let statuses: Vec<u16> = stack.reports().iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses.last(), Some(&204));
    assert!(statuses[..statuses.len() - 1].iter().all(|status| *status == 401), "{statuses:?}");
    assert_all_active(&stack).await;

    without_scope(&stack, &ben).await;
    stack.clock.advance(WEEK);
    let report = stack.upkeep().await;
    assert_eq!((report.accounts_reported, report.failures), (0, 1));
    assert!(logged().contains("report_scope_missing"));
    assert_all_active(&stack).await;
    let asked = stack.reports().len();
    stack.clock.advance(Duration::from_mins(30));
    assert_eq!(stack.upkeep().await.failures, 0, "not every five minutes");
    assert_eq!(stack.reports().len(), asked);
    // Somebody signs in who can.
    stack.person("Cleo", false, true).await;
    stack.clock.advance(Duration::from_mins(31));
    assert!(stack.upkeep().await.accounts_reported >= 2);
}

async fn assert_all_active(stack: &TestStack) {
    for grant in stack.items_of("grant").await {
        assert_eq!(grant["state"]["S"], "active", "{grant}");
    }
}
