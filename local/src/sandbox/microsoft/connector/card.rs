//! What Teams does with a card: finds the action a person chose and gathers the inputs.
//! <https://learn.microsoft.com/adaptive-cards/authoring-cards/input-validation>

use serde_json::{Map, Value};

/// The first object in the card, at any depth, that is such an action.
pub(super) fn find_action<'a>(
    card: &'a Value,
    wanted: &dyn Fn(&Value) -> bool,
) -> Option<&'a Value> {
    match card {
        Value::Object(object) if wanted(card) && object.contains_key("type") => Some(card),
        Value::Object(object) => object.values().find_map(|value| find_action(value, wanted)),
        Value::Array(items) => items.iter().find_map(|value| find_action(value, wanted)),
        _ => None,
    }
}

/// The inputs of the card that hold a value already, by id.
pub(super) fn initial_inputs(card: &Value) -> Map<String, Value> {
    let mut inputs = Map::new();
    gather_inputs(card, &mut inputs);
    inputs
}

fn gather_inputs(card: &Value, inputs: &mut Map<String, Value>) {
    match card {
        Value::Object(object) => {
            let kind = object.get("type").and_then(Value::as_str).unwrap_or_default();
            if let (true, Some(id)) =
                (kind.starts_with("Input."), object.get("id").and_then(Value::as_str))
            {
                let value = object.get("value").cloned();
                let off = (kind == "Input.Toggle").then(|| toggled_off(object));
                if let Some(value) = value.or(off) {
                    inputs.insert(id.to_owned(), value);
                }
            }
            object.values().for_each(|value| gather_inputs(value, inputs));
        }
        Value::Array(items) => items.iter().for_each(|value| gather_inputs(value, inputs)),
        _ => {}
    }
}

fn toggled_off(toggle: &Map<String, Value>) -> Value {
    toggle.get("valueOff").cloned().unwrap_or_else(|| Value::from("false"))
}

/// The `data` an action sends: its own, with the inputs over it unless it wants none.
pub(super) fn data_of(action: &Value, card: &Value, typed: &Map<String, Value>) -> Value {
    let mut data = match &action["data"] {
        Value::Object(own) => own.clone(),
        Value::Null => Map::new(),
        other => return other.clone(),
    };
    if action["associatedInputs"] != "none" {
        data.extend(initial_inputs(card));
        data.extend(typed.clone());
    }
    Value::Object(data)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn actions_are_found_wherever_a_card_can_have_them() {
        let action = json!({ "type": "Action.Execute", "verb": "go", "data": { "k": "v" } });
        let show = json!({
            "type": "Action.ShowCard",
            "card": { "type": "AdaptiveCard", "actions": [action] },
        });
        for card in [
            json!({ "type": "AdaptiveCard", "actions": [action] }),
            json!({ "type": "AdaptiveCard", "body": [{ "type": "ActionSet", "actions": [action] }] }),
            json!({ "type": "AdaptiveCard", "actions": [show] }),
            json!({ "type": "AdaptiveCard", "body": [{ "type": "Column", "selectAction": action }] }),
            json!({ "type": "AdaptiveCard", "refresh": { "action": action } }),
        ] {
            let found = find_action(&card, &|it| it["verb"] == "go");
            assert_eq!(found, Some(&action), "{card}");
            assert_eq!(find_action(&card, &|it| it["verb"] == "stay"), None);
        }
    }

    #[test]
    fn inputs_go_over_the_data_of_the_action() {
        let card = json!({ "type": "AdaptiveCard", "body": [
            { "type": "Input.Text", "id": "comment" },
            { "type": "Input.ChoiceSet", "id": "to", "value": "31" },
            { "type": "Input.Toggle", "id": "watch", "title": "Watch" },
        ] });
        let typed = json!({ "comment": "fine" }).as_object().cloned().unwrap();
        let action = json!({ "data": { "issue": 7, "to": "11" } });
        let sent = json!({ "issue": 7, "to": "31", "watch": "false", "comment": "fine" });
        assert_eq!(data_of(&action, &card, &typed), sent);
        let alone = json!({ "data": { "issue": 7 }, "associatedInputs": "none" });
        assert_eq!(data_of(&alone, &card, &typed), json!({ "issue": 7 }));
        assert_eq!(data_of(&json!({ "data": "x" }), &card, &typed), json!("x"));
    }
}
