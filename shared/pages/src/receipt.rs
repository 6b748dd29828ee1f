//! The receipt of an erasure.

use std::collections::BTreeMap;

use askama::Template;
use tandem_store::{ErasedScope, inventory::find_declaration};

use crate::{layout::Layout, texts::MyData, time::Moment};

const TEXTS: MyData = MyData::EN;

/// What a receipt says: times and counts.
#[derive(Template)]
#[template(path = "receipt.html")]
pub struct ReceiptPage<'a> {
    /// The frame.
    pub layout: Layout,
    /// Its id.
    pub receipt_id: &'a str,
    /// Its own address.
    pub href: &'a str,
    /// What was erased.
    pub scope: ErasedScope,
    /// When it was asked for.
    pub started: Moment,
    /// When nothing was left; `None` while it is under way.
    pub finished: Option<Moment>,
    /// How many items of each entity.
    pub counts: &'a BTreeMap<String, u64>,
}

impl ReceiptPage<'_> {
    fn scope(&self) -> &'static str {
        match self.scope {
            ErasedScope::User => TEXTS.scope_user,
            ErasedScope::Instance => TEXTS.scope_instance,
            ErasedScope::Tenant => TEXTS.scope_tenant,
            ErasedScope::Project => TEXTS.scope_project,
            ErasedScope::Issue => TEXTS.scope_issue,
        }
    }

    fn counted(&self) -> Vec<(&str, u64)> {
        let name = |entity| find_declaration(entity).map_or(entity, |declared| declared.what);
        self.counts.iter().map(|(entity, count)| (name(entity.as_str()), *count)).collect()
    }
}

#[cfg(test)]
mod tests {
    use tandem_domain::Timestamp;

    use super::*;
    use crate::time::moment;

    #[test]
    fn the_page_says_how_far_it_is() {
        let counts = BTreeMap::from([("chat_link".to_owned(), 3), ("something".to_owned(), 1)]);
        let at = |secs| moment(Timestamp::from_secs(secs));
        for finished in [None, Some(at(1_800_000_060))] {
            let done = finished.is_some();
            let page = ReceiptPage {
                layout: Layout::outside(),
                receipt_id: "abc",
                href: "/receipts/abc",
                scope: ErasedScope::User,
                started: at(1_800_000_000),
                finished,
                counts: &counts,
            };
            let page = page.render().unwrap();
            crate::testing::assert_stands_alone(&page);
            assert_eq!(page.contains(TEXTS.done), done);
            assert_eq!(page.contains(TEXTS.under_way), !done);
            assert!(page.contains("An issue and a chat about it</th><td>3</td>"), "{page}");
            assert!(page.contains("something</th><td>1</td>"), "{page}");
        }
    }
}
