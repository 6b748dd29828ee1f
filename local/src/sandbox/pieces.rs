//! An answer's body that comes in pieces, slowly or not to the end.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body::Bytes;
use http_body::{Body, Frame};
use tokio::time::{Sleep, sleep};

/// In how many pieces a slow answer comes.
const PIECES: u32 = 4;

/// A body in pieces, with a pause before each; an end by an error ends the connection.
pub(super) struct Pieces {
    left: VecDeque<Bytes>,
    pause: Duration,
    pausing: Option<Pin<Box<Sleep>>>,
    breaks: bool,
}

impl Pieces {
    /// The whole body, spread over a time.
    pub(super) fn slow(body: &Bytes, over: Duration) -> Self {
        let size = body.len().div_ceil(PIECES as usize).max(1);
        let left = body.chunks(size).map(Bytes::copy_from_slice).collect();
        Self { left, pause: over / PIECES, pausing: None, breaks: false }
    }

    /// The first half of the body, and then the end of the connection.
    pub(super) fn half(body: &Bytes) -> Self {
        let half = body.slice(..body.len() / 2);
        // Without the pause nothing of it would leave before the connection ends.
        Self {
            left: [half, Bytes::new()].into(),
            pause: Duration::from_millis(5),
            pausing: None,
            breaks: true,
        }
    }

    /// Nothing but the end of the connection.
    pub(super) fn reset() -> Self {
        Self { left: VecDeque::new(), pause: Duration::ZERO, pausing: None, breaks: true }
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.left.is_empty() {
            let broken = std::mem::take(&mut self.breaks);
            return Poll::Ready(broken.then(|| Err(io::ErrorKind::ConnectionReset.into())));
        }
        let pause = self.pause;
        let pausing = self.pausing.get_or_insert_with(|| Box::pin(sleep(pause)));
        ready!(pausing.as_mut().poll(context));
        self.pausing = None;
        let piece = self.left.pop_front().unwrap_or_default();
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }
}
