//! Keys of erasures and their receipts.

use tandem_domain::{AccountId, CloudId, IssueId, ProjectId, ReceiptId, TenantId};

use super::{Key, issue, jira_user, project, tenant};

/// The erasure of a person.
pub fn user_erasure(cloud: &CloudId, account: &AccountId) -> Key {
    Key::new(jira_user(cloud, account), ERASURE)
}

/// The erasure of a site.
pub fn instance_erasure(cloud: &CloudId) -> Key {
    Key::new(format!("J#{cloud}#INSTANCE"), ERASURE)
}

/// The erasure of a Microsoft tenant.
pub fn tenant_erasure(of: &TenantId) -> Key {
    Key::new(tenant(of), ERASURE)
}

/// The erasure of a project.
pub fn project_erasure(cloud: &CloudId, of: &ProjectId) -> Key {
    Key::new(project(cloud, of), ERASURE)
}

/// The erasure of an issue.
pub fn issue_erasure(cloud: &CloudId, of: &IssueId) -> Key {
    Key::new(issue(cloud, of), ERASURE)
}

/// An erasure whose item does not say of what.
pub fn lost_erasure(receipt: &ReceiptId) -> Key {
    Key::new(format!("R#{receipt}"), ERASURE)
}

/// The sort key of erasures.
const ERASURE: &str = "ERASURE";

/// The receipt of an erasure.
pub fn receipt(receipt: &ReceiptId) -> Key {
    Key::new(format!("R#{receipt}"), "RECEIPT")
}
