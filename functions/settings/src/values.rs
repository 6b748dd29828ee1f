//! What a change says, in JSON or by a form: names of the catalogue and values it allows, for one scope.

use serde_json::{Map, Value};
use tandem_domain::settings::{
    CATALOGUE, Definition, MAX_TENANTS, Scope, SettingName, SettingValue, SettingValues, Values,
};
use tandem_pages::settings::{Form, Mistake, settings_of};
use tandem_runtime::ApiError;

/// Reads what is to be set in a scope; `null` is the same as not being there. The first entry that
/// the catalogue does not allow is refused with what it does allow.
pub(crate) fn parse(scope: Scope, body: &Map<String, Value>) -> Result<SettingValues, ApiError> {
    let mut values = SettingValues::default();
    for (name, value) in body {
        let name = SettingName::parse(name).ok_or_else(|| unknown(scope))?;
        let definition = name.definition();
        if !definition.scopes.contains(&scope) {
            return Err(wrong_scope(definition));
        }
        if value.is_null() {
            continue;
        }
        values.set(name, SettingValue::parse(name, value).ok_or_else(|| invalid(definition))?);
    }
    Ok(values)
}

/// Reads what a form says is to be set in a scope; or everything that is wrong with it.
pub(crate) fn of_form(
    scope: Scope,
    form: &Form,
) -> Result<SettingValues, Vec<(SettingName, Mistake)>> {
    let (mut values, mut mistakes) = (SettingValues::default(), Vec::new());
    for definition in settings_of(scope) {
        let name = definition.name;
        let read = form.meant(definition).and_then(|meant| {
            meant.map(|json| SettingValue::parse(name, &json).ok_or(Mistake::Invalid)).transpose()
        });
        match read {
            Ok(None) => {}
            Ok(Some(value)) => values.set(name, value),
            Err(mistake) => mistakes.push((name, mistake)),
        }
    }
    if mistakes.is_empty() { Ok(values) } else { Err(mistakes) }
}

/// The scope's name over HTTP.
pub(crate) fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::Instance => "instance",
        Scope::Project => "project",
        Scope::User => "user",
    }
}

fn unknown(scope: Scope) -> ApiError {
    let allowed: Vec<&str> = CATALOGUE
        .iter()
        .filter(|definition| definition.scopes.contains(&scope))
        .map(|definition| definition.name.as_str())
        .collect();
    ApiError::bad_request(
        "unknown_setting",
        format!("the settings of this scope are: {}", allowed.join(", ")),
    )
}

fn wrong_scope(definition: &Definition) -> ApiError {
    let scopes: Vec<&str> = definition.scopes.iter().copied().map(scope_name).collect();
    let name = definition.name.as_str();
    let detail = format!("{name} can be set for: {}", scopes.join(", "));
    ApiError::bad_request("wrong_scope", detail)
}

fn invalid(definition: &Definition) -> ApiError {
    let name = definition.name.as_str();
    let detail = match definition.values {
        Values::Choice(words) => format!("{name} is one of: {}", words.join(", ")),
        Values::Choices(words) => format!("{name} is a list of any of: {}", words.join(", ")),
        Values::TenantIds => format!(
            "{name} is a list of at most {MAX_TENANTS} Microsoft tenant ids, each a GUID in lower \
             case"
        ),
        Values::Hours => {
            format!("{name} is two different hours of the day such as 22-07, or off")
        }
        Values::ProjectId => format!("{name} is a project's number as a text, or none"),
        Values::IssueTypeId => format!("{name} is an issue type's number as a text, or none"),
    };
    ApiError::bad_request("invalid_value", detail)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TENANT: &str = "0e3419f7-4c4d-47e7-b98a-7b9b9de02b80";

    fn read(scope: Scope, body: &Value) -> Result<Value, (&'static str, String)> {
        parse(scope, body.as_object().unwrap())
            .map(|values| serde_json::to_value(values).unwrap())
            .map_err(|error| (error.code, error.detail))
    }

    #[test]
    fn every_value_of_the_catalogue_can_be_set_where_it_may() {
        for definition in CATALOGUE {
            let name = definition.name.as_str();
            let allowed: Vec<Value> = match definition.values {
                Values::Choice(words) => words.iter().map(|word| json!(word)).collect(),
                Values::Choices(words) => vec![json!([]), json!([words[0]]), json!(words)],
                Values::TenantIds => vec![json!([]), json!([TENANT])],
                Values::Hours => vec![json!("off"), json!("22-07")],
                Values::ProjectId | Values::IssueTypeId => vec![json!("10001")],
            };
            for scope in [Scope::Instance, Scope::Project, Scope::User] {
                for value in &allowed {
                    let outcome = read(scope, &json!({name: value}));
                    if definition.scopes.contains(&scope) {
                        assert_eq!(outcome, Ok(json!({name: value})), "{name} {scope:?}");
                    } else {
                        assert_eq!(outcome.unwrap_err().0, "wrong_scope", "{name} {scope:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_refused_is_told_what_is_allowed_and_not_repeated() {
        let ids: Vec<String> =
            (0..=MAX_TENANTS).map(|n| format!("0e3419f7-4c4d-47e7-b98a-{n:012}")).collect();
        for (scope, body, code, allowed) in [
            (
                Scope::Instance,
                json!({"colour": "zq"}),
                "unknown_setting",
                "appearance, comment_sync",
            ),
            (Scope::User, json!({"zq": 1}), "unknown_setting", "are: appearance"),
            (Scope::Instance, json!({"comment_sync": "zq"}), "invalid_value", "off, jira_to_teams"),
            (Scope::Instance, json!({"comment_sync": 1}), "invalid_value", "comment_sync is one"),
            (Scope::Instance, json!({"appearance": ["dark"]}), "invalid_value", "auto, light"),
            (Scope::Instance, json!({"restricted_comments": true}), "invalid_value", "never"),
            (Scope::Instance, json!({"secured_issues": "zq"}), "invalid_value", "never, allowed"),
            (Scope::Project, json!({"issue_updates": ["zq"]}), "invalid_value", "status, assignee"),
            (Scope::Instance, json!({"allowed_tenants": ["zq.com"]}), "invalid_value", "100"),
            (Scope::Instance, json!({"allowed_tenants": ids}), "invalid_value", "100"),
            (Scope::User, json!({"comment_sync": "off"}), "wrong_scope", "instance, project"),
            (Scope::User, json!({"comment_sync": null}), "wrong_scope", "instance, project"),
        ] {
            let (found, detail) = read(scope, &body).unwrap_err();
            assert_eq!(found, code, "{body}");
            assert!(detail.contains(allowed) && !detail.contains("zq"), "{body}: {detail}");
        }
    }

    #[test]
    fn null_is_not_there() {
        let body = json!({"appearance": null, "comment_sync": "off"});
        assert_eq!(read(Scope::Instance, &body), Ok(json!({"comment_sync": "off"})));
        assert_eq!(read(Scope::User, &json!({})), Ok(json!({})));
    }
}
