//! What a webhook tells, reduced to identifiers. Everything else in it is skipped while it is
//! read: no text of an issue or a comment enters these types, nor does it enter an error.
//!
//! A payload is a hint. Whoever acts on one reads the object again, as the person concerned.

mod wire;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;

use tandem_domain::{
    AccountId, ChangedField, CloudId, CommentId, InvalidId, IssueId, ProjectId, SiteHost,
};
use url::Url;

use self::wire::{Mentions, WireComment, WireIssue, WirePayload, WireUser, Word};

/// Something that happened on a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The site, as the payload's links name it.
    pub site: SiteRef,
    /// What happened.
    pub kind: EventKind,
    /// Whom it may concern, where told.
    pub people: People,
}

/// Whom an event may concern.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// Who the issue is assigned to.
    pub assignee: Option<AccountId>,
    /// Who reported it.
    pub reporter: Option<AccountId>,
    /// Who is mentioned in the comment, or in the description of a new issue.
    pub mentioned: Vec<AccountId>,
}

/// How a payload names its site: by host, or by cloud id where the call that caused the event came
/// through Atlassian's API gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SiteRef {
    /// `https://<host>/rest/api/...`
    Host(SiteHost),
    /// `https://api.atlassian.com/ex/jira/<cloud id>/...`
    Cloud(CloudId),
    /// Not at all: an event of a project or a user without a link to it.
    Unnamed,
}

impl SiteRef {
    /// Whether it names this site; what names none may be of any.
    pub fn is(&self, cloud_id: &CloudId, host: &SiteHost) -> bool {
        match self {
            Self::Host(named) => named == host,
            Self::Cloud(named) => named == cloud_id,
            Self::Unnamed => true,
        }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// Somebody wrote a comment.
    CommentCreated(CommentEvent),
    /// A comment was changed.
    CommentUpdated(CommentEvent),
    /// A comment was deleted.
    CommentDeleted {
        /// Its issue.
        issue_id: IssueId,
        /// The issue's project, where told.
        project_id: Option<ProjectId>,
        /// The comment.
        comment_id: CommentId,
    },
    /// An issue was made.
    IssueCreated {
        /// The issue.
        issue_id: IssueId,
        /// Its project, where told.
        project_id: Option<ProjectId>,
        /// Who made it, where told.
        actor: Option<AccountId>,
    },
    /// Fields of an issue changed.
    IssueUpdated {
        /// The issue.
        issue_id: IssueId,
        /// Its project, where told.
        project_id: Option<ProjectId>,
        /// Those of the changes that Tandem can tell of, each once; often none.
        changes: Vec<ChangedField>,
        /// Who changed them, where told.
        actor: Option<AccountId>,
    },
    /// An issue was deleted.
    IssueDeleted {
        /// The issue.
        issue_id: IssueId,
        /// Its project, where told.
        project_id: Option<ProjectId>,
    },
    /// A project was deleted for good: one in the trash is not.
    ProjectDeleted {
        /// The project.
        project_id: ProjectId,
    },
    /// A user was deleted.
    UserDeleted {
        /// The user.
        account_id: AccountId,
    },
}

/// A comment that was written or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentEvent {
    /// Its issue.
    pub issue_id: IssueId,
    /// The issue's project, where told.
    pub project_id: Option<ProjectId>,
    /// The comment.
    pub comment_id: CommentId,
    /// Who wrote it.
    pub author: AccountId,
    /// Whether the payload shows that not everybody who sees the issue sees it: kept to a role or
    /// group (`visibility`) or internal (`jsdPublic: false`).
    pub restricted: bool,
}

/// Why a payload is refused. Names the field, never what stood in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// The body is not JSON.
    #[error("the body is not JSON")]
    NotJson,
    /// A field is missing or not what Jira Cloud sends.
    #[error("{field} is missing or malformed")]
    Malformed {
        /// The path of the field; `body` when the whole has another shape.
        field: &'static str,
    },
    /// A payload of Jira Server or Data Center: its users have names and keys, but no account id.
    #[error("users without accountId: sent by Jira Server or Data Center, only Cloud is served")]
    ServerPayload,
}

impl PayloadError {
    /// A short code for answers, logs and metrics.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotJson => "payload_not_json",
            Self::Malformed { .. } => "payload_malformed",
            Self::ServerPayload => "payload_of_jira_server",
        }
    }
}

/// Reads a webhook's body. `None` is an event that Tandem has nothing to do with: to be
/// acknowledged and forgotten.
///
/// Comments are followed by `comment_created`, `comment_updated` and `comment_deleted` alone. The
/// `jira:issue_updated` that older sites send beside them (`issue_commented` and its kin) would
/// tell the same a second time, and is `None`. So is a comment without an account behind it, and
/// `project_soft_deleted`: a project in the trash can be restored for 60 days
/// (<https://support.atlassian.com/jira-cloud-administration/docs/delete-a-project/>).
///
/// The events of projects and users come from webhooks that an administrator made; an app cannot
/// register for them (<https://developer.atlassian.com/cloud/jira/platform/webhooks/>).
pub fn parse(body: &[u8]) -> Result<Option<Event>, PayloadError> {
    let payload: WirePayload<'_> = serde_json::from_slice(body)
        .map_err(|error| if error.is_data() { malformed("body") } else { PayloadError::NotJson })?;
    if is_of_server(&payload) {
        return Err(PayloadError::ServerPayload);
    }
    let name = payload.event.as_ref().and_then(Word::text).ok_or(malformed("webhookEvent"))?;
    let Some(kind) = kind_of(name, &payload)? else { return Ok(None) };
    let site = match &kind {
        EventKind::ProjectDeleted { .. } => {
            let project = payload.project.as_ref();
            named(project.and_then(|project| project.link.as_ref()), "project.self")?
        }
        EventKind::UserDeleted { .. } => {
            named(payload.user.as_ref().and_then(|user| user.link.as_ref()), "user.self")?
        }
        _ => site_of(&payload)?,
    };
    Ok(Some(Event { site, kind, people: people(&payload) }))
}

/// Whom it may concern. A hint, so whatever does not fit is passed over.
fn people(payload: &WirePayload<'_>) -> People {
    let fields = payload.issue.as_ref().and_then(|issue| issue.fields.as_ref());
    let of = |user: Option<&WireUser<'_>>| account(user, "user").ok().flatten();
    let comment = payload.comment.as_ref().map(|comment| &comment.body);
    let mentioned = comment.or(fields.map(|fields| &fields.description));
    People {
        assignee: of(fields.and_then(|fields| fields.assignee.as_ref())),
        reporter: of(fields.and_then(|fields| fields.reporter.as_ref())),
        mentioned: mentioned.map(|Mentions(accounts)| accounts.clone()).unwrap_or_default(),
    }
}

fn kind_of(name: &str, payload: &WirePayload<'_>) -> Result<Option<EventKind>, PayloadError> {
    Ok(match name {
        "comment_created" => comment_event(payload)?.map(EventKind::CommentCreated),
        "comment_updated" => comment_event(payload)?.map(EventKind::CommentUpdated),
        "comment_deleted" => Some(EventKind::CommentDeleted {
            issue_id: issue_id(payload)?,
            project_id: project_id(payload)?,
            comment_id: comment_id(comment_of(payload)?)?,
        }),
        "jira:issue_created" => Some(EventKind::IssueCreated {
            issue_id: issue_id(payload)?,
            project_id: project_id(payload)?,
            actor: account(payload.user.as_ref(), "user.accountId")?,
        }),
        "jira:issue_updated" if !tells_a_comment_again(payload) => Some(EventKind::IssueUpdated {
            issue_id: issue_id(payload)?,
            project_id: project_id(payload)?,
            changes: changes(payload),
            actor: account(payload.user.as_ref(), "user.accountId")?,
        }),
        "jira:issue_deleted" => Some(EventKind::IssueDeleted {
            issue_id: issue_id(payload)?,
            project_id: project_id(payload)?,
        }),
        "project_deleted" => Some(EventKind::ProjectDeleted {
            project_id: required(
                payload.project.as_ref().and_then(|project| project.id.as_ref()),
                "project.id",
                ProjectId::parse,
            )?,
        }),
        "user_deleted" => account(payload.user.as_ref(), "user.accountId")?
            .map(|account_id| EventKind::UserDeleted { account_id }),
        _ => None,
    })
}

fn comment_event(payload: &WirePayload<'_>) -> Result<Option<CommentEvent>, PayloadError> {
    let comment = comment_of(payload)?;
    let author = account(comment.author.as_ref(), "comment.author.accountId")?;
    let Some(author) = author else { return Ok(None) };
    Ok(Some(CommentEvent {
        issue_id: issue_id(payload)?,
        project_id: project_id(payload)?,
        comment_id: comment_id(comment)?,
        author,
        restricted: comment.visibility.is_some() || comment.jsd_public == Some(false),
    }))
}

fn comment_of<'p, 'a>(payload: &'p WirePayload<'a>) -> Result<&'p WireComment<'a>, PayloadError> {
    payload.comment.as_ref().ok_or(malformed("comment"))
}

fn comment_id(comment: &WireComment<'_>) -> Result<CommentId, PayloadError> {
    required(comment.id.as_ref(), "comment.id", CommentId::parse)
}

/// The issue's id; where a comment comes without its issue, the one in the comment's own link.
fn issue_id(payload: &WirePayload<'_>) -> Result<IssueId, PayloadError> {
    if let Some(issue) = &payload.issue {
        return required(issue.id.as_ref(), "issue.id", IssueId::parse);
    }
    let Some(comment) = &payload.comment else { return Err(malformed("issue")) };
    let link = link(comment.link.as_ref(), "comment.self")?;
    let id = segment_after(&link, &["issue"]).ok_or(malformed("comment.self"))?;
    IssueId::parse(id).map_err(|_| malformed("comment.self"))
}

fn project_id(payload: &WirePayload<'_>) -> Result<Option<ProjectId>, PayloadError> {
    let fields = payload.issue.as_ref().and_then(|issue| issue.fields.as_ref());
    let Some(project) = fields.and_then(|fields| fields.project.as_ref()) else { return Ok(None) };
    required(project.id.as_ref(), "issue.fields.project.id", ProjectId::parse).map(Some)
}

/// The account of a user; `None` for nobody, and for `unknown`, which Jira writes for an account
/// whose record is lost.
fn account(
    user: Option<&WireUser<'_>>,
    field: &'static str,
) -> Result<Option<AccountId>, PayloadError> {
    match user.and_then(|user| user.account_id.as_ref()) {
        None => Ok(None),
        Some(word) if word.text() == Some("unknown") => Ok(None),
        word => required(word, field, AccountId::parse).map(Some),
    }
}

fn changes(payload: &WirePayload<'_>) -> Vec<ChangedField> {
    let items = payload.changelog.iter().flat_map(|changelog| &changelog.items);
    let mut changes: Vec<ChangedField> = items
        .filter_map(|item| item.field_id.as_ref().or(item.field.as_ref()))
        .filter_map(|field| ChangedField::of_changelog(field.text()?))
        .collect();
    changes.sort_unstable();
    changes.dedup();
    changes
}

fn tells_a_comment_again(payload: &WirePayload<'_>) -> bool {
    let about = payload.issue_event.as_ref().and_then(Word::text);
    matches!(about, Some("issue_commented" | "issue_comment_edited" | "issue_comment_deleted"))
}

fn is_of_server(payload: &WirePayload<'_>) -> bool {
    let comment = payload.comment.iter();
    let of_comment = comment.flat_map(|c| [&c.author, &c.update_author]).flatten();
    let fields = payload.issue.iter().filter_map(|issue| issue.fields.as_ref());
    let of_issue = fields.flat_map(|f| [&f.assignee, &f.creator, &f.reporter]).flatten();
    let users: Vec<&WireUser<'_>> = payload.user.iter().chain(of_comment).chain(of_issue).collect();
    users.iter().all(|user| user.account_id.is_none()) && users.iter().any(|user| user.has_name())
}

fn site_of(payload: &WirePayload<'_>) -> Result<SiteRef, PayloadError> {
    let issue = payload.issue.as_ref().and_then(|issue: &WireIssue<'_>| issue.link.as_ref());
    let (word, field) = match issue {
        Some(word) => (Some(word), "issue.self"),
        None => (payload.comment.as_ref().and_then(|c| c.link.as_ref()), "comment.self"),
    };
    site_in(word, field)
}

/// The site that a link names, where there is a link.
fn named(word: Option<&Word<'_>>, field: &'static str) -> Result<SiteRef, PayloadError> {
    if word.is_none() { Ok(SiteRef::Unnamed) } else { site_in(word, field) }
}

fn site_in(word: Option<&Word<'_>>, field: &'static str) -> Result<SiteRef, PayloadError> {
    let url = link(word, field)?;
    if let Some(cloud_id) = segment_after(&url, &["ex", "jira"]) {
        return CloudId::parse(cloud_id).map(SiteRef::Cloud).map_err(|_| malformed(field));
    }
    let host = url.host_str().ok_or(malformed(field))?;
    SiteHost::parse(host).map(SiteRef::Host).map_err(|_| malformed(field))
}

fn link(word: Option<&Word<'_>>, field: &'static str) -> Result<Url, PayloadError> {
    let url = word.and_then(Word::text).and_then(|text| Url::parse(text).ok());
    url.filter(|url| matches!(url.scheme(), "https" | "http")).ok_or(malformed(field))
}

/// The path segment that follows these, where they stand one after the other.
fn segment_after<'u>(url: &'u Url, names: &[&str]) -> Option<&'u str> {
    let segments: Vec<&str> = url.path_segments()?.collect();
    let at = segments.windows(names.len()).position(|window| window == names)?;
    segments.get(at + names.len()).copied()
}

fn required<T>(
    word: Option<&Word<'_>>,
    field: &'static str,
    parse: fn(&str) -> Result<T, InvalidId>,
) -> Result<T, PayloadError> {
    let text = word.and_then(Word::text).ok_or(malformed(field))?;
    parse(text).map_err(|_| malformed(field))
}

const fn malformed(field: &'static str) -> PayloadError {
    PayloadError::Malformed { field }
}
