//! When a service is started again, and how it is ended.

use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer};
use serde::{Serialize, Serializer};

use super::text::reads;
use super::{CommandLine, Signal, Span, ValueError};

/// When a service is started again after it ended without having been told to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Restart {
    /// After which ends.
    pub policy: Policy,
    /// How long after the end, counted when nothing of the service is left
    /// (systemd's `RestartSec=`).
    pub delay: Span,
    /// How often it may start before it is given up; without it, for ever
    /// (systemd's `StartLimitIntervalSec=0`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<StartLimit>,
    /// Ends that are clean besides those that are so in any case (`SuccessExitStatus=`).
    #[serde(skip_serializing_if = "Ends::is_empty")]
    pub success_exit_status: Ends,
    /// Ends after which it is started again whatever the policy (`RestartForceExitStatus=`).
    #[serde(skip_serializing_if = "Ends::is_empty")]
    pub force_exit_status: Ends,
    /// Ends after which it is not, whatever the policy and what is forced
    /// (`RestartPreventExitStatus=`).
    #[serde(skip_serializing_if = "Ends::is_empty")]
    pub prevent_exit_status: Ends,
}

impl Restart {
    /// What a spec has that says nothing of it.
    pub const DEFAULT: Self = Self {
        policy: Policy::Always,
        delay: Span::seconds(10),
        limit: None,
        success_exit_status: Ends::NONE,
        force_exit_status: Ends::NONE,
        prevent_exit_status: Ends::NONE,
    };

    /// The limit of its starts, where it can be reached: 0 is none to systemd
    /// (`systemd.unit(5)`), and starts may be too far apart for it.
    pub fn reachable_limit(&self) -> Option<StartLimit> {
        let is_reached = |limit: &StartLimit| {
            let apart = self
                .delay
                .milliseconds()
                .saturating_mul(limit.starts.into());
            limit.starts > 0 && apart < limit.within.milliseconds()
        };
        self.limit.filter(is_reached)
    }

    /// Whether it is started again after every end.
    pub fn is_always(&self) -> bool {
        self.policy == Policy::Always && self.prevent_exit_status.is_empty()
    }
}

/// After which ends a service is started again (systemd's `Restart=`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// After every end, whatever its exit code.
    Always,
    /// After a clean end: exit code 0, and the signals HUP, INT, TERM and PIPE.
    OnSuccess,
    /// After every end that is not clean.
    OnFailure,
    /// After an end by a signal that is not clean, or at a timeout.
    OnAbnormal,
    /// After an end by a signal that is not clean.
    OnAbort,
    /// Never.
    Never,
}

impl Policy {
    /// systemd's word for it (`systemd.service(5)`, `Restart=`).
    pub const fn systemd(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::OnSuccess => "on-success",
            Self::OnFailure => "on-failure",
            Self::OnAbnormal => "on-abnormal",
            Self::OnAbort => "on-abort",
            Self::Never => "no",
        }
    }

    /// The policy of systemd's word.
    pub fn of_systemd(word: &str) -> Option<Self> {
        [
            Self::Always,
            Self::OnSuccess,
            Self::OnFailure,
            Self::OnAbnormal,
            Self::OnAbort,
            Self::Never,
        ]
        .into_iter()
        .find(|policy| policy.systemd() == word)
    }
}

/// So many starts in so much time, then no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartLimit {
    /// The number of starts that are allowed.
    pub starts: u32,
    /// The time that they are counted in.
    pub within: Span,
}

/// How a service is ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stop {
    /// What asks it to end.
    pub signal: Signal,
    /// How long it may take before what is left gets KILL; zero is without an end
    /// (`TimeoutStopSec=`).
    pub timeout: Span,
    /// Which of its processes this concerns.
    pub kill: Kill,
    /// Whether what is left gets KILL at all (`SendSIGKILL=`).
    #[serde(skip_serializing_if = "Clone::clone")]
    pub send_kill: bool,
    /// Commands before the signal (`ExecStop=`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<CommandLine>,
}

impl Stop {
    /// What systemd does without being told, and so a spec that says nothing of it
    /// (`systemd.kill(5)`, `systemd-system.conf(5)`).
    pub const DEFAULT: Self = Self {
        signal: Signal::Term,
        timeout: Span::seconds(90),
        kill: Kill::Group,
        send_kill: true,
        commands: Vec::new(),
    };
}

/// Which processes of a service are ended with it (systemd's `KillMode=`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kill {
    /// All of them (`control-group`, systemd's default).
    Group,
    /// The stop signal is for the main process; when that has ended, the others get KILL.
    Mixed,
    /// The main process alone (`process`): containerd's shims outlive it.
    Process,
    /// None at all: what stops it are commands, or nothing.
    None,
}

impl Kill {
    /// systemd's word for it.
    pub const fn systemd(self) -> &'static str {
        match self {
            Self::Group => "control-group",
            Self::Mixed => "mixed",
            Self::Process => "process",
            Self::None => "none",
        }
    }

    /// The mode of systemd's word.
    pub fn of_systemd(word: &str) -> Option<Self> {
        [Self::Group, Self::Mixed, Self::Process, Self::None]
            .into_iter()
            .find(|kill| kill.systemd() == word)
    }
}

/// The names of signals without `SIG` (`signal(7)`), by their numbers on most architectures
/// from 1 on.
pub(crate) const SIGNALS: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
    "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
    "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// By itself, with this exit code.
    Code(u8),
    /// By the signal of this number.
    Signal(u8),
}

impl End {
    /// The end as the launchers count it: an exit code, or 256 and the signal.
    pub const fn status(self) -> u32 {
        match self {
            Self::Code(code) => code as u32,
            Self::Signal(number) => 256 + number as u32,
        }
    }
}

impl FromStr for End {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        if let Ok(code) = text.parse() {
            return Ok(Self::Code(code));
        }
        let name = text.strip_prefix("SIG").unwrap_or(text);
        let found = (1..).zip(SIGNALS).find(|(_, known)| *known == name);
        let number = found.map(|(number, _)| Self::Signal(number));
        number.ok_or_else(|| ValueError::Number {
            what: "an exit code from 0 to 255, or the name of a signal such as `PIPE`",
            text: text.into(),
        })
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => code.fmt(f),
            Self::Signal(number) => {
                let name = usize::from(*number).checked_sub(1);
                f.write_str(name.and_then(|at| SIGNALS.get(at)).unwrap_or(&"?"))
            }
        }
    }
}

reads!(from_string_or_number: End);

impl Serialize for End {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Code(code) => serializer.serialize_u8(*code),
            Self::Signal(_) => serializer.collect_str(self),
        }
    }
}

/// A set of ends. Exit codes and signals are kept apart: 143 is not an end by TERM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ends {
    codes: [u64; 4],
    signals: u64,
}

impl Ends {
    /// No end.
    pub const NONE: Self = Self {
        codes: [0; 4],
        signals: 0,
    };

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        *self == Self::NONE
    }

    /// Whether an end is among them.
    pub fn contains(&self, end: End) -> bool {
        match end {
            End::Code(code) => self.codes[usize::from(code / 64)] & (1 << (code % 64)) != 0,
            End::Signal(number) => self.signals & (1 << (number % 64)) != 0,
        }
    }

    /// Adds an end.
    pub fn insert(&mut self, end: End) {
        match end {
            End::Code(code) => self.codes[usize::from(code / 64)] |= 1 << (code % 64),
            End::Signal(number) => self.signals |= 1 << (number % 64),
        }
    }

    /// All of them, exit codes first.
    pub fn iter(&self) -> impl Iterator<Item = End> {
        let all = (0..=255).map(End::Code).chain((1..=31).map(End::Signal));
        all.filter(|end| self.contains(*end))
    }
}

impl FromIterator<End> for Ends {
    fn from_iter<I: IntoIterator<Item = End>>(ends: I) -> Self {
        let mut set = Self::NONE;
        ends.into_iter().for_each(|end| set.insert(end));
        set
    }
}

impl<'de> Deserialize<'de> for Ends {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<End>::deserialize(deserializer)?.into_iter().collect())
    }
}

impl Serialize for Ends {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_codes_and_signals() {
        let ends: Ends = serde_json::from_str("[143, \"SIGPIPE\", \"TERM\", \"7\"]").unwrap();
        assert_eq!(
            serde_json::to_string(&ends).unwrap(),
            "[7,143,\"PIPE\",\"TERM\"]"
        );
        let statuses: Vec<_> = ends.iter().map(End::status).collect();
        assert_eq!(statuses, [7, 143, 269, 271]);
        assert!(!ends.contains(End::Code(15)) && Ends::NONE.is_empty());
        for wrong in ["256", "-1", "sigterm", "RTMIN", ""] {
            assert!(wrong.parse::<End>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_limit_that_is_never_reached_is_none() {
        for (delay, starts, within, is_reached) in [
            (100, 5, 10_000, true),
            (2000, 5, 10_000, false),
            (1999, 5, 10_000, true),
            (0, 0, 10_000, false),
            (0, 5, 0, false),
            (0, 1, 1, true),
        ] {
            let within = Span::milliseconds_of(within);
            let restart = Restart {
                delay: Span::milliseconds_of(delay),
                limit: Some(StartLimit { starts, within }),
                ..Restart::DEFAULT
            };
            assert_eq!(restart.reachable_limit().is_some(), is_reached, "{delay}");
        }
    }

    #[test]
    fn words_are_systemds() {
        for word in [
            "always",
            "on-success",
            "on-failure",
            "on-abnormal",
            "on-abort",
            "no",
        ] {
            assert_eq!(Policy::of_systemd(word).map(Policy::systemd), Some(word));
        }
        for word in ["control-group", "mixed", "process", "none"] {
            assert_eq!(Kill::of_systemd(word).map(Kill::systemd), Some(word));
        }
        assert_eq!(
            (Policy::of_systemd("on-watchdog"), Kill::of_systemd("group")),
            (None, None)
        );
    }
}
