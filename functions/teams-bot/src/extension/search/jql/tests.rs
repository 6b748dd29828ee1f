use super::*;

/// What is searched first, without the order.
fn first(typed: &str) -> String {
    let jql = Wanted::parse(typed).jql.unwrap_or_else(|| panic!("nothing to search: {typed}"));
    let ordered = jql.first;
    ordered.strip_suffix(" ORDER BY updated DESC").map_or(ordered.clone(), str::to_owned)
}

fn otherwise(typed: &str) -> Option<String> {
    let ordered = Wanted::parse(typed).jql.unwrap().otherwise?;
    Some(ordered.strip_suffix(" ORDER BY updated DESC").unwrap().to_owned())
}

#[test]
fn what_is_typed_becomes_jql() {
    for (typed, jql) in [
        ("lamp", r#"(text ~ "lamp" OR text ~ "lamp*")"#),
        ("  Broken   Lamp ", r#"text ~ "broken" AND (text ~ "lamp" OR text ~ "lamp*")"#),
        ("\"the hall lamp\"", r#"text ~ "\"the hall lamp\"""#),
        ("“the hall", r#"text ~ "\"the hall\"""#),
        ("\"lamp\"", r#"text ~ "lamp""#),
        ("@me", "assignee = currentUser()"),
        ("@Me lamp", r#"assignee = currentUser() AND (text ~ "lamp" OR text ~ "lamp*")"#),
        ("project:demo", r#"project = "demo""#),
        ("Project:\"My \\ Project\"", r#"project = "My \\ Project""#),
        ("status:done @me", r#"statusCategory = "Done" AND assignee = currentUser()"#),
        ("status:OPEN", r#"statusCategory != "Done""#),
        ("status:waiting", r#"text ~ "\"status waiting\"""#),
        ("DEMO-12", r#"key = "DEMO-12""#),
        ("demo-12", r#"key = "DEMO-12""#),
        ("DEMO", r#"(project = "DEMO" OR (text ~ "demo" OR text ~ "demo*"))"#),
        (
            "DEMO lamp",
            r#"(project = "DEMO" OR text ~ "demo") AND (text ~ "lamp" OR text ~ "lamp*")"#,
        ),
        ("demo-", r#"project = "DEMO""#),
        ("lamp USB", r#"text ~ "lamp" AND (text ~ "usb" OR text ~ "usb*")"#),
        ("v1.2.3", r#"(text ~ "v1.2.3" OR text ~ "v1.2.3*")"#),
        ("don't", r#"(text ~ "don't" OR text ~ "don't*")"#),
        ("ada@example.com", r#"text ~ "\"ada example.com\"""#),
        ("grün 日本", r#"text ~ "grün" AND (text ~ "日本" OR text ~ "日本*")"#),
    ] {
        assert_eq!(first(typed), jql, "{typed}");
    }
}

#[test]
fn a_word_that_looks_like_a_key_may_be_a_word() {
    for (typed, jql) in [
        ("covid-19", Some(r#"text ~ "\"covid 19\"""#)),
        ("UTF lamp", Some(r#"text ~ "utf" AND (text ~ "lamp" OR text ~ "lamp*")"#)),
        ("utf-", Some(r#"(text ~ "utf" OR text ~ "utf*")"#)),
        ("@me DEMO-1", Some(r#"assignee = currentUser() AND text ~ "\"demo 1\"""#)),
        ("lamp", None),
        ("project:NONE", None),
    ] {
        assert_eq!(otherwise(typed).as_deref(), jql, "{typed}");
    }
}

#[test]
fn nothing_typed_means_what_was_used_last() {
    for typed in ["", "  \t", "site:a.atlassian.net"] {
        let jql = Wanted::parse(typed).jql.unwrap();
        assert_eq!(jql.first, RECENT);
        assert_eq!(jql.otherwise.as_deref(), Some(MINE));
    }
    for typed in ["!!!", "\"", "\"\"", "project:", "* ? ~", "🙂"] {
        assert!(Wanted::parse(typed).jql.is_none(), "{typed}");
    }
}

#[test]
fn a_site_is_named_apart() {
    let wanted = Wanted::parse("lamp site:Demo.atlassian.net");
    assert_eq!(wanted.site.as_deref(), Some("demo.atlassian.net"));
    assert_eq!(first("site:demo lamp"), first("lamp"));
    assert_eq!(Wanted::parse("site: lamp").site, None);
}

#[test]
fn nothing_typed_gets_out_of_its_literal() {
    for (typed, jql) in [
        ("\" OR project = SECRET", r#"text ~ "\"or project secret\"""#),
        ("x\\\" OR key = A-1", r#"text ~ "x" AND text ~ "\"or key a 1\"""#),
        ("lamp\\", r#"(text ~ "lamp" OR text ~ "lamp*")"#),
        ("a) OR (b", r#"text ~ "a" AND text ~ "or" AND (text ~ "b" OR text ~ "b*")"#),
        ("project:A\\", r#"project = "A\\""#),
        (
            "project:\"A\" OR text",
            r#"project = "A" AND text ~ "or" AND (text ~ "text" OR text ~ "text*")"#,
        ),
        ("lamp~0.5 hall^9", r#"text ~ "\"lamp 0.5\"" AND text ~ "\"hall 9\"""#),
        ("*lamp", r#"(text ~ "lamp" OR text ~ "lamp*")"#),
        ("+lamp -hall", r#"text ~ "lamp" AND (text ~ "hall" OR text ~ "hall*")"#),
        (
            "lamp AND NOT hall",
            r#"text ~ "lamp" AND text ~ "and" AND text ~ "not" AND (text ~ "hall" OR text ~ "hall*")"#,
        ),
        ("/lamp.*/", r#"(text ~ "lamp" OR text ~ "lamp*")"#),
        ("summary:lamp", r#"text ~ "\"summary lamp\"""#),
        ("[a TO b]", r#"text ~ "a" AND text ~ "to" AND (text ~ "b" OR text ~ "b*")"#),
        ("currentUser()", r#"(text ~ "currentuser" OR text ~ "currentuser*")"#),
        (
            "lamp\u{0}\nORDER\u{2028}BY",
            r#"text ~ "lamp" AND text ~ "order" AND (text ~ "by" OR text ~ "by*")"#,
        ),
    ] {
        assert_eq!(first(typed), jql, "{typed:?}");
    }
}

/// What stands before each literal, and the literal as it is meant; at the end what stands behind
/// the last.
fn read(jql: &str) -> (Vec<(String, String)>, String) {
    let mut read = Vec::new();
    let mut before = String::new();
    let mut chars = jql.chars();
    while let Some(c) = chars.next() {
        if c != '"' {
            before.push(c);
            continue;
        }
        let mut literal = String::new();
        loop {
            match chars.next().unwrap_or_else(|| panic!("a literal is not closed: {jql}")) {
                '\\' => {
                    let escaped = chars.next().unwrap();
                    assert!(matches!(escaped, '"' | '\\'), "{jql}");
                    literal.push(escaped);
                }
                '"' => break,
                c => literal.push(c),
            }
        }
        read.push((std::mem::take(&mut before), literal));
    }
    (read, before)
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap()
    }
}

const PIECES: [&str; 40] = [
    "\"",
    "\\",
    "'",
    " ",
    " ",
    "(",
    ")",
    "~",
    "*",
    "?",
    "=",
    "!=",
    ":",
    "project:",
    "status:",
    "site:",
    "status:done",
    "@me",
    "DEMO",
    "demo-",
    "DEMO-12",
    "x-0",
    "OR",
    "AND",
    "NOT",
    "ORDER BY",
    "lamp",
    "é",
    "e\u{301}",
    "日",
    "🙂",
    "\n",
    "\u{0}",
    "\u{2028}",
    "“",
    "”",
    "+",
    "-",
    "/",
    "currentUser()",
];

const KNOWN: [&str; 19] = [
    "text",
    "~",
    "key",
    "=",
    "!=",
    "project",
    "assignee",
    "currentUser()",
    "statusCategory",
    "OR",
    "AND",
    "ORDER",
    "BY",
    "updated",
    "DESC",
    "issuekey",
    "in",
    "issueHistory()",
    "lastViewed",
];

#[test]
fn whatever_is_typed_the_query_holds_only_what_is_known() {
    let mut dice = Dice(0x7a5e_ed01_2345_6789);
    for round in 0..5_000 {
        let typed: String =
            (0..=dice.below(24)).map(|_| PIECES[dice.below(PIECES.len())]).collect();
        let Some(jql) = Wanted::parse(&typed).jql else { continue };
        for jql in [Some(jql.first), jql.otherwise].into_iter().flatten() {
            let context = format!("round {round}: {jql} of {typed:?}");
            check(&jql, &context);
        }
    }
}

fn check(jql: &str, context: &str) {
    let (read, end) = read(jql);
    let mut grammar = String::new();
    for (before, literal) in &read {
        assert!(!before.ends_with("text ~ ") || is_searchable(literal), "{literal:?}, {context}");
        assert!(!literal.chars().any(char::is_control), "{literal:?}, {context}");
        grammar.push_str(before);
        grammar.push(' ');
    }
    grammar.push_str(&end);
    assert_eq!(grammar.matches('(').count(), grammar.matches(')').count(), "{context}");
    for word in grammar.split_whitespace() {
        let bare = word.trim_start_matches('(');
        let bare = if KNOWN.contains(&bare) { bare } else { bare.trim_end_matches(')') };
        assert!(bare.is_empty() || KNOWN.contains(&bare), "{word:?}, {context}");
    }
    assert!(jql.len() < 4000, "{context}");
}

/// Whether text search has nothing to interpret in it: a word, what begins with it, or a phrase.
fn is_searchable(literal: &str) -> bool {
    let phrase = literal.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    let bare = phrase.or(literal.strip_suffix('*')).unwrap_or(literal);
    let plain = |c: char| c.is_alphanumeric() || "._'’".contains(c) || phrase.is_some() && c == ' ';
    let operator = |word: &str| matches!(word, "AND" | "OR" | "NOT" | "TO");
    !bare.is_empty()
        && bare.chars().all(plain)
        && bare.starts_with(char::is_alphanumeric)
        && !bare.split(' ').any(operator)
}
