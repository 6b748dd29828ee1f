//! The HTML of a Teams message: read without a panic, and what is written of it is within the size
//! and has no markup but ours.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tandem_domain::document::Document;
use tandem_fuzz::text;
use tandem_jira::adf;
use tandem_microsoft::html::{self, MAX_MESSAGE_BYTES, mention_as_text};

const TAGS: [&str; 25] = [
    "p",
    "h1",
    "h2",
    "h3",
    "ul",
    "ol",
    "li",
    "blockquote",
    "hr",
    "table",
    "tbody",
    "tr",
    "th",
    "td",
    "br",
    "pre",
    "code",
    "a",
    "strong",
    "em",
    "u",
    "s",
    "sub",
    "sup",
    "at",
];

/// Asserts that every tag is one of ours, with no attribute but ours.
fn only_our_markup(written: &str) {
    for piece in written.split('<').skip(1) {
        let (tag, _) = piece.split_once('>').expect("a tag that does not end");
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(TAGS.contains(&name.trim_start_matches('/')), "<{tag}>");
        let values: &[&str] = match name {
            "a" => &["href=\"http://", "href=\"https://", "href=\"mailto:", "href=\"tel:"],
            "ol" => &["start=\""],
            "code" => &["class=\"language-"],
            _ => &[],
        };
        let value = values.iter().find_map(|value| attributes.strip_prefix(value));
        let value = value.and_then(|value| value.strip_suffix('"'));
        let ours = match value {
            Some(value) => !value.contains('"'),
            None => attributes.is_empty() && name != "a",
        };
        assert!(ours, "<{tag}>");
    }
}

fn written(document: &Document) -> String {
    let written = html::render(document, &mention_as_text, MAX_MESSAGE_BYTES);
    assert!(written.len() <= MAX_MESSAGE_BYTES);
    only_our_markup(&written);
    written
}

fuzz_target!(|input: &[u8]| {
    let source = text(input);
    html::find_links(&source);
    let document = html::parse(&source);
    html::parse(&written(&document));
    // What was read can be written for Jira, and is read again there.
    adf::parse(&adf::write(&document)).unwrap();
});
