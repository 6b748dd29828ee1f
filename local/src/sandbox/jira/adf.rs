//! Atlassian documents: checking them, and turning them to and from plain text.

mod check;
mod kinds;
mod wiki;

use serde_json::{Value, json};

pub(crate) use check::check;
pub(crate) use wiki::to_wiki;

/// Plain text as a document: a paragraph for each block, a hard break for each line in it.
pub(crate) fn from_text(text: &str) -> Value {
    let paragraphs: Vec<Value> = text
        .split("\n\n")
        .filter(|block| !block.trim().is_empty())
        .map(|block| {
            let mut content = Vec::new();
            for (index, line) in block.lines().enumerate() {
                if index > 0 {
                    content.push(json!({"type": "hardBreak"}));
                }
                if !line.is_empty() {
                    content.push(json!({"type": "text", "text": line}));
                }
            }
            json!({"type": "paragraph", "content": content})
        })
        .collect();
    json!({"type": "doc", "version": 1, "content": paragraphs})
}
