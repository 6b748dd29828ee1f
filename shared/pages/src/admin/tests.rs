use tandem_domain::{Timestamp, settings::EffectiveSettings};

use super::*;
use crate::{layout::Here, time::moment};

fn at(secs: i64) -> Moment {
    moment(Timestamp::from_secs(secs))
}

fn state() -> SiteState<'static> {
    SiteState {
        layout: Layout::inside(&EffectiveSettings::default(), Here::SiteState),
        site_host: "a.atlassian.net",
        cloud_id: "the-cloud",
        installed: at(1_700_000_000),
        csrf: "a-token",
        webhook_seen: None,
        deliveries_since: at(1_800_000_000),
        deliveries: Counts { done: 11, dropped: 22, retried: 33, given_up: 44, failed: 55 },
        sign_ins: Vec::new(),
        sign_ins_more: false,
        channels: Counted { count: 66, more: false },
        channels_resting: 7,
        erasures: Counted::default(),
        dead_letters: 88,
        subscriptions: Counted { count: 1_000, more: true },
        overdue: Counted { count: 9, more: false },
        next_renewal: Some(at(1_800_000_600)),
    }
}

#[test]
fn every_page_stands_alone() {
    let erasure = SiteErasure { layout: Layout::outside(), receipt_id: "the-receipt" };
    let erasure = erasure.render().unwrap();
    for page in [&state().render().unwrap(), &erasure] {
        crate::testing::assert_stands_alone(page);
    }
    assert!(erasure.contains("href=\"/receipts/the-receipt\""), "{erasure}");
}

#[test]
fn each_number_stands_under_its_name() {
    let page = state().render().unwrap();
    for (label, value) in [
        (TEXTS.done, "11"),
        (TEXTS.dropped, "22"),
        (TEXTS.retried, "33"),
        (TEXTS.given_up, "44"),
        (TEXTS.failed, "55"),
        (TEXTS.channels, "66"),
        (TEXTS.channels_resting, "7"),
        (TEXTS.erasures, "0"),
        (TEXTS.dead_letters, "88"),
        (TEXTS.subscriptions, "at least 1000"),
        (TEXTS.overdue, "9"),
    ] {
        assert!(page.contains(&format!("<dt>{label}</dt><dd>{value}</dd>")), "{label}: {page}");
    }
    assert!(page.contains(TEXTS.not_yet), "no webhook was seen yet: {page}");
    assert!(page.contains(TEXTS.sign_ins_none) && !page.contains("<table"), "{page}");
    assert!(page.contains("<time datetime=\"2027-01-15T08:10:00Z\">2027-01-15 08:10 UTC</time>"));
}

#[test]
fn who_must_sign_in_again_stands_in_a_table_with_why_and_since_when() {
    let row = SignInRow {
        account_id: "712020:1",
        provider: Provider::Microsoft,
        reason: SignInReason::Revoked,
        since: Some(at(1_800_000_000)),
    };
    let page = SiteState { sign_ins: vec![row], sign_ins_more: true, ..state() }.render().unwrap();
    crate::testing::assert_stands_alone(&page);
    let table = page.split("<table").nth(1).unwrap();
    for shown in ["<code>712020:1</code>", TEXTS.microsoft, TEXTS.revoked, "2027-01-15 08:00 UTC"] {
        assert!(table.contains(shown), "{shown} in {table}");
    }
    assert!(page.contains(TEXTS.sign_ins_more) && !page.contains(TEXTS.sign_ins_none), "{page}");
}

#[test]
fn a_site_is_erased_by_a_form_with_its_token_and_a_word_that_is_typed() {
    let page = state().render().unwrap();
    let form = page.split("action=\"/admin/erasure\"").nth(1).unwrap();
    let form = form.split("</form>").next().unwrap();
    assert!(form.contains("value=\"a-token\""), "{form}");
    assert!(form.contains("name=\"site_host\"") && form.contains(" required"), "{form}");
    assert!(!form.contains("value=\"a.atlassian.net\""), "nothing is typed for them: {form}");
}
