//! What somebody types into the search, as JQL.
//!
//! Nothing that was typed becomes a part of the query's grammar: words go into string literals,
//! freed of whatever Jira's text search reads as an operator, and the fields are those named here.
//!
//! <https://support.atlassian.com/jira-software-cloud/docs/search-syntax-for-text-fields/>

use tandem_domain::IssueKey;

/// How much of what was typed counts, in characters.
const MOST_TYPED: usize = 300;
/// How many words and phrases count.
const MOST_TOKENS: usize = 12;
/// How many words of a phrase count.
const MOST_WORDS: usize = 12;
/// How much of a word counts, in characters.
const LONGEST_WORD: usize = 50;
/// The longest name of a project taken over, in characters.
const LONGEST_NAME: usize = 80;
/// The longest key that a word in capitals is taken for.
const LONGEST_PROJECT_KEY: usize = 10;

/// What was looked at lately, the last first.
const RECENT: &str = "issuekey in issueHistory() ORDER BY lastViewed DESC";
/// What somebody works on, for who has not looked at anything.
const MINE: &str = "assignee = currentUser() ORDER BY updated DESC";

/// What to search.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// The Jira site, as it was named with `site:`, in lower case.
    pub(crate) site: Option<String>,
    /// What to search there; `None` where nothing typed can be searched for.
    pub(crate) jql: Option<Jql>,
}

/// A search, and what to fall back to.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Jql {
    /// What is searched.
    pub(crate) first: String,
    /// What is searched where Jira refuses that, since a word that looks like a key was none, or
    /// finds nothing by it.
    pub(crate) otherwise: Option<String>,
}

impl Wanted {
    /// Reads what was typed: words, `"phrases"`, keys (`DEMO-12`), a project's key in capitals in
    /// front (`DEMO lamp`), `@me`, `project:`, `status:open`, `status:done` and `site:`. What is
    /// none of these is words. Nothing at all means what the person looked at lately.
    pub(crate) fn parse(typed: &str) -> Self {
        let typed: String = typed.chars().take(MOST_TYPED).collect();
        let tokens = tokens(&typed);
        let mut site = None;
        let mut terms = Vec::new();
        let mut blank = true;
        for (at, token) in tokens.iter().enumerate() {
            if let Token::Filter("site", name) = token {
                site = Some(name.to_lowercase()).filter(|name| !name.is_empty());
                continue;
            }
            blank = false;
            let place = Place { first: at == 0, last: at + 1 == tokens.len() };
            terms.extend(term(token, place));
        }
        let jql = if blank {
            Some(Jql { first: RECENT.to_owned(), otherwise: Some(MINE.to_owned()) })
        } else {
            searched(&terms)
        };
        Self { site, jql }
    }
}

fn searched(terms: &[Term]) -> Option<Jql> {
    let all = |clauses: Vec<&str>| {
        (!clauses.is_empty()).then(|| format!("{} ORDER BY updated DESC", clauses.join(" AND ")))
    };
    let first = all(terms.iter().map(|term| term.clause.as_str()).collect())?;
    let is_guess = |term: &Term| term.words.is_some();
    let otherwise = if terms.iter().any(is_guess) {
        let words = terms.iter().map(|term| term.words.as_deref().unwrap_or(&term.clause));
        all(words.filter(|clause| !clause.is_empty()).collect())
    } else {
        None
    };
    Some(Jql { first, otherwise })
}

/// A piece of what was typed.
enum Token<'a> {
    Word(&'a str),
    Phrase(&'a str),
    /// A filter's name and value.
    Filter(&'static str, &'a str),
}

/// The filters' names.
const FILTERS: [&str; 3] = ["project", "status", "site"];

fn tokens(typed: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = typed.trim_start();
    while !rest.is_empty() && tokens.len() < MOST_TOKENS {
        let (token, after) = token(rest);
        tokens.push(token);
        rest = after.trim_start();
    }
    tokens
}

/// The first token of a text that neither is empty nor begins with white space, and what follows.
fn token(text: &str) -> (Token<'_>, &str) {
    if let Some((phrase, after)) = quoted(text) {
        return (Token::Phrase(phrase), after);
    }
    let end = text.find(|c: char| c.is_whitespace() || is_quote(c)).unwrap_or(text.len());
    let (word, after) = text.split_at(end);
    let filter = word.split_once(':').and_then(|(name, value)| {
        Some((FILTERS.into_iter().find(|filter| filter.eq_ignore_ascii_case(name))?, value))
    });
    match filter {
        Some((name, "")) => match quoted(after) {
            Some((value, after)) => (Token::Filter(name, value), after),
            None => (Token::Filter(name, ""), after),
        },
        Some((name, value)) => (Token::Filter(name, value), after),
        None => (Token::Word(word), after),
    }
}

/// What stands in the quotation marks that the text begins with, and what follows. Marks that are
/// not closed yet reach to the end.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let mut chars = text.chars();
    chars.next().filter(|c| is_quote(*c))?;
    let inner = chars.as_str();
    Some(match inner.find(is_quote) {
        Some(end) => {
            let after = inner[end..].chars().next().map_or(0, char::len_utf8);
            (&inner[..end], &inner[end + after..])
        }
        None => (inner, ""),
    })
}

/// Keyboards of phones and word processors make curved ones.
fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»')
}

/// Where a token stands.
#[derive(Clone, Copy)]
struct Place {
    first: bool,
    last: bool,
}

/// A part of the query.
struct Term {
    clause: String,
    /// Of a clause that Jira may refuse: the same as words, empty where it holds none.
    words: Option<String>,
}

impl Term {
    fn sure(clause: String) -> Self {
        Self { clause, words: None }
    }
}

fn term(token: &Token<'_>, place: Place) -> Option<Term> {
    match token {
        Token::Word(word) => of_word(word, place),
        Token::Phrase(phrase) => text(phrase, false).map(Term::sure),
        Token::Filter("project", name) => {
            let name: String =
                name.trim().chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
            (!name.is_empty()).then(|| Term::sure(format!("project = {}", literal(&name))))
        }
        Token::Filter("status", value) => match value.to_ascii_lowercase().as_str() {
            "done" | "closed" => Some(Term::sure("statusCategory = \"Done\"".to_owned())),
            "open" => Some(Term::sure("statusCategory != \"Done\"".to_owned())),
            _ => text(&format!("status {value}"), false).map(Term::sure),
        },
        Token::Filter(..) => None,
    }
}

fn of_word(word: &str, place: Place) -> Option<Term> {
    if word.eq_ignore_ascii_case("@me") {
        return Some(Term::sure("assignee = currentUser()".to_owned()));
    }
    let words = text(word, place.last);
    let guess = |clause| Some(Term { clause, words: Some(words.clone().unwrap_or_default()) });
    let capitals = word.to_ascii_uppercase();
    if let Ok(key) = IssueKey::parse(&capitals) {
        return guess(format!("key = {}", literal(key.as_str())));
    }
    // A key of which the number is still to come.
    if let Some(project) = capitals.strip_suffix('-').filter(|key| is_project_key(key)) {
        return guess(format!("project = {}", literal(project)));
    }
    if place.first && is_project_key(word) {
        let project = format!("project = {}", literal(word));
        return guess(match &words {
            Some(words) => format!("({project} OR {words})"),
            None => project,
        });
    }
    words.map(Term::sure)
}

/// Whether a word may be a project's key, written as Jira writes it.
fn is_project_key(word: &str) -> bool {
    (2..=LONGEST_PROJECT_KEY).contains(&word.len())
        && word.starts_with(|c: char| c.is_ascii_uppercase())
        && word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// The clause that finds a word, or several in this order; `None` where there is no word.
/// `unfinished` is the word that is still being typed: what begins with it is found, too.
fn text(typed: &str, unfinished: bool) -> Option<String> {
    let words = words(typed);
    Some(match words.as_slice() {
        [] => return None,
        [word] if unfinished => {
            format!("(text ~ {} OR text ~ {})", literal(word), literal(&format!("{word}*")))
        }
        [word] => format!("text ~ {}", literal(word)),
        several => format!("text ~ {}", literal(&format!("\"{}\"", several.join(" ")))),
    })
}

/// The words of a text, without anything that text search reads as an operator: signs part words,
/// as they do in Jira's index, and `AND`, `OR` and `NOT` are words in lower case.
fn words(text: &str) -> Vec<String> {
    let plain: String = text.chars().filter(|c| !is_accent(*c)).collect();
    plain
        .split(|c: char| !is_of_word(c))
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .take(MOST_WORDS)
        .map(|word| word.to_lowercase().chars().take(LONGEST_WORD).collect())
        .collect()
}

/// What Jira's index keeps within a word: `v1.2.3`, `don't`, `user_id`.
fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_' | '\'' | '’')
}

/// The accents that stand apart from their letter; search does without them.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// A text as a string literal of JQL.
fn literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            literal.push('\\');
        }
        literal.push(c);
    }
    literal.push('"');
    literal
}

#[cfg(test)]
mod tests;
