//! The inventory: everything that Tandem stores.

use askama::Template;
use tandem_store::{
    COMMON, ErasedWith,
    inventory::{ELSEWHERE, INVENTORY},
};

use crate::{layout::Layout, texts::MyData};

const TEXTS: MyData = MyData::EN;

/// The inventory, for whoever asks.
#[derive(Template)]
#[template(path = "inventory.html")]
pub struct Inventory {
    /// The frame.
    pub layout: Layout,
}

/// With what something is erased, in words.
pub(crate) fn in_words(with: &[ErasedWith]) -> String {
    let words: Vec<&str> = with.iter().map(|with| with.words()).collect();
    words.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entity_and_attribute_is_on_the_page() {
        let page = Inventory { layout: Layout::outside() }.render().unwrap();
        crate::testing::assert_stands_alone(&page);
        for declared in INVENTORY {
            assert!(page.contains(&format!("<h2 id=\"{}\">", declared.entity)));
            for attribute in declared.attributes {
                assert!(page.contains(&format!("<code>{}</code>", attribute.name)));
            }
        }
        assert!(page.contains("the person at Jira; the person at Microsoft; the Jira site"));
    }
}
