//! Whether a service is started again after an end (`systemd.service(5)`, `Restart=`;
//! `service_shall_restart`, `service.c` of systemd 257).

use crate::service::{End, Policy, Restart};

/// Ends of a daemon that are clean without being named: exit code 0, HUP, INT, PIPE and TERM
/// (`is_clean_exit`, `exit-status.c`).
const CLEAN: [u32; 5] = [0, 257, 258, 269, 271];

/// What came of a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It ended as it should.
    Success,
    /// By an exit code.
    ExitCode,
    /// By a signal.
    Signal,
}

/// How an end counts: by an exit code, or by 256 and the signal.
pub(super) fn outcome(restart: &Restart, status: u32) -> Outcome {
    let is_named = end(status).is_some_and(|end| restart.success_exit_status.contains(end));
    match status {
        _ if is_named || CLEAN.contains(&status) => Outcome::Success,
        0..=255 => Outcome::ExitCode,
        _ => Outcome::Signal,
    }
}

/// Whether it is started again after it ended so.
pub(super) fn is_started_again(restart: &Restart, status: u32) -> bool {
    if let Some(end) = end(status) {
        if restart.prevent_exit_status.contains(end) {
            return false;
        }
        if restart.force_exit_status.contains(end) {
            return true;
        }
    }
    let outcome = outcome(restart, status);
    match restart.policy {
        Policy::Always => true,
        Policy::OnSuccess => outcome == Outcome::Success,
        Policy::OnFailure => outcome != Outcome::Success,
        Policy::OnAbnormal | Policy::OnAbort => outcome == Outcome::Signal,
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

    /// Table 1 of `systemd.service(5)`.
    #[test]
    fn policies_are_those_of_systemds_table() {
        use Policy::{Always, Never, OnAbnormal, OnAbort, OnFailure, OnSuccess};
        let clean = [0, 257, 258, 269, 271];
        let unclean_code = [1, 78, 126, 129, 130, 141, 143, 255];
        let unclean_signal = [256, 259, 262, 265, 267, 290];
        for (statuses, again) in [
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
                    let is_again = is_started_again(&restart, status);
                    assert_eq!(is_again, again.contains(&policy), "{policy:?} {status}");
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
        for (status, again) in [
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
            assert_eq!(is_started_again(&restart, status), again, "{status}");
        }
    }
}
