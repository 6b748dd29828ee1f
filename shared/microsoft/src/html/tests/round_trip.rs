use serde_json::json;

use super::*;

fn item(text: &str) -> ListItem {
    ListItem::new(vec![paragraph(text)])
}

#[test]
fn what_both_know_comes_back_as_it_was() {
    let nested = ListItem::new(vec![
        paragraph("b"),
        Block::OrderedList { start: 2, items: vec![item("c"), item("d")] },
    ]);
    let cell = |header, text| TableCell { header, blocks: vec![paragraph(text), Block::Rule] };
    let document = Document::new(vec![
        Block::paragraph(vec![
            Inline::text("plain "),
            styled("all", &[Style::Strong, Style::Em, Style::Underline, Style::Strike]),
            Inline::text(" "),
            styled("code", &[Style::Code]),
            styled("2", &[Style::Sub]),
            styled("3", &[Style::Sup]),
            Inline::HardBreak,
            Inline::link("a link", "https://example.com/browse/ABC-1?a=1&b=2#c"),
            Inline::text(" <not a tag> & \"quoted\""),
        ]),
        Block::heading(1, vec![Inline::text("one")]),
        Block::heading(3, vec![Inline::text("three")]),
        Block::BulletList(vec![item("a"), nested]),
        Block::code(CodeLanguage::parse("c++"), "\n  if a < b {\n\t}"),
        Block::code(None, "x"),
        Block::Quote(vec![paragraph("q"), Block::BulletList(vec![item("in it")])]),
        Block::Rule,
        Block::Table(Table {
            rows: vec![TableRow { cells: vec![cell(true, "h"), cell(false, "c")] }],
        }),
    ]);
    assert_eq!(parse(&html(&document)), document, "{}", html(&document));
}

#[test]
fn any_document_settles_after_one_way() {
    for seed in 0..400 {
        let document = generated::Generator::new(seed).document();
        let once = parse(&html(&document));
        let twice = parse(&html(&once));
        assert_eq!(parse(&html(&twice)), twice, "seed {seed}: {}", html(&once));
    }
}

/// A Jira comment sent to Teams and taken back.
fn there_and_back(comment: &serde_json::Value) -> serde_json::Value {
    let sent = html(&tandem_jira::adf::parse(comment).unwrap());
    tandem_jira::adf::write(&parse(&sent))
}

#[test]
fn a_jira_comment_comes_back_from_teams_as_it_was() {
    let text = |text: &str| json!({ "type": "text", "text": text });
    let marked = |text: &str, mark: &str| json!({ "type": "text", "text": text, "marks": [{ "type": mark }] });
    let para = |content: serde_json::Value| json!({ "type": "paragraph", "content": content });
    let item = |content: serde_json::Value| json!({ "type": "listItem", "content": content });
    let link = json!({ "type": "text", "text": "ABC-1", "marks": [
        { "type": "link", "attrs": { "href": "https://example.com/browse/ABC-1?a=1&b=%22" } },
    ] });
    let comment = json!({ "type": "doc", "version": 1, "content": [
        para(json!([
            text("Fixed in "), link, text(", "), marked("really", "strong"), text(" & "),
            marked("<b>", "code"), text(" "), marked("u", "underline"), marked("s", "strike"),
            marked("e", "em"), { "type": "hardBreak" }, text("next line"),
        ])),
        { "type": "heading", "attrs": { "level": 2 }, "content": [text("Steps")] },
        { "type": "bulletList", "content": [
            item(json!([para(json!([text("one")]))])),
            item(json!([
                para(json!([text("two")])),
                { "type": "orderedList", "attrs": { "order": 4 }, "content": [
                    item(json!([para(json!([text("deeper")]))])),
                ] },
            ])),
        ] },
        { "type": "codeBlock", "attrs": { "language": "rust" }, "content": [
            text("fn main() {\n    a < b && c\n}"),
        ] },
        { "type": "blockquote", "content": [para(json!([text("said")]))] },
        { "type": "rule" },
        { "type": "table", "content": [{ "type": "tableRow", "content": [
            { "type": "tableCell", "content": [para(json!([text("cell")]))] },
        ] }] },
    ] });
    assert_eq!(there_and_back(&comment), comment);
}

#[test]
fn any_jira_comment_settles_after_one_way() {
    for seed in 0..200 {
        let document = generated::Generator::new(seed).document();
        let comment = there_and_back(&tandem_jira::adf::write(&document));
        let again = there_and_back(&comment);
        assert_eq!(there_and_back(&again), again, "seed {seed}");
    }
}
