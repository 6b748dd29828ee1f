//! From Teams HTML.

use markup5ever_rcdom::{Handle, NodeData};
use tandem_domain::document::{
    Block, CodeLanguage, Document, Inline, LinkUrl, ListItem, MAX_DEPTH, Marks, MentionedUser,
    Style, Table, TableCell, TableRow,
};

use super::dom::{
    Fragment, attribute, children, descendants, element_name, is_invisible, raw_text,
};
use super::line::Line;

/// Reads the body of a message whose `contentType` is `html`. For `text` there is
/// [`Document::from_plain_text`].
///
/// Any input gives a document. What is over the limits (100 KB, 10,000 nodes, 256 levels) is left
/// out, and an ellipsis says so; what nests too deeply for a document is its text.
pub fn parse(html: &str) -> Document {
    let fragment = Fragment::parse(html);
    let mut flow = Flow::default();
    for node in fragment.roots() {
        flow.node(&node, &Marks::default(), 1);
    }
    let mut document = Document::new(flow.finish());
    if fragment.cut {
        document.append(Block::paragraph(vec![Inline::text("\u{2026}")]));
    }
    document
}

/// Blocks under way; text that stands among blocks is gathered into a paragraph.
#[derive(Default)]
struct Flow {
    blocks: Vec<Block>,
    line: Line,
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

    fn node(&mut self, node: &Handle, marks: &Marks, depth: usize) {
        match &node.data {
            NodeData::Text { contents } => self.line.text(&contents.borrow(), marks),
            NodeData::Element { .. } if depth > MAX_DEPTH => {
                self.line.text(&raw_text(node), marks);
            }
            NodeData::Element { name, .. } => self.element(&name.local, node, marks, depth),
            _ => {}
        }
    }

    fn children(&mut self, node: &Handle, marks: &Marks, depth: usize) {
        for child in children(node) {
            self.node(&child, marks, depth + 1);
        }
    }

    fn element(&mut self, name: &str, node: &Handle, marks: &Marks, depth: usize) {
        match name {
            _ if is_invisible(name) => {}
            "br" => self.line.line_break(),
            "hr" => self.push(Block::Rule),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.heading(name, node, marks, depth),
            "ul" | "ol" => self.list(name, node, marks, depth),
            "blockquote" => self.push(Block::Quote(blocks(node, marks, depth))),
            "pre" | "codeblock" => self.push(code(name, node)),
            "table" => {
                let table = table(self, node, marks, depth);
                self.push(Block::Table(table));
            }
            "a" => {
                let link = attribute(node, "href").and_then(|href| LinkUrl::parse(&href));
                let linked = link.map_or(marks.clone(), |link| marks.clone().with_link(link));
                self.children(node, &linked, depth);
            }
            "at" => self.mention(node, attribute(node, "id"), marks),
            "span" if is_mention(node) => self.mention(node, attribute(node, "itemid"), marks),
            "emoji" | "customemoji" => self.line.text(&described(node, ""), marks),
            "img" => self.line.text(&described(node, "[image]"), marks),
            "attachment" => self.line.text("[attachment]", marks),
            _ if is_block(name) => {
                self.close_line();
                self.children(node, marks, depth);
                self.close_line();
            }
            _ => match style(name) {
                Some(style) => self.children(node, &marks.clone().with(style), depth),
                None => self.children(node, marks, depth),
            },
        }
    }

    /// Every paragraph inside a heading becomes a heading.
    fn heading(&mut self, name: &str, node: &Handle, marks: &Marks, depth: usize) {
        let level = name[1..].parse().unwrap_or(6);
        for block in blocks(node, marks, depth) {
            self.push(match block {
                Block::Paragraph(content) => Block::heading(level, content),
                other => other,
            });
        }
    }

    /// What stands in a list outside its items belongs to the item before it.
    fn list(&mut self, name: &str, node: &Handle, marks: &Marks, depth: usize) {
        let mut items: Vec<ListItem> = Vec::new();
        for child in children(node) {
            if element_name(&child) == "li" {
                items.push(ListItem::new(blocks(&child, marks, depth + 1)));
                continue;
            }
            let mut stray = Self::default();
            stray.node(&child, marks, depth + 1);
            let stray = stray.finish();
            match items.last_mut() {
                Some(item) => item.blocks.extend(stray),
                None if stray.is_empty() => {}
                None => items.push(ListItem::new(stray)),
            }
        }
        let start = attribute(node, "start").and_then(|start| start.trim().parse().ok());
        self.push(match name {
            "ol" => Block::OrderedList { start: start.unwrap_or(1), items },
            _ => Block::BulletList(items),
        });
    }

    /// A mention, by its index into the message's mentions; the name alone where it has none.
    fn mention(&mut self, node: &Handle, index: Option<String>, marks: &Marks) {
        let shown = collapsed(&raw_text(node));
        match index.and_then(|index| index.trim().parse().ok()) {
            Some(index) => {
                self.line.piece(Inline::mention(MentionedUser::Teams(index), &shown));
            }
            None => self.line.text(&shown, marks),
        }
    }
}

fn blocks(node: &Handle, marks: &Marks, depth: usize) -> Vec<Block> {
    let mut flow = Flow::default();
    flow.children(node, marks, depth);
    flow.finish()
}

/// A table; text outside its rows, such as the caption, goes to the paragraph before it.
fn table(flow: &mut Flow, node: &Handle, marks: &Marks, depth: usize) -> Table {
    let mut table = Table::default();
    for part in children(node) {
        match element_name(&part) {
            "thead" | "tbody" | "tfoot" => {
                let rows = children(&part).into_iter().filter(|row| element_name(row) == "tr");
                table.rows.extend(rows.map(|row| table_row(&row, marks, depth + 2)));
            }
            _ => flow.node(&part, marks, depth + 1),
        }
    }
    table.rows.retain(|row| !row.cells.is_empty());
    table
}

fn table_row(row: &Handle, marks: &Marks, depth: usize) -> TableRow {
    let cell = |node: &Handle| {
        let header = match element_name(node) {
            "th" => true,
            "td" => false,
            _ => return None,
        };
        Some(TableCell { header, blocks: blocks(node, marks, depth + 1) })
    };
    TableRow { cells: children(row).iter().filter_map(cell).collect() }
}

/// Preformatted text. Teams names the language as the class of `codeblock`, others as
/// `language-...` of `pre` or of `code` inside it.
fn code(name: &str, node: &Handle) -> Block {
    let text = raw_text(node);
    let inner = descendants(node).find(|inner| element_name(inner) == "code");
    let classes = [Some(node), inner.as_ref()].into_iter().flatten();
    let classes: Vec<String> = classes.filter_map(|node| attribute(node, "class")).collect();
    let prefixed = |class: &str| class.strip_prefix("language-").and_then(CodeLanguage::parse);
    let mut named = classes.iter().flat_map(|classes| classes.split_ascii_whitespace());
    let language = named.clone().find_map(prefixed);
    let language = match name {
        "codeblock" => language.or_else(|| named.find_map(CodeLanguage::parse)),
        _ => language,
    };
    let language = language.filter(|language| language.as_str() != "plaintext");
    Block::code(language, text.strip_suffix('\n').unwrap_or(&text))
}

/// What stands for a picture: its description, or `otherwise`.
fn described(node: &Handle, otherwise: &str) -> String {
    let description = ["alt", "title"].iter().find_map(|name| {
        attribute(node, name).filter(|description| !description.trim().is_empty())
    });
    description.unwrap_or_else(|| otherwise.to_owned())
}

fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_mention(node: &Handle) -> bool {
    attribute(node, "itemtype").is_some_and(|kind| kind.ends_with("schema.skype.com/Mention"))
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "section"
            | "article"
            | "aside"
            | "header"
            | "footer"
            | "main"
            | "nav"
            | "address"
            | "center"
            | "dl"
            | "dt"
            | "dd"
            | "figure"
            | "figcaption"
            | "caption"
            | "details"
            | "summary"
            | "form"
            | "fieldset"
            | "legend"
            | "li"
            | "menu"
            | "option"
    )
}

fn style(name: &str) -> Option<Style> {
    Some(match name {
        "strong" | "b" => Style::Strong,
        "em" | "i" | "cite" | "var" | "dfn" => Style::Em,
        "u" | "ins" => Style::Underline,
        "s" | "strike" | "del" => Style::Strike,
        "code" | "kbd" | "samp" | "tt" => Style::Code,
        "sub" => Style::Sub,
        "sup" => Style::Sup,
        _ => return None,
    })
}
