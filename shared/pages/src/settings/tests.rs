use serde_json::json;
use tandem_domain::{
    AccountId, CloudId, Timestamp,
    settings::{SettingValue, SettingValues},
};
use tandem_store::SettingChange;

use super::*;
use crate::layout::Here;

const SCOPES: [Scope; 3] = [Scope::Instance, Scope::Project, Scope::User];

fn page(
    scope: Scope,
    settings: &EffectiveSettings,
    form: &Form,
    mistakes: &[(SettingName, Mistake)],
) -> SettingsPage<'static> {
    SettingsPage {
        layout: Layout::inside(settings, Here::SiteSettings),
        scope,
        project: None,
        path: "/site/settings",
        csrf: Some("a-token"),
        version: 3,
        fields: fields(scope, settings, form, mistakes),
        outcome: if mistakes.is_empty() { Outcome::None } else { Outcome::Invalid },
        history: None,
    }
}

fn set(name: SettingName, value: &serde_json::Value) -> SettingValues {
    let mut values = SettingValues::default();
    values.set(name, SettingValue::parse(name, value).unwrap());
    values
}

#[test]
fn every_page_stands_alone_and_has_a_control_for_each_setting() {
    for scope in SCOPES {
        let form = Form::default();
        let written = page(scope, &EffectiveSettings::default(), &form, &[]).render().unwrap();
        crate::testing::assert_stands_alone(&written);
        for definition in settings_of(scope) {
            let name = definition.name.as_str();
            assert!(written.contains(&format!(" name=\"{name}\"")), "{name}");
            assert!(written.contains(&format!("id=\"{name}-about\"")), "{name}");
            assert!(written.contains(definition.meaning), "{name}");
        }
        let all = settings_of(scope).map(|it| (it.name, Mistake::Invalid)).collect::<Vec<_>>();
        let wrong = page(scope, &EffectiveSettings::default(), &form, &all).render().unwrap();
        crate::testing::assert_stands_alone(&wrong);
        assert_eq!(wrong.matches("-wrong\" class=\"bad\"").count(), all.len());
        let read = page(scope, &EffectiveSettings::default(), &form, &[]);
        let read = SettingsPage { csrf: None, ..read }.render().unwrap();
        crate::testing::assert_stands_alone(&read);
        assert!(!read.contains("<form") && read.contains(read_reason(scope)), "{read}");
    }
}

fn read_reason(scope: Scope) -> &'static str {
    if scope == Scope::Project { TEXTS.only_project_admins } else { TEXTS.only_site_admins }
}

#[test]
fn a_setting_says_what_holds_and_what_would_hold_otherwise() {
    let name = SettingName::CommentSync;
    let settings = EffectiveSettings {
        instance: set(name, &json!("off")),
        project: set(name, &json!("jira_to_teams")),
        ..EffectiveSettings::default()
    };
    let form = Form::of(settings_of(Scope::Project), &settings.project);
    let written = page(Scope::Project, &settings, &form, &[]).render().unwrap();
    for part in [
        "<strong>jira to teams</strong> (set for the project)",
        "If not set here: off (set for the site).",
        "<option value=\"jira_to_teams\" selected>jira to teams</option>",
        "Not set here (then: off)</option>",
        "<input type=\"hidden\" name=\"version\" value=\"3\">",
    ] {
        assert!(written.contains(part), "{part} in {written}");
    }
}

#[test]
fn what_was_typed_is_kept_and_shown_not_run() {
    let typed = "</textarea><script>alert(1)</script>";
    let form = Form::sent(vec![
        ("allowed_tenants".to_owned(), typed.to_owned()),
        ("issue_updates".to_owned(), "priority".to_owned()),
        ("issue_updates-unset".to_owned(), "unset".to_owned()),
    ]);
    let mistakes = [
        (SettingName::AllowedTenants, Mistake::Invalid),
        (SettingName::IssueUpdates, Mistake::Both),
    ];
    let written = page(Scope::Instance, &EffectiveSettings::default(), &form, &mistakes);
    let written = written.render().unwrap();
    crate::testing::assert_stands_alone(&written);
    for part in [
        "&#60;/textarea&#62;&#60;script&#62;alert(1)",
        "value=\"priority\" checked aria-invalid=\"true\"",
        "value=\"unset\" checked aria-invalid=\"true\"",
        "aria-describedby=\"allowed_tenants-about allowed_tenants-holds allowed_tenants-wrong\" \
         aria-invalid=\"true\"",
        "<li><a href=\"#allowed_tenants\">Allowed tenants</a>: Write Microsoft tenant ids",
        "<div class=\"notice bad\" role=\"alert\">",
    ] {
        assert!(written.contains(part), "{part} in {written}");
    }
}

#[test]
fn hours_are_two_choices() {
    let settings = EffectiveSettings {
        user: set(SettingName::QuietHours, &json!("22-07")),
        ..EffectiveSettings::default()
    };
    let form = Form::of(settings_of(Scope::User), &settings.user);
    let written = page(Scope::User, &settings, &form, &[]).render().unwrap();
    assert!(written.contains("<option value=\"22\" selected>22:00</option>"), "{written}");
    assert!(written.contains("<option value=\"07\" selected>07:00</option>"), "{written}");
}

#[test]
fn changes_are_listed_one_setting_a_row() {
    let mut after = set(SettingName::CommentSync, &json!("off"));
    after.set(SettingName::IssueUpdates, SettingValue::Choices(vec![]));
    let change = SettingChange {
        cloud_id: CloudId::parse("11223344-a1b2-4b33-8444-def123456789").unwrap(),
        project_id: None,
        version: 2,
        before: set(SettingName::Appearance, &json!("dark")),
        after,
        changed_by: Some(AccountId::parse("712020:1").unwrap()),
        changed_at: Timestamp::parse("2026-11-27T11:30:00Z").unwrap(),
    };
    let nameless = SettingChange { changed_by: None, ..change.clone() };
    let history = History::of(&[change, nameless], None, "/site/settings", true);
    let settings = EffectiveSettings::default();
    let written = page(Scope::Instance, &settings, &Form::default(), &[]);
    let written = SettingsPage { history: Some(history), ..written }.render().unwrap();
    crate::testing::assert_stands_alone(&written);
    for part in [
        "<time datetime=\"2026-11-27T11:30:00Z\">2026-11-27 11:30</time></td>\
         <td><code>712020:1</code></td><td>Appearance</td><td>dark</td><td>Not set here</td>",
        "<td>Comment sync</td><td>Not set here</td><td>off</td>",
        "<td>Issue updates</td><td>Not set here</td><td>none</td>",
        TEXTS.erased,
    ] {
        assert!(written.contains(part), "{part} in {written}");
    }
    assert_eq!(written.matches("<tr>").count(), 1 + 6);
}

#[test]
fn projects_are_links_and_their_names_are_not_run() {
    let page = ProjectsPage {
        layout: Layout::inside(&EffectiveSettings::default(), Here::Projects),
        query: "\"><script>",
        projects: vec![ProjectView { id: "10000", key: "DEMO", name: "<script>" }],
        more: true,
    };
    let written = page.render().unwrap();
    crate::testing::assert_stands_alone(&written);
    assert!(written.contains("href=\"/site/projects/10000/settings\">&#60;script&#62;</a>"));
    let none = ProjectsPage { projects: vec![], more: false, ..page }.render().unwrap();
    crate::testing::assert_stands_alone(&none);
    assert!(none.contains(TEXTS.no_projects));
}
