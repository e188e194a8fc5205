//! How an explanation looks: colours, escaping, and the form of a problem.

use super::problem::{Problem, Severity};
use std::fmt::{self, Display, Formatter, Write};

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

/// Whether a reader would not see `c`, or take it for a space, or read what is around
/// it in another order: control characters, other blanks, and Unicode's characters
/// for formatting that hide or turn round (general category Cf).
fn is_deceptive(c: char) -> bool {
    let formats = matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    formats || c.is_control() || c != ' ' && c.is_whitespace()
}

/// Text that no terminal takes for a command: in quotes, with what is
/// [deceptive](is_deceptive) escaped, where it is not plain; cut where it is very long.
pub(super) fn shown(text: &str) -> String {
    const MOST: usize = 400;
    let special = |c: char| is_deceptive(c) || matches!(c, ' ' | '"' | '\\');
    let kept = text
        .char_indices()
        .nth(MOST)
        .map_or(text, |(end, _)| &text[..end]);
    let mut shown = String::new();
    if kept.is_empty() || kept.contains(special) {
        shown.push('"');
        for c in kept.chars() {
            match c {
                '"' | '\\' => shown.extend(['\\', c]),
                c if is_deceptive(c) => shown.extend(c.escape_default()),
                c => shown.push(c),
            }
        }
        shown.push('"');
    } else {
        shown.push_str(kept);
    }
    if kept.len() < text.len() {
        // Writing to a string cannot fail.
        let _ = write!(shown, "... ({} bytes)", text.len());
    }
    shown
}

/// `1 argument`, `2 arguments`.
pub(super) fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
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

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn what_is_not_plain_is_quoted_and_escaped() {
        for (text, expected) in [
            ("--v=4", "--v=4"),
            ("", "\"\""),
            ("a b", "\"a b\""),
            ("\x1b[31m\"\\", "\"\\u{1b}[31m\\\"\\\\\""),
            ("--a=é", "--a=é"),
            // A no-break space separates no arguments, a zero-width one is not seen.
            ("--a=1\u{a0}--b\u{200b}", "\"--a=1\\u{a0}--b\\u{200b}\""),
            ("--a=\u{202e}b\u{feff}", "\"--a=\\u{202e}b\\u{feff}\""),
        ] {
            assert_eq!(shown(text), expected);
        }
        assert_eq!(
            shown(&"é".repeat(500)),
            format!("{}... (1000 bytes)", "é".repeat(400))
        );
    }
}
