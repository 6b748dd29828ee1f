use std::path::PathBuf;

use serde_json::{Value, json};
use tandem_domain::document::*;

use super::*;

#[path = "../../../domain/src/document/generated.rs"]
mod generated;

fn shared_file(path: &str) -> Option<Value> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
    let shared = std::env::var_os("TANDEM_SHARED").map_or_else(|| default.into(), PathBuf::from);
    if let Ok(text) = std::fs::read_to_string(shared.join(path)) {
        return Some(serde_json::from_str(&text).unwrap());
    }
    eprintln!("skipped: {path} is not here");
    None
}

fn schema() -> Option<jsonschema::Validator> {
    shared_file("contracts/adf-v1.schema.json").map(|s| jsonschema::validator_for(&s).unwrap())
}

#[allow(clippy::needless_pass_by_value)] // Reads best with `json!` inside.
fn doc(content: Value) -> Value {
    json!({ "type": "doc", "version": 1, "content": content })
}

fn text(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}

#[allow(clippy::needless_pass_by_value)]
fn para(content: Value) -> Value {
    json!({ "type": "paragraph", "content": content })
}

/// Documents that come back from [`parse`] and [`write`] exactly as they were.
fn kept() -> Vec<Value> {
    let marks = ["strong", "em", "strike", "underline", "code"]
        .map(|mark| json!({ "type": "text", "text": mark, "marks": [{ "type": mark }] }));
    let link = json!({ "type": "text", "text": "a link", "marks": [
        { "type": "strong" },
        { "type": "link", "attrs": { "href": "https://example.com/browse/ABC-1" } },
    ] });
    let sub = json!({ "type": "text", "text": "2", "marks": [
        { "type": "subsup", "attrs": { "type": "sub" } },
    ] });
    let item = |words: &str| json!({ "type": "listItem", "content": [para(json!([text(words)]))] });
    let mention = json!({ "type": "mention", "attrs": { "id": "712020:0e9f", "text": "@Ann" } });
    vec![
        para(json!([text("two "), { "type": "hardBreak" }, text("lines")])),
        para(json!(marks)),
        para(json!([link, sub, mention])),
        json!({ "type": "heading", "attrs": { "level": 3 }, "content": [text("head")] }),
        json!({ "type": "bulletList", "content": [item("a"), { "type": "listItem", "content": [
            para(json!([text("b")])),
            { "type": "orderedList", "attrs": { "order": 3 }, "content": [item("c")] },
        ] }] }),
        json!({ "type": "codeBlock", "attrs": { "language": "rust" }, "content": [text("a\n b")] }),
        json!({ "type": "codeBlock", "content": [text("x < y")] }),
        json!({ "type": "blockquote", "content": [para(json!([text("quoted")]))] }),
        json!({ "type": "rule" }),
        json!({ "type": "table", "content": [
            { "type": "tableRow", "content": [
                { "type": "tableHeader", "content": [para(json!([text("h")]))] },
            ] },
            { "type": "tableRow", "content": [
                { "type": "tableCell", "content": [para(json!([text("c")])), { "type": "rule" }] },
            ] },
        ] }),
    ]
}

#[test]
fn what_both_know_comes_back_as_it_was() {
    let all = kept();
    for block in &all {
        let document = doc(json!([block]));
        assert_eq!(write(&parse(&document).unwrap()), document);
    }
    let together = doc(Value::Array(all));
    assert_eq!(write(&parse(&together).unwrap()), together);
}

#[test]
fn everything_written_is_valid_by_the_schema() {
    let Some(schema) = schema() else { return };
    assert!(!schema.is_valid(&doc(json!([{ "type": "paragraph", "content": [text("")] }]))));
    for seed in 0..1500 {
        let written = write(&generated::Generator::new(seed).document());
        if let Err(error) = schema.validate(&written) {
            panic!("seed {seed} at {}: {error}", error.instance_path());
        }
        let again = write(&parse(&written).unwrap());
        assert!(schema.is_valid(&again), "seed {seed}, read and written again");
        assert_eq!(write(&parse(&again).unwrap()), again, "seed {seed} does not settle");
    }
    for block in kept() {
        assert!(schema.is_valid(&doc(json!([block]))), "{block}");
    }
}

#[test]
fn what_has_no_counterpart_degrades_to_its_text() {
    let wrapped =
        |kind: &str, words: &str| json!({ "type": kind, "content": [para(json!([text(words)]))] });
    for (node, expected) in [
        (
            json!({ "type": "emoji", "attrs": { "shortName": ":x:", "text": "\u{1f600}" } }),
            "\u{1f600}",
        ),
        (json!({ "type": "emoji", "attrs": { "shortName": ":custom:" } }), ":custom:"),
        (json!({ "type": "date", "attrs": { "timestamp": "1582152559000" } }), "2020-02-19"),
        (json!({ "type": "date", "attrs": { "timestamp": "no time" } }), ""),
        (json!({ "type": "status", "attrs": { "text": "DONE", "color": "green" } }), "DONE"),
        (
            json!({ "type": "inlineCard", "attrs": { "url": "https://x.example/a" } }),
            "https://x.example/a",
        ),
        (
            json!({ "type": "blockCard", "attrs": { "url": "https://x.example/a" } }),
            "https://x.example/a",
        ),
        (json!({ "type": "inlineCard", "attrs": { "data": { "name": "A page" } } }), "A page"),
        (
            json!({ "type": "mediaSingle", "attrs": { "layout": "center" }, "content": [
            { "type": "media", "attrs": { "type": "file", "id": "1", "collection": "" } },
            { "type": "caption", "content": [text("seen")] },
        ] }),
            "[attachment]\nseen",
        ),
        (
            json!({ "type": "mediaGroup", "content": [
            { "type": "media", "attrs": { "type": "file", "id": "1", "collection": "", "alt": "a.png" } },
        ] }),
            "[attachment: a.png]",
        ),
        (
            json!({ "type": "taskList", "attrs": { "localId": "1" }, "content": [
            { "type": "taskItem", "attrs": { "localId": "2", "state": "DONE" }, "content": [text("sweep")] },
            { "type": "taskItem", "attrs": { "localId": "3", "state": "TODO" }, "content": [text("wash")] },
            { "type": "taskList", "attrs": { "localId": "4" }, "content": [
                { "type": "taskItem", "attrs": { "localId": "5", "state": "TODO" } },
            ] },
        ] }),
            "\u{2611} sweep\n\u{2610} wash\n\u{2610} ",
        ),
        (
            json!({ "type": "decisionList", "attrs": { "localId": "1" }, "content": [
            { "type": "decisionItem", "attrs": { "localId": "2", "state": "DECIDED" }, "content": [text("yes")] },
        ] }),
            "\u{2192} yes",
        ),
        (
            json!({ "type": "expand", "attrs": { "title": "More" }, "content": [para(json!([text("less")]))] }),
            "More\nless",
        ),
        (
            json!({ "type": "layoutSection", "content": [wrapped("layoutColumn", "l"), wrapped("layoutColumn", "r")] }),
            "l\nr",
        ),
        (wrapped("panel", "note"), "note"),
        (wrapped("tomorrowsBlock", "inside"), "inside"),
        (json!({ "type": "tomorrowsLeaf", "attrs": { "text": "shown" } }), "shown"),
        (json!({ "type": "tomorrowsLeaf", "text": 5 }), ""),
        (
            json!({ "type": "extension", "attrs": { "extensionKey": "k", "extensionType": "t", "text": "ext" } }),
            "ext",
        ),
        (json!({ "type": "mention", "attrs": { "id": "not an id", "text": "@Ann" } }), "@Ann"),
        (json!("not a node"), ""),
    ] {
        let document = parse(&doc(json!([node]))).unwrap();
        assert_eq!(document.plain_text().as_str(), expected, "{node}");
    }
}

#[test]
fn links_of_other_kinds_are_their_text() {
    for href in ["javascript:alert(1)", "/browse/ABC-1", "data:text/html,x", ""] {
        let marks = json!([{ "type": "link", "attrs": { "href": href } }, { "type": "textColor" }]);
        let node = json!({ "type": "text", "text": "here", "marks": marks });
        let written = write(&parse(&doc(json!([para(json!([node]))]))).unwrap());
        assert_eq!(written, doc(json!([para(json!([text("here")]))])), "{href}");
    }
}

#[test]
fn what_a_place_forbids_takes_the_nearest_form() {
    let words = |words: &str| vec![Inline::text(words)];
    let strong = json!({ "type": "text", "text": "head", "marks": [{ "type": "strong" }] });
    let cell = |blocks| TableRow { cells: vec![TableCell { header: false, blocks }] };
    let nested = Block::Table(Table { rows: vec![cell(vec![Block::paragraph(words("cell"))])] });
    let quote = Block::Quote(vec![
        Block::heading(1, words("head")),
        Block::Quote(vec![Block::paragraph(words("deeper"))]),
        Block::Rule,
        nested.clone(),
    ]);
    let list =
        Block::BulletList(vec![ListItem::new(vec![Block::BulletList(vec![ListItem::default()])])]);
    let code = Inline::marked("x", Marks::default().with(Style::Strong).with(Style::Code));
    for (block, expected) in [
        (
            quote,
            json!([{ "type": "blockquote", "content": [
            para(json!([strong])), para(json!([text("deeper")])), para(json!([text("cell")])),
        ] }]),
        ),
        (
            list,
            json!([{ "type": "bulletList", "content": [{ "type": "listItem", "content": [
            para(json!([])),
            { "type": "bulletList", "content": [{ "type": "listItem", "content": [para(json!([]))] }] },
        ] }] }]),
        ),
        (
            Block::Table(Table { rows: vec![cell(vec![nested])] }),
            json!([{ "type": "table", "content": [
            { "type": "tableRow", "content": [{ "type": "tableCell", "content": [para(json!([text("cell")]))] }] },
        ] }]),
        ),
        (Block::Quote(vec![Block::Rule]), json!([])),
        (
            Block::paragraph(vec![code]),
            json!([para(json!([
                { "type": "text", "text": "x", "marks": [{ "type": "code" }] },
            ]))]),
        ),
        (
            Block::paragraph(vec![Inline::mention(MentionedUser::Teams(0), "Ann")]),
            json!([para(json!([text("@Ann")]))]),
        ),
    ] {
        assert_eq!(write(&Document::new(vec![block])), doc(expected));
    }
}

#[test]
fn too_deep_too_large_or_no_document_is_refused() {
    assert_eq!(parse(&json!(null)), Err(AdfError::NotADocument));
    assert_eq!(parse(&json!({ "type": "paragraph" })), Err(AdfError::NotADocument));
    assert_eq!(parse(&json!({ "type": "doc" })), Ok(Document::default()));

    for kind in ["blockquote", "layoutColumn", "paragraph", "unknown", "bulletList", "taskList"] {
        let mut node = para(json!([text("x")]));
        for _ in 0..100 {
            node = json!({ "type": kind, "content": [node] });
        }
        assert_eq!(parse(&doc(json!([node]))), Err(AdfError::TooDeep), "{kind}");
    }

    let many = vec![json!({ "type": "rule" }); MAX_NODES + 1];
    assert_eq!(parse(&doc(Value::Array(many))), Err(AdfError::TooLarge));
    let long = "x".repeat(MAX_TEXT_BYTES + 1);
    assert_eq!(parse(&doc(json!([para(json!([text(&long)]))]))), Err(AdfError::TooLarge));
}

#[test]
fn comments_of_real_webhooks_become_valid_documents() {
    let Some(schema) = schema() else { return };
    let folder = "fixtures/jira/mattermost-plugin-jira/server/testdata";
    for name in [
        "webhook-cloud-comment-created.json",
        "webhook-cloud-comment-created-mention-user.json",
        "webhook-cloud-comment-updated.json",
        "webhook-cloud-comment-deleted.json",
        "webhook-issue-comment-created-indentation.json",
    ] {
        let Some(payload) = shared_file(&format!("{folder}/{name}")) else { return };
        let body = payload["comment"]["body"].as_str().unwrap();
        let written = write(&Document::from_plain_text(body));
        assert!(schema.is_valid(&written), "{name}");
        assert!(!parse(&written).unwrap().is_empty(), "{name}");
    }
}
