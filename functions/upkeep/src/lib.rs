//! On a schedule: renews subscriptions and grants before they end, reports to Atlassian which accounts
//! are kept, goes on with erasures, and seals grants anew that are under older keys. On an operator's word: installs a Jira site.

mod erase;
mod renew;
mod report;
mod rewrap;
mod signing_key;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tandem_domain::{
    AccountId, CloudId, Failure, ReceiptId, RequestId, SiteHost, TenantId, Timestamp,
};
use tandem_runtime::{App, Error, Invocation, erasure, is_key_trouble, metrics::Metric};
use tandem_store::{Installation, Reach};

/// The function's name in logs and metrics.
pub const NAME: &str = "upkeep";

/// How many of a kind are looked up at once.
const PAGE: i32 = 50;

/// What the function is invoked with: a schedule's event, or an operator's command.
#[derive(Debug)]
pub enum UpkeepEvent {
    /// `{"command": "install", "cloudId": "...", "siteHost": "..."}`
    Command(Command),
    /// Anything else: the schedule.
    Schedule(serde::de::IgnoredAny),
}

impl<'de> Deserialize<'de> for UpkeepEvent {
    /// Whatever names a command must be one: a misspelt one is an error, not the schedule.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let event = serde_json::Value::deserialize(deserializer)?;
        if event.get("command").is_none() {
            return Ok(Self::Schedule(serde::de::IgnoredAny));
        }
        serde_json::from_value(event).map(Self::Command).map_err(serde::de::Error::custom)
    }
}

/// An operator's command.
#[derive(Debug, Deserialize)]
#[serde(tag = "command", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Command {
    /// Serve a Jira site, or follow it to its new host.
    Install {
        /// The site.
        cloud_id: CloudId,
        /// The host it answers on.
        site_host: SiteHost,
    },
    /// Erase a Jira site: `{"command": "eraseInstance", "cloudId": "..."}`
    EraseInstance {
        /// The site.
        cloud_id: CloudId,
    },
    /// Erase a Microsoft tenant: `{"command": "eraseTenant", "tenantId": "..."}`
    EraseTenant {
        /// The tenant.
        tenant_id: TenantId,
    },
    /// Erase a person on both sides: `{"command": "erasePerson", "cloudId": "...", "accountId": "..."}`
    ErasePerson {
        /// A Jira site they are, or were, on.
        cloud_id: CloudId,
        /// Their account there.
        account_id: AccountId,
    },
}

/// What a run did.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UpkeepReport {
    /// Sites installed.
    pub installed: u32,
    /// Subscriptions renewed or made anew.
    pub subscriptions_renewed: u32,
    /// Sites' webhooks that were looked after.
    pub webhooks_renewed: u32,
    /// Deliveries of what chats' notifications had missed.
    pub messages_reconciled: u32,
    /// Grants refreshed ahead of their end.
    pub grants_kept_alive: u32,
    /// Accounts reported to Atlassian.
    pub accounts_reported: u32,
    /// Accounts that Atlassian says are closed: what is kept of them is being erased.
    pub accounts_closed: u32,
    /// Accounts of which nothing was kept any more.
    pub accounts_forgotten: u32,
    /// Erasures that were completed.
    pub erasures_finished: u32,
    /// The receipt of the erasure that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt_id: Option<ReceiptId>,
    /// Grants that were under older keys and are now under the present ones.
    pub grants_rewrapped: u32,
    /// Grants that are under older keys still, about a thousand at most: at 0 those keys can go.
    pub grants_under_older_keys: u32,
    /// What could not be done and is tried again.
    pub failures: u32,
    /// How much of that is for a KMS key that cannot be used: an operator's matter.
    pub key_trouble: u32,
}

/// Handles one run under an id of its own.
pub async fn handle(app: Arc<App>, event: UpkeepEvent) -> Result<UpkeepReport, Error> {
    handle_as(app, event, Invocation::default()).await
}

/// Handles one run under the id that Lambda gave the invocation, or one of its own, and by its end.
/// The ledger's lines name the id, and so does the log line at the end.
pub async fn handle_as(
    app: Arc<App>,
    event: UpkeepEvent,
    invocation: Invocation,
) -> Result<UpkeepReport, Error> {
    let until = erase::until(&app, invocation.ends_at);
    let request = match invocation.id {
        Some(id) => id,
        None => random_id(&app)?,
    };
    let not_renewed = app.credentials.renew_when_due().await;
    let mut report = match event {
        UpkeepEvent::Command(Command::Install { cloud_id, site_host }) => {
            install(&app, cloud_id, site_host).await?;
            UpkeepReport { installed: 1, ..UpkeepReport::default() }
        }
        UpkeepEvent::Command(Command::EraseInstance { cloud_id }) => {
            erased(&app, &Reach::Instance(cloud_id), &request, until).await?
        }
        UpkeepEvent::Command(Command::EraseTenant { tenant_id }) => {
            erased(&app, &Reach::Tenant(tenant_id), &request, until).await?
        }
        UpkeepEvent::Command(Command::ErasePerson { cloud_id, account_id }) => {
            let reach = erasure::reach_of_account(&app, &cloud_id, &account_id).await?;
            erased(&app, &reach, &request, until).await?
        }
        UpkeepEvent::Schedule(_) => {
            let mut report = UpkeepReport::default();
            erase::go_on(&app, &request, until, &mut report).await?;
            signing_key::follow(&app, &request, &mut report).await?;
            renew::subscriptions(&app, &request, &mut report).await?;
            renew::webhooks(&app, &request, &mut report).await?;
            renew::grants(&app, &request, &mut report).await?;
            report::accounts(&app, &request, &mut report).await?;
            rewrap::rewrap(&app, &request, &mut report).await?;
            report
        }
    };
    if let Some(failure) = not_renewed {
        report.count::<()>(Err(failure), "app_secrets");
    }
    tell(&app, &request, &report);
    Ok(report)
}

/// The metrics and the log line of a run.
fn tell(app: &App, request: &RequestId, report: &UpkeepReport) {
    let samples = [
        (Metric::SubscriptionsRenewed, report.subscriptions_renewed),
        (Metric::WebhooksRenewed, report.webhooks_renewed),
        (Metric::MessagesReconciled, report.messages_reconciled),
        (Metric::GrantsKeptAlive, report.grants_kept_alive),
        (Metric::AccountsReported, report.accounts_reported),
        (Metric::AccountsClosed, report.accounts_closed),
        (Metric::GrantsRewrapped, report.grants_rewrapped),
        (Metric::KeyTrouble, report.key_trouble),
        (Metric::UpkeepFailures, report.failures),
    ];
    app.metrics.emit(NAME, &samples.map(|(metric, count)| metric.of(count.into())));
    tracing::info!(
        target: "tandem",
        function = NAME,
        request_id = request.as_str(),
        installed = report.installed,
        erasures_finished = report.erasures_finished,
        subscriptions_renewed = report.subscriptions_renewed,
        webhooks_renewed = report.webhooks_renewed,
        messages_reconciled = report.messages_reconciled,
        grants_kept_alive = report.grants_kept_alive,
        accounts_reported = report.accounts_reported,
        accounts_closed = report.accounts_closed,
        accounts_forgotten = report.accounts_forgotten,
        grants_rewrapped = report.grants_rewrapped,
        grants_under_older_keys = report.grants_under_older_keys,
        failures = report.failures,
        key_trouble = report.key_trouble,
        "upkeep done"
    );
}

async fn erased(
    app: &App,
    reach: &Reach,
    request: &RequestId,
    until: Option<Timestamp>,
) -> Result<UpkeepReport, Failure> {
    let mut report = UpkeepReport::default();
    erase::command(app, reach, request, until, &mut report).await?;
    Ok(report)
}

/// Serves a Jira site from now on.
pub async fn install(app: &App, cloud_id: CloudId, site_host: SiteHost) -> Result<(), Failure> {
    let created_at = match app.store.find_installation(&cloud_id).await? {
        Some(known) => known.created_at,
        None => app.clock.now(),
    };
    app.store.put_installation(&Installation { cloud_id, site_host, created_at }).await?;
    Ok(())
}

fn random_id(app: &App) -> Result<RequestId, Failure> {
    let mut bytes = [0; 16];
    app.entropy.fill(&mut bytes);
    RequestId::parse(&format!("{:032x}", u128::from_be_bytes(bytes)))
        .map_err(|_| Failure::Fault { what: "request_id" })
}

impl UpkeepReport {
    /// Counts one thing that was or was not done: 1 when it was. One that fails does not keep the
    /// others from being done.
    fn count<T>(&mut self, done: Result<T, Failure>, what: &'static str) -> u32 {
        let Err(failure) = done else { return 1 };
        self.failures += 1;
        self.key_trouble += u32::from(is_key_trouble(&failure));
        tracing::warn!(target: "tandem", function = NAME, what, code = failure.code(), %failure, "upkeep failed");
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_command_is_an_error_and_not_the_schedule() {
        let read = |text: &str| serde_json::from_str::<UpkeepEvent>(text);
        let schedule = r#"{"source": "aws.events", "detail-type": "Scheduled Event"}"#;
        assert!(matches!(read(schedule), Ok(UpkeepEvent::Schedule(_))));
        let tenant = "0e3419f7-4c4d-47e7-b98a-7b9b9de02b80";
        let right = format!(r#"{{"command": "eraseTenant", "tenantId": "{tenant}"}}"#);
        assert!(matches!(read(&right), Ok(UpkeepEvent::Command(Command::EraseTenant { .. }))));
        assert!(read(&right.replace("eraseTenant", "eraseTennant")).is_err());
        assert!(read(&right.replace(tenant, "contoso")).is_err());
    }
}
