use serde_json::json;

use super::*;

#[allow(clippy::needless_pass_by_value)]
fn set(name: SettingName, value: serde_json::Value) -> SettingValues {
    let mut values = SettingValues::default();
    values.set(name, SettingValue::parse(name, &value).unwrap());
    values
}

#[test]
fn the_catalogue_lists_each_name_at_its_place() {
    for (index, definition) in CATALOGUE.iter().enumerate() {
        assert_eq!(definition.name as usize, index);
        assert_eq!(SettingName::parse(definition.name.as_str()), Some(definition.name));
        let default = serde_json::to_value(SettingValue::default_of(definition.name)).unwrap();
        assert!(SettingValue::parse(definition.name, &default).is_some(), "{:?}", definition.name);
    }
}

#[test]
fn only_values_of_the_catalogue_parse() {
    let tenant = "0e3419f7-4c4d-47e7-b98a-7b9b9de02b80";
    for (name, value, allowed) in [
        (SettingName::Appearance, json!("dark"), true),
        (SettingName::Appearance, json!("Dark"), false),
        (SettingName::Appearance, json!(["dark"]), false),
        (SettingName::CommentSync, json!("jira_to_teams"), true),
        (SettingName::CommentSync, json!("teams_to_jira"), false),
        (SettingName::IssueUpdates, json!([]), true),
        (SettingName::IssueUpdates, json!(["status", "status"]), true),
        (SettingName::IssueUpdates, json!(["summary"]), false),
        (SettingName::NotifyWatched, json!("on"), true),
        (SettingName::NotifyWatched, json!(true), false),
        (SettingName::QuietHours, json!("22-07"), true),
        (SettingName::QuietHours, json!("late"), false),
        (SettingName::LastProject, json!("10001"), true),
        (SettingName::LastProject, json!("DEMO"), false),
        (SettingName::LastIssueType, json!("Bug"), false),
        (SettingName::AllowedTenants, json!([tenant]), true),
        (SettingName::AllowedTenants, json!(["contoso.com"]), false),
        (SettingName::AllowedTenants, json!(tenant), false),
        (SettingName::AllowedTenants, json!(null), false),
    ] {
        assert_eq!(SettingValue::parse(name, &value).is_some(), allowed, "{name:?} {value}");
    }
}

#[test]
fn the_nearest_scope_wins() {
    let name = SettingName::CommentSync;
    let mut settings = EffectiveSettings::default();
    assert_eq!(
        (settings.comment_sync(), settings.get(name).1),
        (CommentSync::Both, Source::Default)
    );
    settings.instance = set(name, json!("off"));
    assert_eq!(
        (settings.comment_sync(), settings.get(name).1),
        (CommentSync::Off, Source::Instance)
    );
    settings.project = set(name, json!("jira_to_teams"));
    assert_eq!(settings.comment_sync(), CommentSync::JiraToTeams);
    assert_eq!(settings.get(name).1, Source::Project);
}

#[test]
fn a_value_in_a_scope_that_does_not_count_is_passed_over() {
    let settings = EffectiveSettings {
        user: set(SettingName::RestrictedComments, json!("allowed")),
        project: set(SettingName::SecuredIssues, json!("allowed")),
        ..EffectiveSettings::default()
    };
    assert!(!settings.restricted_comments_allowed());
    assert!(!settings.secured_issues_allowed());
}

#[test]
fn an_empty_list_of_tenants_allows_all_and_any_other_only_its_own() {
    let ours = TenantId::parse("0e3419f7-4c4d-47e7-b98a-7b9b9de02b80").unwrap();
    let other = TenantId::parse("0c60ce18-654d-441a-badf-14404098f38e").unwrap();
    let mut settings = EffectiveSettings::default();
    assert!(settings.tenant_allowed(&other));
    settings.instance = set(SettingName::AllowedTenants, json!([ours.as_str()]));
    assert!(settings.tenant_allowed(&ours));
    assert!(!settings.tenant_allowed(&other));
}

#[test]
fn stored_values_come_back_and_unknown_ones_are_passed_over() {
    let values = set(SettingName::IssueUpdates, json!(["priority", "status"]));
    let stored = serde_json::to_value(&values).unwrap();
    assert_eq!(stored, json!({"issue_updates": ["status", "priority"]}));
    assert_eq!(serde_json::from_value::<SettingValues>(stored).unwrap(), values);
    let odd = json!({"issue_updates": ["summary"], "gone": "x", "appearance": "dark"});
    let read: SettingValues = serde_json::from_value(odd).unwrap();
    assert_eq!(read, set(SettingName::Appearance, json!("dark")));
}

#[test]
fn what_differs_is_told_from_either_side() {
    let mut before = set(SettingName::Appearance, json!("dark"));
    before.set(SettingName::CommentSync, SettingValue::Choice("off"));
    before.set(SettingName::SecuredIssues, SettingValue::Choice("never"));
    let mut after = set(SettingName::CommentSync, json!("both"));
    after.set(SettingName::SecuredIssues, SettingValue::Choice("never"));
    after.set(SettingName::RestrictedComments, SettingValue::Choice("allowed"));
    let of = |values: SettingValues| serde_json::to_value(values).unwrap();
    assert_eq!(of(before.unlike(&after)), json!({"appearance": "dark", "comment_sync": "off"}));
    assert_eq!(
        of(after.unlike(&before)),
        json!({"comment_sync": "both", "restricted_comments": "allowed"})
    );
    assert!(after.unlike(&after).is_empty());
}
