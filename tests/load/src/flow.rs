//! Comments at a steady rate in real time, and how long each takes into its chat.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use http::Method;
use reqwest::Client;
use serde_json::json;
use tandem_local::sandbox::weather::{Asked, Fate, Trouble, Weather};
use tokio::task::JoinSet;

use crate::{
    crowd::{token, token_in},
    run::Run,
    weather::Storm,
    world::{Issue, World},
};

/// When each comment was written, and how long it took into the chat.
#[derive(Default)]
pub(crate) struct Watch {
    inside: Mutex<Seen>,
    limits: Option<Arc<Storm>>,
}

#[derive(Default)]
struct Seen {
    /// When it was written, and for which site.
    written: HashMap<usize, (Instant, usize)>,
    /// How long each took, by site.
    took: HashMap<usize, Vec<Duration>>,
    number: usize,
}

impl Watch {
    /// A watch over a stack whose vendors have the limits of `storm`, or none.
    pub(crate) fn new(limits: Option<Arc<Storm>>) -> Arc<Self> {
        Arc::new(Self { limits, ..Self::default() })
    }

    fn number(&self, site: usize) -> usize {
        let mut seen = self.inside.lock().unwrap();
        seen.number += 1;
        let number = seen.number;
        seen.written.insert(number, (Instant::now(), site));
        number
    }

    /// How long the comments of each site took, and forgets them.
    pub(crate) fn take(&self) -> HashMap<usize, Vec<Duration>> {
        std::mem::take(&mut self.inside.lock().unwrap().took)
    }

    /// How many were written that are not in their chat yet.
    pub(crate) fn left(&self) -> usize {
        self.inside.lock().unwrap().written.len()
    }
}

impl Weather for Watch {
    fn trouble(&self, asked: &Asked<'_>) -> Option<Trouble> {
        let trouble = self.limits.as_ref().and_then(|storm| storm.trouble(asked));
        if trouble.is_none() && *asked.method == Method::POST && asked.path.ends_with("/messages") {
            let text = String::from_utf8_lossy(asked.body);
            let mut seen = self.inside.lock().unwrap();
            if let Some((number, _)) = token_in(&text)
                && let Some((at, site)) = seen.written.remove(&number)
            {
                seen.took.entry(site).or_default().push(at.elapsed());
            }
        }
        trouble
    }

    fn fate(&self, _: u32) -> Fate {
        Fate::Arrives
    }
}

/// Has comments written on every site until the time is over, at the rate (per second) of each.
pub(crate) fn flows(
    run: &Run,
    watch: &Arc<Watch>,
    world: &Arc<World>,
    until: Instant,
    rate: impl Fn(usize) -> f64,
) -> JoinSet<()> {
    let mut flows = JoinSet::new();
    for site in 0..world.sites.len() {
        let (watch, world, http) = (Arc::clone(watch), Arc::clone(world), run.http.clone());
        let rate = rate(site);
        if rate > 0.0 {
            flows.spawn(flow(watch, http, run.stack.url(), world, site, rate, until));
        }
    }
    flows
}

/// The same where all sites together have a rate.
pub(crate) fn even_flows(
    run: &Run,
    watch: &Arc<Watch>,
    world: &Arc<World>,
    until: Instant,
    rate: f64,
) -> JoinSet<()> {
    #[allow(clippy::cast_precision_loss, reason = "a handful of sites")]
    let sites = world.sites.len() as f64;
    flows(run, watch, world, until, |_| rate / sites)
}

/// Has comments written on the issues of a site at a rate (per second) until the time is over.
async fn flow(
    watch: Arc<Watch>,
    http: Client,
    url: String,
    world: Arc<World>,
    site: usize,
    rate: f64,
    until: Instant,
) {
    let issues: Vec<Issue> =
        world.issues.iter().filter(|it| it.site == site && it.chats.len() == 1).cloned().collect();
    let mut random = fastrand::Rng::with_seed(site as u64);
    let began = Instant::now();
    let mut sent = 0u32;
    loop {
        // Not all sites at the same moment.
        let due = began + Duration::from_secs_f64((f64::from(sent) + random.f64()) / rate);
        if due >= until {
            return;
        }
        tokio::time::sleep_until(due.into()).await;
        sent += 1;
        let issue = &issues[random.usize(..issues.len())];
        let people = &world.sites[site].people;
        let by = &people[issue.chats[0].members[random.usize(..2)]];
        let number = watch.number(site);
        let body = json!({
            "as": by.account, "cloudId": world.sites[site].cloud, "issue": issue.id,
            "action": "comment", "text": format!("{} the lamp in the hall flickers", token(number, 0)),
        });
        let request = http.post(format!("{url}/sandbox/people/jira/act")).json(&body);
        tokio::spawn(async move {
            request.send().await.unwrap().error_for_status().unwrap();
        });
    }
}

/// The middle one, in milliseconds.
pub(crate) fn median(mut of: Vec<Duration>) -> f64 {
    of.sort_unstable();
    of.get(of.len() / 2).map_or(f64::NAN, |middle| middle.as_secs_f64() * 1000.0)
}
