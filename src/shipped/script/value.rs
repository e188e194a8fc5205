//! Values whose every character knows where it is written.

use crate::envfile::Position;

/// A place in one of the files that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    /// The number of the file.
    pub(super) file: usize,
    pub(super) at: Position,
}

/// A piece of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Char(char),
    /// Nothing in quotes, which is a word all the same.
    Empty,
    /// A variable that is not set, by its number.
    Unset(usize),
    /// What cannot be told without running something, by the number of the reason.
    Unknown(usize),
    /// The same of what has no blanks, such as the name of the host.
    Word(usize),
}

impl What {
    /// The number of the reason why it is not known, where it is not.
    pub(super) fn unknown(self) -> Option<usize> {
        match self {
            Self::Unknown(reason) | Self::Word(reason) => Some(reason),
            _ => None,
        }
    }
}

/// A piece of a value, where it is written, and in which variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) what: What,
    /// Whether it is safe from being split and expanded.
    pub(super) quoted: bool,
    pub(super) spot: Spot,
    /// The variable that it was written into, by its number.
    pub(super) variable: Option<usize>,
}

impl Cell {
    /// Whether it stays within its word, whatever it is.
    pub(super) fn is_one(&self) -> bool {
        self.quoted || !matches!(self.what, What::Unknown(_))
    }

    pub(super) fn is_blank(&self) -> bool {
        !self.quoted && matches!(self.what, What::Char(' ' | '\t' | '\n'))
    }

    /// A character that a shell would look for files with.
    pub(super) fn is_pattern(&self) -> bool {
        !self.quoted && matches!(self.what, What::Char('*' | '?' | '['))
    }
}

pub(super) type Value = Vec<Cell>;

/// The characters of a file.
pub(super) fn of_file(file: usize, content: &[u8]) -> Value {
    let text = String::from_utf8_lossy(content);
    let mut at = Position { line: 1, column: 1 };
    let cell = |what: char| {
        let spot = Spot { file, at };
        match what {
            '\n' => {
                at = Position {
                    line: at.line + 1,
                    column: 1,
                }
            }
            other => at.column += other.len_utf8(),
        }
        Cell {
            what: What::Char(what),
            quoted: false,
            spot,
            variable: None,
        }
    };
    text.chars().map(cell).collect()
}

/// A value as text, where all of it is known.
pub(super) fn text(value: &[Cell]) -> Option<String> {
    let chars = value.iter().filter_map(|cell| match cell.what {
        What::Char(c) => Some(Some(c)),
        What::Unknown(_) | What::Word(_) => Some(None),
        What::Empty | What::Unset(_) => None,
    });
    chars.collect()
}

/// A value as text, with `…` for what is not known.
pub(super) fn shown(value: &[Cell]) -> String {
    let chars = value.iter().filter_map(|cell| match cell.what {
        What::Char(c) => Some(c),
        What::Unknown(_) | What::Word(_) => Some('…'),
        What::Empty | What::Unset(_) => None,
    });
    chars.collect()
}

/// The words of a value, split at blanks that are not quoted. A word of nothing but unset
/// variables stays, so that they can be named.
pub(super) fn fields(value: &[Cell]) -> Vec<Value> {
    let parts = value.split(Cell::is_blank);
    parts
        .filter(|part| !part.is_empty())
        .map(<[Cell]>::to_vec)
        .collect()
}
