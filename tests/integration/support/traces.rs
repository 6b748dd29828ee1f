//! Everything that Tandem keeps or tells: where a person's words must not be found.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{TestStack, logged};

/// Everything there is, each with what it is.
pub struct Traces(Vec<(String, String)>);

impl TestStack {
    /// The items as each write left them, the names of secrets, the queues with their messages, the log and the metrics.
    pub async fn traces(&self) -> Traces {
        let mut all = Vec::new();
        // What was changed or deleted again was kept, too.
        let mut written = self.written();
        written.sort_by_cached_key(Value::to_string);
        written.dedup();
        for item in written {
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
        let whole = self.whole();
        let lower = whole.to_ascii_lowercase();
        let found = texts.into_iter().filter_map(|text| {
            let at = lower.find(&text.to_ascii_lowercase())?;
            Some(format!("{text} in {}", line_at(&whole, at)))
        });
        found.collect()
    }

    /// Which of these texts are found and where, other than as parts of longer words or names.
    pub fn find_words<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let whole = self.whole();
        let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        let found = texts.into_iter().filter_map(|text| {
            let (at, _) = whole.match_indices(text).find(|(at, _)| {
                let before = whole[..*at].chars().next_back();
                let behind = whole[at + text.len()..].chars().next();
                ![before, behind].into_iter().flatten().any(goes_on)
            })?;
            Some(format!("{text} in {}", line_at(&whole, at)))
        });
        found.collect()
    }

    /// Everything, each with what it is.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(what, kept)| (what.as_str(), kept.as_str()))
    }

    /// Everything in one text, a line for each.
    fn whole(&self) -> String {
        self.0.iter().map(|(what, kept)| format!("{what}: {kept}\n")).collect()
    }
}

/// The line of a text in which a place is.
fn line_at(whole: &str, at: usize) -> &str {
    let start = whole[..at].rfind('\n').map_or(0, |end| end + 1);
    whole[start..].lines().next().unwrap_or_default()
}

#[test]
fn texts_are_found_and_told_apart_from_parts_of_longer_ones() {
    let traces = Traces(vec![
        ("item site".to_owned(), r#"{"site_host":{"S":"a-test.atlassian.net"}}"#.to_owned()),
        ("log".to_owned(), r#"{"code":"ok","text":"Unit test summary"}"#.to_owned()),
    ]);
    for (text, anywhere, as_words) in [
        ("Unit test summary", 1, 1),
        ("test", 1, 1),
        ("a-test", 1, 1),
        ("unit test", 1, 0),
        ("atlas", 1, 0),
        ("host", 1, 0),
        ("nowhere", 0, 0),
    ] {
        assert_eq!(traces.find([text]).len(), anywhere, "{text}");
        assert_eq!(traces.find_words([text]).len(), as_words, "{text}");
    }
    assert!(traces.find_words(["test"])[0].starts_with("test in log: "));
}
