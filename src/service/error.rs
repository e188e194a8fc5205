//! Why a value of a [`Service`](super::Service) was refused.

use std::fmt;

use thiserror::Error;

/// Why a text is not a value of the kind that was wanted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ValueError {
    /// The text is empty where something has to stand.
    #[error("{what} is empty")]
    Empty {
        /// What was wanted, for the message: `a path`, `a name`.
        what: &'static str,
    },
    /// A character that cannot stand there, such as NUL anywhere or a newline in a path.
    #[error("{what} cannot contain {}", Shown(*found))]
    Character {
        /// What was wanted.
        what: &'static str,
        /// The first character that is wrong.
        found: char,
    },
    /// A path that does not begin at the root.
    #[error("`{path}` is not an absolute path")]
    Relative {
        /// The path as it was given.
        path: String,
    },
    /// A path with a `.` or `..` component, a doubled or a trailing slash.
    #[error("`{path}` is not in its shortest form, which is `{normal}`")]
    NotNormal {
        /// The path as it was given.
        path: String,
        /// The same place without detours.
        normal: String,
    },
    /// Longer than the system takes.
    #[error("{what} is {length} bytes long, {limit} at most are possible")]
    TooLong {
        /// What was wanted.
        what: &'static str,
        /// Its length in bytes.
        length: usize,
        /// The greatest length in bytes.
        limit: usize,
    },
    /// Not a variable name as systemd takes it.
    #[error("`{name}` is not a variable name: letters, digits and `_`, not beginning with a digit")]
    VariableName {
        /// The name as it was given.
        name: String,
    },
    /// Not a span of time.
    #[error("`{text}` is not a span of time such as `10s`, `1min 30s` or `500ms`")]
    Span {
        /// The text as it was given.
        text: String,
    },
    /// A restart that never comes.
    #[error("a delay of `infinity` never restarts anything: that is `policy: never`")]
    EndlessDelay,
    /// Not a number of bytes.
    #[error("`{text}` is not a size such as `10MiB`, `512KiB` or `1048576`")]
    Size {
        /// The text as it was given.
        text: String,
    },
    /// A number outside of its range, or no number.
    #[error("`{text}` is not {what}")]
    Number {
        /// What was wanted, with its range.
        what: &'static str,
        /// The text as it was given.
        text: String,
    },
    /// A soft limit above the hard one.
    #[error("the soft limit is above the hard limit")]
    SoftAboveHard,
    /// Not a signal that can ask a process to end.
    #[error("`{name}` is not one of the signals {}", SIGNAL_NAMES)]
    Signal {
        /// The name as it was given.
        name: String,
    },
    /// A unit of systemd that is not a service, where a service is meant.
    #[error("`{unit}` is not a service, but {kind} of systemd")]
    Unit {
        /// Its name.
        unit: String,
        /// What such a unit is called, with its article.
        kind: &'static str,
        /// What becomes of it under other inits, and what to write.
        hint: String,
    },
    /// A `$` that systemd reads otherwise than one might think.
    #[error("`{word}`: {problem}")]
    Dollar {
        /// The whole argument.
        word: String,
        /// What is wrong with it.
        problem: DollarProblem,
    },
}

/// What systemd makes of a `$` that was probably meant otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DollarProblem {
    /// `$A-b` as a whole word: systemd looks for a variable of that odd name.
    #[error(
        "systemd takes all after `$` as the variable's name; write `${{NAME}}` inside a word, `$$` for a dollar sign"
    )]
    OddName,
    /// `${A` without its brace.
    #[error("`${{` without `}}`; write `$$` for a dollar sign")]
    Unclosed,
}

impl ValueError {
    /// What may help.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Unit { hint, .. } => Some(hint),
            _ => None,
        }
    }
}

const SIGNAL_NAMES: &str = "`TERM`, `INT`, `QUIT`, `HUP`, `KILL`, `USR1`, `USR2`";

/// A character as a message shows it: visible ones in backticks, others by name.
struct Shown(char);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            '\0' => f.write_str("a NUL character"),
            '\n' => f.write_str("a newline"),
            '\r' => f.write_str("a carriage return"),
            '\t' => f.write_str("a tab"),
            c if c.is_control() => write!(f, "the control character U+{:04X}", u32::from(c)),
            c => write!(f, "`{c}`"),
        }
    }
}
