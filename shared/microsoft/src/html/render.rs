//! To Teams HTML, block by block.

use std::fmt::Write as _;

use tandem_domain::document::{
    Block, CodeLanguage, Inline, ListItem, Marks, Mention, Style, Table, TableCell,
};

/// How a mention is written.
#[derive(Clone, PartialEq, Eq)]
pub enum MentionMarkup {
    /// As text, an `@` included where one is wanted.
    Text(String),
    /// As a mention of Teams: `<at id="index">name</at>`. The message's `mentions` must hold an
    /// entry of that id.
    Tag {
        /// The id of the entry.
        index: u32,
        /// The name shown.
        name: String,
    },
}

/// The name with an `@`: how a mention is written of somebody unknown on this side.
pub fn mention_as_text(mention: &Mention) -> MentionMarkup {
    MentionMarkup::Text(mention.at_name())
}

/// Writes blocks, asking how to write each mention.
#[derive(Clone, Copy)]
pub(super) struct Renderer<'a> {
    pub(super) mentions: &'a dyn Fn(&Mention) -> MentionMarkup,
}

impl Renderer<'_> {
    /// Blocks one after another.
    pub(super) fn blocks(self, blocks: &[Block]) -> String {
        let mut out = String::new();
        for block in blocks {
            self.block(block, &mut out);
        }
        out
    }

    fn block(self, block: &Block, out: &mut String) {
        match block {
            _ if block.is_empty() => {}
            Block::Paragraph(content) => self.line("p", content, out),
            Block::Heading { level, content } => match level {
                0 | 1 => self.line("h1", content, out),
                2 => self.line("h2", content, out),
                _ => self.line("h3", content, out),
            },
            Block::BulletList(items) => {
                out.push_str("<ul>");
                self.items(items, out);
                out.push_str("</ul>");
            }
            Block::OrderedList { start, items } => {
                match start {
                    1 => out.push_str("<ol>"),
                    start => _ = write!(out, "<ol start=\"{start}\">"),
                }
                self.items(items, out);
                out.push_str("</ol>");
            }
            Block::Code { language, text } => code(language.as_ref(), text.as_str(), out),
            Block::Quote(inner) => {
                out.push_str("<blockquote>");
                for block in inner {
                    self.block(block, out);
                }
                out.push_str("</blockquote>");
            }
            Block::Rule => out.push_str("<hr>"),
            Block::Table(table) => self.table(table, out),
        }
    }

    fn items(self, items: &[ListItem], out: &mut String) {
        for item in items {
            out.push_str("<li>");
            self.tight(&item.blocks, out);
            out.push_str("</li>");
        }
    }

    /// Blocks of an item or cell: the first paragraph without its tags, where no other follows.
    fn tight(self, blocks: &[Block], out: &mut String) {
        let rest = match blocks {
            [Block::Paragraph(first), rest @ ..]
                if !rest.iter().any(|block| matches!(block, Block::Paragraph(_))) =>
            {
                self.inlines(first, out);
                rest
            }
            all => all,
        };
        for block in rest {
            self.block(block, out);
        }
    }

    fn table(self, table: &Table, out: &mut String) {
        out.push_str("<table><tbody>");
        for row in table.rows.iter().filter(|row| !row.cells.is_empty()) {
            out.push_str("<tr>");
            for cell in &row.cells {
                self.cell(cell, out);
            }
            out.push_str("</tr>");
        }
        out.push_str("</tbody></table>");
    }

    fn cell(self, cell: &TableCell, out: &mut String) {
        let (open, close) = if cell.header { ("<th>", "</th>") } else { ("<td>", "</td>") };
        out.push_str(open);
        self.tight(&cell.blocks, out);
        out.push_str(close);
    }

    fn line(self, tag: &str, content: &[Inline], out: &mut String) {
        _ = write!(out, "<{tag}>");
        self.inlines(content, out);
        _ = write!(out, "</{tag}>");
    }

    fn inlines(self, content: &[Inline], out: &mut String) {
        for piece in content {
            match piece {
                Inline::Text { text, marks } => marked(text.as_str(), marks, out),
                Inline::HardBreak => out.push_str("<br>"),
                Inline::Mention(mention) => match (self.mentions)(mention) {
                    MentionMarkup::Text(text) => escape(&text, out),
                    MentionMarkup::Tag { index, name } => {
                        _ = write!(out, "<at id=\"{index}\">");
                        escape(&name, out);
                        out.push_str("</at>");
                    }
                },
            }
        }
    }
}

fn code(language: Option<&CodeLanguage>, text: &str, out: &mut String) {
    out.push_str("<pre><code");
    if let Some(language) = language {
        out.push_str(" class=\"language-");
        escape(language.as_str(), out);
        out.push('"');
    }
    out.push('>');
    escape(text, out);
    out.push_str("</code></pre>");
}

fn marked(text: &str, marks: &Marks, out: &mut String) {
    if text.is_empty() {
        return;
    }
    if let Some(link) = marks.link() {
        out.push_str("<a href=\"");
        escape(link.as_str(), out);
        out.push_str("\">");
    }
    let tags: Vec<&str> = marks.styles().map(tag).collect();
    for tag in &tags {
        _ = write!(out, "<{tag}>");
    }
    escape(text, out);
    for tag in tags.iter().rev() {
        _ = write!(out, "</{tag}>");
    }
    if marks.link().is_some() {
        out.push_str("</a>");
    }
}

fn tag(style: Style) -> &'static str {
    match style {
        Style::Strong => "strong",
        Style::Em => "em",
        Style::Underline => "u",
        Style::Strike => "s",
        Style::Sub => "sub",
        Style::Sup => "sup",
        Style::Code => "code",
    }
}

/// Writes text so that it is text wherever it stands, between tags or in a quoted attribute.
fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() && !matches!(c, '\n' | '\t') => {}
            c => out.push(c),
        }
    }
}
