//! What is to be done first, in order, by who operates Tandem.

use askama::Template;

use crate::{layout::Layout, texts::Setup, time::Moment};

mod steps;
#[cfg(test)]
mod tests;

const TEXTS: Setup = Setup::EN;

/// The checklist.
#[derive(Template)]
#[template(path = "setup.html")]
pub struct SetupPage {
    layout: Layout,
    marked: bool,
    steps: Vec<Step>,
}

/// What this deployment has for the checklist: addresses and names, nothing of a site.
#[derive(Clone, Debug)]
pub struct Addresses<'a> {
    /// The public address, without a trailing slash.
    pub public: &'a str,
    /// Where Atlassian sends the browser back to.
    pub atlassian_callback: &'a str,
    /// Where Microsoft does.
    pub microsoft_callback: &'a str,
    /// What is asked for at Atlassian.
    pub atlassian_scopes: &'a [&'a str],
    /// What is asked for at Microsoft.
    pub microsoft_scopes: &'a [&'a str],
    /// The first part of every secret's name.
    pub secret_prefix: &'a str,
}

/// How far a step is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Done; since when or when last, where that is known.
    Done(Option<Moment>),
    /// To do.
    Open,
    /// Jira could not be asked.
    Unasked,
}

impl From<bool> for Mark {
    fn from(done: bool) -> Self {
        if done { Self::Done(None) } else { Self::Open }
    }
}

/// What is done for the site of a signed-in person.
#[derive(Clone, Debug)]
pub struct Marks {
    /// Its cloud id, for the webhook's address.
    pub cloud_id: String,
    /// The site is installed.
    pub installed: Mark,
    /// Its webhooks arrive.
    pub webhook: Mark,
    /// The person's accounts are linked.
    pub linked: Mark,
    /// The person administers the site.
    pub admin: Mark,
    /// The bot reaches the person.
    pub bot: Mark,
    /// An issue of the site is linked with a chat.
    pub chat: Mark,
}

/// One step, as the page shows it.
struct Step {
    title: &'static str,
    mark: Option<Shown>,
    text: &'static str,
    addresses: Vec<(&'static str, String)>,
    scopes_title: &'static str,
    scopes: Vec<(String, &'static str)>,
    command: Option<String>,
}

/// A mark as the page shows it.
struct Shown {
    class: &'static str,
    word: &'static str,
    at: Option<Moment>,
}

impl From<Mark> for Shown {
    fn from(mark: Mark) -> Self {
        match mark {
            Mark::Done(at) => Self { class: "good", word: TEXTS.done, at },
            Mark::Open => Self { class: "bad", word: TEXTS.open, at: None },
            Mark::Unasked => Self { class: "soft", word: TEXTS.jira_silent, at: None },
        }
    }
}

impl SetupPage {
    /// The checklist of this deployment; with marks, for somebody who is signed in.
    pub fn new(layout: Layout, addresses: &Addresses<'_>, marks: Option<&Marks>) -> Self {
        let marked = marks.is_some();
        Self { layout, marked, steps: steps::all(addresses, marks) }
    }
}
