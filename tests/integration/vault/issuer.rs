//! A vendor's token endpoint by script: rotates strictly, counts, and can be held.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use tandem_domain::{
    AccessToken, BoxFuture, Clock, IssuerError, ManualClock, RefreshToken, SignInReason, Subject,
    TokenIssuer, TokenSet,
};
use tokio::sync::Notify;

/// How long an access token lasts.
pub(super) const LASTS: Duration = Duration::from_secs(3600);

/// What the endpoint does with calls.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    Serves,
    Refuses(SignInReason),
    Unavailable,
}

/// At which moment of a call to hold it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// Before the endpoint looks at it.
    Arriving,
    /// When the token has been rotated and the answer is under way.
    Answering,
}

/// A call that is held until told to go on.
pub(super) struct Held {
    moment: Moment,
    arrived: Notify,
    go: Notify,
}

impl Held {
    pub(super) async fn arrived(&self) {
        self.arrived.notified().await;
    }

    pub(super) fn go(&self) {
        self.go.notify_one();
    }
}

#[derive(Default)]
struct Line {
    /// The generation of the one refresh token that is valid.
    generation: u32,
    calls: u32,
    old_seen: u32,
}

/// The endpoint.
pub(super) struct Issuer {
    clock: Arc<ManualClock>,
    lines: Mutex<HashMap<Subject, Line>>,
    mood: Mutex<Mood>,
    held: Mutex<Option<Arc<Held>>>,
    /// Whether the refresh token before the valid one is still accepted.
    leeway: bool,
    /// How long a call takes.
    takes: Duration,
}

impl Issuer {
    pub(super) fn new(clock: Arc<ManualClock>, leeway: bool, takes: Duration) -> Self {
        Self {
            clock,
            lines: Mutex::default(),
            mood: Mutex::new(Mood::Serves),
            held: Mutex::default(),
            leeway,
            takes,
        }
    }

    /// A sign-in: the old tokens end, new ones are issued.
    pub(super) fn sign_in(&self, subject: &Subject) -> TokenSet {
        let mut lines = self.lines.lock().unwrap();
        let line = lines.entry(subject.clone()).or_default();
        line.generation += 1;
        self.tokens(line.generation)
    }

    fn tokens(&self, generation: u32) -> TokenSet {
        TokenSet {
            access: AccessToken::new(format!("access-{generation}")),
            refresh: RefreshToken::new(format!("refresh-{generation}")),
            expires_at: self.clock.now().plus(LASTS),
        }
    }

    pub(super) fn set_mood(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// Holds the next call.
    pub(super) fn hold_next(&self, moment: Moment) -> Arc<Held> {
        let held = Arc::new(Held { moment, arrived: Notify::new(), go: Notify::new() });
        *self.held.lock().unwrap() = Some(held.clone());
        held
    }

    /// How many refreshes were asked for, and how many of them with a token that had ended.
    pub(super) fn counts(&self, subject: &Subject) -> (u32, u32) {
        let lines = self.lines.lock().unwrap();
        lines.get(subject).map_or((0, 0), |line| (line.calls, line.old_seen))
    }

    /// The newest access token of the subject.
    pub(super) fn newest(&self, subject: &Subject) -> String {
        format!("access-{}", self.lines.lock().unwrap()[subject].generation)
    }

    fn answer(&self, subject: &Subject, refresh: &RefreshToken) -> Result<TokenSet, IssuerError> {
        let mut lines = self.lines.lock().unwrap();
        let line = lines.get_mut(subject).unwrap();
        line.calls += 1;
        match *self.mood.lock().unwrap() {
            Mood::Serves => {}
            Mood::Refuses(reason) => return Err(IssuerError::Refused(reason)),
            Mood::Unavailable => return Err(IssuerError::Unavailable { retry_after: None }),
        }
        let shown = refresh.expose("the issuer checks it");
        let valid = |generation: u32| shown == format!("refresh-{generation}");
        if !valid(line.generation) {
            line.old_seen += 1;
            if !(self.leeway && valid(line.generation - 1)) {
                return Err(IssuerError::Refused(SignInReason::Revoked));
            }
        }
        line.generation += 1;
        Ok(self.tokens(line.generation))
    }
}

impl TokenIssuer for Issuer {
    fn refresh<'a>(
        &'a self,
        subject: &'a Subject,
        refresh: &'a RefreshToken,
    ) -> BoxFuture<'a, Result<TokenSet, IssuerError>> {
        Box::pin(async move {
            let held = self.held.lock().unwrap().take();
            let wait = async |moment| {
                if let Some(held) = held.as_ref().filter(|held| held.moment == moment) {
                    held.arrived.notify_one();
                    held.go.notified().await;
                }
            };
            wait(Moment::Arriving).await;
            tokio::time::sleep(self.takes).await;
            let answer = self.answer(subject, refresh);
            tokio::task::yield_now().await;
            wait(Moment::Answering).await;
            answer
        })
    }
}
