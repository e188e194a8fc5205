//! How systemd is driven: systemctl(1) and journalctl(1).

use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::time::ClockId;

use crate::control::{
    Answer, Change, Command, Control, ControlError, Enabled, Ended, How, LogRequest, Query,
    Question, Refusal, State, Step, Target,
};
use crate::service::Span;
use crate::unit::FindError;

use super::find::find;
use super::started::{Started, is_started};

pub(super) struct Tools;

/// Where the administrator's own units and links are (systemd.unit(5)).
const ETC: &str = "/etc/systemd/system";
const START: Duration = Duration::from_secs(100);

impl Control for Tools {
    fn state(&self, target: &Target<'_>) -> Result<Question<State>, ControlError> {
        Ok(Question::Ask(Query {
            command: show(target, "LoadState,ActiveState,SubState,Result,MainPID"),
            read: read_state,
        }))
    }

    fn ended(&self, target: &Target<'_>) -> Result<Question<Option<Ended>>, ControlError> {
        let properties = "ActiveState,SubState,NRestarts,RestartUSec,ExecMainCode,ExecMainStatus,ExecMainExitTimestampMonotonic";
        Ok(Question::Ask(Query {
            command: show(target, properties),
            read: |answer| Ok(read_ended(&shown(answer)?, monotonic())),
        }))
    }

    fn change(&self, target: &Target<'_>, change: Change) -> Result<Vec<Step>, ControlError> {
        let reread = Step::Run(Command::new(["systemctl", "daemon-reload"]).check(check));
        let stop_limit = target.stop_limit();
        let wait = |verb: &str, within: Duration, what: &str| {
            let command = systemctl(target, verb).within(within);
            Step::Run(command.awaits(format!("`{}` to {what}", target.name)))
        };
        Ok(match change {
            Change::Start => vec![reread, wait("start", START, "start")],
            Change::Stop => vec![wait("stop", stop_limit, "end")],
            Change::Restart => {
                let restart = wait("restart", stop_limit + START, "end and start again");
                vec![reread, restart]
            }
            Change::Reload => vec![wait("reload", stop_limit, "reload")],
            Change::Reread => vec![reread],
        })
    }

    fn enabled(&self, target: &Target<'_>) -> Result<Question<Enabled>, ControlError> {
        if target.host.is_machine() {
            return Ok(Question::Ask(Query {
                command: show(target, "LoadState,UnitFileState"),
                read: match is_started(target.host, target.name) {
                    Started::No => read_enabled_in_vain,
                    Started::Yes | Started::With(_) => read_enabled,
                },
            }));
        }
        if unit_file(target).is_none() {
            return Ok(Question::Known(Enabled::Unknown));
        }
        if mask(target).is_some() {
            return Ok(Question::Known(Enabled::No));
        }
        match is_started(target.host, target.name) {
            Started::Yes => Ok(Question::Known(Enabled::Yes)),
            Started::No => Ok(Question::Known(Enabled::No)),
            Started::With(by) => Err(ControlError::Untold {
                question: format!("whether `{}` starts with the machine", target.name),
                why: Started::untold(&by),
                commands: Vec::new(),
            }),
        }
    }

    fn set_enabled(&self, target: &Target<'_>, enabled: bool) -> Result<Vec<Step>, ControlError> {
        if target.host.is_machine() {
            let verb = if enabled { "enable" } else { "disable" };
            return Ok(vec![Step::Run(systemctl(target, verb))]);
        }
        let (path, text) = unit_file(target)
            .ok_or_else(|| target.unknown("systemd", &folders(target, &unit(target))))?;
        if enabled && let Some(path) = mask(target) {
            let name = target.name.clone();
            return Err(ControlError::Masked { name, path });
        }
        let links = links(target, &text);
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

    // The folders of links in which targets have what they start (`systemd.unit(5)`).
    fn entrances(&self, target: &Target<'_>) -> Vec<PathBuf> {
        let own = Path::new("/etc/systemd/system");
        let names = target.host.list(own).into_iter();
        names
            .map(|name| own.join(name))
            .filter(|folder| {
                let end = folder.extension().and_then(|end| end.to_str());
                matches!(end, Some("wants" | "requires"))
            })
            .collect()
    }

    // What the service's own processes printed, by the field that the journal itself adds
    // (`systemd.journal-fields(7)`). `--unit` has what systemd says of the unit as well,
    // which is more with each version.
    fn log(&self, target: &Target<'_>, request: LogRequest) -> Result<Command, ControlError> {
        let mut argv = vec!["journalctl".to_owned(), "--no-pager".into()];
        argv.extend(["--lines".into(), request.lines.to_string()]);
        argv.extend(request.follow.then(|| "--follow".into()));
        argv.push(format!("_SYSTEMD_UNIT={}", unit(target)));
        Ok(Command::new(argv))
    }
}

fn unit(target: &Target<'_>) -> String {
    format!("{}.service", target.name)
}

/// `is-enabled` and `is-active` tell a unit that is not there and a manager that is
/// not there apart by their texts alone, and by other texts in each version.
fn show(target: &Target<'_>, properties: &str) -> Command {
    let unit = unit(target);
    Command::new(["systemctl", "show", "--property", properties, &unit])
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

/// Why a change failed. The exit codes are those of `systemctl` for changes
/// (`translate_bus_error_to_exit_status`, 252 to 262); without one of its own, a
/// failure is told by the line that it prints.
fn refusal(answer: &Answer) -> Refusal {
    match answer.code {
        Some(4) if !answer.says("Operation refused") => Refusal::NoPermission,
        Some(5) => Refusal::Unknown,
        _ => answer.lines().find_map(said).unwrap_or(Refusal::Failed),
    }
}

/// What a line of systemctl means, 252 to 262. None for all others: what is not known
/// is not taken for anything.
fn said(line: &str) -> Option<Refusal> {
    let line = line.trim_end_matches('.');
    let denied = ["Permission denied", "Operation not permitted"];
    // 252: `Failed to connect to bus: …`; 256 and newer: `Failed to connect to system
    // scope bus via local transport: …`.
    let unreachable = line.starts_with("Failed to connect to ") && line.contains(" bus")
        || line.starts_with("System has not been booted with systemd");
    let ends = |ends: &[&str]| ends.iter().any(|end| line.ends_with(end));
    if unreachable {
        return Some(match ends(&denied) {
            true => Refusal::NoPermission,
            false => Refusal::Unreachable,
        });
    }
    let refused = ["Access denied", "Interactive authentication required"];
    // The latter of `daemon-reload`.
    let failed = line.starts_with("Failed to ") || line.starts_with("Reload daemon failed: ");
    if failed && (ends(&denied) || ends(&refused)) {
        return Some(Refusal::NoPermission);
    }
    // `enable` and `disable` exit with 1. 252: `Failed to enable unit, unit … does not
    // exist` or `Failed to enable unit: Unit file … does not exist`; the latter, or
    // without `file`, in newer ones.
    let enabling = ["Failed to enable unit", "Failed to disable unit"];
    let about = enabling.iter().any(|begin| line.starts_with(begin));
    (about && line.ends_with(".service does not exist")).then_some(Refusal::Unknown)
}

/// The properties that `systemctl show` prints. It exits with 0 for a unit that is not
/// there as well, and says so in `LoadState`: a failure is never that.
fn shown(answer: &Answer) -> Result<Shown<'_>, Refusal> {
    if answer.code == Some(0) {
        return Ok(Shown(&answer.stdout));
    }
    let told = answer.lines().find_map(said);
    Err(match told {
        Some(Refusal::Unknown) | None => Refusal::Failed,
        Some(refusal) => refusal,
    })
}

/// What `systemctl show` printed: lines of `NAME=VALUE`.
struct Shown<'a>(&'a str);

impl Shown<'_> {
    fn value(&self, name: &str) -> Option<&str> {
        let mut lines = self.0.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
    }
}

fn read_state(answer: &Answer) -> Result<State, Refusal> {
    let shown = shown(answer)?;
    if shown.value("LoadState") == Some("not-found") {
        return Ok(State::Unknown);
    }
    Ok(match shown.value("ActiveState") {
        Some("active" | "reloading" | "refreshing") => State::Active {
            pid: shown
                .value("MainPID")
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

/// How it ended last. systemd counts the starts that it made of itself since the last that
/// somebody asked for (`NRestarts=`), and forgets how the service ended once it runs again.
fn read_ended(shown: &Shown<'_>, now: Duration) -> Option<Ended> {
    let number = |name| shown.value(name)?.parse::<u64>().ok();
    let restarts = number("NRestarts").unwrap_or(0);
    let waits = shown.value("SubState") == Some("auto-restart");
    let failed = shown.value("ActiveState") == Some("failed");
    let count = restarts + u64::from(waits || failed);
    let up = ["active", "reloading"]
        .map(Some)
        .contains(&shown.value("ActiveState"));
    if count == 0 || !(waits || failed || up) {
        return None;
    }
    let ago = number("ExecMainExitTimestampMonotonic").filter(|&at| at > 0);
    let ago = ago.map(|at| now.saturating_sub(Duration::from_micros(at)));
    let status = number("ExecMainStatus").and_then(|status| u32::try_from(status).ok());
    let delay = shown
        .value("RestartUSec")
        .and_then(|it| it.parse::<Span>().ok());
    let rest = delay.and_then(|delay| Some(delay.duration().saturating_sub(ago?)));
    Some(Ended {
        // CLD_EXITED, CLD_KILLED, CLD_DUMPED (waitid(2)).
        how: match number("ExecMainCode") {
            Some(1) => status.map(How::Code),
            Some(2 | 3) => status.map(How::Signal),
            _ => None,
        },
        ago,
        count,
        since: None,
        next: rest.filter(|_| waits),
        pid: None,
    })
}

/// The clock of `…TimestampMonotonic=`.
fn monotonic() -> Duration {
    ClockId::CLOCK_MONOTONIC
        .now()
        .map_or(Duration::ZERO, Duration::from)
}

/// The words with which `systemctl is-enabled` exits with 0 (systemctl(1)): it starts
/// with the machine, one way or another.
const ENABLED: [&str; 7] = [
    "enabled",
    "enabled-runtime",
    "alias",
    "static",
    "indirect",
    "generated",
    "transient",
];

fn read_enabled(answer: &Answer) -> Result<Enabled, Refusal> {
    let shown = shown(answer)?;
    match (shown.value("LoadState"), shown.value("UnitFileState")) {
        (Some("not-found"), _) => Ok(Enabled::Unknown),
        (Some(_), Some(word)) if ENABLED.contains(&word) => Ok(Enabled::Yes),
        // One without a file was made by a program, and goes with the machine's end.
        (Some(_), Some(_)) => Ok(Enabled::No),
        _ => Err(Refusal::Failed),
    }
}

/// The same of one to which no boot comes: it may be enabled for a target that is not what
/// `default.target` is, and of others systemd knows what starts them.
fn read_enabled_in_vain(answer: &Answer) -> Result<Enabled, Refusal> {
    let enabled = read_enabled(answer)?;
    Ok(match shown(answer)?.value("UnitFileState") {
        Some("enabled" | "enabled-runtime") => Enabled::No,
        _ => enabled,
    })
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

/// The unit's own file, else for an instance that of its template.
fn unit_file(target: &Target<'_>) -> Option<(PathBuf, String)> {
    let unit = unit(target);
    let template = unit
        .split_once('@')
        .map(|(name, _)| format!("{name}@.service"));
    let of_template = template.map(|template| folders(target, &template));
    let mut paths = folders(target, &unit).into_iter();
    let mut others = of_template.into_iter().flatten();
    let read = |path: PathBuf| Some((path.clone(), target.host.text(&path)?));
    paths.find_map(read).or_else(|| others.find_map(read))
}

/// What masks the unit, as a path of the machine.
fn mask(target: &Target<'_>) -> Option<PathBuf> {
    match find(target.host, target.name) {
        Err(FindError::Masked { path }) => Some(path),
        _ => None,
    }
}

/// The links that `systemctl enable` makes: those that `[Install]` names.
fn links(target: &Target<'_>, text: &str) -> Vec<PathBuf> {
    let unit = unit(target);
    let mut links = Vec::new();
    for (key, folder) in [("WantedBy=", "wants"), ("RequiredBy=", "requires")] {
        let named = installs(text, key);
        links.extend(named.map(|by| Path::new(ETC).join(format!("{by}.{folder}")).join(&unit)));
    }
    links.extend(installs(text, "Alias=").map(|alias| Path::new(ETC).join(alias)));
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
    fn an_end_that_nobody_asked_for_is_told() {
        let read = |text: &str| read_ended(&Shown(text), Duration::from_secs(100));
        let waits = "ActiveState=activating\nSubState=auto-restart\nNRestarts=36\nRestartUSec=10s\nExecMainCode=1\nExecMainStatus=1\nExecMainExitTimestampMonotonic=96000000\n";
        let ended = Ended {
            how: Some(How::Code(1)),
            ago: Some(Duration::from_secs(4)),
            count: 37,
            since: None,
            next: Some(Duration::from_secs(6)),
            pid: None,
        };
        assert_eq!(read(waits), Some(ended.clone()));
        let failed = "ActiveState=failed\nSubState=failed\nNRestarts=0\nRestartUSec=1min 30s\nExecMainCode=2\nExecMainStatus=9\nExecMainExitTimestampMonotonic=96000000\n";
        let killed = Ended {
            how: Some(How::Signal(9)),
            count: 1,
            next: None,
            ..ended.clone()
        };
        assert_eq!(read(failed), Some(killed));
        let runs = "ActiveState=active\nSubState=running\nNRestarts=2\nRestartUSec=10s\nExecMainCode=0\nExecMainStatus=0\nExecMainExitTimestampMonotonic=0\n";
        let again = Ended {
            how: None,
            ago: None,
            count: 2,
            next: None,
            ..ended
        };
        assert_eq!(read(runs), Some(again));
        for none in [
            "ActiveState=active\nSubState=running\nNRestarts=0\n",
            "ActiveState=inactive\nSubState=dead\nNRestarts=3\nExecMainCode=1\nExecMainStatus=0\nExecMainExitTimestampMonotonic=96000000\n",
        ] {
            assert_eq!(read(none), None, "{none}");
        }
    }

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

    /// By version, as they were seen.
    #[test]
    fn a_manager_that_does_not_answer_is_not_a_service_that_is_not_there() {
        let failed = Answer::complaint;
        let lines = [
            // 252
            (
                "Failed to connect to bus: No such file or directory",
                Refusal::Unreachable,
            ),
            (
                "Failed to connect to bus: Host is down",
                Refusal::Unreachable,
            ),
            (
                "Failed to connect to bus: Permission denied",
                Refusal::NoPermission,
            ),
            // 257, 262
            (
                "Failed to connect to system scope bus via local transport: No such file or directory",
                Refusal::Unreachable,
            ),
            (
                "Failed to connect to system scope bus via local transport: Operation not permitted",
                Refusal::NoPermission,
            ),
            (
                "Failed to stop k.service: Interactive authentication required.",
                Refusal::NoPermission,
            ),
            (
                "Failed to stop k.service: Access denied",
                Refusal::NoPermission,
            ),
            (
                "Reload daemon failed: Interactive authentication required.",
                Refusal::NoPermission,
            ),
            ("Reload daemon failed: Access denied", Refusal::NoPermission),
            // Nobody has seen these.
            ("No such file or directory", Refusal::Failed),
            (
                "k.service not found, or the bus does not exist",
                Refusal::Failed,
            ),
            (
                "Failed to query the manager: No such file or directory",
                Refusal::Failed,
            ),
        ];
        for (line, refusal) in lines {
            let answer = failed(1, line);
            assert_eq!(read_state(&answer), Err(refusal), "{line}");
            assert_eq!(read_enabled(&answer), Err(refusal), "{line}");
            assert_eq!(check(&answer), Err(refusal), "{line}");
        }
    }

    #[test]
    fn a_change_fails_by_its_exit_code() {
        let change = |code, stderr: &str| {
            check(&Answer {
                code: Some(code),
                stdout: String::new(),
                stderr: stderr.into(),
            })
        };
        assert_eq!(change(0, "Created symlink"), Ok(()));
        assert_eq!(
            change(5, "Failed to start k.service: Unit k.service not found."),
            Err(Refusal::Unknown)
        );
        assert_eq!(
            change(4, "Failed to start k.service: Access denied"),
            Err(Refusal::NoPermission)
        );
        let by_dependency = "Failed to start k.service: Operation refused, unit k.service may be requested by dependency only";
        assert_eq!(change(4, by_dependency), Err(Refusal::Failed));
        for text in [
            "Failed to enable unit, unit k.service does not exist.",
            "Failed to enable unit: Unit file k.service does not exist.",
            "Failed to disable unit: Unit k.service does not exist",
        ] {
            assert_eq!(change(1, text), Err(Refusal::Unknown), "{text}");
        }
    }

    #[test]
    fn what_starts_with_the_machine_is_enabled() {
        let read = |load: &str, file: &str| {
            read_enabled(&Answer {
                code: Some(0),
                stdout: format!("LoadState={load}\nUnitFileState={file}\n"),
                stderr: String::new(),
            })
        };
        assert_eq!(read("loaded", "enabled"), Ok(Enabled::Yes));
        assert_eq!(read("loaded", "static"), Ok(Enabled::Yes));
        assert_eq!(read("loaded", "disabled"), Ok(Enabled::No));
        assert_eq!(read("masked", "masked"), Ok(Enabled::No));
        assert_eq!(read("not-found", ""), Ok(Enabled::Unknown));
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
