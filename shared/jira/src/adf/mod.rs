//! Atlassian Document Format, the JSON of Jira's comments and descriptions, to and from a
//! [`Document`].
//!
//! Reading takes any ADF, also nodes of tomorrow: what has no counterpart degrades to its text.
//! Writing produces only what the published schema allows at each place.
//!
//! Format: <https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/>

mod inline;
mod parse;
mod write;

#[cfg(test)]
mod tests;

pub use parse::parse;
pub use write::write;

/// The most nodes a document may have.
pub const MAX_NODES: usize = 20_000;

/// The most text a document may hold, in bytes. Jira itself stops a comment at 32,767 characters.
pub const MAX_TEXT_BYTES: usize = 512 * 1024;

/// Why a value was not read as a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdfError {
    /// The outermost value is no node of type `doc`.
    #[error("not an ADF document")]
    NotADocument,
    /// Nodes nest deeper than [`tandem_domain::document::MAX_DEPTH`].
    #[error("ADF nested too deeply")]
    TooDeep,
    /// More nodes than [`MAX_NODES`] or more text than [`MAX_TEXT_BYTES`].
    #[error("ADF too large")]
    TooLarge,
}
