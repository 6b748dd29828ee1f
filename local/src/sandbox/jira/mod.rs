//! Atlassian's side of the local stack: sign-in, the Jira Cloud REST API and its webhooks.
//!
//! Simulated to the published contract and to nothing else: this module shares no code with the
//! client it is used to try, so a mistake made twice cannot cancel itself out. It is stricter than
//! Jira in one respect: query parameters and body fields that the contract does not name are
//! refused, where Jira would pass over them.
//!
//! The router serves, below wherever it is mounted (`/sandbox` in the local stack):
//!
//! | prefix | stands for |
//! |---|---|
//! | `/atlassian/login` | `https://auth.atlassian.com` |
//! | `/atlassian/api` | `https://api.atlassian.com` |
//! | `/atlassian/forge` | `https://forge.cdn.prod.atlassian-dev.net` |
//! | `/people/jira` | a person at Jira's own screens; local only, no sign-in |

mod actor;
mod adf;
mod answer;
mod body;
mod call;
mod catalogue;
mod disk;
mod forge;
mod gateway;
mod jql;
mod login;
mod model;
mod people;
mod permission;
mod random;
mod rest;
mod seed;
mod webhooks;
mod wire;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use axum::Router;
use tandem_domain::Clock;
use tokio::{sync::Notify, time::Instant};

pub use forge::FORGE_APP_ID;
pub use model::{
    AccountType, ChoiceField, Comment, ProjectKind, SecurityLevel, Visibility, VisibilityType,
    Workflow,
};
pub use seed::{Demo, NewIssue, NewProject, NewUser};
pub use webhooks::{DeliveryState, WebhookLogEntry};

use actor::Actor;
use answer::Refusal;
use model::Cloud;

use super::{microsoft::SigningKey, weather::Sky};

/// How the simulated Atlassian is set up.
#[derive(Clone)]
pub struct JiraOptions {
    /// Where this simulation's `https://api.atlassian.com` is reachable, without a final slash;
    /// `self` links in answers start with it.
    pub api_base: String,
    /// Where webhooks go: `{webhook_base}/jira/{cloudId}/webhooks`.
    pub webhook_base: String,
    /// The OAuth client id of the app under test.
    pub client_id: String,
    /// The OAuth client secret of the app under test.
    pub client_secret: String,
    /// The callback addresses registered for the app.
    pub redirect_uris: Vec<String>,
    /// How long to wait before a failed webhook is sent again. Jira waits 5 to 15 minutes.
    pub retry_delay: Duration,
    /// How long a refresh token that was used already is still accepted; `None`: not at all.
    pub reuse_leeway: Option<Duration>,
    /// Where to keep the state between runs; `None` keeps it in memory.
    pub data_file: Option<PathBuf>,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// What becomes of webhooks on their way.
    pub sky: Sky,
}

/// The simulated Atlassian. Cheap to clone; all clones are the same cloud.
#[derive(Clone)]
pub struct JiraSandbox(Arc<Inner>);

struct Inner {
    options: JiraOptions,
    http: reqwest::Client,
    live: Mutex<Live>,
    quiet: Notify,
    /// What Forge signs with; made when it is first needed.
    forge_key: OnceLock<SigningKey>,
}

/// The state, and what only this process needs besides.
struct Live {
    cloud: Cloud,
    /// The sites whose webhooks are being sent right now.
    sending: BTreeSet<String>,
    /// When a webhook that failed may be tried again, by its identifier.
    not_before: BTreeMap<String, Instant>,
}

impl JiraSandbox {
    /// A new cloud, or the one that `data_file` remembers.
    ///
    /// # Errors
    /// When the data file exists and cannot be read, or holds something else.
    pub fn new(options: JiraOptions) -> io::Result<Self> {
        let cloud = match &options.data_file {
            Some(path) => disk::load(path)?,
            None => Cloud::default(),
        };
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(20))
            .build()
            .map_err(io::Error::other)?;
        let live = Live { cloud, sending: BTreeSet::new(), not_before: BTreeMap::new() };
        let (quiet, forge_key) = (Notify::new(), OnceLock::new());
        Ok(Self(Arc::new(Inner { options, http, live: Mutex::new(live), quiet, forge_key })))
    }

    /// Everything this simulation answers; see the module's table of prefixes.
    ///
    /// Called inside a Tokio runtime, it also takes up webhooks left over from an earlier run.
    pub fn router(&self) -> Router {
        self.wake_sender();
        Router::new()
            .nest("/atlassian/login", login::router())
            .nest("/atlassian/api", gateway::router())
            .nest("/atlassian/forge", forge::router())
            .nest("/people/jira", people::router())
            .with_state(self.clone())
    }

    /// How it was set up.
    fn options(&self) -> &JiraOptions {
        &self.0.options
    }

    /// The present time, in milliseconds since 1970.
    fn now(&self) -> i64 {
        self.0.options.clock.now().as_millis()
    }

    fn lock(&self) -> MutexGuard<'_, Live> {
        self.0.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the state.
    fn read<T>(&self, look: impl FnOnce(&Cloud) -> T) -> T {
        look(&self.lock().cloud)
    }

    /// Changes the state, saves it and sends the webhooks that came of it.
    fn change<T>(&self, change: impl FnOnce(&mut Cloud) -> T) -> T {
        let mut live = self.lock();
        let result = change(&mut live.cloud);
        self.save(&live.cloud);
        drop(live);
        self.wake_sender();
        result
    }

    /// Lets `account` do something on a site. A deed that is refused has changed nothing.
    fn act<T>(
        &self,
        cloud_id: &str,
        account: &str,
        deed: impl FnOnce(&mut Actor<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let now = self.now();
        let mut live = self.lock();
        let cloud = &mut live.cloud;
        let result = deed(&mut Actor { cloud, cloud_id, account, now, options: &self.0.options })?;
        self.save(&live.cloud);
        drop(live);
        self.wake_sender();
        Ok(result)
    }

    /// Lets `account` look at something on a site: as [`Self::act`], with nothing to save.
    fn look<T>(
        &self,
        cloud_id: &str,
        account: &str,
        look: impl FnOnce(&Actor<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let now = self.now();
        let cloud = &mut self.lock().cloud;
        look(&Actor { cloud, cloud_id, account, now, options: &self.0.options })
    }

    fn save(&self, cloud: &Cloud) {
        if let Some(path) = &self.0.options.data_file
            && let Err(error) = disk::save(path, cloud)
        {
            tracing::error!(%error, "the simulated Jira's state was not saved");
        }
    }
}
