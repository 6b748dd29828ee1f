//! What passes for a document, compared with the published schema.

use serde_json::{Value, json};

use super::harness::shared;
use crate::sandbox::jira::adf::{check, from_text, to_wiki};

fn doc(content: Value) -> Value {
    json!({"type": "doc", "version": 1, "content": content})
}

fn paragraph(content: Value) -> Value {
    json!({"type": "paragraph", "content": content})
}

fn text(marks: Value) -> Value {
    json!({"type": "text", "text": "word", "marks": marks})
}

fn valid() -> Vec<Value> {
    let word = json!({"type": "text", "text": "word"});
    let line = paragraph(json!([word]));
    let item = json!({"type": "listItem", "content": [line]});
    vec![
        doc(json!([])),
        doc(json!([line])),
        doc(json!([{"type": "paragraph"}])),
        doc(json!([paragraph(json!([
            text(json!([{"type": "strong"}, {"type": "em"}, {"type": "underline"}])),
            text(json!([{"type": "code"}, {"type": "link", "attrs": {"href": "https://a.example"}}])),
            text(json!([{"type": "textColor", "attrs": {"color": "#ff0000"}}])),
            text(json!([{"type": "subsup", "attrs": {"type": "sup"}}])),
            {"type": "hardBreak"},
            {"type": "mention", "attrs": {"id": "712020:a", "text": "@Ada", "userType": "DEFAULT"}},
            {"type": "emoji", "attrs": {"shortName": ":smile:", "text": "x"}},
            {"type": "date", "attrs": {"timestamp": "1582152559"}},
            {"type": "status", "attrs": {"text": "open", "color": "blue"}},
            {"type": "inlineCard", "attrs": {"url": "https://a.example"}},
        ]))])),
        doc(json!([{"type": "heading", "attrs": {"level": 3}, "content": [word]}])),
        doc(json!([{"type": "bulletList", "content": [item]}])),
        doc(json!([{"type": "orderedList", "attrs": {"order": 2}, "content": [
            {"type": "listItem", "content": [line, {"type": "bulletList", "content": [item]}]},
        ]}])),
        doc(json!([{"type": "codeBlock", "attrs": {"language": "rust"}, "content": [word]}])),
        doc(json!([{"type": "codeBlock"}])),
        doc(json!([{"type": "blockquote", "content": [line]}])),
        doc(json!([{"type": "panel", "attrs": {"panelType": "info"}, "content": [line]}])),
        doc(json!([{"type": "rule"}])),
        doc(json!([{"type": "expand", "attrs": {"title": "more"}, "content": [line]}])),
        doc(json!([{"type": "table", "content": [{"type": "tableRow", "content": [
            {"type": "tableHeader", "content": [line]},
            {"type": "tableCell", "attrs": {"colspan": 2}, "content": [line]},
        ]}]}])),
        doc(json!([{"type": "mediaSingle", "attrs": {"layout": "center"}, "content": [
            {"type": "media", "attrs": {"type": "file", "id": "a", "collection": "b"}},
        ]}])),
        doc(json!([{"type": "taskList", "attrs": {"localId": "a"}, "content": [
            {"type": "taskItem", "attrs": {"localId": "b", "state": "TODO"}, "content": [word]},
        ]}])),
        doc(json!([{"type": "paragraph", "content": [word],
            "marks": [{"type": "alignment", "attrs": {"align": "center"}}]}])),
        from_text("one\ntwo\n\nthree"),
    ]
}

fn invalid() -> Vec<Value> {
    let word = json!({"type": "text", "text": "word"});
    let line = paragraph(json!([word]));
    vec![
        json!("word"),
        json!({}),
        json!({"type": "doc", "content": []}),
        json!({"type": "doc", "version": 2, "content": []}),
        json!({"type": "doc", "version": 1}),
        json!({"type": "doc", "version": 1, "content": [], "more": 1}),
        doc(json!([word])),
        doc(json!([{"type": "marquee"}])),
        doc(json!([{"content": []}])),
        doc(json!([paragraph(json!([line]))])),
        doc(json!([paragraph(json!([{"type": "text", "text": ""}]))])),
        doc(json!([paragraph(json!([{"type": "text"}]))])),
        doc(json!([paragraph(json!([{"type": "text", "text": "a", "color": "red"}]))])),
        doc(json!([paragraph(json!([text(json!([{"type": "bold"}]))]))])),
        doc(json!([paragraph(json!([text(json!([{"type": "link"}]))]))])),
        doc(json!([paragraph(json!([text(json!([{"type": "link", "attrs": {"href": 1}}]))]))])),
        doc(json!([paragraph(json!([text(json!([{"type": "code"}, {"type": "strong"}]))]))])),
        doc(json!([paragraph(json!([text(
            json!([{"type": "textColor", "attrs": {"color": "red"}}])
        ),]))])),
        doc(json!([paragraph(json!([{"type": "mention", "attrs": {"text": "@Ada"}}]))])),
        doc(json!([paragraph(json!([{"type": "hardBreak", "attrs": {"text": "x"}}]))])),
        doc(json!([{"type": "heading", "content": [word]}])),
        doc(json!([{"type": "heading", "attrs": {"level": 7}, "content": [word]}])),
        doc(json!([{"type": "bulletList", "content": []}])),
        doc(json!([{"type": "bulletList", "content": [line]}])),
        doc(json!([{"type": "listItem", "content": [line]}])),
        doc(json!([{"type": "bulletList", "content": [{"type": "listItem", "content": [
            {"type": "heading", "attrs": {"level": 1}},
        ]}]}])),
        doc(json!([{"type": "codeBlock", "content": [text(json!([{"type": "em"}]))]}])),
        doc(json!([{"type": "codeBlock", "content": [{"type": "hardBreak"}]}])),
        doc(json!([{"type": "blockquote", "content": [{"type": "rule"}]}])),
        doc(json!([{"type": "panel", "attrs": {"panelType": "loud"}, "content": [line]}])),
        doc(json!([{"type": "rule", "content": []}])),
        doc(json!([{"type": "table", "content": []}])),
        doc(json!([{"type": "inlineCard", "attrs": {"url": "https://a.example"}}])),
        doc(json!([paragraph(json!([{"type": "inlineCard", "attrs": {}}]))])),
    ]
}

#[test]
fn documents_are_told_from_others() {
    for document in valid() {
        assert_eq!(check(&document), Ok(()), "{document}");
    }
    for document in invalid() {
        assert!(check(&document).is_err(), "{document}");
    }
}

#[test]
fn the_published_schema_agrees() {
    let Some(schema) = shared("contracts/adf-v1.schema.json") else { return };
    let published = jsonschema::validator_for(&schema).unwrap();
    for document in valid() {
        assert!(published.is_valid(&document), "{document}");
    }
    for document in invalid() {
        assert!(!published.is_valid(&document), "{document}");
    }
}

#[test]
fn reasons_name_places_and_not_words() {
    let document = doc(json!([paragraph(json!([{"type": "secret words"}]))]));
    assert_eq!(
        check(&document).unwrap_err(),
        "doc[0] paragraph[0] is of a kind that cannot stand here"
    );
}

#[test]
fn webhooks_carry_wiki_markup() {
    let line = |word: &str| paragraph(json!([{"type": "text", "text": word}]));
    let item = |word: &str| json!({"type": "listItem", "content": [line(word)]});
    for (content, expected) in [
        (json!([line("one"), line("two")]), "one\n\ntwo"),
        (
            json!([paragraph(json!([
                text(json!([{"type": "strong"}])),
                {"type": "hardBreak"},
                text(json!([{"type": "link", "attrs": {"href": "https://a.example"}}])),
                {"type": "mention", "attrs": {"id": "712020:a"}},
            ]))]),
            "*word*\n[word|https://a.example][~accountid:712020:a]",
        ),
        (
            json!([{"type": "bulletList", "content": [
                {"type": "listItem", "content": [
                    line("one"), {"type": "orderedList", "content": [item("two")]},
                ]},
                item("three"),
            ]}]),
            "* one\n*# two\n* three",
        ),
        (
            json!([{"type": "codeBlock", "content": [{"type": "text", "text": "a"}]}]),
            "{code}\na\n{code}",
        ),
        (json!([{"type": "blockquote", "content": [line("a")]}]), "{quote}\na\n{quote}"),
    ] {
        assert_eq!(to_wiki(&doc(content)), expected);
    }
}
