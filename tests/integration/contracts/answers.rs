//! How the bot answers invokes, against Microsoft's contract where it says something of it, and
//! against its documentation:
//! <https://learn.microsoft.com/microsoftteams/platform/messaging-extensions/how-to/search-commands/respond-to-search>,
//! <https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/task-modules/task-modules-bots>,
//! <https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model#response-format>,
//! <https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/dynamic-search>,
//! <https://learn.microsoft.com/microsoftteams/platform/bots/how-to/authentication/bot-sso-code>.

use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use super::bot::Answered;
use crate::support::Contracts;

/// What the answer is, or what is wrong with it.
pub fn check(contracts: &Contracts, answered: &Answered) -> Result<String, String> {
    let Answered { invoke, status, body } = answered;
    let typed = || body["type"].as_str().unwrap_or_default().to_owned();
    let kind = match (invoke.as_str(), *status) {
        ("adaptiveCard/action", 200) => {
            of_schema("action", body)?;
            // What came of it stands in the body, and the status is always 200.
            return Ok(format!("{invoke} {} {}", body["statusCode"], typed()));
        }
        ("application/search", 200) => of_schema("search", body).map(|()| typed())?,
        ("signin/tokenExchange", 412) => {
            of_schema("exchange", body).map(|()| "failureDetail".to_owned())?
        }
        ("signin/verifyState" | "signin/tokenExchange" | "signin/failure", 200 | 412) => {
            nothing(body)?
        }
        ("composeExtension/fetchTask" | "composeExtension/submitAction", 200) => {
            of_extension(contracts, body, true)?
        }
        (name, 200) if LOOKUPS.contains(&name) => of_extension(contracts, body, false)?,
        (_, 200) => nothing(body)?,
        (name, status) => return Err(format!("{name} is answered with {status}")),
    };
    Ok(format!("{invoke} {status} {kind}"))
}

/// The invokes of the message extension that have no dialog.
const LOOKUPS: [&str; 4] = [
    "composeExtension/query",
    "composeExtension/queryLink",
    "composeExtension/anonymousQueryLink",
    "composeExtension/selectItem",
];

fn nothing(body: &Value) -> Result<String, String> {
    if body.is_null() { Ok("-".to_owned()) } else { Err(format!("nobody asked for {body}")) }
}

/// `composeExtension`, or a dialog's `task` where there can be one.
fn of_extension(contracts: &Contracts, body: &Value, dialog: bool) -> Result<String, String> {
    let (name, answer) = match body.as_object().map(|body| body.iter().collect::<Vec<_>>()) {
        Some(fields) if fields.len() == 1 => (fields[0].0.as_str(), fields[0].1),
        _ => return Err(format!("the answer is not one thing: {body}")),
    };
    let kind = answer["type"].as_str().unwrap_or_default();
    let definition = match (name, kind) {
        ("composeExtension", _) => "MessagingExtensionResult",
        ("task", "continue") if dialog => "TaskModuleContinueResponse",
        ("task", "message") if dialog => "TaskModuleMessageResponse",
        _ => return Err(format!("{name} {kind:?}")),
    };
    contracts.bot_in_teams.check_value_of(definition, answer)?;
    of_schema(name, answer)?;
    Ok(format!("{name} {kind}"))
}

fn of_schema(name: &str, answer: &Value) -> Result<(), String> {
    let wrong = schema(name)
        .iter_errors(answer)
        .map(|error| format!("{} ({}) {error:.200}", error.instance_path(), error.schema_path()));
    let wrong: Vec<String> = wrong.collect();
    if wrong.is_empty() { Ok(()) } else { Err(format!("{name}: {}", wrong.join("; "))) }
}

fn schema(name: &str) -> &'static Validator {
    static MADE: OnceLock<Vec<(&str, Validator)>> = OnceLock::new();
    let all = MADE.get_or_init(|| {
        let made = schemas().into_iter();
        made.map(|(name, schema)| (name, jsonschema::draft6::new(&schema).unwrap())).collect()
    });
    &all.iter().find(|(known, _)| *known == name).unwrap().1
}

/// Exactly these fields, all of them there.
fn object(fields: &Value) -> Value {
    let names: Vec<&String> = fields.as_object().unwrap().keys().collect();
    json!({"properties": fields, "required": names, "additionalProperties": false})
}

fn text() -> Value {
    json!({"type": "string", "minLength": 1})
}

const CARD: &str = "application/vnd.microsoft.card.adaptive";

fn card() -> Value {
    json!({"type": "object", "properties": {"type": {"const": "AdaptiveCard"}}, "required": ["type"]})
}

fn schemas() -> Vec<(&'static str, Value)> {
    let kind = |kind: &str| json!({"const": kind});
    let attachment = || object(&json!({"contentType": kind(CARD), "content": card()}));
    // What a list of results shows: a card of either kind that has neither buttons nor inputs.
    let thumbnail = object(&json!({
        "contentType": {"enum": [
            "application/vnd.microsoft.card.thumbnail", "application/vnd.microsoft.card.hero",
        ]},
        "content": {"properties": {"title": text(), "text": text()}, "required": ["title"]},
    }));
    let mut result = attachment();
    result["properties"]["preview"] = json!({"anyOf": [attachment(), thumbnail]});
    result["required"].as_array_mut().unwrap().push(json!("preview"));
    let open = object(&json!({
        "type": kind("openUrl"), "title": text(),
        "value": {"type": "string", "pattern": "^https?://"},
    }));
    let size = json!({"anyOf": [{"enum": ["small", "medium", "large"]}, {"type": "integer"}]});
    let answer = |kind: &str, value: Value| {
        object(&json!({"statusCode": {"const": 200}, "type": {"const": kind}, "value": value}))
    };
    let error = object(&json!({
        "statusCode": {"enum": [400, 500]}, "type": kind("application/vnd.microsoft.error"),
        "value": object(&json!({"code": text(), "message": text()})),
    }));
    let found = object(&json!({"value": text(), "title": text()}));
    vec![
        (
            "composeExtension",
            json!({"oneOf": [
                object(&json!({
                    "type": kind("result"), "attachmentLayout": {"enum": ["list", "grid"]},
                    "attachments": {"type": "array", "items": result, "maxItems": 25},
                })),
                object(&json!({"type": {"enum": ["auth", "config"]}, "suggestedActions": object(&json!({
                    "actions": {"type": "array", "items": open, "minItems": 1, "maxItems": 1},
                }))})),
                object(&json!({"type": kind("message"), "text": text()})),
            ]}),
        ),
        (
            "task",
            json!({"oneOf": [
                object(&json!({"type": kind("message"), "value": text()})),
                object(&json!({"type": kind("continue"), "value": object(&json!({
                    "title": text(), "height": size, "width": size, "card": attachment(),
                }))})),
            ]}),
        ),
        (
            "action",
            json!({"oneOf": [
                answer(CARD, card()),
                answer("application/vnd.microsoft.activity.message", text()),
                error,
            ]}),
        ),
        (
            "search",
            answer(
                "application/vnd.microsoft.search.searchResponse",
                object(&json!({
                    "results": {"type": "array", "items": found, "maxItems": 15},
                })),
            ),
        ),
        (
            "exchange",
            object(&json!({
                "id": {"type": "string"}, "connectionName": {"type": "string"}, "failureDetail": text(),
            })),
        ),
    ]
}

#[test]
fn what_is_not_documented_is_no_answer() {
    let Some(contracts) = crate::support::contracts() else { return };
    let shown = json!({"contentType": CARD, "content": {"type": "AdaptiveCard"}});
    let preview = json!({
        "contentType": "application/vnd.microsoft.card.thumbnail", "content": {"title": "x"},
    });
    let result = |attachment: Value| {
        json!({"composeExtension": {
        "type": "result", "attachmentLayout": "list", "attachments": [attachment]}})
    };
    let with_preview =
        || json!({"contentType": CARD, "content": {"type": "AdaptiveCard"}, "preview": preview});
    let open = json!({"type": "openUrl", "title": "x", "value": "https://tandem.example"});
    let sign_in = |kind: &str| {
        json!({"composeExtension": {
        "type": kind, "suggestedActions": {"actions": [open]}}})
    };
    let task = |height: Value| {
        json!({"task": {"type": "continue", "value": {
        "title": "x", "height": height, "width": 400, "card": shown}}})
    };
    let pressed = |status: u16, kind: &str, value: Value| {
        let kind = format!("application/vnd.microsoft.{kind}");
        json!({"statusCode": status, "type": kind, "value": value})
    };
    let (query, submit, action) =
        ("composeExtension/query", "composeExtension/submitAction", "adaptiveCard/action");
    for (invoke, status, body, fits) in [
        (query, 200, result(with_preview()), true),
        (query, 200, result(shown.clone()), false),
        (query, 200, json!({"composeExtension": {"type": "result", "attachments": []}}), false),
        (query, 200, json!({"composeExtension": {"type": "message", "text": "x"}}), true),
        (query, 200, json!({"composeExtension": {"type": "message", "value": "x"}}), false),
        (query, 200, json!({"composeExtension": {"type": "massage", "text": "x"}}), false),
        (query, 200, sign_in("auth"), true),
        (query, 200, sign_in("result"), false),
        (query, 200, task(json!("large")), false),
        (query, 200, Value::Null, false),
        (query, 500, json!({}), false),
        (submit, 200, task(json!("large")), true),
        (submit, 200, task(json!("huge")), false),
        (submit, 200, json!({"task": {"type": "message", "value": "x"}}), true),
        (submit, 200, json!({"task": {"type": "message", "value": {"text": "x"}}}), false),
        (submit, 200, result(with_preview()), true),
        (action, 200, pressed(200, "card.adaptive", json!({"type": "AdaptiveCard"})), true),
        (action, 200, pressed(200, "card.adaptive", json!("x")), false),
        (action, 200, pressed(200, "activity.message", json!("x")), true),
        (action, 200, pressed(200, "error", json!({"code": "x", "message": "x"})), false),
        (action, 200, pressed(400, "error", json!({"code": "x", "message": "x"})), true),
        (action, 200, pressed(400, "error", json!({"message": "x"})), false),
        ("signin/verifyState", 412, Value::Null, true),
        ("signin/verifyState", 200, json!({"x": 1}), false),
        ("task/fetch", 200, Value::Null, true),
    ] {
        let answered = Answered { invoke: invoke.to_owned(), status, body };
        let outcome = check(contracts, &answered);
        assert_eq!(outcome.is_ok(), fits, "{answered:?}: {outcome:?}");
    }
}
