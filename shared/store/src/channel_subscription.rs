//! Channel subscriptions: a project and a channel that is told of it, found from either side; and
//! the thread in which a channel is told of one issue.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use tandem_domain::{
    AccountId, ActivityId, ChangedField, CloudId, ConversationId, FollowFilter, FollowId, IssueId,
    ObjectId, ProjectId, ServiceUrl, TenantId, Timestamp,
};

use crate::{
    Store, StoreError,
    chat_link::LinkState,
    entity::{Attribute, Entity, Whose, attribute},
    keys::{self, Key},
    table::If,
};

/// A project and a channel that is told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelSubscription {
    /// Its own id.
    pub follow_id: FollowId,
    /// The Jira site.
    pub cloud_id: CloudId,
    /// The project.
    pub project_id: ProjectId,
    /// The Microsoft tenant.
    pub tenant_id: TenantId,
    /// The channel or group chat.
    pub channel_id: ConversationId,
    /// Where it is served.
    pub service_url: ServiceUrl,
    /// Who subscribed, at Jira: as whom issues are read.
    pub subscribed_by: AccountId,
    /// The same person at Microsoft.
    pub subscriber: ObjectId,
    /// What it wants to be told of.
    #[serde(flatten)]
    pub filter: FollowFilter,
    /// Whether it is told.
    pub state: LinkState,
    /// When it was made.
    pub created_at: Timestamp,
}

const ATTRIBUTES: &[Attribute] = &[
    attribute("follow_id", Whose::Tandem, "a random id", "ends it from its card"),
    attribute("cloud_id", Whose::Site, "the Jira site", "project and channel mapping"),
    attribute("project_id", Whose::Site, "the project", "project and channel mapping"),
    attribute("tenant_id", Whose::Tenant, "the Microsoft tenant", "project and channel mapping"),
    attribute("channel_id", Whose::Tenant, "the channel", "project and channel mapping"),
    attribute("service_url", Whose::Tandem, "the Connector's address", "posting there"),
    attribute("subscribed_by", Whose::Person, "who subscribed, at Jira", "reads as them"),
    attribute("subscriber", Whose::Person, "the same at Microsoft", "tells them when it ends"),
    attribute("issue_types", Whose::Site, "issue types", "which issues are told"),
    attribute("status_categories", Whose::Tandem, "kinds of status", "which issues are told"),
    attribute("priorities", Whose::Site, "priorities", "which issues are told"),
    attribute("assignees", Whose::Person, "assignees", "which issues are told"),
    attribute("labels", Whose::Site, "salted hashes of labels", "which issues are told"),
    attribute("events", Whose::Tandem, "kinds of event", "which events are told"),
    attribute("secured", Whose::Tandem, "whether secured issues are told", "what may be told"),
    attribute("restricted", Whose::Tandem, "whether restricted comments are", "what may be told"),
    attribute("state", Whose::Tandem, "whether it is told", "shown in the channel"),
    attribute("created_at", Whose::Tandem, "when it was made", "shown in the channel"),
];

impl Entity for ChannelSubscription {
    const NAME: &'static str = "channel_subscription";
    const KEPT: &'static str =
        "until unsubscribed, or the project or the app is removed, or its owner is erased";
    const ATTRIBUTES: &'static [Attribute] = ATTRIBUTES;

    fn key(&self) -> Key {
        keys::channel_by_project(&self.cloud_id, &self.project_id, &self.follow_id)
    }
    fn owner(&self) -> Option<String> {
        Some(keys::jira_user(&self.cloud_id, &self.subscribed_by))
    }
    fn tenant(&self) -> Option<String> {
        Some(keys::site(&self.cloud_id))
    }
}

/// The same subscription as it lies on the Microsoft side.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct Mirror(ChannelSubscription);

impl Entity for Mirror {
    const NAME: &'static str = "channel_subscription_by_channel";
    const KEPT: &'static str = ChannelSubscription::KEPT;
    const ATTRIBUTES: &'static [Attribute] = ATTRIBUTES;

    fn key(&self) -> Key {
        let item = &self.0;
        keys::project_by_channel(&item.tenant_id, &item.channel_id, &item.follow_id)
    }
    fn owner(&self) -> Option<String> {
        Some(keys::microsoft_user(&self.0.tenant_id, &self.0.subscriber))
    }
    fn tenant(&self) -> Option<String> {
        Some(keys::tenant(&self.0.tenant_id))
    }
}

pub(crate) const MIRROR: crate::inventory::Declaration = crate::inventory::declare::<Mirror>();

/// The thread in which a channel is told of one issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueThread {
    /// The Jira site.
    pub cloud_id: CloudId,
    /// The issue.
    pub issue_id: IssueId,
    /// The Microsoft tenant.
    pub tenant_id: TenantId,
    /// The channel, without the thread.
    pub channel_id: ConversationId,
    /// The issue's project when the thread began; none in threads of before this was written.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub project_id: Option<ProjectId>,
    /// The thread's first activity.
    pub root_id: ActivityId,
    /// The bot's last activity in it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_id: Option<ActivityId>,
    /// What the last activity told of, where that can be added to.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub last_changes: Vec<ChangedField>,
    /// When.
    pub last_at: Timestamp,
}

const THREAD_ATTRIBUTES: &[Attribute] = &[
    attribute("cloud_id", Whose::Site, "the Jira site", "one thread per issue"),
    attribute("issue_id", Whose::Site, "the issue", "one thread per issue"),
    attribute("tenant_id", Whose::Tenant, "the Microsoft tenant", "one thread per issue"),
    attribute("channel_id", Whose::Tenant, "the channel", "one thread per issue"),
    attribute("project_id", Whose::Site, "the issue's project", "erased with the project"),
    attribute("root_id", Whose::Tenant, "the thread's first message", "one thread per issue"),
    attribute("last_id", Whose::Tenant, "the bot's last message", "folds what follows soon"),
    attribute("last_changes", Whose::Tandem, "what it told of", "folds what follows soon"),
    attribute("last_at", Whose::Tandem, "when", "folds what follows soon"),
];

impl Entity for IssueThread {
    const NAME: &'static str = "issue_thread";
    const KEPT: &'static str =
        "until the issue or its project is deleted, or the app is removed from the channel";
    const ATTRIBUTES: &'static [Attribute] = THREAD_ATTRIBUTES;

    fn key(&self) -> Key {
        keys::issue_thread(&self.cloud_id, &self.issue_id, &self.tenant_id, &self.channel_id)
    }
    fn tenant(&self) -> Option<String> {
        Some(keys::site(&self.cloud_id))
    }
}

/// The same thread as it lies on the Microsoft side.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct ThreadMirror(IssueThread);

impl Entity for ThreadMirror {
    const NAME: &'static str = "issue_thread_by_channel";
    const KEPT: &'static str = IssueThread::KEPT;
    const ATTRIBUTES: &'static [Attribute] = THREAD_ATTRIBUTES;

    fn key(&self) -> Key {
        let IssueThread { cloud_id, issue_id, tenant_id, channel_id, .. } = &self.0;
        keys::thread_by_channel(tenant_id, channel_id, cloud_id, issue_id)
    }
    fn tenant(&self) -> Option<String> {
        Some(keys::tenant(&self.0.tenant_id))
    }
}

pub(crate) const THREAD_MIRROR: crate::inventory::Declaration =
    crate::inventory::declare::<ThreadMirror>();

impl Store {
    /// The channels that are told of a project.
    pub async fn list_channels_by_project(
        &self,
        cloud: &CloudId,
        project: &ProjectId,
    ) -> Result<Vec<ChannelSubscription>, StoreError> {
        self.list(keys::project(cloud, project), keys::FOLLOWS).await
    }

    /// What a channel is told of.
    pub async fn list_projects_by_channel(
        &self,
        tenant: &TenantId,
        channel: &ConversationId,
    ) -> Result<Vec<ChannelSubscription>, StoreError> {
        let found = self.list::<Mirror>(keys::conversation(tenant, channel), keys::FOLLOWS).await?;
        Ok(found.into_iter().map(|mirror| mirror.0).collect())
    }

    /// One subscription of a project.
    pub async fn find_channel_subscription(
        &self,
        cloud: &CloudId,
        project: &ProjectId,
        follow: &FollowId,
    ) -> Result<Option<ChannelSubscription>, StoreError> {
        self.find(keys::channel_by_project(cloud, project, follow)).await
    }

    /// Writes a subscription so that it is found from either side.
    pub async fn put_channel_subscription(
        &self,
        item: &ChannelSubscription,
    ) -> Result<(), StoreError> {
        let mut writes = vec![
            self.put_in(item.clone(), &If::Anything)?,
            self.put_in(Mirror(item.clone()), &If::Anything)?,
        ];
        let named = std::iter::once(&item.subscribed_by).chain(&item.filter.assignees);
        for account in named.collect::<BTreeSet<_>>() {
            writes.push(self.report_in(&item.cloud_id, account, item.created_at)?);
        }
        self.transact_reported(writes).await
    }

    /// Writes a subscription over itself. `false`, and nothing is written, when it has ended
    /// meanwhile.
    pub async fn change_channel_subscription(
        &self,
        item: &ChannelSubscription,
    ) -> Result<bool, StoreError> {
        let there = If::Still(vec![("follow_id", item.follow_id.to_string())]);
        let writes =
            vec![self.put_in(item.clone(), &there)?, self.put_in(Mirror(item.clone()), &there)?];
        match self.transact(writes).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Takes a subscription away from both sides.
    pub async fn delete_channel_subscription(
        &self,
        item: &ChannelSubscription,
    ) -> Result<(), StoreError> {
        let writes = vec![
            self.delete_in(&item.key(), &If::Anything)?,
            self.delete_in(&Mirror(item.clone()).key(), &If::Anything)?,
        ];
        self.transact(writes).await
    }

    /// The threads in which channels are told of an issue.
    pub async fn list_threads_by_issue(
        &self,
        cloud: &CloudId,
        issue: &IssueId,
    ) -> Result<Vec<IssueThread>, StoreError> {
        self.list(keys::issue(cloud, issue), keys::THREADS).await
    }

    /// The thread in which a channel is told of an issue.
    pub async fn find_issue_thread(
        &self,
        cloud: &CloudId,
        issue: &IssueId,
        tenant: &TenantId,
        channel: &ConversationId,
    ) -> Result<Option<IssueThread>, StoreError> {
        self.find(keys::issue_thread(cloud, issue, tenant, channel)).await
    }

    /// The threads of a channel.
    pub async fn list_threads_by_channel(
        &self,
        tenant: &TenantId,
        channel: &ConversationId,
    ) -> Result<Vec<IssueThread>, StoreError> {
        let of = keys::conversation(tenant, channel);
        let found = self.list::<ThreadMirror>(of, keys::THREADS).await?;
        Ok(found.into_iter().map(|mirror| mirror.0).collect())
    }

    /// Writes a thread so that it is found from either side.
    pub async fn put_issue_thread(&self, thread: &IssueThread) -> Result<(), StoreError> {
        let writes = vec![
            self.put_in(thread.clone(), &If::Anything)?,
            self.put_in(ThreadMirror(thread.clone()), &If::Anything)?,
        ];
        self.transact(writes).await
    }

    /// Takes a thread away from both sides.
    pub async fn delete_issue_thread(&self, thread: &IssueThread) -> Result<(), StoreError> {
        let writes = vec![
            self.delete_in(&thread.key(), &If::Anything)?,
            self.delete_in(&ThreadMirror(thread.clone()).key(), &If::Anything)?,
        ];
        self.transact(writes).await
    }
}
