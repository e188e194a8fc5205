//! How supervisord is driven: supervisorctl with the configuration that the running
//! supervisord has.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::includes::{Configuration, running};
use super::ini::{Ini, boolean};
use crate::backends::launcher;
use crate::control::{
    Answer, Change, Command, Control, ControlError, Destination, Enabled, LogRequest, Query,
    Question, Refusal, State, Step, Target, follow_files,
};
use crate::unit::shown;

pub(super) struct Tools;

/// A section is only read from a file with the name that the includes have.
pub(super) const ASIDE: &str = ".disabled";

/// A start returns when the program runs for `startsecs`.
const START: Duration = Duration::from_secs(30);

/// What names no file that lines are kept in.
const NO_FILE: [&str; 3] = ["/DEV/NULL", "AUTO", "NONE"];

/// What a process calls the output that it was started with.
const OWN_OUTPUT: [&str; 6] = [
    "/dev/fd/1",
    "/dev/fd/2",
    "/dev/stderr",
    "/dev/stdout",
    "/proc/self/fd/1",
    "/proc/self/fd/2",
];

impl Control for Tools {
    fn state(&self, target: &Target<'_>) -> Result<Question<State>, ControlError> {
        let read = match target.host.exists(file(target)) {
            // Written, and not read by supervisord yet.
            true => |answer: &Answer| match read_state(answer) {
                Ok(State::Unknown) => Ok(State::Inactive),
                state => state,
            },
            false if target.host.exists(aside(target)) => {
                return Ok(Question::Known(State::Inactive));
            }
            false => read_state,
        };
        Ok(Question::Ask(Query {
            command: supervisorctl(target, "status"),
            read,
        }))
    }

    fn change(&self, target: &Target<'_>, change: Change) -> Result<Vec<Step>, ControlError> {
        let update = supervisorctl(target, "update").within(target.stop_limit());
        let written = target.host.exists(file(target));
        let disabled = !written && target.host.exists(aside(target));
        if disabled && matches!(change, Change::Start | Change::Restart) {
            return Err(ControlError::NotSupervised {
                init: "supervisord",
                name: target.name.clone(),
                place: file(target),
            });
        }
        Ok(match change {
            Change::Reload if written || disabled => launcher::reload_steps(target)?,
            Change::Reload => return Err(target.unknown("supervisord", &[file(target)])),
            _ if disabled => Vec::new(),
            Change::Start => vec![Step::Run(update.check(check_update)), start(target)],
            // What is written and not read yet does not run.
            Change::Stop if written => stop(target, check_update),
            Change::Stop => stop(target, check),
            Change::Restart => {
                let mut steps = vec![Step::Run(update.check(check_update))];
                steps.extend(stop(target, check_update));
                steps.push(start(target));
                steps
            }
            Change::Reread => vec![Step::Run(update)],
        })
    }

    fn enabled(&self, target: &Target<'_>) -> Result<Question<Enabled>, ControlError> {
        let host = target.host;
        let all = files_of(target);
        let head = all.iter().find_map(|ini| ini.head_of(target.name.as_str()));
        let Some(head) = head else {
            return Ok(Question::Known(match host.exists(aside(target)) {
                true => Enabled::No,
                false => Enabled::Unknown,
            }));
        };
        // What is read later counts.
        let mut later = all.iter().rev();
        let autostart = later
            .find_map(|ini| ini.get(head, "autostart"))
            .or_else(|| all.iter().rev().find_map(|ini| ini.of_all("autostart")));
        if let Some(written) = autostart.filter(|it| it.contains("%(")) {
            return Err(ControlError::Untold {
                question: format!("whether `{}` starts with the machine", target.name),
                why: format!(
                    "supervisord fills in `autostart={}` when it starts",
                    shown(written)
                ),
                commands: Vec::new(),
            });
        }
        Ok(Question::Known(match autostart.map(boolean) {
            // What is neither yes nor no ends supervisord itself.
            Some(Some(false) | None) => Enabled::No,
            Some(Some(true)) | None => Enabled::Yes,
        }))
    }

    fn set_enabled(&self, target: &Target<'_>, enabled: bool) -> Result<Vec<Step>, ControlError> {
        let (from, to) = match enabled {
            true => (aside(target), file(target)),
            false => (file(target), aside(target)),
        };
        let live = target.host.is_machine();
        let mut steps = Vec::new();
        match (target.host.exists(&from), target.host.exists(&to)) {
            (false, false) => return Err(target.unknown("supervisord", &[file(target)])),
            (true, false) => {
                if live && !enabled {
                    steps.extend(stop(target, check_update));
                }
                steps.push(Step::Rename { from, to });
            }
            (_, true) if enabled => {}
            // An old one aside is replaced by the one that counts.
            (true, true) => steps.push(Step::Rename { from, to }),
            (false, true) => {}
        }
        if live {
            let update = supervisorctl(target, "update").within(target.stop_limit());
            steps.push(Step::Run(match enabled {
                true => update,
                false => update.check(check_update),
            }));
        }
        Ok(steps)
    }

    fn log(&self, target: &Target<'_>, request: LogRequest) -> Result<Command, ControlError> {
        let read = |path: PathBuf| Some((target.host.text(&path)?, path));
        let (text, path) = [file(target), aside(target)]
            .into_iter()
            .find_map(read)
            .ok_or_else(|| target.unknown("supervisord", &[file(target)]))?;
        let ini = Ini::read(&text);
        let section = ini.head_of(target.name.as_str()).unwrap_or_default();
        let value = |key| ini.get(section, key).map(|path| expanded(path, target));
        let kept = |path: &String| !NO_FILE.contains(&path.to_uppercase().as_str());
        let files: Vec<PathBuf> = [value("stdout_logfile"), value("stderr_logfile")]
            .into_iter()
            .flatten()
            .filter(kept)
            .map(PathBuf::from)
            .collect();
        let to = value("stdout_logfile").unwrap_or_default();
        let destination = match to.to_lowercase().as_str() {
            "none" | "/dev/null" if files.is_empty() => Some(Destination::Nowhere),
            "syslog" => Some(Destination::Syslog),
            _ => OWN_OUTPUT
                .contains(&&*to)
                .then_some(Destination::OfInit(None)),
        };
        if let Some(to) = destination {
            return Err(ControlError::LogElsewhere {
                name: target.name.clone(),
                path: target.host.root().shown(path),
                to,
            });
        }
        match files.is_empty() {
            false => follow_files(target, request, files),
            // supervisord chose a file, and alone knows which.
            true => Ok(tail(target, request)),
        }
    }

    fn note(&self) -> Option<&'static str> {
        Some("under supervisord, `enable` starts the program too, and `disable` stops it")
    }
}

fn start(target: &Target<'_>) -> Step {
    let command = supervisorctl(target, "start")
        .within(START)
        .awaits(format!("`{}` to start", target.name));
    Step::Run(command)
}

/// Ends the program, and returns when nothing of it is left: a launcher that supervisord has just
/// started again, because the one before it was killed, ends at a TERM before it has ended
/// what that has left.
fn stop(target: &Target<'_>, check_stop: fn(&Answer) -> Result<(), Refusal>) -> Vec<Step> {
    let stop = supervisorctl(target, "stop").within(target.stop_limit());
    let stop = stop.awaits(format!("`{}` to end", target.name));
    let mut steps = vec![Step::Run(stop.check(check_stop))];
    steps.extend(launcher::end(target).map(Step::Run));
    steps
}

/// supervisord counts in bytes; a line of the kubelet has about 200.
fn tail(target: &Target<'_>, request: LogRequest) -> Command {
    let mut argv = program(target);
    argv.push("tail".into());
    argv.push(match request.follow {
        true => "-f".into(),
        false => format!("-{}", u64::from(request.lines) * 200),
    });
    argv.push(target.name.to_string());
    Command::new(argv)
}

fn supervisorctl(target: &Target<'_>, action: &str) -> Command {
    let mut argv = program(target);
    argv.extend([action.to_owned(), target.name.to_string()]);
    Command::new(argv).check(check)
}

fn program(target: &Target<'_>) -> Vec<String> {
    let mut argv = vec!["supervisorctl".to_owned()];
    if let Some(path) = running(target.host) {
        argv.extend(["-c".into(), path.display().to_string()]);
    }
    argv
}

/// The file of a program, and where it stands while it is disabled.
pub(super) fn files(target: &Target<'_>) -> [PathBuf; 2] {
    [file(target), aside(target)]
}

/// What is in the files that may have the section of a service, in the order in which supervisord
/// reads them.
fn files_of(target: &Target<'_>) -> Vec<Ini> {
    let own = file(target);
    let host = target.host;
    let configuration = Configuration::of(host);
    let included = configuration.map(|it| it.read(host, &own));
    let mut files = included.unwrap_or_default();
    // That it is not included is told elsewhere.
    if !files.iter().any(|(path, _)| *path == own)
        && let Some(text) = host.text(&own)
    {
        files.push((own, Ini::read(&text)));
    }
    files.into_iter().map(|(_, ini)| ini).collect()
}

fn file(target: &Target<'_>) -> PathBuf {
    PathBuf::from(target.places.service.as_str())
}

fn aside(target: &Target<'_>) -> PathBuf {
    let mut path = file(target).into_os_string();
    path.push(ASIDE);
    path.into()
}

fn expanded(path: &str, target: &Target<'_>) -> String {
    let here = Path::new("/etc/supervisor").display().to_string();
    path.replace("%(program_name)s", target.name.as_str())
        .replace("%(here)s", &here)
        .replace("%%", "%")
}

/// supervisorctl 4.2 exits with 0 after a start of what runs and a stop of what
/// does not.
fn check(answer: &Answer) -> Result<(), Refusal> {
    match answer.code {
        Some(0) => Ok(()),
        _ => Err(refusal(answer)),
    }
}

/// A program that supervisord does not know yet, or whose group has another name, is
/// no reason to stop: the next step shows it.
fn check_update(answer: &Answer) -> Result<(), Refusal> {
    match check(answer) {
        Err(Refusal::Unknown) => Ok(()),
        result => result,
    }
}

/// Why a command failed. supervisorctl's exit codes are shared by several causes (4 is
/// an unknown program for `status`, and a refused connection), so the line that it
/// prints is read: those of `supervisorctl.py` 4.2.5 and 4.3.0. An exception is told
/// by its class, and is the socket's where `xmlrpc.py` has raised it.
fn refusal(answer: &Answer) -> Refusal {
    let said = |line: &str| {
        if let Some(exception) = line.strip_prefix("error: <class '") {
            let (class, rest) = exception.split_once('\'')?;
            return match class.rsplit('.').next()? {
                "PermissionError" => Some(Refusal::NoPermission),
                "FileNotFoundError" | "ConnectionRefusedError" if rest.contains("/xmlrpc.py ") => {
                    Some(Refusal::Unreachable)
                }
                _ => None,
            };
        }
        let (url, rest) = line.split_once(' ').unwrap_or((line, ""));
        if url.contains("://") && ["refused connection", "no such file"].contains(&rest) {
            return Some(Refusal::Unreachable);
        }
        let unknown = line.ends_with(": ERROR (no such process)")
            || line.ends_with(": ERROR (no such group)")
            || line.starts_with("ERROR: no such group: ");
        unknown.then_some(Refusal::Unknown)
    };
    answer.lines().find_map(said).unwrap_or(Refusal::Failed)
}

/// `kubelet   RUNNING   pid 42, uptime 0:00:03`
fn read_state(answer: &Answer) -> Result<State, Refusal> {
    let mut words = answer.stdout.split_whitespace().skip(1);
    match words.next() {
        Some("RUNNING") => Ok(State::Active {
            pid: words
                .nth(1)
                .and_then(|pid| pid.trim_end_matches(',').parse().ok()),
        }),
        Some("STARTING" | "BACKOFF") => Ok(State::Activating),
        Some("STOPPING") => Ok(State::Deactivating),
        Some("STOPPED" | "EXITED") => Ok(State::Inactive),
        Some("FATAL" | "UNKNOWN") => Ok(State::Failed),
        _ => match refusal(answer) {
            Refusal::Unknown => Ok(State::Unknown),
            refusal => Err(refusal),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_supervisorctl_status_is_a_state() {
        let states = [
            (
                "k                                RUNNING   pid 12267, uptime 0:00:03",
                Ok(State::Active { pid: Some(12267) }),
            ),
            (
                "k                                STARTING  ",
                Ok(State::Activating),
            ),
            (
                "k    BACKOFF   can't find command '/k'",
                Ok(State::Activating),
            ),
            ("k    STOPPED   Nov 22 05:32 PM", Ok(State::Inactive)),
            ("k    FATAL     Exited too quickly", Ok(State::Failed)),
            ("k: ERROR (no such process)", Ok(State::Unknown)),
            (
                "unix:///s.sock refused connection",
                Err(Refusal::Unreachable),
            ),
            ("unix:///s.sock no such file", Err(Refusal::Unreachable)),
            (
                "/srv/no such process: ERROR (spawn error)",
                Err(Refusal::Failed),
            ),
            (
                "error: <class 'FileNotFoundError'>, [Errno 2] No such file or directory: file: /usr/lib/python3/dist-packages/supervisor/xmlrpc.py line: 557",
                Err(Refusal::Unreachable),
            ),
            (
                "error: <class 'FileNotFoundError'>, [Errno 2] No such file or directory: file: /x.py line: 1",
                Err(Refusal::Failed),
            ),
            (
                "error: <class 'PermissionError'>, [Errno 13] Permission denied: file: …",
                Err(Refusal::NoPermission),
            ),
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
