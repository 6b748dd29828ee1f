//! Messages within a size.

use tandem_domain::document::{Block, Document, Inline, Mention, Prose};

use super::render::{MentionMarkup, Renderer};

/// What stands for the part left out.
const ELLIPSIS: &str = "<p>\u{2026}</p>";

/// Writes a document as the body of a Teams message of at most `max_bytes`. What does not fit is
/// left out at the end, at a block boundary where possible, and an ellipsis says so.
pub fn render(
    document: &Document,
    mentions: &dyn Fn(&Mention) -> MentionMarkup,
    max_bytes: usize,
) -> String {
    render_framed(&[], document, &[], mentions, max_bytes)
}

/// Writes a document between a header and a footer. Only the document is shortened: header and
/// footer are always whole, even where they alone are over `max_bytes`.
pub fn render_framed(
    header: &[Block],
    document: &Document,
    footer: &[Block],
    mentions: &dyn Fn(&Mention) -> MentionMarkup,
    max_bytes: usize,
) -> String {
    let renderer = Renderer { mentions };
    let [header, footer] = [header, footer].map(|frame| renderer.blocks(frame));
    let room = max_bytes.saturating_sub(header.len() + footer.len());
    let body = renderer.blocks(&document.blocks);
    let body = if body.len() <= room { body } else { shortened(renderer, document, room) };
    header + &body + &footer
}

/// As many blocks as fit, the last perhaps in part, and an ellipsis.
fn shortened(renderer: Renderer<'_>, document: &Document, room: usize) -> String {
    let Some(room) = room.checked_sub(ELLIPSIS.len()) else { return String::new() };
    let mut body = String::new();
    for block in &document.blocks {
        let whole = renderer.blocks(std::slice::from_ref(block));
        if body.len() + whole.len() > room {
            body += &longest_part(renderer, block, room - body.len());
            break;
        }
        body += &whole;
    }
    body + ELLIPSIS
}

/// The longest beginning of a block that fits; empty where none does.
fn longest_part(renderer: Renderer<'_>, block: &Block, room: usize) -> String {
    let part = |units| renderer.blocks(&[beginning(block, units)]);
    let (mut fits, mut exceeds) = (0, units(block));
    while exceeds - fits > 1 {
        let middle = fits + (exceeds - fits) / 2;
        if part(middle).len() <= room {
            fits = middle;
        } else {
            exceeds = middle;
        }
    }
    if fits == 0 { String::new() } else { part(fits) }
}

/// Into how many parts a block can be divided: characters, items, blocks or rows.
fn units(block: &Block) -> usize {
    match block {
        Block::Paragraph(content) | Block::Heading { content, .. } => {
            content.iter().map(inline_units).sum()
        }
        Block::BulletList(items) | Block::OrderedList { items, .. } => items.len(),
        Block::Code { text, .. } => text.as_str().chars().count(),
        Block::Quote(blocks) => blocks.len(),
        Block::Rule => 1,
        Block::Table(table) => table.rows.len(),
    }
}

fn inline_units(piece: &Inline) -> usize {
    match piece {
        Inline::Text { text, .. } => text.as_str().chars().count(),
        Inline::HardBreak | Inline::Mention(_) => 1,
    }
}

/// The first parts of a block.
fn beginning(block: &Block, units: usize) -> Block {
    let mut block = block.clone();
    match &mut block {
        Block::Paragraph(content) | Block::Heading { content, .. } => {
            *content = first_inlines(content, units);
        }
        Block::BulletList(items) | Block::OrderedList { items, .. } => items.truncate(units),
        Block::Code { text, .. } => *text = first_chars(text, units),
        Block::Quote(blocks) => blocks.truncate(units),
        Block::Rule => {}
        Block::Table(table) => table.rows.truncate(units),
    }
    block
}

fn first_inlines(content: &[Inline], mut units: usize) -> Vec<Inline> {
    let mut first = Vec::new();
    for piece in content {
        if units == 0 {
            break;
        }
        let here = inline_units(piece);
        first.push(match piece {
            Inline::Text { text, marks } if here > units => {
                Inline::Text { text: first_chars(text, units), marks: marks.clone() }
            }
            whole => whole.clone(),
        });
        units = units.saturating_sub(here);
    }
    first
}

fn first_chars(text: &Prose, count: usize) -> Prose {
    Prose::new(&text.as_str().chars().take(count).collect::<String>())
}
