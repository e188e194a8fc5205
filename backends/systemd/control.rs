//! How systemd is driven: systemctl(1) and journalctl(1).

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::control::{
    Answer, Change, Command, Control, ControlError, Enabled, LogRequest, Query, Question, Refusal,
    State, Step, Target,
};

pub(super) struct Tools;

/// Where the administrator's own units and links are (systemd.unit(5)).
const ETC: &str = "/etc/systemd/system";
const START: Duration = Duration::from_secs(100);

impl Control for Tools {
    fn state(&self, target: &Target<'_>) -> Result<Question<State>, ControlError> {
        let unit = unit(target);
        let words = [
            "systemctl",
            "show",
            "--property",
            "LoadState,ActiveState,MainPID",
        ];
        Ok(Question::Ask(Query {
            command: Command::new(words.into_iter().chain([unit.as_str()])),
            read: read_state,
        }))
    }

    fn change(&self, target: &Target<'_>, change: Change) -> Result<Vec<Step>, ControlError> {
        let reload = Step::Run(Command::new(["systemctl", "daemon-reload"]).check(check));
        let stop_limit = target.stop_limit();
        let wait = |verb: &str, within: Duration, what: &str| {
            let command = systemctl(target, verb).within(within);
            Step::Run(command.awaits(format!("`{}` to {what}", target.name)))
        };
        Ok(match change {
            Change::Start => vec![reload, wait("start", START, "start")],
            Change::Stop => vec![wait("stop", stop_limit, "end")],
            Change::Restart => {
                let restart = wait("restart", stop_limit + START, "end and start again");
                vec![reload, restart]
            }
            Change::Reload => vec![reload],
        })
    }

    fn enabled(&self, target: &Target<'_>) -> Result<Question<Enabled>, ControlError> {
        if target.host.is_machine() {
            return Ok(Question::Ask(Query {
                command: systemctl(target, "is-enabled"),
                read: read_enabled,
            }));
        }
        let Some((path, _)) = unit_file(target) else {
            return Ok(Question::Known(Enabled::Unknown));
        };
        let linked = links(target, &path)
            .iter()
            .any(|link| target.host.root().kind(link).ok().flatten().is_some());
        Ok(Question::Known(match linked {
            true => Enabled::Yes,
            false => Enabled::No,
        }))
    }

    fn set_enabled(&self, target: &Target<'_>, enabled: bool) -> Result<Vec<Step>, ControlError> {
        if target.host.is_machine() {
            let verb = if enabled { "enable" } else { "disable" };
            return Ok(vec![Step::Run(systemctl(target, verb))]);
        }
        let (path, _) = unit_file(target)
            .ok_or_else(|| target.unknown("systemd", &folders(target, &unit(target))))?;
        let links = links(target, &path);
        Ok(match enabled {
            true => links
                .into_iter()
                .map(|link| Step::Link {
                    path: link,
                    target: path.clone(),
                })
                .collect(),
            false => links.into_iter().map(Step::Remove).collect(),
        })
    }

    fn log(&self, target: &Target<'_>, request: LogRequest) -> Result<Command, ControlError> {
        let mut argv = vec!["journalctl".to_owned(), "--no-pager".into()];
        argv.extend(["--lines".into(), request.lines.to_string()]);
        argv.extend(request.follow.then(|| "--follow".into()));
        argv.extend(["--unit".into(), unit(target)]);
        Ok(Command::new(argv))
    }
}

fn unit(target: &Target<'_>) -> String {
    format!("{}.service", target.name)
}

fn systemctl(target: &Target<'_>, verb: &str) -> Command {
    let unit = unit(target);
    Command::new(["systemctl", "--no-ask-password", verb, &unit]).check(check)
}

fn check(answer: &Answer) -> Result<(), Refusal> {
    match answer.code {
        Some(0) => Ok(()),
        _ => Err(refusal(answer)),
    }
}

/// The messages of systemctl 252.
fn refusal(answer: &Answer) -> Refusal {
    let says = |text| answer.says(text);
    if says("not been booted with systemd") || says("Failed to connect to bus") {
        Refusal::Unreachable
    } else if says("Access denied") || says("Permission denied") || says("authentication required")
    {
        Refusal::NoPermission
    } else if says(" not found")
        || says(" not loaded")
        || says("does not exist")
        || says("No such file or directory")
    {
        Refusal::Unknown
    } else {
        Refusal::Failed
    }
}

fn read_state(answer: &Answer) -> Result<State, Refusal> {
    check(answer)?;
    let value = |name: &str| {
        let mut lines = answer.stdout.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
    };
    if matches!(value("LoadState"), Some("not-found")) {
        return Ok(State::Unknown);
    }
    Ok(match value("ActiveState") {
        Some("active" | "reloading") => State::Active {
            pid: value("MainPID")
                .and_then(|pid| pid.parse().ok())
                .filter(|&pid| pid > 0),
        },
        Some("activating") => State::Activating,
        Some("deactivating") => State::Deactivating,
        Some("failed") => State::Failed,
        Some("inactive" | "maintenance") => State::Inactive,
        _ => return Err(Refusal::Failed),
    })
}

/// The words are those of `systemctl(1)`; those that exit with 0 start with the
/// machine, one way or another.
fn read_enabled(answer: &Answer) -> Result<Enabled, Refusal> {
    match (answer.code, answer.stdout.trim()) {
        (Some(0), _) => Ok(Enabled::Yes),
        (_, "not-found") => Ok(Enabled::Unknown),
        (_, "") => match refusal(answer) {
            Refusal::Unknown => Ok(Enabled::Unknown),
            refusal => Err(refusal),
        },
        _ => Ok(Enabled::No),
    }
}

/// Where a unit can be, the administrator's folder first.
fn folders(target: &Target<'_>, unit: &str) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = Vec::new();
    let places = [ETC, target.places.service.parent()];
    for folder in places
        .into_iter()
        .chain(["/usr/lib/systemd/system", "/lib/systemd/system"])
    {
        let path = Path::new(folder).join(unit);
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    paths
}

fn unit_file(target: &Target<'_>) -> Option<(PathBuf, String)> {
    folders(target, &unit(target))
        .into_iter()
        .find_map(|path| Some((path.clone(), target.host.text(&path)?)))
}

/// The links that `systemctl enable` makes: those that `[Install]` names.
fn links(target: &Target<'_>, path: &Path) -> Vec<PathBuf> {
    let text = target.host.text(path).unwrap_or_default();
    let unit = unit(target);
    let mut links = Vec::new();
    for (key, folder) in [("WantedBy=", "wants"), ("RequiredBy=", "requires")] {
        let named = installs(&text, key);
        links.extend(named.map(|by| Path::new(ETC).join(format!("{by}.{folder}")).join(&unit)));
    }
    links.extend(installs(&text, "Alias=").map(|alias| Path::new(ETC).join(alias)));
    links
}

/// The words of a setting in `[Install]`. A name with a slash would be another folder.
fn installs<'t>(text: &'t str, key: &'static str) -> impl Iterator<Item = &'t str> {
    let mut inside = false;
    text.lines()
        .map(str::trim)
        .filter(move |line| {
            if line.starts_with('[') {
                inside = *line == "[Install]";
            }
            inside
        })
        .filter_map(move |line| line.strip_prefix(key))
        .flat_map(str::split_whitespace)
        .filter(|word| !word.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_systemctl_shows_is_a_state() {
        let read = |text: &str| {
            read_state(&Answer {
                code: Some(0),
                stdout: text.into(),
                stderr: String::new(),
            })
        };
        assert_eq!(
            read("LoadState=loaded\nActiveState=active\nMainPID=42\n"),
            Ok(State::Active { pid: Some(42) })
        );
        assert_eq!(
            read("LoadState=loaded\nActiveState=activating\nMainPID=0\n"),
            Ok(State::Activating)
        );
        assert_eq!(
            read("LoadState=not-found\nActiveState=inactive\nMainPID=0\n"),
            Ok(State::Unknown)
        );
    }

    #[test]
    fn install_names_the_links() {
        let unit = "[Unit]\nWantedBy=no\n[Install]\nWantedBy=multi-user.target x.target\nAlias=../a b.service\n";
        assert_eq!(
            installs(unit, "WantedBy=").collect::<Vec<_>>(),
            ["multi-user.target", "x.target"]
        );
        assert_eq!(installs(unit, "Alias=").collect::<Vec<_>>(), ["b.service"]);
    }
}
