use super::*;

const SECRET: &str = "canary-nobody-may-log";

fn everything() -> Document {
    let line = || vec![Inline::text(SECRET), Inline::link(SECRET, &format!("https://x/{SECRET}"))];
    let mention = Inline::mention(MentionedUser::Jira(MentionId::parse(SECRET).unwrap()), SECRET);
    let cell = TableCell { header: true, blocks: vec![Block::paragraph(line())] };
    Document::new(vec![
        Block::paragraph(line()),
        Block::heading(2, vec![mention, Inline::HardBreak, Inline::strong(SECRET)]),
        Block::BulletList(vec![ListItem::new(vec![Block::paragraph(line())])]),
        Block::OrderedList { start: 3, items: vec![ListItem::new(vec![Block::Rule])] },
        Block::code(CodeLanguage::parse(SECRET), SECRET),
        Block::Quote(vec![Block::paragraph(line())]),
        Block::Table(Table { rows: vec![TableRow { cells: vec![cell] }] }),
    ])
}

#[test]
fn printing_a_document_shows_no_word_of_it() {
    let printed = format!("{:?} {:#?}", everything(), everything());
    assert!(!printed.contains("canary"), "{printed}");
    assert!(printed.contains("Prose(21 chars)"));
}

#[test]
fn links_are_of_four_kinds_and_anything_else_is_its_text() {
    for (given, taken) in [
        ("https://example.com/a?b=c#d", Some("https://example.com/a?b=c#d")),
        ("  HTTP://Example.com ", Some("http://example.com/")),
        ("mailto:a@example.com", Some("mailto:a@example.com")),
        ("tel:+4912345", Some("tel:+4912345")),
        ("javascript:alert(1)", None),
        ("java\nscript:alert(1)", None),
        ("data:text/html,x", None),
        ("file:///etc/passwd", None),
        ("vbscript:x", None),
        ("/browse/ABC-1", None),
        ("//example.com", None),
        ("", None),
    ] {
        assert_eq!(LinkUrl::parse(given).as_ref().map(LinkUrl::as_str), taken, "{given}");
        let Inline::Text { text, marks } = Inline::link("shown", given) else { panic!() };
        assert_eq!((text.as_str(), marks.link().is_some()), ("shown", taken.is_some()), "{given}");
    }
    assert!(LinkUrl::parse(&format!("https://x/{}", "a".repeat(5000))).is_none());
}

#[test]
fn identifiers_and_languages_keep_to_their_alphabet() {
    assert!(MentionId::parse("712020:0e9f-aa").is_some());
    assert!(MentionId::parse("").is_none());
    assert!(MentionId::parse("a b").is_none());
    assert!(MentionId::parse(&"a".repeat(129)).is_none());
    assert_eq!(CodeLanguage::parse("C++").unwrap().as_str(), "c++");
    assert!(CodeLanguage::parse("\"><script>").is_none());
}

#[test]
fn prose_has_one_kind_of_line_end_and_no_control_characters() {
    assert_eq!(Prose::new("a\r\nb\rc\0\u{1b}\td").as_str(), "a\nb\nc\td");
}

#[test]
fn plain_text_becomes_a_paragraph_per_line() {
    let document = Document::from_plain_text("one\r\n\r\n  two \n");
    assert_eq!(document.blocks.len(), 2);
    assert_eq!(document.plain_text().as_str(), "one\ntwo");
    assert!(Document::from_plain_text(" \n ").is_empty());
}

#[test]
fn text_is_never_above_and_below_the_line() {
    let marks = Marks::default().with(Style::Sub).with(Style::Strong).with(Style::Sup);
    assert_eq!(marks.styles().collect::<Vec<_>>(), [Style::Strong, Style::Sup]);
}

#[test]
fn neighbours_under_the_same_marks_become_one_text() {
    let mut line = Inlines::default();
    line.push(Inline::HardBreak);
    for text in ["a", "", "b"] {
        line.push(Inline::strong(text));
    }
    line.push(Inline::text("c"));
    line.push(Inline::HardBreak);
    assert_eq!(line.finish(), [Inline::strong("ab"), Inline::text("c")]);
}

#[test]
fn mentions_are_found_and_resolved_wherever_they_stand() {
    let at = |index| vec![Inline::mention(MentionedUser::Teams(index), "@Ann")];
    let cell = TableCell { header: false, blocks: vec![Block::paragraph(at(3))] };
    let mut document = Document::new(vec![
        Block::heading(1, at(0)),
        Block::BulletList(vec![ListItem::new(vec![Block::paragraph(at(1))])]),
        Block::Quote(vec![Block::paragraph(at(2))]),
        Block::Table(Table { rows: vec![TableRow { cells: vec![cell] }] }),
    ]);
    let who: Vec<_> = document.mentions().iter().map(|found| found.who.clone()).collect();
    assert_eq!(who, [0, 1, 2, 3].map(MentionedUser::Teams));
    document.resolve_mentions(|mention| Inline::text(&mention.at_name()));
    assert!(document.mentions().is_empty());
    assert_eq!(document.plain_text().as_str(), "@Ann\n@Ann\n@Ann\n@Ann");
}

#[test]
fn a_header_and_a_footer_frame_a_document() {
    let mut document = Document::from_plain_text("body");
    document.prepend(Block::paragraph(vec![Inline::strong("Ann"), Inline::text(" wrote:")]));
    document.append(Block::paragraph(vec![Inline::link("ABC-1", "https://example.com/ABC-1")]));
    assert_eq!(document.plain_text().as_str(), "Ann wrote:\nbody\nABC-1");
}
