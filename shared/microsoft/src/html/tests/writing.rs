use super::super::dom::{Fragment, attribute, element_name};
use super::*;

use html5ever::tendril::StrTendril;
use markup5ever_rcdom::{Handle, NodeData};

/// Every element below some nodes with its attributes, and every text, joined.
fn inventory(nodes: Vec<Handle>, elements: &mut Vec<String>, text: &mut String) {
    for node in nodes {
        match &node.data {
            NodeData::Text { contents } => text.push_str(&StrTendril::clone(&contents.borrow())),
            NodeData::Element { attrs, .. } => {
                let attrs = attrs.borrow();
                let names = attrs.iter().map(|attr| attr.name.local.to_string());
                let names = names.collect::<Vec<_>>().join(",");
                elements.push(format!("{}[{names}]", element_name(&node)));
                if let Some(href) = attribute(&node, "href") {
                    assert_eq!(LinkUrl::parse(&href).unwrap().as_str(), href);
                }
            }
            other => panic!("{other:?}"),
        }
        inventory(node.children.borrow().clone(), elements, text);
    }
}

/// The texts of a document in the order in which they are written.
fn texts(blocks: &[Block], text: &mut String) {
    for block in blocks {
        match block {
            _ if block.is_empty() => {}
            Block::Paragraph(content) | Block::Heading { content, .. } => {
                for piece in content {
                    match piece {
                        Inline::Text { text: own, .. } => text.push_str(own.as_str()),
                        Inline::Mention(mention) => text.push_str(&mention.at_name()),
                        Inline::HardBreak => {}
                    }
                }
            }
            Block::Code { text: own, .. } => text.push_str(own.as_str()),
            Block::BulletList(items) | Block::OrderedList { items, .. } => {
                for item in items {
                    texts(&item.blocks, text);
                }
            }
            Block::Quote(blocks) => texts(blocks, text),
            Block::Rule => {}
            Block::Table(table) => {
                let cells = table.rows.iter().flat_map(|row| &row.cells);
                cells.for_each(|cell| texts(&cell.blocks, text));
            }
        }
    }
}

const ALLOWED: &[&str] = &[
    "p[]",
    "h1[]",
    "h2[]",
    "h3[]",
    "strong[]",
    "em[]",
    "u[]",
    "s[]",
    "sub[]",
    "sup[]",
    "code[]",
    "code[class]",
    "pre[]",
    "a[href]",
    "ul[]",
    "ol[]",
    "ol[start]",
    "li[]",
    "blockquote[]",
    "hr[]",
    "br[]",
    "table[]",
    "tbody[]",
    "tr[]",
    "th[]",
    "td[]",
];

#[test]
fn no_text_ever_becomes_a_tag_or_an_attribute() {
    for seed in 0..400 {
        let document = generated::Generator::new(seed).document();
        let written = html(&document);
        let fragment = Fragment::parse(&written);
        let (mut elements, mut read, mut meant) = (Vec::new(), String::new(), String::new());
        inventory(fragment.roots(), &mut elements, &mut read);
        texts(&document.blocks, &mut meant);
        // A list item or cell holding blank text alone writes it, although nothing is to be seen.
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        if !fragment.cut {
            assert_eq!(squeezed(&read), squeezed(&meant), "seed {seed}: {written}");
        }
        for element in elements {
            assert!(ALLOWED.contains(&element.as_str()), "seed {seed}: {element} in {written}");
        }
    }
}

#[test]
fn each_dangerous_text_is_text_wherever_it_stands() {
    for text in generated::TEXTS {
        let at = |shown: &str| Inline::mention(MentionedUser::Teams(7), shown);
        let tag = |mention: &Mention| MentionMarkup::Tag {
            index: 7,
            name: mention.shown.as_str().to_owned(),
        };
        let document = Document::new(vec![
            Block::paragraph(vec![Inline::text("x"), styled(text, &Style::ALL), at(text)]),
            Block::code(None, text),
        ]);
        let written = render(&document, &tag, ROOMY);
        let (mut elements, mut read) = (Vec::new(), String::new());
        inventory(Fragment::parse(&written).roots(), &mut elements, &mut read);
        let clean = Prose::new(text);
        let name = Prose::new(text.trim().trim_start_matches('@'));
        let expected = format!("x{0}{1}{0}", clean.as_str(), name.as_str());
        assert_eq!(read, expected, "{written}");
        assert!(elements.iter().filter(|element| *element == "at[id]").count() == 1);
    }
}

#[test]
fn documents_are_written_as_teams_takes_them() {
    let link = Inline::Text {
        text: Prose::new("l"),
        marks: Marks::default()
            .with(Style::Strong)
            .with_link(LinkUrl::parse("https://x/?a&b").unwrap()),
    };
    let cell = |header| TableCell { header, blocks: vec![paragraph("c")] };
    for (block, expected) in [
        (
            Block::paragraph(vec![Inline::text("a"), Inline::HardBreak, link]),
            "<p>a<br><a href=\"https://x/?a&amp;b\"><strong>l</strong></a></p>",
        ),
        (Block::paragraph(vec![]), ""),
        (Block::heading(5, vec![Inline::text("a")]), "<h3>a</h3>"),
        (
            Block::BulletList(vec![
                ListItem::new(vec![paragraph("a"), Block::Rule]),
                ListItem::new(vec![paragraph("b"), paragraph("c")]),
            ]),
            "<ul><li>a<hr></li><li><p>b</p><p>c</p></li></ul>",
        ),
        (
            Block::OrderedList { start: 4, items: vec![ListItem::default()] },
            "<ol start=\"4\"><li></li></ol>",
        ),
        (
            Block::code(CodeLanguage::parse("rust"), "a < b\n"),
            "<pre><code class=\"language-rust\">a &lt; b\n</code></pre>",
        ),
        (Block::Quote(vec![paragraph("a")]), "<blockquote><p>a</p></blockquote>"),
        (
            Block::Table(Table { rows: vec![TableRow { cells: vec![cell(true), cell(false)] }] }),
            "<table><tbody><tr><th>c</th><td>c</td></tr></tbody></table>",
        ),
        (Block::paragraph(vec![Inline::mention(MentionedUser::Teams(0), "Ann")]), "<p>@Ann</p>"),
    ] {
        assert_eq!(html(&Document::new(vec![block])), expected);
    }
}

#[test]
fn what_does_not_fit_ends_in_an_ellipsis() {
    let long = || "word ".repeat(100);
    let items = || (0..100).map(|_| ListItem::new(vec![paragraph("item")])).collect();
    for block in [
        paragraph(&long()),
        paragraph(&"\u{1f600}<".repeat(100)),
        Block::heading(1, vec![Inline::strong(&long()), Inline::text(&long())]),
        Block::code(None, &long()),
        Block::BulletList(items()),
        Block::Quote(vec![paragraph("a"); 100]),
    ] {
        let document = Document::new(vec![paragraph("first"), block]);
        let whole = html(&document).len();
        for max in [0, 5, 10, 30, 60, 200, whole - 1] {
            let written = render(&document, &mention_as_text, max);
            assert!(written.len() <= max, "{} over {max}", written.len());
            assert!(max < 10 || written.ends_with("<p>\u{2026}</p>"), "{written}");
            assert!(max < 60 || (written.starts_with("<p>first</p><") && written.len() + 30 > max));
        }
        assert_eq!(render(&document, &mention_as_text, whole).len(), whole);
    }
}

#[test]
fn header_and_footer_survive_any_shortening() {
    let header = [paragraph("Ann wrote:")];
    let footer = [Block::paragraph(vec![Inline::link("ABC-1", "https://x.example/ABC-1")])];
    let body = Document::from_plain_text(&"line\n".repeat(10_000));
    let written = render_framed(&header, &body, &footer, &mention_as_text, MAX_MESSAGE_BYTES);
    assert!(written.len() <= MAX_MESSAGE_BYTES && written.len() > MAX_MESSAGE_BYTES - 50);
    assert!(written.starts_with("<p>Ann wrote:</p><p>line</p>"));
    assert!(
        written.ends_with("<p>\u{2026}</p><p><a href=\"https://x.example/ABC-1\">ABC-1</a></p>")
    );
    assert_eq!(find_links(&written), ["https://x.example/ABC-1"]);
}
