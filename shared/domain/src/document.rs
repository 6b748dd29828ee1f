//! Rich text between the two vendors: what a comment or a message says, free of either's format.
//!
//! A [`Document`] lives only in memory, on its way from one side to the other. It cannot be
//! serialised, and printing it with `{:?}` shows its shape and the lengths of its texts, never a
//! word of what somebody wrote.

mod inline;
mod table;
mod values;

#[cfg(test)]
mod tests;

pub use inline::{Inline, Inlines, Marks, Mention, MentionedUser, Style};
pub use table::{Table, TableCell, TableRow};
pub use values::{CodeLanguage, LinkUrl, MentionId, Prose};

/// How deep blocks may nest in a document read from outside; converters enforce it, so that
/// walking a document never exhausts the stack.
pub const MAX_DEPTH: usize = 48;

/// A comment or message: blocks from top to bottom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The blocks, in reading order.
    pub blocks: Vec<Block>,
}

/// One block of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A paragraph of running text.
    Paragraph(Vec<Inline>),
    /// A heading.
    Heading {
        /// 1 (the largest) to 6.
        level: u8,
        /// Its text.
        content: Vec<Inline>,
    },
    /// A list with bullets.
    BulletList(Vec<ListItem>),
    /// A numbered list.
    OrderedList {
        /// The number of the first item.
        start: u32,
        /// The items.
        items: Vec<ListItem>,
    },
    /// Preformatted text.
    Code {
        /// What it is written in, where the author said so.
        language: Option<CodeLanguage>,
        /// The lines, separated by `\n`.
        text: Prose,
    },
    /// Quoted or set-off blocks.
    Quote(Vec<Block>),
    /// A horizontal line.
    Rule,
    /// A table.
    Table(Table),
}

/// One item of a list: usually a paragraph, then perhaps a nested list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListItem {
    /// The blocks of the item.
    pub blocks: Vec<Block>,
}

impl Document {
    /// A document of these blocks.
    pub fn new(blocks: Vec<Block>) -> Self {
        Self { blocks }
    }

    /// Plain text as a document: each line that holds anything becomes a paragraph.
    pub fn from_plain_text(text: &str) -> Self {
        let lines = Prose::new(text);
        let paragraphs = lines.as_str().lines().map(str::trim).filter(|line| !line.is_empty());
        Self::new(paragraphs.map(|line| Block::paragraph(vec![Inline::text(line)])).collect())
    }

    /// Whether nothing in it would be seen.
    pub fn is_empty(&self) -> bool {
        self.blocks.iter().all(Block::is_empty)
    }

    /// Puts a block before all others.
    pub fn prepend(&mut self, block: Block) {
        self.blocks.insert(0, block);
    }

    /// Puts a block after all others.
    pub fn append(&mut self, block: Block) {
        self.blocks.push(block);
    }

    /// Replaces every mention by what `resolve` makes of it, for instance the same person on the
    /// other side, or their name as text.
    pub fn resolve_mentions(&mut self, mut resolve: impl FnMut(&Mention) -> Inline) {
        for_each_line(&mut self.blocks, &mut |line| {
            for inline in line {
                if let Inline::Mention(mention) = inline {
                    *inline = resolve(mention);
                }
            }
        });
    }

    /// Every mention, in reading order.
    pub fn mentions(&self) -> Vec<&Mention> {
        let mut found = Vec::new();
        for block in &self.blocks {
            block.collect_mentions(&mut found);
        }
        found
    }

    /// The words alone: a line per paragraph, list item and table row.
    pub fn plain_text(&self) -> Prose {
        let mut lines = Vec::new();
        for block in &self.blocks {
            block.plain_lines(&mut lines);
        }
        Prose::new(&lines.join("\n"))
    }
}

impl ListItem {
    /// An item of these blocks.
    pub fn new(blocks: Vec<Block>) -> Self {
        Self { blocks }
    }
}

impl Block {
    /// A paragraph.
    pub fn paragraph(content: Vec<Inline>) -> Self {
        Self::Paragraph(content)
    }

    /// A heading; the level is brought into 1 to 6.
    pub fn heading(level: u8, content: Vec<Inline>) -> Self {
        Self::Heading { level: level.clamp(1, 6), content }
    }

    /// Preformatted text.
    pub fn code(language: Option<CodeLanguage>, text: &str) -> Self {
        Self::Code { language, text: Prose::new(text) }
    }

    /// Whether nothing in it would be seen.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Paragraph(content) | Self::Heading { content, .. } => {
                content.iter().all(Inline::is_blank)
            }
            Self::BulletList(items) | Self::OrderedList { items, .. } => items.is_empty(),
            Self::Code { text, .. } => text.is_empty(),
            Self::Quote(blocks) => blocks.iter().all(Self::is_empty),
            Self::Rule => false,
            Self::Table(table) => table.rows.iter().all(|row| row.cells.is_empty()),
        }
    }

    /// Adds the lines of this block, without any formatting, to `lines`.
    fn plain_lines(&self, lines: &mut Vec<String>) {
        match self {
            Self::Paragraph(content) | Self::Heading { content, .. } => {
                lines.push(content.iter().map(Inline::plain_text).collect());
            }
            Self::BulletList(items) | Self::OrderedList { items, .. } => {
                for item in items {
                    item.blocks.iter().for_each(|block| block.plain_lines(lines));
                }
            }
            Self::Code { text, .. } => lines.push(text.as_str().to_owned()),
            Self::Quote(blocks) => blocks.iter().for_each(|block| block.plain_lines(lines)),
            Self::Rule => {}
            Self::Table(table) => {
                lines.extend(table.rows.iter().map(TableRow::plain_text));
            }
        }
    }

    fn collect_mentions<'a>(&'a self, found: &mut Vec<&'a Mention>) {
        match self {
            Self::Paragraph(content) | Self::Heading { content, .. } => {
                found.extend(content.iter().filter_map(Inline::as_mention));
            }
            Self::BulletList(items) | Self::OrderedList { items, .. } => {
                let blocks = items.iter().flat_map(|item| &item.blocks);
                blocks.for_each(|block| block.collect_mentions(found));
            }
            Self::Quote(blocks) => blocks.iter().for_each(|block| block.collect_mentions(found)),
            Self::Table(table) => {
                let cells = table.rows.iter().flat_map(|row| &row.cells);
                cells.flat_map(|cell| &cell.blocks).for_each(|block| block.collect_mentions(found));
            }
            Self::Code { .. } | Self::Rule => {}
        }
    }
}

/// Calls `visit` with the content of every paragraph and heading.
fn for_each_line(blocks: &mut [Block], visit: &mut dyn FnMut(&mut Vec<Inline>)) {
    for block in blocks {
        match block {
            Block::Paragraph(content) | Block::Heading { content, .. } => visit(content),
            Block::BulletList(items) | Block::OrderedList { items, .. } => {
                for item in items {
                    for_each_line(&mut item.blocks, visit);
                }
            }
            Block::Quote(inner) => for_each_line(inner, visit),
            Block::Table(table) => {
                for cell in table.rows.iter_mut().flat_map(|row| &mut row.cells) {
                    for_each_line(&mut cell.blocks, visit);
                }
            }
            Block::Code { .. } | Block::Rule => {}
        }
    }
}
