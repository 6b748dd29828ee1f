//! How fast a bot may write to one thread.
//! <https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit>

use super::model::BotState;

/// Seconds, and how many writes they hold.
const WINDOWS: [(i64, usize); 4] = [(1, 7), (2, 8), (30, 60), (3600, 1800)];

impl BotState {
    /// Counts a write to the thread at `now` (milliseconds). The error says after how many
    /// seconds to try again; nothing is counted then.
    pub(super) fn count_write(&mut self, thread: &str, now: i64) -> Result<(), u64> {
        if self.unlimited {
            return Ok(());
        }
        let writes = self.writes.entry(thread.to_owned()).or_default();
        while writes.front().is_some_and(|at| at + 3_600_000 <= now) {
            writes.pop_front();
        }
        let wait = WINDOWS
            .iter()
            .filter_map(|(seconds, most)| {
                let span = seconds * 1000;
                // The write that has to leave the window before another one fits.
                let blocking = writes.len().checked_sub(*most)?;
                Some(writes.get(blocking)? + span - now).filter(|wait| *wait > 0)
            })
            .max();
        if let Some(millis) = wait {
            return Err(u64::try_from((millis + 999) / 1000).unwrap_or(1).max(1));
        }
        writes.push_back(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_window_closes_and_opens_again() {
        let mut bot = BotState::default();
        let mut write = |at| bot.count_write("t", at);
        for _ in 0..7 {
            assert_eq!(write(0), Ok(()));
        }
        assert_eq!(write(0), Err(1));
        assert_eq!(write(999), Err(1));
        assert_eq!(write(1000), Ok(()), "the eighth within two seconds");
        assert_eq!(write(1000), Err(1));
        assert_eq!(write(2000), Ok(()));
        assert_eq!(bot.count_write("another thread", 0), Ok(()));
    }

    #[test]
    fn half_a_minute_holds_sixty_writes_and_an_hour_eighteen_hundred() {
        let mut bot = BotState::default();
        for at in 0..60 {
            assert_eq!(bot.count_write("t", at * 400), Ok(()));
        }
        assert_eq!(bot.count_write("t", 24_000), Err(6));
        let mut slow = BotState::default();
        for at in 0..1800 {
            assert_eq!(slow.count_write("t", at * 1000), Ok(()));
        }
        assert_eq!(slow.count_write("t", 1_800_000), Err(1800));
        slow.unlimited = true;
        assert_eq!(slow.count_write("t", 1_800_000), Ok(()));
    }
}
