//! How sysvinit is driven. An entry of inittab has no command that starts or stops it: it
//! is read or not, and `telinit q` has init look. A script is called by service(8), and
//! update-rc.d(8) enables it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::backends::{launcher, logrotate};
use crate::control::{
    Answer, Change, Command, Control, ControlError, Enabled, LogRequest, Query, Question, Refusal,
    State, Step, Target,
};
use crate::root::Kind;

use super::{ASIDE, DOWN, RUN, UP};

pub(super) struct Tools;

const START: Duration = Duration::from_secs(30);

/// What startpar boots by (insserv(8)): where all three are there, `/etc/init.d/rc` starts
/// what the first lists, and nothing else, whatever links there are.
const DEPENDENCIES: &str = "/etc/init.d/.depend.start";

/// The lists beside it, without which it is not heeded.
const OTHER_LISTS: [&str; 2] = ["/etc/init.d/.depend.boot", "/etc/init.d/.depend.stop"];

/// How a service is kept.
enum Kept {
    /// As an entry of inittab that is read, or that stands aside.
    Entry { read: bool },
    /// As an init script.
    Script,
}

impl Control for Tools {
    fn state(&self, target: &Target<'_>) -> Result<Question<State>, ControlError> {
        Ok(match kept(target) {
            None => Question::Known(State::Unknown),
            Some(Kept::Entry { .. }) => state_by_processes(target),
            Some(Kept::Script) => Question::Ask(Query {
                command: service(target, "status"),
                read: read_state,
            }),
        })
    }

    fn change(&self, target: &Target<'_>, change: Change) -> Result<Vec<Step>, ControlError> {
        let read = match known(target)? {
            Kept::Script => return Ok(change_script(target, change)),
            Kept::Entry { read } => read,
        };
        Ok(match change {
            Change::Start if read => vec![look()],
            Change::Start => vec![aside_to_entry(target), look()],
            Change::Stop if read => stop_entry(target),
            Change::Stop => vec![end(target)],
            Change::Restart => {
                let mut steps = if read {
                    stop_entry(target)
                } else {
                    vec![end(target)]
                };
                steps.extend([aside_to_entry(target), look()]);
                steps
            }
            Change::Reload => launcher::reload_steps(target)?,
            Change::Reread => vec![look()],
        })
    }

    fn enabled(&self, target: &Target<'_>) -> Result<Question<Enabled>, ControlError> {
        Ok(Question::Known(match kept(target) {
            None => Enabled::Unknown,
            Some(Kept::Entry { read: true }) => Enabled::Yes,
            Some(Kept::Script) if is_started(target) && is_listed(target) => Enabled::Yes,
            Some(_) => Enabled::No,
        }))
    }

    fn set_enabled(&self, target: &Target<'_>, enabled: bool) -> Result<Vec<Step>, ControlError> {
        let live = target.host.is_machine();
        Ok(match (known(target)?, enabled) {
            (Kept::Entry { read: true }, true) | (Kept::Entry { read: false }, false) => Vec::new(),
            (Kept::Entry { read: false }, true) if live => vec![aside_to_entry(target), look()],
            (Kept::Entry { read: false }, true) => vec![aside_to_entry(target)],
            (Kept::Entry { read: true }, false) if live => stop_entry(target),
            (Kept::Entry { read: true }, false) => vec![entry_to_aside(target)],
            (Kept::Script, true) if live => {
                vec![update(target, "defaults"), update(target, "enable")]
            }
            (Kept::Script, false) if live => vec![update(target, "disable")],
            (Kept::Script, true) => enable_script(target),
            (Kept::Script, false) => links(target, &UP, 'S')
                .into_iter()
                .map(Step::Remove)
                .collect(),
        })
    }

    fn log(&self, target: &Target<'_>, request: LogRequest) -> Result<Command, ControlError> {
        known(target)?;
        let script = match kept(target) {
            Some(Kept::Script) => script(target),
            _ => PathBuf::from(format!("{}{RUN}", launcher(target).display())),
        };
        logrotate::follow(target, request, &script)
    }

    fn note(&self) -> Option<&'static str> {
        Some(
            "an entry of inittab is enabled as long as it is not stopped: `stop` also keeps it from the next boot",
        )
    }
}

fn kept(target: &Target<'_>) -> Option<Kept> {
    let host = target.host;
    if host.exists(entry(target)) {
        Some(Kept::Entry { read: true })
    } else if host.exists(aside(target)) {
        Some(Kept::Entry { read: false })
    } else {
        host.exists(script(target)).then_some(Kept::Script)
    }
}

fn known(target: &Target<'_>) -> Result<Kept, ControlError> {
    kept(target).ok_or_else(|| target.unknown("sysvinit", &[entry(target), script(target)]))
}

/// The files that can keep a service, those that init reads first.
pub(super) fn files(target: &Target<'_>) -> [PathBuf; 3] {
    [entry(target), script(target), aside(target)]
}

/// The entry: where it was installed, or in the folder that init reads.
fn entry(target: &Target<'_>) -> PathBuf {
    let placed = Path::new(target.places.service.as_str());
    match placed.extension().is_some_and(|end| end == "tab") {
        true => placed.into(),
        false => Path::new("/etc/inittab.d").join(format!("{}.tab", target.name)),
    }
}

fn aside(target: &Target<'_>) -> PathBuf {
    let mut path = entry(target).into_os_string();
    path.push(ASIDE);
    path.into()
}

fn script(target: &Target<'_>) -> PathBuf {
    let placed = Path::new(target.places.service.as_str());
    match placed.extension().is_some_and(|end| end == "tab") {
        true => Path::new("/etc/init.d").join(target.name.as_str()),
        false => placed.into(),
    }
}

fn launcher(target: &Target<'_>) -> PathBuf {
    Path::new(target.places.libexec_folder.as_str()).join(target.name.as_str())
}

fn aside_to_entry(target: &Target<'_>) -> Step {
    Step::Rename {
        from: aside(target),
        to: entry(target),
    }
}

fn entry_to_aside(target: &Target<'_>) -> Step {
    Step::Rename {
        from: entry(target),
        to: aside(target),
    }
}

/// Has init read its entries: it starts those that are new, and sends TERM to those that
/// are gone. It returns at once.
fn look() -> Step {
    Step::Run(Command::new(["telinit", "q"]).check(check))
}

/// Ends the service and returns when nothing of it is left. init takes its time to read,
/// and starts a launcher again that has ended before it did.
fn stop_entry(target: &Target<'_>) -> Vec<Step> {
    vec![entry_to_aside(target), look(), gone(target), end(target)]
}

/// Waits until the launcher has gone, on which init sends TERM and nothing else. What init
/// starts before it looks sees that the entry is aside, and ends by itself.
fn gone(target: &Target<'_>) -> Step {
    Step::Until {
        command: launchers(target, "(.run| supervise)").check(check),
        succeeds: false,
        within: target.stop_limit(),
        what: format!("the launcher of `{}` to end", target.name),
    }
}

/// Lists the processes of the launcher whose command line ends so (an extended expression).
fn launchers(target: &Target<'_>, end: &str) -> Command {
    let launcher = launcher(target).display().to_string();
    let pattern: String = launcher
        .chars()
        .map(|c| match c.is_ascii_alphanumeric() || "/-_".contains(c) {
            true => c.to_string(),
            // Any one character, as the pattern has it.
            false => ".".into(),
        })
        .collect();
    Command::new(["pgrep", "-f", &format!("{pattern}{end}$")])
}

fn end(target: &Target<'_>) -> Step {
    let words = [launcher(target).display().to_string(), "end".into()];
    let command = Command::new(words).within(target.stop_limit()).check(check);
    Step::Run(command.awaits(format!("`{}` to end", target.name)))
}

/// The launcher is there in the restart delay too.
fn state_by_processes(target: &Target<'_>) -> Question<State> {
    Question::Ask(Query {
        command: launchers(target, " supervise"),
        read: |answer| {
            let pid = answer.stdout.lines().next().map(str::parse);
            match (answer.code, pid) {
                (Some(0), Some(pid)) => Ok(State::Active { pid: pid.ok() }),
                (Some(1), _) => Ok(State::Inactive),
                _ => Err(refusal(answer)),
            }
        },
    })
}

fn change_script(target: &Target<'_>, change: Change) -> Vec<Step> {
    let wait = |verb: &str, within, what: &str| {
        let command = service(target, verb).within(within);
        Step::Run(command.awaits(format!("`{}` to {what}", target.name)))
    };
    let stop_limit = target.stop_limit();
    match change {
        Change::Start => vec![wait("start", START, "start")],
        Change::Stop => vec![wait("stop", stop_limit, "end")],
        Change::Restart => vec![wait("restart", stop_limit + START, "end and start again")],
        Change::Reload => vec![wait("reload", stop_limit, "reload")],
        // The script is read at each call.
        Change::Reread => Vec::new(),
    }
}

fn service(target: &Target<'_>, verb: &str) -> Command {
    Command::new(["service", target.name.as_str(), verb]).check(check)
}

fn update(target: &Target<'_>, verb: &str) -> Step {
    Step::Run(Command::new(["update-rc.d", target.name.as_str(), verb]).check(check))
}

/// The links of a script in a tree that does not run, and away with what boots without
/// them: insserv writes its lists anew with the next change of any script, and until then
/// the links are started in the order of their numbers.
fn enable_script(target: &Target<'_>) -> Vec<Step> {
    let there = |levels: &[&str], kind| !links(target, levels, kind).is_empty();
    let link = |level: &&str, start: &str| Step::Link {
        path: format!("/etc/rc{level}.d/{start}{}", target.name).into(),
        target: Path::new("../init.d").join(target.name.as_str()),
    };
    let mut steps = Vec::new();
    if !there(&UP, 'S') {
        steps.extend(UP.iter().map(|level| link(level, "S99")));
    }
    if !there(&DOWN, 'K') {
        steps.extend(DOWN.iter().map(|level| link(level, "K01")));
    }
    let listed = target.host.text(DEPENDENCIES);
    if listed.is_some_and(|text| !lists(target, &text)) {
        steps.push(Step::Remove(DEPENDENCIES.into()));
    }
    steps
}

fn lists(target: &Target<'_>, text: &str) -> bool {
    let mut words = text.split_whitespace();
    words.any(|word| word == target.name.as_str())
}

/// Whether what a boot goes by has the script, beside the links.
fn is_listed(target: &Target<'_>) -> bool {
    let list = |path: &str| target.host.text(path).filter(|text| !text.is_empty());
    let are_heeded = OTHER_LISTS.iter().all(|path| list(path).is_some());
    list(DEPENDENCIES).is_none_or(|text| !are_heeded || lists(target, &text))
}

/// All links by which runlevels start or stop the script.
pub(super) fn links_of(target: &Target<'_>) -> Vec<PathBuf> {
    let levels = [&UP[..], &DOWN[..], &["S"]].concat();
    [links(target, &levels, 'S'), links(target, &levels, 'K')].concat()
}

/// Whether a runlevel starts the script.
pub(super) fn is_started(target: &Target<'_>) -> bool {
    !links(target, &UP, 'S').is_empty()
}

/// The links by which runlevels start (`S`) or stop (`K`) a script.
fn links(target: &Target<'_>, levels: &[&str], kind: char) -> Vec<PathBuf> {
    let is_ours = |name: &String| {
        let rest = name.strip_prefix(kind);
        let number = rest.and_then(|rest| rest.strip_suffix(target.name.as_str()));
        number
            .is_some_and(|number| number.len() == 2 && number.bytes().all(|it| it.is_ascii_digit()))
    };
    let in_level = |level: &&str| {
        let folder = PathBuf::from(format!("/etc/rc{level}.d"));
        let names = target.host.list(&folder).into_iter().filter(is_ours);
        names.map(|name| folder.join(name)).collect::<Vec<_>>()
    };
    let links = levels.iter().flat_map(in_level);
    let is_link = |path: &PathBuf| target.host.root().kind(path).ok().flatten() == Some(Kind::Link);
    links.filter(is_link).collect()
}

fn check(answer: &Answer) -> Result<(), Refusal> {
    match answer.code {
        Some(0) => Ok(()),
        _ => Err(refusal(answer)),
    }
}

/// Why a command failed. telinit(8), service(8) and update-rc.d(8) exit with 1 whatever it
/// was, so the line that they print is read: those of sysvinit 3.06 and of Debian 12.
fn refusal(answer: &Answer) -> Refusal {
    let said = |line: &str| {
        let ends = |end: &str| line.ends_with(end);
        if ends(": unrecognized service") {
            return Some(Refusal::Unknown);
        }
        if line == "telinit: must be superuser." || ends("ermission denied") {
            return Some(Refusal::NoPermission);
        }
        let text = line.strip_prefix("telinit: ")?;
        let begins = |begin: &str| text.starts_with(begin);
        let unreachable = begins("/run/initctl: ")
            || begins("/dev/initctl: ")
            || begins("timeout opening/writing control channel ");
        unreachable.then_some(Refusal::Unreachable)
    };
    answer.lines().find_map(said).unwrap_or(Refusal::Failed)
}

/// By exit code, as the LSB has it ("Init Script Actions").
fn read_state(answer: &Answer) -> Result<State, Refusal> {
    match answer.code {
        Some(0) => Ok(State::Active { pid: None }),
        // Dead, and its pid file is there.
        Some(1 | 2) if refusal(answer) == Refusal::Failed => Ok(State::Failed),
        Some(3) => Ok(State::Inactive),
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
    fn a_failure_is_told_by_its_line() {
        let lines = [
            ("k: unrecognized service", Refusal::Unknown),
            ("telinit: must be superuser.", Refusal::NoPermission),
            (
                "telinit: /run/initctl: Permission denied",
                Refusal::NoPermission,
            ),
            (
                "telinit: /run/initctl: No such file or directory",
                Refusal::Unreachable,
            ),
            (
                "telinit: timeout opening/writing control channel /run/initctl",
                Refusal::Unreachable,
            ),
            // Nobody has seen these.
            (
                "k: the unrecognized service of /run/initctl",
                Refusal::Failed,
            ),
            ("/run/initctl: No such file or directory", Refusal::Failed),
        ];
        for (line, expected) in lines {
            let answer = Answer::complaint(1, line);
            assert_eq!(check(&answer), Err(expected), "{line}");
        }
    }

    #[test]
    fn the_exit_code_of_a_script_is_a_state() {
        let read = |code, stderr: &str| {
            read_state(&Answer {
                code: Some(code),
                stdout: String::new(),
                stderr: stderr.into(),
            })
        };
        assert_eq!(read(0, ""), Ok(State::Active { pid: None }));
        assert_eq!(read(1, ""), Ok(State::Failed));
        assert_eq!(read(2, ""), Ok(State::Failed));
        assert_eq!(read(3, ""), Ok(State::Inactive));
        assert_eq!(read(4, ""), Err(Refusal::Failed));
        assert_eq!(read(1, "k: unrecognized service\n"), Ok(State::Unknown));
        assert_eq!(
            read(1, "cat: /run/k.pid: Permission denied\n"),
            Err(Refusal::NoPermission)
        );
    }
}
