//! From ADF: blocks.

use serde_json::Value;
use tandem_domain::document::{
    Block, CodeLanguage, Document, Inline, Inlines, ListItem, MAX_DEPTH, Table, TableCell, TableRow,
};

use super::{AdfError, MAX_NODES, MAX_TEXT_BYTES};

/// Reads a document, as it comes in `body` of a comment (REST v3) or in a description.
///
/// # Errors
/// When it is no document, or over the limits. Unknown content is never an error.
pub fn parse(value: &Value) -> Result<Document, AdfError> {
    if node_type(value) != "doc" {
        return Err(AdfError::NotADocument);
    }
    let mut reader = Reader::default();
    Ok(Document::new(reader.blocks(children(value), 1)?))
}

/// Reads nodes and counts what it has read.
#[derive(Default)]
pub(super) struct Reader {
    nodes: usize,
    text_bytes: usize,
}

/// Blocks under way; inline nodes that stand among blocks are gathered into a paragraph.
#[derive(Default)]
struct Flow {
    blocks: Vec<Block>,
    line: Inlines,
}

impl Flow {
    fn push(&mut self, block: Block) {
        self.close_line();
        if !block.is_empty() {
            self.blocks.push(block);
        }
    }

    fn close_line(&mut self) {
        let paragraph = Block::Paragraph(std::mem::take(&mut self.line).finish());
        if !paragraph.is_empty() {
            self.blocks.push(paragraph);
        }
    }

    fn finish(mut self) -> Vec<Block> {
        self.close_line();
        self.blocks
    }
}

impl Reader {
    /// Counts a node in.
    pub(super) fn enter(&mut self, depth: usize) -> Result<(), AdfError> {
        self.nodes += 1;
        if depth > MAX_DEPTH {
            return Err(AdfError::TooDeep);
        }
        if self.nodes > MAX_NODES { Err(AdfError::TooLarge) } else { Ok(()) }
    }

    /// Counts text in.
    pub(super) fn text<'a>(&mut self, text: &'a str) -> Result<&'a str, AdfError> {
        self.text_bytes += text.len();
        if self.text_bytes > MAX_TEXT_BYTES { Err(AdfError::TooLarge) } else { Ok(text) }
    }

    fn blocks(&mut self, nodes: &[Value], depth: usize) -> Result<Vec<Block>, AdfError> {
        let mut flow = Flow::default();
        for node in nodes {
            self.block(node, depth, &mut flow)?;
        }
        Ok(flow.finish())
    }

    fn block(&mut self, node: &Value, depth: usize, flow: &mut Flow) -> Result<(), AdfError> {
        self.enter(depth)?;
        let inner = children(node);
        let below = depth + 1;
        match node_type(node) {
            "paragraph" | "caption" => flow.push(Block::Paragraph(self.line(inner, below)?)),
            "heading" => {
                let level = attr(node, "level").as_u64().unwrap_or(1).clamp(1, 6);
                let level = u8::try_from(level).unwrap_or(6);
                flow.push(Block::heading(level, self.line(inner, below)?));
            }
            "bulletList" => flow.push(Block::BulletList(self.items(inner, below)?)),
            "orderedList" => {
                let start = attr(node, "order").as_u64().unwrap_or(1);
                let start = u32::try_from(start).unwrap_or(1);
                flow.push(Block::OrderedList { start, items: self.items(inner, below)? });
            }
            "taskList" | "decisionList" => {
                flow.push(Block::BulletList(self.marked_items(inner, below)?));
            }
            "codeBlock" => flow.push(self.code(node, below)?),
            "blockquote" | "panel" => flow.push(Block::Quote(self.blocks(inner, below)?)),
            "rule" => flow.push(Block::Rule),
            "table" => flow.push(Block::Table(self.table(inner, below)?)),
            "expand" | "nestedExpand" => {
                let title = self.text(attr_str(node, "title"))?;
                flow.push(Block::Paragraph(vec![Inline::strong(title)]));
                self.splice(inner, below, flow)?;
            }
            "blockCard" | "embedCard" | "media" | "extension" => {
                flow.close_line();
                self.inline(node, depth, &mut flow.line)?;
                flow.close_line();
            }
            "text" | "hardBreak" | "mention" | "emoji" | "date" | "status" | "inlineCard"
            | "mediaInline" | "placeholder" | "inlineExtension" => {
                self.inline(node, depth, &mut flow.line)?;
            }
            _ if inner.is_empty() => self.inline(node, depth, &mut flow.line)?,
            _ => self.splice(inner, below, flow)?,
        }
        Ok(())
    }

    /// Reads the blocks of a container that itself has no counterpart.
    fn splice(&mut self, nodes: &[Value], depth: usize, flow: &mut Flow) -> Result<(), AdfError> {
        flow.close_line();
        for node in nodes {
            self.block(node, depth, flow)?;
        }
        flow.close_line();
        Ok(())
    }

    fn line(&mut self, nodes: &[Value], depth: usize) -> Result<Vec<Inline>, AdfError> {
        let mut line = Inlines::default();
        for node in nodes {
            self.enter(depth)?;
            self.inline(node, depth, &mut line)?;
        }
        Ok(line.finish())
    }

    fn items(&mut self, nodes: &[Value], depth: usize) -> Result<Vec<ListItem>, AdfError> {
        let item = |node: &Value| {
            self.enter(depth)?;
            let blocks = match node_type(node) {
                "listItem" => self.blocks(children(node), depth + 1),
                _ => self.blocks(std::slice::from_ref(node), depth + 1),
            };
            blocks.map(ListItem::new)
        };
        nodes.iter().map(item).collect()
    }

    /// The items of a list of tasks or decisions: a sign before the text tells what each is. A
    /// nested list belongs to the item before it.
    fn marked_items(&mut self, nodes: &[Value], depth: usize) -> Result<Vec<ListItem>, AdfError> {
        let mut items: Vec<ListItem> = Vec::new();
        for node in nodes {
            self.enter(depth)?;
            let sign = match (node_type(node), attr_str(node, "state")) {
                ("taskItem" | "blockTaskItem", "DONE") => "\u{2611} ",
                ("taskItem" | "blockTaskItem", _) => "\u{2610} ",
                ("decisionItem", _) => "\u{2192} ",
                _ => {
                    let nested = self.blocks(std::slice::from_ref(node), depth + 1)?;
                    match items.last_mut() {
                        Some(item) => item.blocks.extend(nested),
                        None => items.push(ListItem::new(nested)),
                    }
                    continue;
                }
            };
            items.push(signed(sign, self.blocks(children(node), depth + 1)?));
        }
        Ok(items)
    }

    fn code(&mut self, node: &Value, depth: usize) -> Result<Block, AdfError> {
        let mut text = String::new();
        for child in children(node) {
            self.enter(depth)?;
            match node_type(child) {
                "hardBreak" => text.push('\n'),
                _ => text.push_str(self.text(child["text"].as_str().unwrap_or_default())?),
            }
        }
        Ok(Block::code(CodeLanguage::parse(attr_str(node, "language")), &text))
    }

    fn table(&mut self, nodes: &[Value], depth: usize) -> Result<Table, AdfError> {
        let mut rows = Vec::new();
        for row in nodes {
            self.enter(depth)?;
            let mut cells = Vec::new();
            for cell in children(row) {
                self.enter(depth + 1)?;
                let header = node_type(cell) == "tableHeader";
                let blocks = self.blocks(children(cell), depth + 2)?;
                cells.push(TableCell { header, blocks });
            }
            if !cells.is_empty() {
                rows.push(TableRow { cells });
            }
        }
        Ok(Table { rows })
    }
}

/// An item with a sign before its first paragraph.
fn signed(sign: &str, mut blocks: Vec<Block>) -> ListItem {
    let mut line = Inlines::default();
    line.push(Inline::text(sign));
    if let Some(Block::Paragraph(content)) = blocks.first_mut() {
        for piece in std::mem::take(content) {
            line.push(piece);
        }
        *content = line.finish();
    } else {
        blocks.insert(0, Block::Paragraph(line.finish()));
    }
    ListItem::new(blocks)
}

/// The type of a node, empty where there is none.
pub(super) fn node_type(node: &Value) -> &str {
    node["type"].as_str().unwrap_or_default()
}

/// The child nodes.
pub(super) fn children(node: &Value) -> &[Value] {
    node["content"].as_array().map_or(&[], Vec::as_slice)
}

/// An attribute, `null` where there is none.
pub(super) fn attr<'a>(node: &'a Value, name: &str) -> &'a Value {
    &node["attrs"][name]
}

/// An attribute that is text, empty where there is none.
pub(super) fn attr_str<'a>(node: &'a Value, name: &str) -> &'a str {
    attr(node, name).as_str().unwrap_or_default()
}
