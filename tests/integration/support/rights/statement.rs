//! IAM, as far as the template uses it: statements that allow or deny, resource patterns, and the
//! conditions that occur. Whatever else a policy may say is not skipped but an error.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use std::collections::BTreeMap;

use serde_json::Value;

use super::text::{one_or_more, text_of};

/// One call, in the terms of IAM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Such as `dynamodb:GetItem`.
    pub action: String,
    /// The ARN of what it is done to.
    pub resource: String,
    /// The condition keys that it carries.
    pub context: BTreeMap<String, Vec<String>>,
}

/// A statement of a policy.
#[derive(Debug)]
pub struct Statement {
    pub sid: String,
    pub allows: bool,
    /// Of a policy that lies at a resource: whom it speaks of.
    pub principals: Vec<String>,
    pub actions: Vec<String>,
    pub resources: Vec<String>,
    pub conditions: Vec<Condition>,
}

/// A condition: a key's values against those that are written down.
#[derive(Debug)]
pub struct Condition {
    /// Of how many values of the key it must hold.
    many: Many,
    test: Test,
    pub key: String,
    pub values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Many {
    /// The key has one value.
    One,
    /// All of them; also where there is none.
    All,
    /// At least one.
    Any,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Test {
    Equals,
    Like,
    NotEquals,
    NotLike,
    Null,
}

/// The members that a statement may have here.
const MEMBERS: [&str; 6] = ["Sid", "Effect", "Principal", "Action", "Resource", "Condition"];

/// Condition keys that this knows the values of. One that a call does not carry is absent.
const KEYS: [&str; 6] = [
    "aws:PrincipalArn",
    "dynamodb:LeadingKeys",
    "kms:CallerAccount",
    "kms:EncryptionContext:",
    "kms:EncryptionContextKeys",
    "kms:ViaService",
];

impl Statement {
    /// Reads a statement of the template.
    pub fn read(template: &Value, statement: &Value) -> Self {
        let members = statement.as_object().unwrap().keys();
        for member in members {
            assert!(MEMBERS.contains(&member.as_str()), "a statement with {member}: {statement}");
        }
        let list = |of: &Value| -> Vec<String> {
            one_or_more(of).into_iter().map(|it| text_of(template, it)).collect()
        };
        let effect = statement["Effect"].as_str().unwrap();
        assert!(["Allow", "Deny"].contains(&effect), "{statement}");
        let principals = match &statement["Principal"] {
            Value::Object(of) => of.values().flat_map(list).collect(),
            of => list(of),
        };
        let conditions = statement["Condition"].as_object().into_iter().flatten();
        let conditions = conditions.flat_map(|(operator, keys)| {
            let keys = keys.as_object().unwrap().iter();
            keys.map(move |(key, values)| Condition::read(operator, key, list(values)))
        });
        Self {
            sid: statement["Sid"].as_str().unwrap_or_default().to_owned(),
            allows: effect == "Allow",
            principals,
            actions: list(&statement["Action"]),
            resources: list(&statement["Resource"]),
            conditions: conditions.collect(),
        }
    }

    /// Whether it denies an access, whatever else allows it.
    pub fn denies(&self, access: &Access) -> bool {
        !self.allows && self.covers(access).is_some()
    }

    /// Which action and which resource of the statement an access falls under, if its conditions
    /// hold.
    pub fn covers(&self, access: &Access) -> Option<(&str, &str)> {
        let action = self.actions.iter().find(|pattern| like(pattern, &access.action))?;
        let resource = self.resources.iter().find(|pattern| like(pattern, &access.resource))?;
        let held = self.conditions.iter().all(|condition| condition.holds(&access.context));
        held.then_some((action.as_str(), resource.as_str()))
    }
}

impl Condition {
    fn read(operator: &str, key: &str, values: Vec<String>) -> Self {
        let (many, name) = match operator.split_once(':') {
            None => (Many::One, operator),
            Some(("ForAllValues", name)) => (Many::All, name),
            Some(("ForAnyValue", name)) => (Many::Any, name),
            Some(_) => panic!("the operator {operator} is not known here"),
        };
        let test = match name {
            "StringEquals" | "ArnEquals" => Test::Equals,
            "StringLike" | "ArnLike" => Test::Like,
            "StringNotEquals" | "ArnNotEquals" => Test::NotEquals,
            "StringNotLike" | "ArnNotLike" => Test::NotLike,
            "Null" => Test::Null,
            _ => panic!("the operator {operator} is not known here"),
        };
        Self { many, test, key: key.to_owned(), values }
    }

    /// Whether it holds of what a call carries.
    fn holds(&self, context: &BTreeMap<String, Vec<String>>) -> bool {
        let known = KEYS.iter().any(|key| match key.strip_suffix(':') {
            Some(_) => self.key.starts_with(key),
            None => self.key == *key,
        });
        assert!(known, "the condition key {} is not known here", self.key);
        let given = context.get(&self.key).map_or(&[][..], Vec::as_slice);
        if self.test == Test::Null {
            return self.values == [if given.is_empty() { "true" } else { "false" }];
        }
        let mut each = given.iter().map(|value| self.holds_of(value));
        match self.many {
            Many::One if given.is_empty() => self.is_negated(),
            Many::One | Many::All => each.all(|held| held),
            Many::Any => each.any(|held| held),
        }
    }

    fn holds_of(&self, value: &str) -> bool {
        let found = self.values.iter().any(|wanted| self.admits(wanted, value));
        found != self.is_negated()
    }

    /// Whether one of the values that are written down is met by a value of a call.
    pub fn admits(&self, wanted: &str, value: &str) -> bool {
        match self.test {
            Test::Equals | Test::NotEquals => wanted == value,
            Test::Like | Test::NotLike => like(wanted, value),
            Test::Null => false,
        }
    }

    fn is_negated(&self) -> bool {
        matches!(self.test, Test::NotEquals | Test::NotLike)
    }

    /// Whether each of its values lets something in.
    pub fn is_list(&self) -> bool {
        matches!(self.test, Test::Equals | Test::Like) && self.values.len() > 1
    }
}

/// Whether a text fits a pattern, in which `*` stands for any text and `?` for any one character.
pub fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut seen) = (0, 0);
    // Where the last star was, and how far the text was taken for it.
    let mut star: Option<(usize, usize)> = None;
    while seen < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(one) if *one == b'?' || *one == text[seen] => (at, seen) = (at + 1, seen + 1),
            _ => {
                let Some((before, taken)) = star else { return false };
                star = Some((before, taken + 1));
                (at, seen) = (before + 1, taken + 1);
            }
        }
    }
    pattern[at..].iter().all(|rest| *rest == b'*')
}
