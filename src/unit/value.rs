//! The values of directives.

use super::exec::Command;
use super::limit::Rlimit;
use super::time::Time;

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

/// The names of signals (`signal(7)`), by their numbers on most architectures from 1 on.
const SIGNALS: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
    "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
    "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];

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

/// A whole number as C reads one, of which a prefix tells the base (`safe_atoi` and its
/// like, `parse-util.c`).
pub(super) fn integer(text: &str) -> Option<i64> {
    let text = text.trim_start_matches(super::word::WHITESPACE);
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (digits, radix) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&digits[2..], 16),
        [b'0', b'b' | b'B', ..] => (&digits[2..], 2),
        [b'0', b'o' | b'O', ..] => (&digits[2..], 8),
        [b'0', _, ..] => (&digits[1..], 8),
        _ => (digits, 10),
    };
    let first = digits.bytes().next()?;
    let number = i64::from_str_radix(digits, radix).ok();
    number
        .filter(|_| first.is_ascii_hexdigit())
        .map(|number| sign * number)
}

/// `parse_boolean` (`parse-util.c`).
pub(super) fn boolean(text: &str) -> Option<bool> {
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(&["1", "yes", "y", "true", "t", "on"]) {
        return Some(true);
    }
    is(&["0", "no", "n", "false", "f", "off"]).then_some(false)
}

/// No message shows more of a value than this many characters: it may be a secret.
const MOST_SHOWN: usize = 40;

/// A value as messages show it: its beginning, without what a terminal would heed.
pub fn shown(text: &str) -> String {
    let mut chars = text.chars();
    let plain = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let shown: String = chars.by_ref().take(MOST_SHOWN).map(plain).collect();
    match chars.next() {
        Some(_) => shown + "…",
        None => shown,
    }
}
