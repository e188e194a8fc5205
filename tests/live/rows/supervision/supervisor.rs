//! The supervisor killed, or started anew as an upgrade does it.

use std::time::Duration;

use nix::sys::signal::Signal;

use super::{LATE, PATIENCE, Setting, no_start_for, nothing_left, seconds, start};
use crate::bed::{Bed, Process, Supervisor};
use crate::error::{Context, Result, fail};
use crate::lanes::Task;
use crate::recorder::{Behaviour, now};
use crate::report::Cell;

const QUIET: Duration = Duration::from_secs(3);

fn words(command: &str) -> Vec<String> {
    command.split_whitespace().map(str::to_owned).collect()
}

/// The one process whose argv begins so.
fn find(bed: &Bed, argv: &'static str) -> Result<i32> {
    let begins = format!("{argv} ");
    let found = bed.processes(|own| format!("{} ", own.join(" ")).starts_with(&begins));
    match found.as_slice() {
        &[pid] => Ok(pid),
        _ => fail!("`{argv}` is {found:?}"),
    }
}

/// The number of a process that is known.
fn number(bed: &Bed, process: &Process) -> Result<i32> {
    match process {
        Process::Argv(argv) => find(bed, argv),
        Process::PidFile(path) => {
            let text = String::from_utf8_lossy(&bed.read_file(path)?).into_owned();
            text.trim().parse().context(path)
        }
    }
}

/// Kills what has the service as its own.
pub(super) fn killed(task: &Task) -> Result<Cell> {
    let mut bed = Setting::new(1, 3).boot(task)?;
    let main = start(&mut bed, &Behaviour::default())?.pid;
    // The beds' services are down until their first start.
    for folder in ["/etc/sv", "/etc/s6/sv"] {
        bed.remove_file(&format!("{folder}/kubelet/down"))?;
    }
    let kill = |bed: &Bed, process| {
        let pid = number(bed, process)?;
        bed.machine.kill(pid, Signal::SIGKILL)
    };
    match task.init.supervisor() {
        Supervisor::StartedAnew(command) => {
            bed.expect(&words(command))?;
            lives(bed, main)
        }
        Supervisor::Replaced(process) => {
            let at = kill(&bed, &process)?;
            replaced(bed, main, at)
        }
        Supervisor::Missed {
            process,
            command,
            what,
        } => {
            kill(&bed, &process)?;
            alone(bed, main, command, what)
        }
    }
}

/// The kubelet knows nothing of it, and the init still has it.
fn lives(mut bed: Bed, main: i32) -> Result<Cell> {
    no_start_for(&mut bed, QUIET)?;
    if bed.recorders() != [main] {
        fail!("the kubelet {main} has become {:?}", bed.recorders());
    }
    bed.stop()?;
    nothing_left(&bed, "when `stop` returns")?;
    Ok(Cell::Passed("the kubelet keeps running".to_owned()))
}

/// Another supervisor comes by itself, ends what there was and starts it anew.
fn replaced(mut bed: Bed, main: i32, at: Duration) -> Result<Cell> {
    let next = bed.next_start(PATIENCE)?;
    if bed.recorders() != [next.pid] {
        fail!("{main} is there beside {}", next.pid);
    }
    no_start_for(&mut bed, LATE)?;
    bed.stop()?;
    nothing_left(&bed, "when `stop` returns")?;
    let after = seconds(next.at.saturating_sub(at));
    Ok(Cell::Passed(format!("one restart, after {after}")))
}

/// The kubelet runs on without a supervisor, until the administrator gives it one: then there is one
/// kubelet again.
fn alone(mut bed: Bed, main: i32, command: &str, what: &str) -> Result<Cell> {
    no_start_for(&mut bed, QUIET)?;
    if bed.recorders() != [main] {
        fail!("the kubelet {main} has become {:?}", bed.recorders());
    }
    let began = now();
    bed.expect(&words(command))?;
    let next = bed.next_start(PATIENCE)?;
    if bed.recorders() != [next.pid] {
        fail!("{main} is there beside {}", next.pid);
    }
    let took = seconds(next.at.saturating_sub(began));
    bed.stop()?;
    nothing_left(&bed, "when `stop` returns")?;
    Ok(Cell::Passed(format!(
        "the kubelet keeps running; {what} starts it anew, after {took}"
    )))
}

/// What starts the supervisors is killed: they live on, and so does the kubelet.
pub(super) fn scanner(task: &Task) -> Result<Cell> {
    let mut bed = Setting::new(1, 3).boot(task)?;
    let main = start(&mut bed, &Behaviour::default())?.pid;
    let Some(scanner) = task.init.scanner() else {
        fail!("nothing starts its supervisors");
    };
    let scanner = find(&bed, scanner)?;
    bed.machine.kill(scanner, Signal::SIGKILL)?;
    lives(bed, main)
}
