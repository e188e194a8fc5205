//! How busybox's init is driven: it reads its inittab at a HUP, and knows no command. What runs
//! is to be seen of the processes.

use std::path::{Path, PathBuf};

use super::{INITTAB, RUN};
use crate::backends::{launcher, logrotate};
use crate::control::{
    Answer, Change, Command, Control, ControlError, Enabled, LogRequest, Query, Question, Refusal,
    State, Step, Target,
};
use crate::rendering::line;

pub(super) struct Tools;

impl Control for Tools {
    fn state(&self, target: &Target<'_>) -> Result<Question<State>, ControlError> {
        if is_aside(target).is_none() {
            return Ok(Question::Known(State::Unknown));
        }
        Ok(Question::Ask(Query {
            command: launchers(&["pgrep", "-P", "1"], target, " supervise"),
            read: |answer| {
                let pid = answer.stdout.lines().next().map(str::parse);
                match (answer.code, pid) {
                    (Some(0), Some(pid)) => Ok(State::Active { pid: pid.ok() }),
                    (Some(1), _) => Ok(State::Inactive),
                    _ => Err(refusal(answer)),
                }
            },
        }))
    }

    fn change(&self, target: &Target<'_>, change: Change) -> Result<Vec<Step>, ControlError> {
        known(target)?;
        Ok(match change {
            Change::Start => vec![line(target, false), look()],
            Change::Stop => stop(target),
            Change::Restart => {
                let mut steps = stop(target);
                steps.extend([line(target, false), look()]);
                steps
            }
            Change::Reload => launcher::reload_steps(target)?,
            Change::Reread => vec![look()],
        })
    }

    fn enabled(&self, target: &Target<'_>) -> Result<Question<Enabled>, ControlError> {
        Ok(Question::Known(match is_aside(target) {
            None => Enabled::Unknown,
            Some(true) => Enabled::No,
            Some(false) => Enabled::Yes,
        }))
    }

    fn set_enabled(&self, target: &Target<'_>, enabled: bool) -> Result<Vec<Step>, ControlError> {
        let aside = known(target)?;
        let live = target.host.is_machine();
        Ok(match (enabled, live) {
            _ if aside != enabled => Vec::new(),
            (true, true) => vec![line(target, false), look()],
            (false, true) => stop(target),
            (enabled, false) => vec![line(target, !enabled)],
        })
    }

    fn log(&self, target: &Target<'_>, request: LogRequest) -> Result<Command, ControlError> {
        known(target)?;
        let script = format!("{}{RUN}", launcher(target).display());
        logrotate::follow(target, request, Path::new(&script))
    }

    fn note(&self) -> Option<&'static str> {
        Some(
            "a line of inittab is enabled as long as it is not stopped: `stop` also keeps it from the next boot",
        )
    }
}

/// Whether the service's line is left out; `None` where there is none.
fn is_aside(target: &Target<'_>) -> Option<bool> {
    let text = target.host.text(INITTAB)?;
    line::is_aside(text.as_bytes(), &mark(target))
}

fn known(target: &Target<'_>) -> Result<bool, ControlError> {
    is_aside(target).ok_or_else(|| {
        let looked = [PathBuf::from(INITTAB)];
        match target.host.exists(INITTAB) {
            true => target.unknown("busybox init", &[]),
            false => target.unknown("busybox init", &looked),
        }
    })
}

fn launcher(target: &Target<'_>) -> PathBuf {
    Path::new(target.places.libexec_folder.as_str()).join(target.name.as_str())
}

pub(super) fn mark(target: &Target<'_>) -> String {
    format!(":{}{RUN}", launcher(target).display())
}

fn line(target: &Target<'_>, aside: bool) -> Step {
    Step::Line {
        path: INITTAB.into(),
        mark: mark(target),
        aside,
    }
}

/// Has init read its lines: within a second it starts those that are new. Where it was built
/// so (`FEATURE_KILL_REMOVED`), it sends TERM to those that are gone.
fn look() -> Step {
    Step::Run(Command::new(["kill", "-HUP", "1"]).check(check))
}

/// Ends the service and returns when nothing of it is left. What init starts before it looks
/// sees that its line is aside, and ends by itself.
fn stop(target: &Target<'_>) -> Vec<Step> {
    let end = [launcher(target).display().to_string(), "end".into()];
    let end = Command::new(end).within(target.stop_limit()).check(check);
    let none_is_fine = |answer: &Answer| match answer.code {
        Some(1) => Ok(()),
        _ => check(answer),
    };
    vec![
        line(target, true),
        look(),
        // What init has just started has looked at its line, and is ended before it goes on.
        Step::Run(
            launchers(&["pkill", "-P", "1"], target, "(.line| supervise)").check(none_is_fine),
        ),
        Step::Until {
            command: launchers(&["pgrep"], target, "(.line| supervise)").check(check),
            succeeds: false,
            within: target.stop_limit(),
            what: format!("the launcher of `{}` to end", target.name),
        },
        Step::Run(end.awaits(format!("`{}` to end", target.name))),
    ]
}

/// About the processes of the launcher whose command line ends so (an extended expression). What
/// a sh program leaves behind to send a KILL is called as it is: only a child of init is what init
/// has started.
fn launchers(tool: &[&str], target: &Target<'_>, end: &str) -> Command {
    let launcher = launcher(target).display().to_string();
    let pattern = format!("{}{end}$", launcher.replace('.', "[.]"));
    let words = tool.iter().copied().chain(["-f", &pattern]);
    Command::new(words.collect::<Vec<_>>())
}

fn check(answer: &Answer) -> Result<(), Refusal> {
    match answer.code {
        Some(0) => Ok(()),
        _ => Err(refusal(answer)),
    }
}

/// Why a command failed. `kill` and `pkill` exit with 1 whatever it was, so the line that
/// they print is read: those of busybox 1.35 and procps 4.0.
fn refusal(answer: &Answer) -> Refusal {
    let denied = |line: &str| {
        let ends = |end: &str| line.ends_with(end);
        ends("ermission denied") || ends("Operation not permitted")
    };
    match answer.lines().any(denied) {
        true => Refusal::NoPermission,
        false => Refusal::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_by_its_line() {
        let lines = [
            (
                "kill: can't kill pid 1: Operation not permitted",
                Refusal::NoPermission,
            ),
            (
                "pkill: killing pid 1 failed: Operation not permitted",
                Refusal::NoPermission,
            ),
            // Nobody has seen this.
            (
                "kill: not permitted here, or permission denied to k",
                Refusal::Failed,
            ),
        ];
        for (line, expected) in lines {
            let answer = Answer::complaint(1, line);
            assert_eq!(check(&answer), Err(expected), "{line}");
        }
    }
}
