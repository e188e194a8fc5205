//! Whether a service is started again after an end (`systemd.service(5)`, `Restart=`;
//! `service_shall_restart`, `service.c` of systemd 257).

use crate::service::{End, Policy, Restart};

/// Ends of a daemon that are clean without being named: exit code 0, HUP, INT, PIPE and TERM
/// (`is_clean_exit`, `exit-status.c`).
const CLEAN: [u32; 5] = [0, 257, 258, 269, 271];

/// What came of a start (`ServiceResult`, `service.h`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It ended as it should.
    Success,
    /// By an exit code.
    ExitCode,
    /// By a signal.
    Signal,
    /// By a signal, with a core file.
    CoreDump,
    /// It took too long.
    Timeout,
    /// It ended well before it had said that it is ready.
    Protocol,
    /// A condition was not fulfilled, and nothing was begun.
    Condition,
}

impl Outcome {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Success, "success"),
        (Self::ExitCode, "exit-code"),
        (Self::Signal, "signal"),
        (Self::CoreDump, "core-dump"),
        (Self::Timeout, "timeout"),
        (Self::Protocol, "protocol"),
        (Self::Condition, "condition"),
    ];

    /// The word that `SERVICE_RESULT` has for it (`systemd.exec(5)`).
    pub(super) fn word(self) -> &'static str {
        let found = Self::ALL.iter().find(|(outcome, _)| *outcome == self);
        found.map_or("", |(_, word)| word)
    }

    /// The outcome of this word.
    pub(super) fn of(word: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, known)| *known == word);
        found.map(|(outcome, _)| *outcome)
    }
}

/// How an end counts: by an exit code, or by 256 and the signal. No signal is clean for a
/// oneshot.
pub(super) fn outcome(restart: &Restart, is_oneshot: bool, status: u32, dumped: bool) -> Outcome {
    let is_named = end(status).is_some_and(|end| restart.success_exit_status.contains(end));
    let is_clean = CLEAN.contains(&status) && !(is_oneshot && status > 255);
    match is_named || is_clean {
        true => Outcome::Success,
        false => of_command(status, dumped),
    }
}

/// How the end of a command counts: a signal is never clean.
pub(super) fn of_command(status: u32, dumped: bool) -> Outcome {
    match status {
        0 => Outcome::Success,
        1..=255 => Outcome::ExitCode,
        _ if dumped => Outcome::CoreDump,
        _ => Outcome::Signal,
    }
}

/// Whether it is started again after it ended so: with an exit code, or 256 and the signal,
/// where there was a main process.
pub(super) fn is_started_again(restart: &Restart, outcome: Outcome, status: Option<u32>) -> bool {
    if outcome == Outcome::Condition {
        return false;
    }
    if let Some(end) = status.and_then(end) {
        if restart.prevent_exit_status.contains(end) {
            return false;
        }
        if restart.force_exit_status.contains(end) {
            return true;
        }
    }
    let is_by_signal = matches!(outcome, Outcome::Signal | Outcome::CoreDump);
    match restart.policy {
        Policy::Always => true,
        Policy::OnSuccess => outcome == Outcome::Success,
        Policy::OnFailure => outcome != Outcome::Success,
        Policy::OnAbnormal => {
            is_by_signal || matches!(outcome, Outcome::Timeout | Outcome::Protocol)
        }
        Policy::OnAbort => is_by_signal,
        Policy::Never => false,
    }
}

/// An end by its number. Signals without a name are in no set.
fn end(status: u32) -> Option<End> {
    match status.checked_sub(256) {
        None => u8::try_from(status).ok().map(End::Code),
        Some(number) => u8::try_from(number)
            .ok()
            .filter(|number| (1..=31).contains(number))
            .map(End::Signal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(restart: &Restart, status: u32) -> bool {
        let outcome = outcome(restart, false, status, false);
        is_started_again(restart, outcome, Some(status))
    }

    #[test]
    fn outcomes_are_those_of_systemd() {
        for (outcome, word) in Outcome::ALL {
            assert_eq!((outcome.word(), Outcome::of(word)), (word, Some(outcome)));
        }
        let restart = Restart::DEFAULT;
        assert_eq!(outcome(&restart, false, 271, false), Outcome::Success);
        assert_eq!(outcome(&restart, true, 271, false), Outcome::Signal);
        assert_eq!(outcome(&restart, true, 0, false), Outcome::Success);
        assert_eq!(outcome(&restart, false, 267, true), Outcome::CoreDump);
        for (policy, timeout, condition) in [
            (Policy::Always, true, false),
            (Policy::OnSuccess, false, false),
            (Policy::OnFailure, true, false),
            (Policy::OnAbnormal, true, false),
            (Policy::OnAbort, false, false),
            (Policy::Never, false, false),
        ] {
            let restart = Restart { policy, ..restart };
            let is_again = |outcome| is_started_again(&restart, outcome, None);
            assert_eq!(is_again(Outcome::Timeout), timeout, "{policy:?}");
            assert_eq!(is_again(Outcome::Protocol), timeout, "{policy:?}");
            assert_eq!(is_again(Outcome::Condition), condition, "{policy:?}");
        }
    }

    /// Table 1 of `systemd.service(5)`.
    #[test]
    fn policies_are_those_of_systemds_table() {
        use Policy::{Always, Never, OnAbnormal, OnAbort, OnFailure, OnSuccess};
        let clean = [0, 257, 258, 269, 271];
        let unclean_code = [1, 78, 126, 129, 130, 141, 143, 255];
        let unclean_signal = [256, 259, 262, 265, 267, 290];
        for (statuses, policies) in [
            (&clean[..], &[Always, OnSuccess][..]),
            (&unclean_code, &[Always, OnFailure]),
            (&unclean_signal, &[Always, OnFailure, OnAbnormal, OnAbort]),
        ] {
            for policy in [Always, OnSuccess, OnFailure, OnAbnormal, OnAbort, Never] {
                let restart = Restart {
                    policy,
                    ..Restart::DEFAULT
                };
                for &status in statuses {
                    let is_again = again(&restart, status);
                    assert_eq!(is_again, policies.contains(&policy), "{policy:?} {status}");
                }
            }
        }
    }

    #[test]
    fn what_is_prevented_counts_before_what_is_forced() {
        let ends = |text: &str| serde_json::from_str(text).unwrap();
        let restart = Restart {
            policy: Policy::OnFailure,
            success_exit_status: ends("[143, \"SEGV\"]"),
            force_exit_status: ends("[0, 7, \"PIPE\"]"),
            prevent_exit_status: ends("[7, 9, \"KILL\"]"),
            ..Restart::DEFAULT
        };
        for (status, is_again) in [
            (0, true),
            (1, true),
            (7, false),
            (9, false),
            (143, false),
            (256 + 9, false),
            (256 + 11, false),
            (256 + 13, true),
            (256 + 15, false),
            (256 + 6, true),
        ] {
            assert_eq!(self::again(&restart, status), is_again, "{status}");
        }
        // Those of a start that came to nothing before the service are no ends of it.
        assert!(is_started_again(&restart, Outcome::ExitCode, None));
    }
}
