//! The world in which it is measured, and the measuring.

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use serde_json::json;

use crate::{
    events::{self, Event, QUEUE},
    figures::{Figures, Row},
    links,
    process::{Place, alone, on_processor},
    seen::Seen,
    simplest::{Simplest, Tokens},
    support::{
        CLOUD, TENANT, TestStack, World,
        people::{ISSUE, world_on},
    },
    vendors::Vendors,
};

pub const NO_CHAT: &str = "Webhook, no chat";
pub const POST: &str = "Webhook to post, both";
const HANDED_OVER: &str = "Webhook, handed over";
const DELIVERED: &str = "Delivery, posted";
const SEARCH: &str = "Search of the bot";

/// How many events warm a process up.
const WARMING: usize = 20;
/// Of how many events the calls are seen.
const SEEN: usize = 10;
/// An issue without a chat.
const UNLINKED: &str = "20001";
/// Somebody who has not linked their accounts.
const STRANGER: &str = "712020:6a1f2c3d-0000-4000-8000-0123456789ab";

pub struct Bench {
    world: World,
    place: Place,
    tokens: Tokens,
    /// The comments that were written so far.
    comments: AtomicUsize,
    /// The messages of the queue that were taken so far.
    taken: Mutex<usize>,
    /// The links that were stored so far.
    links: Mutex<usize>,
}

/// Who handles the events.
#[derive(Clone, Copy)]
enum Who {
    Tandem,
    Simplest,
}

impl Bench {
    /// A world in memory, or in a file where much is to be stored.
    pub async fn start(large: bool) -> Self {
        let folder = large.then(|| std::env::temp_dir().join("tandem-warm-cost"));
        if let Some(folder) = &folder {
            let _ = std::fs::remove_dir_all(folder);
        }
        let stack = TestStack::unwatched_in(folder).await.serving().await;
        let world = world_on(stack).await;
        let place = Place::on(&world.stack).await;
        let tokens = Tokens::of(&world).await;
        let comments = AtomicUsize::new(500_000);
        Self { world, place, tokens, comments, taken: Mutex::new(0), links: Mutex::new(1) }
    }

    /// Stores links until there are so many.
    pub fn fill(&self, wanted: usize) {
        let mut stored = self.links.lock().unwrap();
        links::fill(&self.world, *stored, wanted);
        *stored = wanted.max(*stored);
    }

    /// What each kind of event costs, by so many of each.
    pub async fn measure(&self, events: usize) -> Vec<Row> {
        let webhook = |comment: String| events::webhook(UNLINKED, &comment, STRANGER);
        let no_chat = self.row(NO_CHAT, [1.0, 1.0, 0.0], events, async |many| {
            (0..many).map(|_| webhook(self.number())).collect()
        });
        let no_chat = no_chat.await;
        let handed_over = self.row(HANDED_OVER, [1.0, 1.0, 0.0], events, async |many| {
            (0..many)
                .map(|_| events::webhook(ISSUE, &self.write(), &self.world.ben.account))
                .collect()
        });
        let handed_over = handed_over.await;
        let delivered =
            self.row(DELIVERED, [0.0, 1.0, 1.0], events, async |many| self.hand_over(many).await);
        let delivered = delivered.await;
        let search =
            self.row(SEARCH, [1.0, 1.0, 0.0], events, async |many| self.searches(many).await);
        let search = search.await;
        let post = handed_over.and(&delivered, POST);
        vec![no_chat, handed_over, delivered, post, search]
    }

    async fn row(
        &self,
        name: &'static str,
        around: [f64; 3],
        events: usize,
        make: impl AsyncFn(usize) -> Vec<Event>,
    ) -> Row {
        let mut both = Vec::new();
        for who in [Who::Tandem, Who::Simplest] {
            let mut figures = self.seen(who, make(WARMING + SEEN).await).await;
            figures.cpu = self.timed(who, make(WARMING + events).await).await;
            both.push(figures);
            self.rest().await;
        }
        let [ours, simplest] = both.try_into().unwrap();
        Row { name, ours, simplest, around }
    }

    /// Waits until the stack itself has nothing to do: it hears of each message that is posted.
    async fn rest(&self) {
        let stack = &self.world.stack;
        let mut quiet = 0;
        while quiet < 3 {
            stack.microsoft.settled().await;
            let queues = stack.aws.queues().into_iter();
            let waiting: usize = queues
                .filter(|queue| queue.name != QUEUE && queue.dead_letters_of.is_empty())
                .map(|queue| queue.waiting + queue.in_flight)
                .sum();
            quiet = if waiting + stack.under_way() > 0 { 0 } else { quiet + 1 };
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    /// The calls that events make, behind some that warm the process up.
    async fn seen(&self, who: Who, events: Vec<Event>) -> Figures {
        let seen = Seen::default();
        let vendors = Vendors::before(self.world.stack.url(), seen.clone()).await;
        let place = self.place.behind(&vendors);
        let calls = alone(async || {
            let function = Function::start(who, &place, Some(&seen), self).await;
            let mut calls = Vec::new();
            for (at, event) in events.into_iter().enumerate() {
                function.handle(event).await;
                let made = seen.take();
                if at >= WARMING {
                    calls.push(made);
                }
            }
            calls
        });
        Figures::of(&calls)
    }

    /// How long events are on the processor, each, behind some that warm the process up.
    async fn timed(&self, who: Who, events: Vec<Event>) -> std::time::Duration {
        let many = u32::try_from(events.len() - WARMING).unwrap();
        alone(async || {
            let function = Function::start(who, &self.place, None, self).await;
            let mut events = events.into_iter();
            for event in events.by_ref().take(WARMING) {
                function.handle(event).await;
            }
            let before = on_processor();
            for event in events {
                function.handle(event).await;
            }
            (on_processor() - before) / many
        })
    }

    /// One that no other comment has: the simulated Jira numbers its own behind the last.
    fn number(&self) -> String {
        self.comments.fetch_add(1_000, Ordering::SeqCst).to_string()
    }

    /// Ben writes a comment; its number.
    fn write(&self) -> String {
        let (comment, author) = (self.number(), &self.world.ben.account);
        let text = "The lamp in the hall flickers again, and only in the evening.";
        self.world.stack.jira.add_comment(CLOUD, ISSUE, &comment, author, text);
        comment
    }

    /// What lies on the queue of as many webhooks.
    async fn hand_over(&self, many: usize) -> Vec<Event> {
        let webhooks: Vec<Event> = (0..many)
            .map(|_| events::webhook(ISSUE, &self.write(), &self.world.ben.account))
            .collect();
        let before = events::queued(&self.world.stack.aws).len();
        alone(async || {
            let app = self.place.app(None).await;
            for event in webhooks {
                event.handle(&app).await;
            }
        });
        *self.taken.lock().unwrap() = before + many;
        events::queued(&self.world.stack.aws).split_off(before)
    }

    /// A search of Ben's, as often.
    async fn searches(&self, many: usize) -> Vec<Event> {
        let act = json!({
            "as": self.world.ben.object, "tenantId": TENANT,
            "where": {"kind": "groupChat", "chatId": self.world.chat},
            "do": {"invoke": {"name": "composeExtension/query", "value": {
                "commandId": "searchIssues",
                "parameters": [{"name": "query", "value": "lamp"}],
                "queryOptions": {"skip": 0, "count": 25},
            }}},
        });
        let (status, answer) =
            self.world.stack.send("POST", "/sandbox/people/teams/bot", &act).await;
        assert_eq!(status, 200, "{answer}");
        let latest = self.world.stack.local().latest.by_route();
        let mut event = latest["POST /teams/messages"].clone();
        let mut numbered = |number: String| {
            event["requestContext"]["requestId"] = json!(format!("search-{number}"));
            Event::Bot(event.to_string())
        };
        (0..many).map(|_| numbered(self.number())).collect()
    }
}

/// A function in a process of its own.
#[allow(clippy::large_enum_variant, reason = "there are a handful")]
enum Function {
    Tandem(std::sync::Arc<tandem_runtime::App>),
    Simplest(Simplest),
}

impl Function {
    async fn start(who: Who, place: &Place, seen: Option<&Seen>, bench: &Bench) -> Self {
        match who {
            Who::Tandem => Self::Tandem(place.app(seen).await),
            Who::Simplest => {
                Self::Simplest(Simplest::new(place, seen, &bench.tokens, &bench.world.chat).await)
            }
        }
    }

    async fn handle(&self, event: Event) {
        match self {
            Self::Tandem(app) => event.handle(app).await,
            Self::Simplest(simplest) => simplest.handle(event).await,
        }
    }
}
