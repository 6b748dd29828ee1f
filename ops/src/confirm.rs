//! What cannot be undone is asked about first.

use crate::{error::OpsError, output::Output};

/// Goes on only when `word` is typed.
pub(crate) fn confirm(output: &Output, what: &str, word: &str) -> Result<(), OpsError> {
    let typed = output.ask(&format!("{what} This cannot be undone. Type {word} to go on:"))?;
    if typed == word { Ok(()) } else { Err(OpsError::NotConfirmed) }
}
