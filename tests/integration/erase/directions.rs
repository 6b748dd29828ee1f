//! Each entity goes with what its declaration says it is erased with, and with nothing else.

use std::collections::BTreeSet;

use tandem_domain::{AccountId, CloudId, ConversationId, IssueId, ObjectId, ProjectId, TenantId};
use tandem_runtime::{
    conversations,
    disconnect::{self, Pair},
    erasure,
};
use tandem_store::{ErasedWith, JiraUser, MicrosoftUser, Reach, inventory::INVENTORY};

use super::finish;
use crate::support::{CLOUD, Person, TENANT, TestStack, everything};

/// What ends in a test, and with what that is.
#[derive(Clone, Copy, Debug)]
enum End {
    Person,
    Site,
    Tenant,
    Project,
    Issue,
    Link,
    Channel,
}

impl End {
    fn with(self) -> &'static [ErasedWith] {
        match self {
            Self::Person => &[ErasedWith::JiraUser, ErasedWith::MicrosoftUser],
            Self::Site => &[ErasedWith::Site],
            Self::Tenant => &[ErasedWith::Tenant],
            Self::Project => &[ErasedWith::Project],
            Self::Issue => &[ErasedWith::Issue],
            Self::Link => &[ErasedWith::Disconnecting],
            Self::Channel => &[ErasedWith::Conversation],
        }
    }

    async fn comes(self, stack: &TestStack, who: &Person) {
        let cloud_id = CloudId::parse(CLOUD).unwrap();
        let account_id = AccountId::parse(&who.account).unwrap();
        let tenant_id = TenantId::parse(TENANT).unwrap();
        let object_id = ObjectId::parse(&who.object).unwrap();
        let reach = match self {
            Self::Person => Reach::User(
                vec![JiraUser { cloud_id, account_id }],
                vec![MicrosoftUser { tenant_id, object_id }],
            ),
            Self::Site => Reach::Instance(cloud_id),
            Self::Tenant => Reach::Tenant(tenant_id),
            Self::Project => Reach::Project(cloud_id, ProjectId::parse("50001").unwrap()),
            Self::Issue => Reach::Issue(cloud_id, IssueId::parse("40001").unwrap()),
            Self::Link => {
                let pair = Pair {
                    cloud_id: &cloud_id,
                    account_id: &account_id,
                    tenant_id: &tenant_id,
                    object_id: &object_id,
                };
                return disconnect::end(&stack.app, pair).await.unwrap();
            }
            Self::Channel => {
                let channel = ConversationId::parse(&format!("19:{:032}@thread.tacv2", 1)).unwrap();
                conversations::forget(&stack.app, &tenant_id, &channel).await.unwrap();
                let store = &stack.app.store;
                store.delete_personal_conversation(&tenant_id, &object_id).await.unwrap();
                return;
            }
        };
        let begun = erasure::begin(&stack.app, &reach).await.unwrap();
        finish(&stack.app, stack, &begun).await;
    }
}

/// The entities there are. Of settings, those of the person, or of the project; of changes, those
/// that name somebody: of a person who is erased, no more than their name goes.
async fn entities(stack: &TestStack, end: End) -> BTreeSet<String> {
    let whose = if matches!(end, End::Project) { "project_id" } else { "account_id" };
    let items = stack.items().await.into_iter();
    items
        .filter(|item| match item["entity"]["S"].as_str() {
            Some("settings") => item.get(whose).is_some(),
            Some("setting_change") => item.get("changed_by").is_some(),
            _ => true,
        })
        .map(|item| item["entity"]["S"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_entity_is_erased_with_what_it_declares() {
    for end in
        [End::Person, End::Site, End::Tenant, End::Project, End::Issue, End::Link, End::Channel]
    {
        let stack = TestStack::start().await;
        let who = stack.person("Ada Berg", false, true).await;
        everything::seed(&stack, &who, &who, 1).await;
        let before = entities(&stack, end).await;
        end.comes(&stack, &who).await;
        let after = entities(&stack, end).await;
        for declared in INVENTORY {
            // These are about erasing itself.
            if ["erasure", "receipt"].contains(&declared.entity) {
                continue;
            }
            assert!(before.contains(declared.entity), "{} is not seeded", declared.entity);
            let declares = end.with().iter().any(|with| declared.erased_with.contains(with));
            let is_gone = !after.contains(declared.entity);
            assert_eq!(is_gone, declares, "{} when this ends: {end:?}", declared.entity);
        }
    }
}
