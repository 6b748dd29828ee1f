//! The pages of settings: what they show, and what their forms change.

use serde_json::{Value, json};
use tandem_domain::settings::{CATALOGUE, Definition, Scope, Values};

use super::{INSTANCE, ME, PROJECT, put, with_project};
use crate::{
    sign_in::{People, hidden, post_form, to},
    support::{Answer, Browser, TENANT},
};

pub(super) const MINE: &str = "/my/settings";
pub(super) const SITE: &str = "/site/settings";
pub(super) const OF_PROJECT: &str = "/site/projects/10000/settings";

/// The pages with the scope they are about and where programs read it.
const PAGES: [(&str, Scope, &str); 3] = [
    (MINE, Scope::User, ME),
    (SITE, Scope::Instance, INSTANCE),
    (OF_PROJECT, Scope::Project, PROJECT),
];

/// Sends a page's form as a browser does that was shown it: with its token and version, and with
/// what is said of its fields. The others are as an untouched form has them: not set here.
pub(super) async fn save(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    let page = browser.get(path).await;
    assert_eq!(page.status, 200, "{path}: {page:?}");
    save_from(browser, path, &page, fields).await
}

async fn save_from(
    browser: &mut Browser,
    path: &str,
    page: &Answer,
    fields: &[(&str, &str)],
) -> Answer {
    let (csrf, version) = (hidden(page, "csrf"), hidden(page, "version"));
    let mut all = vec![("csrf", csrf.as_str()), ("version", version.as_str())];
    let updates = fields.iter().any(|(name, _)| name.starts_with("issue_updates"));
    if page.body.contains("issue_updates-unset") && !updates {
        all.push(("issue_updates-unset", "unset"));
    }
    all.extend(fields);
    post_form(browser, path, &all).await
}

/// What to choose on the page for each value of a setting, and what is set then.
fn choices(definition: &Definition) -> Vec<(Vec<(String, String)>, Value)> {
    let name = definition.name.as_str();
    let own = |value: &str| vec![(name.to_owned(), value.to_owned())];
    match definition.values {
        Values::Choice(words) => {
            let set = words.iter().map(|word| (own(word), json!({name: word})));
            set.chain([(own(""), json!({}))]).collect()
        }
        Values::Choices(words) => {
            let field = format!("{name}-unset");
            let two = words[..2].iter().map(|word| (name.to_owned(), (*word).to_owned()));
            vec![
                (own(words[0]), json!({name: [words[0]]})),
                (two.collect(), json!({name: words[..2]})),
                (vec![(field, "unset".to_owned())], json!({})),
            ]
        }
        Values::TenantIds => {
            let typed = format!("  {}\r\n\r\n", TENANT.to_uppercase());
            vec![(own(&typed), json!({name: [TENANT]})), (own(" \r\n"), json!({}))]
        }
        Values::Hours => {
            let until = (format!("{name}-until"), "07".to_owned());
            vec![
                ([own("22"), vec![until]].concat(), json!({name: "22-07"})),
                (own("off"), json!({name: "off"})),
                (own(""), json!({})),
            ]
        }
        Values::ProjectId | Values::IssueTypeId => {
            vec![(own("10001"), json!({name: "10001"})), (own("none"), json!({name: "none"}))]
        }
    }
}

/// Every item of settings and of their changes: the ledger grows also when a page is looked at.
async fn what_is_set(people: &People) -> Vec<Value> {
    let mut items = people.stack.items_of("settings").await;
    items.extend(people.stack.items_of("setting_change").await);
    items
}

#[tokio::test(flavor = "multi_thread")]
async fn each_setting_can_be_changed_where_it_may_and_shows_what_is_set() {
    let people = with_project().await;
    let mut admin = people.signed_in(0, 0).await;
    for (path, scope, read) in PAGES {
        for definition in CATALOGUE.iter().filter(|it| it.scopes.contains(&scope)) {
            for (fields, expected) in choices(definition) {
                let fields: Vec<(&str, &str)> =
                    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                let saved = save(&mut admin, path, &fields).await;
                assert_eq!(saved.status, 303, "{path} {fields:?}: {saved:?}");
                assert_eq!(to(&saved), format!("{path}?saved=yes"));
                let set = admin.get(read).await.json();
                assert_eq!(set["values"], expected, "{path} {fields:?}");
                let page = admin.get(&to(&saved)).await;
                assert!(page.body.contains("role=\"status\">Saved."), "{page:?}");
                assert_eq!(hidden(&page, "version"), set["version"].to_string());
                for (name, value) in fields.iter().filter(|(_, value)| !value.trim().is_empty()) {
                    let value = value.trim().to_lowercase();
                    assert!(shows(&page, name, &value), "{name} {value} on {path}: {page:?}");
                }
            }
        }
    }
}

/// Whether a page's control has this value.
fn shows(page: &Answer, name: &str, value: &str) -> bool {
    let at = page.body.find(&format!("name=\"{name}\"")).unwrap_or_else(|| panic!("{name}"));
    let control = &page.body[at..];
    let selected = format!("value=\"{value}\" selected");
    let checked = format!("name=\"{name}\" value=\"{value}\" checked");
    let typed = format!("name=\"{name}\" value=\"{value}\" spellcheck");
    let lines = control.split("</textarea>").next().unwrap();
    control.split("</select>").next().unwrap().contains(&selected)
        || page.body.contains(&checked)
        || page.body.contains(&typed)
        || (control.contains("</textarea>") && lines.contains(&format!(">\n{value}")))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_holds_is_shown_with_where_it_comes_from_and_what_would_hold_otherwise() {
    let people = with_project().await;
    let mut admin = people.signed_in(0, 0).await;
    for (path, name, value) in [
        (SITE, "comment_sync", "off"),
        (OF_PROJECT, "comment_sync", "jira_to_teams"),
        (SITE, "appearance", "light"),
        (MINE, "appearance", "dark"),
    ] {
        let saved = save(&mut admin, path, &[(name, value)]).await;
        assert_eq!(saved.status, 303, "{path} {name}: {saved:?}");
    }
    for (path, says) in [
        (
            OF_PROJECT,
            "<strong>jira to teams</strong> (set for the project). If not set here: both (Tandem&#39;s",
        ),
        (MINE, "<strong>dark</strong> (set by you). If not set here: light (set for the site)."),
        (SITE, "<strong>light</strong> (set for the site). If not set here: auto (Tandem&#39;s"),
        (OF_PROJECT, "<strong>Testing</strong> (TEST, <code>10000</code>)"),
    ] {
        let page = admin.get(path).await;
        assert!(page.body.contains(says), "{says} on {path}: {page:?}");
        assert!(page.body.contains("data-look=\"dark\""), "the look is seen at once: {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_change_them_sees_what_holds_and_why() {
    let people = with_project().await;
    let mut admin = people.signed_in(0, 0).await;
    put(&mut admin, INSTANCE, json!({"comment_sync": "off"})).await;
    let mut reader = people.signed_in(1, 1).await;
    let before = what_is_set(&people).await;
    let mine = reader.get(MINE).await;
    for (path, reason) in
        [(SITE, "who administers the Jira site"), (OF_PROJECT, "who administers the project")]
    {
        let page = reader.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        let body = &page.body;
        assert!(body.contains("<strong>off</strong> (set for the site)"), "{path}: {page:?}");
        assert!(body.contains(reason) && !body.contains("<form"), "{path}: {page:?}");
        assert!(!body.contains("id=\"changes\""), "{path}: {page:?}");
        // A form made up for the page is refused, whether it is right or wrong.
        for value in ["both", "zq"] {
            let refused = save_from(&mut reader, path, &mine, &[("comment_sync", value)]).await;
            assert_eq!(refused.status, 403, "{path} {value}: {refused:?}");
        }
    }
    assert_eq!(what_is_set(&people).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_have_the_page_open_the_second_is_told_and_changes_nothing() {
    let people = with_project().await;
    let (mut one, mut two) = (people.signed_in(0, 0).await, people.signed_in(0, 0).await);
    for (path, _, read) in PAGES {
        let page = two.get(path).await;
        let name = if path == OF_PROJECT { "comment_sync" } else { "appearance" };
        let (theirs, ours) = if path == OF_PROJECT { ("off", "both") } else { ("dark", "light") };
        assert_eq!(save(&mut one, path, &[(name, theirs)]).await.status, 303, "{path}");
        let told = save_from(&mut two, path, &page, &[(name, ours)]).await;
        assert_eq!(told.status, 412, "{path}: {told:?}");
        assert!(told.body.contains("role=\"alert\""), "{told:?}");
        assert!(told.body.contains("Somebody changed this meanwhile"), "{told:?}");
        assert!(shows(&told, name, theirs), "what is set now: {told:?}");
        assert_eq!(one.get(read).await.json()["values"], json!({name: theirs}), "{path}");
        // From the page that told them, it goes through.
        let saved = save_from(&mut two, path, &told, &[(name, ours)]).await;
        assert_eq!(saved.status, 303, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_beside_the_field_and_what_was_typed_is_kept() {
    let people = with_project().await;
    let mut admin = people.signed_in(0, 0).await;
    let hundred_and_one: Vec<String> =
        (0..=100).map(|n| format!("0e3419f7-4c4d-47e7-b98a-{n:012}")).collect();
    let many = hundred_and_one.join("\n");
    for (path, name, fields, kept, says) in [
        (SITE, "allowed_tenants", &[("allowed_tenants", "contoso.com")][..], "contoso.com", "GUID"),
        (SITE, "allowed_tenants", &[("allowed_tenants", many.as_str())], "000000000100", "100"),
        (SITE, "comment_sync", &[("comment_sync", "sideways")], "", "Choose one"),
        (
            OF_PROJECT,
            "issue_updates",
            &[("issue_updates-unset", "unset"), ("issue_updates", "priority")],
            "value=\"priority\" checked",
            "Not set here",
        ),
        (OF_PROJECT, "issue_updates", &[("issue_updates", "summary")], "", "Choose any"),
        (MINE, "quiet_hours", &[("quiet_hours", "22")], "value=\"22\" selected", "both hours"),
        (
            MINE,
            "quiet_hours",
            &[("quiet_hours", "22"), ("quiet_hours-until", "22")],
            "value=\"22\" selected",
            "differ",
        ),
        (MINE, "last_project", &[("last_project", "DEMO")], "value=\"DEMO\"", "a number, or none"),
    ] {
        let before = what_is_set(&people).await;
        // Another field, chosen rightly, is kept, too.
        let other = if path == OF_PROJECT { "comment_sync" } else { "appearance" };
        let chosen = if path == OF_PROJECT { "off" } else { "light" };
        let mut all = vec![(other, chosen)];
        all.extend(fields);
        let told = save(&mut admin, path, &all).await;
        assert_eq!(told.status, 400, "{path} {fields:?}: {told:?}");
        let wrong = format!("id=\"{name}-wrong\" class=\"bad\">");
        let (_, after) = told.body.split_once(&wrong).unwrap_or_else(|| panic!("{told:?}"));
        assert!(after.split('<').next().unwrap().contains(says), "{says}: {told:?}");
        assert!(told.body.contains(kept), "{kept}: {told:?}");
        assert!(shows(&told, other, chosen), "{other}: {told:?}");
        let link = format!("<a href=\"#{name}\">");
        assert!(told.body.contains("role=\"alert\"") && told.body.contains(&link), "{told:?}");
        assert!(told.body.contains("aria-invalid=\"true\""), "{told:?}");
        assert_eq!(what_is_set(&people).await, before, "{path} {fields:?}");
    }
    assert_eq!(admin.get(INSTANCE).await.json()["version"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_its_token_or_its_version_changes_nothing() {
    let people = with_project().await;
    let mut admin = people.signed_in(0, 0).await;
    let mut nobody = people.stack.browser();
    let csrf = admin.csrf().await;
    let before = people.items().await;
    for (path, ..) in PAGES {
        for (fields, status) in [
            (vec![("version", "0")], 403),
            (vec![("csrf", "AAAA"), ("version", "0")], 403),
            (vec![("csrf", csrf.as_str())], 400),
            (vec![("csrf", csrf.as_str()), ("version", "zq")], 400),
        ] {
            let refused = post_form(&mut admin, path, &fields).await;
            assert_eq!(refused.status, status, "{path} {fields:?}: {refused:?}");
            assert!(refused.body.contains("<h1>") && !refused.body.contains("zq"), "{refused:?}");
        }
        // Its fields as JSON are no form: no other site's page can send that unasked.
        let json = json!({"csrf": csrf, "version": "0", "comment_sync": "off"});
        let refused = admin.send("POST", path, |request| request.json(&json)).await;
        assert_eq!(refused.status, 403, "{path}: {refused:?}");
        for answer in [nobody.get(path).await, post_form(&mut nobody, path, &[]).await] {
            assert_eq!(answer.status, 401, "{path}: {answer:?}");
            assert!(answer.body.contains("href=\"/connect\""), "{path}: {answer:?}");
        }
    }
    assert_eq!(nobody.get("/site/projects").await.status, 401);
    assert_eq!(people.items().await, before);
}

/// The policy of a page, as the browser with only these cookies gets it; and the page.
async fn embedded(people: &People, cookie: &str, path: &str) -> (u16, String, String) {
    let request = people.stack.request("GET", path).header("cookie", cookie);
    let answer = request.send().await.unwrap();
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    (answer.status().as_u16(), policy, answer.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_work_inside_jira_and_teams() {
    let people = with_project().await;
    let admin = people.signed_in(0, 0).await;
    let cookie = format!("__Host-tandem-framed={}", admin.cookies["__Host-tandem-framed"]);
    let pages = PAGES.iter().map(|(path, ..)| *path).chain(["/site/projects"]);
    for path in pages {
        for (sent, status) in [(cookie.as_str(), 200), ("", 401)] {
            let (got, policy, page) = embedded(&people, sent, path).await;
            assert_eq!(got, status, "{path}: {page}");
            for host in ["https://*.atlassian.net", "https://teams.microsoft.com"] {
                assert!(policy.contains(host), "{path}: {policy}");
            }
        }
    }
    let (_, _, page) = embedded(&people, &cookie, MINE).await;
    let (_, csrf) = page.split_once("name=\"csrf\" value=\"").unwrap();
    let csrf = csrf.split('"').next().unwrap();
    let fields = [("csrf", csrf), ("version", "0"), ("appearance", "dark")];
    let request = people.stack.request("POST", MINE).header("cookie", &cookie).form(&fields);
    let saved = request.send().await.unwrap();
    assert_eq!(saved.status().as_u16(), 303);
    let (_, _, page) = embedded(&people, &cookie, MINE).await;
    assert!(page.contains("data-look=\"dark\""), "{page}");
    // What programs use does not take that cookie.
    let (status, ..) = embedded(&people, &cookie, ME).await;
    assert_eq!(status, 401);
}
