//! What a person sees of the uses of their own tokens.

use serde_json::{Value, json};

use crate::support::world;

fn purposes(lines: &Value) -> Vec<&str> {
    lines["lines"].as_array().unwrap().iter().map(|it| it["purpose"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_person_sees_each_use_of_their_own_tokens_and_nobody_elses() {
    let mut world = world().await;
    let ledger = world.browser.get("/me/ledger").await;
    assert_eq!(ledger.status, 200, "{}", ledger.body);
    let ledger = ledger.json();
    assert!(purposes(&ledger["microsoft"]).contains(&"start_chat"), "{ledger}");
    let lines = ledger["microsoft"]["lines"].as_array().unwrap();
    let times: Vec<&str> = lines.iter().map(|it| it["at"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|one, next| one >= next), "the newest first: {times:?}");
    assert!(lines.iter().all(|it| it["requestId"].as_str().is_some_and(|id| !id.is_empty())));

    let page = world.browser.get("/me/ledger?provider=microsoft").await.json();
    assert_eq!(page, ledger["microsoft"]);
    for (query, status) in
        [("?provider=github", 400), ("?from=x", 400), ("?provider=microsoft&from=x", 400)]
    {
        let answer = world.browser.get(&format!("/me/ledger{query}")).await;
        assert_eq!(answer.status, status, "{query}");
    }
    // Ben's tokens started no chat.
    let mut ben = world.ben.browser(&world.stack).await;
    let theirs = ben.get("/me/ledger").await.json();
    assert!(!purposes(&theirs["microsoft"]).contains(&"start_chat"), "{theirs}");
    assert_eq!(world.stack.browser().get("/me/ledger").await.status, 401);
    assert_ne!(theirs, json!(null));
}
