//! Erasures under way: what is to be erased, kept until nothing of it is left, so that whoever
//! stops half-way is followed by somebody who finishes.

use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use serde::{Deserialize, Serialize};
use tandem_domain::{CloudId, GrantId, IssueId, ProjectId, ReceiptId, TenantId, Timestamp};

use crate::{
    Grant, Receipt, Store, StoreError,
    entity::{Attribute, Due, Entity, Whose, attribute},
    keys::{self, Index, Key},
    receipt::ErasedScope,
    table::If,
};

mod delete;
mod found;
mod progress;
mod reach;

pub use found::{Cursor, Found, What};
pub use progress::Progress;
pub use reach::{JiraUser, MicrosoftUser, Part, Reach, Step};

/// The kind under which erasures are due.
pub(crate) const DUE: &str = "ERASURE";

/// How long nothing more may turn up before an erasure counts as done: longer than the indexes are
/// behind the table, and than any work lasts that had begun before (a claim's lease is 90 seconds).
pub const QUIET: Duration = Duration::from_mins(2);

/// An erasure under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// The receipt that it completes.
    pub receipt_id: ReceiptId,
    /// What is erased.
    pub scope: ErasedScope,
    /// The site, where it is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cloud_id: Option<CloudId>,
    /// The Microsoft tenant, where it is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tenant_id: Option<TenantId>,
    /// The project, where it is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub project_id: Option<ProjectId>,
    /// The issue, where it is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub issue_id: Option<IssueId>,
    /// The person at Jira.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub jira_users: Vec<JiraUser>,
    /// The person at Microsoft.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub microsoft_users: Vec<MicrosoftUser>,
    /// The person's Atlassian grant stays: another site needs it, or may need it.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub keeps_grant: bool,
    /// The grants that were found so far.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub grant_ids: Vec<GrantId>,
    /// When it was asked for.
    pub started_at: Timestamp,
    /// Since when nothing was found any more.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub quiet_since: Option<Timestamp>,
    /// When upkeep goes on with it.
    pub go_on_at: Timestamp,
    /// How far it has looked through the table, where it was interrupted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub progress: Option<Progress>,
}

impl Erasure {
    /// The erasure of what is reached, due at once.
    pub fn of(reach: &Reach, receipt_id: ReceiptId, now: Timestamp) -> Self {
        let mut erasure = Self {
            receipt_id,
            scope: reach.scope(),
            cloud_id: None,
            tenant_id: None,
            project_id: None,
            issue_id: None,
            jira_users: Vec::new(),
            microsoft_users: Vec::new(),
            keeps_grant: false,
            grant_ids: Vec::new(),
            started_at: now,
            quiet_since: None,
            go_on_at: now,
            progress: None,
        };
        match reach.clone() {
            Reach::User(jira, microsoft) => {
                (erasure.jira_users, erasure.microsoft_users) = (jira, microsoft);
            }
            Reach::Instance(cloud) => erasure.cloud_id = Some(cloud),
            Reach::Tenant(tenant) => erasure.tenant_id = Some(tenant),
            Reach::Project(cloud, project) => {
                (erasure.cloud_id, erasure.project_id) = (Some(cloud), Some(project));
            }
            Reach::Issue(cloud, issue) => {
                (erasure.cloud_id, erasure.issue_id) = (Some(cloud), Some(issue));
            }
        }
        erasure
    }

    /// What it reaches. `None` where the item lacks it.
    pub fn reach(&self) -> Option<Reach> {
        let cloud = self.cloud_id.clone();
        Some(match self.scope {
            ErasedScope::User => Reach::User(self.jira_users.clone(), self.microsoft_users.clone()),
            ErasedScope::Instance => Reach::Instance(cloud?),
            ErasedScope::Tenant => Reach::Tenant(self.tenant_id.clone()?),
            ErasedScope::Project => Reach::Project(cloud?, self.project_id.clone()?),
            ErasedScope::Issue => Reach::Issue(cloud?, self.issue_id.clone()?),
        })
    }
}

impl Entity for Erasure {
    const NAME: &'static str = "erasure";
    const KEPT: &'static str = "until the erasure is done: minutes";
    const ATTRIBUTES: &'static [Attribute] = &[
        attribute("receipt_id", Whose::Tandem, "the receipt's id", "completes it"),
        attribute("scope", Whose::Tandem, "what kind of thing", "what to erase"),
        attribute("cloud_id", Whose::Site, "the Jira site", "what to erase"),
        attribute("tenant_id", Whose::Tenant, "the Microsoft tenant", "what to erase"),
        attribute("project_id", Whose::Site, "the project", "what to erase"),
        attribute("issue_id", Whose::Site, "the issue", "what to erase"),
        attribute("jira_users", Whose::Person, "the person's Jira users", "what to erase"),
        attribute("microsoft_users", Whose::Person, "their Microsoft users", "what to erase"),
        attribute("keeps_grant", Whose::Tandem, "whether a grant stays", "what to erase"),
        attribute("grant_ids", Whose::Tandem, "the grants' opaque ids", "counts them once"),
        attribute("started_at", Whose::Tandem, "when it was asked for", "finds what lasts long"),
        attribute("quiet_since", Whose::Tandem, "since when nothing is left", "knows the end"),
        attribute("go_on_at", Whose::Tandem, "when upkeep goes on", "finishes what stopped"),
        attribute("progress", Whose::Tandem, "how far it is: a key", "goes on where it stopped"),
    ];

    fn key(&self) -> Key {
        let lost = || keys::lost_erasure(&self.receipt_id);
        match (self.jira_users.first(), &self.cloud_id, &self.tenant_id) {
            (Some(user), ..) => keys::user_erasure(&user.cloud_id, &user.account_id),
            (None, Some(cloud), _) => match (&self.scope, &self.project_id, &self.issue_id) {
                (ErasedScope::Project, Some(project), _) => keys::project_erasure(cloud, project),
                (ErasedScope::Issue, _, Some(issue)) => keys::issue_erasure(cloud, issue),
                (ErasedScope::Instance, ..) => keys::instance_erasure(cloud),
                _ => lost(),
            },
            (None, None, Some(tenant)) => keys::tenant_erasure(tenant),
            (None, None, None) => lost(),
        }
    }
    fn due(&self) -> Option<Due> {
        Some(Due { kind: DUE, at: self.go_on_at })
    }
}

impl Store {
    /// Begins an erasure: its item and its receipt. The one that is under way already, if there is
    /// one.
    pub async fn begin_erasure(&self, erasure: Erasure) -> Result<Erasure, StoreError> {
        let receipt = Receipt {
            receipt_id: erasure.receipt_id.clone(),
            scope: erasure.scope,
            started_at: erasure.started_at,
            finished_at: None,
            counts: std::collections::BTreeMap::new(),
        };
        let writes =
            vec![self.put_in(erasure.clone(), &If::Absent)?, self.put_in(receipt, &If::Absent)?];
        match self.transact(writes).await {
            Ok(()) => Ok(erasure),
            Err(StoreError::Conflict) => {
                self.find_erasure(&erasure).await?.ok_or(StoreError::Conflict)
            }
            Err(error) => Err(error),
        }
    }

    /// An erasure as it stands; `None` when it is done.
    pub async fn find_erasure(&self, erasure: &Erasure) -> Result<Option<Erasure>, StoreError> {
        self.find(erasure.key()).await
    }

    /// The erasures to go on with before `now`, at most `limit` (100 at most).
    pub async fn list_due_erasures(
        &self,
        now: Timestamp,
        limit: i32,
    ) -> Result<Vec<Erasure>, StoreError> {
        let before = Some(now.as_millis() + 1);
        let keys = self.index(Index::ByDue, keys::due(DUE), before, limit.min(100)).await?;
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        self.batch(&keys).await?.into_iter().map(crate::table::read).collect()
    }

    /// Notes that an erasure found a grant, before anything of the grant is erased.
    pub async fn note_erased_grant(
        &self,
        erasure: &Erasure,
        grant: &Grant,
    ) -> Result<(), StoreError> {
        let ids = AttributeValue::Ss(vec![grant.grant_id.to_string()]);
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(erasure.key().attributes()))
            .update_expression("ADD grant_ids :ids")
            .condition_expression("receipt_id = :receipt")
            .expression_attribute_values(":ids", ids)
            .expression_attribute_values(":receipt", text(&erasure.receipt_id))
            .send()
            .await?;
        Ok(())
    }

    /// Notes since when nothing is found any more, when to go on, and from where.
    pub async fn put_off_erasure(
        &self,
        erasure: &Erasure,
        quiet_since: Option<Timestamp>,
        go_on_at: Timestamp,
        progress: Option<&Progress>,
    ) -> Result<(), StoreError> {
        let at = |time: Timestamp| AttributeValue::N(time.as_millis().to_string());
        let (mut set, mut remove) =
            ("SET go_on_at = :go_on, due_at = :go_on".to_owned(), Vec::new());
        let mut update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(erasure.key().attributes()))
            .condition_expression("receipt_id = :receipt")
            .expression_attribute_values(":receipt", text(&erasure.receipt_id))
            .expression_attribute_values(":go_on", at(go_on_at));
        match quiet_since {
            None => remove.push("quiet_since"),
            Some(since) => {
                set.push_str(", quiet_since = :quiet");
                update = update.expression_attribute_values(":quiet", at(since));
            }
        }
        match progress {
            None => remove.push("progress"),
            Some(progress) => {
                let value = serde_dynamo::to_attribute_value(progress)
                    .map_err(|_| StoreError::Unreadable("progress"))?;
                set.push_str(", progress = :progress");
                update = update.expression_attribute_values(":progress", value);
            }
        }
        if !remove.is_empty() {
            set = format!("{set} REMOVE {}", remove.join(", "));
        }
        update.update_expression(set).send().await?;
        Ok(())
    }

    /// Completes the receipt and takes the erasure away. Nothing happens when that was done.
    pub async fn finish_erasure(
        &self,
        erasure: &Erasure,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let grants = erasure.grant_ids.len();
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::receipt(&erasure.receipt_id).attributes()))
            .condition_expression("attribute_not_exists(finished_at)")
            .expression_attribute_values(":now", AttributeValue::N(now.as_millis().to_string()));
        let update = if grants == 0 {
            update.update_expression("SET finished_at = :now")
        } else {
            update
                .update_expression("SET finished_at = :now, #counts.#grant = :grants")
                .expression_attribute_names("#counts", "counts")
                .expression_attribute_names("#grant", Grant::NAME)
                .expression_attribute_values(":grants", AttributeValue::N(grants.to_string()))
        };
        let update = update.build().map_err(|_| StoreError::Refused("update".to_owned()))?;
        let ours = vec![("receipt_id", erasure.receipt_id.to_string())];
        let writes = vec![
            TransactWriteItem::builder().update(update).build(),
            self.delete_in(&erasure.key(), &If::Still(ours))?,
        ];
        match self.transact(writes).await {
            Ok(()) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn text(id: &ReceiptId) -> AttributeValue {
    AttributeValue::S(id.to_string())
}
