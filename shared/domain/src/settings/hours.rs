//! Hours of the day.

use serde::{Serialize, Serializer};

/// Whole hours of the day, from one (included) to another (not included); over midnight where the
/// first is later. None unless set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hours(Option<(u8, u8)>);

impl Hours {
    /// Reads `22-07`, or `off`. Two equal hours are refused: whether they mean none or all is
    /// anybody's guess.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "off" {
            return Some(Self(None));
        }
        let (from, to) = text.split_once('-')?;
        let hour = |text: &str| {
            let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<u8>().ok().filter(|hour| digits && *hour < 24)
        };
        let (from, to) = (hour(from)?, hour(to)?);
        (from != to).then_some(Self(Some((from, to))))
    }

    /// Whether there are none.
    pub fn is_off(self) -> bool {
        self.0.is_none()
    }

    /// For how many minutes the hours go on, at `minute` of the day (0 to 1439); `None` outside.
    pub fn left_at(self, minute: u16) -> Option<u16> {
        const DAY: u16 = 24 * 60;
        let (from, to) = self.0?;
        let (from, to) = (u16::from(from) * 60, u16::from(to) * 60);
        let length = (to + DAY - from) % DAY;
        let passed = (minute % DAY + DAY - from) % DAY;
        (passed < length).then(|| length - passed)
    }
}

impl std::fmt::Display for Hours {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            None => f.write_str("off"),
            Some((from, to)) => write!(f, "{from:02}-{to:02}"),
        }
    }
}

impl Serialize for Hours {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_they_are_written() {
        for text in ["off", "22-07", "00-06", "09-17"] {
            assert_eq!(Hours::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "22", "22-7", "24-07", "22-22", "a-b", "022-07", "+2-07", "22-07-08"] {
            assert_eq!(Hours::parse(text), None, "{text}");
        }
    }

    #[test]
    fn they_may_go_over_midnight() {
        for (hours, minute, left) in [
            ("22-07", 22 * 60, Some(9 * 60)),
            ("22-07", 0, Some(7 * 60)),
            ("22-07", 6 * 60 + 59, Some(1)),
            ("22-07", 7 * 60, None),
            ("22-07", 21 * 60 + 59, None),
            ("09-17", 12 * 60, Some(5 * 60)),
            ("09-17", 17 * 60, None),
            ("off", 0, None),
        ] {
            assert_eq!(Hours::parse(hours).unwrap().left_at(minute), left, "{hours} {minute}");
        }
    }
}
