//! The values a document is made of. Each keeps what somebody wrote out of `{:?}`.

use std::fmt;

use url::Url;

/// Text typed by a person. `{:?}` shows its length in characters and nothing else; there is no
/// `Display` and no serialisation.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Prose(String);

impl Prose {
    /// Takes over a text. Line ends become `\n`; control characters other than that and tab,
    /// which neither vendor's format can carry, are left out.
    pub fn new(text: &str) -> Self {
        let lines = text.replace("\r\n", "\n").replace('\r', "\n");
        Self(lines.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect())
    }

    /// The text itself: for conversion to a vendor's format, never for a log.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is no character in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds another text at the end.
    pub(super) fn push(&mut self, other: &Self) {
        self.0.push_str(&other.0);
    }
}

impl fmt::Debug for Prose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Prose({} chars)", self.0.chars().count())
    }
}

/// The target of a link: `http`, `https`, `mailto` or `tel`, in the normal form of the URL
/// standard. `{:?}` shows the scheme only.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct LinkUrl(Url);

impl LinkUrl {
    /// The longest link taken, in bytes.
    pub const MAX_BYTES: usize = 4096;

    /// Reads a link; `None` for anything relative, malformed, overlong or of another scheme.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text.trim()).ok()?;
        let allowed = matches!(url.scheme(), "http" | "https" | "mailto" | "tel");
        (allowed && url.as_str().len() <= Self::MAX_BYTES).then_some(Self(url))
    }

    /// The link as written to a vendor.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Debug for LinkUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LinkUrl({}:..)", self.0.scheme())
    }
}

/// The vendor's identifier of somebody mentioned, taken as it came. `{:?}` does not show it,
/// because until it is resolved it is only what the text claims.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct MentionId(String);

impl MentionId {
    /// Reads an identifier: 1 to 128 letters, digits or `: . _ - @`.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = |c: char| c.is_ascii_alphanumeric() || ":._-@".contains(c);
        let valid = (1..=128).contains(&text.len()) && text.chars().all(fits);
        valid.then(|| Self(text.to_owned()))
    }

    /// The identifier, to be looked up.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for MentionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MentionId(..)")
    }
}

/// The language of preformatted text, as highlighters name it (`rust`, `c++`, `objective-c`).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CodeLanguage(String);

impl CodeLanguage {
    /// Reads a name: 1 to 32 letters, digits or `+ # . _ -`, lower-cased.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = |c: char| c.is_ascii_alphanumeric() || "+#._-".contains(c);
        let valid = (1..=32).contains(&text.len()) && text.chars().all(fits);
        valid.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CodeLanguage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeLanguage(..)")
    }
}
