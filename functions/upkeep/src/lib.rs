//! On a schedule: renews subscriptions and grants before they end. On an operator's word: installs
//! a Jira site.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tandem_domain::{CloudId, Failure, RequestId, SiteHost};
use tandem_runtime::{App, Error, metrics::Metric, subscriptions};
use tandem_store::Installation;

/// The function's name in logs and metrics.
pub const NAME: &str = "upkeep";

/// How many of a kind one run takes on; the rest is due in the next.
const PAGE: i32 = 50;

/// What the function is invoked with: a schedule's event, or an operator's command.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum UpkeepEvent {
    /// `{"command": "install", "cloudId": "...", "siteHost": "..."}`
    Command(Command),
    /// Anything else: the schedule.
    Schedule(serde::de::IgnoredAny),
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
}

/// What a run did.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UpkeepReport {
    /// Sites installed.
    pub installed: u32,
    /// Subscriptions renewed or made anew.
    pub subscriptions_renewed: u32,
    /// Grants refreshed ahead of their end.
    pub grants_kept_alive: u32,
    /// What could not be done and is tried again.
    pub failures: u32,
}

/// Handles one run.
pub async fn handle(app: Arc<App>, event: UpkeepEvent) -> Result<UpkeepReport, Error> {
    let report = match event {
        UpkeepEvent::Command(Command::Install { cloud_id, site_host }) => {
            install(&app, cloud_id, site_host).await?;
            UpkeepReport { installed: 1, ..UpkeepReport::default() }
        }
        UpkeepEvent::Schedule(_) => {
            let mut report = UpkeepReport::default();
            renew_subscriptions(&app, &mut report).await?;
            keep_grants_alive(&app, &mut report).await?;
            report
        }
    };
    app.metrics.emit(
        NAME,
        &[
            (Metric::SubscriptionsRenewed, f64::from(report.subscriptions_renewed)),
            (Metric::GrantsKeptAlive, f64::from(report.grants_kept_alive)),
            (Metric::UpkeepFailures, f64::from(report.failures)),
        ],
    );
    tracing::info!(
        target: "tandem",
        function = NAME,
        installed = report.installed,
        subscriptions_renewed = report.subscriptions_renewed,
        grants_kept_alive = report.grants_kept_alive,
        failures = report.failures,
        "upkeep done"
    );
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

fn request() -> Result<RequestId, Failure> {
    RequestId::parse(NAME).map_err(|_| Failure::Fault { what: "request_id" })
}

async fn renew_subscriptions(app: &App, report: &mut UpkeepReport) -> Result<(), Failure> {
    let request = request()?;
    for due in app.store.list_due_subscriptions(app.clock.now(), PAGE).await? {
        let renewed = subscriptions::ensure(
            app,
            &due.tenant_id,
            &due.chat_id,
            &due.subscriber,
            &request,
        )
        .await;
        count(renewed, "renew_subscription", &mut report.subscriptions_renewed, &mut report.failures);
    }
    Ok(())
}

async fn keep_grants_alive(app: &App, report: &mut UpkeepReport) -> Result<(), Failure> {
    for due in app.store.list_due_grants(app.clock.now(), PAGE).await? {
        let kept = app.vault.keep_alive(&due).await;
        count(kept, "keep_alive", &mut report.grants_kept_alive, &mut report.failures);
    }
    Ok(())
}

/// One that fails does not keep the others from being done.
fn count<T>(done: Result<T, Failure>, what: &'static str, ok: &mut u32, failed: &mut u32) {
    match done {
        Ok(_) => *ok += 1,
        Err(failure) => {
            *failed += 1;
            tracing::warn!(target: "tandem", function = NAME, what, code = failure.code(), "upkeep failed");
        }
    }
}
