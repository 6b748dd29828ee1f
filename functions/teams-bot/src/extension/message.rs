//! The message that an action was called on: quoted, with its author and a link back.
//!
//! <https://learn.microsoft.com/microsoftteams/platform/messaging-extensions/how-to/action-commands/create-task-module#payload-properties-when-a-task-module-is-invoked-from-a-message>

use serde_json::Value;
use tandem_domain::{
    MessageId,
    document::{Block, Document, Inline, LinkUrl, Prose},
};
use tandem_microsoft::{activity::Payload, html};
use url::Url;

use super::texts;

/// The longest summary of an issue, in units of UTF-16.
const MAX_SUMMARY: usize = 255;
/// The lengths to which a form takes the words of a message, in units of UTF-16: below what its
/// fields hold, also where it has many of them.
const LENGTHS: [usize; 2] = [4500, 280];
/// The longest link back, in bytes.
const MAX_LINK: usize = 2048;

/// How much room a form has for the words of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// It is the only long text.
    Wide,
    /// It is one of several.
    Narrow,
}

/// A message, as the activity carries it.
#[derive(Clone, Debug)]
pub(super) struct Message {
    /// Its id.
    pub(super) id: Option<MessageId>,
    /// The first message of its thread, where it is an answer in a channel.
    pub(super) reply_to: Option<MessageId>,
    author: Prose,
    link: Option<LinkUrl>,
    words: Document,
}

impl Message {
    /// The message of an action; `None` where it was not called on one.
    pub(super) fn of(value: &Payload) -> Option<Self> {
        let payload = value.json().get("messagePayload").filter(|it| it.is_object())?;
        let id = |name: &str| MessageId::parse(payload[name].as_str()?).ok();
        Some(Self {
            id: id("id"),
            reply_to: id("replyToId"),
            author: author(&payload["from"]),
            link: payload["linkToMessage"].as_str().and_then(link),
            words: words(&payload["body"]),
        })
    }

    /// The first line, as a summary.
    pub(super) fn summary(&self) -> String {
        let text = self.words.plain_text();
        let first = text.as_str().lines().map(one_line).find(|line| !line.is_empty());
        shortened(&first.unwrap_or_default(), MAX_SUMMARY)
    }

    /// The words, as a form shows them.
    pub(super) fn shown(&self, room: Room) -> String {
        let [wide, narrow] = LENGTHS;
        let units = if room == Room::Wide { wide } else { narrow };
        shortened(self.words.plain_text().as_str().trim(), units)
    }

    /// Whether somebody left it as [`Self::shown`] gave it.
    pub(super) fn is_shown(&self, typed: &str) -> bool {
        let typed = Prose::new(typed);
        [Room::Wide, Room::Narrow].iter().any(|room| self.shown(*room) == typed.as_str().trim())
    }

    /// What a person made of [`Self::shown`]: where it is still there, the message itself stands in
    /// its place, quoted; else what they wrote, and the link back.
    pub(super) fn within(&self, typed: &str) -> Document {
        let typed = Prose::new(typed);
        let typed = typed.as_str().trim();
        for room in [Room::Wide, Room::Narrow] {
            let shown = self.shown(room);
            if let Some((before, after)) = typed.split_once(&shown)
                && ends_line(before)
                && (after.is_empty() || after.starts_with('\n'))
            {
                let mut blocks = Document::from_plain_text(before).blocks;
                blocks.extend(self.quoted());
                blocks.extend(Document::from_plain_text(after).blocks);
                return Document::new(blocks);
            }
        }
        let mut document = Document::from_plain_text(typed);
        document.blocks.extend(self.link_back());
        document
    }

    /// Who wrote it, what they wrote, and where.
    fn quoted(&self) -> Vec<Block> {
        let who = vec![Inline::strong(self.author.as_str()), Inline::text(texts::WROTE)];
        let quote = Block::Quote(self.words.blocks.clone());
        [Block::paragraph(who), quote].into_iter().chain(self.link_back()).collect()
    }

    fn link_back(&self) -> Option<Block> {
        let link = self.link.as_ref()?;
        Some(Block::paragraph(vec![Inline::link(texts::OPEN_MESSAGE, link.as_str())]))
    }
}

/// What a person wrote without a message.
pub(super) fn plain(typed: &str) -> Document {
    Document::from_plain_text(typed)
}

fn ends_line(before: &str) -> bool {
    before.is_empty() || before.ends_with('\n')
}

/// The name of a person, or of the app that wrote it.
fn author(from: &Value) -> Prose {
    let name = ["user", "application"]
        .iter()
        .filter_map(|kind| from[*kind]["displayName"].as_str())
        .map(one_line)
        .find(|name| !name.is_empty());
    Prose::new(&shortened(name.as_deref().unwrap_or(texts::SOMEBODY), MAX_SUMMARY))
}

/// The link to a message, when it leads to Teams.
fn link(text: &str) -> Option<LinkUrl> {
    let url = Url::parse(text).ok().filter(|_| text.len() <= MAX_LINK)?;
    let to_teams = url.scheme() == "https"
        && url.host_str() == Some("teams.microsoft.com")
        && url.port().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if to_teams { LinkUrl::parse(url.as_str()) } else { None }
}

/// The body, with names in the place of mentions.
fn words(body: &Value) -> Document {
    let content = body["content"].as_str().unwrap_or_default();
    let mut words = match body["contentType"].as_str() {
        Some("html") => html::parse(content),
        _ => Document::from_plain_text(content),
    };
    words.resolve_mentions(|mention| Inline::text(&mention.at_name()));
    if words.plain_text().as_str().trim().is_empty() {
        words = Document::new(vec![Block::paragraph(vec![Inline::text(texts::ATTACHMENT)])]);
    }
    words
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most so many units of UTF-16, the last an ellipsis where something was left out.
fn shortened(text: &str, units: usize) -> String {
    if text.encode_utf16().count() <= units {
        return text.to_owned();
    }
    let mut left = units - 1;
    let kept = text.chars().take_while(|c| {
        let fits = c.len_utf16() <= left;
        left = left.saturating_sub(c.len_utf16());
        fits
    });
    let kept: String = kept.collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests;
