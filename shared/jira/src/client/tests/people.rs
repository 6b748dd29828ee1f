//! Moving, assigning and watching issues.

use tandem_domain::TransitionId;

use super::*;

#[tokio::test]
async fn transitions_say_where_they_lead_and_what_they_demand() {
    let to = |name: &str, key: &str| json!({"name": name, "statusCategory": {"key": key}});
    let needs = |required: bool, default: bool| json!({"resolution": {"required": required, "hasDefaultValue": default}});
    let list = json!({"transitions": [
        {"id": "11", "name": "Start", "to": to("marker status", "indeterminate")},
        {"id": "21", "name": "Close", "to": to("Done", "done"), "fields": needs(true, false)},
        {"id": "31", "name": "Skip", "to": to("Done", "done"), "fields": needs(true, true)},
        {"id": "41", "name": "Drop", "to": to("Done", "done"), "fields": needs(false, false)},
        {"id": "odd", "name": "Odd", "to": to("Done", "done")},
    ]});
    let stage = Stage::new(vec![Told::new(200, &list)]).await;
    let found = stage.site().list_transitions(&issue_id()).await.unwrap();
    let told: Vec<(&str, bool)> =
        found.iter().map(|it| (it.id.as_str(), it.has_required_fields)).collect();
    assert_eq!(told, [("11", false), ("21", true), ("31", false), ("41", false)]);
    assert_eq!(found[0].to.as_str(), "marker status");
    assert_eq!(found[0].to_category, Some(StatusCategory::Indeterminate));
    assert!(!format!("{found:?}").contains("marker"));
    assert_eq!(stage.fake.only_request().query["expand"], "transitions.fields");
}

#[tokio::test]
async fn captured_transitions_are_read() {
    let file = "fixtures/jira/go-jira/testing/mock-data/transitions.json";
    let Some(captured) = shared_json(file) else { return };
    let stage = Stage::new(vec![Told::new(200, &captured)]).await;
    let found = stage.site().list_transitions(&issue_id()).await.unwrap();
    assert_eq!(found.len(), captured["transitions"].as_array().unwrap().len());
}

#[tokio::test]
async fn deeds_on_an_issue_are_refused_or_done() {
    let transition = TransitionId::parse("31").unwrap();
    let (issue, account) = (issue_id(), account_id());
    let done = || Told::raw(204, "");
    let stage = Stage::new(vec![done(), done(), done(), done(), done()]).await;
    let site = stage.site();
    site.transition(&issue, &transition).await.unwrap();
    site.assign(&issue, Some(&account)).await.unwrap();
    site.assign(&issue, None).await.unwrap();
    site.watch(&issue, &account).await.unwrap();
    site.unwatch(&issue, &account).await.unwrap();
    let requests = stage.fake.requests();
    let bodies: Vec<Value> = requests[..4].iter().map(Recorded::json).collect();
    assert_eq!(
        bodies,
        [
            json!({"transition": {"id": "31"}}),
            json!({"accountId": ACCOUNT}),
            json!({"accountId": null}),
            json!(ACCOUNT),
        ]
    );
    assert_eq!(requests[4].query["accountId"], ACCOUNT);

    let no = || Told::new(400, &json!({"errorMessages": ["marker"], "errors": {}}));
    let stage = Stage::new(vec![no(), no(), no()]).await;
    let site = stage.site();
    for (outcome, what) in [
        (site.transition(&issue, &transition).await, "jira_transition"),
        (site.assign(&issue, Some(&account)).await, "jira_assignee"),
        (site.watch(&issue, &account).await, "jira_watchers"),
    ] {
        assert_eq!(outcome.unwrap_err(), Failure::Forbidden { what });
    }
}

#[tokio::test]
async fn watchers_tell_whether_one_is_among_them() {
    let hidden = json!({"isWatching": true, "watchCount": 2, "watchers": []});
    let shown = json!({"isWatching": false, "watchCount": 1, "watchers": [user()]});
    let stage = Stage::new(vec![Told::new(200, &hidden), Told::new(200, &shown)]).await;
    let found = stage.site().list_watchers(&issue_id()).await.unwrap();
    assert_eq!(found, Watchers { is_watching: true, accounts: vec![] });
    let found = stage.site().list_watchers(&issue_id()).await.unwrap();
    assert!(!found.is_watching && found.include(&account_id()));
}

#[tokio::test]
async fn the_assignable_are_looked_up_for_a_project_or_an_issue() {
    let users = json!([user(), {"displayName": "no account"}]);
    let stage = Stage::new(vec![Told::new(200, &users), Told::new(200, &users)]).await;
    let found = stage.site().list_assignable(&project_id(), "ma", 10).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].display_name.as_str(), "marker name");
    stage.site().list_assignable(&issue_id(), "", 10).await.unwrap();
    let queries: Vec<_> = stage.fake.requests().into_iter().map(|it| it.query).collect();
    assert_eq!((&*queries[0]["project"], &*queries[0]["query"]), ("10000", "ma"));
    assert_eq!(queries[1]["issueId"], "10040");
}

#[tokio::test]
async fn a_time_zone_is_a_name_of_one_or_none() {
    for (zone, expected) in [
        (json!("Europe/Berlin"), Some("Europe/Berlin")),
        (json!("America/Port-au-Prince"), Some("America/Port-au-Prince")),
        (json!("Etc/GMT+2"), Some("Etc/GMT+2")),
        (json!(""), None),
        (json!("half past two"), None),
        (json!(null), None),
    ] {
        let mut answer = user();
        answer["timeZone"] = zone;
        let stage = Stage::new(vec![Told::new(200, &answer)]).await;
        assert_eq!(stage.site().my_time_zone().await.unwrap().as_deref(), expected);
    }
}
