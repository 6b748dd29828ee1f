//! HTML text to a tree, and what is read off the tree directly.

use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, QualName, local_name, ns, parse_fragment};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

/// The most HTML read, in bytes; the rest is left out.
const MAX_HTML_BYTES: usize = 100 * 1024;

/// The most nodes read. Misnested markup can make far more nodes than it has characters.
const MAX_NODES: usize = 10_000;

/// The most levels read. The cost of parsing grows with the square of the depth.
const MAX_LEVELS: usize = 256;

/// How much is parsed between two looks at the size of the tree, in bytes.
const STEP_BYTES: usize = 512;

/// Elements whose content is never text of the message.
const INVISIBLE: [&str; 10] = [
    "script", "style", "head", "title", "template", "iframe", "object", "svg", "noframes",
    "noembed",
];

/// A parsed fragment. The nodes live as long as this does.
pub(super) struct Fragment {
    dom: RcDom,
    /// Whether something at the end was left out.
    pub(super) cut: bool,
}

impl Fragment {
    /// Parses HTML as the content of a `body`.
    pub(super) fn parse(html: &str) -> Self {
        let body = QualName::new(None, ns!(html), local_name!("body"));
        let mut parser =
            parse_fragment(RcDom::default(), ParseOpts::default(), body, Vec::new(), false);
        let mut rest = &html[..html.floor_char_boundary(MAX_HTML_BYTES)];
        let mut cut = rest.len() < html.len();
        while !rest.is_empty() {
            let (step, later) = rest.split_at(rest.ceil_char_boundary(STEP_BYTES));
            parser.process(step.into());
            rest = later;
            if is_large(&parser.tokenizer.sink.sink.document) {
                cut |= !rest.is_empty();
                break;
            }
        }
        Self { dom: parser.finish(), cut }
    }

    /// The nodes at the top.
    pub(super) fn roots(&self) -> Vec<Handle> {
        let html = self.dom.document.children.borrow();
        html.iter().flat_map(children).collect()
    }
}

/// Whether the tree is over [`MAX_NODES`] or [`MAX_LEVELS`], invisible nodes included.
fn is_large(document: &Handle) -> bool {
    let mut waiting = vec![(document.clone(), 0)];
    let mut seen = 0;
    while let Some((node, level)) = waiting.pop() {
        seen += 1;
        if seen > MAX_NODES || level > MAX_LEVELS {
            return true;
        }
        waiting.extend(node.children.borrow().iter().map(|child| (child.clone(), level + 1)));
        if let NodeData::Element { template_contents, .. } = &node.data {
            waiting.extend(template_contents.borrow().clone().map(|inner| (inner, level + 1)));
        }
    }
    false
}

/// The address of every link, exactly as written, in document order.
pub fn find_links(html: &str) -> Vec<String> {
    let fragment = Fragment::parse(html);
    descendants(&fragment.dom.document).filter_map(|node| attribute(&node, "href")).collect()
}

/// The child nodes.
pub(super) fn children(node: &Handle) -> Vec<Handle> {
    node.children.borrow().clone()
}

/// The name of an element in lower case; empty for any other node.
pub(super) fn element_name(node: &Handle) -> &str {
    match &node.data {
        NodeData::Element { name, .. } => &name.local,
        _ => "",
    }
}

/// An attribute of an element.
pub(super) fn attribute(node: &Handle, name: &str) -> Option<String> {
    let NodeData::Element { attrs, .. } = &node.data else { return None };
    let attrs = attrs.borrow();
    attrs.iter().find(|attr| &*attr.name.local == name).map(|attr| attr.value.to_string())
}

/// Whether the content of an element is never shown.
pub(super) fn is_invisible(element: &str) -> bool {
    INVISIBLE.contains(&element)
}

/// The text inside a node as written, line breaks as `\n`, whatever the depth.
pub(super) fn raw_text(node: &Handle) -> String {
    let mut text = String::new();
    for inner in descendants(node) {
        match &inner.data {
            NodeData::Text { contents } => text.push_str(&contents.borrow()),
            NodeData::Element { name, .. } if &*name.local == "br" => text.push('\n'),
            _ => {}
        }
    }
    text
}

/// Every visible node below one, in document order, without recursion.
pub(super) fn descendants(node: &Handle) -> impl Iterator<Item = Handle> {
    let mut waiting: Vec<Handle> = children(node).into_iter().rev().collect();
    std::iter::from_fn(move || {
        let next = waiting.pop()?;
        if !is_invisible(element_name(&next)) {
            waiting.extend(next.children.borrow().iter().rev().cloned());
        }
        Some(next)
    })
}
