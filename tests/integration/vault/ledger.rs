//! Each use of a token is written down before the token leaves the vault.

use std::time::Duration;

use serde_json::json;
use tandem_domain::{Clock, Failure, Purpose, RequestId, Subject};
use tandem_store::LedgerEntry;
use tandem_vault::VaultConfig;

use super::{
    bench::{Bench, open_for, request, subject},
    issuer::{LASTS, Mood},
};

const REFUSED: Failure = Failure::Retry { what: "ledger_unavailable", after: None };

async fn ledger(bench: &Bench, subject: &Subject) -> Vec<LedgerEntry> {
    let grant = bench.grant(subject).await.grant_id;
    bench.store.list_ledger_by_grant(&grant, 100, None).await.unwrap().0
}

/// A line as text: purpose, request, and whether a call to Secrets Manager is named.
fn shown(line: &LedgerEntry) -> (&'static str, &str, bool) {
    (line.purpose.as_str(), line.request_id.as_str(), line.secrets_request_id.is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_request_that_uses_a_token_is_in_the_ledger_once_the_newest_first() {
    let bench = Bench::start().await;
    let (one, other) = (subject(1), subject(2));
    bench.sign_in(&one).await;
    bench.sign_in(&other).await;
    let (proxy, secrets) = bench.proxied_secrets().await;
    let vault = bench.vault_of(VaultConfig { secrets, ..bench.config() });
    for (purpose, id) in [
        (Purpose::ShowChat, "request-1"),
        (Purpose::ShowChat, "request-1"),
        (Purpose::ShowChat, "request-2"),
        (Purpose::ReplyInChat, "request-2"),
    ] {
        bench.clock.advance(Duration::from_millis(7));
        assert_eq!(open_for(&vault, &one, purpose, id).await.unwrap(), "access-1");
    }
    let lines = ledger(&bench, &one).await;
    assert_eq!(
        lines.iter().map(shown).collect::<Vec<_>>(),
        [
            ("reply_in_chat", "request-2", false),
            ("show_chat", "request-2", false),
            ("show_chat", "request-1", true),
        ]
    );
    // The id that joins the line with CloudTrail is the one that Secrets Manager answered with.
    let called = lines[2].secrets_request_id.as_ref().map(RequestId::as_str);
    assert_eq!(called, proxy.ids("GetSecretValue").first().map(String::as_str));
    assert_eq!(lines[0].at, bench.clock.now());
    assert!(ledger(&bench, &other).await.is_empty(), "nobody else's");
    let items = bench.items();
    let item = items.iter().find(|item| item["entity"]["S"] == "ledger").unwrap();
    let at: i64 = item["at"]["N"].as_str().unwrap().parse().unwrap();
    assert_eq!(item["ttl"]["N"], json!((at / 1000 + 90 * 24 * 3600).to_string()), "90 days");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_is_read_page_by_page() {
    let bench = Bench::start().await;
    let one = subject(1);
    bench.sign_in(&one).await;
    let vault = bench.vault();
    for number in 0..7 {
        bench.clock.advance(Duration::from_secs(1));
        open_for(&vault, &one, Purpose::ShowChat, &format!("request-{number}")).await.unwrap();
    }
    let grant = bench.grant(&one).await.grant_id;
    let (mut seen, mut from) = (Vec::new(), None);
    loop {
        let page = bench.store.list_ledger_by_grant(&grant, 3, from.as_ref()).await.unwrap();
        assert!(page.0.len() <= 3);
        seen.extend(page.0.into_iter().map(|line| line.request_id.to_string()));
        from = page.1;
        if from.is_none() {
            break;
        }
    }
    let expected: Vec<_> = (0..7).rev().map(|number| format!("request-{number}")).collect();
    assert_eq!(seen, expected);
    bench.store.delete_ledger(&grant).await.unwrap();
    assert!(ledger(&bench, &one).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_writes_its_line_with_the_pointer_in_one_transaction() {
    let bench = Bench::start().await;
    let one = subject(1);
    bench.sign_in(&one).await;
    bench.clock.advance(LASTS);
    let (proxy, store) = bench.proxied_store().await;
    let vault = bench.vault_of(VaultConfig { store, ..bench.config() });
    assert_eq!(open_for(&vault, &one, Purpose::CarryToJira, "r").await.unwrap(), "access-2");
    assert_eq!(proxy.calls(), ["GetItem", "UpdateItem", "TransactWriteItems"]);
    let lines = ledger(&bench, &one).await;
    assert_eq!(lines.iter().map(shown).collect::<Vec<_>>(), [("carry_to_jira", "r", true)]);
    // Upkeep's own openings are in it too.
    vault.keep_alive(&bench.grant(&one).await, &request("upkeep")).await.unwrap();
    bench.clock.advance(Duration::from_secs(1));
    assert_eq!(shown(&ledger(&bench, &one).await[0]).0, "keep_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_written_down_is_not_handed_out() {
    let bench = Bench::start().await;
    let one = subject(1);
    bench.sign_in(&one).await;
    let (proxy, store) = bench.proxied_store().await;
    let vault = bench.vault_of(VaultConfig { store, ..bench.config() });
    for exception in ["ProvisionedThroughputExceededException", "AccessDeniedException"] {
        proxy.refuse("PutItem", exception);
        // Whether it is read from the secret or out of memory.
        for _ in 0..2 {
            let opened = open_for(&vault, &one, Purpose::ShowChat, exception).await;
            assert_eq!(opened, Err(REFUSED), "{exception}");
        }
        proxy.relent();
        open_for(&vault, &one, Purpose::ShowChat, "warm").await.unwrap();
        proxy.refuse("PutItem", exception);
        let other = format!("other-{exception}");
        let opened = open_for(&vault, &one, Purpose::ShowChat, &other).await;
        assert_eq!(opened, Err(REFUSED), "{exception}, out of memory");
        proxy.relent();
        bench.clock.advance(Duration::from_millis(1));
        open_for(&vault, &one, Purpose::ShowChat, &other).await.unwrap();
        let newest = &ledger(&bench, &one).await[0];
        assert!(newest.secrets_request_id.is_some(), "the secret is read again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_was_read_in_vain_is_in_the_ledger_too() {
    let bench = Bench::start().await;
    let one = subject(1);
    bench.sign_in(&one).await;
    bench.clock.advance(LASTS);
    bench.issuer.set_mood(Mood::Unavailable);
    assert!(open_for(&bench.vault(), &one, Purpose::ShowChat, "in-vain").await.is_err());
    let lines = ledger(&bench, &one).await;
    assert_eq!(lines.iter().map(shown).collect::<Vec<_>>(), [("show_chat", "in-vain", true)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_in_memory_whose_grant_changed_elsewhere_leaves_no_line() {
    let bench = Bench::start().await;
    for (number, change) in ["erased", "renewed"].into_iter().enumerate() {
        let one = subject(number);
        bench.sign_in(&one).await;
        let (vault, elsewhere) = (bench.vault(), bench.vault());
        open_for(&vault, &one, Purpose::ShowChat, "first").await.unwrap();
        let grant = bench.grant(&one).await;
        let expected: &[_] = match change {
            "erased" => {
                elsewhere.erase(&one).await.unwrap();
                &[("show_chat", "first", true)]
            }
            _ => {
                elsewhere.keep_alive(&grant, &request("upkeep")).await.unwrap();
                // The secret is read again, and that is what is written down.
                &[
                    ("show_chat", "second", true),
                    ("keep_grant", "upkeep", true),
                    ("show_chat", "first", true),
                ]
            }
        };
        bench.clock.advance(Duration::from_millis(1));
        let opened = open_for(&vault, &one, Purpose::ShowChat, "second").await;
        assert_eq!(opened.is_ok(), change == "renewed", "{opened:?}");
        let lines = bench.store.list_ledger_by_grant(&grant.grant_id, 100, None).await.unwrap().0;
        let mut lines: Vec<_> = lines.iter().map(shown).collect();
        lines.sort_unstable();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(lines, expected, "{change}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_grant_is_read_and_the_line_is_written_at_once() {
    let bench = Bench::start().await;
    let one = subject(1);
    bench.sign_in(&one).await;
    let (proxy, store) = bench.proxied_store().await;
    let vault = bench.vault_of(VaultConfig { store, ..bench.config() });
    open_for(&vault, &one, Purpose::ShowChat, "first").await.unwrap();
    proxy.calls();
    open_for(&vault, &one, Purpose::ShowChat, "second").await.unwrap();
    let mut calls = proxy.calls();
    calls.sort();
    assert_eq!(calls, ["GetItem", "PutItem"]);
    let unwanted = vault.ahead(&one, Purpose::ReplyInChat, &request("unwanted")).await.unwrap();
    assert_eq!(ledger(&bench, &one).await.len(), 3);
    vault.take_back(unwanted).await;
    assert_eq!(ledger(&bench, &one).await.len(), 2);
}
