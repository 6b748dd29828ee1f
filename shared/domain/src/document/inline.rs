//! What stands inside a paragraph: text with marks, mentions, line breaks.

use super::{LinkUrl, MentionId, Prose};

/// A piece of a paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    /// Text, all of it under the same marks.
    Text {
        /// The words.
        text: Prose,
        /// How they are set.
        marks: Marks,
    },
    /// A line break inside the paragraph.
    HardBreak,
    /// Somebody addressed by name.
    Mention(Mention),
}

/// Somebody addressed in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Whom the vendor says it is.
    pub who: MentionedUser,
    /// The name shown, without a leading `@`.
    pub shown: Prose,
}

/// Whom a mention points to, in the terms of the side it came from or goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MentionedUser {
    /// The account id in a Jira text.
    Jira(MentionId),
    /// The index into the `mentions` of a Teams message.
    Teams(u32),
}

/// One way to set text off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Important: bold.
    Strong,
    /// Emphasised: italic.
    Em,
    /// Struck through.
    Strike,
    /// Underlined.
    Underline,
    /// Monospaced, as in a program.
    Code,
    /// Below the line.
    Sub,
    /// Above the line.
    Sup,
}

/// The marks of a piece of text: a set of styles, and perhaps a link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    styles: u8,
    link: Option<LinkUrl>,
}

impl Style {
    /// Every style, in the order in which they are nested when written: the outermost first.
    pub const ALL: [Self; 7] =
        [Self::Strong, Self::Em, Self::Underline, Self::Strike, Self::Sub, Self::Sup, Self::Code];

    fn bit(self) -> u8 {
        1 << (self as u8)
    }
}

impl Marks {
    /// These marks and one more style. Text is never below and above the line at once: the later
    /// of the two counts.
    #[must_use]
    pub fn with(mut self, style: Style) -> Self {
        match style {
            Style::Sub => self.styles &= !Style::Sup.bit(),
            Style::Sup => self.styles &= !Style::Sub.bit(),
            _ => {}
        }
        self.styles |= style.bit();
        self
    }

    /// These marks with a link, in place of one that was there.
    #[must_use]
    pub fn with_link(mut self, link: LinkUrl) -> Self {
        self.link = Some(link);
        self
    }

    /// Whether the style is among them.
    pub fn has(&self, style: Style) -> bool {
        self.styles & style.bit() != 0
    }

    /// The styles, outermost first.
    pub fn styles(&self) -> impl Iterator<Item = Style> + '_ {
        Style::ALL.into_iter().filter(|style| self.has(*style))
    }

    /// The link, if the text is one.
    pub fn link(&self) -> Option<&LinkUrl> {
        self.link.as_ref()
    }
}

impl Inline {
    /// Text without marks.
    pub fn text(text: &str) -> Self {
        Self::marked(text, Marks::default())
    }

    /// Text with marks.
    pub fn marked(text: &str, marks: Marks) -> Self {
        Self::Text { text: Prose::new(text), marks }
    }

    /// Important text.
    pub fn strong(text: &str) -> Self {
        Self::marked(text, Marks::default().with(Style::Strong))
    }

    /// Text that is a link, or the text alone where the link is not of an allowed kind.
    pub fn link(text: &str, url: &str) -> Self {
        let marks = Marks::default();
        Self::marked(text, LinkUrl::parse(url).map_or(marks.clone(), |url| marks.with_link(url)))
    }

    /// A mention; a leading `@` of the name is left out.
    pub fn mention(who: MentionedUser, shown: &str) -> Self {
        let shown = Prose::new(shown.trim().trim_start_matches('@'));
        Self::Mention(Mention { who, shown })
    }

    /// Whether it shows nothing but white space.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Text { text, .. } => text.as_str().trim().is_empty(),
            Self::HardBreak => true,
            Self::Mention(_) => false,
        }
    }

    /// The mention, if it is one.
    pub fn as_mention(&self) -> Option<&Mention> {
        match self {
            Self::Mention(mention) => Some(mention),
            Self::Text { .. } | Self::HardBreak => None,
        }
    }

    /// Its words alone.
    pub(super) fn plain_text(&self) -> String {
        match self {
            Self::Text { text, .. } => text.as_str().to_owned(),
            Self::HardBreak => "\n".to_owned(),
            Self::Mention(mention) => mention.at_name(),
        }
    }
}

impl Mention {
    /// The name with an `@` before it, as both vendors show it.
    pub fn at_name(&self) -> String {
        format!("@{}", self.shown.as_str())
    }
}

/// Builds the content of a paragraph: neighbours under the same marks become one text, empty
/// texts are left out.
#[derive(Clone, Debug, Default)]
pub struct Inlines(Vec<Inline>);

impl Inlines {
    /// Adds a piece.
    pub fn push(&mut self, inline: Inline) {
        if let Inline::Text { text, marks } = &inline {
            if text.is_empty() {
                return;
            }
            if let Some(Inline::Text { text: last, marks: same }) = self.0.last_mut()
                && same == marks
            {
                last.push(text);
                return;
            }
        }
        self.0.push(inline);
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The last piece added.
    pub fn last(&self) -> Option<&Inline> {
        self.0.last()
    }

    /// The content, without line breaks at its start and end.
    pub fn finish(mut self) -> Vec<Inline> {
        while matches!(self.0.last(), Some(Inline::HardBreak)) {
            self.0.pop();
        }
        let leading = self.0.iter().take_while(|piece| matches!(piece, Inline::HardBreak)).count();
        self.0.drain(..leading);
        self.0
    }
}
