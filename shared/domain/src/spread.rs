//! Spreading over time what was made at the same time, so that it does not fall due at the same
//! time.

use std::time::Duration;

/// A part of `span`: the same for the same `parts`, and spread evenly over different ones.
pub fn share_of(span: Duration, parts: &[&str]) -> Duration {
    // FNV-1a, then mixed so that the high bits depend on all of it.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for part in parts {
        for byte in part.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    let millis = u128::from(hash) * span.as_millis() / (u128::from(u64::MAX) + 1);
    Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_spread_over_half_a_day_leave_no_five_minutes_crowded() {
        let span = Duration::from_hours(12);
        let mut runs = vec![0u32; 144];
        for number in 0..10_000 {
            let share = share_of(span, &["0e3419f7", &format!("19:{number:032x}@thread.v2")]);
            assert!(share < span);
            runs[usize::try_from(share.as_secs() / 300).unwrap()] += 1;
        }
        // 69 on average.
        assert!(runs.iter().all(|&count| (20..140).contains(&count)), "{runs:?}");
    }

    #[test]
    fn parts_do_not_run_together() {
        let span = Duration::from_hours(12);
        assert_eq!(share_of(span, &["a", "b"]), share_of(span, &["a", "b"]));
        assert_ne!(share_of(span, &["a", "b"]), share_of(span, &["ab", ""]));
        assert_eq!(share_of(Duration::ZERO, &["a"]), Duration::ZERO);
    }
}
