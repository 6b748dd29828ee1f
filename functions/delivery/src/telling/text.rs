//! What the bot writes: HTML for Teams, of Jira's names and texts, all of them escaped.

use serde_json::{Value, json};
use tandem_domain::{
    ChangedField,
    document::{Block, Document, Inline},
};
use tandem_jira::{
    adf,
    client::{Comment, Issue},
};
use tandem_microsoft::html;
use url::Url;

use crate::marks::strong;

/// The longest part of a comment that is shown, in bytes of HTML.
const MAX_COMMENT: usize = 8 * 1024;

/// An activity of text.
pub(super) fn activity(html: &str) -> Value {
    json!({"type": "message", "textFormat": "xml", "text": html})
}

/// `Ada changed: Status: Done · Assignee: Ben`.
pub(super) fn changes(issue: &Issue, changes: &[ChangedField], who: Option<&str>) -> String {
    let mut line = Vec::new();
    if let Some(who) = who {
        line.extend([strong(who), Inline::text(" changed ")]);
    }
    line.extend(crate::issues::values(issue, changes));
    render(&[Block::paragraph(line)], None, html::MAX_MESSAGE_BYTES)
}

/// Whose comment it is, then the comment.
pub(super) fn comment(comment: &Comment, url: &Url) -> String {
    let name = comment.author.as_ref().map_or("Somebody", |author| author.display_name.as_str());
    let header = [Block::paragraph(vec![strong(name), Inline::text(" commented:")])];
    match adf::parse(&comment.body) {
        Ok(document) => render(&header, Some((&document, url)), MAX_COMMENT),
        // A form this version cannot read is still there to be opened.
        Err(_) => render(&header, Some((&Document::default(), url)), MAX_COMMENT),
    }
}

/// A sentence, a link to the issue behind it.
pub(super) fn sentence(text: Vec<Inline>) -> String {
    render(&[Block::paragraph(text)], None, html::MAX_MESSAGE_BYTES)
}

/// The issue's key as a link, and its summary.
pub(super) fn named(issue: &Issue, url: &Url) -> Vec<Inline> {
    vec![
        Inline::link(issue.key.as_str(), url.as_str()),
        Inline::text(" "),
        Inline::text(issue.summary.as_str()),
    ]
}

fn render(header: &[Block], body: Option<(&Document, &Url)>, limit: usize) -> String {
    let nothing = Document::default();
    let (document, footer) = match body {
        Some((document, url)) => {
            (document, vec![Block::paragraph(vec![Inline::link("Open in Jira", url.as_str())])])
        }
        None => (&nothing, Vec::new()),
    };
    html::render_framed(header, document, &footer, &html::mention_as_text, limit)
}
