//! Where randomness comes from: the system's generator in production, a seeded one in tests.

/// A source of unpredictable bytes.
pub trait Entropy: Send + Sync {
    /// Fills `buffer` with random bytes.
    fn fill(&self, buffer: &mut [u8]);
}
