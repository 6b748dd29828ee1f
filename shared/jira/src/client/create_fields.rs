//! What a new issue can and must be given: the create metadata of a project and an issue type.

use std::fmt;

use serde::de::DeserializeOwned;
use tandem_domain::{Failure, IssueTypeId, ProjectId, document::Prose};

use super::{Call, IssueType, Site, parsed};
use crate::wire::{CreateMetaPage, WireCreateField, WireCreateFields, WireCreateTypes};

/// How many entries Jira gives at once, at most.
const PAGE: usize = 200;

/// How many pages are read at most; a screen has no thousand fields.
const MOST_PAGES: usize = 5;

/// A field's id, such as `summary` or `customfield_10050`: at most 128 letters, digits, `_`, `-`
/// and `.`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(String);

impl FieldId {
    /// Parses a field's id; anything else is `Err` with nothing of the text.
    pub fn parse(text: &str) -> Result<Self, NotAnId> {
        if spelled(text) { Ok(Self(text.to_owned())) } else { Err(NotAnId) }
    }

    /// The id as Jira writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FieldId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of something to choose, spelled as a [`FieldId`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OptionId(String);

impl OptionId {
    /// Parses an option's id; anything else is `Err` with nothing of the text.
    pub fn parse(text: &str) -> Result<Self, NotAnId> {
        if spelled(text) { Ok(Self(text.to_owned())) } else { Err(NotAnId) }
    }

    /// The id as Jira writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Text that is not an id of the create metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid id of a field or an option")]
pub struct NotAnId;

fn spelled(text: &str) -> bool {
    let alphabet = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    (1..=128).contains(&text.len()) && text.bytes().all(alphabet)
}

/// A field that a new issue can be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateField {
    /// Its id, under which its value is sent.
    pub field_id: FieldId,
    /// Its name.
    pub name: Prose,
    /// Whether it must have a value.
    pub required: bool,
    /// Whether Jira fills it in where nothing is sent.
    pub has_default: bool,
    /// What it holds.
    pub kind: FieldKind,
}

impl CreateField {
    /// Whether an issue cannot be made without somebody filling this in.
    pub fn is_demanded(&self) -> bool {
        self.required && !self.has_default
    }
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// One line of text.
    Text,
    /// Text with paragraphs, an Atlassian document.
    LongText,
    /// A number.
    Number,
    /// A day.
    Date,
    /// A moment.
    DateTime,
    /// One or more of a few. There may be none to choose from.
    Choice {
        /// What there is to choose, in Jira's order.
        options: Vec<ChoiceOption>,
        /// Whether more than one can be chosen.
        multiple: bool,
    },
    /// A person.
    User,
    /// Words without spaces.
    Labels,
    /// Something that Tandem cannot ask for: another issue, a sprint, an attachment, a field of
    /// another app.
    Unsupported,
}

/// Something to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChoiceOption {
    /// Its id.
    pub id: OptionId,
    /// Its name.
    pub name: Prose,
}

/// <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/>
impl Site<'_> {
    /// The types of issues that the token's owner can make in the project; [`Failure::Absent`]
    /// where the project is hidden from them or takes no issue of theirs.
    pub async fn list_issue_types(&self, project: &ProjectId) -> Result<Vec<IssueType>, Failure> {
        let path = ["issue", "createmeta", project.as_str(), "issuetypes"];
        let found = self.create_meta::<WireCreateTypes>(&path).await?;
        Ok(found.into_iter().filter_map(crate::wire::WireIssueType::into_type).collect())
    }

    /// The fields of the create screen, in Jira's order, without the project and the issue type
    /// themselves. Fails as [`Self::list_issue_types`] does.
    pub async fn list_create_fields(
        &self,
        project: &ProjectId,
        issue_type: &IssueTypeId,
    ) -> Result<Vec<CreateField>, Failure> {
        let path = ["issue", "createmeta", project.as_str(), "issuetypes", issue_type.as_str()];
        let found = self.create_meta::<WireCreateFields>(&path).await?;
        Ok(found.into_iter().filter_map(WireCreateField::into_field).collect())
    }

    /// All entries of a paged list of the create metadata.
    async fn create_meta<P>(&self, path: &[&str]) -> Result<Vec<P::Entry>, Failure>
    where
        P: CreateMetaPage + DeserializeOwned,
    {
        const TARGET: &str = "jira_create_metadata";
        let size = PAGE.to_string();
        let mut found = Vec::new();
        for _ in 0..MOST_PAGES {
            let start = found.len().to_string();
            let url = self.url(path, &[("startAt", &start), ("maxResults", &size)]);
            let call = Call::get(url, TARGET);
            let answer = self.ask(&call).await?;
            if !answer.status.is_success() {
                return Err(match call.refused(&answer) {
                    // The contract has 400 for a project or type that is not there.
                    Failure::Fault { .. } => Failure::Absent { what: TARGET },
                    failure => failure,
                });
            }
            let page: P = parsed(&answer)?;
            let (entries, total) = page.into_entries();
            let done = entries.is_empty();
            found.extend(entries);
            if done || found.len() >= total {
                break;
            }
        }
        Ok(found)
    }
}
