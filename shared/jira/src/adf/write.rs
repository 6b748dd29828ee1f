//! To ADF. Where the schema forbids a block at a place, the nearest allowed form is written.

use serde_json::{Map, Value, json};
use tandem_domain::document::{
    Block, CodeLanguage, Document, Inline, ListItem, Marks, Mention, MentionedUser, Style, Table,
    TableCell,
};

/// Where a block stands; each place allows other blocks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The document itself: everything.
    Root,
    /// A table cell: everything but tables.
    Cell,
    /// A list item or a quote: paragraphs, lists and code.
    Narrow,
}

/// Writes a document as ADF, valid against the published schema.
///
/// Mentions of Jira users become mention nodes; any other mention its name with an `@`.
pub fn write(document: &Document) -> Value {
    json!({ "type": "doc", "version": 1, "content": blocks(&document.blocks, Place::Root) })
}

fn blocks(from: &[Block], place: Place) -> Vec<Value> {
    let mut nodes = Vec::new();
    for block in from {
        write_block(block, place, &mut nodes);
    }
    nodes
}

/// Blocks where at least one is required.
fn some_blocks(from: &[Block], place: Place) -> Vec<Value> {
    let nodes = blocks(from, place);
    if nodes.is_empty() { vec![paragraph(&[])] } else { nodes }
}

fn write_block(block: &Block, place: Place, nodes: &mut Vec<Value>) {
    let narrow = place == Place::Narrow;
    match block {
        Block::Paragraph(content) => nodes.push(paragraph(content)),
        Block::Heading { content, .. } if narrow => nodes.push(paragraph(&emphasised(content))),
        Block::Heading { level, content } => nodes.push(json!({
            "type": "heading",
            "attrs": { "level": (*level).clamp(1, 6) },
            "content": line(content),
        })),
        Block::BulletList(list) => nodes.extend(list_node("bulletList", None, list)),
        Block::OrderedList { start, items } => {
            nodes.extend(list_node("orderedList", (*start != 1).then_some(*start), items));
        }
        Block::Code { language, text } => nodes.push(code(language.as_ref(), text.as_str())),
        Block::Quote(inner) if narrow => nodes.extend(blocks(inner, place)),
        Block::Quote(inner) => {
            let content = blocks(inner, Place::Narrow);
            if !content.is_empty() {
                nodes.push(json!({ "type": "blockquote", "content": content }));
            }
        }
        Block::Rule if narrow => {}
        Block::Rule => nodes.push(json!({ "type": "rule" })),
        Block::Table(table) if place == Place::Root => nodes.extend(table_node(table)),
        Block::Table(table) => {
            let rows = table.rows.iter().map(|row| paragraph(&[Inline::text(&row.plain_text())]));
            nodes.extend(rows);
        }
    }
}

fn paragraph(content: &[Inline]) -> Value {
    json!({ "type": "paragraph", "content": line(content) })
}

/// The content of a heading as important text.
fn emphasised(content: &[Inline]) -> Vec<Inline> {
    let strong = |piece: &Inline| match piece {
        Inline::Text { text, marks } => {
            Inline::Text { text: text.clone(), marks: marks.clone().with(Style::Strong) }
        }
        other => other.clone(),
    };
    content.iter().map(strong).collect()
}

fn code(language: Option<&CodeLanguage>, text: &str) -> Value {
    let mut node = Map::from_iter([("type".to_owned(), json!("codeBlock"))]);
    if let Some(language) = language {
        node.insert("attrs".to_owned(), json!({ "language": language.as_str() }));
    }
    if !text.is_empty() {
        node.insert("content".to_owned(), json!([{ "type": "text", "text": text }]));
    }
    Value::Object(node)
}

fn list_node(kind: &str, order: Option<u32>, items: &[ListItem]) -> Option<Value> {
    if items.is_empty() {
        return None;
    }
    let items: Vec<Value> = items.iter().map(item_node).collect();
    let mut node = json!({ "type": kind, "content": items });
    if let Some(order) = order {
        node["attrs"] = json!({ "order": order });
    }
    Some(node)
}

/// An item. Editors expect text before a nested list, so one that starts with a list gets an
/// empty paragraph first.
fn item_node(item: &ListItem) -> Value {
    let mut content = some_blocks(&item.blocks, Place::Narrow);
    if matches!(content[0]["type"].as_str(), Some("bulletList" | "orderedList")) {
        content.insert(0, paragraph(&[]));
    }
    json!({ "type": "listItem", "content": content })
}

fn table_node(table: &Table) -> Option<Value> {
    let full = table.rows.iter().filter(|row| !row.cells.is_empty());
    let rows: Vec<Value> = full
        .map(|row| {
            let cells: Vec<Value> = row.cells.iter().map(cell_node).collect();
            json!({ "type": "tableRow", "content": cells })
        })
        .collect();
    (!rows.is_empty()).then(|| json!({ "type": "table", "content": rows }))
}

fn cell_node(cell: &TableCell) -> Value {
    let kind = if cell.header { "tableHeader" } else { "tableCell" };
    json!({ "type": kind, "content": some_blocks(&cell.blocks, Place::Cell) })
}

fn line(content: &[Inline]) -> Vec<Value> {
    content.iter().filter_map(inline).collect()
}

fn inline(piece: &Inline) -> Option<Value> {
    match piece {
        Inline::Text { text, .. } if text.is_empty() => None,
        Inline::Text { text, marks } => Some(text_node(text.as_str(), marks)),
        Inline::HardBreak => Some(json!({ "type": "hardBreak" })),
        Inline::Mention(mention) => Some(mention_node(mention)),
    }
}

fn mention_node(mention: &Mention) -> Value {
    match &mention.who {
        MentionedUser::Jira(id) => json!({
            "type": "mention",
            "attrs": { "id": id.as_str(), "text": mention.at_name() },
        }),
        MentionedUser::Teams(_) => text_node(&mention.at_name(), &Marks::default()),
    }
}

fn text_node(text: &str, marks: &Marks) -> Value {
    let mut nodes = mark_nodes(marks);
    if let Some(link) = marks.link() {
        nodes.push(json!({ "type": "link", "attrs": { "href": link.as_str() } }));
    }
    let mut node = json!({ "type": "text", "text": text });
    if !nodes.is_empty() {
        node["marks"] = Value::Array(nodes);
    }
    node
}

/// The styles as marks. Next to `code` the schema allows none but a link.
fn mark_nodes(marks: &Marks) -> Vec<Value> {
    if marks.has(Style::Code) {
        return vec![json!({ "type": "code" })];
    }
    let node = |style| match style {
        Style::Strong => json!({ "type": "strong" }),
        Style::Em => json!({ "type": "em" }),
        Style::Strike => json!({ "type": "strike" }),
        Style::Underline => json!({ "type": "underline" }),
        Style::Code => json!({ "type": "code" }),
        Style::Sub => json!({ "type": "subsup", "attrs": { "type": "sub" } }),
        Style::Sup => json!({ "type": "subsup", "attrs": { "type": "sup" } }),
    };
    marks.styles().map(node).collect()
}
