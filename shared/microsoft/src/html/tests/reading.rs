use std::path::{Path, PathBuf};

use serde_json::Value;

use super::*;

fn items(texts: &[&str]) -> Vec<ListItem> {
    texts.iter().map(|text| ListItem::new(vec![paragraph(text)])).collect()
}

fn code(language: &str, text: &str) -> Vec<Block> {
    vec![Block::code(CodeLanguage::parse(language), text)]
}

#[test]
fn messages_become_the_blocks_a_browser_would_show() {
    let cell = |header, text| TableCell { header, blocks: vec![paragraph(text)] };
    let marked = |style| vec![Block::paragraph(vec![styled("x", &[style])])];
    for (source, expected) in [
        ("Hello World", vec![paragraph("Hello World")]),
        ("<p>a</p>\n<p>b</p>", vec![paragraph("a"), paragraph("b")]),
        ("<div><div>\n<div>a</div>\n\n</div>b</div>", vec![paragraph("a"), paragraph("b")]),
        ("<p> a \n\t b </p><p>&nbsp;</p><p><br></p>", vec![paragraph("a b")]),
        (
            "a<br> b<br>",
            vec![Block::paragraph(vec![Inline::text("a"), Inline::HardBreak, Inline::text("b")])],
        ),
        ("<b>x</b>", marked(Style::Strong)),
        ("<i>x</i>", marked(Style::Em)),
        ("<u>x</u>", marked(Style::Underline)),
        ("<strike>x</strike>", marked(Style::Strike)),
        ("<code>x</code>", marked(Style::Code)),
        ("<sub>x</sub>", marked(Style::Sub)),
        ("<sup>x</sup>", marked(Style::Sup)),
        (
            "<strong><em>x</em></strong>",
            vec![Block::paragraph(vec![styled("x", &[Style::Strong, Style::Em])])],
        ),
        (
            "a <b> x </b> c",
            vec![Block::paragraph(vec![
                Inline::text("a "),
                Inline::strong("x "),
                Inline::text("c"),
            ])],
        ),
        (
            "<h2>a</h2><h6>b</h6>",
            vec![
                Block::heading(2, vec![Inline::text("a")]),
                Block::heading(6, vec![Inline::text("b")]),
            ],
        ),
        ("<ul>\n<li>a</li>\n<li><p>b</p></li></ul>", vec![Block::BulletList(items(&["a", "b"]))]),
        ("<ol start=\"3\"><li>a</ol>", vec![Block::OrderedList { start: 3, items: items(&["a"]) }]),
        (
            "<ul><li>a</li><ul><li>b</li></ul></ul>",
            vec![Block::BulletList(vec![ListItem::new(vec![
                paragraph("a"),
                Block::BulletList(items(&["b"])),
            ])])],
        ),
        (
            "<blockquote>a<p>b</p></blockquote>",
            vec![Block::Quote(vec![paragraph("a"), paragraph("b")])],
        ),
        ("a<hr/>b", vec![paragraph("a"), Block::Rule, paragraph("b")]),
        ("<pre>\na\n  b\n</pre>", code("", "a\n  b")),
        ("<pre><code class=\"x language-Rust\">a</code></pre>", code("rust", "a")),
        (
            "<codeblock class=\"JavaScript\"><code>a<br>&lt;b&gt;</code></codeblock>",
            code("javascript", "a\n<b>"),
        ),
        ("<codeblock class=\"PlainText\"><code>a</code></codeblock>", code("", "a")),
        (
            "<p itemtype=\"http://schema.skype.com/CodeBlockEditor\">&nbsp;</p><pre class=\"language-sql\"><code>a</code></pre>",
            code("sql", "a"),
        ),
        (
            "<table><caption>t</caption><tr><th>h</th></tr><tr><td><p>c</p></td></tr></table>",
            vec![
                paragraph("t"),
                Block::Table(Table {
                    rows: vec![
                        TableRow { cells: vec![cell(true, "h")] },
                        TableRow { cells: vec![cell(false, "c")] },
                    ],
                }),
            ],
        ),
        ("a<script>b()</script><style>c</style><!-- d --><title>e</title>", vec![paragraph("a")]),
        ("<unknown-tag>a <font color=red>b</font></unknown-tag>", vec![paragraph("a b")]),
        ("x <img src=\"y\">", vec![paragraph("x [image]")]),
        ("<img alt=\"a cat\">", vec![paragraph("a cat")]),
        (
            "<emoji id=\"smile\" alt=\"\u{1f600}\" title=\"Smile\"></emoji>",
            vec![paragraph("\u{1f600}")],
        ),
        ("see <attachment id=\"1\"></attachment>", vec![paragraph("see [attachment]")]),
        ("&lt;b&gt; &amp;amp; &#x1F3E0;", vec![paragraph("<b> &amp; \u{1f3e0}")]),
        ("", vec![]),
    ] {
        assert_eq!(parse(source).blocks, expected, "{source}\n{}", html(&parse(source)));
    }
}

#[test]
fn no_break_spaces_between_words_are_spaces() {
    for (source, expected) in [
        ("a&nbsp;b", "a b"),
        ("a &nbsp;b", "a \u{a0}b"),
        ("a&nbsp;&nbsp;b", "a \u{a0}b"),
        ("&nbsp;a&nbsp;", "\u{a0}a"),
    ] {
        assert_eq!(parse(source).plain_text().as_str(), expected, "{source}");
    }
}

#[test]
fn mentions_keep_their_index() {
    let ann = |shown: &str| Inline::mention(MentionedUser::Teams(2), shown);
    for (source, expected) in [
        ("<at id=\"2\">Ann Lee</at>&nbsp;Hi", vec![ann("Ann Lee"), Inline::text(" Hi")]),
        ("Hi <at id=\"2\"> Ann\n Lee </at>", vec![Inline::text("Hi "), ann("Ann Lee")]),
        ("<at>Ann</at>", vec![Inline::text("Ann")]),
        ("<at id=\"x\">Ann</at>", vec![Inline::text("Ann")]),
        (
            "<span itemtype=\"http://schema.skype.com/Mention\" itemscope itemid=\"2\">Ann</span>",
            vec![ann("Ann")],
        ),
    ] {
        assert_eq!(parse(source).blocks, [Block::paragraph(expected)], "{source}");
    }
}

#[test]
fn links_of_other_kinds_are_their_text() {
    for (source, expected) in [
        ("<a href=\"https://x.example/a\">t</a>", Inline::link("t", "https://x.example/a")),
        ("<a href=\"javascript:alert(1)\">t</a>", Inline::text("t")),
        ("<a href=\"&#106;avascript:alert(1)\">t</a>", Inline::text("t")),
        ("<a href=\"/relative\">t</a>", Inline::text("t")),
        ("<a>t</a>", Inline::text("t")),
    ] {
        assert_eq!(parse(source).blocks, [Block::paragraph(vec![expected])], "{source}");
    }
}

#[test]
fn every_address_is_found_in_order_as_written() {
    let source = "<p><a href=\"https://a/?x=1&amp;y=2\">1</a></p><div><a href='/b'>2</a><a>3</a>\
        <ul><li><a href=https://c>4</a></ul></div><script><a href=\"no\"></script>";
    assert_eq!(find_links(source), ["https://a/?x=1&y=2", "/b", "https://c"]);
    assert!(find_links("https://only.text").is_empty());
}

#[test]
fn hostile_input_ends_in_a_small_document() {
    let unclosed = (0..5000).map(|n| format!("<b i={n}>")).collect::<Vec<_>>().concat();
    for source in [
        "<div>".repeat(20_000) + "deep",
        "<blockquote><ul><li>".repeat(5_000) + "deep",
        format!("<p>{unclosed}</p>{}", "<p>x".repeat(20_000)),
        format!("<template><p>{unclosed}</p>{}", "<p>x".repeat(20_000)),
        "\u{1f600}".repeat(100_000),
        "<table>".repeat(5_000),
        "<select><option>".repeat(3_000),
        "<".repeat(200_000),
        "<svg><math><title>".repeat(3_000),
    ] {
        let document = parse(&source);
        let rendered = html(&document);
        assert!(rendered.len() < 30_000_000, "{} bytes", rendered.len());
        assert_eq!(parse(&source), document);
        find_links(&source);
    }
    assert_eq!(parse(&"a ".repeat(100_000)).blocks.last(), Some(&paragraph("\u{2026}")));
}

/// Every `body` of a message in the published examples.
fn bodies(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            bodies(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "json")
            && let Ok(text) = std::fs::read_to_string(&path)
            && let Ok(value) = serde_json::from_str::<Value>(&text)
        {
            collect_bodies(&value, found);
        }
    }
}

fn collect_bodies(value: &Value, found: &mut Vec<(String, String)>) {
    if let (Some(kind), Some(content)) = (value["contentType"].as_str(), value["content"].as_str())
        && matches!(kind, "html" | "text")
    {
        found.push((kind.to_owned(), content.to_owned()));
    }
    match value {
        Value::Array(values) => values.iter().for_each(|value| collect_bodies(value, found)),
        Value::Object(map) => map.values().for_each(|value| collect_bodies(value, found)),
        _ => {}
    }
}

#[test]
fn published_messages_are_read_and_settle() {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
    let shared = std::env::var_os("TANDEM_SHARED").map_or_else(|| default.into(), PathBuf::from);
    let mut found = Vec::new();
    bodies(&shared.join("fixtures"), &mut found);
    if found.is_empty() {
        eprintln!("skipped: fixtures are not here");
        return;
    }
    assert!(found.len() >= 40, "only {} bodies", found.len());
    for (kind, content) in &found {
        let document = match kind.as_str() {
            "html" => parse(content),
            _ => Document::from_plain_text(content),
        };
        assert!(!document.is_empty(), "{content}");
        let again = parse(&html(&document));
        assert_eq!(parse(&html(&again)), again, "{content}");
    }
    let mentioned = found.iter().filter(|(_, content)| content.contains("<at id"));
    for (_, content) in mentioned {
        assert_eq!(parse(content).mentions().len(), content.matches("<at id").count(), "{content}");
    }
}
