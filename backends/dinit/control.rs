//! How dinit is driven: dinitctl(8), and the folder of links that `boot` waits for.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::description::Description;
use super::evidence::BOOT_SERVICES;
use crate::backends::{launcher, output};
use crate::control::{
    Answer, Change, Command, Control, ControlError, Enabled, LogRequest, Query, Question, Refusal,
    State, Step, Target, follow_files,
};
use crate::host::Host;
use crate::service::LogTo;

pub(super) struct Tools;

/// Where dinit looks for descriptions, in its order (`dinit(8)`, 0.22).
pub(super) const FOLDERS: [&str; 5] = [
    "/etc/dinit.d",
    "/run/dinit.d",
    "/usr/local/lib/dinit.d",
    "/usr/lib/dinit.d",
    "/lib/dinit.d",
];

/// A start returns when the launcher runs, which waits for nothing.
const START: Duration = Duration::from_secs(60);

impl Control for Tools {
    fn state(&self, target: &Target<'_>) -> Result<Question<State>, ControlError> {
        if description(target).is_none() {
            return Ok(Question::Known(State::Unknown));
        }
        Ok(Question::Ask(Query {
            command: dinitctl(target, "status"),
            read: read_state,
        }))
    }

    fn change(&self, target: &Target<'_>, change: Change) -> Result<Vec<Step>, ControlError> {
        known(target)?;
        let start = dinitctl(target, "start").within(START);
        let start = Step::Run(start.awaits(format!("`{}` to start", target.name)));
        Ok(match change {
            Change::Start => vec![start],
            Change::Stop => stop(target),
            // `dinitctl restart` refuses a service that is down.
            Change::Restart => {
                let mut steps = stop(target);
                steps.push(start);
                steps
            }
            Change::Reload => launcher::reload_steps(target)?,
            Change::Reread => {
                let reload = dinitctl(target, "reload");
                vec![Step::Run(reload.check(check_unless_not_loaded))]
            }
        })
    }

    fn enabled(&self, target: &Target<'_>) -> Result<Question<Enabled>, ControlError> {
        Ok(Question::Known(match description(target) {
            None => Enabled::Unknown,
            Some(_) if entries(target).is_empty() && !is_named(target) => Enabled::No,
            Some(_) => Enabled::Yes,
        }))
    }

    // In a tree by hand: dinitctl's own `enable --offline` follows a `waits-for.d` that is
    // an absolute path out of the tree (measured with 0.22.1).
    fn set_enabled(&self, target: &Target<'_>, enabled: bool) -> Result<Vec<Step>, ControlError> {
        let description = known(target)?;
        let entries = entries(target);
        if target.host.is_machine() {
            if entries.is_empty() != enabled {
                return Ok(Vec::new());
            }
            let verb = if enabled { "enable" } else { "disable" };
            let change = dinitctl(target, verb).within(target.stop_limit());
            let mut steps = vec![Step::Run(change)];
            if !enabled {
                // dinit leaves up what was also started by hand.
                steps.extend(stop(target));
            }
            return Ok(steps);
        }
        Ok(match enabled {
            true if entries.is_empty() => vec![Step::Link {
                path: boot_folder(target.host).join(target.name.as_str()),
                target: description,
            }],
            true => Vec::new(),
            false => entries.into_iter().map(Step::Remove).collect(),
        })
    }

    fn log(&self, target: &Target<'_>, request: LogRequest) -> Result<Command, ControlError> {
        let description = known(target)?;
        let text = target.host.text(&description).unwrap_or_default();
        let file = settings(&text, "logfile").pop().map(PathBuf::from);
        let log = follow_files(target, request, file.into_iter().collect());
        output::or_elsewhere(log, || {
            let mut options = settings(&text, "options").into_iter();
            let shares = options.any(|it| it.split(' ').any(|word| word == "shares-console"));
            let shares = shares.then(|| output::elsewhere(target, &description, LogTo::Inherit));
            output::is_passed_on(target).or(shares)
        })
    }

    fn entrances(&self, target: &Target<'_>) -> Vec<PathBuf> {
        vec![boot_folder(target.host)]
    }

    fn note(&self) -> Option<&'static str> {
        Some("under dinit, `enable` starts the service too, and `disable` stops it")
    }
}

/// Ends the service, and returns when nothing of it is left: where its launcher was killed,
/// dinit knows of nothing that it has to end until it has started that again.
fn stop(target: &Target<'_>) -> Vec<Step> {
    let stop = dinitctl(target, "stop").within(target.stop_limit());
    let stop = stop.check(check_unless_not_loaded);
    let mut steps = vec![Step::Run(stop.awaits(format!("`{}` to end", target.name)))];
    steps.extend(launcher::end(target).map(|end| Step::Run(end.check(check))));
    steps
}

/// The description that dinit takes, before it looks where ours is.
pub(super) fn description(target: &Target<'_>) -> Option<PathBuf> {
    let ours = PathBuf::from(target.places.service.as_str());
    let found = FOLDERS
        .iter()
        .map(|folder| Path::new(folder).join(target.name.as_str()));
    found.chain([ours]).find(|path| target.host.exists(path))
}

fn known(target: &Target<'_>) -> Result<PathBuf, ControlError> {
    let ours = || PathBuf::from(target.places.service.as_str());
    description(target).ok_or_else(|| target.unknown("dinit", &[ours()]))
}

/// The entries by which `boot` waits for the service. Of what kind they are does not
/// matter to dinit.
fn entries(target: &Target<'_>) -> Vec<PathBuf> {
    let folders = boot_folders(target.host);
    let entries = folders
        .iter()
        .map(|folder| folder.join(target.name.as_str()));
    entries
        .filter(|entry| matches!(target.host.root().kind(entry), Ok(Some(_))))
        .collect()
}

/// Whether the service `boot` itself names it, as one that it starts.
fn is_named(target: &Target<'_>) -> bool {
    let host = target.host;
    let mut boots = BOOT_SERVICES.iter();
    let Some((path, text)) = boots.find_map(|path| Some((path, host.text(path)?))) else {
        return false;
    };
    let described = Description::on(host, path, &text);
    let mut properties = described.properties.iter();
    properties.any(|it| {
        let starts = ["depends-on", "depends-ms", "waits-for"].contains(&it.name.as_str());
        starts && it.value.split_whitespace().next() == Some(target.name.as_str())
    })
}

/// Where an administrator's entry goes.
pub(super) fn boot_folder(host: &Host) -> PathBuf {
    let folders = boot_folders(host);
    let own = folders.iter().find(|folder| folder.starts_with("/etc"));
    own.or(folders.first())
        .cloned()
        .unwrap_or_else(|| super::BOOT.into())
}

/// The folders that the service `boot` waits for; a relative one begins where it is.
fn boot_folders(host: &Host) -> Vec<PathBuf> {
    let mut boots = BOOT_SERVICES.iter().map(Path::new);
    let found = boots.find_map(|path| Some((path, host.text(path)?)));
    let Some((path, text)) = found else {
        return vec![super::BOOT.into()];
    };
    let folder = path.parent().unwrap_or(Path::new("/"));
    let values = settings(&text, "waits-for.d").into_iter();
    values.map(|value| folder.join(value)).collect()
}

/// The values of a property in a description itself, without quotes.
fn settings(text: &str, name: &str) -> Vec<String> {
    let described = Description::of("", text, &|_| Ok(None));
    let of_name = described.properties.iter().filter(|it| it.name == name);
    let values = of_name.map(|it| it.value.trim_matches('"').to_owned());
    values.collect()
}

/// For everybody but root, dinitctl asks the user's own dinit if it is not told otherwise.
fn dinitctl(target: &Target<'_>, verb: &str) -> Command {
    Command::new(["dinitctl", "--system", verb, target.name.as_str()]).check(check)
}

fn check(answer: &Answer) -> Result<(), Refusal> {
    match answer.code {
        Some(0) => Ok(()),
        _ => Err(refusal(answer)),
    }
}

/// What was never loaded does not run, and has nothing to be read again.
fn check_unless_not_loaded(answer: &Answer) -> Result<(), Refusal> {
    match is_not_loaded(answer) {
        true => Ok(()),
        false => check(answer),
    }
}

fn is_not_loaded(answer: &Answer) -> bool {
    answer
        .lines()
        .any(|line| line == "dinitctl: service not loaded.")
}

/// Why a command failed. dinitctl exits with 1 whatever it was, so the line that it prints
/// is read: those of 0.22.
fn refusal(answer: &Answer) -> Refusal {
    let said = |line: &str| {
        let text = line.strip_prefix("dinitctl: ")?;
        if text == "failed to find service description." {
            return Some(Refusal::Unknown);
        }
        // With the path of the socket, after a space before 0.18 and after a colon since.
        let why = text.strip_prefix("connecting to socket")?;
        match why.ends_with(": Permission denied") {
            true => Some(Refusal::NoPermission),
            false => Some(Refusal::Unreachable),
        }
    };
    answer.lines().find_map(said).unwrap_or(Refusal::Failed)
}

/// `State: STARTED`, and `Process ID: 42`, which is the launcher's.
fn read_state(answer: &Answer) -> Result<State, Refusal> {
    if is_not_loaded(answer) {
        return Ok(State::Inactive);
    }
    let value = |name: &str| {
        let mut lines = answer.stdout.lines();
        lines.find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(':'))
    };
    let Some(state) = value("State").map(str::trim) else {
        return Err(refusal(answer));
    };
    match state.split(' ').next() {
        Some("STARTED") => Ok(State::Active {
            pid: value("Process ID").and_then(|pid| pid.trim().parse().ok()),
        }),
        Some("STARTING") => Ok(State::Activating),
        Some("STOPPING") => Ok(State::Deactivating),
        // Ended by itself, or could not be started: in brackets dinit says why.
        Some("STOPPED") if state.contains('(') => Ok(State::Failed),
        Some("STOPPED") => Ok(State::Inactive),
        _ => Err(Refusal::Failed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(code: i32, stdout: &str, stderr: &str) -> Result<State, Refusal> {
        read_state(&Answer {
            code: Some(code),
            stdout: stdout.into(),
            stderr: stderr.into(),
        })
    }

    #[test]
    fn what_status_prints_is_a_state() {
        let text =
            "Service: kubelet\n    State: STARTED\n    Activation: start\n    Process ID: 42\n";
        assert_eq!(read(0, text, ""), Ok(State::Active { pid: Some(42) }));
        let state = |state: &str| read(0, &format!("Service: k\n    State: {state}\n"), "");
        assert_eq!(state("STARTING"), Ok(State::Activating));
        assert_eq!(state("STOPPING"), Ok(State::Deactivating));
        assert_eq!(state("STOPPED"), Ok(State::Inactive));
        assert_eq!(
            state("STOPPED (terminated; exited - status 1)"),
            Ok(State::Failed)
        );
        assert_eq!(state("ODD"), Err(Refusal::Failed));
        assert_eq!(
            read(1, "", "dinitctl: service not loaded.\n"),
            Ok(State::Inactive)
        );
        let unreachable =
            "dinitctl: connecting to socket: /run/dinitctl: No such file or directory\n";
        assert_eq!(read(1, "", unreachable), Err(Refusal::Unreachable));
        for denied in [
            "dinitctl: connecting to socket: /run/dinitctl: Permission denied\n",
            "dinitctl: connecting to socket /run/dinitctl: Permission denied\n",
        ] {
            assert_eq!(read(1, "", denied), Err(Refusal::NoPermission));
        }
        let unknown = "dinitctl: failed to find service description.\n\
                       dinitctl: check service description file exists / service name spelling.\n";
        assert_eq!(read(1, "", unknown), Err(Refusal::Unknown));
        // Nobody has seen these.
        for other in [
            "dinitctl: control socket protocol error\n",
            "connecting to socket: Permission denied\n",
            "dinitctl: /srv/service not loaded: Input/output error\n",
        ] {
            assert_eq!(read(1, "", other), Err(Refusal::Failed), "{other}");
        }
    }

    #[test]
    fn settings_are_found_as_dinit_writes_them() {
        let text = "type = internal\nwaits-for.d: boot.d\n# waits-for.d = /x\nwaits-for.d = \"/etc/dinit.d/boot.d\"\n";
        let found = settings(text, "waits-for.d");
        assert_eq!(found, ["boot.d", "/etc/dinit.d/boot.d"]);
        assert_eq!(settings("logfile = /a\n", "logfile"), ["/a"]);
        assert!(settings("logfile-permissions = 640\n", "logfile").is_empty());
    }
}
