//! Text on cards: what Tandem says, and what others wrote, which must stay text.
//!
//! Teams reads Markdown in a `TextBlock` and in the titles and values of facts
//! (<https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format>),
//! and replaces `{{DATE(..)}}` and `{{TIME(..)}}` in any text
//! (<https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features>).

use std::borrow::Cow;

use serde::Serialize;

/// The text of a `TextBlock` or of a fact. What is markup in it, Tandem wrote.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub(super) struct Markdown(String);

impl Markdown {
    /// What Tandem says.
    pub(super) fn ours(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// What somebody wrote, at most so many characters of it.
    pub(super) fn theirs(text: &str, characters: usize) -> Self {
        Self(escape(&cut(text, characters)))
    }

    /// This text and then the other.
    pub(super) fn and(mut self, other: &Self) -> Self {
        self.0.push_str(&other.0);
        self
    }
}

/// A text that Teams shows as it is: a label, the title of a button or of a choice.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub(super) struct Plain(String);

impl Plain {
    /// What Tandem says.
    pub(super) fn ours(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// What somebody wrote, at most so many characters of it. Text functions are replaced here
    /// too, so two braces are kept apart by a joiner that has no width.
    pub(super) fn theirs(text: &str, characters: usize) -> Self {
        let apart = |text: String| text.replace("{{", "{\u{2060}{");
        // Twice, since what is replaced does not overlap.
        Self(apart(apart(single_line(&cut(text, characters)))))
    }

    /// This text and then the other.
    pub(super) fn and(mut self, other: &str) -> Self {
        self.0.push_str(other);
        self
    }

    /// The text itself.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The text where HTML is read.
    pub(super) fn html(&self) -> String {
        let text = self.0.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        text.replace('"', "&quot;").replace('\'', "&#39;")
    }
}

/// Text as Markdown that shows exactly this text, on one line.
///
/// A backslash goes only where something would happen without it, since some of the mobile
/// clients show it. Control characters and those that turn the direction of what follows are left
/// out.
pub fn escape(text: &str) -> String {
    let line = single_line(text);
    let mut escaped = String::with_capacity(line.len() + 8);
    let mut before = None;
    for (at, c) in line.char_indices() {
        let (start, rest) = (&line[..at], &line[at + c.len_utf8()..]);
        if is_active(start, before, c, rest) {
            escaped.push('\\');
        }
        escaped.push(c);
        before = Some(c);
    }
    escaped
}

/// Whether a character may be markup, by what stands around it.
fn is_active(start: &str, before: Option<char>, c: char, rest: &str) -> bool {
    let after = rest.chars().next();
    let within_word =
        || before.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphanumeric);
    match c {
        '*' | '`' | '<' => true,
        '\\' => after.is_none_or(|c| c.is_ascii_punctuation()),
        // The end of what could be a tag, or the start of a quotation.
        '>' => start.is_empty() || start.contains('<'),
        '_' => !within_word(),
        '~' => before == Some('~') || after == Some('~'),
        // What makes a link, or the definition of one, of the brackets before it.
        '(' | '[' | ':' => before == Some(']'),
        '{' => matches!(before, Some('{' | '$')),
        '&' => begins_entity(rest),
        '#' | '+' | '-' => start.is_empty(),
        '.' | ')' => !start.is_empty() && start.bytes().all(|b| b.is_ascii_digit()),
        _ => false,
    }
}

/// Whether this goes on after an ampersand like an entity of HTML: `amp;`, `#42;`, `#x2a;`.
fn begins_entity(rest: &str) -> bool {
    let name = rest.split(';').next().unwrap_or_default();
    let named = name.strip_prefix('#').unwrap_or(name);
    name.len() < rest.len()
        && !named.is_empty()
        && named.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The text on one line: runs of white space become one space.
fn single_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            _ if c.is_whitespace() => {
                if !line.is_empty() && !line.ends_with(' ') {
                    line.push(' ');
                }
            }
            _ if c.is_control() || turns_direction(c) => {}
            _ => line.push(c),
        }
    }
    line.truncate(line.trim_end().len());
    line
}

/// The embeddings, overrides and isolates of the bidirectional algorithm.
/// <https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters>
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// At most so many characters, the last of them an ellipsis where something was left out.
fn cut(text: &str, characters: usize) -> Cow<'_, str> {
    if text.chars().nth(characters).is_none() {
        return Cow::Borrowed(text);
    }
    let kept: String = text.chars().take(characters.saturating_sub(1)).collect();
    Cow::Owned(format!("{}…", kept.trim_end()))
}

/// At most so many units of UTF-16, which is how `maxLength` of an input counts; the last of them
/// an ellipsis where something was left out. Line ends stay.
pub(super) fn typed(text: &str, units: usize) -> Cow<'_, str> {
    if text.encode_utf16().count() <= units {
        return Cow::Borrowed(text);
    }
    let mut left = units.saturating_sub(1);
    let fits = |c: &char| {
        let fits = c.len_utf16() <= left;
        left = left.saturating_sub(c.len_utf16());
        fits
    };
    let mut kept: String = text.chars().take_while(fits).collect();
    kept.push('…');
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests;
