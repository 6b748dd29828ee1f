use super::*;

#[test]
fn text_without_markup_stays_as_it_is() {
    for text in [
        "",
        "Login fails on Safari 17",
        "TAN-4: cards, forms - and more",
        "snake_case_name and a_b",
        "[Backend] Fix the (old) parser",
        "array[0] = x; a -> b; c > d",
        "R&D, AT&T & friends",
        "~/.config is ~5 MB, {json} and $x",
        "C:\\users\\me",
        "1) is not at the start: 1. neither",
        "https://example.com/a?b=c&d=e#f",
        "Grüße, 日本語, 👩‍👩‍👧 and עברית",
        "version 1.5",
    ] {
        let expected = text.replace("1) is", "1\\) is");
        assert_eq!(escape(text), expected);
    }
}

#[test]
fn markup_is_escaped() {
    for (text, escaped) in [
        ("**bold** *it*", r"\*\*bold\*\* \*it\*"),
        ("_it_ __b__", r"\_it\_ \_\_b\_\_"),
        ("~~gone~~", r"\~\~gone\~\~"),
        ("`code`", r"\`code\`"),
        ("[x](https://evil.example)", r"[x]\(https://evil.example)"),
        ("![x](https://evil.example/p.png)", r"![x]\(https://evil.example/p.png)"),
        ("[x][1]", r"[x]\[1]"),
        ("[1]: https://evil.example", r"[1]\: https://evil.example"),
        ("[[x](a)](b)", r"[[x]\(a)]\(b)"),
        ("<at>Ann</at>", r"\<at\>Ann\</at\>"),
        ("<https://evil.example>", r"\<https://evil.example\>"),
        ("<script>", r"\<script\>"),
        ("{{DATE(2026-01-02T03:04:05Z, SHORT)}}", r"{\{DATE(2026-01-02T03:04:05Z, SHORT)}}"),
        ("{{{TIME(2026-01-02T03:04:05Z)}}", r"{\{\{TIME(2026-01-02T03:04:05Z)}}"),
        ("${secret}", r"$\{secret}"),
        ("&lt;at&gt; &#42; &#x2a; &amp", r"\&lt;at\&gt; \&#42; \&#x2a; &amp"),
        ("# heading", r"\# heading"),
        ("- item", r"\- item"),
        ("---", r"\---"),
        ("+ item", r"\+ item"),
        ("> quote", r"\> quote"),
        ("12. item", r"12\. item"),
        ("3) item", r"3\) item"),
        (r"\[x](y)", r"\\[x]\(y)"),
        (r"\*x\*", r"\\\*x\\\*"),
        (r"ends with \", r"ends with \\"),
        (r"\\", r"\\\\"),
        (r"]\(y)", r"]\\(y)"),
    ] {
        assert_eq!(escape(text), escaped, "{text}");
    }
}

#[test]
fn several_lines_become_one() {
    for (text, escaped) in [
        ("one\ntwo\r\n\r\nthree", "one two three"),
        ("x\n- item\n# heading", "x - item # heading"),
        ("title\n===", "title ==="),
        ("    indented", "indented"),
        ("a\t\tb\u{2028}c\u{85}d\u{a0}e", "a b c d e"),
        (" \n ", ""),
        ("a\u{0}b\u{1b}[1mc\u{7f}", "ab[1mc"),
        ("abc\u{202e}cba\u{2066}x\u{2069}", "abccbax"),
        ("\n- \u{202d}- x", r"\- - x"),
    ] {
        assert_eq!(escape(text), escaped, "{text:?}");
    }
}

/// Of all short texts over the signs that matter, none keeps what would start markup.
#[test]
fn no_combination_of_signs_gets_through() {
    const SIGNS: [char; 16] =
        ['a', ' ', '\\', '*', '_', '`', '[', ']', '(', ':', '<', '>', '{', '&', '~', '\n'];
    let mut texts = vec![String::new()];
    for _ in 0..4 {
        let longer = texts.iter().flat_map(|text| SIGNS.iter().map(move |c| format!("{text}{c}")));
        texts = longer.collect();
        for text in &texts {
            let active = unescaped(&escape(text));
            for never in ["*", "`", "<", "](", "][", "]:", "{{", "~~"] {
                assert!(!active.contains(never), "{text:?} leaves {never} in {active:?}");
            }
            assert_eq!(shown(&escape(text)), single_line(text), "{text:?}");
        }
    }
}

/// The text without what a backslash takes the meaning of.
fn unescaped(markdown: &str) -> String {
    let mut rest = markdown.chars().peekable();
    let mut active = String::new();
    while let Some(c) = rest.next() {
        if c == '\\' && rest.next_if(char::is_ascii_punctuation).is_some() {
            active.push('\u{fffd}');
        } else {
            active.push(c);
        }
    }
    active
}

/// What is shown of a text whose only markup are backslashes.
fn shown(markdown: &str) -> String {
    let mut rest = markdown.chars().peekable();
    let mut shown = String::new();
    while let Some(c) = rest.next() {
        shown.push(if c == '\\' {
            rest.next_if(char::is_ascii_punctuation).unwrap_or(c)
        } else {
            c
        });
    }
    shown
}

#[test]
fn a_long_text_is_cut_between_characters() {
    for (text, characters, expected) in [
        ("short", 5, "short"),
        ("longer", 5, "long…"),
        ("four five", 6, "four…"),
        ("日本語です", 3, "日本…"),
        ("👍👍👍", 2, "👍…"),
        ("any", 0, "…"),
    ] {
        assert_eq!(cut(text, characters), expected);
    }
    for (text, units, expected) in [
        ("short", 5, "short"),
        ("longer", 5, "long…"),
        ("👍👍", 4, "👍👍"),
        ("👍👍👍", 4, "👍…"),
        ("two\nlines", 5, "two\n…"),
    ] {
        assert_eq!(typed(text, units), expected);
    }
}

#[test]
fn an_escape_is_never_cut_in_two() {
    let text = Markdown::theirs(&"*".repeat(100), 10);
    assert_eq!(text.0, format!("{}…", r"\*".repeat(9)));
}

#[test]
fn plain_text_keeps_its_signs_but_calls_no_function() {
    let text = Plain::theirs("**a** [b](c)\n{{DATE(x)}} {{{", 100);
    assert_eq!(text.as_str(), "**a** [b](c) {\u{2060}{DATE(x)}} {\u{2060}{\u{2060}{");
    assert_eq!(
        Plain::theirs("<at>\"a\" & 'b'", 100).html(),
        "&lt;at&gt;&quot;a&quot; &amp; &#39;b&#39;"
    );
}
