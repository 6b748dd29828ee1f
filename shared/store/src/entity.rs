//! What each stored item carries beside its own attributes, and how it declares them.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tandem_domain::Timestamp;

use crate::keys::Key;

/// Whose an attribute is: decides in which export it appears and with whom it is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// The person's who is identified: ids of people, and nothing else.
    Person,
    /// The Jira site's.
    Site,
    /// The Microsoft tenant's.
    Tenant,
    /// Tandem's own bookkeeping.
    Tandem,
}

/// One stored attribute: the published inventory is made of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Attribute {
    /// The attribute's name in the item.
    pub name: &'static str,
    /// What it is or identifies.
    pub what: &'static str,
    /// What it is kept for.
    pub why: &'static str,
    /// Whose it is.
    pub whose: Whose,
}

/// With what an item is erased, or by what it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErasedWith {
    /// The person, found by their Jira account.
    JiraUser,
    /// The person, found by their Microsoft account.
    MicrosoftUser,
    /// The Jira site.
    Site,
    /// The Microsoft tenant.
    Tenant,
    /// The link of a person's two accounts: they disconnect.
    Disconnecting,
    /// The Jira project.
    Project,
    /// The issue.
    Issue,
    /// The chat or channel, or the app in it.
    Conversation,
    /// By itself, after a time.
    Time,
    /// By itself, when what it is for is done.
    Done,
    /// The deployment: it is about nobody.
    Deployment,
}

impl ErasedWith {
    /// In words: "erased with ..."
    pub const fn words(self) -> &'static str {
        match self {
            Self::JiraUser => "the person at Jira",
            Self::MicrosoftUser => "the person at Microsoft",
            Self::Site => "the Jira site",
            Self::Tenant => "the Microsoft tenant",
            Self::Disconnecting => "the link of the accounts",
            Self::Project => "the project",
            Self::Issue => "the issue",
            Self::Conversation => "the chat or channel",
            Self::Time => "time, by itself",
            Self::Done => "its work done, by itself",
            Self::Deployment => "the deployment",
        }
    }
}

impl Whose {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Person => "the person's",
            Self::Site => "the Jira site's",
            Self::Tenant => "the Microsoft tenant's",
            Self::Tandem => "Tandem's own",
        }
    }
}

/// Declares one attribute.
pub(crate) const fn attribute(
    name: &'static str,
    whose: Whose,
    what: &'static str,
    why: &'static str,
) -> Attribute {
    Attribute { name, what, why, whose }
}

/// What is due when: an item's place in the index of things to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The kind of thing.
    pub kind: &'static str,
    /// When.
    pub at: Timestamp,
}

/// A kind of stored item.
pub trait Entity: Serialize + DeserializeOwned {
    /// The entity's name, stored with each item.
    const NAME: &'static str;
    /// What an item of it is, in words, for the inventory.
    const WHAT: &'static str;
    /// The version of its form, stored with each item.
    const SCHEMA: u8 = 1;
    /// How long items are kept, in words, for the inventory.
    const KEPT: &'static str;
    /// With what its items are erased; the same in both halves of what is found from two sides.
    const ERASED_WITH: &'static [ErasedWith];
    /// Every attribute of its own.
    const ATTRIBUTES: &'static [Attribute];

    /// Where the item lies.
    fn key(&self) -> Key;
    /// Whose it is, for export and erasure.
    fn owner(&self) -> Option<String> {
        None
    }
    /// The Jira site or Microsoft tenant it belongs to.
    fn tenant(&self) -> Option<String> {
        None
    }
    /// When something is to be done about it.
    fn due(&self) -> Option<Due> {
        None
    }
    /// What tells things of one kind that are due apart, where something does.
    fn due_under(&self) -> Option<String> {
        None
    }
    /// When it ends by itself.
    fn expires_at(&self) -> Option<Timestamp> {
        None
    }
}

/// The attributes that the table itself needs, the same in every entity.
pub const COMMON: &[Attribute] = &[
    attribute("pk", Whose::Tandem, "the partition key, made of identifiers", "finds the item"),
    attribute("sk", Whose::Tandem, "the sort key, made of identifiers", "finds the item"),
    attribute("entity", Whose::Tandem, "the entity's name", "tells what the item is"),
    attribute("schema", Whose::Tandem, "the version of the item's form", "lets the form change"),
    attribute("owner", Whose::Person, "the user the item belongs to", "export and erasure"),
    attribute("tenant", Whose::Tandem, "the site or tenant it belongs to", "export and erasure"),
    attribute("due", Whose::Tandem, "what kind of upkeep it needs", "finds what is due"),
    attribute("due_at", Whose::Tandem, "when it needs it, milliseconds", "finds what is due"),
    attribute("ttl", Whose::Tandem, "when it ends, seconds", "expires the item"),
];

/// An item as it lies in the table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stored<T> {
    pk: String,
    sk: String,
    entity: String,
    schema: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<i64>,
    #[serde(flatten)]
    pub(crate) body: T,
}

impl<T: Entity> Stored<T> {
    pub(crate) fn of(body: T) -> Self {
        let Key { pk, sk } = body.key();
        let (due, under) = (body.due(), body.due_under());
        Self {
            pk,
            sk,
            entity: T::NAME.to_owned(),
            schema: T::SCHEMA,
            owner: body.owner(),
            tenant: body.tenant(),
            due: due.map(|due| match under {
                None => crate::keys::due(due.kind),
                Some(under) => crate::keys::due_under(due.kind, &under),
            }),
            due_at: due.map(|due| due.at),
            ttl: body.expires_at().map(Timestamp::as_secs),
            body,
        }
    }
}
