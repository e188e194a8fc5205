//! How an explanation looks: colours, escaping, and the form of a problem.

use super::problem::{Problem, Severity};
use crate::effective::Unknown;
use std::fmt::{self, Display, Formatter};

/// Whether text has colours. Whether it goes to a terminal, the caller knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// Plain text.
    #[default]
    Plain,
    /// ANSI escape sequences.
    Colour,
}

/// What a piece of text is.
#[derive(Clone, Copy)]
pub(super) enum Ink {
    Heading,
    Faint,
    Error,
    Warning,
    Note,
    Good,
}

impl Ink {
    pub(super) const fn of(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Error,
            Severity::Warning => Self::Warning,
            Severity::Note => Self::Note,
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Heading => "\x1b[1m",
            Self::Faint => "\x1b[2m",
            Self::Error => "\x1b[1;31m",
            Self::Warning => "\x1b[1;33m",
            Self::Note => "\x1b[36m",
            Self::Good => "\x1b[32m",
        }
    }
}

impl Style {
    pub(super) fn paint(self, ink: Ink, text: impl Display) -> String {
        let text = text.to_string();
        match self {
            Self::Colour if !text.is_empty() => format!("{}{text}\x1b[0m", ink.code()),
            _ => text,
        }
    }
}

/// `1 argument`, `2 arguments`.
pub(super) fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// `cannot tell: PLACE: why`
pub(super) fn write_unknown(f: &mut Formatter<'_>, unknown: &Unknown, style: Style) -> fmt::Result {
    let Unknown { place, because, .. } = unknown;
    let words = style.paint(Ink::Warning, "cannot tell all");
    writeln!(f, "{words}: {place}: {because}")
}

/// `error: PLACE: message` and a line that helps.
pub(super) fn write_problem(f: &mut Formatter<'_>, problem: &Problem, style: Style) -> fmt::Result {
    let Problem {
        severity,
        place,
        kind,
    } = problem;
    let ink = Ink::of(*severity);
    writeln!(f, "{}: {place}: {kind}", style.paint(ink, severity))?;
    match kind.hint() {
        Some(hint) => writeln!(f, "  {}: {hint}", style.paint(Ink::Note, "hint")),
        None => Ok(()),
    }
}
