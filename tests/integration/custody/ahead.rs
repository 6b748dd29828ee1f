//! Tokens that a delivery has ahead: which calls it makes with everything in memory, and that nothing
//! is left in the ledger of what was not used after all.

use std::sync::Arc;

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use serde_json::{Value, json};
use tandem_domain::{AccountId, Subject};
use tandem_runtime::signing::claim_of;

use crate::support::{
    CLOUD, Front, TENANT, World,
    people::{ISSUE, PROJECT},
    world,
};

/// A process that delivers.
struct Delivering<'a> {
    world: &'a World,
    front: Front,
}

impl<'a> Delivering<'a> {
    async fn in_a_new_process(world: &'a World) -> Self {
        Self { world, front: Front::of(&world.stack).await }
    }

    /// Hands a delivery of a comment of Ben's over, who wrote it just now; whether it was taken.
    async fn deliver(&self, comment: &str) -> bool {
        let world = self.world;
        let body = json!({
            "version": 1, "claim": claim_of(&["ahead", comment]).unwrap(), "cloud_id": CLOUD,
            "issue_id": ISSUE, "project_id": PROJECT, "tenant_id": TENANT, "chat_id": world.chat,
            "accepted_at": 1_800_000_000_000_i64, "event": "comment_created",
            "comment_id": comment, "author": world.ben.account,
        });
        let mut message = SqsMessage::default();
        message.message_id = Some(comment.to_owned());
        message.body = Some(body.to_string());
        let mut event = SqsEvent::default();
        event.records = vec![message];
        let answer = tandem_delivery::handle(Arc::clone(&self.front.app), event).await.unwrap();
        answer.batch_item_failures.is_empty()
    }

    /// The same of a new comment.
    async fn carry(&self, comment: &str) {
        let (world, author) = (self.world, &self.world.ben.account);
        world.stack.jira.add_comment(CLOUD, ISSUE, comment, author, "A line of text");
        assert!(self.deliver(comment).await, "{comment}");
    }

    /// The calls to the table and to where the tokens lie, since this was last asked.
    fn calls(&self) -> (Vec<String>, usize) {
        let mut table = self.front.table.calls();
        table.sort();
        (table, self.front.secrets.calls().len() + self.front.kms.calls().len())
    }
}

/// What the ledger says of the delivery of a comment. Of what was posted meanwhile there may be more:
/// Teams tells of it, and the stack listens.
async fn lines(world: &World, comment: &str) -> Vec<Value> {
    let claim = claim_of(&["ahead", comment]).unwrap();
    let mut lines = world.stack.items_of("ledger").await;
    lines.retain(|line| line["request_id"]["S"] == claim.as_str());
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn with_tokens_in_memory_a_comment_costs_so_many_calls_and_opens_no_secret() {
    let world = world().await;
    let delivering = Delivering::in_a_new_process(&world).await;
    delivering.carry("500001").await;
    delivering.calls();
    delivering.carry("500002").await;
    let at_once = ["BatchGetItem", "GetItem", "GetItem", "PutItem", "PutItem", "PutItem"];
    let behind_the_post = ["TransactWriteItems", "UpdateItem"];
    let expected = [&at_once[..], &behind_the_post].concat();
    assert_eq!(delivering.calls(), (expected.iter().map(|it| (*it).to_owned()).collect(), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_was_done_before_leaves_nothing_in_the_ledger() {
    let world = world().await;
    let [one, other] =
        [Delivering::in_a_new_process(&world).await, Delivering::in_a_new_process(&world).await];
    one.carry("500001").await;
    other.carry("500002").await;
    let (before, messages) = (lines(&world, "500001").await, world.messages().len());
    // The other process has the tokens in memory, and did not do it itself.
    other.calls();
    assert!(other.deliver("500001").await);
    let (table, secrets) = other.calls();
    assert_eq!(table.iter().filter(|call| *call == "DeleteItem").count(), 2, "{table:?}");
    assert_eq!(secrets, 0);
    assert_eq!(lines(&world, "500001").await.len(), before.len());
    assert_eq!(world.messages().len(), messages, "nothing is posted");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_erased_elsewhere_keeps_no_ledger_though_their_tokens_were_in_memory() {
    let world = world().await;
    let delivering = Delivering::in_a_new_process(&world).await;
    delivering.carry("500001").await;
    // Their grant at Jira ends in another process.
    let subject = Subject::Atlassian(AccountId::parse(&world.ben.account).unwrap());
    let store = &world.stack.app.store;
    let grant = store.find_grant(&subject).await.unwrap().unwrap().grant_id;
    assert!(world.stack.app.vault.erase(&subject).await.unwrap());
    store.delete_ledger(&grant).await.unwrap();
    // The creator of the chat speaks for them.
    delivering.carry("500002").await;
    assert_eq!(world.messages().len(), 2);
    let kept = store.list_ledger_by_grant(&grant, 100, None).await.unwrap().0;
    assert!(kept.is_empty(), "{kept:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_guess_of_who_speaks_is_taken_back() {
    let world = world().await;
    let delivering = Delivering::in_a_new_process(&world).await;
    delivering.carry("500001").await;
    // They disconnect their accounts, and keep their grants, elsewhere.
    let account = AccountId::parse(&world.ben.account).unwrap();
    let cloud = tandem_domain::CloudId::parse(CLOUD).unwrap();
    let store = &world.stack.app.store;
    let link = store.find_link_by_account(&cloud, &account).await.unwrap().unwrap();
    let subjects = [
        Subject::Atlassian(link.account_id.clone()),
        Subject::Microsoft(link.tenant_id.clone(), link.object_id.clone()),
    ];
    store.delete_link(&link).await.unwrap();
    let mut before = Vec::new();
    for subject in &subjects {
        let grant = store.find_grant(subject).await.unwrap().unwrap().grant_id;
        let lines = store.list_ledger_by_grant(&grant, 100, None).await.unwrap().0;
        before.push((grant, lines));
    }
    delivering.carry("500002").await;
    let last = serde_json::to_value(world.messages().last().unwrap()).unwrap().to_string();
    assert!(last.contains(&world.ada.object), "the chat's creator speaks for them: {last}");
    for (grant, lines) in before {
        let after = store.list_ledger_by_grant(&grant, 100, None).await.unwrap().0;
        assert_eq!(after, lines, "their tokens were not used");
    }
}
