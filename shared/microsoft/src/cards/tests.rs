//! Every card against the published schema, with ordinary, empty, hostile and huge content.

mod content;
mod schema;

use serde_json::{Value, json};
use tandem_domain::document::Prose;
use url::Url;

use super::*;
use content::{Content, cards};
use schema::Schema;

const HOSTILE: &str = "**b** [x](https://evil.example) ![i](http://e/i.png) <at>Ann</at>\n\
    # h\n- l {{DATE(2026-01-02T03:04:05Z, SHORT)}} ${a} `c` &lt;at&gt; \\[y](z) \"q\" \u{202e}\u{0}";

fn contents() -> [(&'static str, Content); 4] {
    let huge = "日\"\\*_[x](y)".repeat(1500);
    [
        ("ordinary", Content { text: "Login fails on Safari".to_owned(), entries: 3 }),
        ("empty", Content { text: String::new(), entries: 0 }),
        ("hostile", Content { text: HOSTILE.to_owned(), entries: 3 }),
        ("huge", Content { text: huge, entries: 300 }),
    ]
}

/// Calls `visit` for every object in a card, the card included.
fn each_object(value: &Value, visit: &mut impl FnMut(&Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            visit(object);
            object.values().for_each(|value| each_object(value, visit));
        }
        Value::Array(values) => values.iter().for_each(|value| each_object(value, visit)),
        _ => {}
    }
}

fn of_type<'a>(object: &'a Map<String, Value>, prefix: &str) -> Option<&'a str> {
    object.get("type")?.as_str().filter(|name| name.starts_with(prefix))
}

#[test]
fn every_card_fits_the_published_schema() {
    let Some(schema) = Schema::load() else { return };
    for (kind, content) in contents() {
        for (name, card) in cards(&content) {
            let faults = schema.faults(&card.into_json());
            assert!(faults.is_empty(), "{kind} {name}: {faults:?}");
        }
    }
}

#[test]
fn every_card_is_of_the_version_of_teams_and_small_enough() {
    for (kind, content) in contents() {
        for (name, card) in cards(&content) {
            assert!(card.bytes() <= MAX_BYTES, "{kind} {name}: {}", card.bytes());
            let card = card.into_json();
            assert_eq!(card["type"], "AdaptiveCard", "{kind} {name}");
            assert_eq!(card["version"], "1.5", "{kind} {name}");
        }
    }
}

#[test]
fn a_card_does_not_print_its_content() {
    for (_, content) in contents() {
        for (_, card) in cards(&content) {
            assert_eq!(format!("{card:?}"), format!("Card({} bytes)", card.bytes()));
        }
    }
}

#[test]
fn inputs_have_a_label_and_an_id_of_their_own() {
    for (kind, content) in contents() {
        for (name, card) in cards(&content) {
            let mut ids = Vec::new();
            each_object(&card.into_json(), &mut |object| {
                if of_type(object, "Input.").is_some() {
                    assert_ne!(object["label"].as_str().unwrap_or_default(), "", "{kind} {name}");
                    ids.push(object["id"].as_str().unwrap().to_owned());
                }
            });
            let count = ids.len();
            ids.sort();
            ids.dedup();
            assert_eq!(ids.len(), count, "{kind} {name}");
        }
    }
}

#[test]
fn what_is_chosen_is_among_the_choices() {
    for (kind, content) in contents() {
        for (name, card) in cards(&content) {
            each_object(&card.into_json(), &mut |object| {
                if of_type(object, "Input.ChoiceSet").is_none() {
                    return;
                }
                let chosen = object.get("value").and_then(Value::as_str).unwrap_or_default();
                let choices = object["choices"].as_array().unwrap();
                for value in chosen.split(',').filter(|value| !value.is_empty()) {
                    let found = choices.iter().any(|choice| choice["value"] == value);
                    assert!(found, "{kind} {name}: {value}");
                }
            });
        }
    }
}

#[test]
fn what_people_wrote_is_never_markup() {
    let content = Content { text: HOSTILE.to_owned(), entries: 3 };
    for (name, card) in cards(&content) {
        each_object(&card.into_json(), &mut |object| {
            let read = match object.get("type").and_then(Value::as_str) {
                Some("TextBlock") => vec![&object["text"]],
                None if object.contains_key("title") && !object.contains_key("text") => {
                    vec![&object["title"], &object["value"]]
                }
                _ => vec![],
            };
            for text in read.into_iter().filter_map(Value::as_str) {
                assert!(!text.contains("{{DATE"), "{name}: {text}");
                assert!(!text.contains('\u{202e}') && !text.contains('\n'), "{name}: {text}");
            }
            if object.get("type").is_some_and(|name| name == "TextBlock") {
                let text = object["text"].as_str().unwrap();
                for never in ["](", " **", " <at>", "\\\\[y](", " `", " &lt"] {
                    assert!(!text.contains(never), "{name}: {never} in {text}");
                }
            }
        });
    }
}

#[test]
fn a_page_that_is_not_of_the_web_gets_no_button() {
    let url = Url::parse("javascript:alert(1)").unwrap();
    let card = notice("t", "x", &[("open", url.clone())]).into_json();
    assert_eq!(card.get("actions"), None);
    let card = sign_in(&url, SignInWhy::Connect).into_json();
    assert_eq!(card.get("actions"), None);
}

#[test]
fn an_issue_offers_what_its_actions_say() {
    let data = json!({"k": "signed"});
    let url = Url::parse("https://example.atlassian.net/browse/TAN-4").unwrap();
    let view = content::issue_view("Login fails", &url);
    let actions = IssueActions {
        data: data.as_object().unwrap().clone(),
        assign_to_me: true,
        comment: true,
        transitions: vec![Choice { value: "31", title: "Done" }],
        watch: true,
        refresh: true,
        refresh_for: (0..70).map(|n| format!("29:{n}")).collect(),
    };
    let card = issue(&view, &actions).into_json();
    let offered: Vec<_> = card["actions"].as_array().unwrap().iter().collect();
    let titles: Vec<_> = offered.iter().map(|action| action["title"].as_str().unwrap()).collect();
    let all = ["Assign to me", "Comment", "Change status", "Open in Jira", "Watch", "Refresh"];
    assert_eq!(titles, all);
    let mut verbs = Vec::new();
    each_object(&card, &mut |object| {
        if of_type(object, "Action.Execute").is_some() {
            assert_eq!(object["data"], data);
            verbs.push(object["verb"].as_str().unwrap().to_owned());
        }
    });
    verbs.sort();
    assert_eq!(verbs, ["assignToMe", "comment", "refresh", "refresh", "transition", "watch"]);
    assert_eq!(card["refresh"]["userIds"].as_array().unwrap().len(), 60);

    let card = issue(&view, &IssueActions::default()).into_json();
    assert_eq!(card["actions"].as_array().unwrap().len(), 1);
    assert_eq!(card["actions"][0]["url"], url.as_str());
    assert_eq!(card.get("refresh"), None);
}

#[test]
fn a_form_comes_back_with_what_was_typed_and_what_is_wrong() {
    let errors = [("summary", "Too vague."), ("labels", "No such field here.")];
    let errors = errors.map(|(id, text)| (id.to_owned(), Prose::new(text))).into();
    let messages = [Prose::new("Jira is *read only*.")];
    let form = CreateIssueForm {
        projects: ChoiceList {
            choices: vec![Choice { value: "10000", title: "Tandem (TAN)" }],
            chosen: vec!["10000"],
            dataset: Some(dataset::PROJECTS),
        },
        issue_types: ChoiceList::default(),
        summary: "It **breaks**",
        description: Some("one\ntwo"),
        assignees: None,
        fields: vec![FormField {
            id: "customfield_10010",
            label: "Points",
            required: true,
            kind: FieldKind::Number("5"),
        }],
        errors: FieldErrors { messages: &messages, fields: Some(&errors) },
        create: ActionData::new(),
        reload: None,
    };
    let card = create_issue_form(&form).into_json();
    let body = card["body"].as_array().unwrap();
    let general = &body[0]["items"];
    assert_eq!(general[0]["text"], r"Jira is \*read only\*.");
    assert_eq!(general[1]["text"], "No such field here.");
    assert_eq!(
        body[1]["choices.data"],
        json!({"type": "Data.Query", "dataset": "projects", "associatedInputs": "auto"})
    );
    assert_eq!(body[1]["value"], "10000");
    assert_eq!((&body[3]["id"], &body[3]["value"]), (&json!("summary"), &json!("It **breaks**")));
    assert_eq!(body[3]["maxLength"], 255);
    assert_eq!((&body[4]["text"], &body[4]["color"]), (&json!("Too vague."), &json!("attention")));
    assert_eq!(body[5]["value"], "one\ntwo");
    assert_eq!((&body[6]["value"], &body[6]["isRequired"]), (&json!(5.0), &json!(true)));

    let form = CreateIssueForm { reload: Some(ActionData::new()), ..form };
    let card = create_issue_form(&form).into_json();
    assert_eq!(card["body"][6]["label"], "Points (required)");
    assert_eq!(card["body"][6].get("isRequired"), None);
    assert_eq!(card["actions"].as_array().unwrap().len(), 2);
}

/// What a client lets somebody type is never more than what the form shows again.
#[test]
fn nothing_typed_is_lost_when_a_form_is_shown_again() {
    let content = Content { text: "日".repeat(10_000), entries: 12 };
    for (name, card) in cards(&content) {
        each_object(&card.into_json(), &mut |object| {
            if let Some(value) = object.get("value").and_then(Value::as_str)
                && let Some(most) = object.get("maxLength").and_then(Value::as_u64)
            {
                let units = value.encode_utf16().count() as u64;
                assert_eq!(units, most, "{name}: {}", object["id"]);
            }
        });
    }
}

#[test]
fn a_preview_is_a_thumbnail_without_markup() {
    let url = Url::parse("https://example.atlassian.net/browse/TAN-4").unwrap();
    let view = content::issue_view("<b>a</b> & [x](y)", &url);
    let view = IssueView { status: Some("<i>Done</i>"), ..view };
    let shown = preview(&view);
    assert_eq!(shown["contentType"], "application/vnd.microsoft.card.thumbnail");
    assert_eq!(shown["content"]["title"], "TAN-4: <b>a</b> & [x](y)");
    let text = shown["content"]["text"].as_str().unwrap();
    assert!(text.starts_with("&lt;i&gt;Done&lt;/i&gt; · "), "{text}");

    let card = issue(&view, &IssueActions::default());
    let result = attachment_with_preview(&card, &shown);
    assert_eq!(result["content"], card.attachment()["content"]);
    assert_eq!(result["preview"], shown);
}
