//! Identifiers of the Bot Framework: conversations, activities, users as a bot sees them, and where
//! a bot's answers go.
//!
//! <https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference>

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use url::Url;

use crate::id::{InvalidId, identifier, lower_hex, spelled};

fn conversation(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b':' | b';' | b'=' | b'@' | b'.' | b'_' | b'-')
}

identifier!(
    /// A conversation of the bot: `a:...` (personal), `19:...@thread.v2` (group chat),
    /// `19:...@thread.tacv2` (channel), with `;messageid=...` behind it a thread of the channel.
    ConversationId, "conversation id", |text| {
        spelled(text, 3, 512, conversation) && text.bytes().any(|byte| byte.is_ascii_digit())
    }
);
identifier!(
    /// An activity's id: `f:<guid>`, `1:...`, a GUID, or a message's milliseconds.
    ActivityId, "activity id", |text| {
        spelled(text, 1, 128, |b| b.is_ascii_alphanumeric() || matches!(b, b':' | b'-' | b'_' | b'.'))
    }
);
identifier!(
    /// A user as one bot knows them, `29:...`; another bot knows the same user by another id.
    BotUserId, "bot user id", |text| {
        spelled(text, 4, 256, |b| b.is_ascii_alphanumeric() || matches!(b, b':' | b'-' | b'_' | b'.'))
            && text.contains(':')
    }
);
identifier!(
    /// A team as the Bot Framework names it: the id of its General channel.
    TeamId, "team id", |text| spelled(text, 3, 256, conversation) && text.starts_with("19:")
);
identifier!(
    /// A channel subscription's id: 32 hexadecimal digits, random.
    FollowId, "channel subscription id", |text| lower_hex(text, 32)
);

impl ConversationId {
    /// The conversation without the thread: the channel of a thread, and any other as it is.
    #[must_use]
    pub fn channel(&self) -> Self {
        match self.as_str().split_once(";messageid=") {
            Some((channel, _)) => Self::parse(channel).unwrap_or_else(|_| self.clone()),
            None => self.clone(),
        }
    }

    /// The message a thread hangs on, where this names a thread.
    pub fn thread(&self) -> Option<&str> {
        self.as_str().split_once(";messageid=").map(|(_, message)| message)
    }

    /// The thread of this channel that hangs on a message.
    #[must_use]
    pub fn thread_of(&self, root: &ActivityId) -> Self {
        Self::parse(&format!("{};messageid={root}", self.channel()))
            .unwrap_or_else(|_| self.clone())
    }
}

/// What kind of conversation a bot is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConversationKind {
    /// One person and the bot.
    Personal,
    /// A chat of several people.
    GroupChat,
    /// A channel of a team.
    Channel,
}

/// Where the answers to an activity go. HTTPS, or HTTP on the machine itself for development. Host
/// and path hold letters, digits, `-`, `.`, `_` and `~` only, so that no words fit in.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ServiceUrl(Url);

impl ServiceUrl {
    /// Parses an address; anything else is refused.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let refused = InvalidId { kind: "service URL" };
        let url = Url::parse(text).map_err(|_| refused)?;
        let plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
            && url.as_str().len() <= 256
            && url.path().bytes().all(|b| {
                b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'.' | b'_' | b'~')
            });
        let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        let fits = url.scheme() == "https" || (url.scheme() == "http" && local);
        if plain && fits { Ok(Self(url)) } else { Err(refused) }
    }

    /// The address.
    pub fn as_url(&self) -> &Url {
        &self.0
    }

    /// Whether `other` is the same address, a slash at the end aside.
    pub fn is(&self, other: &str) -> bool {
        let trimmed = |url: &Url| url.as_str().trim_end_matches('/').to_owned();
        Url::parse(other).is_ok_and(|other| trimmed(&other) == trimmed(&self.0))
    }
}

impl fmt::Debug for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

impl<'de> Deserialize<'de> for ServiceUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_parse_and_words_do_not() {
        for text in [
            "a:1Vw2Wcf4fH2zBB6Qf9JJd3",
            "19:6decf54d86d945e4b3924b63a9161a78@thread.skype;messageid=1611060744833",
            "19:91571ee8ad174aefaccd2e4605d87a24@thread.v2",
        ] {
            assert!(ConversationId::parse(text).is_ok(), "{text}");
        }
        for text in ["", "what we talk about", "hello", "19:abc/def@thread.v2", "a:1#b"] {
            assert!(ConversationId::parse(text).is_err(), "{text}");
        }
        for text in [
            "https://smba.trafficmanager.net/amer/0e3419f7-4c4d-47e7-b98a-7b9b9de02b80/",
            "http://localhost:3978/connector",
        ] {
            assert!(ServiceUrl::parse(text).is_ok(), "{text}");
        }
        for text in [
            "http://smba.trafficmanager.net/",
            "https://user@host/",
            "https://host/a%20note",
            "https://host/?q=a",
            "amer",
        ] {
            assert!(ServiceUrl::parse(text).is_err(), "{text}");
        }
        let url = ServiceUrl::parse("https://smba.trafficmanager.net/amer/").unwrap();
        assert!(url.is("https://smba.trafficmanager.net/amer"));
        assert!(!url.is("https://smba.trafficmanager.net/emea/"));
    }

    #[test]
    fn a_thread_belongs_to_its_channel() {
        let thread = ConversationId::parse("19:6decf5@thread.tacv2;messageid=1611060744833");
        let thread = thread.unwrap();
        assert_eq!(thread.channel().as_str(), "19:6decf5@thread.tacv2");
        assert_eq!(thread.thread(), Some("1611060744833"));
        let root = ActivityId::parse("17").unwrap();
        assert_eq!(thread.thread_of(&root).as_str(), "19:6decf5@thread.tacv2;messageid=17");
        assert_eq!(thread.channel().thread(), None);
    }
}
