//! Reading JSON bodies strictly: what the contract does not name is refused.

use serde_json::{Map, Value};

use super::answer::Refusal;

/// A JSON object whose field names were checked.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    /// `value` as an object with no fields but `allowed`.
    pub(crate) fn of(value: &'a Value, allowed: &[&str]) -> Result<Self, Refusal> {
        let map = value
            .as_object()
            .ok_or_else(|| Refusal::bad_request("The request body must be a JSON object."))?;
        match map.keys().find(|name| !allowed.contains(&name.as_str())) {
            Some(unknown) => Err(Refusal::field(
                unknown,
                &format!("Field '{unknown}' is not known to this operation."),
            )),
            None => Ok(Self(map)),
        }
    }

    /// A field that is there and not null.
    pub(crate) fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// Whether the field is there, even as null.
    pub(crate) fn has(self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A text field, if it is there.
    pub(crate) fn text(self, name: &str) -> Result<Option<&'a str>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Refusal::field(name, &format!("'{name}' must be a string."))),
        }
    }

    /// A text field that must be there and not empty.
    pub(crate) fn required_text(self, name: &str) -> Result<&'a str, Refusal> {
        self.text(name)?
            .filter(|text| !text.trim().is_empty())
            .ok_or_else(|| Refusal::field(name, &format!("'{name}' is required.")))
    }

    /// A list field; empty when it is not there.
    pub(crate) fn list(self, name: &str) -> Result<&'a [Value], Refusal> {
        match self.get(name) {
            None => Ok(&[]),
            Some(Value::Array(list)) => Ok(list),
            Some(_) => Err(Refusal::field(name, &format!("'{name}' must be an array."))),
        }
    }

    /// A list of texts; empty when it is not there.
    pub(crate) fn texts(self, name: &str) -> Result<Vec<String>, Refusal> {
        self.list(name)?
            .iter()
            .map(|value| {
                value.as_str().map(str::to_owned).ok_or_else(|| {
                    Refusal::field(name, &format!("'{name}' must be an array of strings."))
                })
            })
            .collect()
    }

    /// A list of whole numbers; empty when it is not there.
    pub(crate) fn numbers(self, name: &str) -> Result<Vec<u64>, Refusal> {
        self.list(name)?
            .iter()
            .map(|value| {
                value.as_u64().ok_or_else(|| {
                    Refusal::field(name, &format!("'{name}' must be an array of integers."))
                })
            })
            .collect()
    }

    /// A whole number, if it is there.
    pub(crate) fn number(self, name: &str) -> Result<Option<u64>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => value.as_u64().map(Some).ok_or_else(|| {
                Refusal::field(name, &format!("'{name}' must be a positive integer."))
            }),
        }
    }
}

/// Reads entity properties (`[{key, value}]`) and checks their limits: a key of at most 255
/// characters, a value of at most 32768.
pub(crate) fn properties(list: &[Value]) -> Result<Vec<(String, Value)>, Refusal> {
    list.iter()
        .map(|entry| {
            let fields = Fields::of(entry, &["key", "value"])?;
            let key = fields.required_text("key")?;
            let value = fields
                .get("value")
                .ok_or_else(|| Refusal::field("value", "The property value is required."))?;
            property(key, value)?;
            Ok((key.to_owned(), value.clone()))
        })
        .collect()
}

/// Checks one entity property's limits.
pub(crate) fn property(key: &str, value: &Value) -> Result<(), Refusal> {
    if key.chars().count() > 255 {
        return Err(Refusal::bad_request("The property key must be at most 255 characters."));
    }
    if value.to_string().chars().count() > 32_768 {
        return Err(Refusal::bad_request("The property value must be at most 32768 characters."));
    }
    Ok(())
}
