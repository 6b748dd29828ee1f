//! Reporting accounts.

use std::time::Duration;

use tandem_domain::Timestamp;

use super::*;
use crate::client::AccountStatus;

const CLOSED: &str = "5be24ba3f91c106033269289";

fn asked() -> Vec<(AccountId, Timestamp)> {
    let at = Timestamp::from_millis(1_612_289_196_530);
    [ACCOUNT, CLOSED].map(|id| (AccountId::parse(id).unwrap(), at)).into()
}

async fn report(told: Told) -> (Stage, Result<AccountReport, Failure>) {
    let stage = Stage::new(vec![told]).await;
    let answer = stage.client.report_accounts(&asked(), &stage.token).await;
    (stage, answer)
}

#[tokio::test]
async fn a_report_names_each_account_and_learns_who_is_gone() {
    let body = json!({"accounts": [
        {"accountId": CLOSED, "status": "closed"},
        {"accountId": ACCOUNT, "status": "updated"},
        {"accountId": ACCOUNT, "status": "somethingNew"},
        {"accountId": "5be24ad8b1653240376955ff", "status": "closed"},
    ]});
    let (stage, answer) = report(Told::new(200, &body).header("cycle-period", "P3D")).await;
    let answer = answer.unwrap();
    let accounts = asked();
    let expected = [
        (accounts[1].0.clone(), AccountStatus::Closed),
        (accounts[0].0.clone(), AccountStatus::Updated),
    ];
    assert_eq!(answer.changed, expected, "nobody who was not asked about");
    assert_eq!(answer.cycle, Some(Duration::from_hours(72)));
    assert!(!format!("{answer:?}").contains(CLOSED));
    let sent = stage.fake.only_request();
    assert_eq!(
        (sent.method.as_str(), sent.path.as_str()),
        ("POST", "/sandbox/app/report-accounts/")
    );
    assert_eq!(sent.header("authorization"), "Bearer open-sesame");
    let at = "2021-02-02T18:06:36.53Z";
    let expected = json!({"accounts": [
        {"accountId": ACCOUNT, "updatedAt": at}, {"accountId": CLOSED, "updatedAt": at},
    ]});
    assert_eq!(sent.json(), expected);
}

#[tokio::test]
async fn nothing_to_do_is_no_content_and_refusals_say_what_they_are_about() {
    let (_, answer) = report(Told::raw(204, "")).await;
    assert_eq!(answer.unwrap(), AccountReport { changed: Vec::new(), cycle: None });
    let mismatch = json!({"code": 401, "message": "Unauthorized; scope does not match"});
    for (told, expected) in [
        (
            Told::new(401, &mismatch),
            Failure::SignInNeeded {
                provider: Provider::Atlassian,
                reason: SignInReason::ConsentMissing,
            },
        ),
        (Told::raw(403, "{}"), Failure::Forbidden { what: "account_report" }),
        (Told::raw(400, "{}"), Failure::Fault { what: "account_report_refused" }),
        (
            Told::raw(429, "{}").header("retry-after", "120"),
            Failure::Retry { what: "jira_throttled", after: Some(Duration::from_mins(2)) },
        ),
        (Told::raw(503, "{}"), Failure::Retry { what: "jira_unavailable", after: None }),
    ] {
        assert_eq!(report(told).await.1.unwrap_err(), expected);
    }
}
