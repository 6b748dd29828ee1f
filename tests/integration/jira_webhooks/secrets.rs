//! A site's webhook secrets, and what happens while one is being changed.

use std::time::Duration;

use serde_json::json;
use tandem_domain::CloudId;
use tandem_local::provision::SECRET_PREFIX;
use tandem_runtime::webhook_secret_name;

use super::{Door, UNLINKED, comment, signature};
use crate::support::{CLOUD, Front, WEBHOOK_SECRET};

/// Longer than a function remembers a site's secrets.
const FORGOTTEN: Duration = Duration::from_secs(61);

impl Door {
    /// Sets the site's secrets, and waits until they count.
    async fn set_secrets(&self, secrets: &[&str]) {
        let name = webhook_secret_name(SECRET_PREFIX, &CloudId::parse(CLOUD).unwrap());
        let value = json!({"secrets": secrets}).to_string();
        let put = self.stack.clients.secrets.put_secret_value().secret_id(name);
        put.secret_string(value).send().await.unwrap();
        self.stack.clock.advance(FORGOTTEN);
    }

    /// The status of a webhook signed with this secret.
    async fn signed_with(&self, secret: &str) -> u16 {
        let body = comment(UNLINKED).to_string();
        let request = self.bare(CLOUD, &body);
        let request = request.header("x-hub-signature", signature(secret, body.as_bytes()));
        Front::answer(request).await.0
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_secret_is_changed_the_old_and_the_new_one_count() {
    let door = Door::open().await;
    let old = WEBHOOK_SECRET;
    for (secrets, old_counts, new_counts, third_counts) in [
        (&[old][..], true, false, false),
        (&[old, "new"], true, true, false),
        (&["new", old], true, true, false),
        (&["new"], false, true, false),
        // Two at most: a forgotten third one opens no door.
        (&["new", old, "third"], true, true, false),
        (&["third"], false, false, true),
    ] {
        door.set_secrets(secrets).await;
        for (secret, counts) in [(old, old_counts), ("new", new_counts), ("third", third_counts)] {
            let expected = if counts { 200 } else { 401 };
            assert_eq!(door.signed_with(secret).await, expected, "{secrets:?}: {secret}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_secret_counts_for_nothing() {
    let door = Door::open().await;
    for secrets in [&[][..], &[""], &["", ""]] {
        door.set_secrets(secrets).await;
        for secret in ["", WEBHOOK_SECRET] {
            assert_eq!(door.signed_with(secret).await, 401, "{secrets:?}: {secret:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secrets_are_read_once_a_minute_and_not_for_what_is_malformed() {
    let door = Door::at_first().await;
    let none: Vec<String> = Vec::new();
    door.front.secrets.calls();
    let malformed = door.bare(CLOUD, "{}").header("x-hub-signature", "sha256=00");
    assert_eq!(Front::answer(malformed).await.0, 401);
    assert_eq!(Front::answer(door.bare(CLOUD, "{}")).await.0, 401);
    assert_eq!(door.front.secrets.calls(), none);
    for (advance, expected) in [(0, 1), (0, 0), (30, 0), (31, 1)] {
        door.stack.clock.advance(Duration::from_secs(advance));
        assert_eq!(door.signed_with(WEBHOOK_SECRET).await, 200);
        assert_eq!(door.front.secrets.calls().len(), expected, "{advance} s later");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_secrets_cannot_be_read_jira_is_asked_to_come_again() {
    let door = Door::at_first().await;
    door.front.secrets.out_of_order(true);
    assert_eq!(door.signed_with(WEBHOOK_SECRET).await, 503);
    door.untouched("nothing was believed");
    door.front.secrets.out_of_order(false);
    assert_eq!(door.signed_with(WEBHOOK_SECRET).await, 200);
}
