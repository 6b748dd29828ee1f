//! What goes wrong between Tandem and the simulated vendors, in both directions, as a test wants it.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use axum::{
    body::Bytes,
    http::{Method, StatusCode},
};

use super::gate::Strike;

/// A request of Tandem's, before the vendor sees it.
pub struct Asked<'a> {
    /// The method.
    pub method: &'a Method,
    /// The path below `/sandbox`, such as `/graph/v1.0/chats`.
    pub path: &'a str,
    /// The body.
    pub body: &'a Bytes,
}

/// What becomes of a request of Tandem's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It is answered with a status instead of what the vendor would say.
    Refused {
        /// Before or after the vendor acts.
        strike: Strike,
        /// The status.
        status: StatusCode,
        /// `Retry-After`, in seconds.
        retry_after: Option<u64>,
        /// The body.
        body: Bytes,
    },
    /// The connection ends without an answer.
    Reset(Strike),
    /// The vendor does what it was asked, and the connection ends within its answer.
    HalfAnswer,
    /// The answer comes in pieces, over this time.
    Slow(Duration),
}

/// What becomes of one attempt to tell Tandem something: a webhook, a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It arrives.
    Arrives,
    /// It arrives twice.
    ArrivesTwice,
    /// It sets out so much later that others overtake it.
    IsLate(Duration),
    /// It arrives, and the vendor never learns that it did.
    AnswerIsLost,
}

/// Decides what goes wrong.
pub trait Weather: Send + Sync {
    /// What becomes of a request of Tandem's; nothing where all goes well.
    fn trouble(&self, asked: &Asked<'_>) -> Option<Trouble>;
    /// What becomes of an attempt (counted from 0) to tell Tandem something.
    fn fate(&self, attempt: u32) -> Fate;
}

/// The weather there is; fair unless somebody makes another. Clones share it.
#[derive(Clone, Default)]
pub struct Sky(Arc<RwLock<Option<Arc<dyn Weather>>>>);

impl Sky {
    /// Changes the weather from now on.
    pub fn set(&self, weather: Option<Arc<dyn Weather>>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = weather;
    }

    fn weather(&self) -> Option<Arc<dyn Weather>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn trouble(&self, asked: &Asked<'_>) -> Option<Trouble> {
        self.weather()?.trouble(asked)
    }

    pub(super) fn fate(&self, attempt: u32) -> Fate {
        self.weather().map_or(Fate::Arrives, |weather| weather.fate(attempt))
    }
}
