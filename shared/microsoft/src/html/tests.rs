use tandem_domain::document::*;

use super::*;

mod reading;
mod round_trip;
mod writing;

#[path = "../../../domain/src/document/generated.rs"]
mod generated;

/// Far more than any test writes.
const ROOMY: usize = 10_000_000;

fn html(document: &Document) -> String {
    render(document, &mention_as_text, ROOMY)
}

fn paragraph(text: &str) -> Block {
    Block::paragraph(vec![Inline::text(text)])
}

fn styled(text: &str, styles: &[Style]) -> Inline {
    Inline::marked(text, styles.iter().copied().fold(Marks::default(), Marks::with))
}
