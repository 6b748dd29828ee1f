//! What somebody wrote as plain words.

/// Tags that stand between words.
const BETWEEN: [&str; 9] = ["p", "br", "div", "ul", "ol", "li", "pre", "blockquote", "attachment"];
/// Tags that stand within them.
const WITHIN: [&str; 10] = ["a", "b", "i", "u", "s", "em", "strong", "span", "code", "font"];
/// Entities that Teams writes.
const ENTITIES: [(&str, char); 9] = [
    ("&nbsp;", ' '),
    ("&#160;", ' '),
    ("&#xa0;", ' '),
    ("&lt;", '<'),
    ("&gt;", '>'),
    ("&quot;", '"'),
    ("&#39;", '\''),
    ("&apos;", '\''),
    ("&amp;", '&'),
];

/// The text without tags, mentions and entities of HTML, with plain quotation marks, and without
/// characters that have no width.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c == '<'
            && let Some((len, between)) = tag(rest)
        {
            if between {
                out.push(' ');
            }
            rest = &rest[len..];
            continue;
        }
        if c == '&'
            && let Some((entity, stands_for)) = entity(rest)
        {
            out.push(stands_for);
            rest = &rest[entity..];
            continue;
        }
        match c {
            _ if c.is_whitespace() => out.push(' '),
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => {}
            '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{ab}' | '\u{bb}' => out.push('"'),
            '\u{2018}' | '\u{2019}' => out.push('\''),
            c => out.push(c),
        }
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// The length of the tag that the text begins with, and whether it stands between words. A mention
/// counts as one with the name in it. Anything else in angle brackets is text.
fn tag(text: &str) -> Option<(usize, bool)> {
    let end = text.find('>')?;
    let inside = text[1..end].trim_start_matches('/');
    let name: String = inside.chars().take_while(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_lowercase();
    let closed = inside[name.len()..].trim_end_matches('/');
    if !closed.is_empty() && !closed.starts_with(char::is_whitespace) {
        return None;
    }
    if name == "at" {
        let end = text.find("</at>").map_or(end + 1, |at| at + "</at>".len());
        return Some((end, true));
    }
    let between = BETWEEN.contains(&name.as_str());
    (between || WITHIN.contains(&name.as_str())).then_some((end + 1, between))
}

fn entity(text: &str) -> Option<(usize, char)> {
    let fits = |entity: &str| {
        text.get(..entity.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(entity))
    };
    ENTITIES
        .iter()
        .find(|(entity, _)| fits(entity))
        .map(|(entity, stands_for)| (entity.len(), *stands_for))
}

/// The word without what is written around it: quotation marks, brackets, a full stop, a slash.
pub(super) fn trimmed(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

/// How many letters are to be put in, left out, changed, or swapped with their neighbour to make
/// one word of the other.
pub(super) fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let mut fewest = (last[j] + usize::from(a != b)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                fewest = fewest.min(before[j - 1] + 1);
            }
            row.push(fewest);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}
