//! Further arguments in an env file that the administrator may have written.

use thiserror::Error;

use crate::envfile::quote::{self, Unquotable};
use crate::envfile::{Rejected, parse};

/// Why an env file does not get further arguments.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EnvFileError {
    /// systemd ignores it as it is.
    #[error("is ignored as a whole: {0}")]
    Rejected(Rejected),
    /// An argument that no env file can hold.
    #[error(transparent)]
    Unquotable(#[from] Unquotable),
    /// What was written would be read otherwise, by what stands before it.
    #[error("does not read back what would be written at its end; end its last line first")]
    ReadsOtherwise,
}

/// The content of an env file with words after those that a variable holds. All else stays
/// as it was written.
///
/// # Errors
/// See [`EnvFileError`].
pub fn with_words(content: &[u8], variable: &str, words: &[&str]) -> Result<Vec<u8>, EnvFileError> {
    let parsed = parse(content).map_err(EnvFileError::Rejected)?;
    let set = parsed
        .assignments
        .iter()
        .rev()
        .find(|it| it.name == variable);
    let further = quote::words(words.iter().copied())?;
    let value = match set.map(|set| set.value.trim_end()) {
        None | Some("") => further,
        Some(before) => format!("{before} {further}"),
    };
    let line = format!("{variable}={}", quote::value(&value)?);
    let ends = content.last().is_none_or(|last| *last == b'\n');
    let newline: &[u8] = if ends { b"" } else { b"\n" };
    let text = set.map_or_else(
        || [content, newline, line.as_bytes(), b"\n"].concat(),
        |set| {
            let (before, after) = (&content[..set.span.start], &content[set.span.end..]);
            [before, line.as_bytes(), after].concat()
        },
    );
    let read = parse(&text).map_err(EnvFileError::Rejected)?;
    let last = read.assignments.iter().rev().find(|it| it.name == variable);
    match last.is_some_and(|it| it.value == value) {
        true => Ok(text),
        false => Err(EnvFileError::ReadsOtherwise),
    }
}
