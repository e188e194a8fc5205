//! What is wrong or surprising, with what would be right.

use crate::effective::Place;
use crate::envfile::{Cause, NameProblem, Position, Rejected, Unread};
use crate::kubelet::Version;
use crate::kubelet::flags::{RefusedValue, RemovedFlag};
use crate::kubelet::takes::{Effect, Refusal};
use crate::process::STRING_MAX;
use serde::ser::{Serialize, SerializeStruct, Serializer};
use std::fmt;

/// Something that an administrator should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How grave it is.
    pub severity: Severity,
    /// Where it is.
    pub place: Place,
    /// What it is.
    pub kind: ProblemKind,
}

/// How grave a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The service does not start, or the kubelet exits at once.
    Error,
    /// Something that is written there has no effect, or another one than it
    /// seems to have.
    Warning,
    /// Good to know.
    Note,
}

impl From<Effect> for Severity {
    fn from(effect: Effect) -> Self {
        match effect {
            Effect::Exits => Self::Error,
            Effect::Ignores | Effect::Doubtful => Self::Warning,
            Effect::OfOthers => Self::Note,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        })
    }
}

/// What a problem is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProblemKind {
    /// A whole file is ignored, or its service does not start.
    File {
        /// Why.
        problem: FileProblem,
        /// Whether the service starts without it.
        optional: bool,
    },
    /// A place in a file.
    Line(Cause),
    /// A line of the service's files that its init ignores, or reads otherwise than it looks.
    Remark(String),
    /// A flag that the kubelet no longer has.
    RemovedFlag(&'static RemovedFlag),
    /// A flag or a feature gate that this release of the kubelet does not take.
    NotTaken(Refusal),
    /// How far it is known what this release of the kubelet takes.
    Release {
        /// How far.
        text: String,
        /// The release that was probably meant instead.
        meant: Option<Version>,
    },
    /// A value that the kubelet no longer takes.
    RefusedValue(&'static RefusedValue),
    /// A short flag that the kubelet does not have.
    ShortFlag {
        /// The argument.
        text: String,
    },
    /// An argument that is neither a flag nor a flag's value: the kubelet
    /// exits with `unknown command` (`cmd/kubelet/app/server.go`).
    Operand {
        /// The argument.
        text: String,
        /// The flag before it, if that one is boolean.
        boolean: Option<String>,
    },
    /// A flag that takes another flag for its value.
    FlagAsValue {
        /// Its name.
        flag: String,
        /// The value.
        value: String,
    },
    /// What a shell would expand: it reaches the program as it is.
    Unexpanded {
        /// The argument.
        text: String,
    },
    /// A value of a variable on the command line that another one replaced.
    Replaced {
        /// The variable.
        variable: String,
        /// Where the value stands that counts.
        by: Place,
    },
    /// A variable that is not on the command line, but nearly.
    Misspelt {
        /// The variable.
        variable: String,
        /// The one that the command line names.
        meant: String,
    },
    /// More than the kernel takes: execve(2) fails with E2BIG.
    TooLong(TooLong),
}

/// What is too long to be executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TooLong {
    /// One argument.
    Argument {
        /// Its length in bytes, without its NUL.
        bytes: usize,
    },
    /// One variable.
    Variable {
        /// Its name.
        name: String,
        /// The length of `NAME=value` in bytes, without its NUL.
        bytes: usize,
    },
    /// Everything together.
    Total {
        /// The size of argv and environment in bytes, as the kernel counts.
        bytes: usize,
    },
}

/// Why a whole file does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileProblem {
    /// It could not be read.
    #[error(transparent)]
    Unread(Unread),
    /// systemd rejects its content.
    #[error(transparent)]
    Rejected(Rejected),
}

impl FileProblem {
    /// The place in the file that it is about.
    pub const fn at(&self) -> Option<Position> {
        match self {
            Self::Unread(_) => None,
            Self::Rejected(rejected) => rejected.at(),
        }
    }

    /// Whether nobody can tell what is in the file.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unread(unread) if unread.is_unknown())
    }

    pub(super) const fn is_missing(&self) -> bool {
        matches!(self, Self::Unread(Unread::Missing))
    }
}

/// The most that it takes for argv and environment together: a quarter of the
/// stack's 8 MiB (`execve(2)`).
pub(super) const TOTAL_MAX: usize = 2 << 20;

impl ProblemKind {
    /// A word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::File { problem, .. } if problem.is_unknown() => "file-unreadable",
            Self::File { .. } => "file-ignored",
            Self::Line(cause) if cause.drops_line() => "line-ignored",
            Self::Line(_) => "surprise",
            Self::Remark(_) => "unit-line",
            Self::RemovedFlag(_) => "removed-flag",
            Self::NotTaken(refusal) => refusal.reason.code(),
            Self::Release { .. } => "release",
            Self::RefusedValue(_) => "refused-value",
            Self::ShortFlag { .. } => "short-flag",
            Self::Operand { .. } => "not-a-flag",
            Self::FlagAsValue { .. } => "flag-as-value",
            Self::Unexpanded { .. } => "not-expanded",
            Self::Replaced { .. } => "replaced",
            Self::Misspelt { .. } => "misspelt",
            Self::TooLong(_) => "too-long",
        }
    }

    /// What would be right.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::File { problem, .. } => return file_hint(problem).map(Into::into),
            Self::Line(cause) => return line_hint(cause),
            Self::RemovedFlag(flag) => flag.instead,
            Self::NotTaken(refusal) => return refusal.hint(),
            Self::Release { meant, .. } => return meant.map(|it| format!("did you mean `{it}`?")),
            Self::Remark(_) => return None,
            Self::RefusedValue(value) => value.instead,
            Self::ShortFlag { .. } => "a flag with a long name has two dashes",
            Self::Operand {
                boolean: Some(flag),
                text,
            } => {
                return Some(format!("write `--{flag}={text}`"));
            }
            Self::Operand { text, .. } if text.starts_with('#') => {
                "systemd has no comments after a value; put it on a line of its own"
            }
            Self::Operand { .. } => {
                "a value with blanks needs quotes of its own inside the variable: `A=\"--b='c d'\"`"
            }
            Self::FlagAsValue { flag, .. } => {
                return Some(format!("give `--{flag}` its value with `=`"));
            }
            Self::Unexpanded { .. } => {
                "write the value itself: neither systemd nor a shell expands it"
            }
            Self::Replaced { .. } => "put everything into one assignment",
            Self::Misspelt { meant, .. } => return Some(format!("did you mean `{meant}`?")),
            Self::TooLong(_) => "move what you can into the kubelet's config file",
        };
        Some(hint.into())
    }
}

fn file_hint(problem: &FileProblem) -> Option<&'static str> {
    match problem {
        FileProblem::Unread(Unread::Denied) => Some("run it as root"),
        FileProblem::Rejected(Rejected::NotUtf8 { noncharacter, .. }) => match noncharacter {
            None => Some("save the file as UTF-8"),
            Some(_) => Some("remove the character"),
        },
        FileProblem::Rejected(Rejected::Nul { .. }) => {
            Some("save the file as UTF-8 text; UTF-16 has NUL bytes")
        }
        _ => None,
    }
}

const CONTINUE: &str =
    "to go on in the next line, end the line before with a backslash, or quote the value";

fn line_hint(cause: &Cause) -> Option<String> {
    let hint = match cause {
        Cause::InvalidName { name, problem } => match problem {
            NameProblem::Export => {
                let name = name.trim_start_matches("export").trim_start();
                return Some(format!("write `{name}=…` without `export`"));
            }
            NameProblem::ByteOrderMark => "save the file without a byte-order mark",
            _ if name.starts_with('-') => CONTINUE,
            _ => "a name has letters, digits and `_`, and does not begin with a digit",
        },
        Cause::NoEquals => CONTINUE,
        Cause::HashInValue => "put the comment on a line of its own",
        Cause::UnterminatedQuote { .. } => "close it where the value ends",
        Cause::TooLong { .. } => "move what you can into the kubelet's config file",
        _ => return None,
    };
    Some(hint.into())
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = super::shown::shown_in_brief;
        match self {
            Self::File { problem, .. } if problem.is_unknown() => {
                write!(f, "what this file sets is not known: {problem}")
            }
            Self::File {
                problem,
                optional: true,
            } => write!(f, "the whole file is ignored: {problem}"),
            Self::File {
                problem,
                optional: false,
            } => {
                write!(f, "the service does not start without this file: {problem}")
            }
            Self::Line(cause) if cause.drops_line() => write!(f, "ignored: {cause}"),
            Self::Line(cause) => write!(f, "{cause}"),
            Self::RemovedFlag(flag) => {
                write!(
                    f,
                    "the kubelet no longer has `--{}` from {} on, and exits",
                    flag.name, flag.since
                )
            }
            Self::NotTaken(refusal) => write!(f, "{refusal}"),
            Self::Release { text, .. } | Self::Remark(text) => f.write_str(text),
            Self::RefusedValue(value) => write!(
                f,
                "the kubelet refuses this `--{}` from {} on, and exits: {}",
                value.flag, value.since, value.why
            ),
            Self::ShortFlag { text } => {
                write!(
                    f,
                    "the kubelet does not have the flag `{}`, and exits",
                    shown(text)
                )
            }
            Self::Operand { text, .. } => {
                write!(
                    f,
                    "`{}` is neither a flag nor a value: the kubelet exits",
                    shown(text)
                )
            }
            Self::FlagAsValue { flag, value } => {
                write!(f, "`--{flag}` takes `{}` as its value", shown(value))
            }
            Self::Unexpanded { text } => {
                write!(f, "`{}` reaches the program as it is", shown(text))
            }
            Self::Replaced { variable, by } => {
                write!(
                    f,
                    "this value of `{variable}` has no effect: {by} sets it again"
                )
            }
            Self::Misspelt { variable, .. } => {
                write!(f, "`{variable}` is not on the command line")
            }
            Self::TooLong(TooLong::Argument { bytes }) => {
                write!(
                    f,
                    "the argument has {bytes} bytes, the kernel takes {STRING_MAX}"
                )
            }
            Self::TooLong(TooLong::Variable { name, bytes }) => {
                write!(
                    f,
                    "`{name}` with its value has {bytes} bytes, the kernel takes {STRING_MAX}"
                )
            }
            Self::TooLong(TooLong::Total { bytes }) => write!(
                f,
                "arguments and environment have {bytes} bytes, the kernel takes {TOTAL_MAX}"
            ),
        }
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut problem = serializer.serialize_struct("Problem", 7)?;
        problem.serialize_field("severity", &self.severity)?;
        problem.serialize_field("kind", self.kind.code())?;
        problem.serialize_field("path", &self.place.path)?;
        problem.serialize_field("line", &self.place.at.map(|at| at.line))?;
        problem.serialize_field("column", &self.place.at.and_then(|at| at.column))?;
        problem.serialize_field("message", &self.kind.to_string())?;
        problem.serialize_field("hint", &self.kind.hint())?;
        problem.end()
    }
}
