//! Who may see and change what.

use serde_json::json;
use tandem_domain::{CloudId, SiteHost};
use tandem_local::sandbox::jira::{NewProject, NewUser};

use super::{INSTANCE, ME, PROJECT, change, code, put, with_project};
use crate::{
    sign_in::People,
    support::{CLOUD, WEBHOOK_SECRET},
};

/// Project 10100: the second user administers it. Project 10200: only the third may see it.
async fn with_projects() -> People {
    let people = with_project().await;
    let project = |id: &str, key: &str| NewProject {
        id: Some(id.to_owned()),
        key: key.to_owned(),
        name: key.to_owned(),
        ..NewProject::default()
    };
    let administered =
        NewProject { admins: vec![people.account(1).to_owned()], ..project("10100", "ADM") };
    let hidden = NewProject {
        browsers: Some(vec![people.account(2).to_owned()]),
        ..project("10200", "HID")
    };
    people.stack.jira.add_project(CLOUD, administered);
    people.stack.jira.add_project(CLOUD, hidden);
    people
}

#[tokio::test(flavor = "multi_thread")]
async fn jira_decides_who_may_change_what() {
    let people = with_projects().await;
    let mut browsers =
        [people.signed_in(0, 0).await, people.signed_in(1, 1).await, people.signed_in(2, 2).await];
    let sync = json!({"comment_sync": "off"});
    let look = json!({"appearance": "dark"});
    // (path, body, statuses of reading and of changing for: site admin, project admin, neither)
    for (path, body, reads, changes) in [
        (INSTANCE, &sync, [200, 200, 200], [200, 403, 403]),
        (PROJECT, &sync, [200, 200, 200], [200, 403, 403]),
        ("/settings/projects/10100", &sync, [200, 200, 200], [200, 200, 403]),
        ("/settings/projects/10200", &sync, [200, 404, 200], [200, 404, 403]),
        ("/settings/projects/99999", &sync, [404, 404, 404], [404, 404, 404]),
        (ME, &look, [200, 200, 200], [200, 200, 200]),
    ] {
        for (who, browser) in browsers.iter_mut().enumerate() {
            let name = format!("user {who} at {path}");
            assert_eq!(browser.get(path).await.status, reads[who], "reading, {name}");
            let set = put(browser, path, body.clone()).await;
            assert_eq!(set.status, changes[who], "changing, {name}: {set:?}");
            let unset = change(browser, "DELETE", path, None, &json!({})).await;
            assert_eq!(unset.status, changes[who], "unsetting, {name}");
            if changes[who] == 403 {
                assert_eq!(code(&set), "insufficient_permission", "{name}");
            }
            let effective = path.replace("/settings/projects/", "/settings/effective?project=");
            if effective != path {
                assert_eq!(browser.get(&effective).await.status, reads[who], "effective, {name}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_shown_without_a_session_nor_changed_without_the_csrf_token() {
    let people = People::start().await;
    let (mut nobody, mut admin) = (people.stack.browser(), people.signed_in(0, 0).await);
    for path in [INSTANCE, PROJECT, ME, "/settings/effective", "/settings/catalogue"] {
        assert_eq!(nobody.get(path).await.status, 401, "{path}");
    }
    let body = json!({"appearance": "dark"});
    let before = people.items().await;
    for path in [INSTANCE, PROJECT, ME] {
        for method in ["PUT", "DELETE"] {
            let none = nobody.send(method, path, |request| request.json(&body)).await;
            assert_eq!(none.status, 401, "{method} {path}");
            for csrf in [None, Some(""), Some("AAAA")] {
                let refused = admin
                    .send(method, path, |request| match csrf {
                        Some(csrf) => request.header("x-csrf-token", csrf).json(&body),
                        None => request.json(&body),
                    })
                    .await;
                assert_eq!((refused.status, code(&refused).as_str()), (403, "csrf"), "{path}");
            }
        }
    }
    assert_eq!(people.items().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_is_named_by_its_number() {
    let people = People::start().await;
    let mut admin = people.signed_in(0, 0).await;
    for (path, field) in [
        ("/settings/projects/DEMO", "projectId"),
        ("/settings/projects/10000%20or%201", "projectId"),
        ("/settings/projects/123456789012345678901", "projectId"),
        ("/settings/effective?project=DEMO", "project"),
        ("/settings/effective?project=", "project"),
    ] {
        let refused = admin.get(path).await;
        assert_eq!((refused.status, code(&refused).as_str()), (400, "invalid_field"), "{path}");
        let detail = refused.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.starts_with(field) && !detail.contains("DEMO"), "{path}: {detail}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_number_on_another_site_is_another_project() {
    let people = with_project().await;
    let mut admin = people.signed_in(0, 0).await;
    put(&mut admin, PROJECT, json!({"comment_sync": "off"})).await;
    let other = "21223344-a1b2-4b33-8444-def123456789";
    let (cloud, host) = (CloudId::parse(other), SiteHost::parse("other.atlassian.net"));
    people.stack.install(cloud.unwrap(), host.unwrap(), WEBHOOK_SECRET).await.unwrap();
    let foreigner = people
        .stack
        .jira
        .add_user(NewUser { display_name: "Somebody Else".to_owned(), ..Default::default() });
    people.stack.jira.add_member(other, &foreigner, true);
    let mut browser = people.stack.browser();
    browser.sign_in(&foreigner, people.object(1)).await;
    for method in ["GET", "PUT", "DELETE"] {
        let body = json!({"comment_sync": "both"});
        let answer = change(&mut browser, method, PROJECT, None, &body).await;
        assert_eq!(answer.status, 404, "{method}");
    }
    assert_eq!(admin.get(PROJECT).await.json()["values"], json!({"comment_sync": "off"}));
    assert_eq!(browser.get(INSTANCE).await.json()["version"], 0);
}
