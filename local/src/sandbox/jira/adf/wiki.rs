//! A document as wiki markup, the form in which webhooks carry texts.

use serde_json::Value;

/// The document's text in Jira's wiki markup. What the markup has no sign for keeps its text.
pub(crate) fn to_wiki(document: &Value) -> String {
    blocks(document, "\n\n", "").trim_end().to_owned()
}

fn content(node: &Value) -> &[Value] {
    node["content"].as_array().map_or(&[], Vec::as_slice)
}

fn blocks(node: &Value, between: &str, bullets: &str) -> String {
    content(node).iter().map(|child| block(child, bullets)).collect::<Vec<_>>().join(between)
}

/// One block; `bullets` are the signs of the lists around it.
fn block(node: &Value, bullets: &str) -> String {
    match node["type"].as_str().unwrap_or_default() {
        "paragraph" | "caption" | "taskItem" | "decisionItem" => inlines(node),
        "heading" => format!("h{}. {}", node["attrs"]["level"], inlines(node)),
        "bulletList" => list(node, &format!("{bullets}*")),
        "orderedList" => list(node, &format!("{bullets}#")),
        "taskList" | "decisionList" => blocks(node, "\n", bullets),
        "codeBlock" => format!("{{code}}\n{}\n{{code}}", inlines(node)),
        "blockquote" => format!("{{quote}}\n{}\n{{quote}}", blocks(node, "\n\n", "")),
        "panel" => format!("{{panel}}\n{}\n{{panel}}", blocks(node, "\n\n", "")),
        "rule" => "----".to_owned(),
        "table" => blocks(node, "\n", ""),
        "tableRow" => format!("|{}|", blocks(node, "|", "")),
        "tableHeader" => format!("|{}|", blocks(node, " ", "")),
        "tableCell" | "mediaSingle" | "mediaGroup" => blocks(node, " ", ""),
        "media" => "!attachment!".to_owned(),
        "blockCard" | "embedCard" => card(node),
        _ if node.get("content").is_some() => blocks(node, "\n\n", bullets),
        _ => inline(node),
    }
}

fn list(node: &Value, bullets: &str) -> String {
    content(node)
        .iter()
        .flat_map(content)
        .map(|child| match child["type"].as_str() {
            Some("bulletList" | "orderedList") => block(child, bullets),
            _ => format!("{bullets} {}", block(child, "")),
        })
        .collect::<Vec<_>>()
        .join("\n")
}

fn inlines(node: &Value) -> String {
    content(node).iter().map(inline).collect()
}

fn inline(node: &Value) -> String {
    let attr = |name: &str| node["attrs"][name].as_str().unwrap_or_default();
    match node["type"].as_str().unwrap_or_default() {
        "text" => marked(node),
        "hardBreak" => "\n".to_owned(),
        "mention" => format!("[~accountid:{}]", attr("id")),
        "emoji" if attr("text").is_empty() => attr("shortName").to_owned(),
        "date" => attr("timestamp").to_owned(),
        "inlineCard" => card(node),
        _ => attr("text").to_owned(),
    }
}

fn card(node: &Value) -> String {
    node["attrs"]["url"].as_str().map_or_else(String::new, |url| format!("[{url}]"))
}

fn marked(node: &Value) -> String {
    let text = node["text"].as_str().unwrap_or_default().to_owned();
    let marks = node["marks"].as_array().map_or(&[][..], Vec::as_slice);
    marks.iter().fold(text, |text, mark| match mark["type"].as_str() {
        Some("strong") => format!("*{text}*"),
        Some("em") => format!("_{text}_"),
        Some("strike") => format!("-{text}-"),
        Some("underline") => format!("+{text}+"),
        Some("code") => format!("{{{{{text}}}}}"),
        Some("link") => {
            format!("[{text}|{}]", mark["attrs"]["href"].as_str().unwrap_or_default())
        }
        _ => text,
    })
}
