//! The uses of a person's tokens.

use askama::Template;

use crate::{layout::Layout, texts::MyData, time::Moment};

const TEXTS: MyData = MyData::EN;

/// One use.
pub struct Use {
    /// When.
    pub at: Moment,
    /// What for: a word of a closed list.
    pub purpose: &'static str,
    /// For which request or delivery.
    pub request: String,
}

/// The uses of the tokens of one side, the newest first.
pub struct Side {
    /// Which side.
    pub heading: &'static str,
    /// The uses.
    pub lines: Vec<Use>,
    /// Where there are older ones.
    pub older: Option<String>,
}

impl Side {
    /// The side of Atlassian.
    pub fn atlassian(lines: Vec<Use>, older: Option<String>) -> Self {
        Self { heading: TEXTS.atlassian, lines, older }
    }

    /// The side of Microsoft.
    pub fn microsoft(lines: Vec<Use>, older: Option<String>) -> Self {
        Self { heading: TEXTS.microsoft, lines, older }
    }
}

/// The uses of both sides, or a page of those of one.
#[derive(Template)]
#[template(path = "my_ledger.html")]
pub struct MyLedger {
    /// The frame.
    pub layout: Layout,
    /// The sides.
    pub sides: Vec<Side>,
}

#[cfg(test)]
pub(crate) mod tests {
    use tandem_domain::{Timestamp, settings::EffectiveSettings};

    use super::*;
    use crate::{layout::Here, time::moment};

    /// One side with a use, one without.
    pub(crate) fn sides() -> Vec<Side> {
        let at = moment(Timestamp::from_secs(1_800_000_000));
        let line = Use { at, purpose: "start_chat", request: "a-request".to_owned() };
        let older = Some("/my/ledger?provider=atlassian&from=LEDGER%231".to_owned());
        vec![Side::atlassian(vec![line], older), Side::microsoft(Vec::new(), None)]
    }

    #[test]
    fn the_page_shows_each_use_and_leads_to_older_ones() {
        let layout = Layout::inside(&EffectiveSettings::default(), Here::MyData);
        let page = MyLedger { layout, sides: sides() }.render().unwrap();
        crate::testing::assert_stands_alone(&page);
        for shown in ["start_chat", "a-request", "2027-01-15 08:00 UTC", "provider=atlassian"] {
            assert!(page.contains(shown), "{shown} in {page}");
        }
        assert!(page.contains(TEXTS.no_uses), "{page}");
    }
}
