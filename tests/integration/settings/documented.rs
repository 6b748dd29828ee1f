//! The page of the manual with every setting is written from the catalogue.

use std::{fmt::Write, path::Path};

use serde_json::Value;
use tandem_domain::settings::{
    CATALOGUE, Definition, EffectiveSettings, MAX_TENANTS, Scope, Values,
};

/// Set, the page is written anew instead of compared.
const WRITE: &str = "TANDEM_WRITE_DOCS";

const HEAD: &str = "# Settings

Every setting there is. This page is written from the catalogue in
`shared/domain/src/settings/catalogue.rs`; after a change there, write it anew with
`TANDEM_WRITE_DOCS=1 cargo test -p tandem-tests --test integration -- settings::documented`.

A setting holds from the nearest scope in which it is set: the person's before the project's before the
site's; set nowhere, its default holds. The scopes, with who may change what is set there:

| Scope | Whose | Page | For programs |
|---|---|---|---|
| `instance` | the whole Jira site's; changed by who has ADMINISTER | `/site/settings` | `/settings/instance` |
| `project` | a project's; changed by who has ADMINISTER_PROJECTS on it | `/site/projects/{projectId}/settings` | `/settings/projects/{projectId}` |
| `user` | a person's own | `/my/settings` | `/settings/users/me` |

Programs GET what is set, PUT all of it anew and DELETE all of it; `If-Match` with the ETag that was read
keeps two changes from crossing. `GET /settings/effective?project=` says what holds for the person who
asks and where it comes from, `GET /settings/catalogue` the list below.

Each change of the instance's or a project's settings is written down with it: who by account id, when,
what to what. Administrators see the changes of 400 days on the page, or with
`GET /settings/instance/changes` and `GET /settings/projects/{projectId}/changes`. How a person changes
their own settings is not written down: it is theirs alone.

";

fn page() -> String {
    let mut page = HEAD.to_owned();
    page.push_str("| Setting | Meaning | Scopes | Values | Default |\n|---|---|---|---|---|\n");
    for definition in CATALOGUE {
        writeln!(page, "{}", row(definition)).unwrap();
    }
    page
}

fn row(definition: &Definition) -> String {
    let scope =
        |scope: &Scope| format!("`{}`", serde_json::to_value(scope).unwrap().as_str().unwrap());
    let scopes: Vec<String> = definition.scopes.iter().map(scope).collect();
    let default = EffectiveSettings::default().get(definition.name).0;
    let default = match serde_json::to_value(default).unwrap() {
        Value::Array(words) if words.is_empty() => "none".to_owned(),
        Value::Array(words) => quoted(words.iter().map(|word| word.as_str().unwrap())),
        word => quoted([word.as_str().unwrap()].into_iter()),
    };
    let values = match definition.values {
        Values::Choice(words) => quoted(words.iter().copied()),
        Values::Choices(words) => format!("a list of any of {}", quoted(words.iter().copied())),
        Values::TenantIds => format!("a list of at most {MAX_TENANTS} Microsoft tenant ids"),
        Values::Hours => "two hours of the day, such as `22-07`; `off`".to_owned(),
        Values::ProjectId => "a project's number; `none`".to_owned(),
        Values::IssueTypeId => "an issue type's number; `none`".to_owned(),
    };
    let (name, meaning) = (definition.name.as_str(), definition.meaning);
    format!("| `{name}` | {meaning} | {} | {values} | {default} |", scopes.join(", "))
}

fn quoted<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

#[test]
fn the_manual_lists_the_catalogue() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/SETTINGS.md");
    let page = page();
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == page,
        "docs/SETTINGS.md is stale: write it anew with {WRITE}=1 cargo test -p tandem-tests --test \
         integration -- settings::documented"
    );
}
