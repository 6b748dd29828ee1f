//! The fields of a webhook's body that are read. What is not named here is skipped by the parser
//! without being kept, so summary, description, comment text and display names never are.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use tandem_domain::AccountId;

/// The body.
#[derive(Deserialize)]
pub(super) struct WirePayload<'a> {
    #[serde(borrow, rename = "webhookEvent")]
    pub(super) event: Option<Word<'a>>,
    #[serde(borrow, rename = "issue_event_type_name")]
    pub(super) issue_event: Option<Word<'a>>,
    #[serde(borrow)]
    pub(super) user: Option<WireUser<'a>>,
    #[serde(borrow)]
    pub(super) project: Option<WireProject<'a>>,
    #[serde(borrow)]
    pub(super) issue: Option<WireIssue<'a>>,
    #[serde(borrow)]
    pub(super) comment: Option<WireComment<'a>>,
    #[serde(borrow)]
    pub(super) changelog: Option<WireChangelog<'a>>,
}

/// `user`, `comment.author` and their like.
#[derive(Deserialize)]
pub(super) struct WireUser<'a> {
    #[serde(borrow, rename = "accountId")]
    pub(super) account_id: Option<Word<'a>>,
    #[serde(borrow, rename = "self")]
    pub(super) link: Option<Word<'a>>,
    name: Option<IgnoredAny>,
    key: Option<IgnoredAny>,
}

impl WireUser<'_> {
    /// Whether it is named as Jira Server names its users.
    pub(super) fn has_name(&self) -> bool {
        self.name.is_some() || self.key.is_some()
    }
}

/// `issue`.
#[derive(Deserialize)]
pub(super) struct WireIssue<'a> {
    #[serde(borrow)]
    pub(super) id: Option<Word<'a>>,
    #[serde(borrow, rename = "self")]
    pub(super) link: Option<Word<'a>>,
    #[serde(borrow)]
    pub(super) fields: Option<WireFields<'a>>,
}

/// `issue.fields`.
#[derive(Deserialize)]
pub(super) struct WireFields<'a> {
    #[serde(borrow)]
    pub(super) project: Option<WireProject<'a>>,
    #[serde(borrow)]
    pub(super) assignee: Option<WireUser<'a>>,
    #[serde(borrow)]
    pub(super) creator: Option<WireUser<'a>>,
    #[serde(borrow)]
    pub(super) reporter: Option<WireUser<'a>>,
    #[serde(default)]
    pub(super) description: Mentions,
}

/// `issue.fields.project`, and `project` of a project's own events.
#[derive(Deserialize)]
pub(super) struct WireProject<'a> {
    #[serde(borrow)]
    pub(super) id: Option<Word<'a>>,
    #[serde(borrow, rename = "self")]
    pub(super) link: Option<Word<'a>>,
}

/// `comment`.
#[derive(Deserialize)]
pub(super) struct WireComment<'a> {
    #[serde(borrow)]
    pub(super) id: Option<Word<'a>>,
    #[serde(borrow, rename = "self")]
    pub(super) link: Option<Word<'a>>,
    #[serde(borrow)]
    pub(super) author: Option<WireUser<'a>>,
    #[serde(borrow, rename = "updateAuthor")]
    pub(super) update_author: Option<WireUser<'a>>,
    #[serde(default)]
    pub(super) body: Mentions,
    pub(super) visibility: Option<IgnoredAny>,
    #[serde(rename = "jsdPublic")]
    pub(super) jsd_public: Option<bool>,
}

/// `changelog`.
#[derive(Deserialize)]
pub(super) struct WireChangelog<'a> {
    #[serde(borrow, default)]
    pub(super) items: Vec<WireChange<'a>>,
}

/// One item of `changelog.items`.
#[derive(Deserialize)]
pub(super) struct WireChange<'a> {
    #[serde(borrow)]
    pub(super) field: Option<Word<'a>>,
    #[serde(borrow, rename = "fieldId")]
    pub(super) field_id: Option<Word<'a>>,
}

/// Of a text in Jira's wiki markup, whom it mentions (`[~accountid:...]`), at most
/// [`MOST_MENTIONS`]. The text itself is let go of as soon as it is read.
#[derive(Default)]
pub(super) struct Mentions(pub(super) Vec<AccountId>);

/// How many mentions of a text count.
const MOST_MENTIONS: usize = 20;

impl<'de> Deserialize<'de> for Mentions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = Option::<Word<'de>>::deserialize(deserializer)?;
        let text = word.as_ref().and_then(Word::text).unwrap_or_default();
        let mut accounts: Vec<AccountId> = text
            .split("[~accountid:")
            .skip(1)
            .filter_map(|rest| AccountId::parse(rest.split_once(']')?.0).ok())
            .take(MOST_MENTIONS)
            .collect();
        accounts.sort_unstable();
        accounts.dedup();
        Ok(Self(accounts))
    }
}

/// A value that should be a word: anything else is taken in without being kept, so that whoever
/// needs the word can name the field that lacks it.
pub(super) struct Word<'a>(Option<Cow<'a, str>>);

impl Word<'_> {
    /// The word; `None` when something else stood there.
    pub(super) fn text(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Word<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordVisitor)
    }
}

struct WordVisitor;

impl<'de> Visitor<'de> for WordVisitor {
    type Value = Word<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a word")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Word(Some(Cow::Borrowed(text))))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Word(Some(Cow::Owned(text.to_owned()))))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Word(Some(Cow::Owned(number.to_string()))))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Word(None))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Word(None))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Word(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Word(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Word(None))
    }
}
