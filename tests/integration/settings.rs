//! Settings over HTTP and on pages: what may be set where and by whom, what holds, concurrent edits,
//! and what was changed.

mod changes;
mod documented;
mod edits;
mod pages;
mod permissions;
mod projects;

use serde_json::{Value, json};
use tandem_domain::settings::{CATALOGUE, Scope, Values};

use crate::{
    sign_in::People,
    support::{Answer, Browser, TENANT},
};

const INSTANCE: &str = "/settings/instance";
const PROJECT: &str = "/settings/projects/10000";
const ME: &str = "/settings/users/me";

/// People, of whom the first administers the site, and a project that all of them see.
async fn with_project() -> People {
    let people = People::start().await;
    people.stack.project_and_issue(&people.people[0]);
    people
}

/// A change with the session's CSRF token, and perhaps `If-Match`.
async fn change(
    browser: &mut Browser,
    method: &str,
    path: &str,
    if_match: Option<&str>,
    body: &Value,
) -> Answer {
    let csrf = browser.csrf().await;
    browser
        .send(method, path, |request| {
            let request = request.header("x-csrf-token", csrf).json(body);
            match if_match {
                Some(tags) => request.header("if-match", tags),
                None => request,
            }
        })
        .await
}

async fn put(browser: &mut Browser, path: &str, body: Value) -> Answer {
    change(browser, "PUT", path, None, &body).await
}

fn code(page: &Answer) -> String {
    page.json()["code"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_entry_of_the_catalogue_can_be_set_where_it_says() {
    let people = with_project().await;
    let mut admin = people.signed_in(0, 0).await;
    for definition in CATALOGUE {
        let name = definition.name.as_str();
        let (good, bad) = match definition.values {
            Values::Choice(words) => (json!(words[0]), json!("something else")),
            Values::Choices(words) => (json!([words[0]]), json!(["something else"])),
            Values::TenantIds => (json!([TENANT]), json!(["contoso.com"])),
            Values::Hours => (json!("22-07"), json!("late")),
            Values::ProjectId | Values::IssueTypeId => (json!("10001"), json!("DEMO")),
        };
        for (scope, path) in
            [(Scope::Instance, INSTANCE), (Scope::Project, PROJECT), (Scope::User, ME)]
        {
            let set = put(&mut admin, path, json!({name: good})).await;
            let refused = put(&mut admin, path, json!({name: bad})).await;
            assert_eq!(refused.status, 400, "{name} {path}");
            if definition.scopes.contains(&scope) {
                assert_eq!(
                    (set.status, &set.json()["values"][name]),
                    (200, &good),
                    "{name} {path}"
                );
                assert_eq!(code(&refused), "invalid_value", "{name} {path}");
            } else {
                assert_eq!(
                    (set.status, code(&set).as_str()),
                    (400, "wrong_scope"),
                    "{name} {path}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_changes_nothing_and_is_told_what_is_allowed() {
    let people = with_project().await;
    let mut admin = people.signed_in(0, 0).await;
    put(&mut admin, INSTANCE, json!({"comment_sync": "off"})).await;
    let before = people.items().await;
    for (body, code_is, allowed) in [
        (json!({"colour_zq": "zq"}), "unknown_setting", "comment_sync"),
        (json!({"appearance": "dark", "comment_sync": "zq"}), "invalid_value", "jira_to_teams"),
        (json!(["zq"]), "invalid_json", "line 1"),
        (json!("zq"), "invalid_json", "line 1"),
    ] {
        let refused = put(&mut admin, INSTANCE, body.clone()).await;
        assert_eq!((refused.status, code(&refused).as_str()), (400, code_is), "{body}");
        let detail = refused.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(allowed) && !detail.contains("zq"), "{body}: {detail}");
        assert_eq!(people.items().await, before, "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_nearest_scope_holds_and_says_so() {
    let people = with_project().await;
    let mut admin = people.signed_in(0, 0).await;
    let project = "?project=10000";
    // (what is set, and where; then what holds, where it is asked, and where it comes from)
    for (path, set, query, name, value, source) in [
        ("", json!({}), project, "comment_sync", "both", "default"),
        (INSTANCE, json!({"comment_sync": "off"}), project, "comment_sync", "off", "instance"),
        (PROJECT, json!({"comment_sync": "both"}), project, "comment_sync", "both", "project"),
        ("", json!({}), "", "comment_sync", "off", "instance"),
        (INSTANCE, json!({"appearance": "light"}), "", "appearance", "light", "instance"),
        (ME, json!({"appearance": "dark"}), project, "appearance", "dark", "user"),
        ("", json!({}), "", "comment_sync", "both", "default"),
    ] {
        if !path.is_empty() {
            assert_eq!(put(&mut admin, path, set).await.status, 200, "{path}");
        }
        let effective = admin.get(&format!("/settings/effective{query}")).await.json();
        let expected = json!({"value": value, "source": source});
        assert_eq!(effective["settings"][name], expected, "{name} after {path}");
    }
    assert!(admin.get("/connected").await.body.contains("data-look=\"dark\""));
    let mut somebody_else = people.signed_in(1, 1).await;
    let theirs = somebody_else.get("/settings/effective").await.json();
    assert_eq!(theirs["settings"]["appearance"], json!({"value": "light", "source": "instance"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalogue_is_shown() {
    let people = People::start().await;
    let mut person = people.signed_in(1, 1).await;
    let shown = person.get("/settings/catalogue").await.json();
    let settings = shown["settings"].as_array().unwrap();
    assert_eq!(settings.len(), CATALOGUE.len());
    for field in ["name", "scopes", "values", "default", "meaning"] {
        assert!(settings.iter().all(|setting| !setting[field].is_null()), "{field}");
    }
}
