//! Everything that Tandem keeps or tells: where a person's words must not be found.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{TestStack, logged};

/// Everything there is, each with what it is.
pub struct Traces(Vec<(String, String)>);

impl TestStack {
    /// The items, the names of secrets, the queues with their messages, the log and the metrics.
    pub async fn traces(&self) -> Traces {
        let mut all = Vec::new();
        for item in self.items().await {
            let name = item["entity"]["S"].as_str().unwrap_or("?").to_owned();
            all.extend(decoded(&item).into_iter().map(|text| (format!("bytes of {name}"), text)));
            all.push((format!("item {name}"), item.to_string()));
        }
        let secrets = json!(self.aws.secrets()).to_string();
        all.push(("secrets".to_owned(), secrets));
        for queue in self.aws.queues() {
            all.push((format!("queue {}", queue.name), json!(queue).to_string()));
        }
        all.extend(logged().lines().map(|line| ("log".to_owned(), line.to_owned())));
        all.extend(self.metrics().into_iter().map(|line| ("metric".to_owned(), line)));
        Traces(all)
    }
}

/// What the binary attributes and the base64 texts of an item are bytes of.
fn decoded(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => STANDARD
            .decode(text)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .into_iter()
            .collect(),
        Value::Array(list) => list.iter().flat_map(decoded).collect(),
        Value::Object(fields) => fields.values().flat_map(decoded).collect(),
        _ => Vec::new(),
    }
}

impl Traces {
    /// Which of these texts are found and where, whatever the case of their letters.
    pub fn find<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let lower: Vec<String> = self.0.iter().map(|(_, kept)| kept.to_lowercase()).collect();
        let mut found = Vec::new();
        for text in texts {
            let wanted = text.to_lowercase();
            if let Some(at) = lower.iter().position(|kept| kept.contains(&wanted)) {
                found.push(format!("{text} in {}: {}", self.0[at].0, self.0[at].1));
            }
        }
        found
    }

    /// Where a text is found that is not a part of a longer word or name.
    pub fn find_words(&self, text: &str) -> Option<String> {
        let found = self.0.iter().find(|(_, kept)| {
            kept.match_indices(text).any(|(at, _)| {
                let before = kept[..at].chars().next_back();
                let behind = kept[at + text.len()..].chars().next();
                let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
                ![before, behind].into_iter().flatten().any(goes_on)
            })
        });
        found.map(|(what, kept)| format!("{what}: {kept}"))
    }

    /// Everything, each with what it is.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(what, kept)| (what.as_str(), kept.as_str()))
    }
}
