//! From ADF: what stands inside a paragraph.

use serde_json::Value;
use tandem_domain::document::{Inline, Inlines, LinkUrl, Marks, MentionId, MentionedUser, Style};
use time::OffsetDateTime;

use super::AdfError;
use super::parse::{Reader, attr, attr_str, children, node_type};

/// What an attachment without a description is called.
const ATTACHMENT: &str = "[attachment]";

impl Reader {
    /// Reads an inline node, or the text of any other. The caller has counted the node in.
    pub(super) fn inline(
        &mut self,
        node: &Value,
        depth: usize,
        line: &mut Inlines,
    ) -> Result<(), AdfError> {
        match node_type(node) {
            "text" => {
                let text = self.text(node["text"].as_str().unwrap_or_default())?;
                line.push(Inline::marked(text, marks(node)));
            }
            "hardBreak" => line.push(Inline::HardBreak),
            "mention" => line.push(self.mention(node)?),
            "emoji" => {
                let shown = first_text(&[attr_str(node, "text"), attr_str(node, "shortName")]);
                line.push(Inline::text(self.text(shown)?));
            }
            "date" => line.push(Inline::text(&date(attr(node, "timestamp")))),
            "inlineCard" | "blockCard" | "embedCard" => line.push(self.card(node)?),
            "media" | "mediaInline" => line.push(self.media(node)?),
            _ => self.unknown(node, depth, line)?,
        }
        Ok(())
    }

    fn mention(&mut self, node: &Value) -> Result<Inline, AdfError> {
        let shown = self.text(attr_str(node, "text"))?;
        Ok(match MentionId::parse(attr_str(node, "id")) {
            Some(id) => Inline::mention(MentionedUser::Jira(id), shown),
            None => Inline::text(shown),
        })
    }

    /// A smart link: its address as a link, or the name that came with its data.
    fn card(&mut self, node: &Value) -> Result<Inline, AdfError> {
        let data = attr(node, "data");
        let [data_url, name] = ["url", "name"].map(|key| data[key].as_str().unwrap_or_default());
        let url = first_text(&[attr_str(node, "url"), data_url]);
        let shown = self.text(first_text(&[name, url]))?;
        Ok(Inline::link(shown, url))
    }

    fn media(&mut self, node: &Value) -> Result<Inline, AdfError> {
        let description = self.text(attr_str(node, "alt"))?;
        let shown = match description.trim() {
            "" => ATTACHMENT.to_owned(),
            description => format!("[attachment: {description}]"),
        };
        Ok(match LinkUrl::parse(attr_str(node, "url")) {
            Some(url) => Inline::marked(&shown, Marks::default().with_link(url)),
            None => Inline::text(&shown),
        })
    }

    /// A status, a placeholder, an extension, or a node that is not known: its text.
    fn unknown(&mut self, node: &Value, depth: usize, line: &mut Inlines) -> Result<(), AdfError> {
        let own = node["text"].as_str().unwrap_or_default();
        let text = first_text(&[own, attr_str(node, "text"), attr_str(node, "title")]);
        line.push(Inline::text(self.text(text)?));
        for child in children(node) {
            self.enter(depth + 1)?;
            self.inline(child, depth + 1, line)?;
        }
        Ok(())
    }
}

fn first_text<'a>(candidates: &[&'a str]) -> &'a str {
    candidates.iter().find(|text| !text.is_empty()).copied().unwrap_or_default()
}

/// The marks of a text node. Colours, comments on the text and unknown marks are left out.
fn marks(node: &Value) -> Marks {
    let mut marks = Marks::default();
    for mark in node["marks"].as_array().map_or(&[][..], Vec::as_slice) {
        let style = match (node_type(mark), attr_str(mark, "type")) {
            ("strong", _) => Style::Strong,
            ("em", _) => Style::Em,
            ("strike", _) => Style::Strike,
            ("underline", _) => Style::Underline,
            ("code", _) => Style::Code,
            ("subsup", "sub") => Style::Sub,
            ("subsup", "sup") => Style::Sup,
            ("link", _) => {
                if let Some(link) = LinkUrl::parse(attr_str(mark, "href")) {
                    marks = marks.with_link(link);
                }
                continue;
            }
            _ => continue,
        };
        marks = marks.with(style);
    }
    marks
}

/// A date node's timestamp, milliseconds since 1970 as a string, as `YYYY-MM-DD`; nothing where it is
/// no time.
fn date(timestamp: &Value) -> String {
    let text = timestamp.as_str().map_or_else(|| timestamp.to_string(), str::to_owned);
    let day = text
        .parse::<i64>()
        .ok()
        .and_then(|millis| OffsetDateTime::from_unix_timestamp(millis.div_euclid(1000)).ok());
    day.map_or_else(String::new, |day| {
        format!("{:04}-{:02}-{:02}", day.year(), u8::from(day.month()), day.day())
    })
}
