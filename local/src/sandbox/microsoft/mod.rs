//! Microsoft's side of the local stack: Entra ID, the chats of Microsoft Graph with their change
//! notifications, the Bot Framework, and the people who use Teams itself.
//!
//! It follows the published contracts (Microsoft Graph v1.0 and the Microsoft identity platform
//! v2.0) and shares no code with the connector it is there to test. Where it differs on purpose:
//! notification URLs on loopback may use `http`, a notification is given up after some tries, not
//! hours, and `login_as` on the authorize page signs a person in without a page.

mod connector;
mod conversations;
mod datetime;
mod delivery;
mod directory;
mod entra;
mod graph;
mod html;
mod model;
mod notifications;
mod people;
mod persist;
mod random;
mod signing;
mod state;
#[cfg(test)]
mod tests;

use std::{
    io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use tandem_domain::Clock;

pub use self::{
    connector::{BotAnswer, BotObjection, BotPost, Channel, Installation, Team},
    directory::DemoTenant,
    model::{
        Chat, ChatType, Content, Member, Message, NewUser, Sender, SignInBlock, Subscription, User,
    },
    notifications::{LifecycleEvent, Notification, Outcome},
};

pub(crate) use self::signing::{Issuer, SigningKey};
use self::{delivery::Courier, state::State};
use super::weather::Sky;

/// How the sandbox is set up.
pub struct MicrosoftOptions {
    /// Where the sandbox's Entra is reached, e.g. `http://127.0.0.1:3000/sandbox/entra`.
    pub entra_base: String,
    /// Where its Graph is reached, e.g. `http://127.0.0.1:3000/sandbox/graph/v1.0`.
    pub graph_base: String,
    /// Where its Bot Connector is reached, e.g. `http://127.0.0.1:3000/sandbox/connector`: the
    /// `serviceUrl` of activities.
    pub connector_base: String,
    /// The id of the one app registration.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// The bot's id. It may be the app's.
    pub bot_client_id: String,
    /// The bot's secret.
    pub bot_client_secret: String,
    /// Where Teams sends activities, e.g. `http://127.0.0.1:3000/teams/messages`.
    pub bot_endpoint: String,
    /// The redirect addresses registered for the app.
    pub redirect_uris: Vec<String>,
    /// How long to wait before a notification that failed is sent again.
    pub retry_delay: Duration,
    /// Where to keep the state; `None` keeps it in memory only. The file holds tokens and the
    /// signing key, in the clear: for development only.
    pub data_file: Option<PathBuf>,
    /// Where the time comes from. Only the delay between tries is real time.
    pub clock: Arc<dyn Clock>,
    /// What becomes of notifications on their way.
    pub sky: Sky,
}

/// The simulated Microsoft. Clones share one state.
#[derive(Clone)]
pub struct MicrosoftSandbox(Arc<Inner>);

struct Inner {
    options: MicrosoftOptions,
    state: Mutex<State>,
    key: SigningKey,
    /// The key of tokens for the bot; made at its first use.
    bot_key: OnceLock<SigningKey>,
    courier: Courier,
}

impl MicrosoftSandbox {
    /// A sandbox with the state of the data file, or empty. An unreadable or damaged data file
    /// is an error.
    pub fn new(options: MicrosoftOptions) -> io::Result<Self> {
        let mut state = match &options.data_file {
            Some(path) => persist::load(path)?.unwrap_or_default(),
            None => State::default(),
        };
        let key = if state.signing_key.is_empty() {
            let key = SigningKey::of_process(Issuer::Entra)?;
            state.signing_key = key.to_base64()?;
            key
        } else {
            SigningKey::from_base64(&state.signing_key)?
        };
        let courier = Courier::new()?;
        courier.count(&state);
        if let Some(path) = &options.data_file {
            persist::save(path, &state)?;
        }
        Ok(Self(Arc::new(Inner {
            options,
            state: Mutex::new(state),
            key,
            bot_key: OnceLock::new(),
            courier,
        })))
    }

    /// The routes `/entra`, `/graph/v1.0`, `/connector`, `/botframework` and `/people/teams`.
    /// Notifications left over from an earlier run start moving when this is called within a
    /// runtime.
    pub fn router(&self) -> axum::Router {
        self.start_worker();
        axum::Router::new()
            .nest("/entra", entra::router())
            .nest("/graph/v1.0", graph::router(self))
            .nest("/connector", connector::router())
            .nest("/botframework", connector::keys_router())
            .nest("/people/teams", people::router())
            .with_state(self.clone())
    }

    /// The present time in milliseconds since 1970.
    fn now(&self) -> i64 {
        self.0.options.clock.now().as_millis()
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.forget_expired(self.now());
        state
    }

    /// Looks at the state.
    fn read<R>(&self, look: impl FnOnce(&State) -> R) -> R {
        look(&self.locked())
    }

    /// Changes the state: saves it and sends what the change made due. The closure gets the
    /// present time.
    fn change<R>(&self, change: impl FnOnce(&mut State, i64) -> R) -> R {
        let result = {
            let mut state = self.locked();
            let result = change(&mut state, self.now());
            self.0.courier.count(&state);
            if let Some(path) = &self.0.options.data_file
                && let Err(error) = persist::save(path, &state)
            {
                tracing::warn!(%error, "the Microsoft sandbox could not save its state");
            }
            result
        };
        self.start_worker();
        result
    }

    /// All chats, oldest first.
    pub fn chats(&self) -> Vec<Chat> {
        let mut chats: Vec<Chat> = self.read(|state| state.chats.values().cloned().collect());
        chats.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        chats
    }

    /// The messages of a chat, oldest first, deleted ones included.
    pub fn messages(&self, chat_id: &str) -> Vec<Message> {
        self.read(|state| state.messages.get(chat_id).cloned().unwrap_or_default())
    }

    /// The subscriptions that have not expired.
    pub fn subscriptions(&self) -> Vec<Subscription> {
        self.read(|state| state.subscriptions.values().cloned().collect())
    }

    /// The notifications of late, oldest first, waiting ones included.
    pub fn notification_log(&self) -> Vec<Notification> {
        self.read(|state| state.notifications.clone())
    }

    /// Sends a lifecycle notification for a subscription. With
    /// [`LifecycleEvent::SubscriptionRemoved`] the subscription is gone, too.
    pub fn send_lifecycle(&self, subscription_id: &str, event: LifecycleEvent) {
        self.change(|state, _| {
            state.announce_lifecycle(subscription_id, event);
            if event == LifecycleEvent::SubscriptionRemoved {
                state.subscriptions.remove(subscription_id);
            }
        });
    }
}
