//! The create metadata, and what is wrong with a new issue.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use tandem_domain::document::Prose;

use super::WireIssueType;
use crate::client::{ChoiceOption, CreateField, FieldId, FieldKind, OptionId};

/// A page of the create metadata.
pub(crate) trait CreateMetaPage {
    /// What it lists.
    type Entry;

    /// The entries of this page, and how many there are on all of them.
    fn into_entries(self) -> (Vec<Self::Entry>, usize);
}

/// `PageOfCreateMetaIssueTypes`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WireCreateTypes {
    issue_types: Vec<WireIssueType>,
    #[serde(default)]
    total: usize,
}

impl CreateMetaPage for WireCreateTypes {
    type Entry = WireIssueType;

    fn into_entries(self) -> (Vec<WireIssueType>, usize) {
        (self.issue_types, self.total)
    }
}

/// `PageOfCreateMetaIssueTypeWithField`: the contract has two names for the list.
#[derive(Deserialize)]
pub(crate) struct WireCreateFields {
    fields: Option<Vec<WireCreateField>>,
    results: Option<Vec<WireCreateField>>,
    #[serde(default)]
    total: usize,
}

impl CreateMetaPage for WireCreateFields {
    type Entry = WireCreateField;

    fn into_entries(self) -> (Vec<WireCreateField>, usize) {
        (self.fields.or(self.results).unwrap_or_default(), self.total)
    }
}

/// `FieldCreateMetadata`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WireCreateField {
    field_id: String,
    name: String,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    has_default_value: bool,
    #[serde(default)]
    schema: WireSchema,
    operations: Option<Vec<String>>,
    #[serde(default)]
    allowed_values: Vec<Value>,
}

/// `JsonTypeBean`.
#[derive(Default, Deserialize)]
struct WireSchema {
    #[serde(rename = "type", default)]
    kind: String,
    items: Option<String>,
    system: Option<String>,
    custom: Option<String>,
}

impl WireSchema {
    /// The type of a custom field without the name of the app that it is from.
    fn custom_kind(&self) -> &str {
        let name = self.custom.as_deref().unwrap_or_default();
        name.rsplit_once(':').map_or(name, |(_, kind)| kind)
    }

    fn is_labels(&self) -> bool {
        self.system.as_deref() == Some("labels") || self.custom_kind() == "labels"
    }

    fn is_long_text(&self) -> bool {
        matches!(self.system.as_deref(), Some("description" | "environment"))
            || self.custom_kind() == "textarea"
    }
}

impl WireCreateField {
    /// `None` for the project and the issue type, and for what has no usable id.
    pub(crate) fn into_field(self) -> Option<CreateField> {
        if matches!(self.schema.kind.as_str(), "project" | "issuetype")
            || matches!(self.field_id.as_str(), "project" | "issuetype")
        {
            return None;
        }
        Some(CreateField {
            field_id: FieldId::parse(&self.field_id).ok()?,
            name: Prose::new(&self.name),
            required: self.required,
            has_default: self.has_default_value,
            kind: self.kind(),
        })
    }

    /// <https://developer.atlassian.com/server/jira/platform/jira-rest-api-examples/>
    fn kind(&self) -> FieldKind {
        let schema = &self.schema;
        let settable =
            self.operations.as_ref().is_none_or(|list| list.iter().any(|it| it == "set"));
        if !settable {
            return FieldKind::Unsupported;
        }
        let choice = |multiple| FieldKind::Choice { options: self.options(), multiple };
        match (schema.kind.as_str(), schema.items.as_deref()) {
            ("string", _) if schema.is_long_text() => FieldKind::LongText,
            ("string", _) => FieldKind::Text,
            ("number", _) => FieldKind::Number,
            ("date", _) => FieldKind::Date,
            ("datetime", _) => FieldKind::DateTime,
            ("user", _) => FieldKind::User,
            // Of a choice in two steps, the first one alone is a value too.
            (
                "option" | "option-with-child" | "priority" | "resolution" | "version"
                | "component" | "securitylevel",
                _,
            ) => choice(false),
            ("array", Some("option" | "version" | "component")) => choice(true),
            ("array", Some("string")) if schema.is_labels() => FieldKind::Labels,
            _ => FieldKind::Unsupported,
        }
    }

    fn options(&self) -> Vec<ChoiceOption> {
        let option = |value: &Value| {
            let name = value["name"].as_str().or(value["value"].as_str())?;
            let id = OptionId::parse(value["id"].as_str()?).ok()?;
            // Versions and options that are not in use any more cannot be chosen.
            let retired = value["archived"] == true || value["disabled"] == true;
            (!retired).then(|| ChoiceOption { id, name: Prose::new(name) })
        };
        self.allowed_values.iter().filter_map(option).collect()
    }
}

/// `ErrorCollection`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WireErrors {
    #[serde(default)]
    pub(crate) error_messages: Vec<String>,
    #[serde(default)]
    pub(crate) errors: BTreeMap<String, String>,
}
