//! The published schema of Adaptive Cards 1.5, read strictly.
//!
//! `.ci/card_schema` fetches it. As published it takes any spelling that contains a value of an
//! enumeration; here only the values themselves. What Teams documents for typeahead beyond it is
//! added: the style `filtered`, and `choices.data`.
//! <https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/dynamic-search>

use serde_json::{Value, json};

pub(super) struct Schema(jsonschema::Validator);

impl Schema {
    /// The schema with what Teams adds; `None` where it was not fetched.
    pub(super) fn load() -> Option<Self> {
        let mut schema = strict(published()?);
        let definitions = &mut schema["definitions"];
        definitions["ChoiceInputStyle"]["enum"].as_array_mut().unwrap().push(json!("filtered"));
        definitions["Input.ChoiceSet"]["properties"]["choices.data"] = json!({
            "type": "object",
            "properties": {
                "type": {"enum": ["Data.Query"]}, "dataset": {"type": "string"},
                "associatedInputs": {"enum": ["auto"]},
            },
            "required": ["type", "dataset"],
            "additionalProperties": false,
        });
        Some(Self::of(&schema))
    }

    fn of(schema: &Value) -> Self {
        Self(jsonschema::draft6::new(schema).unwrap())
    }

    /// Where and how a card does not fit, without anything of its content.
    pub(super) fn faults(&self, card: &Value) -> Vec<String> {
        let faults = self.0.iter_errors(card);
        faults.map(|fault| format!("{} ({})", fault.instance_path(), fault.schema_path())).collect()
    }
}

fn published() -> Option<Value> {
    let path = std::env::var("TANDEM_CARD_SCHEMA").unwrap_or_else(|_| {
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/ci/adaptive-card.json").to_owned()
    });
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: no {path}, which .ci/card_schema fetches");
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

/// Only the values of an enumeration, instead of these or a pattern; and of a card a type, a
/// version and a body.
fn strict(mut schema: Value) -> Value {
    schema["required"] = json!(["type", "version", "body"]);
    for definition in schema["definitions"].as_object_mut().unwrap().values_mut() {
        if let Some(values) = definition.pointer("/anyOf/0/enum").cloned() {
            *definition = json!({"enum": values});
        }
    }
    schema
}

#[test]
fn a_card_that_is_not_of_the_schema_is_refused() {
    let Some(schema) = Schema::load() else { return };
    let card = |body: Value, actions: Value| json!({"type": "AdaptiveCard", "version": "1.5", "body": [body], "actions": [actions]});
    let text = json!({"type": "TextBlock", "text": "x"});
    let open = json!({"type": "Action.OpenUrl", "title": "x", "url": "https://example.com"});
    assert_eq!(schema.faults(&card(text.clone(), open.clone())), Vec::<String>::new());

    let choices = json!({"type": "Input.ChoiceSet", "id": "x", "choices": []});
    let with = |element: &Value, name: &str, value: Value| {
        let mut element = element.clone();
        element[name] = value;
        element
    };
    let refused = [
        ("a misspelt property", with(&text, "wieght", json!("bolder"))),
        ("a misspelt value", with(&text, "weight", json!("bold"))),
        ("a value within another", with(&text, "spacing", json!("xnonex"))),
        ("a property of 1.6", with(&text, "targetWidth", json!("wide"))),
        ("a property of another element", with(&text, "label", json!("x"))),
        ("a wrong kind of value", with(&text, "wrap", json!("true"))),
        ("a missing property", json!({"type": "TextBlock"})),
        ("an unknown element", json!({"type": "Textblock", "text": "x"})),
        ("an element of 1.6", json!({"type": "Badge", "text": "x"})),
        ("no type", json!({"text": "x"})),
        ("an input without id", json!({"type": "Input.Text", "label": "x"})),
        ("a query that Teams does not know", with(&choices, "choices.data", json!({"type": "Q"}))),
        ("another look of choices", with(&choices, "style", json!("radio"))),
    ];
    for (what, element) in refused {
        assert_ne!(schema.faults(&card(element.clone(), open.clone())).len(), 0, "{what}");
        let nested = json!({"type": "Container", "items": [element]});
        assert_ne!(schema.faults(&card(nested, open.clone())).len(), 0, "{what}, nested");
    }
    let refused = [
        ("an action of 1.6", json!({"type": "Action.ResetInputs", "title": "x"})),
        ("a misspelt property", with(&open, "titel", json!("x"))),
        ("a mode that is none", with(&open, "mode", json!("third"))),
        ("no page", json!({"type": "Action.OpenUrl", "title": "x"})),
    ];
    for (what, action) in refused {
        assert_ne!(schema.faults(&card(text.clone(), action)).len(), 0, "{what}");
    }
    for missing in ["type", "version", "body"] {
        let mut card = card(text.clone(), open.clone());
        card.as_object_mut().unwrap().remove(missing);
        assert_ne!(schema.faults(&card).len(), 0, "without {missing}");
    }
}

/// What is taken beyond the published schema is that and no more.
#[test]
fn typeahead_is_what_teams_adds() {
    let Some(published) = published() else { return };
    let published = Schema::of(&strict(published));
    let Some(teams) = Schema::load() else { return };
    for (name, value) in [
        ("style", json!("filtered")),
        (
            "choices.data",
            json!({"type": "Data.Query", "dataset": "projects", "associatedInputs": "auto"}),
        ),
    ] {
        let mut choices = json!({"type": "Input.ChoiceSet", "id": "x", "choices": []});
        choices[name] = value;
        let card = json!({"type": "AdaptiveCard", "version": "1.5", "body": [choices]});
        assert_eq!(teams.faults(&card), Vec::<String>::new(), "{name}");
        assert_ne!(published.faults(&card).len(), 0, "{name}");
    }
}
