//! How runit is driven: sv(8) on the service's folder in the scan directory.
//!
//! `sv` decides whether a restart is done by whole seconds, and takes a service that
//! was started in this second for restarted. So a restart is a stop and a start.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::VLOGGER;
use crate::backends::scan::Scan;
use crate::backends::{Request, Trouble, launcher, output};
use crate::control::{
    Answer, Change, Command, Control, ControlError, Destination, Enabled, LogRequest, Query,
    Question, Refusal, State, Step, Target, follow_files, logger_folders,
};
use crate::host::Host;

pub(super) struct Tools;

/// What keeps a service from being started, or from going on.
pub(super) fn unmet(host: &Host, request: &Request<'_>, vlogger: bool) -> Vec<Trouble> {
    let mut troubles = SCAN.unmet(host, request);
    if vlogger && host.program(VLOGGER).is_none() {
        troubles.push(Trouble {
            path: Path::new(request.places.service.as_str()).join("log/run"),
            what: "runs `vlogger`, which is not installed: nothing reads what the service \
                   prints, and it stands still once the pipe is full"
                .into(),
            hint: Some("vlogger is a program of Void's; `--layout svlogd` does without".into()),
        });
    }
    troubles
}

/// Whether a logger is vlogger: a link to it, as Void's own services have, or a script that
/// becomes it.
fn is_vlogger(host: &Host, script: &Path) -> bool {
    let is_it = |path: &Path| path.file_name().is_some_and(|name| name == VLOGGER);
    if host.follow(script).is_some_and(|end| is_it(&end)) {
        return true;
    }
    let text = host.text(script).unwrap_or_default();
    let mut calls = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("exec "));
    calls.any(|call| {
        call.split_whitespace()
            .next()
            .is_some_and(|word| is_it(Path::new(word)))
    })
}

pub(super) const SCAN: Scan = Scan {
    title: "runit",
    program: "runsvdir",
    valued: &[],
    // Artix, Void, Void before its stage 2, Debian, the original.
    usual: &[
        "/run/runit/service",
        "/run/runit/runsvdir/current",
        "/var/service",
        "/etc/service",
        "/service",
    ],
    at_boot,
    kept: "/etc/runit/runsvdir",
    installed: |target| PathBuf::from(target.places.service.as_str()),
};

/// How long until a link that was made is noticed: runsvdir looks every 5 s.
const NOTICED: Duration = Duration::from_secs(15);

/// How long a start may take until the run script is there.
const START: Duration = Duration::from_secs(15);

impl Control for Tools {
    fn state(&self, target: &Target<'_>) -> Result<Question<State>, ControlError> {
        if let Some(state) = SCAN.state_by_files(target)? {
            return Ok(Question::Known(state));
        }
        Ok(Question::Ask(Query {
            command: sv(&SCAN.supervised(target)?, &["status"]),
            read: read_state,
        }))
    }

    fn change(&self, target: &Target<'_>, change: Change) -> Result<Vec<Step>, ControlError> {
        Ok(match change {
            Change::Start => start(target, &SCAN.supervised(target)?).into(),
            Change::Stop => SCAN
                .supervised_if_enabled(target)?
                .map(|place| stop(target, &place))
                .into_iter()
                .collect(),
            Change::Restart => {
                let place = SCAN.supervised(target)?;
                let [up, wanted] = start(target, &place);
                vec![stop(target, &place), up, wanted]
            }
            Change::Reload => {
                SCAN.supervised_if_enabled(target)?;
                launcher::reload_steps(target)?
            }
            // runsv reads the scripts at each start, so there is nothing to do.
            Change::Reread => {
                SCAN.supervised_if_enabled(target)?;
                Vec::new()
            }
        })
    }

    fn enabled(&self, target: &Target<'_>) -> Result<Question<Enabled>, ControlError> {
        SCAN.enabled(target)
    }

    fn set_enabled(&self, target: &Target<'_>, enabled: bool) -> Result<Vec<Step>, ControlError> {
        if enabled {
            return SCAN.enable(target, |_, place| {
                let noticed = Step::Until {
                    command: sv(place, &["status"]),
                    succeeds: true,
                    within: NOTICED,
                    what: format!("runsvdir to notice `{}`", target.name),
                };
                let [up, wanted] = start(target, place);
                vec![noticed, up, wanted]
            });
        }
        let mut steps = SCAN.disable(target)?;
        if target.host.is_machine()
            && let Ok(directory) = SCAN.directory(target)
        {
            // Without the link, runsvdir does not start runsv anew.
            steps.push(wait_for_end(target, sv_waiting(target, &directory, "exit")));
        }
        Ok(steps)
    }

    fn log(&self, target: &Target<'_>, request: LogRequest) -> Result<Command, ControlError> {
        let mut files = Vec::new();
        for folder in SCAN.log_folders(target)? {
            let path = folder.join("run");
            if is_vlogger(target.host, &path) {
                return Err(ControlError::LogElsewhere {
                    name: target.name.clone(),
                    path: target.host.root().shown(path),
                    to: Destination::Vlogger,
                });
            }
            let Some(script) = target.host.text(&path) else {
                continue;
            };
            let folders = logger_folders(&script, "svlogd", &folder);
            files.extend(folders.iter().map(|folder| folder.join("current")));
        }
        files.push(Path::new(target.places.log_folder.as_str()).join("current"));
        files.dedup();
        let log = follow_files(target, request, files);
        output::or_elsewhere(log, || SCAN.elsewhere(target))
    }

    // The runlevels, between which runsvchdir(8) switches.
    fn entrances(&self, target: &Target<'_>) -> Vec<PathBuf> {
        SCAN.entrances(target)
    }

    fn note(&self) -> Option<&'static str> {
        Some("under runit, `enable` starts the service too, and `disable` stops it")
    }
}

/// `sv start` succeeds only if it sees the service up, and would be in vain for one that
/// ends at once, as the kubelet does before it is configured. Such a service is started
/// all the same when it is wanted up and has been tried, as systemd has it.
fn start(target: &Target<'_>, place: &Path) -> [Step; 2] {
    let tried = Step::Until {
        command: sv(place, &["status"]).check(is_tried),
        succeeds: true,
        within: START,
        what: format!("`{}` to start", target.name),
    };
    [Step::Run(sv(place, &["up"])), tried]
}

/// Whether it runs, or ends and is to be started again.
fn is_tried(answer: &Answer) -> Result<(), Refusal> {
    let service = answer.stdout.split([';', '\n']).next().unwrap_or_default();
    match service.split(':').next() {
        Some("run" | "finish") if !service.contains(", want down") => Ok(()),
        _ => Err(refusal(answer)),
    }
}

fn stop(target: &Target<'_>, place: &Path) -> Step {
    wait_for_end(target, sv_waiting(target, place, "stop"))
}

fn sv_waiting(target: &Target<'_>, place: &Path, verb: &str) -> Command {
    sv(
        place,
        &["-w", &target.patience.seconds_up().to_string(), verb],
    )
}

fn wait_for_end(target: &Target<'_>, command: Command) -> Step {
    Step::Run(
        command
            .giving_up_after(target.patience.duration())
            .awaits(format!("`{}` to end", target.name)),
    )
}

fn sv(place: &Path, words: &[&str]) -> Command {
    let mut argv = vec!["sv".to_owned()];
    argv.extend(words.iter().map(ToString::to_string));
    argv.push(place.display().to_string());
    Command::new(argv).check(check)
}

fn check(answer: &Answer) -> Result<(), Refusal> {
    match answer.code {
        Some(0) => Ok(()),
        _ => Err(refusal(answer)),
    }
}

/// Why a command failed. `sv` exits with 1 whatever it was, so the line that it prints
/// is read, `WORD: DIR: TEXT`: those of runit 2.1.2, 2.2.0 and 2.3.1.
fn refusal(answer: &Answer) -> Refusal {
    let said = |line: &str| {
        let (word, text) = line.split_once(": ")?;
        let ends = |end: &str| text.ends_with(end);
        match word {
            "timeout" => Some(Refusal::Timeout),
            "fail" if ends(": unable to change to service directory: file does not exist") => {
                Some(Refusal::Unknown)
            }
            "fail" if ends(": runsv not running") => Some(Refusal::NoSupervisor),
            // The first FIFO that it opens: `ok`, and `control` in 2.3.1.
            "fail" | "warning"
                if ends(": unable to open supervise/ok: file does not exist")
                    || ends(": unable to open supervise/control: file does not exist") =>
            {
                Some(Refusal::NoSupervisor)
            }
            "fail" | "warning" if ends(": access denied") || ends(": permission denied") => {
                Some(Refusal::NoPermission)
            }
            _ => None,
        }
    };
    answer.lines().find_map(said).unwrap_or(Refusal::Failed)
}

/// `run: DIR: (pid 1) 2s, normally down, want down; run: log: …`
fn read_state(answer: &Answer) -> Result<State, Refusal> {
    let line = answer.stdout.lines().next().unwrap_or_default();
    let service = line.split("; ").next().unwrap_or_default();
    let wants = |what| service.contains(what);
    match service.split(':').next() {
        Some("run") if wants(", want down") || wants(", got TERM") => Ok(State::Deactivating),
        Some("run") => Ok(State::Active { pid: pid(service) }),
        Some("finish") if wants(", want down") => Ok(State::Deactivating),
        Some("finish") => Ok(State::Activating),
        Some("down") if wants(", want up") => Ok(State::Activating),
        Some("down") => Ok(State::Inactive),
        _ => Err(refusal(answer)),
    }
}

fn pid(service: &str) -> Option<u32> {
    let (_, rest) = service.split_once("(pid ")?;
    rest.split(')').next()?.parse().ok()
}

/// The folder that the next boot's runsvdir gets: that of stage 2, or, where that
/// is made anew at boot, the runlevel that Void and Artix begin with.
fn at_boot(host: &Host) -> Option<PathBuf> {
    const RUNLEVEL: &str = "/etc/runit/runsvdir/default";
    let stage = host.text("/etc/runit/2").unwrap_or_default();
    let folder = stage
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .find_map(|line| {
            let mut words = line.split_whitespace();
            words.find(|word| word.rsplit('/').next() == Some("runsvdir"))?;
            words.find(|word| word.starts_with('/'))
        });
    match folder {
        Some(folder) if !folder.starts_with("/run/") => Some(folder.into()),
        _ => host.exists(RUNLEVEL).then(|| RUNLEVEL.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fixture::Fake;

    #[test]
    fn vlogger_is_known_by_a_script_or_a_link() {
        let fake = Fake::empty();
        fake.program(
            "/a/run",
            "#!/bin/sh\n# vlogger\nexec /usr/bin/vlogger -t a\n",
        )
        .program("/usr/bin/vlogger", "")
        .link("/b/run", "/usr/bin/vlogger")
        .program("/c/run", "#!/bin/sh\n# exec vlogger\nexec svlogd vlogger\n");
        let host = fake.host();
        let is = |folder: &str| is_vlogger(&host, Path::new(folder));
        assert_eq!(
            ["/a/run", "/b/run", "/c/run", "/d/run"].map(is),
            [true, true, false, false]
        );
    }

    fn read(text: &str) -> Result<State, Refusal> {
        read_state(&Answer {
            code: Some(0),
            stdout: format!("{text}\n"),
            stderr: String::new(),
        })
    }

    #[test]
    fn every_line_of_sv_status_is_a_state() {
        let states = [
            (
                "run: /s/k: (pid 42) 3s",
                Ok(State::Active { pid: Some(42) }),
            ),
            (
                "run: /s/k: (pid 42) 3s; down: log: 2s, normally up, want up",
                Ok(State::Active { pid: Some(42) }),
            ),
            (
                "run: /s/k: (pid 42) 3s, want down, got TERM",
                Ok(State::Deactivating),
            ),
            ("finish: /s/k: (pid 43) 0s", Ok(State::Activating)),
            (
                "finish: /s/k: (pid 43) 0s, want down",
                Ok(State::Deactivating),
            ),
            (
                "down: /s/k: 1s, normally up, want up",
                Ok(State::Activating),
            ),
            ("down: /s/k: 1s, normally up", Ok(State::Inactive)),
            ("down: /s/k: 1s; run: log: (pid 9) 1s", Ok(State::Inactive)),
            ("fail: /s/k: runsv not running", Err(Refusal::NoSupervisor)),
            (
                "warning: /s/k: unable to open supervise/ok: file does not exist",
                Err(Refusal::NoSupervisor),
            ),
            (
                "warning: /s/k: unable to open supervise/control: file does not exist",
                Err(Refusal::NoSupervisor),
            ),
            (
                "warning: /s/k: unable to open supervise/control: access denied",
                Err(Refusal::NoPermission),
            ),
            (
                "warning: /s/k: unable to open supervise/ok: access denied",
                Err(Refusal::NoPermission),
            ),
            (
                "fail: /s/k: unable to change to service directory: file does not exist",
                Err(Refusal::Unknown),
            ),
            (
                "fail: /runsv not running/k: unable to open supervise/status: out of memory",
                Err(Refusal::Failed),
            ),
            ("warning: /s/k: file does not exist", Err(Refusal::Failed)),
        ];
        for (text, state) in states {
            assert_eq!(read(text), state, "{text}");
        }
    }
}
