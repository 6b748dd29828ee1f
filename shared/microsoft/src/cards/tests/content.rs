//! Each card, filled with one text wherever somebody's text goes.

use std::collections::BTreeMap;

use serde_json::json;
use tandem_domain::document::Prose;
use url::Url;

use crate::cards::*;

/// What cards are filled with.
pub(super) struct Content {
    /// Every text.
    pub(super) text: String,
    /// How many entries lists have.
    pub(super) entries: usize,
}

pub(super) fn issue_view<'a>(text: &'a str, url: &'a Url) -> IssueView<'a> {
    IssueView {
        key: "TAN-4",
        url,
        summary: text,
        issue_type: Some(text),
        status: Some(text),
        status_category: Some("done"),
        priority: Some(text),
        assignee: Some(text),
        project: Some(text),
    }
}

fn page() -> Url {
    Url::parse("https://example.atlassian.net/browse/TAN-4").unwrap()
}

fn signed() -> ActionData {
    json!({"k": {"t": "i".repeat(36), "c": "19:x@thread.v2", "s": "f".repeat(86)}})
        .as_object()
        .cloned()
        .unwrap()
}

/// Every card there is, by name.
pub(super) fn cards(content: &Content) -> Vec<(&'static str, Card)> {
    let mut cards = about_issues(content);
    cards.extend(notices(content));
    cards.extend(forms(content));
    cards
}

fn about_issues(content: &Content) -> Vec<(&'static str, Card)> {
    let (url, text) = (page(), content.text.as_str());
    let view = issue_view(text, &url);
    let bare = IssueView {
        issue_type: None,
        status: None,
        status_category: None,
        priority: None,
        assignee: None,
        project: None,
        ..view
    };
    let values: Vec<_> = (0..content.entries).map(|n| n.to_string()).collect();
    let actions = IssueActions {
        data: signed(),
        assign_to_me: true,
        comment: true,
        transitions: list(content, &values).choices,
        watch: true,
        refresh: true,
        refresh_for: values.iter().map(|n| format!("29:{n}{}", "x".repeat(60))).collect(),
    };
    vec![
        ("issue", issue(&view, &actions)),
        ("bare issue", issue(&bare, &IssueActions::default())),
        ("linked", linked(&view, Some(text))),
        ("linked, no name", linked(&bare, None)),
    ]
}

fn notices(content: &Content) -> Vec<(&'static str, Card)> {
    let (url, text) = (page(), content.text.as_str());
    let pairs = vec![(text, text); content.entries];
    let buttons: Vec<_> = pairs.iter().map(|(label, _)| (*label, url.clone())).collect();
    let settled = vec![SettingView { name: text, value: text, source: text }; content.entries];
    let followed = SubscriptionView { project: text, filters: text, unsubscribe: Some(signed()) };
    let lines = vec![text; content.entries].join("\n");
    vec![
        ("notice", notice(text, &lines, &buttons)),
        ("sign in", sign_in(&url, SignInWhy::Connect)),
        ("sign in again", sign_in_in_teams(&url, SignInWhy::Again)),
        ("help", help(&pairs, Some(text))),
        ("help, plain", help(&pairs, None)),
        ("settings", settings(&settled, &url)),
        ("status", status(&pairs)),
        ("subscriptions", subscriptions(&vec![followed.clone(); content.entries])),
        (
            "subscriptions of others",
            subscriptions(&vec![
                SubscriptionView { unsubscribe: None, ..followed };
                content.entries
            ]),
        ),
    ]
}

fn list<'a>(content: &'a Content, values: &'a [String]) -> ChoiceList<'a> {
    let choice = |value: &'a String| Choice { value, title: &content.text };
    ChoiceList {
        choices: values.iter().map(choice).collect(),
        chosen: values.last().into_iter().map(String::as_str).collect(),
        dataset: Some(dataset::PEOPLE),
    }
}

fn forms(content: &Content) -> Vec<(&'static str, Card)> {
    let text = content.text.as_str();
    let values: Vec<_> = (0..content.entries).map(|n| n.to_string()).collect();
    let list = list(content, &values);
    let kinds = [
        FieldKind::Text(text),
        FieldKind::LongText(text),
        FieldKind::LongText(text),
        FieldKind::Number(text),
        FieldKind::Date(text),
        FieldKind::Choice(list.clone()),
        FieldKind::Choices(ChoiceList { dataset: None, ..list.clone() }),
    ];
    let ids: Vec<_> = (0..kinds.len()).map(|n| format!("customfield_{n}")).collect();
    let further = kinds.into_iter().zip(&ids);
    let further = further.map(|(kind, id)| FormField { id, label: text, required: true, kind });
    let messages = vec![Prose::new(text); content.entries];
    let mut named: BTreeMap<_, _> = ids.iter().map(|id| (id.clone(), Prose::new(text))).collect();
    for id in [input::PROJECT, input::SUMMARY, input::COMMENT, input::ISSUE_KEY, "unknown"] {
        named.insert(id.to_owned(), Prose::new(text));
    }
    let errors = FieldErrors { messages: &messages, fields: Some(&named) };
    let form = CreateIssueForm {
        projects: list.clone(),
        issue_types: list.clone(),
        summary: text,
        description: Some(text),
        assignees: Some(list.clone()),
        fields: further.collect(),
        errors,
        create: signed(),
        reload: Some(signed()),
    };
    let fresh = CreateIssueForm {
        description: None,
        assignees: None,
        fields: Vec::new(),
        errors: FieldErrors::default(),
        reload: None,
        ..form.clone()
    };
    let comment = CommentForm { issues: list, key: text, comment: text, errors, data: signed() };
    vec![
        ("new issue", create_issue_form(&fresh)),
        ("new issue again", create_issue_form(&form)),
        ("comment", comment_form(&comment)),
    ]
}
