//! A small part of JQL: comparisons joined by AND, OR, NOT and brackets. Ordering is read and
//! ignored.

use super::{
    adf,
    answer::Refusal,
    catalogue,
    model::{Issue, Site},
};

/// A parsed query.
pub(crate) enum Query {
    /// No restriction.
    All,
    And(Vec<Query>),
    Or(Vec<Query>),
    Not(Box<Query>),
    Clause(Clause),
}

/// One comparison.
pub(crate) struct Clause {
    field: Field,
    operator: Operator,
    values: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Project,
    Key,
    Text,
    Summary,
    Status,
    Priority,
    Assignee,
    Reporter,
    IssueType,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Is,
    IsNot,
    Contains,
}

/// Parses a query.
///
/// # Errors
/// 400 in Jira's manner where the query is not understood.
pub(crate) fn parse(text: &str) -> Result<Query, Refusal> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0 };
    let query = if parser.ends() { Query::All } else { parser.any()? };
    if parser.ends() { Ok(query) } else { Err(invalid()) }
}

fn invalid() -> Refusal {
    Refusal::bad_request("Error in the JQL Query: it is not understood.")
}

struct Token {
    text: String,
    quoted: bool,
}

fn tokens(text: &str) -> Result<Vec<Token>, Refusal> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(&first) = rest.peek() {
        match first {
            ' ' | '\t' | '\n' | '\r' => {
                rest.next();
            }
            '"' | '\'' => {
                rest.next();
                tokens.push(Token { text: quoted(&mut rest, first)?, quoted: true });
            }
            '(' | ')' | ',' | '~' | '=' => {
                rest.next();
                tokens.push(Token { text: first.to_string(), quoted: false });
            }
            '!' => {
                rest.next();
                let second = rest.next_if(|next| matches!(next, '=' | '~')).ok_or_else(invalid)?;
                tokens.push(Token { text: format!("!{second}"), quoted: false });
            }
            _ => {
                let mut word = String::new();
                while let Some(next) = rest.next_if(|next| !" \t\r\n\"'(),~=!".contains(*next)) {
                    word.push(next);
                }
                tokens.push(Token { text: word, quoted: false });
            }
        }
    }
    Ok(tokens)
}

fn quoted(rest: &mut impl Iterator<Item = char>, end: char) -> Result<String, Refusal> {
    let mut text = String::new();
    while let Some(next) = rest.next() {
        match next {
            '\\' => text.push(rest.next().ok_or_else(invalid)?),
            _ if next == end => return Ok(text),
            _ => text.push(next),
        }
    }
    Err(invalid())
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn ends(&self) -> bool {
        self.at >= self.tokens.len() || self.is_word("ORDER")
    }

    fn is_word(&self, word: &str) -> bool {
        self.tokens
            .get(self.at)
            .is_some_and(|token| !token.quoted && token.text.eq_ignore_ascii_case(word))
    }

    /// Takes the word if it is next.
    fn take(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    fn next(&mut self) -> Result<String, Refusal> {
        let token = self.tokens.get(self.at).ok_or_else(invalid)?;
        self.at += 1;
        Ok(token.text.clone())
    }

    fn any(&mut self) -> Result<Query, Refusal> {
        let mut parts = vec![self.every()?];
        while self.take("OR") {
            parts.push(self.every()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Query::Or(parts) })
    }

    fn every(&mut self) -> Result<Query, Refusal> {
        let mut parts = vec![self.one()?];
        while self.take("AND") {
            parts.push(self.one()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Query::And(parts) })
    }

    fn one(&mut self) -> Result<Query, Refusal> {
        if self.take("NOT") {
            return Ok(Query::Not(Box::new(self.one()?)));
        }
        if self.take("(") {
            let inner = self.any()?;
            return if self.take(")") { Ok(inner) } else { Err(invalid()) };
        }
        let name = self.next()?;
        let field = field(&name)?;
        let (operator, values) = self.comparison()?;
        Ok(Query::Clause(Clause { field, operator, values }))
    }

    fn comparison(&mut self) -> Result<(Operator, Vec<String>), Refusal> {
        let word = self.next()?.to_ascii_uppercase();
        let operator = match word.as_str() {
            "!=" => Operator::IsNot,
            "~" => Operator::Contains,
            "IN" => return Ok((Operator::Is, self.list()?)),
            "NOT" if self.take("IN") => return Ok((Operator::IsNot, self.list()?)),
            "IS" if self.take("NOT") => Operator::IsNot,
            "=" | "IS" => Operator::Is,
            _ => return Err(invalid()),
        };
        Ok((operator, vec![self.value()?]))
    }

    fn list(&mut self) -> Result<Vec<String>, Refusal> {
        if !self.take("(") {
            return Err(invalid());
        }
        let mut values = vec![self.value()?];
        while self.take(",") {
            values.push(self.value()?);
        }
        if self.take(")") { Ok(values) } else { Err(invalid()) }
    }

    fn value(&mut self) -> Result<String, Refusal> {
        let value = self.next()?;
        if value == "currentUser" && !(self.take("(") && self.take(")")) {
            return Err(invalid());
        }
        Ok(value)
    }
}

fn field(name: &str) -> Result<Field, Refusal> {
    Ok(match name.to_ascii_lowercase().as_str() {
        "project" => Field::Project,
        "key" | "issuekey" | "issue" | "id" => Field::Key,
        "text" => Field::Text,
        "summary" => Field::Summary,
        "status" => Field::Status,
        "priority" => Field::Priority,
        "assignee" => Field::Assignee,
        "reporter" => Field::Reporter,
        "issuetype" | "type" => Field::IssueType,
        _ => {
            return Err(Refusal::bad_request(&format!(
                "Field '{name}' does not exist or you do not have permission to view it."
            )));
        }
    })
}

impl Query {
    /// Whether it restricts anything at all; searches must.
    pub(crate) fn is_bounded(&self) -> bool {
        !matches!(self, Self::All)
    }

    /// Refuses what the filters of registered webhooks do not allow.
    pub(crate) fn check_filter(&self) -> Result<(), Refusal> {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().try_for_each(Self::check_filter),
            Self::Not(part) => part.check_filter(),
            Self::Clause(clause) if clause.field == Field::Text => {
                Err(Refusal::bad_request("The clause text is unsupported"))
            }
            Self::Clause(clause) if clause.operator == Operator::Contains => {
                Err(Refusal::bad_request("The operator ~ is unsupported"))
            }
            Self::All | Self::Clause(_) => Ok(()),
        }
    }

    /// Refuses projects and issues that the user does not see, as Jira does.
    pub(crate) fn check_values(&self, site: &Site, account: &str) -> Result<(), Refusal> {
        match self {
            Self::All => Ok(()),
            Self::And(parts) | Self::Or(parts) => {
                parts.iter().try_for_each(|part| part.check_values(site, account))
            }
            Self::Not(part) => part.check_values(site, account),
            Self::Clause(clause) => clause.check_values(site, account),
        }
    }

    /// Whether the issue is one that the query means, asked by `account`.
    pub(crate) fn matches(&self, site: &Site, issue: &Issue, account: &str) -> bool {
        match self {
            Self::All => true,
            Self::And(parts) => parts.iter().all(|part| part.matches(site, issue, account)),
            Self::Or(parts) => parts.iter().any(|part| part.matches(site, issue, account)),
            Self::Not(part) => !part.matches(site, issue, account),
            Self::Clause(clause) => clause.matches(site, issue, account),
        }
    }
}

impl Clause {
    fn check_values(&self, site: &Site, account: &str) -> Result<(), Refusal> {
        let missing = |value: &&String| match self.field {
            Field::Project => site
                .project(value)
                .or_else(|| site.projects.values().find(|project| project.name == **value))
                .is_none_or(|project| !site.may_browse(project, account)),
            Field::Key => site.issue(value).is_none_or(|issue| !site.may_see_issue(issue, account)),
            _ => false,
        };
        match (self.values.iter().find(missing), self.field) {
            (None, _) => Ok(()),
            (Some(value), Field::Key) => Err(Refusal::bad_request(&format!(
                "An issue with key '{value}' does not exist for field 'key'."
            ))),
            (Some(value), _) => Err(Refusal::bad_request(&format!(
                "The value '{value}' does not exist for the field 'project'."
            ))),
        }
    }

    fn matches(&self, site: &Site, issue: &Issue, account: &str) -> bool {
        let any = self.values.iter().any(|value| match self.operator {
            Operator::Contains => self.contains(issue, value),
            _ => self.equals(site, issue, value, account),
        });
        any != (self.operator == Operator::IsNot)
    }

    fn equals(&self, site: &Site, issue: &Issue, value: &str, account: &str) -> bool {
        let is = |found: &str| found.eq_ignore_ascii_case(value);
        let user = |found: Option<&str>| match value {
            "currentUser" => found == Some(account),
            "EMPTY" | "empty" | "NULL" | "null" => found.is_none(),
            _ => found == Some(value),
        };
        let named =
            |list, id| catalogue::named(list, id).is_some_and(|it| is(it.id) || is(it.name));
        match self.field {
            Field::Project => site
                .projects
                .get(&issue.project_id)
                .is_some_and(|project| is(&project.id) || is(&project.key) || is(&project.name)),
            Field::Key => is(&issue.id) || is(&issue.key),
            Field::Status => is(&issue.status) || is(catalogue::status(&issue.status).name),
            Field::Priority => named(catalogue::PRIORITIES, issue.priority.as_str()),
            Field::IssueType => named(catalogue::ISSUE_TYPES, issue.kind.as_str()),
            Field::Assignee => user(issue.assignee.as_deref()),
            Field::Reporter => user(Some(&issue.reporter)),
            Field::Text | Field::Summary => false,
        }
    }

    /// Whether every word of `value` begins a word of the text.
    fn contains(&self, issue: &Issue, value: &str) -> bool {
        let mut text = issue.summary.clone();
        if self.field == Field::Text {
            let comments = issue.comments.iter().map(|comment| &comment.body);
            for document in issue.description.iter().chain(comments) {
                text.push(' ');
                text.push_str(&adf::to_wiki(document));
            }
        } else if self.field != Field::Summary {
            return false;
        }
        let found: Vec<String> = words(&text).collect();
        words(value).all(|wanted| found.iter().any(|word| word.starts_with(&wanted)))
    }
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}
