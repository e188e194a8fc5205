//! The TOML that container runtimes are configured with, read through the `toml` crate.

use thiserror::Error;

pub(super) use toml::{Table, Value};

/// A text that is not TOML, with its line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}: {problem}")]
pub struct TomlError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it, in the words of the reader.
    pub problem: String,
}

/// No more of the reader's words is shown: they quote the text.
const MOST: usize = 120;

/// Reads a document. A byte-order mark before it is left out.
///
/// # Errors
/// It is not TOML, or something comes twice.
pub(super) fn read(text: &str) -> Result<Table, TomlError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.parse::<Table>().map_err(|error| {
        let before = error.span().map_or("", |span| &text[..span.start]);
        let words = error.message().lines().next().unwrap_or_default();
        TomlError {
            line: before.matches('\n').count() + 1,
            problem: words.chars().take(MOST).collect(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_toml_is_told_with_its_line() {
        let line = |text: &str| read(text).unwrap_err().line;
        assert_eq!(line("a = 1\nb = two\n"), 2);
        assert_eq!(line("a = 1\na = 2\n"), 2);
        assert_eq!(line("[a]\n[b]\n[a]\n"), 3);
        assert_eq!(line("a = \"x\n"), 1);
        assert!(read("\u{feff}a = 1\r\n[b.'c.d']\ne = {f = true}\n").is_ok());
        // Deep nesting is refused and ends no stack.
        assert!(read(&format!("a = {}", "[".repeat(100_000))).is_err());
    }
}
