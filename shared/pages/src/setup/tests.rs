use tandem_domain::{Timestamp, settings::EffectiveSettings};

use super::*;
use crate::{layout::Here, time::moment};

const ASKED: &[&str] = &["read:jira-work", "offline_access"];

fn page(marks: Option<&Marks>) -> String {
    let addresses = Addresses {
        public: "https://tandem.example.com",
        atlassian_callback: "https://tandem.example.com/a",
        microsoft_callback: "https://tandem.example.com/m",
        atlassian_scopes: ASKED,
        microsoft_scopes: &["Chat.Create"],
        secret_prefix: "pilot",
    };
    let layout = match marks {
        None => Layout::outside(),
        Some(_) => Layout::inside(&EffectiveSettings::default(), Here::Elsewhere),
    };
    SetupPage::new(layout, &addresses, marks).render().unwrap()
}

fn marks() -> Marks {
    Marks {
        cloud_id: "the-cloud".to_owned(),
        installed: Mark::Done(None),
        webhook: Mark::Done(Some(moment(Timestamp::from_secs(1_800_000_000)))),
        linked: true.into(),
        admin: Mark::Unasked,
        bot: false.into(),
        chat: Mark::Open,
    }
}

#[test]
fn the_checklist_stands_alone_and_has_what_is_to_be_pasted() {
    let page = page(None);
    crate::testing::assert_stands_alone(&page);
    for shown in [
        "https://tandem.example.com/a",
        "https://tandem.example.com/m",
        "https://tandem.example.com/teams/messages",
        "https://tandem.example.com/jira/{cloud id}/webhooks",
        "https://tandem.example.com/connect",
        "--secret-id pilot/app",
        "<td><code>read:jira-work</code></td>",
    ] {
        assert!(page.contains(shown), "{shown} in {page}");
    }
    assert!(!page.contains("{prefix}"), "{page}");
    for mark in [TEXTS.done, TEXTS.open, TEXTS.unknown] {
        assert!(!page.contains(&format!(">{mark}<")), "nobody is signed in: {page}");
    }
}

#[test]
fn the_marks_are_words_and_the_address_is_the_sites() {
    let page = page(Some(&marks()));
    crate::testing::assert_stands_alone(&page);
    assert!(page.contains("https://tandem.example.com/jira/the-cloud/webhooks"), "{page}");
    let count = |word: &str| page.matches(&format!(">{word}<")).count();
    // Deployed, secret, installed, webhook, linked.
    assert_eq!((count(TEXTS.done), count(TEXTS.open)), (5, 2), "{page}");
    assert_eq!((count(TEXTS.jira_silent), count(TEXTS.unknown)), (1, 1), "{page}");
    assert!(page.contains("2027-01-15 08:00 UTC"), "{page}");
}

#[test]
fn each_permission_that_is_asked_for_has_its_reason() {
    let asked = tandem_runtime::atlassian_scopes().iter().chain(&tandem_runtime::MICROSOFT_SCOPES);
    for scope in asked {
        assert_ne!(steps::why(scope), TEXTS.other, "{scope}");
    }
}
