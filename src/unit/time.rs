//! Spans of time as systemd reads them: `parse_time` (`time-util.c`), described in
//! `systemd.time(7)`.

use std::fmt;

/// A span of time, in microseconds, or without an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Time {
    /// So many microseconds.
    Micros(u64),
    /// `infinity`.
    Infinity,
}

/// The units in the order in which they are tried, in microseconds. A month is 30.44
/// days, a year 365.25.
const UNITS: [(&str, u64); 30] = [
    ("seconds", 1_000_000),
    ("second", 1_000_000),
    ("sec", 1_000_000),
    ("s", 1_000_000),
    ("minutes", 60_000_000),
    ("minute", 60_000_000),
    ("min", 60_000_000),
    ("months", 2_629_800_000_000),
    ("month", 2_629_800_000_000),
    ("M", 2_629_800_000_000),
    ("msec", 1_000),
    ("ms", 1_000),
    ("m", 60_000_000),
    ("hours", 3_600_000_000),
    ("hour", 3_600_000_000),
    ("hr", 3_600_000_000),
    ("h", 3_600_000_000),
    ("days", 86_400_000_000),
    ("day", 86_400_000_000),
    ("d", 86_400_000_000),
    ("weeks", 604_800_000_000),
    ("week", 604_800_000_000),
    ("w", 604_800_000_000),
    ("years", 31_557_600_000_000),
    ("year", 31_557_600_000_000),
    ("y", 31_557_600_000_000),
    ("usec", 1),
    ("us", 1),
    ("µs", 1),
    ("μs", 1),
];

impl Time {
    /// A span of whole seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Self::Micros(seconds * 1_000_000)
    }

    /// The span that a text is, in which a number without a unit counts `bare`
    /// microseconds; `None` for what systemd refuses.
    pub fn parse(text: &str, bare: u64) -> Option<Self> {
        let mut rest = text.trim_matches(super::word::WHITESPACE);
        if rest == "infinity" {
            return Some(Self::Infinity);
        }
        let mut total: u64 = 0;
        let mut any = false;
        while !rest.is_empty() {
            // `strtoll` has a wider notion of blanks, and takes a sign.
            let text = rest.trim_start_matches(is_space);
            let (number, after) = digits(text.strip_prefix('+').unwrap_or(text));
            let after = if number.is_empty() { rest } else { after };
            let (fraction, after) = match after.strip_prefix('.') {
                Some(after) => digits(after),
                None if number.is_empty() => return None,
                None => ("0", after),
            };
            if fraction.is_empty() {
                return None;
            }
            let spaced = after.trim_start_matches(super::word::WHITESPACE);
            let unit = UNITS.iter().find(|(unit, _)| spaced.starts_with(unit));
            let (factor, after) = match unit {
                Some((unit, factor)) => (*factor, &spaced[unit.len()..]),
                // `1.2.3` is refused, `1 2` is not.
                None if spaced.len() == after.len() && !after.is_empty() => return None,
                None => (bare, spaced),
            };
            total = longer(total, number, fraction, factor)?;
            rest = after.trim_start_matches(super::word::WHITESPACE);
            any = true;
        }
        any.then_some(Self::Micros(total))
    }

    /// Whether it is no time at all.
    pub fn is_zero(self) -> bool {
        self == Self::Micros(0)
    }
}

/// `isspace` of C.
fn is_space(c: char) -> bool {
    c.is_ascii_whitespace() || c == '\u{b}'
}

fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit());
    text.split_at(end.unwrap_or(text.len()))
}

/// A decimal number of units more; what is below a microsecond is cut off. A span that
/// reaches the greatest number, which stands for infinity, is refused.
fn longer(total: u64, number: &str, fraction: &str, factor: u64) -> Option<u64> {
    let whole: i64 = match number {
        "" => 0,
        number => number.parse().ok()?,
    };
    let whole = u64::try_from(whole).ok()?;
    let whole = (whole < u64::MAX / factor).then(|| whole * factor)?;
    let add = |total: u64, more: u64| (more < u64::MAX - total).then(|| total + more);
    let mut total = add(total, whole)?;
    let mut part = factor / 10;
    for digit in fraction.bytes() {
        total = add(total, u64::from(digit - b'0') * part)?;
        part /= 10;
    }
    Some(total)
}

/// As `systemd.time(7)` has it, the largest unit that is whole.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Infinity => f.write_str("infinity"),
            Self::Micros(us) if us % 1_000_000 == 0 => write!(f, "{}s", us / 1_000_000),
            Self::Micros(us) if us % 1000 == 0 => write!(f, "{}ms", us / 1000),
            Self::Micros(us) => write!(f, "{us}us"),
        }
    }
}
