//! Resource policies: kept as they were given, after their form was looked at. Nothing goes by them
//! here, since the emulation knows no callers.
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutResourcePolicy.html>

use serde_json::Value;

use super::super::wire::Fault;
use super::invalid_parameter;

/// The longest policy that a secret takes, in characters.
const LONGEST: usize = 20_480;

/// Refuses what is too long, is no policy of a resource, or, where that is asked for, lets in
/// everybody.
pub(super) fn check(policy: &str, block_public: bool) -> Result<(), Fault> {
    if !(1..=LONGEST).contains(&policy.chars().count()) {
        return Err(invalid_parameter(format!("ResourcePolicy has 1 to {LONGEST} characters.")));
    }
    let statements = statements(policy).ok_or_else(malformed)?;
    if !statements.iter().all(is_statement) {
        return Err(malformed());
    }
    if block_public && statements.iter().any(lets_in_everybody) {
        return Err(Fault::new(
            "PublicPolicyException",
            "You can't attach a resource policy that grants broad access to the secret.",
        ));
    }
    Ok(())
}

fn malformed() -> Fault {
    Fault::new("MalformedPolicyDocumentException", "This resource policy contains a syntax error.")
}

/// The statements, of which a single one need not be in a list; none where this is no policy.
fn statements(policy: &str) -> Option<Vec<Value>> {
    let mut policy: Value = serde_json::from_str(policy).ok()?;
    let known = ["Version", "Id", "Statement"];
    if !policy.as_object()?.keys().all(|name| known.contains(&name.as_str())) {
        return None;
    }
    let version = policy.get("Version").map_or(Some("2008-10-17"), Value::as_str)?;
    if !["2008-10-17", "2012-10-17"].contains(&version) {
        return None;
    }
    match policy.get_mut("Statement")?.take() {
        Value::Array(statements) if !statements.is_empty() => Some(statements),
        statement @ Value::Object(_) => Some(vec![statement]),
        _ => None,
    }
}

/// Whether it says what a statement of a resource's policy must say.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>
fn is_statement(statement: &Value) -> bool {
    let one_of = |name: &str| {
        let found = [name.to_owned(), format!("Not{name}")];
        found.iter().filter(|name| statement.get(name.as_str()).is_some()).count() == 1
    };
    matches!(statement["Effect"].as_str(), Some("Allow" | "Deny"))
        && ["Principal", "Action", "Resource"].into_iter().all(one_of)
}

/// Whether it allows something to everybody without any condition. AWS looks closer: at which
/// conditions there are.
fn lets_in_everybody(statement: &Value) -> bool {
    let principal = &statement["Principal"];
    let everybody = |principal: &Value| match principal {
        Value::Array(several) => several.iter().any(|one| one == "*"),
        one => one == "*",
    };
    statement["Effect"] == "Allow"
        && statement.get("Condition").is_none()
        && (everybody(principal) || everybody(&principal["AWS"]))
}
