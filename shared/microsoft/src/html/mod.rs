//! The HTML of Teams messages, to and from a [`Document`].
//!
//! Writing escapes every text and attribute, so that nothing a person typed is ever markup.
//! Reading takes any HTML the way a browser does: what has no counterpart degrades to its text.
//!
//! Body of a message:
//! <https://learn.microsoft.com/graph/api/resources/chatmessage#properties>

mod dom;
mod limit;
mod line;
mod parse;
mod render;

#[cfg(test)]
mod tests;

pub use dom::find_links;
pub use limit::{render, render_framed};
pub use parse::parse;
pub use render::{MentionMarkup, mention_as_text};

/// A size in bytes that a message keeps well under the about 28 KB Teams takes for a post,
/// the JSON around it included.
pub const MAX_MESSAGE_BYTES: usize = 24 * 1024;
