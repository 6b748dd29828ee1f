//! Reading a query.

use super::{Clause, Field, Jql, Operand, Operator, Order, Query};
use crate::sandbox::jira::answer::Refusal;

/// Parses a query.
///
/// # Errors
/// 400 in Jira's manner where the query is not understood.
pub(crate) fn parse(text: &str) -> Result<Jql, Refusal> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0 };
    let unrestricted = parser.ends() || parser.is_word("ORDER");
    let query = if unrestricted { Query::All } else { parser.any()? };
    let order = if parser.take("ORDER") { parser.order()? } else { Order::default() };
    if parser.ends() { Ok(Jql { query, order }) } else { Err(invalid()) }
}

fn invalid() -> Refusal {
    Refusal::bad_request("Error in the JQL Query: it is not understood.")
}

/// A word, a sign, or a text in quotes.
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
        self.at >= self.tokens.len()
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
        self.token().map(|token| token.text.clone())
    }

    fn token(&mut self) -> Result<&Token, Refusal> {
        let token = self.tokens.get(self.at).ok_or_else(invalid)?;
        self.at += 1;
        Ok(token)
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

    fn comparison(&mut self) -> Result<(Operator, Vec<Operand>), Refusal> {
        let word = self.next()?.to_ascii_uppercase();
        let operator = match word.as_str() {
            "!=" => Operator::IsNot,
            "~" => Operator::Contains,
            "IN" => return Ok((Operator::Is, self.values()?)),
            "NOT" if self.take("IN") => return Ok((Operator::IsNot, self.values()?)),
            "IS" if self.take("NOT") => Operator::IsNot,
            "=" | "IS" => Operator::Is,
            _ => return Err(invalid()),
        };
        Ok((operator, vec![self.value()?]))
    }

    /// A list in brackets, or a function that gives one.
    fn values(&mut self) -> Result<Vec<Operand>, Refusal> {
        if !self.take("(") {
            return match self.value()? {
                Operand::IssueHistory => Ok(vec![Operand::IssueHistory]),
                _ => Err(invalid()),
            };
        }
        let mut values = vec![self.value()?];
        while self.take(",") {
            values.push(self.value()?);
        }
        if self.take(")") { Ok(values) } else { Err(invalid()) }
    }

    fn value(&mut self) -> Result<Operand, Refusal> {
        let Token { text, quoted } = self.token()?;
        let text = text.clone();
        if *quoted {
            return Ok(Operand::Text(text));
        }
        let function = match text.to_ascii_lowercase().as_str() {
            "empty" | "null" => return Ok(Operand::Empty),
            "currentuser" => Operand::CurrentUser,
            "issuehistory" => Operand::IssueHistory,
            "(" | ")" | "," | "=" | "~" | "!=" | "!~" => return Err(invalid()),
            _ => return Ok(Operand::Text(text)),
        };
        if self.take("(") && self.take(")") { Ok(function) } else { Err(invalid()) }
    }

    /// What follows `ORDER`.
    fn order(&mut self) -> Result<Order, Refusal> {
        if !self.take("BY") {
            return Err(invalid());
        }
        let mut keys = Vec::new();
        loop {
            let key = self.next()?;
            let descending = match (self.take("DESC"), self.take("ASC")) {
                (true, false) => Some(true),
                (false, true) => Some(false),
                (false, false) => None,
                (true, true) => return Err(invalid()),
            };
            keys.push((key, descending));
            if !self.take(",") {
                return Order::of(&keys);
            }
        }
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
        "statuscategory" => Field::StatusCategory,
        "watcher" => Field::Watcher,
        "labels" => Field::Labels,
        "issuetype" | "type" => Field::IssueType,
        _ => {
            return Err(Refusal::bad_request(&format!(
                "Field '{name}' does not exist or you do not have permission to view it."
            )));
        }
    })
}
