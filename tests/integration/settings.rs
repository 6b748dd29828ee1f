//! Settings over HTTP: what may be set where and by whom, what holds, and concurrent edits.

mod edits;
mod permissions;

use http::Method;
use serde_json::{Value, json};
use tandem_domain::settings::{CATALOGUE, Scope, Values};

use crate::{
    browser::{Browser, Page},
    people::People,
};

const INSTANCE: &str = "/settings/instance";
const PROJECT: &str = "/settings/projects/10000";
const ME: &str = "/settings/users/me";

/// A change with the session's CSRF token, and perhaps `If-Match`.
async fn change(
    browser: &Browser,
    method: Method,
    path: &str,
    if_match: Option<&str>,
    body: Option<&Value>,
) -> Page {
    let csrf = browser.csrf().await;
    let mut headers = vec![("x-csrf-token", csrf.as_str())];
    headers.extend(if_match.map(|tags| ("if-match", tags)));
    browser.call(method, path, &headers, body).await
}

async fn put(browser: &Browser, path: &str, body: Value) -> Page {
    change(browser, Method::PUT, path, None, Some(&body)).await
}

fn code(page: &Page) -> String {
    page.json()["code"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_entry_of_the_catalogue_can_be_set_where_it_says() {
    let people = People::start().await;
    let mut admin = people.signed_in(0, 0).await;
    for definition in CATALOGUE {
        let name = definition.name.as_str();
        let (good, bad) = match definition.values {
            Values::Choice(words) => (json!(words[0]), json!("something else")),
            Values::Choices(words) => (json!([words[0]]), json!(["something else"])),
            Values::TenantIds => (json!([TENANT]), json!(["contoso.com"])),
        };
        for (scope, path) in
            [(Scope::Instance, INSTANCE), (Scope::Project, PROJECT), (Scope::User, ME)]
        {
            let set = put(&admin, path, json!({name: good})).await;
            let refused = put(&admin, path, json!({name: bad})).await;
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
    let people = People::start().await;
    let mut admin = people.signed_in(0, 0).await;
    put(&admin, INSTANCE, json!({"comment_sync": "off"})).await;
    let before = people.items().await;
    for (body, code_is, allowed) in [
        (json!({"colour_zq": "zq"}), "unknown_setting", "comment_sync"),
        (json!({"appearance": "dark", "comment_sync": "zq"}), "invalid_value", "jira_to_teams"),
        (json!(["zq"]), "invalid_json", "line 1"),
        (json!("zq"), "invalid_json", "line 1"),
    ] {
        let refused = put(&admin, INSTANCE, body.clone()).await;
        assert_eq!((refused.status, code(&refused).as_str()), (400, code_is), "{body}");
        let detail = refused.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(allowed) && !detail.contains("zq"), "{body}: {detail}");
        assert_eq!(people.items().await, before, "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_nearest_scope_holds_and_says_so() {
    let people = People::start().await;
    let mut admin = people.signed_in(0, 0).await;
    let holds = async |query: &str, name: &str| {
        let page = admin.get(&format!("/settings/effective{query}")).await;
        let found = &page.json()["settings"][name];
        (found["value"].clone(), found["source"].as_str().unwrap().to_owned())
    };
    let project = "?project=10000";
    assert_eq!(holds(project, "comment_sync").await, (json!("both"), "default".to_owned()));
    put(&admin, INSTANCE, json!({"comment_sync": "off", "appearance": "light"})).await;
    assert_eq!(holds(project, "comment_sync").await, (json!("off"), "instance".to_owned()));
    put(&admin, PROJECT, json!({"comment_sync": "jira_to_teams"})).await;
    assert_eq!(
        holds(project, "comment_sync").await,
        (json!("jira_to_teams"), "project".to_owned())
    );
    assert_eq!(holds("", "comment_sync").await, (json!("off"), "instance".to_owned()));
    put(&admin, ME, json!({"appearance": "dark"})).await;
    assert_eq!(holds("", "appearance").await, (json!("dark"), "user".to_owned()));
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
