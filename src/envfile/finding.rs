//! What systemd drops from a file, what it reads otherwise than it looks, and
//! why it ignores a file as a whole.

use super::position::Position;
use std::fmt;
use std::ops::Range;

/// A place in a file that does not do what its author may have meant. The
/// rest of the file counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where it is.
    pub at: Position,
    /// The bytes of the file that it is about.
    pub span: Range<usize>,
    /// What happens there.
    pub cause: Cause,
}

/// What a [`Finding`] is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// The line ends before a `=`: ignored without a word (`env-file.c`,
    /// state `KEY`).
    NoEquals,
    /// The name before `=` is not that of a variable: the assignment alone is
    /// dropped (`exec_context_load_environment`, `execute.c`).
    InvalidName {
        /// The name as systemd reads it.
        name: String,
        /// What is wrong with it.
        problem: NameProblem,
    },
    /// `NAME=value` is longer than [`super::ASSIGNMENT_MAX`]: dropped, with
    /// whatever the same file set the variable to before
    /// (`env_assignment_is_valid`, `env-util.c`).
    TooLong {
        /// The variable.
        name: String,
        /// The length of `NAME=value` in bytes.
        bytes: usize,
    },
    /// A quote that nothing closes: the rest of the file is part of the value
    /// (`env-file.c`, at the end of the file).
    UnterminatedQuote {
        /// `'` or `"`.
        quote: char,
    },
    /// A backslash as the last byte of the file: left out of the value.
    BackslashAtEnd,
    /// A `#` after a blank, behind the beginning of a value: no comment. It
    /// and the rest of the line are part of the value (`env-file.c`, state
    /// `VALUE`).
    HashInValue,
    /// A comment that ends in a backslash. systemd 252 and 253 take the next
    /// line for a part of it; 254 and newer do not.
    ContinuedComment,
}

impl Cause {
    /// Whether an assignment or a line is ignored because of it.
    pub const fn drops_line(&self) -> bool {
        matches!(
            self,
            Self::NoEquals | Self::InvalidName { .. } | Self::TooLong { .. }
        )
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEquals => f.write_str("the line has no `=`"),
            Self::InvalidName { name, problem } => match problem {
                NameProblem::Export => {
                    write!(
                        f,
                        "`{}` is not a variable name: no shell reads this file",
                        Escaped(name)
                    )
                }
                NameProblem::ByteOrderMark => {
                    f.write_str("a byte-order mark stands before the name")
                }
                NameProblem::FirstCharacter(c) => {
                    write!(
                        f,
                        "a variable name cannot begin with `{}`",
                        c.escape_debug()
                    )
                }
                NameProblem::Character(c) => write!(
                    f,
                    "`{}` is not a variable name: it holds `{}`",
                    Escaped(name),
                    c.escape_debug()
                ),
            },
            Self::TooLong { name, bytes } => {
                let most = super::ASSIGNMENT_MAX;
                write!(
                    f,
                    "`{name}` with its value has {bytes} bytes, systemd takes {most}"
                )
            }
            Self::UnterminatedQuote { quote } => {
                write!(
                    f,
                    "`{quote}` is never closed: the rest of the file is part of the value"
                )
            }
            Self::BackslashAtEnd => f.write_str("the backslash at the end of the file is dropped"),
            Self::HashInValue => {
                f.write_str("this `#` and what follows are part of the value, not a comment")
            }
            Self::ContinuedComment => f.write_str(
                "the comment ends in a backslash: systemd 252 and 253 ignore the next line too",
            ),
        }
    }
}

/// Text for a message: control characters escaped, and not too much of it.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 60;
        for character in self.0.chars().take(SHOWN) {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        if self.0.chars().nth(SHOWN).is_some() {
            f.write_str("…")
        } else {
            Ok(())
        }
    }
}

/// What is wrong with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameProblem {
    /// `export NAME=…`, as for a shell.
    Export,
    /// U+FEFF at the start, which some editors write at the head of a file.
    ByteOrderMark,
    /// A digit at the start, or anything else that no name can begin with.
    FirstCharacter(char),
    /// A character that no name holds.
    Character(char),
}

impl NameProblem {
    /// What makes `name` invalid; `None` if it is valid.
    pub(super) fn of(name: &str) -> Option<Self> {
        let first = name.chars().next()?;
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if first == '\u{feff}' {
            return Some(Self::ByteOrderMark);
        }
        if name
            .strip_prefix("export")
            .is_some_and(|rest| rest.starts_with([' ', '\t']))
        {
            return Some(Self::Export);
        }
        if first.is_ascii_digit() || !allowed(first) {
            return Some(Self::FirstCharacter(first));
        }
        name.chars().find(|&c| !allowed(c)).map(Self::Character)
    }
}

/// Why systemd ignores a whole file: with `-` before its path without effect
/// on the service, without it the service does not start
/// (`systemd.exec(5)`, `EnvironmentFile=`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejected {
    /// 64 MiB or more (`READ_FULL_BYTES_MAX`, `fileio.c`).
    #[error("it has {bytes} bytes, systemd reads less than {}", super::FILE_MAX)]
    TooLarge {
        /// Its size in bytes.
        bytes: u64,
    },
    /// A NUL byte, wherever it stands (`read_full_stream_full`, `fileio.c`).
    #[error("it holds a NUL byte")]
    Nul {
        /// Where the first one is.
        at: Position,
    },
    /// An assignment, even one whose name is invalid, is not UTF-8 once
    /// unescaped, or holds a Unicode noncharacter
    /// (`check_utf8ness_and_warn`, `env-file.c`). Comments and lines without
    /// `=` are not looked at.
    #[error("the {part} of `{name}` {}", not_utf8(*noncharacter))]
    NotUtf8 {
        /// The first byte that is refused.
        at: Position,
        /// The line on which the assignment begins.
        line: usize,
        /// The noncharacter that begins there; `None` if it is no UTF-8 at all.
        noncharacter: Option<char>,
        /// Whether it stands in the name or in the value.
        part: Part,
        /// The name, with U+FFFD for what is not UTF-8.
        name: String,
    },
}

impl Rejected {
    /// The place in the file that it is about.
    pub const fn at(&self) -> Option<Position> {
        match self {
            Self::TooLarge { .. } => None,
            Self::Nul { at } | Self::NotUtf8 { at, .. } => Some(*at),
        }
    }
}

fn not_utf8(noncharacter: Option<char>) -> String {
    noncharacter.map_or_else(
        || "is not UTF-8".to_owned(),
        |c| {
            format!(
                "holds U+{:04X}, which systemd does not take for UTF-8",
                u32::from(c)
            )
        },
    )
}

/// A side of an assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What stands before `=`.
    Name,
    /// What stands after it.
    Value,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "name",
            Self::Value => "value",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envfile::is_valid_name;

    #[test]
    fn a_name_has_a_problem_exactly_when_it_is_invalid() {
        use NameProblem::{ByteOrderMark, Character, Export, FirstCharacter};
        for (name, problem) in [
            ("A_1", None),
            ("export A", Some(Export)),
            ("export\tA", Some(Export)),
            ("export", None),
            ("exported A", Some(Character(' '))),
            ("1A", Some(FirstCharacter('1'))),
            ("=A", Some(FirstCharacter('='))),
            ("A-B", Some(Character('-'))),
            ("\u{feff}A", Some(ByteOrderMark)),
            ("Ä", Some(FirstCharacter('Ä'))),
        ] {
            assert_eq!(NameProblem::of(name), problem, "{name}");
            assert_eq!(is_valid_name(name), problem.is_none(), "{name}");
        }
    }
}
