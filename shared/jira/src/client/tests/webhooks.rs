//! Webhooks that the app registers for itself.

use tandem_domain::Timestamp;

use super::*;

const MANAGE: &str = "/rest/api/3/webhook";

fn address() -> Url {
    Url::parse("https://tandem.example.com/jira/11223344-a1b2-3b33-c444-def123456789/webhooks")
        .unwrap()
}

#[tokio::test]
async fn one_webhook_is_registered_and_refusals_come_inside_a_200() {
    for (result, expected) in [
        (json!([{"createdWebhookId": 1000}]), Ok(1000)),
        (json!([{"errors": ["marker text"]}]), Err(Failure::Forbidden { what: "jira_webhook" })),
        (json!([]), Err(Failure::Fault { what: "jira_unexpected_answer" })),
    ] {
        let body = json!({"webhookRegistrationResult": result});
        let stage = Stage::new(vec![Told::new(200, &body)]).await;
        assert_eq!(stage.site().register_webhook(&address()).await, expected);
        let sent = stage.fake.only_request();
        assert_eq!((sent.method.as_str(), sent.path), ("POST", format!("{ROOT}{MANAGE}")));
        let sent = sent_webhook(&stage);
        assert_eq!(sent["events"].as_array().unwrap().len(), 6);
        assert!(sent["jqlFilter"].as_str().unwrap().starts_with("project != "));
    }
}

fn sent_webhook(stage: &Stage) -> Value {
    let body = stage.fake.only_request().json();
    assert_eq!(body["url"], address().as_str());
    body["webhooks"][0].clone()
}

#[tokio::test]
async fn only_tandems_own_are_listed_and_times_are_read_either_way() {
    let ours = "project != \"tandem.every.project\"";
    let listed = json!({"values": [
        {"id": 1, "jqlFilter": ours, "events": [], "expirationDate": 1_559_392_950_000_i64},
        {"id": 2, "jqlFilter": ours, "expirationDate": "2019-06-01T12:42:30.000+0000"},
        {"id": 3, "jqlFilter": ours},
        {"id": 4, "jqlFilter": "project = PRJ"},
    ]});
    let stage = Stage::new(vec![Told::new(200, &listed)]).await;
    let found = stage.site().list_webhooks().await.unwrap();
    let at = Some(Timestamp::from_millis(1_559_392_950_000));
    let found: Vec<_> = found.into_iter().map(|hook| (hook.id, hook.ends_at)).collect();
    assert_eq!(found, [(1, at), (2, at), (3, None)]);
}

#[tokio::test]
async fn a_webhook_is_refreshed_and_ended() {
    let refreshed = json!({"expirationDate": 1_559_392_950_000_i64});
    let stage = Stage::new(vec![Told::new(200, &refreshed), Told::raw(202, "")]).await;
    let ends_at = stage.site().refresh_webhook(7).await.unwrap();
    assert_eq!(ends_at, Timestamp::from_millis(1_559_392_950_000));
    stage.site().delete_webhooks(&[7, 8]).await.unwrap();
    let sent = stage.fake.requests();
    assert_eq!(sent[0].path, format!("{ROOT}{MANAGE}/refresh"));
    assert_eq!((sent[0].method.as_str(), sent[0].json()), ("PUT", json!({"webhookIds": [7]})));
    assert_eq!(
        (sent[1].method.as_str(), sent[1].json()),
        ("DELETE", json!({"webhookIds": [7, 8]}))
    );
}
