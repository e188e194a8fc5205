//! The values of a [`Service`](super::Service) that are quantities, and its signals.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::ValueError;
use super::text::{bounded, number, reads, written_as_shown};

/// A span of time in whole milliseconds, written as systemd writes one (`systemd.time(7)`):
/// `10s`, `1min 30s`, `500ms`, `2h`, or a bare number of seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(Duration);

impl Span {
    /// A span of whole seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// A span of whole milliseconds.
    pub const fn milliseconds_of(count: u64) -> Self {
        Self(Duration::from_millis(count))
    }

    /// The span as the standard library has it.
    pub const fn duration(self) -> Duration {
        self.0
    }

    /// Whole milliseconds.
    pub fn milliseconds(self) -> u64 {
        u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX)
    }

    /// Whole seconds, a fraction counted as one more: for tools that take no fraction.
    pub fn seconds_up(self) -> u64 {
        self.milliseconds().div_ceil(1000)
    }

    /// Seconds with as many decimals as needed, `10` or `0.5`: what `sleep(1)`
    /// of GNU, busybox and toybox takes.
    pub fn decimal_seconds(self) -> String {
        let milliseconds = self.milliseconds();
        match milliseconds % 1000 {
            0 => (milliseconds / 1000).to_string(),
            part => format!("{}.{part:03}", milliseconds / 1000)
                .trim_end_matches('0')
                .into(),
        }
    }
}

impl FromStr for Span {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let wrong = || ValueError::Span { text: text.into() };
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(wrong());
        }
        let mut total: u64 = 0;
        while !rest.is_empty() {
            let (number, after) = leading(rest, |c| c.is_ascii_digit());
            let (unit, after) = leading(after.trim_start(), |c| c.is_ascii_alphabetic());
            let factor: u64 = match unit {
                "ms" | "msec" => 1,
                "" | "s" | "sec" | "second" | "seconds" => 1000,
                "m" | "min" | "minute" | "minutes" => 60_000,
                "h" | "hr" | "hour" | "hours" => 3_600_000,
                _ => return Err(wrong()),
            };
            let part = number
                .parse::<u64>()
                .ok()
                .and_then(|n| n.checked_mul(factor));
            total = part.and_then(|p| total.checked_add(p)).ok_or_else(wrong)?;
            rest = after.trim_start();
        }
        // A year is more than anybody waits for; above it sh's arithmetic ends some day.
        if total > 365 * 24 * 3_600_000 {
            return Err(wrong());
        }
        Ok(Self(Duration::from_millis(total)))
    }
}

fn leading(text: &str, wanted: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !wanted(c)).unwrap_or(text.len()))
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.milliseconds() {
            ms if ms % 1000 == 0 => write!(f, "{}s", ms / 1000),
            ms => write!(f, "{ms}ms"),
        }
    }
}

/// A number of bytes, at least one: `10MiB`, `512KiB`, `1GiB`, or a bare number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(u64);

impl Size {
    /// A size of whole mebibytes.
    pub const fn mebibytes(count: u64) -> Self {
        Self(count << 20)
    }

    /// The number of bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

impl FromStr for Size {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let (number, unit) = leading(text, |c| c.is_ascii_digit());
        let shift = match unit {
            "" | "B" => Some(0),
            "KiB" | "K" => Some(10),
            "MiB" | "M" => Some(20),
            "GiB" | "G" => Some(30),
            _ => None,
        };
        shift
            .and_then(|shift| number.parse::<u64>().ok()?.checked_mul(1 << shift))
            .filter(|bytes| (1..=1 << 50).contains(bytes))
            .map(Self)
            .ok_or_else(|| ValueError::Size { text: text.into() })
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            b if b % (1 << 30) == 0 => write!(f, "{}GiB", b >> 30),
            b if b % (1 << 20) == 0 => write!(f, "{}MiB", b >> 20),
            b if b % (1 << 10) == 0 => write!(f, "{}KiB", b >> 10),
            b => write!(f, "{b}"),
        }
    }
}

bounded! {
    /// How many rotated log files are kept, 1 to 1000: svlogd and s6-log keep at least one.
    Keep(u32): "a number of files" from 1 to 1000;
    /// The number of files.
    count
}

impl Keep {
    /// The number that a spec without one has.
    pub const DEFAULT: Self = Self(5);
}

bounded! {
    /// How likely the kernel ends a process when memory runs out, −1000 (never) to
    /// 1000 (`proc_pid_oom_score_adj(5)`).
    OomScoreAdjust(i16): "a score" from -1000 to 1000;
    /// The score.
    score
}

/// A resource limit's number, or no limit at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bound {
    /// At most this many.
    At(u64),
    /// `infinity`.
    Infinity,
}

/// How many tasks there may be, at least one (`systemd.resource-control(5)`, `TasksMax=`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct TasksMax(Bound);

impl TasksMax {
    /// The number, or none.
    pub const fn bound(self) -> Bound {
        self.0
    }
}

impl FromStr for TasksMax {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        match text.parse() {
            Ok(bound) if bound != Bound::At(0) => Ok(Self(bound)),
            _ => Err(ValueError::Number {
                what: "a number of tasks from 1 on, or `infinity`",
                text: text.into(),
            }),
        }
    }
}

impl fmt::Display for TasksMax {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Bound {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        match text {
            "infinity" => Ok(Self::Infinity),
            text => {
                number(text, "a limit: a whole number or `infinity`", 0..=u64::MAX).map(Self::At)
            }
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(number) => number.fmt(f),
            Self::Infinity => f.write_str("infinity"),
        }
    }
}

/// A signal that asks a service to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signal {
    /// `SIGTERM`, what nearly every daemon takes for the wish to end.
    Term,
    /// `SIGINT`.
    Int,
    /// `SIGQUIT`.
    Quit,
    /// `SIGHUP`.
    Hup,
    /// `SIGKILL`, for what needs no time to end.
    Kill,
    /// `SIGUSR1`.
    Usr1,
    /// `SIGUSR2`.
    Usr2,
}

impl Signal {
    /// The name without `SIG`, as kill(1), sv(8) and supervisord take it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Term => "TERM",
            Self::Int => "INT",
            Self::Quit => "QUIT",
            Self::Hup => "HUP",
            Self::Kill => "KILL",
            Self::Usr1 => "USR1",
            Self::Usr2 => "USR2",
        }
    }
}

impl FromStr for Signal {
    type Err = ValueError;

    fn from_str(name: &str) -> Result<Self, ValueError> {
        use Signal::{Hup, Int, Kill, Quit, Term, Usr1, Usr2};
        let bare = name.strip_prefix("SIG").unwrap_or(name);
        [Term, Int, Quit, Hup, Kill, Usr1, Usr2]
            .into_iter()
            .find(|signal| signal.name() == bare)
            .ok_or_else(|| ValueError::Signal { name: name.into() })
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Bound {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::At(number) => serializer.serialize_u64(*number),
            Self::Infinity => serializer.serialize_str("infinity"),
        }
    }
}

reads!(from_string_or_number: Span, Size, Bound, TasksMax);
reads!(from_string: Signal);
written_as_shown!(Span, Size, Signal);
