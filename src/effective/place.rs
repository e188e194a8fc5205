//! Where something is written.

use std::fmt;

use serde::Serialize;

use crate::envfile::Position;

/// A place in a file, or in the service's definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The path of a file, or what the service comes from.
    pub path: String,
    /// The line and, where it is known, the column.
    #[serde(flatten)]
    pub at: Option<At>,
}

/// A line of a file and, where it is known, the column in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct At {
    /// The line, from 1: of lines that are joined, the first.
    pub line: usize,
    /// The column, from 1, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
}

impl Place {
    /// A line of a file.
    pub fn of_line(path: impl Into<String>, line: usize) -> Self {
        let at = (line > 0).then_some(At { line, column: None });
        Self {
            path: path.into(),
            at,
        }
    }
}

impl From<Position> for At {
    fn from(position: Position) -> Self {
        Self {
            line: position.line,
            column: Some(position.column),
        }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.column {
            Some(column) => write!(f, "{}:{column}", self.line),
            None => write!(f, "{}", self.line),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some(at) => write!(f, "{}:{at}", self.path),
            None => f.write_str(&self.path),
        }
    }
}
