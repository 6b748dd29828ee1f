//! What somebody wants of the bot, read from what they wrote. Nothing is looked up here.

mod filters;
mod text;

#[cfg(test)]
mod tests;

use tandem_domain::{IssueKey, SiteHost};
use url::Url;

pub(crate) use filters::FilterWords;
use text::{distance, plain, trimmed};

/// The longest message that is read as a command, in characters; what comes after is left out.
const LONGEST: usize = 2_000;
/// The longest project key that Jira's own limit admits, with room to spare.
const LONGEST_PROJECT: usize = 64;

/// A command's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    Connect,
    Disconnect,
    Link,
    Unlink,
    Subscribe,
    Subscriptions,
    Unsubscribe,
    Settings,
    Status,
    Help,
}

impl Name {
    /// All of them, in the order they are shown.
    pub(crate) const ALL: [Self; 10] = [
        Self::Connect,
        Self::Disconnect,
        Self::Link,
        Self::Unlink,
        Self::Subscribe,
        Self::Subscriptions,
        Self::Unsubscribe,
        Self::Settings,
        Self::Status,
        Self::Help,
    ];

    /// The word itself.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Disconnect => "disconnect",
            Self::Link => "link",
            Self::Unlink => "unlink",
            Self::Subscribe => "subscribe",
            Self::Subscriptions => "subscriptions",
            Self::Unsubscribe => "unsubscribe",
            Self::Settings => "settings",
            Self::Status => "status",
            Self::Help => "help",
        }
    }
}

/// An issue as somebody names it.
#[cfg_attr(test, derive(Debug))]
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct IssueTarget {
    /// Its key, in upper case.
    pub(crate) key: IssueKey,
    /// The Jira site, where they gave the issue's address.
    pub(crate) host: Option<SiteHost>,
}

/// Which subscriptions are to end.
#[cfg_attr(test, derive(Debug))]
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Which {
    /// Those to a project, by its key in upper case.
    Project(String),
    /// The one with this number in the list, counted from 1.
    Number(usize),
}

/// A command with what belongs to it.
#[cfg_attr(test, derive(Debug))]
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Command {
    Connect,
    Disconnect,
    Link(IssueTarget),
    Unlink(Option<IssueTarget>),
    /// To a project, by its key in upper case.
    Subscribe(String, FilterWords),
    Subscriptions,
    Unsubscribe(Option<Which>),
    Settings,
    Status,
    Help,
}

impl Command {
    pub(crate) fn name(&self) -> Name {
        match self {
            Self::Connect => Name::Connect,
            Self::Disconnect => Name::Disconnect,
            Self::Link(_) => Name::Link,
            Self::Unlink(_) => Name::Unlink,
            Self::Subscribe(..) => Name::Subscribe,
            Self::Subscriptions => Name::Subscriptions,
            Self::Unsubscribe(_) => Name::Unsubscribe,
            Self::Settings => Name::Settings,
            Self::Status => Name::Status,
            Self::Help => Name::Help,
        }
    }
}

/// What was read.
#[cfg_attr(test, derive(Debug))]
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Parsed {
    Command(Command),
    /// A command whose object is missing or of no use.
    Misused(Name),
    /// No command, and the one that comes near.
    Unknown(Option<Name>),
}

/// Reads what somebody wrote, the mention of the bot left out already. Upper or lower case, white
/// space, punctuation around words and leftovers of HTML make no difference; nothing at all asks for
/// help.
pub(crate) fn parse(written: &str) -> Parsed {
    let written: String = written.chars().take(LONGEST).collect();
    let written = plain(&written);
    let (first, rest) = match written.trim_start().split_once(char::is_whitespace) {
        Some((first, rest)) => (first, rest.trim()),
        None => (written.trim(), ""),
    };
    let word = trimmed(first).to_lowercase();
    if word.is_empty() && rest.is_empty() {
        return Parsed::Command(Command::Help);
    }
    match Name::ALL.into_iter().find(|name| name.as_str() == word) {
        Some(name) => command(name, rest).map_or(Parsed::Misused(name), Parsed::Command),
        None => Parsed::Unknown(nearest(&word)),
    }
}

fn command(name: Name, rest: &str) -> Option<Command> {
    Some(match name {
        Name::Connect => Command::Connect,
        Name::Disconnect => Command::Disconnect,
        Name::Link => Command::Link(the_one(rest)?),
        Name::Unlink if trimmed(rest).is_empty() => Command::Unlink(None),
        Name::Unlink => Command::Unlink(Some(the_one(rest)?)),
        Name::Subscribe => {
            let (key, words) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            Command::Subscribe(project(key)?, filters::parse(words))
        }
        Name::Subscriptions => Command::Subscriptions,
        Name::Unsubscribe if trimmed(rest).is_empty() => Command::Unsubscribe(None),
        Name::Unsubscribe => Command::Unsubscribe(Some(which(rest)?)),
        Name::Settings => Command::Settings,
        Name::Status => Command::Status,
        Name::Help => Command::Help,
    })
}

/// The one issue that is named among the words.
fn the_one(words: &str) -> Option<IssueTarget> {
    let mut named: Vec<IssueTarget> = words.split_whitespace().filter_map(issue).collect();
    named.dedup();
    <[IssueTarget; 1]>::try_from(named).ok().map(|[one]| one)
}

/// An issue by key or by address: `/browse/KEY`, or a board's `?selectedIssue=KEY`.
fn issue(word: &str) -> Option<IssueTarget> {
    let word = trimmed(word);
    let key_of = |text: &str| IssueKey::parse(&text.to_uppercase()).ok();
    if let Some(key) = key_of(word) {
        return Some(IssueTarget { key, host: None });
    }
    let url = Url::parse(word).ok().filter(|url| url.scheme() == "https")?;
    let host = SiteHost::parse(url.host_str()?).ok()?;
    let selected = url.query_pairs().find(|(name, _)| name == "selectedIssue");
    let key = if let Some((_, key)) = selected {
        key_of(&key)?
    } else {
        let mut segments = url.path_segments()?.skip_while(|segment| *segment != "browse");
        key_of(segments.nth(1)?)?
    };
    Some(IssueTarget { key, host: Some(host) })
}

/// A project's key, in upper case.
fn project(word: &str) -> Option<String> {
    let key = trimmed(word).to_uppercase();
    let spelled = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let fits = spelled && (1..=LONGEST_PROJECT).contains(&key.len());
    (fits && key.starts_with(|first: char| first.is_ascii_alphabetic())).then_some(key)
}

fn which(rest: &str) -> Option<Which> {
    let word = trimmed(rest);
    match word.parse() {
        Ok(number) => Some(Which::Number(number)),
        Err(_) => project(word).map(Which::Project),
    }
}

/// The command that a word comes near: one or two slips of the finger away, or begun like it.
fn nearest(word: &str) -> Option<Name> {
    let slips = if word.chars().count() <= 4 { 1 } else { 2 };
    let near = Name::ALL.into_iter().map(|name| (distance(word, name.as_str()), name));
    let near = near.filter(|(away, _)| *away <= slips).min_by_key(|(away, _)| *away);
    near.map(|(_, name)| name).or_else(|| {
        let begun = |name: &Name| word.len() >= 3 && name.as_str().starts_with(word);
        Name::ALL.into_iter().find(begun)
    })
}
