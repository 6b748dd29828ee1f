//! Waiting a little before the next try.

use std::time::Duration;

use tandem_domain::Entropy;

/// How often a write is repeated that must not be lost.
const TRIES: u32 = 6;
/// The first pause; each later one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// Growing pauses between the tries of one write; about three seconds in all.
pub(crate) struct Backoff<'a> {
    entropy: &'a dyn Entropy,
    paused: u32,
}

impl<'a> Backoff<'a> {
    pub(crate) fn new(entropy: &'a dyn Entropy) -> Self {
        Self { entropy, paused: 0 }
    }

    /// Waits before the next try; `false` when there have been enough.
    pub(crate) async fn pause(&mut self) -> bool {
        if self.paused >= TRIES {
            return false;
        }
        let longest = FIRST_PAUSE * 2_u32.pow(self.paused);
        self.paused += 1;
        tokio::time::sleep(jittered(self.entropy, longest)).await;
        true
    }
}

/// Between half of `longest` and all of it.
pub(crate) fn jittered(entropy: &dyn Entropy, longest: Duration) -> Duration {
    let mut byte = [0];
    entropy.fill(&mut byte);
    longest / 2 + longest * u32::from(byte[0]) / 512
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Always(u8);
    impl Entropy for Always {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    #[test]
    fn pauses_lie_between_half_and_whole() {
        for byte in [0, 1, 128, 255] {
            let pause = jittered(&Always(byte), Duration::from_millis(300));
            assert!((150..=300).contains(&pause.as_millis()), "{pause:?}");
        }
    }
}
