//! How OpenRC is driven: rc-service(8) and rc-update(8).

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::depend::assigned;
use super::needs;
use crate::backends::output;
use crate::control::{
    Answer, Change, Command, Control, ControlError, Enabled, Ended, How, LogRequest, Query,
    Question, Refusal, State, Step, Target, follow_files, last_end,
};
use crate::host::Host;
use crate::root::Kind;
use crate::service::LogTo;
use crate::sorting;

pub(super) struct Tools;

const RUNLEVELS: &str = "/etc/runlevels";
/// Where OpenRC has a link for each service that is started.
const STARTED: &str = "/run/openrc/started";
/// The runlevel that kubeadm asks about, and that a service of a machine is in.
const RUNLEVEL: &str = "default";
const START: Duration = Duration::from_secs(60);

/// Where syslog daemons keep what daemons say: busybox's syslogd and most others, rsyslog with
/// Debian's configuration, and metalog.
const SYSTEM_LOGS: [&str; 4] = [
    "/var/log/messages",
    "/var/log/syslog",
    "/var/log/daemon.log",
    "/var/log/everything/current",
];

impl Control for Tools {
    fn state(&self, target: &Target<'_>) -> Result<Question<State>, ControlError> {
        if !target.host.exists(script(target)) {
            return Ok(Question::Known(State::Unknown));
        }
        // To who may not look there, `rc-service` says that the service is stopped (0.45, 0.56, 0.64).
        if target.host.is_machine() {
            let started = Path::new(STARTED).join(target.name.as_str());
            target.host.root().kind(started)?;
        }
        Ok(Question::Ask(Query {
            command: rc_service(target, "status"),
            read: read_state,
        }))
    }

    // supervise-daemon alone knows the exit code, and tells nobody but the system's log.
    fn ended(&self, target: &Target<'_>) -> Result<Question<Option<Ended>>, ControlError> {
        let ended = last_end(target.host, target.name);
        let Some(
            ended @ Ended {
                how: None,
                pid: Some(pid),
                ..
            },
        ) = ended
        else {
            return Ok(Question::Known(ended));
        };
        let mut logs = SYSTEM_LOGS.iter();
        let how = logs.find_map(|log| how_it_ended(&target.host.end_of_text(log)?, pid));
        Ok(Question::Known(Some(Ended { how, ..ended })))
    }

    fn change(&self, target: &Target<'_>, change: Change) -> Result<Vec<Step>, ControlError> {
        known(target)?;
        let wait = |verb: &str, within, what: &str| {
            let command = rc_service(target, verb).within(within);
            Step::Run(command.awaits(format!("`{}` to {what}", target.name)))
        };
        let stop_limit = target.stop_limit();
        Ok(vec![match change {
            Change::Start => wait("start", START, "start"),
            Change::Stop => wait("stop", stop_limit, "end"),
            Change::Restart => wait("restart", stop_limit + START, "end and start again"),
            Change::Reload => wait("reload", stop_limit, "reload"),
            // The scripts are read at each call; what is cached are dependencies.
            Change::Reread => Step::Run(Command::new(["rc-update", "--update"]).check(check)),
        }])
    }

    fn enabled(&self, target: &Target<'_>) -> Result<Question<Enabled>, ControlError> {
        if !target.host.exists(script(target)) {
            return Ok(Question::Known(Enabled::Unknown));
        }
        let mut levels = runlevels(target).into_iter();
        let booted = booted(target.host);
        let is_in = levels.any(|level| booted.contains(&level));
        let by_others = || {
            let levels = booted.iter().map(|level| Path::new(RUNLEVELS).join(level));
            let enabled = sorting::set(levels.flat_map(|level| target.host.list(level)));
            needs::is_started(target.host, target.name.as_str(), enabled)
        };
        Ok(Question::Known(match is_in || by_others() {
            true => Enabled::Yes,
            false => Enabled::No,
        }))
    }

    fn set_enabled(&self, target: &Target<'_>, enabled: bool) -> Result<Vec<Step>, ControlError> {
        known(target)?;
        if target.host.is_machine() {
            let name = target.name.as_str();
            if enabled {
                let words = ["rc-update", "add", name, RUNLEVEL];
                return Ok(vec![Step::Run(Command::new(words).check(check))]);
            }
            // `--all` fails for each runlevel that it is not in.
            let runlevels = runlevels(target);
            if runlevels.is_empty() {
                return Ok(Vec::new());
            }
            let words = ["rc-update", "del", name].map(str::to_owned);
            let words = words.into_iter().chain(runlevels);
            return Ok(vec![Step::Run(Command::new(words).check(check))]);
        }
        if enabled {
            return Ok(vec![Step::Link {
                path: Path::new(RUNLEVELS)
                    .join(RUNLEVEL)
                    .join(target.name.as_str()),
                target: script(target),
            }]);
        }
        let links = target.host.list(RUNLEVELS).into_iter().map(|runlevel| {
            Path::new(RUNLEVELS)
                .join(runlevel)
                .join(target.name.as_str())
        });
        let there =
            |link: &PathBuf| target.host.root().kind(link).ok().flatten() == Some(Kind::Link);
        Ok(links.filter(there).map(Step::Remove).collect())
    }

    fn entrances(&self, target: &Target<'_>) -> Vec<PathBuf> {
        let levels = target.host.list(RUNLEVELS).into_iter();
        levels
            .map(|level| Path::new(RUNLEVELS).join(level))
            .collect()
    }

    fn log(&self, target: &Target<'_>, request: LogRequest) -> Result<Command, ControlError> {
        known(target)?;
        let settings = Path::new(super::CONF_FOLDER);
        let texts: Vec<String> = [settings.join(target.name.as_str()), script(target)]
            .iter()
            .filter_map(|path| target.host.text(path))
            .collect();
        let mut files: Vec<PathBuf> = Vec::new();
        for variable in ["output_log", "error_log"] {
            let value = texts.iter().find_map(|text| assigned(text, variable));
            files.extend(value.and_then(|value| path(&value, target)));
        }
        files.dedup();
        if files.iter().any(|file| file.starts_with("/proc/1/fd")) {
            return Err(output::elsewhere(target, &script(target), LogTo::Inherit));
        }
        let log = follow_files(target, request, files);
        output::or_elsewhere(log, || output::is_passed_on(target))
    }
}

fn known(target: &Target<'_>) -> Result<(), ControlError> {
    let script = script(target);
    match target.host.exists(&script) {
        true => Ok(()),
        false => Err(target.unknown("OpenRC", &[script])),
    }
}

fn script(target: &Target<'_>) -> PathBuf {
    PathBuf::from(target.places.service.as_str())
}

/// The runlevels that it is in.
fn runlevels(target: &Target<'_>) -> Vec<String> {
    let mut runlevels = target.host.list(RUNLEVELS);
    runlevels.retain(|runlevel| {
        let link = Path::new(RUNLEVELS).join(runlevel);
        target.host.exists(link.join(target.name.as_str()))
    });
    runlevels
}

/// Those that end a machine, or leave most of it out.
const NOT_BOOTED: [&str; 4] = ["nonetwork", "reboot", "shutdown", "single"];

/// The runlevels that a boot goes through (`openrc(8)`): the usual ones, those that `inittab(5)`
/// names or the machine is in, and those that are stacked on one of them (`rc-update(8)`).
fn booted(host: &Host) -> Vec<String> {
    let mut levels: Vec<String> = ["sysinit", "boot", RUNLEVEL].map(str::to_owned).into();
    let inittab = host.text("/etc/inittab").unwrap_or_default();
    let lines = inittab.lines().filter(|line| !line.starts_with('#'));
    let named = lines.filter_map(|line| {
        let mut words = line.split_whitespace();
        words.find(|word| word.ends_with("openrc"))?;
        words.next()
    });
    levels.extend(named.map(str::to_owned));
    if host.kind("/run/openrc").is_some() {
        let level = host.text("/run/openrc/softlevel").unwrap_or_default();
        levels.push(level.trim().to_owned());
    }
    levels.retain(|level| !NOT_BOOTED.contains(&level.as_str()));
    let mut at = 0;
    while let Some(level) = levels.get(at) {
        let folder = Path::new(RUNLEVELS).join(level);
        let mut stacked = host.list(&folder);
        stacked.retain(|name| {
            let is_folder = host.kind(folder.join(name)) == Some(Kind::Folder);
            is_folder && !levels.contains(name)
        });
        levels.extend(stacked);
        at += 1;
    }
    levels
}

fn rc_service(target: &Target<'_>, verb: &str) -> Command {
    let words = ["rc-service", "--nocolor", target.name.as_str(), verb];
    Command::new(words).check(check)
}

fn check(answer: &Answer) -> Result<(), Refusal> {
    match answer.code {
        Some(0) => Ok(()),
        _ => Err(refusal(answer)),
    }
}

/// Why a command failed. rc-service and rc-update exit with 1 whatever it was, so the
/// line that they print is read: those of OpenRC 0.45, 0.56 and 0.64.
fn refusal(answer: &Answer) -> Refusal {
    let said = |line: &str| {
        let line = line.trim_start_matches(['*', ' ']).trim_end_matches('.');
        let unknown = ["rc-service: service ", "rc-update: service "];
        if unknown.iter().any(|begin| line.starts_with(begin)) && line.ends_with(" does not exist")
        {
            Some(Refusal::Unknown)
        } else if line.ends_with("superuser access required")
            || line.ends_with(": Permission denied")
        {
            Some(Refusal::NoPermission)
        } else if line == "system which openrc did not boot" {
            Some(Refusal::Unreachable)
        } else {
            None
        }
    };
    answer.lines().find_map(said).unwrap_or(Refusal::Failed)
}

/// By exit code, as `openrc-run(8)` gives it (`_status` and `supervise_status` in
/// `openrc-run.sh`, 0.45): the texts are for people.
fn read_state(answer: &Answer) -> Result<State, Refusal> {
    match answer.code {
        Some(0) => Ok(State::Active { pid: None }),
        Some(3) => Ok(State::Inactive),
        Some(4) => Ok(State::Deactivating),
        Some(8 | 16) => Ok(State::Activating),
        // Crashed, or its supervisor has.
        Some(32 | 64) => Ok(State::Failed),
        _ => Err(refusal(answer)),
    }
}

/// What supervise-daemon wrote of the end of a process: `NAME, pid 42, exited with return
/// code 1` or `NAME, pid 42, terminated by signal 9` (`supervise-daemon.c`, 0.45 to 0.64).
fn how_it_ended(log: &str, pid: i32) -> Option<How> {
    let about = format!(", pid {pid}, ");
    log.lines().rev().find_map(|line| {
        let (by, said) = line.split_once(&about)?;
        if !by.contains("supervise-daemon") {
            return None;
        }
        let number = |begin| said.strip_prefix(begin)?.trim().parse().ok();
        number("exited with return code ")
            .map(How::Code)
            .or_else(|| number("terminated by signal ").map(How::Signal))
    })
}

/// The path that a value is; none for one that only a shell can tell.
fn path(value: &str, target: &Target<'_>) -> Option<PathBuf> {
    let name = target.name.as_str();
    let value = value
        .replace("${RC_SVCNAME}", name)
        .replace("$RC_SVCNAME", name)
        .replace("${SVCNAME}", name)
        .replace("$SVCNAME", name);
    (value.starts_with('/') && !value.contains('$')).then(|| value.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_of_status_is_a_state() {
        let read = |code| {
            read_state(&Answer {
                code: Some(code),
                ..Answer::default()
            })
        };
        assert_eq!(read(0), Ok(State::Active { pid: None }));
        assert_eq!(read(3), Ok(State::Inactive));
        assert_eq!(read(8), Ok(State::Activating));
        assert_eq!(read(32), Ok(State::Failed));
        assert_eq!(read(1), Err(Refusal::Failed));
    }

    #[test]
    fn an_exit_code_is_in_the_systems_log() {
        let log = "Nov 29 06:40:08 a daemon.warn supervise-daemon[7]: /l/k, pid 42, exited with return code 1\n\
                   Nov 29 06:40:09 a daemon.warn other[7]: /l/k, pid 42, exited with return code 3\n\
                   Nov 29 06:40:18 a daemon.warn supervise-daemon[7]: /l/k, pid 43, terminated by signal 9\n";
        assert_eq!(how_it_ended(log, 42), Some(How::Code(1)));
        assert_eq!(how_it_ended(log, 43), Some(How::Signal(9)));
        assert_eq!(how_it_ended(log, 4), None);
    }

    #[test]
    fn a_failure_is_told_by_its_line() {
        let lines = [
            (
                " * rc-service: service `k' does not exist",
                Refusal::Unknown,
            ),
            (" * rc-update: service 'k' does not exist", Refusal::Unknown),
            (" * k: superuser access required", Refusal::NoPermission),
            // 0.64
            (
                " * k: failed to acquire lock: Permission denied",
                Refusal::NoPermission,
            ),
            (
                " * rc-update: failed to add service `k' to runlevel `default': Permission denied",
                Refusal::NoPermission,
            ),
            (
                " * You are attempting to run an openrc service on a\n * system which openrc did not boot.",
                Refusal::Unreachable,
            ),
            (" * k: /srv/volume does not exist", Refusal::Failed),
            (" * WARNING: k is already starting", Refusal::Failed),
        ];
        for (text, expected) in lines {
            let answer = Answer::complaint(1, text);
            assert_eq!(check(&answer), Err(expected), "{text}");
        }
    }

    #[test]
    fn a_variable_is_found_as_scripts_set_it() {
        let script =
            "a=1\n: \"${output_log:=/var/log/$RC_SVCNAME.log}\"\n: ${error_log:=$output_log}\n";
        assert_eq!(
            assigned(script, "output_log").as_deref(),
            Some("/var/log/$RC_SVCNAME.log")
        );
        assert_eq!(
            assigned(script, "error_log").as_deref(),
            Some("$output_log")
        );
        assert_eq!(
            assigned("output_log='/x'\n#output_log=/y\n", "output_log").as_deref(),
            Some("/x")
        );
        assert_eq!(assigned("", "output_log"), None);
    }
}
