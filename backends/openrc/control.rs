//! How OpenRC is driven: rc-service(8) and rc-update(8).

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::control::{
    Answer, Change, Command, Control, ControlError, Enabled, LogRequest, Query, Question, Refusal,
    State, Step, Target, follow_files,
};
use crate::root::Kind;

pub(super) struct Tools;

const RUNLEVELS: &str = "/etc/runlevels";
/// The runlevel that kubeadm asks about, and that a service of a machine is in.
const RUNLEVEL: &str = "default";
const START: Duration = Duration::from_secs(60);

impl Control for Tools {
    fn state(&self, target: &Target<'_>) -> Result<Question<State>, ControlError> {
        if !target.host.exists(script(target)) {
            return Ok(Question::Known(State::Unknown));
        }
        Ok(Question::Ask(Query {
            command: rc_service(target, "status"),
            read: read_state,
        }))
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
            // The scripts are read at each call; what is cached are dependencies.
            Change::Reload => Step::Run(Command::new(["rc-update", "--update"]).check(check)),
        }])
    }

    fn enabled(&self, target: &Target<'_>) -> Result<Question<Enabled>, ControlError> {
        if !target.host.exists(script(target)) {
            return Ok(Question::Known(Enabled::Unknown));
        }
        let runlevels = target.host.list(RUNLEVELS);
        let is_in = |runlevel: &String| {
            let link = Path::new(RUNLEVELS).join(runlevel);
            target.host.exists(link.join(target.name.as_str()))
        };
        Ok(Question::Known(match runlevels.iter().any(is_in) {
            true => Enabled::Yes,
            false => Enabled::No,
        }))
    }

    fn set_enabled(&self, target: &Target<'_>, enabled: bool) -> Result<Vec<Step>, ControlError> {
        known(target)?;
        if target.host.is_machine() {
            let words = match enabled {
                true => vec!["rc-update", "add", target.name.as_str(), RUNLEVEL],
                false => vec!["rc-update", "--all", "del", target.name.as_str()],
            };
            return Ok(vec![Step::Run(Command::new(words).check(check_update))]);
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
        follow_files(target, request, files)
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

/// What is in no runlevel already is not an error.
fn check_update(answer: &Answer) -> Result<(), Refusal> {
    match answer.says("is not in the runlevel") || answer.says("not found in any of the") {
        true => Ok(()),
        false => check(answer),
    }
}

/// The messages of OpenRC 0.45 to 0.63.
fn refusal(answer: &Answer) -> Refusal {
    let says = |text| answer.says(text);
    if says("does not exist") {
        Refusal::Unknown
    } else if says("superuser access") || says("Permission denied") {
        Refusal::NoPermission
    } else {
        Refusal::Failed
    }
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

/// What a shell file sets a variable to: `NAME=value`, or `: ${NAME:=value}` as
/// scripts give their defaults. The last one counts.
fn assigned(text: &str, name: &str) -> Option<String> {
    text.lines().rev().find_map(|line| {
        let line = line.trim();
        let value = match line.strip_prefix(':') {
            Some(rest) => rest
                .trim()
                .trim_matches('"')
                .strip_prefix("${")?
                .strip_prefix(name)?
                .strip_prefix(":=")?
                .strip_suffix('}')?,
            None => line.strip_prefix(name)?.strip_prefix('=')?,
        };
        Some(value.trim().trim_matches(['"', '\'']).to_owned())
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
