//! `docs/openapi.yaml` describes the API that there is: the routes of the template, the settings of
//! the catalogue, the identifiers of the domain. That what is sent and answered is as it says is
//! checked wherever a test has a stack ([`crate::support::description`]).

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use tandem_domain::{
    AccountId, ChatId, CloudId, IssueId, IssueTypeId, MessageId, ObjectId, ProjectId, ReceiptId,
    RequestId, SiteHost, TenantId,
    settings::{CATALOGUE, Definition, MAX_TENANTS, Scope, Values},
};
use tandem_local::{gateway::Exchange, routes::Routes};

use crate::support::{
    CLOUD, TENANT, TestStack,
    description::{Undescribed, description},
};

#[test]
fn every_route_of_the_template_is_described_and_no_other() {
    let routes = Routes::load().unwrap();
    let routes = routes.keys().map(str::to_owned).collect();
    assert_eq!(description().routes(), routes);
}

/// Paths with a parameter of each kind.
fn path_of(route: &str) -> (&str, String) {
    let (method, path) = route.split_once(' ').unwrap();
    let path = path
        .replace("{cloudId}", CLOUD)
        .replace("{projectId}", "10000")
        .replace("{issueId}", "10001")
        .replace("{chatId}", "19:91571ee8ad174aefaccd2e4605d87a24@thread.v2")
        .replace("{receiptId}", &"0".repeat(32));
    assert!(!path.contains('{'), "{path}");
    (method, path)
}

/// What a route answers somebody who brings nothing. Who must be signed in is refused.
fn refusal(route: &str) -> u16 {
    match route {
        "GET /connect" => 303,
        // Pages for everybody, and what can be stored at all.
        "GET /connected" | "GET /setup" | "GET /inventory" => 200,
        // The browser has begun no sign-in.
        "GET /connect/atlassian/callback"
        | "POST /connect/site"
        | "GET /connect/microsoft/callback" => 400,
        "GET /receipts/{receiptId}" => 404,
        // Not a delivery.
        "POST /teams/notifications" | "POST /teams/lifecycle" => 400,
        _ => 401,
    }
}

#[tokio::test]
async fn every_route_answers_somebody_who_brings_nothing_as_described() {
    let stack = TestStack::start().await;
    for route in description().routes() {
        let (method, path) = path_of(&route);
        let answer = stack.request(method, &path).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), refusal(&route), "{route}");
        let asks = &description().operation(&route).unwrap()["security"];
        let for_everybody = asks.as_array().unwrap().contains(&json!({}));
        let open = for_everybody || asks == &json!([]) || asks == &json!([{"signIn": []}]);
        assert_eq!(open, refusal(&route) != 401, "{route} asks for {asks}");
    }
}

/// A setting's values as the description writes them.
fn schema_of(definition: &Definition) -> Value {
    let word = |words: &[&str]| json!(words.first().unwrap());
    let id = |name: &str| {
        let id = json!({"$ref": format!("#/components/schemas/{name}")});
        json!({"anyOf": [{"const": "none"}, id], "default": "none"})
    };
    let mut schema = match definition.values {
        Values::Choice(words) => json!({"enum": words, "default": word(definition.default)}),
        Values::Choices(words) => {
            json!({"type": "array", "items": {"enum": words}, "default": definition.default})
        }
        Values::TenantIds => {
            let tenant = json!({"$ref": "#/components/schemas/TenantId"});
            let most = MAX_TENANTS;
            json!({"type": "array", "maxItems": most, "items": tenant, "default": definition.default})
        }
        Values::Hours => json!({
            "type": "string",
            "pattern": "^(off|(?!(..)-\\2)([01][0-9]|2[0-3])-([01][0-9]|2[0-3]))$",
            "default": word(definition.default),
        }),
        Values::ProjectId => id("ProjectId"),
        Values::IssueTypeId => id("IssueTypeId"),
    };
    schema["description"] = json!(definition.meaning);
    schema
}

#[test]
fn the_settings_are_those_of_the_catalogue() {
    let schemas = &description().root["components"]["schemas"];
    let all: Value = CATALOGUE.iter().map(|it| (it.name.as_str(), schema_of(it))).collect();
    assert_eq!(schemas["Settings"]["properties"], all, "should be {all:#}");
    for (scope, name) in [
        (Scope::Instance, "InstanceSettings"),
        (Scope::Project, "ProjectSettings"),
        (Scope::User, "UserSettings"),
    ] {
        let taken = CATALOGUE.iter().filter(|it| it.scopes.contains(&scope));
        let references: BTreeMap<&str, Value> = taken
            .map(|it| it.name.as_str())
            .map(|it| {
                (it, json!({"$ref": format!("#/components/schemas/Settings/properties/{it}")}))
            })
            .collect();
        assert_eq!(schemas[name]["properties"], json!(references), "{name}");
        let or_null: Value = references
            .iter()
            .map(|(name, it)| ((*name).to_owned(), json!({"anyOf": [it, {"type": "null"}]})))
            .collect();
        assert_eq!(schemas[format!("{name}Request")]["properties"], or_null, "{name}Request");
    }
    let names: Vec<&str> = CATALOGUE.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(schemas["SettingName"]["enum"], json!(names));
    let effective = &schemas["EffectiveSettings"]["properties"]["settings"];
    assert_eq!(effective["required"], json!(names));
    assert_eq!(effective["properties"].as_object().unwrap().len(), names.len());
}

#[test]
fn hours_that_are_the_same_are_no_hours() {
    let schema = json!({"$ref": "#/components/schemas/Settings/properties/quiet_hours"});
    for (text, fits) in
        [("off", true), ("22-07", true), ("22-22", false), ("24-07", false), ("on", false)]
    {
        assert_eq!(description().fits(&schema, &json!(text)).is_ok(), fits, "{text}");
    }
}

/// The names of the identifiers' schemas, and whether the domain takes a text for one.
const IDENTIFIERS: [(&str, fn(&str) -> bool); 12] = [
    ("CloudId", |text| CloudId::parse(text).is_ok()),
    ("SiteHost", |text| SiteHost::parse(text).is_ok()),
    ("AccountId", |text| AccountId::parse(text).is_ok()),
    ("ProjectId", |text| ProjectId::parse(text).is_ok()),
    ("IssueTypeId", |text| IssueTypeId::parse(text).is_ok()),
    ("IssueId", |text| IssueId::parse(text).is_ok()),
    ("TenantId", |text| TenantId::parse(text).is_ok()),
    ("ObjectId", |text| ObjectId::parse(text).is_ok()),
    ("ChatId", |text| ChatId::parse(text).is_ok()),
    ("MessageId", |text| MessageId::parse(text).is_ok()),
    ("ReceiptId", |text| ReceiptId::parse(text).is_ok()),
    ("RequestId", |text| RequestId::parse(text).is_ok()),
];

#[test]
fn the_identifiers_are_those_of_the_domain() {
    let long = |text: &str, times: usize| text.repeat(times);
    let samples = [
        String::new(),
        " ".to_owned(),
        "7".to_owned(),
        "10001".to_owned(),
        "10001\n".to_owned(),
        long("9", 20),
        long("9", 21),
        TENANT.to_owned(),
        TENANT.to_uppercase(),
        TENANT.replace('-', ""),
        "5be24ad8b1653240376955d2".to_owned(),
        "557058:f58131cb-b67d-43c7-b30d-6b58d40bd077".to_owned(),
        "gracehopper".to_owned(),
        "grace@example.com".to_owned(),
        "a1-b".to_owned(),
        long("a", 127) + "1",
        long("a", 128) + "1",
        "tests.atlassian.net".to_owned(),
        "localhost".to_owned(),
        "a..b".to_owned(),
        "-a.net".to_owned(),
        "a-.net".to_owned(),
        "a.b".to_owned(),
        long("a", 63) + ".net",
        long("a", 64) + ".net",
        long("abcdefgh.", 28) + "a",
        long("abcdefgh.", 28) + "ab",
        "19:91571ee8ad174aefaccd2e4605d87a24@thread.v2".to_owned(),
        "19:91571ee8ad174aefaccd2e4605d87a24@thread.tacv2".to_owned(),
        "19:8b08_8771@unq.gbl.spaces".to_owned(),
        "19:1234567@thread.v2".to_owned(),
        format!("19:{}@thread.v2", long("a", 200)),
        format!("19:{}@thread.v2", long("a", 201)),
        long("0", 32),
        long("g", 32),
        long("=", 64),
        long("=", 65),
        "a_b.c=".to_owned(),
    ];
    for (name, admits) in IDENTIFIERS {
        let schema = json!({"$ref": format!("#/components/schemas/{name}")});
        let admitted = samples.iter().filter(|text| admits(text)).count();
        assert!(0 < admitted && admitted < samples.len(), "{name} is not tried");
        for text in &samples {
            let described = description().fits(&schema, &json!(text));
            assert_eq!(described.is_ok(), admits(text), "{name} {text:?}: {described:?}");
        }
    }
}

/// An exchange to be judged.
struct Sample {
    route: &'static str,
    query: &'static str,
    request: (&'static [(&'static str, &'static str)], &'static str),
    status: u16,
    answer: (&'static [(&'static str, &'static str)], &'static str),
}

const JSON: (&str, &str) = ("content-type", "application/json");
const SIGNED_IN: &[(&str, &str)] =
    &[("cookie", "a=b; __Host-tandem=c"), ("x-csrf-token", "d"), JSON];
const SET: &[(&str, &str)] = &[JSON, ("etag", "\"1\"")];
const ANSWER: &str = r#"{"scope":"user","version":1,"values":{"appearance":"dark"}}"#;

/// One that is as described.
const FITTING: Sample = Sample {
    route: "PUT /settings/users/me",
    query: "",
    request: (SIGNED_IN, r#"{"appearance":"dark"}"#),
    status: 200,
    answer: (SET, ANSWER),
};

impl Sample {
    fn judged_by(&self, judge: impl FnOnce(&Exchange<'_>)) {
        let mut headers = HeaderMap::new();
        for (name, value) in self.request.0 {
            headers.append(*name, HeaderValue::from_static(value));
        }
        let mut answer = http::Response::builder().status(self.status);
        for (name, value) in self.answer.0 {
            answer = answer.header(*name, *value);
        }
        judge(&Exchange {
            route: self.route,
            parameters: &BTreeMap::new(),
            query: self.query,
            headers: &headers,
            body: self.request.1.as_bytes(),
            answer: &answer.body(self.answer.1.into()).unwrap(),
        });
    }
}

#[test]
fn what_is_not_as_described_is_found() {
    for (sample, found) in [
        (FITTING, ""),
        (
            Sample { status: 409, answer: (&[JSON], r#"{"code":"retry","detail":""}"#), ..FITTING },
            "answer: 409",
        ),
        (Sample { route: "GET /nowhere", ..FITTING }, "the route is not described"),
        (Sample { query: "colour=red", ..FITTING }, "request: query parameter colour"),
        (
            Sample { request: (&[JSON], "{}"), ..FITTING },
            "request: accepted without the credentials",
        ),
        (Sample { request: (SIGNED_IN, ""), ..FITTING }, "request: the body is missing"),
        (
            Sample { request: (SIGNED_IN, r#"{"appearance":"red"}"#), ..FITTING },
            "request: body/appearance",
        ),
        (
            Sample { request: (SIGNED_IN, r#"{"allowed_tenants":[]}"#), ..FITTING },
            "request: body: Additional",
        ),
        (Sample { answer: (&[JSON], ANSWER), ..FITTING }, "answer: 200 OK without ETag"),
        (Sample { answer: (&[JSON, ("etag", "1")], ANSWER), ..FITTING }, "answer: 200 OK, ETag"),
        (
            Sample { answer: (SET, r#"{"scope":"user","version":1}"#), ..FITTING },
            "answer: 200 OK: \"values\"",
        ),
        (Sample { answer: (SET, ""), ..FITTING }, "answer: the body is not JSON"),
        (
            Sample { answer: (&[JSON, ("etag", "\"1\""), ("location", "/")], ANSWER), ..FITTING },
            "answer: 200 OK with location",
        ),
        (
            Sample { answer: (&[("content-type", "text/html")], ""), ..FITTING },
            "answer: 200 OK as text/html is not described",
        ),
        (
            Sample { status: 412, answer: (&[JSON], r#"{"code":"csrf","detail":""}"#), ..FITTING },
            "answer: 412 Precondition Failed/code",
        ),
        (
            Sample { status: 503, answer: (&[JSON], r#"{"code":"a","detail":""}"#), ..FITTING },
            "answer: 503 Service Unavailable without Retry-After",
        ),
    ] {
        sample.judged_by(|exchange| {
            let judged = description().check(exchange).err().unwrap_or_default();
            assert!(judged.starts_with(found) && judged.is_empty() == found.is_empty(), "{judged}");
        });
    }
}

#[test]
fn what_is_found_fails_the_test_in_which_it_happened() {
    let undescribed = Undescribed::default();
    let observer = undescribed.observer();
    FITTING.judged_by(|exchange| observer(exchange));
    drop(undescribed);
    let undescribed = Undescribed::default();
    let observer = undescribed.observer();
    Sample { status: 418, ..FITTING }.judged_by(|exchange| observer(exchange));
    let dropped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(undescribed)));
    let told = dropped.unwrap_err();
    let told = told.downcast_ref::<String>().unwrap();
    assert!(told.contains("PUT /settings/users/me, 418: answer: 418"), "{told}");
}
