//! Making issues.

use std::collections::BTreeMap;

use reqwest::StatusCode;
use serde_json::{Value, json};
use tandem_domain::{Failure, IssueId, IssueKey, document::Prose};

use super::{Call, FieldId, Site, parsed, refusal};
use crate::wire::{WireCreated, WireErrors};

/// The most that is taken over of one message of Jira's, in characters.
const LONGEST_MESSAGE: usize = 500;

/// An issue that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// Its number.
    pub id: IssueId,
    /// Its key.
    pub key: IssueKey,
}

/// Why an issue was not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CreateError {
    /// Jira finds fault with the fields, and says so in words for the person who filled them in.
    #[error("the fields of the issue are not valid")]
    Invalid(FieldErrors),
    /// Anything else.
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// What Jira finds wrong, in the language of the person. To be shown to nobody else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldErrors {
    /// What is wrong with the issue as a whole.
    pub messages: Vec<Prose>,
    /// What is wrong with a field, by the field's id.
    pub fields: BTreeMap<String, Prose>,
}

impl FieldErrors {
    /// What the answer says, if it says anything.
    fn of(errors: &WireErrors) -> Option<Self> {
        let mut found = Self {
            messages: errors.error_messages.iter().map(|text| message(text)).collect(),
            ..Self::default()
        };
        for (name, text) in &errors.errors {
            let text = message(text);
            match FieldId::parse(name) {
                Ok(id) => drop(found.fields.insert(id.to_string(), text)),
                Err(_) => found.messages.push(text),
            }
        }
        let says_something = !found.messages.is_empty() || !found.fields.is_empty();
        says_something.then_some(found)
    }
}

fn message(text: &str) -> Prose {
    Prose::new(&text.chars().take(LONGEST_MESSAGE).collect::<String>())
}

impl Site<'_> {
    /// Makes an issue of these fields, by their ids: see
    /// [`FieldKind::value`](super::FieldKind::value). The properties are set in the same moment,
    /// so that the issue is marked before any webhook about it is sent. The issue counts as one
    /// that the token's owner has seen lately.
    /// <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/>
    pub async fn create_issue(
        &self,
        fields: &Value,
        properties: &[(&str, Value)],
    ) -> Result<Created, CreateError> {
        let mut body = json!({"fields": fields});
        if !properties.is_empty() {
            let list = properties.iter().map(|(key, value)| json!({"key": key, "value": value}));
            body["properties"] = list.collect();
        }
        let url = self.url(&["issue"], &[("updateHistory", "true")]);
        let call = Call::post(url, "jira_new_issue", &body);
        let answer = self.ask(&call).await?;
        match answer.status {
            status if status.is_success() => {
                let created: WireCreated = parsed(&answer)?;
                Ok(created.into_created().ok_or(refusal::UNEXPECTED)?)
            }
            StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => {
                let errors = parsed(&answer).ok().as_ref().and_then(FieldErrors::of);
                Err(errors.map_or_else(|| call.refused(&answer).into(), CreateError::Invalid))
            }
            _ => Err(call.refused(&answer).into()),
        }
    }
}
