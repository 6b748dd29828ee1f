//! Graph's JSON, as far as it is read or written. No type here prints what a person wrote.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;
use tandem_domain::Timestamp;

/// An object of which only the id is read.
#[derive(Deserialize)]
pub(super) struct WireId<T> {
    pub(super) id: T,
}

/// A collection: the items that can be read, and where the next ones are. One that cannot be
/// read (Graph has many kinds of system messages) does not hide the others.
#[derive(Deserialize)]
pub(super) struct WirePage {
    value: Vec<Value>,
    #[serde(default, rename = "@odata.nextLink")]
    pub(super) next: Option<String>,
}

impl WirePage {
    pub(super) fn items<T: serde::de::DeserializeOwned>(self) -> impl Iterator<Item = T> {
        self.value.into_iter().filter_map(|item| serde_json::from_value(item).ok())
    }
}

/// An error answer (`odata.error`).
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct WireError {
    error: WireErrorDetail,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireErrorDetail {
    code: String,
    message: String,
}

impl WireError {
    /// Whether a 403 is about a permission the token lacks, rather than about the person. Teams
    /// tells the two apart by the beginning of its message only; the message goes no further.
    pub(super) fn tells_of_missing_consent(&self) -> bool {
        let code = self.error.code.to_ascii_lowercase();
        matches!(code.as_str(), "insufficientscope" | "insufficientscopes" | "missingscope")
            || self.error.message.starts_with("Missing scope permissions")
    }
}

/// A point in time as Graph writes it.
pub(super) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    Timestamp::parse(&text).ok_or_else(|| D::Error::custom("not a time"))
}

/// A point in time that may be absent or null.
pub(super) fn optional_time<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Timestamp>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    Timestamp::parse(&text).map(Some).ok_or_else(|| D::Error::custom("not a time"))
}

/// Text in HTML, to be sent.
#[derive(Serialize)]
pub(super) struct WireHtml<'a> {
    body: WireHtmlBody<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireHtmlBody<'a> {
    content_type: &'static str,
    content: &'a str,
}

impl<'a> WireHtml<'a> {
    pub(super) fn new(content: &'a str) -> Self {
        Self { body: WireHtmlBody { content_type: "html", content } }
    }
}
