//! Lines and columns, as editors and `sed -n Np` count them.

use serde::Serialize;
use std::fmt;

/// A place in a file.
///
/// Lines end at LF alone, as in editors, although systemd also ends an
/// assignment at CR. (The line numbers in systemd's own log count neither
/// blank lines nor those inside a value.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in bytes.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// An index of the lines of a file, for positions in any order.
#[derive(Debug, Clone)]
pub struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    /// Reads `content` once.
    pub fn new(content: &[u8]) -> Self {
        let after_newlines = content
            .iter()
            .enumerate()
            .filter(|&(_, &byte)| byte == b'\n')
            .map(|(at, _)| at + 1);
        Self {
            starts: std::iter::once(0).chain(after_newlines).collect(),
        }
    }

    /// The position of the byte at `offset`; the end of the file counts as a
    /// byte of its last line.
    pub fn position(&self, offset: usize) -> Position {
        let line = self.starts.partition_point(|&start| start <= offset);
        Position {
            line,
            column: offset - self.starts[line - 1] + 1,
        }
    }
}

/// Counts lines on the way through a file, each byte once.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    content: &'a [u8],
    offset: usize,
    line: usize,
    line_start: usize,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(content: &'a [u8]) -> Self {
        Self {
            content,
            offset: 0,
            line: 1,
            line_start: 0,
        }
    }

    /// The position of the byte at `offset`, which never goes back.
    pub(super) fn position(&mut self, offset: usize) -> Position {
        debug_assert!(offset >= self.offset, "a cursor only moves forward");
        for (at, &byte) in self.content[self.offset..offset].iter().enumerate() {
            if byte == b'\n' {
                self.line += 1;
                self.line_start = self.offset + at + 1;
            }
        }
        self.offset = offset;
        Position {
            line: self.line,
            column: offset - self.line_start + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursor_and_index_agree_and_count_from_one() {
        let content = b"ab\n\ncd\r\ne";
        let lines = Lines::new(content);
        let mut cursor = Cursor::new(content);
        let places: Vec<_> = (0..=content.len())
            .map(|offset| {
                assert_eq!(lines.position(offset), cursor.position(offset));
                let Position { line, column } = lines.position(offset);
                (line, column)
            })
            .collect();
        assert_eq!(
            places,
            [
                (1, 1),
                (1, 2),
                (1, 3),
                (2, 1),
                (3, 1),
                (3, 2),
                (3, 3),
                (3, 4),
                (4, 1),
                (4, 2)
            ]
        );
    }
}
