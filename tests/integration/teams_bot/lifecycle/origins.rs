//! Which messages issues were created from is forgotten with the conversation they are in.

use serde_json::json;
use tandem_domain::{IssueId, MessageId, ProjectId};
use tandem_store::IssueMessage;

use super::super::scene::{Scene, account, cloud, object, place, tenant};
use crate::support::people::PROJECT;

impl Scene {
    /// An issue was created from a message of a conversation.
    async fn created_from(&self, conversation: &str, issue: &str) {
        let item = IssueMessage {
            cloud_id: cloud(),
            issue_id: IssueId::parse(issue).unwrap(),
            project_id: Some(ProjectId::parse(PROJECT).unwrap()),
            tenant_id: tenant(),
            conversation_id: place(conversation),
            message_id: MessageId::parse(issue).unwrap(),
            created_by: account(&self.ben),
            creator_object_id: object(&self.ben),
            created_at: self.now(),
        };
        self.stack.app.store.put_issue_message(&item).await.unwrap();
    }

    /// The issues of which it is known, once for each side.
    async fn known(&self) -> [Vec<String>; 2] {
        let mut known = [Vec::new(), Vec::new()];
        for (issues, entity) in known.iter_mut().zip(["issue_message", "issue_message_by_message"])
        {
            let items = self.stack.items_of(entity).await;
            issues.extend(items.iter().map(|it| it["issue_id"]["S"].as_str().unwrap().to_owned()));
            issues.sort();
        }
        known
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_forgets_which_messages_issues_were_created_from() {
    let scene = Scene::open().await;
    scene.install(&scene.ben).await;
    let personal = scene.personal(&scene.ben);
    let elsewhere = "19:elsewhere@thread.tacv2";
    for (conversation, issue) in
        [(scene.team.id.as_str(), "10010"), (&personal, "10011"), (elsewhere, "10012")]
    {
        scene.created_from(conversation, issue).await;
    }
    scene.in_team(json!({"install": "remove"})).await;
    let left = ["10011".to_owned(), "10012".to_owned()];
    assert_eq!(scene.known().await, [left.clone(), left]);
    scene.alone(&scene.ben, json!({"install": "remove"})).await;
    let left = ["10012".to_owned()];
    assert_eq!(scene.known().await, [left.clone(), left]);
}
