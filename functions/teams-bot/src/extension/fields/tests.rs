use serde_json::json;
use tandem_jira::client::{ChoiceOption, FieldId, OptionId};

use super::*;

fn field(id: &str, required: bool, kind: FieldKind) -> CreateField {
    CreateField {
        field_id: FieldId::parse(id).unwrap(),
        name: Prose::new(&format!("Name of {id}")),
        required,
        has_default: false,
        kind,
    }
}

fn options(ids: &[&str], multiple: bool) -> FieldKind {
    let option =
        |id: &&str| ChoiceOption { id: OptionId::parse(id).unwrap(), name: Prose::new(id) };
    FieldKind::Choice { options: ids.iter().map(option).collect(), multiple }
}

fn screen() -> Vec<CreateField> {
    let mut with_default = field("customfield_9", true, FieldKind::Text);
    with_default.has_default = true;
    vec![
        field("summary", true, FieldKind::Text),
        field("description", false, FieldKind::LongText),
        field("assignee", false, FieldKind::User),
        field("customfield_1", true, options(&["71", "72"], false)),
        field("customfield_2", true, options(&["81", "82", "83"], true)),
        field("customfield_3", true, FieldKind::Number),
        field("customfield_4", true, FieldKind::Date),
        field("customfield_5", false, FieldKind::Text),
        with_default,
    ]
}

#[test]
fn what_is_demanded_is_asked_for_and_sent_as_jira_wants_it() {
    let screen = screen();
    let draft = Draft::of(&[
        ("summary", " The lamp\nflickers "),
        ("description", "not a value of its own"),
        ("assignee", "712020:0e9f-11"),
        ("customfield_1", "72"),
        ("customfield_2", "81,83"),
        ("customfield_3", "2.5"),
        ("customfield_4", "2026-02-03"),
        ("customfield_5", "was not asked for"),
    ]);
    let mut wrong = FieldErrors::default();
    let values = values(&screen, &draft, &mut wrong);
    assert!(is_fine(&wrong), "{wrong:?}");
    assert_eq!(
        Value::Object(values),
        json!({
            "summary": "The lamp flickers",
            "assignee": {"accountId": "712020:0e9f-11"},
            "customfield_1": {"id": "72"},
            "customfield_2": [{"id": "81"}, {"id": "83"}],
            "customfield_3": 2.5,
            "customfield_4": "2026-02-03",
        })
    );
    let asked = further(&screen).filter_map(|it| form_field(it, &draft, &[]));
    let ids: Vec<&str> = asked.map(|it| it.id).collect();
    assert_eq!(ids, ["customfield_1", "customfield_2", "customfield_3", "customfield_4"]);
}

#[test]
fn what_is_missing_or_does_not_fit_is_said_at_its_field() {
    let draft = Draft::of(&[("customfield_1", "99"), ("customfield_3", "many")]);
    let mut wrong = FieldErrors::default();
    values(&screen(), &draft, &mut wrong);
    let said: Vec<(&str, &str)> =
        wrong.fields.iter().map(|(id, text)| (id.as_str(), text.as_str())).collect();
    assert_eq!(
        said,
        [
            ("customfield_1", texts::NOT_VALID),
            ("customfield_2", texts::MISSING),
            ("customfield_3", texts::NOT_VALID),
            ("customfield_4", texts::MISSING),
            ("summary", texts::MISSING),
        ]
    );
}

#[test]
fn what_a_card_cannot_ask_for_is_known() {
    for (kind, askable) in [
        (FieldKind::Unsupported, false),
        (FieldKind::DateTime, false),
        (options(&[], false), false),
        (options(&["1"], true), true),
        (FieldKind::User, true),
        (FieldKind::Labels, true),
    ] {
        let demanded = [field("customfield_1", true, kind.clone())];
        assert_eq!(not_askable(&demanded).is_empty(), askable, "{kind:?}");
        let left = [field("customfield_1", false, kind.clone())];
        assert!(not_askable(&left).is_empty(), "{kind:?}");
    }
}

#[test]
fn a_choice_is_kept_only_if_there_is_such_a_one() {
    let named = [Named::new("1", "One"), Named::new("2", "Two")];
    for (chosen, kept) in [("2", &["2"][..]), ("3", &[]), ("", &[])] {
        assert_eq!(list(&named, chosen, None).chosen, kept, "{chosen}");
    }
}
