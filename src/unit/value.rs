//! The values of directives.

use super::exec::Command;
use super::limit::Rlimit;
use super::text::integer;
use super::time::Time;
use crate::service::SIGNALS;

/// What a directive is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text as it is, its specifiers replaced.
    Text(String),
    /// A boolean.
    Bool(bool),
    /// A span of time.
    Time(Time),
    /// A whole number.
    Number(i64),
    /// A signal.
    Signal(Signal),
    /// A resource limit.
    Limit(Rlimit),
    /// A command.
    Command(Command),
    /// A variable with its value.
    Variable {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// An env file.
    EnvFile {
        /// Its path, which may be a pattern (`glob(7)`).
        path: String,
        /// Whether it may be missing.
        optional: bool,
    },
    /// A specifier in it stands for something that is the host's own.
    Host(char),
}

/// The number of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Signal(pub i32);

impl Signal {
    /// A signal by its name, with or without `SIG`, or by its number
    /// (`signal_from_string`, `signal-util.c`).
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(number) = integer(text) {
            let number = i32::try_from(number).ok();
            return number.filter(|it| (1..=64).contains(it)).map(Self);
        }
        let name = text.strip_prefix("SIG").unwrap_or(text);
        let known = SIGNALS.iter().position(|&it| it == name);
        let known = known.and_then(|at| i32::try_from(at + 1).ok());
        let rest = |prefix: &str| name.strip_prefix(prefix);
        match (known, rest("RTMIN"), rest("RTMAX")) {
            (Some(number), _, _) => Some(Self(number)),
            (None, Some(""), _) => Some(Self(34)),
            (None, _, Some("")) => Some(Self(64)),
            (None, Some(more), _) => real_time(34, more.strip_prefix('+')?, 1),
            (None, _, Some(less)) => real_time(64, less.strip_prefix('-')?, -1),
            _ => None,
        }
    }

    /// Its name without `SIG`, where it has one.
    pub fn name(self) -> Option<&'static str> {
        let at = usize::try_from(self.0 - 1).ok()?;
        SIGNALS.get(at).copied()
    }
}

fn real_time(from: i32, by: &str, sign: i32) -> Option<Signal> {
    let by: i32 = by.parse().ok().filter(|by| (0..=30).contains(by))?;
    Some(Signal(from + sign * by))
}
