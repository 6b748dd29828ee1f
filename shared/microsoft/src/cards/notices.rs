//! Cards that tell something.

use url::Url;

use super::{
    Card,
    elements::{Action, AdaptiveCard, Element, Fact, TextBlock},
    size::fitted,
    text::{Markdown, Plain},
    texts,
};

/// The longest heading.
const MAX_TITLE: usize = 150;
/// The longest paragraph.
const MAX_PARAGRAPH: usize = 1000;
/// The most paragraphs.
const MAX_PARAGRAPHS: usize = 10;
/// The longest name, value or title of a button.
pub(super) const MAX_LINE: usize = 200;
/// The most buttons Teams shows.
const MAX_BUTTONS: usize = 6;

/// Something to tell: a heading, paragraphs (the lines of `text`), and buttons that open pages.
pub fn notice(title: &str, text: &str, buttons: &[(&str, Url)]) -> Card {
    fitted(|paragraphs| {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        let lines = lines.take(MAX_PARAGRAPHS.min(paragraphs));
        let mut body: Vec<Element<'_>> = Vec::new();
        if !title.trim().is_empty() {
            body.push(TextBlock::heading(Markdown::theirs(title, MAX_TITLE)).into());
        }
        body.extend(lines.map(|line| paragraph(Markdown::theirs(line, MAX_PARAGRAPH))));
        let opened = buttons.iter().take(MAX_BUTTONS);
        let opened =
            opened.filter_map(|(label, url)| Action::open_url(Plain::theirs(label, MAX_LINE), url));
        Card::new(&AdaptiveCard::new(body, opened.collect()))
    })
}

/// Why somebody is asked to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInWhy {
    /// They never connected their accounts.
    Connect,
    /// A sign-in has ended or was withdrawn.
    Again,
}

impl SignInWhy {
    /// Heading, explanation, button.
    fn words(self) -> [&'static str; 3] {
        match self {
            Self::Connect => [texts::CONNECT, texts::CONNECT_TEXT, texts::CONNECT_BUTTON],
            Self::Again => {
                [texts::SIGN_IN_AGAIN, texts::SIGN_IN_AGAIN_TEXT, texts::SIGN_IN_AGAIN_BUTTON]
            }
        }
    }
}

/// Asks somebody to sign in, in their browser.
pub fn sign_in(url: &Url, why: SignInWhy) -> Card {
    let [title, text, button] = why.words();
    told(title, text, Action::open_url(Plain::ours(button), url))
}

/// Asks somebody to sign in, in a window of Teams: the page there hands Teams a code, and the bot
/// gets it with `signin/verifyState`.
pub fn sign_in_in_teams(url: &Url, why: SignInWhy) -> Card {
    let [title, text, button] = why.words();
    told(title, text, Some(Action::sign_in(button, url)))
}

/// The commands, each as it is written and what it does; `nearest` is the command that comes
/// nearest to what was written, where that was none.
pub fn help(commands: &[(&str, &str)], nearest: Option<&str>) -> Card {
    fitted(|most| {
        let mut body = Vec::new();
        if let Some(command) = nearest {
            let asked = Markdown::ours(texts::DID_YOU_MEAN)
                .and(&Markdown::theirs(command, MAX_LINE))
                .and(&Markdown::ours(texts::DID_YOU_MEAN_END));
            body.push(paragraph(asked));
        }
        body.push(heading(texts::HELP));
        body.extend(facts(commands.iter().take(most).map(|(usage, meaning)| Fact {
            title: Markdown::theirs(usage, MAX_LINE),
            value: Markdown::theirs(meaning, MAX_LINE),
        })));
        Card::new(&AdaptiveCard::new(body, Vec::new()))
    })
}

/// What a card shows of a setting.
#[derive(Clone, Copy)]
pub struct SettingView<'a> {
    /// What it is called.
    pub name: &'a str,
    /// What it is set to.
    pub value: &'a str,
    /// Where that comes from: "you", "your organisation", "Tandem".
    pub source: &'a str,
}

/// The settings that apply, and where to change them.
pub fn settings(entries: &[SettingView<'_>], page: &Url) -> Card {
    fitted(|most| {
        let mut body = vec![heading(texts::SETTINGS)];
        body.extend(facts(entries.iter().take(most).map(|entry| {
            Fact {
                title: Markdown::theirs(entry.name, MAX_LINE),
                value: Markdown::theirs(entry.value, MAX_LINE)
                    .and(&Markdown::ours(" ("))
                    .and(&Markdown::theirs(entry.source, MAX_LINE))
                    .and(&Markdown::ours(")")),
            }
        })));
        let change = Action::open_url(Plain::ours(texts::SETTINGS_PAGE), page);
        Card::new(&AdaptiveCard::new(body, change.into_iter().collect()))
    })
}

/// How things stand: names and values.
pub fn status(entries: &[(&str, &str)]) -> Card {
    fitted(|most| {
        let mut body = vec![heading(texts::STATUS)];
        body.extend(facts(entries.iter().take(most).map(|(label, value)| Fact {
            title: Markdown::theirs(label, MAX_LINE),
            value: Markdown::theirs(value, MAX_LINE),
        })));
        Card::new(&AdaptiveCard::new(body, Vec::new()))
    })
}

fn told(title: &'static str, text: &'static str, button: Option<Action<'_>>) -> Card {
    let body = vec![heading(title), paragraph(Markdown::ours(text))];
    Card::new(&AdaptiveCard::new(body, button.into_iter().collect()))
}

pub(super) fn heading<'a>(text: &'static str) -> Element<'a> {
    TextBlock::heading(Markdown::ours(text)).into()
}

pub(super) fn paragraph<'a>(text: Markdown) -> Element<'a> {
    TextBlock::new(text).into()
}

/// The facts as one element, if there are any.
fn facts<'a>(facts: impl Iterator<Item = Fact>) -> Option<Element<'a>> {
    let facts: Vec<_> = facts.collect();
    (!facts.is_empty()).then(|| Element::facts(facts))
}
