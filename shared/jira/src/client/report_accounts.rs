//! Personal data reporting: which of the accounts that Tandem keeps were closed.
//! <https://developer.atlassian.com/cloud/jira/platform/user-privacy-developer-guide/>

use std::{fmt, time::Duration};

use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::json;
use tandem_domain::{AccessToken, AccountId, Failure, Timestamp};

use super::{Call, JiraClient, parsed};
use crate::transport;

/// The most accounts that one report may name.
pub const MAX_REPORTED: usize = 90;

/// What became of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountStatus {
    /// It was closed: what is kept of it must go.
    Closed,
    /// Its profile changed since the time that was reported.
    Updated,
}

/// What Atlassian answered to a report.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountReport {
    /// The accounts of which it has something to say.
    pub changed: Vec<(AccountId, AccountStatus)>,
    /// Within what time each account is to be reported again, where it said so.
    pub cycle: Option<Duration>,
}

impl fmt::Debug for AccountReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountReport")
            .field("changed", &self.changed.len())
            .field("cycle", &self.cycle)
            .finish()
    }
}

#[derive(Deserialize)]
struct WireReport {
    #[serde(default)]
    accounts: Vec<WireAccount>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireAccount {
    account_id: String,
    status: String,
}

impl WireReport {
    /// What is said of accounts that were asked about. A status that is not known changes nothing.
    fn changed(self, asked: &[(AccountId, Timestamp)]) -> Vec<(AccountId, AccountStatus)> {
        let read = |wire: WireAccount| {
            let status = match wire.status.as_str() {
                "closed" => AccountStatus::Closed,
                "updated" => AccountStatus::Updated,
                _ => return None,
            };
            let (account, _) = asked.iter().find(|(id, _)| id.as_str() == wire.account_id)?;
            Some((account.clone(), status))
        };
        self.accounts.into_iter().filter_map(read).collect()
    }
}

impl JiraClient {
    /// Reports accounts, at most [`MAX_REPORTED`], each with the time at which what is kept of it was
    /// last known to be right. Anybody's token will do that has the scope `report:personal-data`.
    ///
    /// # Errors
    /// [`Failure::SignInNeeded`] or [`Failure::Forbidden`] where the token will not do,
    /// [`Failure::Retry`] with the time to wait where the endpoint is busy, [`Failure::Fault`] where
    /// it refuses the report itself.
    pub async fn report_accounts(
        &self,
        accounts: &[(AccountId, Timestamp)],
        token: &AccessToken,
    ) -> Result<AccountReport, Failure> {
        // The documented address ends with a slash.
        let url = transport::under(&self.api_base, &["app", "report-accounts", ""]);
        let listed: Vec<_> = accounts
            .iter()
            .map(|(id, at)| json!({"accountId": id, "updatedAt": at.to_rfc3339()}))
            .collect();
        let body = json!({"accounts": listed});
        let call = Call::post(url, "account_report", &body);
        let answer = self.ask(&call, token).await?;
        match answer.status {
            StatusCode::NO_CONTENT => {
                Ok(AccountReport { changed: Vec::new(), cycle: answer.cycle_period })
            }
            StatusCode::OK => {
                let report: WireReport = parsed(&answer)?;
                Ok(AccountReport { changed: report.changed(accounts), cycle: answer.cycle_period })
            }
            StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE => {
                Err(Failure::Fault { what: "account_report_refused" })
            }
            _ => Err(call.refused(&answer)),
        }
    }
}
