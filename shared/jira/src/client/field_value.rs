//! What a person put into a form, as the value of a field.

use serde_json::{Value, json};
use tandem_domain::{AccountId, Timestamp, document::Document};

use super::{ChoiceOption, FieldKind};
use crate::adf;

impl FieldKind {
    /// The value of a field of this kind, from what a form gave: a text; a number; a day as
    /// `2026-01-31`; a moment in RFC 3339; ids of options, separated by commas; an account id;
    /// labels, separated by commas or spaces. `None` where that says nothing or does not fit.
    /// <https://developer.atlassian.com/server/jira/platform/jira-rest-api-examples/>
    pub fn value(&self, typed: &str) -> Option<Value> {
        let typed = typed.trim();
        if typed.is_empty() {
            return None;
        }
        match self {
            Self::Text => Some(json!(one_line(typed))),
            Self::LongText => Some(adf::write(&Document::from_plain_text(typed))),
            Self::Number => number(typed),
            Self::Date => is_day(typed).then(|| json!(typed)),
            Self::DateTime => moment(typed),
            Self::Choice { options, multiple } => choice(options, *multiple, typed),
            Self::User => AccountId::parse(typed).ok().map(|account| json!({"accountId": account})),
            Self::Labels => Some(parts(typed).collect()),
            Self::Unsupported => None,
        }
    }
}

fn one_line(text: &str) -> String {
    text.split(['\r', '\n'])
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn number(text: &str) -> Option<Value> {
    if let Ok(whole) = text.parse::<i64>() {
        return Some(json!(whole));
    }
    text.parse::<f64>().ok().filter(|number| number.is_finite()).map(|number| json!(number))
}

fn is_day(text: &str) -> bool {
    Timestamp::parse(&[text, "T00:00:00Z"].concat()).is_some()
}

/// Jira takes a moment with milliseconds and an offset without a colon.
fn moment(text: &str) -> Option<Value> {
    let utc = Timestamp::parse(text)?.to_rfc3339();
    Some(json!([utc.get(..19)?, ".000+0000"].concat()))
}

fn choice(options: &[ChoiceOption], multiple: bool, typed: &str) -> Option<Value> {
    let chosen: Option<Vec<Value>> = parts(typed)
        .map(|id| {
            let option = options.iter().find(|option| option.id.as_str() == id)?;
            Some(json!({"id": option.id.as_str()}))
        })
        .collect();
    let mut chosen = chosen?;
    match (multiple, chosen.len()) {
        (true, 1..) => Some(Value::Array(chosen)),
        (false, 1) => chosen.pop(),
        _ => None,
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c == ',' || c.is_whitespace()).filter(|part| !part.is_empty())
}
