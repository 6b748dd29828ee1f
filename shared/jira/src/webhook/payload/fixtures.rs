//! Every captured webhook, Cloud's and Server's.

use std::collections::BTreeMap;

use super::*;
use crate::fake::shared_dir;

const FOLDER: &str = "fixtures/jira/mattermost-plugin-jira/server/testdata";

/// Named for Cloud, but captured from a Server: their users have no account ids.
const SERVER_DESPITE_THE_NAME: [&str; 2] = [
    "webhook-issue-comment-created-indentation.json",
    "webhook-issue-updated-assigned-on-server.json",
];

/// Named for Server, but made from Cloud payloads: links to `atlassian.net`, users with account
/// ids. They differ from Cloud's by nothing but the absent `issue_event_type_name`.
const CLOUD_DESPITE_THE_NAME: [&str; 2] = [
    "webhook-server-old-issue-updated-no-event-type-assigned.json",
    "webhook-server-old-issue-updated-no-event-type-edited.json",
];

fn is_cloud(name: &str) -> bool {
    CLOUD_DESPITE_THE_NAME.contains(&name)
        || !name.starts_with("webhook-server-") && !SERVER_DESPITE_THE_NAME.contains(&name)
}

fn told(event: Option<&Event>) -> &'static str {
    match event.map(|event| &event.kind) {
        None => "nothing to do",
        Some(EventKind::CommentCreated(_)) => "comment created",
        Some(EventKind::CommentUpdated(_)) => "comment updated",
        Some(EventKind::CommentDeleted { .. }) => "comment deleted",
        Some(EventKind::IssueCreated { .. }) => "issue created",
        Some(EventKind::IssueUpdated { .. }) => "issue updated",
        Some(EventKind::IssueDeleted { .. }) => "issue deleted",
        Some(EventKind::ProjectDeleted { .. }) => "project deleted",
        Some(EventKind::UserDeleted { .. }) => "user deleted",
    }
}

#[test]
fn clouds_webhooks_parse_and_servers_are_refused() {
    let Some(files) = shared_dir(FOLDER) else { return };
    let mut counts = BTreeMap::<&str, usize>::new();
    for (name, body) in files.iter().filter(|(name, _)| name.starts_with("webhook-")) {
        let outcome = parse(body);
        if is_cloud(name) {
            let event = outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
            let event = event.unwrap_or_else(|| panic!("{name}: no event"));
            assert!(
                matches!(&event.site, SiteRef::Host(host) if host.as_str().ends_with(".atlassian.net")),
                "{name}"
            );
            *counts.entry(told(Some(&event))).or_default() += 1;
        } else {
            assert_eq!(outcome, Err(PayloadError::ServerPayload), "{name}");
            *counts.entry("refused: of Jira Server").or_default() += 1;
        }
    }
    eprintln!("captured webhooks: {counts:?}");
    let expected = [
        ("comment created", 2),
        ("comment deleted", 1),
        ("comment updated", 1),
        ("issue created", 6),
        ("issue deleted", 1),
        ("issue updated", 24),
        ("refused: of Jira Server", 20),
    ];
    assert_eq!(counts, BTreeMap::from(expected));
}

#[test]
fn the_changes_of_captured_updates_are_found() {
    let Some(files) = shared_dir(FOLDER) else { return };
    for (name, expected) in [
        ("webhook-issue-updated-assigned.json", &[ChangedField::Assignee][..]),
        ("webhook-issue-updated-assigned-nobody.json", &[ChangedField::Assignee]),
        ("webhook-issue-updated-multiple-values.json", &[ChangedField::Assignee]),
        ("webhook-issue-updated-raised-priority.json", &[ChangedField::Priority]),
        ("webhook-issue-updated-resolved.json", &[ChangedField::Status]),
        ("webhook-issue-updated-started-working.json", &[ChangedField::Status]),
        ("webhook-issue-updated-renamed.json", &[]),
        ("webhook-issue-assigned-empty-changelog.json", &[]),
    ] {
        let Ok(Some(event)) = parse(&files[name]) else { panic!("{name}") };
        let EventKind::IssueUpdated { changes, .. } = event.kind else { panic!("{name}") };
        assert_eq!(changes, expected, "{name}");
    }
}
