//! What the vendors answer, with a marker in every text and with fields that no contract knows.

use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};
use tandem_local::sandbox::gate::Rewrite;

use super::markers::Markers;

/// Texts of vendors' answers that are for people or of no meaning to Tandem.
const TEXTS: [&str; 25] = [
    "avatarUrl",
    "category",
    "colorName",
    "description",
    "displayName",
    "email",
    "emailAddress",
    "etag",
    "givenName",
    "helpText",
    "iconUrl",
    "locale",
    "mail",
    "name",
    "self",
    "statusText",
    "subject",
    "summary",
    "surname",
    "timeZone",
    "topic",
    "untranslatedName",
    "userPrincipalName",
    "value",
    "webUrl",
];

/// Texts that are carried over: they keep what they say.
const CARRIED: [&str; 2] = ["content", "text"];

/// The tokens of the answers seen.
pub type Tokens = Arc<Mutex<Vec<String>>>;

/// Puts markers into every answer, and remembers the tokens in it.
pub fn rewrite(markers: &Markers, tokens: &Tokens) -> Rewrite {
    let (markers, tokens) = (markers.clone(), Arc::clone(tokens));
    Arc::new(move |path, body| {
        let Ok(mut value) = serde_json::from_slice::<Value>(&body) else { return body };
        for name in ["access_token", "refresh_token", "id_token"] {
            tokens.lock().unwrap().extend(value[name].as_str().map(str::to_owned));
        }
        salt(&mut value, "", path, &markers);
        value.to_string().into()
    })
}

fn salt(value: &mut Value, name: &str, path: &str, markers: &Markers) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|item| salt(item, "", path, markers)),
        Value::Object(fields) => salt_object(fields, name, path, markers),
        _ => {}
    }
}

fn salt_object(fields: &mut Map<String, Value>, name: &str, path: &str, markers: &Markers) {
    for (name, value) in fields.iter_mut() {
        let marker = || markers.at(format!("{name} of an answer of {path}"));
        match value {
            Value::String(text) if TEXTS.contains(&name.as_str()) => *text = marker(),
            Value::String(text) if CARRIED.contains(&name.as_str()) => {
                *text = format!("{text} {}", marker());
            }
            Value::Array(list) if name == "attachments" => list.push(json!({
                "id": marker(), "contentType": "reference", "name": marker(), "content": marker(),
                "contentUrl": format!("https://files.example/{}", marker()),
            })),
            Value::Array(list) if ["errorMessages", "labels"].contains(&name.as_str()) => {
                list.push(json!(marker()));
            }
            Value::Array(list) if name == "reactions" => {
                list.push(json!({"reactionType": marker(), "displayName": marker()}));
            }
            other => salt(other, name, path, markers),
        }
    }
    // The names in these objects are of permissions and of fields, and each holds an object.
    let named = name == "permissions" || (name == "fields" && path.ends_with("/transitions"));
    if !named {
        let marker = markers.at(format!("an unknown field of an answer of {path}"));
        fields.insert("xNote".to_owned(), json!(marker));
    }
}
