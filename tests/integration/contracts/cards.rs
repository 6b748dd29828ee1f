//! Adaptive Cards as Tandem really posted or answered them, against the published schema of 1.5.
//!
//! `.ci/card_schema` fetches it. Read strictly: of an enumeration its values and no other spelling,
//! and nothing that is not declared; beyond it the typeahead that Teams documents for choices.
//! <https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/dynamic-search>

use jsonschema::Validator;
use serde_json::{Value, json};

/// The largest card, in bytes.
/// <https://learn.microsoft.com/microsoftteams/limits-specifications-teams>
const MAX_BYTES: usize = 28 * 1024;

/// The schema; `None` where it was not fetched.
pub fn schema() -> Option<Validator> {
    let path = std::env::var("TANDEM_CARD_SCHEMA").unwrap_or_else(|_| {
        concat!(env!("CARGO_MANIFEST_DIR"), "/../target/ci/adaptive-card.json").to_owned()
    });
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: no {path}, which .ci/card_schema fetches");
        return None;
    };
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    schema["required"] = json!(["type", "version", "body"]);
    let definitions = schema["definitions"].as_object_mut().unwrap();
    for definition in definitions.values_mut() {
        if let Some(values) = definition.pointer("/anyOf/0/enum").cloned() {
            *definition = json!({"enum": values});
        }
    }
    definitions["ChoiceInputStyle"]["enum"].as_array_mut().unwrap().push(json!("filtered"));
    definitions["Input.ChoiceSet"]["properties"]["choices.data"] = json!({
        "properties": {
            "type": {"const": "Data.Query"}, "dataset": {"type": "string"},
            "associatedInputs": {"const": "auto"},
        },
        "required": ["type", "dataset"], "additionalProperties": false,
    });
    Some(jsonschema::draft6::new(&schema).unwrap())
}

/// The cards in an activity or an answer, at any depth; not those within cards.
pub fn cards_in(value: &Value) -> Vec<&Value> {
    match value {
        Value::Object(fields) if fields.get("type").is_some_and(|it| it == "AdaptiveCard") => {
            vec![value]
        }
        Value::Object(fields) => fields.values().flat_map(cards_in).collect(),
        Value::Array(list) => list.iter().flat_map(cards_in).collect(),
        _ => Vec::new(),
    }
}

/// What is wrong with a card.
pub fn faults(schema: &Validator, card: &Value) -> Vec<String> {
    let mut faults: Vec<String> = schema
        .iter_errors(card)
        .map(|fault| format!("{} ({})", fault.instance_path(), fault.schema_path()))
        .collect();
    if card["version"] != "1.5" {
        faults.push(format!("the version is {}", card["version"]));
    }
    let bytes = card.to_string().len();
    if bytes > MAX_BYTES {
        faults.push(format!("{bytes} bytes"));
    }
    faults
}
