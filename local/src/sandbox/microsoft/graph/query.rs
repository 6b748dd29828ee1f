//! OData query options, JSON bodies and pages.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::GraphError;

/// The largest page of chats and of messages.
const MAX_TOP: usize = 50;

/// The page where the request does not say.
const DEFAULT_TOP: usize = 20;

/// The query options of a request.
pub(super) struct Options(BTreeMap<String, String>);

impl Options {
    /// Reads the query; an option that `allowed` does not list is refused.
    pub(super) fn parse(query: Option<&str>, allowed: &[&str]) -> Result<Self, GraphError> {
        let mut options = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            if name.starts_with('$') && !allowed.contains(&name.as_ref()) {
                let text = format!("Query option '{name}' is not allowed for this resource.");
                return Err(GraphError::bad_request(text));
            }
            options.insert(name.into_owned(), value.into_owned());
        }
        Ok(Self(options))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// `$top`: from 1 to 50.
    pub(super) fn top(&self) -> Result<usize, GraphError> {
        let Some(text) = self.get("$top") else { return Ok(DEFAULT_TOP) };
        match text.parse() {
            Ok(top) if (1..=MAX_TOP).contains(&top) => Ok(top),
            _ => Err(GraphError::bad_request(format!(
                "Invalid value '{text}' for $top: it has to be between 1 and {MAX_TOP}."
            ))),
        }
    }

    /// The address of the next page: this request with another `$skiptoken`.
    pub(super) fn next_link(&self, address: &str, skip_token: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.0.iter().filter(|(name, _)| *name != "$skiptoken"));
        query.append_pair("$skiptoken", skip_token);
        format!("{address}?{}", query.finish().replace("%24", "$"))
    }
}

/// The JSON object in a body.
pub(super) fn object(headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>, GraphError> {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !media_type.is_some_and(|it| it.to_ascii_lowercase().starts_with("application/json")) {
        return Err(GraphError::unsupported_media_type());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(GraphError::bad_request("Unable to read JSON request payload.")),
    }
}

/// Refuses properties that `known` does not list; annotations (`@odata.type`) may stand.
pub(super) fn only_known(object: &Map<String, Value>, known: &[&str]) -> Result<(), GraphError> {
    match object.keys().find(|name| !name.contains('@') && !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(GraphError::bad_request(format!(
            "The property '{name}' does not exist or cannot be set."
        ))),
    }
}

/// A text property; absent and null are `None`.
pub(super) fn text<'a>(
    object: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<&'a str>, GraphError> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(GraphError::bad_request(format!("'{name}' has to be a string."))),
    }
}

/// A list property; absent is the empty list.
pub(super) fn list(object: &Map<String, Value>, name: &str) -> Result<Vec<Value>, GraphError> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(list)) => Ok(list.clone()),
        Some(_) => Err(GraphError::bad_request(format!("'{name}' has to be a collection."))),
    }
}
