//! Captured and documented payloads of the vendors: each is handled, or refused and told why.

mod activities;
mod notifications;
mod webhooks;

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use crate::support::shared;

/// Under these names stands what people wrote, or what they are called.
const TEXTS: [&str; 13] = [
    "body",
    "content",
    "description",
    "displayName",
    "emailAddress",
    "environment",
    "fromString",
    "name",
    "subject",
    "summary",
    "text",
    "title",
    "toString",
];

/// A payload: its file and its bytes.
struct Payload {
    file: String,
    bytes: Vec<u8>,
}

impl Payload {
    fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.bytes).ok()
    }
}

/// Every JSON file below a folder of the fixtures, in the order of their paths; `None` where the
/// folder is absent.
fn payloads(folder: &str) -> Option<Vec<Payload>> {
    let mut found = Vec::new();
    gather(&shared(folder)?, &mut found);
    found.sort_by(|a, b| a.file.cmp(&b.file));
    Some(found)
}

fn gather(folder: &Path, found: &mut Vec<Payload>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(Payload {
                bytes: fs::read(&path).unwrap(),
                file: path.display().to_string(),
            });
        }
    }
}

/// The texts in a payload that a person may have written: four letters or more.
fn texts(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(value, &mut found);
    found
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|item| collect(item, found)),
        Value::Object(fields) => {
            for (name, value) in fields {
                if let (true, Some(text)) = (TEXTS.contains(&name.as_str()), value.as_str()) {
                    // What JSON escapes would not be found again as it stands here.
                    let parts = text.split(|c: char| c.is_control() || matches!(c, '"' | '\\'));
                    let worded =
                        |part: &&str| part.chars().filter(|c| c.is_alphabetic()).count() >= 4;
                    found.extend(parts.map(str::trim).filter(worded).map(str::to_owned));
                }
                collect(value, found);
            }
        }
        _ => {}
    }
}
