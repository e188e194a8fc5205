//! The TOML that container runtimes are configured with, read for a few of its values.
//!
//! All of TOML 1.0's structure is read: tables, arrays of tables, bare, quoted and dotted keys, all four kinds of
//! strings, arrays, inline tables and comments. Numbers and dates are kept as they are written, unchecked. What is
//! no TOML is an error with its line, and so is a key or a table that comes twice, because then nobody can say what
//! a runtime makes of it. Let through is what adds to a table in braces or to an array of values afterwards.

mod strings;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use thiserror::Error;

/// The most that tables and arrays are nested in each other.
const MAX_DEPTH: usize = 32;

/// A table.
pub(super) type Table = BTreeMap<String, Value>;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// A string.
    Text(String),
    /// A number or a date, as it is written.
    Other(String),
    /// An array, of tables too.
    Array(Vec<Value>),
    /// A table.
    Table(Table),
}

impl Value {
    pub(super) fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn as_table(&self) -> Option<&Table> {
        match self {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    pub(super) fn as_array(&self) -> Option<&[Value]> {
        match self {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }
}

/// A text that is no TOML, with its line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}: {problem}")]
pub struct TomlError {
    line: usize,
    problem: Problem,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
enum Problem {
    #[error("`{0}` is needed here")]
    Missing(&'static str),
    #[error("this is no value")]
    NoValue,
    #[error("the string does not end")]
    Endless,
    #[error("`\\{0}` is no escape")]
    Escape(char),
    #[error("`{0}` comes twice")]
    Twice(String),
    #[error("tables and arrays are nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
}

/// Reads a document.
///
/// # Errors
/// It is no TOML, or something comes twice.
pub(super) fn read(text: &str) -> Result<Table, TomlError> {
    let mut reader = Reader {
        rest: text.strip_prefix('\u{feff}').unwrap_or(text),
        line: 1,
    };
    reader.document().map_err(|problem| TomlError {
        line: reader.line,
        problem,
    })
}

struct Reader<'t> {
    rest: &'t str,
    line: usize,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<Table, Problem> {
        let mut top = Table::new();
        let mut headers = BTreeSet::new();
        let mut here: Vec<String> = Vec::new();
        loop {
            self.body(table_at(&mut top, &here)?, here.len())?;
            if self.rest.is_empty() {
                return Ok(top);
            }
            if self.take("[[") {
                here = self.header("]]")?;
                // Each element has tables of its own.
                forget_below(&mut headers, &here);
                let Some((last, above)) = here.split_last() else {
                    return Err(Problem::Missing("="));
                };
                let items = table_at(&mut top, above)?
                    .entry(last.clone())
                    .or_insert_with(|| Value::Array(Vec::new()));
                match items {
                    Value::Array(items) => items.push(Value::Table(Table::new())),
                    _ => return Err(Problem::Twice(here.join("."))),
                }
            } else {
                self.expect("[")?;
                here = self.header("]")?;
                table_at(&mut top, &here)?;
                if !headers.insert(here.clone()) {
                    return Err(Problem::Twice(here.join(".")));
                }
            }
            self.line_end()?;
        }
    }

    /// What stands in a table, up to the next header. Above it are `depth` others.
    fn body(&mut self, table: &mut Table, depth: usize) -> Result<(), Problem> {
        loop {
            self.blank_lines();
            if self.rest.is_empty() || self.rest.starts_with('[') {
                return Ok(());
            }
            self.pair(table, depth)?;
            self.line_end()?;
        }
    }

    /// `key = value`.
    fn pair(&mut self, table: &mut Table, depth: usize) -> Result<(), Problem> {
        let path = self.key(depth)?;
        let value = self.assigned(depth + path.len())?;
        insert(table, &path, value)
    }

    fn header(&mut self, end: &'static str) -> Result<Vec<String>, Problem> {
        let path = self.key(0)?;
        self.expect(end)?;
        Ok(path)
    }

    /// `= value`.
    fn assigned(&mut self, depth: usize) -> Result<Value, Problem> {
        self.expect("=")?;
        self.blanks();
        self.value(depth)
    }

    /// A key of one part or several, each of which is a level below `depth`.
    fn key(&mut self, depth: usize) -> Result<Vec<String>, Problem> {
        let mut parts = Vec::new();
        loop {
            if depth + parts.len() == MAX_DEPTH {
                return Err(Problem::TooDeep);
            }
            self.blanks();
            parts.push(match self.rest.chars().next() {
                Some('"') => self.basic()?,
                Some('\'') => self.literal()?,
                _ => self.bare()?,
            });
            self.blanks();
            if !self.take(".") {
                return Ok(parts);
            }
        }
    }

    fn bare(&mut self) -> Result<String, Problem> {
        let word = self.while_is(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        match word.is_empty() {
            true => Err(Problem::Missing("a key")),
            false => Ok(word),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, Problem> {
        if depth > MAX_DEPTH {
            return Err(Problem::TooDeep);
        }
        match self.rest.chars().next() {
            Some('"') if self.take("\"\"\"") => self.basic_lines().map(Value::Text),
            Some('\'') if self.take("'''") => self.literal_lines().map(Value::Text),
            Some('"') => self.basic().map(Value::Text),
            Some('\'') => self.literal().map(Value::Text),
            Some('[') => self.array(depth),
            Some('{') => self.inline(depth),
            _ => self.word(),
        }
    }

    /// A boolean, a number or a date.
    fn word(&mut self) -> Result<Value, Problem> {
        let part = |c: char| c.is_ascii_alphanumeric() || "+-_.:".contains(c);
        let word = self.while_is(part);
        match word.as_str() {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            "inf" | "+inf" | "-inf" | "nan" | "+nan" | "-nan" => Ok(Value::Other(word)),
            _ if word
                .trim_start_matches(['+', '-'])
                .starts_with(|c: char| c.is_ascii_digit()) =>
            {
                Ok(Value::Other(word))
            }
            _ => Err(Problem::NoValue),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, Problem> {
        self.expect("[")?;
        let mut items = Vec::new();
        loop {
            self.blank_lines();
            if self.take("]") {
                return Ok(Value::Array(items));
            }
            items.push(self.value(depth + 1)?);
            self.blank_lines();
            if !self.take(",") {
                self.expect("]")?;
                return Ok(Value::Array(items));
            }
        }
    }

    fn inline(&mut self, depth: usize) -> Result<Value, Problem> {
        self.expect("{")?;
        let mut table = Table::new();
        self.blanks();
        if self.take("}") {
            return Ok(Value::Table(table));
        }
        loop {
            self.pair(&mut table, depth)?;
            self.blanks();
            if !self.take(",") {
                self.expect("}")?;
                return Ok(Value::Table(table));
            }
        }
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        self.line += usize::from(c == '\n');
        Some(c)
    }

    fn take(&mut self, word: &str) -> bool {
        let rest = self.rest.strip_prefix(word);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, word: &'static str) -> Result<(), Problem> {
        self.blanks();
        match self.take(word) {
            true => Ok(()),
            false => Err(Problem::Missing(word)),
        }
    }

    fn while_is(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let end = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.to_owned()
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    fn white_space(&mut self) {
        while self.rest.starts_with([' ', '\t', '\r', '\n']) {
            self.next();
        }
    }

    fn comment(&mut self) {
        if self.rest.starts_with('#') {
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            self.rest = &self.rest[end..];
        }
    }

    /// White space and comments, over lines.
    fn blank_lines(&mut self) {
        loop {
            self.white_space();
            if !self.rest.starts_with('#') {
                return;
            }
            self.comment();
        }
    }

    fn line_end(&mut self) -> Result<(), Problem> {
        self.blanks();
        self.comment();
        self.take("\r");
        match self.rest.is_empty() || self.rest.starts_with('\n') {
            true => Ok(()),
            false => Err(Problem::Missing("the end of the line")),
        }
    }
}

/// Forgets the headers at a path and below it, which follow each other.
fn forget_below(headers: &mut BTreeSet<Vec<String>>, path: &[String]) {
    let from = (Bound::Included(path), Bound::Unbounded);
    while let Some(header) = headers.range::<[String], _>(from).next() {
        if !header.starts_with(path) {
            return;
        }
        let header = header.clone();
        headers.remove(&header);
    }
}

/// The table at a path, made where it is not there; of an array of tables its last.
fn table_at<'t>(top: &'t mut Table, path: &[String]) -> Result<&'t mut Table, Problem> {
    path.iter().try_fold(top, |table, part| {
        let value = table
            .entry(part.clone())
            .or_insert_with(|| Value::Table(Table::new()));
        match value {
            Value::Table(table) => Ok(table),
            Value::Array(items) => match items.last_mut() {
                Some(Value::Table(table)) => Ok(table),
                _ => Err(Problem::Twice(part.clone())),
            },
            _ => Err(Problem::Twice(part.clone())),
        }
    })
}

fn insert(table: &mut Table, path: &[String], value: Value) -> Result<(), Problem> {
    let Some((last, above)) = path.split_last() else {
        return Err(Problem::Missing("a key"));
    };
    match table_at(table, above)?.insert(last.clone(), value) {
        None => Ok(()),
        Some(_) => Err(Problem::Twice(path.join("."))),
    }
}

#[cfg(test)]
mod tests;
