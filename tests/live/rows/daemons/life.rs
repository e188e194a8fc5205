//! A daemon's life from its first start to its last stop.

use std::fmt::Write;
use std::thread;
use std::time::{Duration, Instant};

use kubelet_unit::backends::Launcher;
use nix::sys::signal::Signal;

use super::list::Daemon;
use super::state::{self, State};
use crate::bed::{Bed, Boot, File, Init, PATIENCE, ground};
use crate::error::{Context, Result, fail};
use crate::rows::drive::{ask, json, program};
use crate::service;

/// By what a daemon is described.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// The distribution's own unit.
    Unit,
    /// The spec.
    Spec(Launcher),
}

/// What is to be seen of it.
#[derive(Default)]
pub(crate) struct Life {
    /// A line for each step: how the command ended, whether it answers after it, and with which process.
    pub(super) notes: String,
    /// What its main process is after the first start.
    pub(super) state: State,
    /// What it printed where it did not answer.
    pub(super) log: String,
    /// The property for which the launcher refuses it.
    pub(super) refused: Option<String>,
}

/// A spec in a bed.
const SPEC: &str = "/root/spec.yaml";

pub(super) fn lived(init: &'static dyn Init, daemon: &Daemon, by: By) -> Result<Life> {
    let mut life = Life::default();
    let bed = boot(init, daemon, by)?;
    if let By::Spec(launcher) = by {
        life.refused = installed(&bed, daemon, launcher)?;
        if life.refused.is_some() {
            return Ok(life);
        }
    }
    Watch {
        bed,
        daemon,
        by,
        main: None,
        life,
    }
    .whole()
    .context(format_args!("{} on {}", daemon.name, init.name()))
}

/// With the program, the daemon's configuration, and a kubelet that is down: some inits boot with a service alone.
fn boot(init: &'static dyn Init, daemon: &Daemon, by: By) -> Result<Bed> {
    let mut files = service::bare(init);
    files.push(program());
    // Where the native launcher is looked for.
    files.push(File::program("/usr/bin/kubelet-unit"));
    files.push(File::new(SPEC, 0o644, daemon.spec));
    for (path, text) in daemon.files {
        files.push(File::new(path, 0o644, *text));
    }
    if by == By::Unit {
        let path = format!("/usr/lib/systemd/system/{}.service", daemon.name);
        let text = std::fs::read(ground().at(&path)).context(&path)?;
        files.push(File::new(path, 0o644, text));
        // haproxy's puts the one over the other, and does not start where one is missing.
        for socket in ["/dev/log", "/var/lib/haproxy/dev/log"] {
            files.push(File::new(socket, 0o644, ""));
        }
    }
    let bed = Bed::boot(init, &files, &Boot::default())?;
    // The package's own for other inits have the names that ours have.
    for folder in ["/etc/init.d", "/etc/sv"] {
        bed.remove_file(&format!("{folder}/{}", daemon.name))?;
    }
    Ok(bed)
}

/// Installs and enables the spec. The property for which the launcher refuses it, where it does.
fn installed(bed: &Bed, daemon: &Daemon, launcher: Launcher) -> Result<Option<String>> {
    let launcher = format!("{launcher:?}").to_lowercase();
    let init = bed.init.backend();
    let words = ["--spec", SPEC, "--init", init, "--launcher", &launcher];
    let output = ask(bed, &[&["install"][..], &words[..]].concat())?;
    let said = output.all();
    if let Some((_, rest)) = said.split_once("launcher cannot run a service with `") {
        let property = rest.split('`').next().unwrap_or_default();
        return Ok(Some(format!("`{property}`")));
    }
    let enabled = ask(bed, &["service", "enable", daemon.name])?;
    if output.code != 0 || enabled.code != 0 {
        fail!("it is not installed: {said}\n{}", enabled.all());
    }
    Ok(None)
}

/// A life that is watched.
struct Watch<'a> {
    bed: Bed,
    daemon: &'a Daemon,
    by: By,
    main: Option<i32>,
    life: Life,
}

impl Watch<'_> {
    fn whole(mut self) -> Result<Life> {
        self.step("start", 4 * PATIENCE)?;
        let Some(main) = self.main else {
            fail!("no main process after its start:\n{}", self.log()?)
        };
        self.life.state = state::of(&self.bed, main)?;
        if self.daemon.reloads {
            self.step("reload", PATIENCE)?;
        }
        self.killed()?;
        self.step("restart", 4 * PATIENCE)?;
        self.step("stop", Duration::ZERO)?;
        let left = self.left()?;
        let _ = writeln!(self.life.notes, "left: {left:?}");
        Ok(self.life)
    }

    /// A verb, and what is so after it.
    fn step(&mut self, verb: &str, patience: Duration) -> Result<()> {
        // A command within a second of a start can be lost (sv(8) counts in seconds).
        thread::sleep(Duration::from_millis(1100));
        let output = match (self.by, verb, self.bed.init.name()) {
            (By::Spec(_), "start" | "restart" | "stop", _) => {
                ask(&self.bed, &["service", verb, self.daemon.name])?
            }
            (By::Unit, ..) | (_, _, "systemd") => {
                self.run(&["systemctl", verb, self.daemon.name])?
            }
            (_, _, "openrc") => self.run(&["rc-service", self.daemon.name, verb])?,
            _ => {
                let launcher = format!("/usr/libexec/kubelet-unit/{}", self.daemon.name);
                self.run(&[launcher.as_str(), verb])?
            }
        };
        if output.code != 0 {
            let _ = write!(self.life.notes, "{verb} says {}; ", output.all());
        }
        self.note(verb, output.code, patience)
    }

    /// The main process is killed: it comes back or not, as its policy says.
    fn killed(&mut self) -> Result<()> {
        let Some(main) = self.main else {
            return Ok(());
        };
        self.bed.machine.kill(main, Signal::SIGKILL)?;
        let patience = match self.daemon.comes_back {
            true => 2 * PATIENCE,
            false => Duration::from_secs(4),
        };
        self.note("killed", 0, patience)
    }

    fn run(&self, words: &[&str]) -> Result<crate::bed::Output> {
        self.bed.machine.run(words, 4 * PATIENCE)
    }

    /// Waits for an answer, and notes whether there was one and which process is the main one.
    fn note(&mut self, verb: &str, code: i32, patience: Duration) -> Result<()> {
        // What a signal ends may answer for a moment.
        thread::sleep(Duration::from_millis(700));
        let end = Instant::now() + patience;
        let answer = loop {
            let answer = (self.daemon.asked)(&self.bed);
            if answer.is_ok() || Instant::now() > end {
                break answer;
            }
            thread::sleep(Duration::from_millis(100));
        };
        let main = self.main_process()?;
        let which = match (self.main, main) {
            (_, None) => "no process",
            (Some(before), Some(now)) if before == now => "the same process",
            (Some(_), Some(_)) => "another process",
            (None, Some(_)) => "a process",
        };
        if let (Err(error), false) = (&answer, patience.is_zero()) {
            let log = self.log()?;
            let _ = writeln!(self.life.log, "after {verb}: {error}\n{log}");
        }
        let answers = if answer.is_ok() {
            "answers"
        } else {
            "does not answer"
        };
        let _ = writeln!(self.life.notes, "{verb}: {code}, {answers}, {which}");
        self.main = main;
        Ok(())
    }

    fn main_process(&self) -> Result<Option<i32>> {
        let name = self.daemon.name;
        if self.by == By::Unit {
            let text = self.run(&["systemctl", "show", "--value", "-p", "MainPID", name])?;
            return Ok(text.text().parse().ok().filter(|&pid| pid > 0));
        }
        let status = ask(&self.bed, &["service", "status", name, "--format", "json"])?;
        let status = json(&status).context(status.all())?;
        Ok(status["mainPid"]
            .as_i64()
            .and_then(|pid| i32::try_from(pid).ok()))
    }

    /// The daemon's processes that are there.
    fn left(&self) -> Result<Vec<String>> {
        let output = self.run(&["ps", "-eo", "comm="])?;
        let (_, program) = self.daemon.program.rsplit_once('/').unwrap_or_default();
        // The kernel keeps 15 characters.
        let of_it = |line: &&str| line.trim() == &program[..program.len().min(15)];
        Ok(output
            .text()
            .lines()
            .filter(of_it)
            .map(str::to_owned)
            .collect())
    }

    fn log(&self) -> Result<String> {
        let words = ["service", "logs", self.daemon.name, "-n", "15"];
        Ok(match self.by {
            By::Unit => self.run(&["journalctl", "--no-pager", "-n", "15"])?.all(),
            By::Spec(_) => ask(&self.bed, &words)?.all(),
        })
    }
}
