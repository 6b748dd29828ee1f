//! Why a delivery probably failed, and what to do about it.

use serde_json::{Value, json};
use tandem_domain::{Failure, Timestamp};
use tandem_ops::explain::{Advice, Finding, advice_of};
use tandem_runtime::signing::claim_of;

use super::{die, end_grant, ops, put_dead};
use crate::support::{CLOUD, TENANT, World, people::ISSUE, people::PROJECT, world};

const OTHER_CLOUD: &str = "99223344-a1b2-4b33-8444-def123456789";

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_that_was_down_is_named() {
    let world = world().await;
    let id = die(&world, "A hard way").await;
    let answer = ops(&world.stack, &["dead-letters", "explain", &id, "--json"]).await.json();
    let explained = &answer["explained"][0];
    assert_eq!(explained["advice"], "replay_later");
    let findings = explained["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{findings:?}");
    let says = findings[0]["says"].as_str().unwrap();
    assert!(says.contains("retry:graph_unavailable: Microsoft Graph"), "{says}");

    let text = ops(&world.stack, &["dead-letters", "explain", &id]).await.out;
    let claim = explained["claim"].as_str().unwrap();
    for part in [&id, claim, "Microsoft Graph", "Do: replay it"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("hard way"));

    let unknown = ops(&world.stack, &["dead-letters", "explain", "no-such-id"]).await;
    assert_eq!(unknown.code, 1);
    assert!(unknown.err.contains("no-such-id"), "{}", unknown.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_table_knows_is_told() {
    let world = world().await;
    let now = world.stack.app.clock.now();
    let body = |changes: Value| letter(&world, now, changes);
    let long_ago = now.as_millis() - 8 * 24 * 3_600_000;
    let telling = json!({
        "chat_id": null, "tenant_id": null, "event": "deleted",
        "audience": {"kind": "channel", "tenant_id": TENANT, "channel_id": "19:c@thread.tacv2"},
    });
    let cases = [
        (json!("no delivery"), vec!["unreadable"], "mend_first"),
        (body(json!({"version": 9})), vec!["unreadable"], "mend_first"),
        (body(json!({})), vec!["not_claimed"], "replay_later"),
        (body(json!({"accepted_at": long_ago})), vec!["forgotten"], "look_first"),
        (body(json!({"issue_id": "20002"})), vec!["not_claimed", "not_linked"], "drop"),
        (body(json!({"cloud_id": OTHER_CLOUD})), vec!["not_claimed", "site_not_served"], "drop"),
        (body(telling), vec!["not_claimed", "not_subscribed"], "drop"),
        (
            body(json!({
                "event": "message_created", "message_id": "1600000000000",
                "subscriber": world.cleo.object,
            })),
            vec!["not_claimed", "no_grant"],
            "sign_in_first",
        ),
    ];
    for (number, (body, ..)) in cases.iter().enumerate() {
        put_dead(&world.stack, &format!("group-{number}"), &number.to_string(), body).await;
    }
    let answer = ops(&world.stack, &["dead-letters", "explain", "--json"]).await.json();
    let explained = answer["explained"].as_array().unwrap();
    assert_eq!(explained.len(), cases.len());
    for (explained, (body, codes, advice)) in explained.iter().zip(&cases) {
        let findings = explained["findings"].as_array().unwrap();
        let found: Vec<&str> =
            findings.iter().map(|finding| finding["code"].as_str().unwrap()).collect();
        assert_eq!((&found, &explained["advice"]), (codes, &json!(advice)), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_must_sign_in_is_named_by_id_with_the_address() {
    let world = world().await;
    let id = die(&world, "A hard way").await;
    end_grant(&world.stack, &world.ada).await;
    let answer = ops(&world.stack, &["dead-letters", "explain", &id, "--json"]).await.json();
    let explained = &answer["explained"][0];
    assert_eq!(explained["advice"], "sign_in_first", "{answer}");
    let says = explained["findings"][1]["says"].as_str().unwrap();
    assert_eq!(
        says,
        format!("the Atlassian account {} must sign in again (revoked)", world.ada.account)
    );
    let todo = explained["todo"].as_str().unwrap();
    assert!(todo.contains(&world.stack.at("/connect")), "{todo}");
}

/// Keys that cannot be used are an operator's matter: whatever the vault calls such trouble is told
/// as that.
#[test]
fn trouble_with_a_key_is_told_as_such() {
    for what in tandem_vault::KEY_TROUBLE {
        let code = Failure::Fault { what }.noted().unwrap();
        assert_eq!(advice_of(&[Finding::Failed(code)]), Advice::MendKeyFirst, "{what}");
    }
    let other = Failure::Fault { what: "issue_url" }.noted().unwrap();
    assert_eq!(advice_of(&[Finding::Failed(other)]), Advice::MendFirst);
}

/// A delivery of the world's chat, changed.
fn letter(world: &World, now: Timestamp, changes: Value) -> Value {
    let mut body = json!({
        "version": 1, "claim": claim_of(&["ops", &changes.to_string()]).unwrap(),
        "cloud_id": CLOUD, "issue_id": ISSUE, "project_id": PROJECT, "tenant_id": TENANT,
        "chat_id": world.chat, "accepted_at": now.as_millis(), "event": "comment_deleted",
        "comment_id": "20000",
    });
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}
