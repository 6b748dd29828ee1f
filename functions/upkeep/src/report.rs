//! Reporting accounts: every Jira account of which something is kept is named to Atlassian within
//! its cycle, and what is kept of those that were closed is erased.
//!
//! Each account has a cycle of its own, so that they fall due spread over the whole of it. A run that
//! stops anywhere leaves the accounts due that it had not written back: they are reported again, and
//! an erasure that has begun is joined.

use std::{collections::BTreeMap, time::Duration};

use tandem_domain::{
    AccountId, Failure, Provider, Purpose, RequestId, Subject, Timestamp, share_of,
};
use tandem_jira::client::{AccountReport, AccountStatus, MAX_REPORTED};
use tandem_runtime::{App, closed_account};
use tandem_store::{Grant, ReportedAccount, Reporting};

use crate::UpkeepReport;

/// How many reports one run makes at most.
const BATCHES: usize = 10;
/// How many people's grants are tried for one report.
const TRIED: usize = 6;
/// How long to wait when nobody's grant allows it: somebody must sign in first.
const WITHOUT_GRANT: Duration = Duration::from_hours(1);
/// How long to wait when the endpoint does not say.
const WHEN_BUSY: Duration = Duration::from_mins(5);
/// The shortest and the longest cycle that is believed.
const CYCLES: (Duration, Duration) = (Duration::from_hours(1), Duration::from_hours(90 * 24));

/// Nobody's grant allows reporting: somebody with the scope must sign in.
const NO_GRANT: Failure = Failure::Forbidden { what: "report_scope_missing" };

/// Reports the accounts that are due.
pub(crate) async fn accounts(
    app: &App,
    request: &RequestId,
    report: &mut UpkeepReport,
) -> Result<(), Failure> {
    let state = app.store.find_reporting().await?.unwrap_or_default();
    if state.not_before.is_some_and(|at| app.clock.now() < at) {
        return Ok(());
    }
    let mut run = Run { app, request, state, works: None };
    for _ in 0..BATCHES {
        if !run.batch(report).await? {
            break;
        }
    }
    Ok(())
}

/// Whether the endpoint asked to wait, which is no trouble.
fn is_busy(failure: &Failure) -> bool {
    matches!(failure, Failure::Retry { what: "jira_throttled", .. })
}

struct Run<'a> {
    app: &'a App,
    request: &'a RequestId,
    state: Reporting,
    /// Whose grant has allowed it before.
    works: Option<Subject>,
}

impl Run<'_> {
    /// Reports the accounts that are due longest. Answers whether there may be more to do now.
    async fn batch(&mut self, report: &mut UpkeepReport) -> Result<bool, Failure> {
        let (now, cycle) = (self.app.clock.now(), self.state.cycle());
        // Once one is due, those that are soon go with it.
        let soon = now.minus(cycle / 7 * 5);
        let limit = i32::try_from(MAX_REPORTED).unwrap_or(i32::MAX);
        let due = self.app.store.list_due_reports(soon, limit).await?;
        if due.first().is_none_or(|first| first.cycle_from > now.minus(cycle / 7 * 6)) {
            return Ok(false);
        }
        let full = due.len() == MAX_REPORTED;
        let kept = self.forget_unneeded(due, report).await?;
        if kept.is_empty() {
            return Ok(full);
        }
        match self.ask(&kept).await {
            Ok(answer) => {
                self.take(kept, answer, report).await?;
                Ok(full)
            }
            Err(failure) => {
                self.put_off(&failure).await?;
                if !is_busy(&failure) {
                    report.count::<()>(Err(failure), "report_accounts");
                }
                Ok(false)
            }
        }
    }

    /// Notes how long not to ask again.
    async fn put_off(&mut self, failure: &Failure) -> Result<(), Failure> {
        let wait = match failure {
            Failure::Retry { after, .. } => after.unwrap_or(WHEN_BUSY),
            _ => WITHOUT_GRANT,
        };
        self.state.not_before = Some(self.app.clock.now().plus(wait));
        Ok(self.app.store.put_reporting(&self.state).await?)
    }

    /// Those of which more is kept than that they are reported. The others are forgotten.
    async fn forget_unneeded(
        &self,
        due: Vec<ReportedAccount>,
        report: &mut UpkeepReport,
    ) -> Result<Vec<ReportedAccount>, Failure> {
        let store = &self.app.store;
        let grants = self.grants_of(&due).await?;
        let mut kept = Vec::new();
        for item in due {
            let granted = |grant: &Grant| grant.account_id.as_ref() == Some(&item.account_id);
            if grants.iter().any(granted) || store.keeps_anything_of(&item).await? {
                kept.push(item);
            } else if store.delete_reported_account(&item).await? {
                report.accounts_forgotten += 1;
            }
        }
        Ok(kept)
    }

    /// The grants of these accounts.
    async fn grants_of(&self, items: &[ReportedAccount]) -> Result<Vec<Grant>, Failure> {
        let mut accounts: Vec<AccountId> =
            items.iter().map(|item| item.account_id.clone()).collect();
        accounts.sort();
        accounts.dedup();
        Ok(self.app.store.list_grants_by_accounts(&accounts).await?)
    }

    /// Makes one report, as whoever's grant allows it: of those in it first, then of anybody.
    async fn ask(&mut self, items: &[ReportedAccount]) -> Result<AccountReport, Failure> {
        // On several sites the same account is one: since the earliest time of them.
        let mut accounts = BTreeMap::<AccountId, Timestamp>::new();
        for item in items {
            let at = accounts.entry(item.account_id.clone()).or_insert(item.updated_at);
            *at = item.updated_at.min(*at);
        }
        let accounts: Vec<_> = accounts.into_iter().collect();
        let mut refused = NO_GRANT;
        for subject in self.candidates(items).await? {
            match self.ask_as(&subject, &accounts).await {
                Ok(answer) => {
                    self.works = Some(subject);
                    return Ok(answer);
                }
                // Theirs will not do: another's may. Whether it has ended is not to be settled here.
                Err(
                    Failure::SignInNeeded { .. }
                    | Failure::Forbidden { .. }
                    | Failure::Absent { .. },
                ) => {}
                Err(failure) if is_busy(&failure) => return Err(failure),
                Err(failure) => refused = failure,
            }
        }
        Err(refused)
    }

    async fn ask_as(
        &self,
        subject: &Subject,
        accounts: &[(AccountId, Timestamp)],
    ) -> Result<AccountReport, Failure> {
        let purpose = Purpose::ReportAccounts;
        let token = self.app.vault.access_token(subject, purpose, self.request).await?;
        self.app.jira.report_accounts(accounts, &token).await
    }

    /// Whose grants to try, in this order.
    async fn candidates(&self, items: &[ReportedAccount]) -> Result<Vec<Subject>, Failure> {
        if let Some(subject) = &self.works {
            return Ok(vec![subject.clone()]);
        }
        let active = |grant: &Grant| grant.state == tandem_domain::GrantState::Active;
        let own = self.grants_of(items).await?;
        let mut found: Vec<Subject> =
            own.iter().filter(|grant| active(grant)).filter_map(Grant::subject).collect();
        self.shuffle(&mut found);
        found.truncate(TRIED / 2);
        let mut others = Vec::new();
        for seal in self.app.vault.seals()?.iter().map(Some).chain([None]) {
            let (page, _) = self.app.store.list_grants_by_seal(seal, None, 100).await?;
            others.extend(page.iter().filter(|grant| active(grant)).filter_map(Grant::subject));
        }
        others.retain(|subject| subject.provider() == Provider::Atlassian);
        others.retain(|subject| !found.contains(subject));
        self.shuffle(&mut others);
        found.extend(others);
        found.truncate(TRIED);
        Ok(found)
    }

    /// So that each run begins with others.
    fn shuffle(&self, subjects: &mut [Subject]) {
        let mut bytes = [0; 8];
        self.app.entropy.fill(&mut bytes);
        let start = usize::try_from(u64::from_le_bytes(bytes) >> 32).unwrap_or(0);
        if !subjects.is_empty() {
            subjects.rotate_left(start % subjects.len());
        }
    }

    /// Does what the answer says, and then notes that these accounts were reported.
    async fn take(
        &mut self,
        mut items: Vec<ReportedAccount>,
        answer: AccountReport,
        report: &mut UpkeepReport,
    ) -> Result<(), Failure> {
        let now = self.app.clock.now();
        if let Some(cycle) = answer.cycle {
            self.state.cycle_secs = Some(cycle.clamp(CYCLES.0, CYCLES.1).as_secs());
        }
        let statuses: BTreeMap<&AccountId, AccountStatus> =
            answer.changed.iter().map(|(account, status)| (account, *status)).collect();
        let mut not_begun = Vec::new();
        for item in &mut items {
            match statuses.get(&item.account_id) {
                Some(AccountStatus::Closed) => {
                    let begun = closed_account::erase(self.app, item).await;
                    let done = report.count(begun, "erase_closed");
                    report.accounts_closed += done;
                    if done == 0 {
                        not_begun.push(item.account_id.clone());
                    }
                }
                // Nothing but ids is kept, so what is kept is right again as it is.
                Some(AccountStatus::Updated) => item.updated_at = now,
                None => {}
            }
            let spread = share_of(
                self.state.cycle() / 7,
                &[item.cloud_id.as_str(), item.account_id.as_str()],
            );
            item.cycle_from = now.minus(spread);
        }
        items.retain(|item| !not_begun.contains(&item.account_id));
        self.app.store.put_reports(&items).await?;
        self.state.not_before = (!not_begun.is_empty()).then(|| now.plus(WHEN_BUSY));
        self.state.reported_at = Some(now);
        self.app.store.put_reporting(&self.state).await?;
        report.accounts_reported += u32::try_from(items.len()).unwrap_or(u32::MAX);
        Ok(())
    }
}
