//! The questions that backends ask of a host, each with its weight, so that the
//! same sight weighs the same for every init.

use std::path::{Path, PathBuf};

use super::{Level, Seen, Sign};
use crate::host::{Host, Listening, OsRelease, Process};
use crate::rendering::launcher::is_launcher;

/// The signs that one backend gathers.
pub struct Signs<'a> {
    host: &'a Host,
    init: &'static str,
    pub(super) list: Vec<Sign>,
}

const FIRST: u8 = 100;
const LIVE: u8 = 95;
const BELOW_FIRST: u8 = 90;
const ELSEWHERE: u8 = 80;
const SOCKET: u8 = 75;
const BOOTS: u8 = 60;
const INITTAB: u8 = 55;
const IMAGE: u8 = 50;
const FOREGROUND: u8 = 45;
const INSTALLED: u8 = 10;
const USUAL: u8 = 5;
/// Configured, but something else runs: the tree is a container's, and was not booted.
const NOT_BOOTED: u8 = 9;
const LEFT_OVER: u8 = 1;

/// What sysvinit and busybox's init read.
const INITTAB_FILE: &str = "/etc/inittab";

/// What the kernel starts, in its order (`kernel_init`, `init/main.c`), the shell apart.
const INITS: [&str; 3] = ["/sbin/init", "/etc/init", "/bin/init"];

impl<'a> Signs<'a> {
    pub(super) fn new(host: &'a Host, init: &'static str) -> Self {
        Self {
            host,
            init,
            list: Vec::new(),
        }
    }

    /// What is looked at.
    pub fn host(&self) -> &'a Host {
        self.host
    }

    /// Adds what would start the init if the machine had booted with it: a sign of this
    /// weight, or next to nothing where something else runs.
    pub fn add_configured(
        &mut self,
        weight: u8,
        seen: impl Into<Seen>,
        place: impl AsRef<Path>,
        reason: &str,
    ) {
        match self.other_first() {
            None => self.add(weight, seen, place, reason),
            Some(first) => self.add(
                NOT_BOOTED,
                seen,
                place,
                format!("{reason}, but PID 1 is `{first}`"),
            ),
        }
    }

    /// PID 1, where it is seen and is not what the kernel starts in this tree.
    fn other_first(&self) -> Option<String> {
        let first = self.host.first_process()?;
        let boots = INITS.iter().filter_map(|path| self.host.follow(path));
        let names: Vec<PathBuf> = boots.chain(INITS.map(PathBuf::from)).collect();
        let is_boots = names
            .iter()
            .filter_map(|path| path.file_name()?.to_str())
            .any(|name| first.is(name));
        (!is_boots).then(|| first.command_line())
    }

    /// Adds a sign of a weight that no other question has.
    pub fn add(
        &mut self,
        weight: u8,
        seen: impl Into<Seen>,
        place: impl AsRef<Path>,
        reason: impl Into<String>,
    ) {
        self.list.push(Sign {
            init: self.init,
            weight,
            level: Level::of(weight),
            seen: seen.into(),
            place: place.as_ref().display().to_string(),
            reason: reason.into(),
        });
    }

    /// PID 1 is one of these programs.
    pub fn first_process(&mut self, programs: &[&str]) {
        if let Some(process) = self.host.first_process()
            && is_one_of(process, programs)
        {
            self.add_first(process);
        }
    }

    fn add_first(&mut self, process: &Process) {
        self.add(
            FIRST,
            format!("PID 1 is `{}`", process.command_line()),
            "/proc/1",
            "PID 1 is the init",
        );
    }

    /// One of these programs runs, as PID 1 or below it. The nearest to PID 1 counts.
    pub fn process(&mut self, programs: &[&str]) {
        let found = self
            .host
            .processes()
            .iter()
            .filter(|process| is_one_of(process, programs))
            .min_by_key(|process| (distance(process), process.pid));
        let Some(process) = found else { return };
        let (weight, reason) = match distance(process) {
            0 => return self.add_first(process),
            1 => (BELOW_FIRST, self.below_first()),
            _ => (ELSEWHERE, "it runs, though not directly below PID 1".into()),
        };
        let seen = format!("process {} is `{}`", process.pid, process.command_line());
        self.add(weight, seen, format!("/proc/{}", process.pid), reason);
    }

    fn below_first(&self) -> String {
        let first = self.host.first_process().map(Process::command_line);
        format!("PID 1, `{}`, started it", first.unwrap_or_default())
    }

    /// Something that is there as long as the init runs.
    pub fn live(&mut self, path: &str, reason: &str) {
        if self.host.exists(path) {
            self.add(LIVE, format!("`{path}` is there"), path, reason);
        }
    }

    /// The socket that the init listens at.
    pub fn socket(&mut self, path: &Path) {
        let seen = format!("the socket `{}`", path.display());
        let left_over = "nothing listens at it: it was left behind";
        match self.host.listening(path) {
            None => {}
            Some(Listening::Yes) => self.add(SOCKET, seen, path, "something listens at it"),
            Some(Listening::No) => self.add(LEFT_OVER, seen, path, left_over),
            Some(Listening::Unknown) => match self.host.first_process() {
                Some(_) => self.add(SOCKET, seen, path, "it is there, and processes run"),
                None => self.add(
                    LEFT_OVER,
                    seen,
                    path,
                    "a socket in a tree that does not run",
                ),
            },
        }
    }

    /// What the kernel starts is one of these programs, or a script that calls one.
    pub fn boots(&mut self, programs: &[&str]) {
        let found = INITS.iter().find_map(|path| {
            let end = self.host.follow(path)?;
            self.host.kind(&end).map(|_| (*path, end))
        });
        let Some((path, end)) = found else { return };
        if names_one_of(&end, programs) {
            let seen = match end == Path::new(path) {
                true => format!("`{path}` is its program"),
                false => format!("`{path}` leads to `{}`", end.display()),
            };
            self.add_configured(BOOTS, seen, path, "it is what the kernel starts");
        } else if let Some(program) = self.script_calls(&end, programs) {
            let seen = format!("`{path}` is a script that calls `{program}`");
            self.add_configured(BOOTS, seen, path, "it is what the kernel starts");
        }
    }

    /// A line of `inittab(5)` starts one of these programs, which is there, itself or
    /// through a script. sysvinit and busybox read it.
    pub fn inittab(&mut self, programs: &[&str]) {
        let Some(text) = self.host.text(INITTAB_FILE) else {
            return;
        };
        let found = text.lines().enumerate().find_map(|(at, line)| {
            let process = inittab_process(line)?;
            let program = self.started_by(process, programs)?;
            Some((at + 1, process.to_owned(), program))
        });
        if let Some((line, process, program)) = found
            && self.host.program(program).is_some()
        {
            let does = format!("starts `{process}`");
            let seen = Seen::Line { line, does };
            self.add_configured(
                INITTAB,
                seen,
                INITTAB_FILE,
                "the init reads it when it boots",
            );
        }
    }

    /// A line of `inittab(5)` starts one of these scripts, which is there.
    pub fn inittab_script(&mut self, weight: u8, scripts: &[&str]) {
        let text = self.host.text(INITTAB_FILE).unwrap_or_default();
        let found = text.lines().enumerate().find_map(|(at, line)| {
            let process = inittab_process(line)?;
            let script = process.split_whitespace().next()?;
            let there = scripts.contains(&script) && self.host.exists(script);
            there.then(|| Seen::Line {
                line: at + 1,
                does: format!("starts `{process}`"),
            })
        });
        if let Some(seen) = found {
            self.add_configured(
                weight,
                seen,
                INITTAB_FILE,
                "the init reads it when it boots",
            );
        }
    }

    fn started_by<'p>(&self, process: &str, programs: &[&'p str]) -> Option<&'p str> {
        let mut words = process.split_whitespace();
        words
            .clone()
            .find_map(|word| named(Path::new(word), programs))
            .or_else(|| self.script_calls(Path::new(words.next()?), programs))
    }

    fn script_calls<'p>(&self, path: &Path, programs: &[&'p str]) -> Option<&'p str> {
        let text = self.host.text(path);
        let text = text.filter(|text| text.starts_with("#!") && !is_launcher(text))?;
        text.lines()
            .filter(|line| !line.trim_start().starts_with('#') || line.starts_with("#!"))
            .flat_map(|line| line.split(|c: char| c.is_whitespace() || ";&|\"'()".contains(c)))
            .find_map(|word| named(Path::new(word), programs))
    }

    /// The entry point of a container image.
    pub fn image(&mut self, path: &str, seen: &str, reason: &str) {
        self.add_configured(IMAGE, seen, path, reason);
    }

    /// A configuration with which it stays in the foreground.
    pub fn foreground(&mut self, path: &Path, seen: &str, reason: &str) {
        self.add_configured(FOREGROUND, seen, path, reason);
    }

    /// The distribution usually boots with it.
    pub fn usual(&mut self, distros: &[&str]) {
        let os = OsRelease::of(self.host);
        if let Some(id) = os.id.as_ref().filter(|id| distros.contains(&id.as_str())) {
            let title = os.title.as_ref().unwrap_or(id);
            self.add(
                USUAL,
                format!("this is {title}"),
                "/etc/os-release",
                "it usually boots with it, which alone decides nothing",
            );
        }
    }

    /// One of these programs is installed: a name to be found in `PATH`, or a path.
    pub fn installed(&mut self, programs: &[&str]) {
        let found = programs.iter().find_map(|program| match *program {
            path if path.starts_with('/') => self.host.kind(path).map(|_| PathBuf::from(path)),
            name => self.host.program(name),
        });
        if let Some(path) = found {
            let seen = format!("`{}` is there", path.display());
            self.add(INSTALLED, seen, path, "it is installed");
        }
    }
}

fn is_one_of(process: &Process, programs: &[&str]) -> bool {
    programs.iter().any(|program| process.is(program))
}

/// 0 for PID 1, 1 for what it started, 2 for all others.
fn distance(process: &Process) -> u8 {
    match (process.pid, process.parent) {
        (1, _) => 0,
        (_, Some(1)) => 1,
        _ => 2,
    }
}

/// The program that the last name of a path is.
fn named<'p>(path: &Path, programs: &[&'p str]) -> Option<&'p str> {
    let name = path.file_name()?.to_str()?;
    programs.iter().copied().find(|program| *program == name)
}

/// Whether any name in a path is that of a program: `/etc/s6-linux-init/current/bin/init`.
fn names_one_of(path: &Path, programs: &[&str]) -> bool {
    path.iter()
        .filter_map(|name| name.to_str())
        .any(|name| programs.contains(&name))
}

/// The process of a line `id:runlevels:action:process` that starts something.
fn inittab_process(line: &str) -> Option<&str> {
    let line = line.trim();
    if line.starts_with('#') {
        return None;
    }
    let mut fields = line.splitn(4, ':');
    let action = fields.nth(2)?;
    let process = fields.next()?.trim();
    (action != "off").then(|| process.trim_start_matches(['+', '-']))
}
