//! How s6 is driven: s6-svc and s6-svstat on the service's folder in the scan
//! directory, and s6-rc for a service that its live database has.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::backends::scan::Scan;
use crate::backends::{Request, Trouble, launcher, output};
use crate::control::{
    Answer, Change, Command, Control, ControlError, Enabled, LogRequest, Query, Question, Refusal,
    State, Step, Target, follow_files, logger_folders,
};
use crate::host::Host;

pub(super) struct Tools;

/// What keeps a service from being started.
pub(super) fn unmet(host: &Host, request: &Request<'_>) -> Vec<Trouble> {
    SCAN.unmet(host, request)
}

pub(super) const SCAN: Scan = Scan {
    title: "s6",
    program: "s6-svscan",
    // s6-svscan(8), 2.11 to 2.13.
    valued: &["-c", "-C", "-d", "-L", "-t", "-X"],
    usual: &["/run/service", "/var/run/s6/services", "/run/s6/scan"],
    at_boot,
    kept: "/etc/s6-linux-init/current/run-image",
    installed: |target| PathBuf::from(target.places.service.as_str()),
};

/// How long a start may take until the run script is there, and a supervisor to
/// begin or end.
const START: Duration = Duration::from_secs(15);

/// The services that s6-rc has in its live database (s6-rc-init(8)).
const LIVE_DATABASE: &str = "/run/s6-rc/servicedirs";

impl Control for Tools {
    fn state(&self, target: &Target<'_>) -> Result<Question<State>, ControlError> {
        if let Some(state) = SCAN.state_by_files(target)? {
            return Ok(Question::Known(state));
        }
        let words = ["s6-svstat", "-o", "up,wantedup,pid,updownsince,readysince"];
        let place = SCAN.supervised(target)?;
        Ok(Question::Ask(Query {
            command: on_service(&place, &words),
            read: read_state,
        }))
    }

    fn says(&self, answer: &Answer) -> String {
        says(answer)
    }

    fn change(&self, target: &Target<'_>, change: Change) -> Result<Vec<Step>, ControlError> {
        Ok(match change {
            Change::Start => vec![start(target, &SCAN.supervised(target)?)],
            Change::Stop => SCAN
                .supervised_if_enabled(target)?
                .map(|place| stop(target, &place))
                .into_iter()
                .collect(),
            // `s6-svc -r` would leave a service down that is down.
            Change::Restart => {
                let place = SCAN.supervised(target)?;
                vec![stop(target, &place), start(target, &place)]
            }
            Change::Reload => {
                SCAN.supervised_if_enabled(target)?;
                launcher::reload_steps(target)?
            }
            Change::Reread => {
                SCAN.supervised_if_enabled(target)?;
                vec![rescan(&SCAN.live_folder(target)?, "-a")]
            }
        })
    }

    fn enabled(&self, target: &Target<'_>) -> Result<Question<Enabled>, ControlError> {
        SCAN.enabled(target)
    }

    fn set_enabled(&self, target: &Target<'_>, enabled: bool) -> Result<Vec<Step>, ControlError> {
        if enabled {
            return SCAN.enable(target, |folder, place| {
                let supervised = supervised(target, place, true);
                vec![rescan(folder, "-a"), supervised, start(target, place)]
            });
        }
        let links = SCAN.disable(target)?;
        let Ok(directory) = SCAN.directory(target) else {
            return Ok(links);
        };
        if !target.host.is_machine() {
            return Ok(links);
        }
        let mut steps = vec![stop(target, &SCAN.supervised(target)?)];
        steps.extend(links);
        steps.push(rescan(&SCAN.live_folder(target)?, "-an"));
        steps.push(supervised(target, &directory, false));
        // From 2.13 on (seen with 2.13.1 and 2.15.1), s6-svscan has lost the pipe to a
        // logger whose supervisor is still ending when the service is linked again.
        let logger = directory.join("log");
        if target.host.exists(logger.join("run")) {
            steps.push(supervised(target, &logger, false));
        }
        Ok(steps)
    }

    fn log(&self, target: &Target<'_>, request: LogRequest) -> Result<Command, ControlError> {
        let mut files = Vec::new();
        for folder in SCAN.log_folders(target)? {
            let Some(script) = target.host.text(folder.join("run")) else {
                continue;
            };
            let folders = logger_folders(&script, "s6-log", &folder);
            files.extend(folders.iter().map(|folder| folder.join("current")));
        }
        files.push(Path::new(target.places.log_folder.as_str()).join("current"));
        files.dedup();
        let log = follow_files(target, request, files);
        output::or_elsewhere(log, || SCAN.elsewhere(target))
    }

    // Scan directories below s6-linux-init's image, which it copies at each boot.
    fn entrances(&self, target: &Target<'_>) -> Vec<PathBuf> {
        SCAN.entrances(target)
    }

    fn note(&self) -> Option<&'static str> {
        Some("under s6, `enable` starts the service too, and `disable` stops it")
    }
}

fn start(target: &Target<'_>, place: &Path) -> Step {
    let limit = START.as_millis().to_string();
    let command = match in_database(target) {
        true => s6_rc(target, "-u", &limit),
        false => on_service(place, &["s6-svc", "-wu", "-T", &limit, "-u"]),
    };
    Step::Run(
        command
            .giving_up_after(START)
            .awaits(format!("`{}` to start", target.name)),
    )
}

fn stop(target: &Target<'_>, place: &Path) -> Step {
    let limit = target.patience.milliseconds().to_string();
    let command = match in_database(target) {
        true => s6_rc(target, "-d", &limit),
        false => on_service(place, &["s6-svc", "-wD", "-T", &limit, "-d"]),
    };
    Step::Run(
        command
            .giving_up_after(target.patience.duration())
            .awaits(format!("`{}` to end", target.name)),
    )
}

/// Waits until there is a supervisor, or until there is none.
fn supervised(target: &Target<'_>, place: &Path, wanted: bool) -> Step {
    let verb = if wanted { "begin" } else { "end" };
    Step::Until {
        command: on_service(place, &["s6-svok"]),
        succeeds: wanted,
        within: START,
        what: format!("the supervisor of `{}` to {verb}", target.name),
    }
}

fn in_database(target: &Target<'_>) -> bool {
    let folder = Path::new(LIVE_DATABASE).join(target.name.as_str());
    target.host.exists(folder)
}

/// s6-rc keeps a state of its own, which has to know.
fn s6_rc(target: &Target<'_>, how: &str, limit: &str) -> Command {
    let words = ["s6-rc", "-t", limit, how, "change", target.name.as_str()];
    Command::new(words).check(check)
}

/// A command on a service directory.
pub(crate) fn on_service(place: &Path, words: &[&str]) -> Command {
    let mut argv: Vec<String> = words.iter().map(ToString::to_string).collect();
    argv.push(place.display().to_string());
    Command::new(argv).check(check)
}

fn rescan(folder: &Path, how: &str) -> Step {
    let folder = folder.display().to_string();
    Step::Run(Command::new(["s6-svscanctl", how, &folder]).check(check))
}

fn check(answer: &Answer) -> Result<(), Refusal> {
    match answer.code {
        Some(0) => Ok(()),
        _ => Err(refusal(answer)),
    }
}

/// Why a command failed, by the exit codes of its documentation (s6-svc(8),
/// s6-svlisten1(8), s6-svstat(8)) as far as they go: 1 of s6-svstat is that no
/// s6-supervise runs, 99 is the timeout of who waits, 100 and 111 have several causes.
/// The lines are those of 2.11, 2.13 and 2.15.
fn refusal(answer: &Answer) -> Refusal {
    let ends = |end: &str| answer.lines().any(|line| line.ends_with(end));
    let gone = ends("supervisor not listening")
        || ends("unable to s6_svstatus_read: No such file or directory");
    match answer.code {
        Some(1) if ends("s6-supervise not running") => Refusal::NoSupervisor,
        // One that waits says first that nobody listens, and waits all the same.
        _ if gone => Refusal::NoSupervisor,
        Some(99) => Refusal::Timeout,
        _ if ends(": Permission denied") || ends(": Operation not permitted") => {
            Refusal::NoPermission
        }
        _ if ends(": timed out") || ends(": Connection timed out") => Refusal::Timeout,
        _ => Refusal::Failed,
    }
}

/// `up wantedup pid updownsince readysince`. What is down is ready, as `s6-svc -wD`
/// has it, when its finish script has ended too. The times are TAI64N labels, whose
/// order is that of their text.
pub(crate) fn read_state(answer: &Answer) -> Result<State, Refusal> {
    check(answer)?;
    let words: Vec<&str> = answer.stdout.split_whitespace().collect();
    match words.as_slice() {
        ["true", "true", pid, ..] => Ok(State::Active {
            pid: pid.parse().ok(),
        }),
        ["true", "false", ..] => Ok(State::Deactivating),
        ["false", "true", ..] => Ok(State::Activating),
        ["false", "false", _, down, ready] if ready < down => Ok(State::Deactivating),
        ["false", "false", _, _, _] => Ok(State::Inactive),
        _ => Err(Refusal::Failed),
    }
}

/// The same in words: `s6-svstat -o` names no field.
pub(crate) fn says(answer: &Answer) -> String {
    let words: Vec<&str> = answer.stdout.split_whitespace().collect();
    let [
        "true" | "false",
        wanted @ ("true" | "false"),
        pid,
        down,
        ready,
    ] = words[..]
    else {
        return answer.message();
    };
    let is = match words[0] {
        "true" => format!("up, process {pid}"),
        _ if ready < down => "down, its finish script runs".to_owned(),
        _ => "down".to_owned(),
    };
    let wanted = if wanted == "true" { "up" } else { "down" };
    format!("{is}, wanted {wanted}")
}

/// Where the next boot's scan directory gets its services from: s6-overlay's
/// folder, or s6-linux-init's (s6-linux-init-maker(8)).
fn at_boot(host: &Host) -> Option<PathBuf> {
    let overlay = ["/etc/s6-overlay", "/package/admin/s6-overlay"];
    if overlay.iter().any(|path| host.exists(path)) || host.exists("/etc/services.d") {
        return Some("/etc/services.d".into());
    }
    let image = "/etc/s6-linux-init/current/run-image/service";
    host.exists(image).then(|| image.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_s6_svstat_says_is_put_into_words() {
        let told = |stdout: &str| {
            says(&Answer {
                code: Some(0),
                stdout: stdout.into(),
                stderr: String::new(),
            })
        };
        assert_eq!(
            [
                told("true true 33 @40 @40\n"),
                told("true false 33 @40 @40\n"),
                told("false true -1 @41 @40\n"),
                told("false false -1 @40 @41\n"),
                told("what is this\n"),
            ],
            [
                "up, process 33, wanted up",
                "up, process 33, wanted down",
                "down, its finish script runs, wanted up",
                "down, wanted down",
                "what is this",
            ]
        );
    }

    #[test]
    fn a_failure_is_told_by_its_code_and_line() {
        let failures = [
            // 2.11, and 2.13 without the second colon
            (
                1,
                "s6-svstat: fatal: : unable to read status for /s/k: s6-supervise not running",
                Refusal::NoSupervisor,
            ),
            (
                1,
                "s6-svstat: fatal: unable to read status for /s/k: s6-supervise not running",
                Refusal::NoSupervisor,
            ),
            (
                100,
                "s6-svc: fatal: unable to control /s/k: supervisor not listening",
                Refusal::NoSupervisor,
            ),
            (
                99,
                "s6-svc: fatal: unable to control /s/k: supervisor not listening\ns6-svlisten1: fatal: timed out",
                Refusal::NoSupervisor,
            ),
            (99, "s6-svlisten1: fatal: timed out", Refusal::Timeout),
            // 2.15
            (
                102,
                "s6-svc: warning: unable to control /s/k: supervisor not listening",
                Refusal::NoSupervisor,
            ),
            (
                111,
                "s6-svlisten: fatal: unable to s6_svstatus_read: Permission denied",
                Refusal::NoPermission,
            ),
            (
                111,
                "s6-svlisten1: fatal: unable to s6_svstatus_read: No such file or directory",
                Refusal::NoSupervisor,
            ),
            (
                111,
                "s6-svlisten1: fatal: unable to s6_svstatus_read: Permission denied",
                Refusal::NoPermission,
            ),
            (
                111,
                "s6-svstat: fatal: unable to check /s/k: Permission denied",
                Refusal::NoPermission,
            ),
            (
                111,
                "s6-svc: fatal: unable to control /s/k: Input/output error",
                Refusal::Failed,
            ),
            (
                100,
                "s6-svc: usage: s6-svc [ -wu ] servicedir",
                Refusal::Failed,
            ),
        ];
        for (code, text, expected) in failures {
            let answer = Answer::complaint(code, text);
            assert_eq!(check(&answer), Err(expected), "{text}");
        }
    }

    #[test]
    fn every_line_of_s6_svstat_is_a_state() {
        let states = [
            ("true true 42 @4b @4a", Ok(State::Active { pid: Some(42) })),
            ("true false 42 @4b @4a", Ok(State::Deactivating)),
            ("false false -1 @4c @4b", Ok(State::Deactivating)),
            ("false true -1 @4c @4b", Ok(State::Activating)),
            ("false false -1 @4c @4d", Ok(State::Inactive)),
            ("false false -1 @4c @4c", Ok(State::Inactive)),
            ("", Err(Refusal::Failed)),
        ];
        for (text, state) in states {
            let answer = Answer {
                code: Some(0),
                stdout: format!("{text}\n"),
                stderr: String::new(),
            };
            assert_eq!(read_state(&answer), state, "{text}");
        }
    }
}
