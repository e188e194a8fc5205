//! The TOML that container runtimes are configured with, read through the `toml` crate into the values of JSON.

use std::ops::Range;

use serde_json::Map;
use thiserror::Error;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub(super) use serde_json::Value;

/// A table, or the document.
pub(super) type Table = Map<String, Value>;

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
/// It is not TOML, something comes twice, or a whole number has more than 64 bits.
pub(super) fn read(text: &str) -> Result<Table, TomlError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let refuse = |span: Option<Range<usize>>, words: &str| TomlError {
        line: text[..span.map_or(0, |span| span.start)]
            .matches('\n')
            .count()
            + 1,
        problem: words.chars().take(MOST).collect(),
    };
    let read = DeTable::parse(text).map_err(|error| {
        let words = error.message().lines().next().unwrap_or_default();
        refuse(error.span(), words)
    })?;
    table(read.get_ref()).map_err(|span| refuse(Some(span), "the number is too large"))
}

/// The table, or the place of a number that is too large. No runtime is told anything by a
/// broken number or a time, which become null.
fn table(read: &DeTable<'_>) -> Result<Table, Range<usize>> {
    let mut table = Table::new();
    for (key, inner) in read {
        table.insert(key.get_ref().to_string(), value(inner)?);
    }
    Ok(table)
}

fn value(read: &Spanned<DeValue<'_>>) -> Result<Value, Range<usize>> {
    Ok(match read.get_ref() {
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Boolean(flag) => (*flag).into(),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_err(|_| read.span())?
            .into(),
        DeValue::Array(items) => {
            let items = items.iter().map(value);
            Value::Array(items.collect::<Result<_, _>>()?)
        }
        DeValue::Table(inner) => Value::Object(table(inner)?),
        DeValue::Float(_) | DeValue::Datetime(_) => Value::Null,
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
        assert_eq!(line("a = 1\n[b]\nc = [0x10, 9223372036854775808]\n"), 3);
        assert!(read("\u{feff}a = 1\r\n[b.'c.d']\ne = {f = true}\n").is_ok());
        // Deep nesting is refused and ends no stack.
        assert!(read(&format!("a = {}", "[".repeat(100_000))).is_err());
    }

    #[test]
    fn values_are_those_of_json() {
        let text = "a = 0xff\nb = -1_000\nc = ['x', true]\n[d.e]\nf = 1.5\ng = 2026-11-29\n";
        let json = serde_json::json!({
            "a": 255, "b": -1000, "c": ["x", true], "d": {"e": {"f": null, "g": null}},
        });
        assert_eq!(read(text).map(Value::Object), Ok(json));
    }
}
