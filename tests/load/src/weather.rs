//! The vendors' bad days, by seed: their published limits, and faults at a rate.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{Method, StatusCode};
use tandem_domain::Clock;
use tandem_local::sandbox::{
    gate::Strike,
    weather::{Asked, Fate, Trouble, Weather},
};

use crate::world::World;

/// A window in seconds, and how many calls it holds.
type Window = (i64, usize);

/// How fast messages may be sent in one tenant: about two a second.
/// <https://learn.microsoft.com/graph/throttling-limits#microsoft-teams-service-limits>
const POSTS_PER_TENANT: &[Window] = &[(5, 10)];
/// How fast one issue may be written to.
/// <https://developer.atlassian.com/cloud/jira/platform/rate-limiting/>
const WRITES_PER_ISSUE: &[Window] = &[(2, 20), (30, 100)];
/// How fast a site may be called: a burst of a hundred in a second at each kind of address.
const CALLS_PER_SITE: &[Window] = &[(1, 100)];

/// The weather of one seed.
pub(crate) struct Storm {
    clock: Arc<dyn Clock>,
    rate: f64,
    limits: bool,
    inside: Mutex<Inside>,
}

struct Inside {
    random: fastrand::Rng,
    calls: HashMap<String, VecDeque<i64>>,
    tenants: HashMap<String, String>,
    struck: BTreeMap<&'static str, usize>,
}

impl Storm {
    /// Faults at `rate` (0 to 1) of the calls in either direction, and the vendors' limits.
    pub(crate) fn new(seed: u64, rate: f64, limits: bool, clock: Arc<dyn Clock>) -> Arc<Self> {
        let inside = Inside {
            random: fastrand::Rng::with_seed(seed ^ 0x5707),
            calls: HashMap::new(),
            tenants: HashMap::new(),
            struck: BTreeMap::new(),
        };
        Arc::new(Self { clock, rate, limits, inside: Mutex::new(inside) })
    }

    /// The same, which knows whose the chats of a world are.
    pub(crate) fn of(
        world: &World,
        seed: u64,
        rate: f64,
        limits: bool,
        clock: Arc<dyn Clock>,
    ) -> Arc<Self> {
        let storm = Self::new(seed, rate, limits, clock);
        for issue in &world.issues {
            let tenant = &world.sites[issue.site].tenant;
            issue.chats.iter().for_each(|chat| storm.learn(&chat.id, tenant));
        }
        storm
    }

    /// Tells whose a chat is.
    fn learn(&self, chat: &str, tenant: &str) {
        self.inside.lock().unwrap().tenants.insert(chat.to_owned(), tenant.to_owned());
    }

    /// What struck, and how often.
    pub(crate) fn struck(&self) -> BTreeMap<&'static str, usize> {
        self.inside.lock().unwrap().struck.clone()
    }
}

impl Inside {
    fn count(&mut self, what: &'static str) {
        *self.struck.entry(what).or_default() += 1;
    }

    /// Counts a call under a name. `Some(seconds)`, and nothing is counted, when it is one too many.
    fn over(&mut self, name: String, windows: &[Window], now: i64) -> Option<u64> {
        let calls = self.calls.entry(name).or_default();
        let longest = windows.iter().map(|(seconds, _)| *seconds).max().unwrap_or(0);
        while calls.front().is_some_and(|at| at + longest * 1000 <= now) {
            calls.pop_front();
        }
        for (seconds, most) in windows {
            let since = now - seconds * 1000;
            let within = calls.iter().rev().take_while(|at| **at > since).count();
            if within >= *most {
                let oldest = calls[calls.len() - *most];
                let wait = oldest + seconds * 1000 - now;
                return Some(u64::try_from(wait.div_euclid(1000) + 1).unwrap_or(1));
            }
        }
        calls.push_back(now);
        None
    }

    fn limited(&mut self, asked: &Asked<'_>, now: i64) -> Option<u64> {
        let parts: Vec<&str> = asked.path.split('/').skip(1).collect();
        match parts[..] {
            ["graph", _, "chats", chat, "messages"] if asked.method == Method::POST => {
                let chat = chat.replace("%3A", ":").replace("%40", "@");
                let tenant = self.tenants.get(&chat).cloned().unwrap_or_default();
                self.over(format!("posts {tenant}"), POSTS_PER_TENANT, now)
            }
            ["atlassian", "api", "ex", "jira", site, _, _, _, kind, ref rest @ ..] => {
                let written = asked.method != Method::GET;
                if written
                    && kind == "issue"
                    && let Some(issue) = rest.first()
                {
                    let name = format!("writes {site} {issue}");
                    if let Some(wait) = self.over(name, WRITES_PER_ISSUE, now) {
                        return Some(wait);
                    }
                }
                let last = rest.get(1).copied().unwrap_or_default();
                let name = format!("calls {site} {} {kind} {last}", asked.method);
                self.over(name, CALLS_PER_SITE, now)
            }
            _ => None,
        }
    }

    fn fault(&mut self, asked: &Asked<'_>) -> (&'static str, Trouble) {
        // The simulated Atlassian takes a refresh token once; the real one forgives a repetition
        // within ten minutes, so an answer lost there would be a fault of the simulation.
        let once = asked.path.starts_with("/atlassian/login");
        let after = |random: &mut fastrand::Rng| {
            if !once && random.bool() { Strike::After } else { Strike::Before }
        };
        let strike = after(&mut self.random);
        let refused = |status, retry_after| Trouble::Refused {
            strike: Strike::Before,
            status,
            retry_after,
            body: Bytes::from_static(b"{}"),
        };
        match self.random.u8(0..10) {
            0 | 1 => {
                let wait = self.random.u64(1..10);
                ("throttled", refused(StatusCode::TOO_MANY_REQUESTS, Some(wait)))
            }
            2 => ("unavailable", refused(StatusCode::SERVICE_UNAVAILABLE, Some(2))),
            3 => {
                let body = Bytes::from_static(b"upstream failed");
                let status = StatusCode::BAD_GATEWAY;
                let lost = Trouble::Refused { strike, status, retry_after: None, body };
                ("bad gateway", lost)
            }
            4 => ("internal error", refused(StatusCode::INTERNAL_SERVER_ERROR, None)),
            5 | 6 => ("reset", Trouble::Reset(strike)),
            7 if !once => ("half an answer", Trouble::HalfAnswer),
            _ => {
                let millis = self.random.u64(20..120);
                ("slow body", Trouble::Slow(Duration::from_millis(millis)))
            }
        }
    }
}

impl Weather for Storm {
    fn trouble(&self, asked: &Asked<'_>) -> Option<Trouble> {
        let now = self.clock.now().as_millis();
        let mut inside = self.inside.lock().unwrap();
        if self.limits
            && let Some(wait) = inside.limited(asked, now)
        {
            inside.count("over a limit");
            return Some(Trouble::Refused {
                strike: Strike::Before,
                status: StatusCode::TOO_MANY_REQUESTS,
                retry_after: Some(wait),
                body: Bytes::from_static(b"{}"),
            });
        }
        if inside.random.f64() >= self.rate {
            return None;
        }
        let (what, trouble) = inside.fault(asked);
        inside.count(what);
        Some(trouble)
    }

    fn fate(&self, _attempt: u32) -> Fate {
        let mut inside = self.inside.lock().unwrap();
        if inside.random.f64() >= self.rate {
            return Fate::Arrives;
        }
        let (what, fate) = match inside.random.u8(0..3) {
            0 => ("told twice", Fate::ArrivesTwice),
            1 => ("told, answer lost", Fate::AnswerIsLost),
            _ => {
                let late = Duration::from_millis(inside.random.u64(30..400));
                ("told late", Fate::IsLate(late))
            }
        };
        inside.count(what);
        fate
    }
}

#[cfg(test)]
mod tests {
    use tandem_domain::{ManualClock, Timestamp};

    use super::*;

    #[test]
    fn a_tenant_takes_ten_posts_in_five_seconds_and_then_says_when() {
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_800_000_000)));
        let storm = Storm::new(1, 0.0, true, clock.clone());
        storm.learn("19:a@thread.v2", "t");
        let post = || {
            let path = "/graph/v1.0/chats/19%3Aa%40thread.v2/messages";
            storm.trouble(&Asked { method: &Method::POST, path, body: &Bytes::new() })
        };
        assert!((0..10).all(|_| post().is_none()));
        let Some(Trouble::Refused { status, retry_after, .. }) = post() else { panic!() };
        assert_eq!((status.as_u16(), retry_after), (429, Some(6)));
        clock.advance(Duration::from_secs(6));
        assert!(post().is_none());
    }

    #[test]
    fn faults_come_at_their_rate() {
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_800_000_000)));
        let storm = Storm::new(7, 0.05, false, clock);
        let body = Bytes::new();
        let asked = || Asked { method: &Method::GET, path: "/graph/v1.0/me", body: &body };
        let struck = (0..10_000).filter(|_| storm.trouble(&asked()).is_some()).count();
        assert!((400..600).contains(&struck), "{struck}");
    }
}
