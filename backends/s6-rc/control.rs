//! How s6-rc is driven: s6-rc on its live state, s6-svstat for what a service does, and the
//! distribution's tool for what the next boot has.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::enabling::{Compiler, Mark, Subject};
use crate::backends::Backend;
use crate::backends::s6::{self, S6};
use crate::backends::{launcher, output};
use crate::control::{
    Answer, Change, Command, Control, ControlError, Destination, Enabled, LogRequest, Query,
    Question, Refusal, State, Step, Target, follow_files, logger_folders,
};
use crate::service::LogTo;

pub(super) struct Tools;

/// The service directories of the live state (s6-rc-init(8)).
const LIVE: &str = "/run/s6-rc/servicedirs";

/// How long a start may take, that of what the service needs included.
const START: Duration = Duration::from_secs(60);

impl Control for Tools {
    fn state(&self, target: &Target<'_>) -> Result<Question<State>, ControlError> {
        if let Some(live) = live(target) {
            let words = ["s6-svstat", "-o", "up,wantedup,pid,updownsince,readysince"];
            return Ok(Question::Ask(Query {
                command: s6::on_service(&live, &words),
                read: s6::read_state,
            }));
        }
        if let Some(legacy) = legacy(target) {
            return legacy.state(target);
        }
        let Some(source) = Subject::new(target).source() else {
            return Ok(Question::Known(State::Unknown));
        };
        let kind = target.host.text(source.join("type")).unwrap_or_default();
        match kind.trim() {
            // Nothing supervises it: it is done, or not.
            "oneshot" => Ok(Question::Among {
                command: Command::new(["s6-rc", "-a", "list"]).check(check),
                names: Subject::new(target).names(),
                yes: State::Active { pid: None },
                no: State::Inactive,
            }),
            "bundle" => Err(ControlError::Untold {
                question: format!("what `{}` does", target.name),
                why: format!("`{}` is a bundle of services", source.display()),
                commands: Vec::new(),
            }),
            _ => Ok(Question::Known(State::Inactive)),
        }
    }

    fn says(&self, answer: &Answer) -> String {
        s6::says(answer)
    }

    fn change(&self, target: &Target<'_>, change: Change) -> Result<Vec<Step>, ControlError> {
        if let Some(legacy) = legacy(target) {
            return legacy.change(target, change);
        }
        if change == Change::Reread {
            known(target)?;
            return compile(target, Mark::AsItIs);
        }
        if change == Change::Reload {
            known(target)?;
            return launcher::reload_steps(target);
        }
        let live = match loaded(target) {
            Err(ControlError::NotLoaded { .. }) if change == Change::Stop => return Ok(Vec::new()),
            live => live?,
        };
        Ok(match change {
            Change::Stop => vec![stop(target, &live)],
            Change::Restart => vec![stop(target, &live), start(target, &live)],
            // A service that has given itself up is up for s6-rc still, and only
            // s6-supervise can be told to start it. For one that runs that is nothing.
            Change::Start | Change::Reload | Change::Reread => {
                let again = s6::on_service(&live, &["s6-svc", "-u"]);
                vec![start(target, &live), Step::Run(again)]
            }
        })
    }

    fn enabled(&self, target: &Target<'_>) -> Result<Question<Enabled>, ControlError> {
        if let Some(legacy) = legacy(target) {
            return legacy.enabled(target);
        }
        let subject = Subject::new(target);
        if live(target).is_none() && subject.source().is_none() {
            return Ok(Question::Known(Enabled::Unknown));
        }
        if subject.compiler() == Compiler::Overlay {
            return Ok(Question::Known(match subject.starts_by_files() {
                true => Enabled::Yes,
                false => Enabled::No,
            }));
        }
        let database = subject.database();
        match (target.host.is_machine(), database) {
            (true, Some(database)) => Ok(Question::Among {
                command: dependencies(database, "default"),
                names: subject.names(),
                yes: Enabled::Yes,
                no: Enabled::No,
            }),
            // Nothing boots at all yet, and what will be compiled does not start it.
            (false, None) if subject.is_marked() == Some(false) => Ok(Question::Known(Enabled::No)),
            _ => Err(untold(target, &subject, database)),
        }
    }

    fn set_enabled(&self, target: &Target<'_>, enabled: bool) -> Result<Vec<Step>, ControlError> {
        if let Some(legacy) = legacy(target) {
            return legacy.set_enabled(target, enabled);
        }
        known(target)?;
        let subject = Subject::new(target);
        let mark = if enabled { Mark::In } else { Mark::Out };
        if !target.host.is_machine() {
            return Ok(subject.mark(enabled));
        }
        let compiled = compile(target, mark)?;
        let mut steps = Vec::new();
        let live = live(target);
        if let Some(live) = live.as_ref().filter(|_| !enabled) {
            steps.push(stop(target, live));
        }
        steps.extend(subject.mark(enabled));
        steps.extend(compiled);
        if enabled {
            let source = subject.source().unwrap_or_default();
            let name = source.file_name().unwrap_or_default();
            let live = live.unwrap_or_else(|| Path::new(LIVE).join(name));
            steps.push(start(target, &live));
        }
        Ok(steps)
    }

    fn in_tree(&self, target: &Target<'_>, enabled: bool) -> Vec<Command> {
        let mark = if enabled { Mark::In } else { Mark::Out };
        Subject::new(target).compile(mark, false)
    }

    fn log(&self, target: &Target<'_>, request: LogRequest) -> Result<Command, ControlError> {
        if let Some(legacy) = legacy(target) {
            return legacy.log(target, request);
        }
        let source = known(target)?;
        let log = format!("{}-log", target.name);
        let scripts = [
            source.with_file_name(&log).join("run"),
            Path::new(LIVE).join(&log).join("run.user"),
        ];
        let mut files = Vec::new();
        for script in &scripts {
            let text = target.host.text(script).unwrap_or_default();
            if output::calls_logger(&text) {
                return Err(output::elsewhere(target, script, LogTo::Syslog));
            }
            let folder = script.parent().unwrap_or(Path::new("/"));
            let folders = logger_folders(&text, "s6-log", folder);
            files.extend(folders.iter().map(|folder| folder.join("current")));
        }
        if !target.host.exists(source.join("producer-for")) && files.is_empty() {
            return Err(ControlError::LogElsewhere {
                name: target.name.clone(),
                path: target.host.root().shown(source),
                to: Destination::OfInit(Some("s6-svscan")),
            });
        }
        files.push(Path::new(target.places.log_folder.as_str()).join("current"));
        files.dedup();
        follow_files(target, request, files)
    }

    fn note(&self) -> Option<&'static str> {
        Some("under s6-rc, `enable` starts the service too, and `disable` stops it")
    }
}

/// The service directory that is supervised, with which s6-rc's own name of it ends.
fn live(target: &Target<'_>) -> Option<PathBuf> {
    let names = Subject::new(target).names();
    let folders = names.iter().map(|name| Path::new(LIVE).join(name));
    folders
        .into_iter()
        .find(|folder| target.host.exists(folder))
}

/// The same for a service that is to be driven.
///
/// # Errors
/// There is no such service, or s6-rc has not been told of it yet.
fn loaded(target: &Target<'_>) -> Result<PathBuf, ControlError> {
    if let Some(live) = live(target) {
        return Ok(live);
    }
    let source = known(target)?;
    Err(ControlError::NotLoaded {
        init: "s6-rc",
        name: target.name.clone(),
        place: Path::new(LIVE).join(source.file_name().unwrap_or_default()),
        commands: Subject::new(target).compile(Mark::AsItIs, true),
    })
}

/// The service's source directory; that of the live state for one whose source is gone.
fn known(target: &Target<'_>) -> Result<PathBuf, ControlError> {
    let subject = Subject::new(target);
    let found = subject.source().or_else(|| live(target));
    found.ok_or_else(|| target.unknown("s6-rc", &subject.looked()))
}

/// Who drives a service that s6-svscan has beside s6-rc, such as one of s6-overlay's
/// `services.d`.
fn legacy(target: &Target<'_>) -> Option<&'static dyn Control> {
    let place = Path::new("/run/service").join(target.name.as_str());
    let is_known = live(target).is_some() || Subject::new(target).source().is_some();
    (!is_known && target.host.exists(place.join("run")))
        .then(|| S6.control())
        .flatten()
}

/// The steps after which the machine has what files say, now and with the next boot.
///
/// # Errors
/// Nobody knows how that is done here.
fn compile(target: &Target<'_>, mark: Mark) -> Result<Vec<Step>, ControlError> {
    let subject = Subject::new(target);
    let commands = subject.compile(mark, true);
    if subject.compiler() == Compiler::Hand {
        return Err(ControlError::ByHand {
            what: "no tool of the distribution is there that compiles the sources of s6-rc".into(),
            commands,
        });
    }
    Ok(commands
        .into_iter()
        .map(|command| {
            let what = format!("`{}`", command.argv[0]);
            Step::Run(command.awaits(what))
        })
        .collect())
}

fn untold(
    target: &Target<'_>,
    subject: &Subject<'_>,
    database: Option<&'static str>,
) -> ControlError {
    let why = match (target.host.is_machine(), database) {
        (true, _) => "no compiled database is where one is known to be".into(),
        (false, Some(database)) => {
            format!("that is in the compiled database `{database}`, which only s6-rc can read")
        }
        (false, None) => "s6-rc boots from a database that has to be compiled first".into(),
    };
    ControlError::Untold {
        question: format!("whether `{}` starts with the machine", target.name),
        why,
        commands: subject.compile(Mark::AsItIs, target.host.is_machine()),
    }
}

fn start(target: &Target<'_>, live: &Path) -> Step {
    let limit = START.as_millis().to_string();
    let command = change(live, "-u", &limit).giving_up_after(START);
    Step::Run(command.awaits(format!("`{}` to start", target.name)))
}

fn stop(target: &Target<'_>, live: &Path) -> Step {
    let limit = target.patience.milliseconds().to_string();
    let command = change(live, "-d", &limit).giving_up_after(target.patience.duration());
    Step::Run(command.awaits(format!("`{}` to end", target.name)))
}

/// What a start of a bundle starts. A database without that bundle starts nothing.
fn dependencies(database: &str, bundle: &str) -> Command {
    let words = ["s6-rc-db", "-c", database, "-u", "all-dependencies", bundle];
    Command::new(words).check(|answer| match check(answer) {
        Err(Refusal::Unknown) => Ok(()),
        checked => checked,
    })
}

/// s6-rc is asked for the service itself: its logger comes with it, and stays up after it.
fn change(live: &Path, how: &str, limit: &str) -> Command {
    let name = live.file_name().unwrap_or_default().to_string_lossy();
    // Without `-b` it fails where another s6-rc is at work, as all through the boot.
    Command::new(["s6-rc", "-b", "-t", limit, how, "change", &name]).check(check)
}

fn check(answer: &Answer) -> Result<(), Refusal> {
    match answer.code {
        Some(0) => Ok(()),
        _ => Err(refusal(answer)),
    }
}

/// Why s6-rc or s6-rc-db failed: the exit codes of their documentation, of which 111 has
/// several causes. Its lines are those of 0.5.3.3.
fn refusal(answer: &Answer) -> Refusal {
    let ends = |end: &str| answer.lines().any(|line| line.ends_with(end));
    match answer.code {
        Some(2) => Refusal::Timeout,
        Some(3) => Refusal::Unknown,
        Some(111) if ends(": Permission denied") || ends(": Operation not permitted") => {
            Refusal::NoPermission
        }
        Some(111) if ends(": No such file or directory") => Refusal::Unreachable,
        _ => Refusal::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_by_its_code_and_line() {
        let failures = [
            (
                3,
                "s6-rc: fatal: no-such is not a recognized identifier in /run/s6-rc/compiled/resolve.cdb",
                Refusal::Unknown,
            ),
            (
                111,
                "s6-rc: fatal: unable to take locks: No such file or directory",
                Refusal::Unreachable,
            ),
            (
                111,
                "s6-rc: fatal: unable to take locks: Permission denied",
                Refusal::NoPermission,
            ),
            (2, "s6-rc: fatal: timed out", Refusal::Timeout),
            (
                1,
                "s6-rc: warning: unable to start service k: command exited 1",
                Refusal::Failed,
            ),
        ];
        for (code, text, expected) in failures {
            let answer = Answer::complaint(code, text);
            assert_eq!(check(&answer), Err(expected), "{text}");
        }
    }
}
