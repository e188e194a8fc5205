//! The supervisor killed, or started anew as an upgrade does it.

use std::time::Duration;

use nix::sys::signal::Signal;

use super::{LATE, PATIENCE, Setting, no_start_for, nothing_left, seconds, start};
use crate::bed::Bed;
use crate::error::{Result, fail};
use crate::recorder::{Behaviour, now};
use crate::report::Cell;
use crate::suite::Task;

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

/// Kills what has the service as its own.
pub(super) fn killed(task: &Task) -> Result<Cell> {
    let mut bed = Setting::new(1, 3).boot(task)?;
    let main = start(&mut bed, &Behaviour::default())?.pid;
    let supervisor = match task.init.name() {
        "systemd" => {
            bed.expect(&words("systemctl daemon-reexec"))?;
            return lives(bed, main);
        }
        // It has a title of its own.
        "openrc" => String::from_utf8_lossy(&bed.read_file("/run/kubelet.pid")?)
            .trim()
            .parse()?,
        "runit" => find(&bed, "runsv kubelet")?,
        "s6" => find(&bed, "s6-supervise kubelet")?,
        "s6-rc" => find(&bed, "s6-supervise kubelet-srv")?,
        _ => find(&bed, "/usr/bin/python3 /usr/bin/supervisord")?,
    };
    // The beds' services are down until their first start.
    for folder in ["/etc/sv", "/etc/s6/sv"] {
        bed.remove_file(&format!("{folder}/kubelet/down"))?;
    }
    let at = bed.machine.kill(supervisor, Signal::SIGKILL)?;
    match task.init.name() {
        "runit" | "s6" | "s6-rc" => replaced(bed, main, at),
        _ => alone(bed, main),
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
fn alone(mut bed: Bed, main: i32) -> Result<Cell> {
    no_start_for(&mut bed, QUIET)?;
    if bed.recorders() != [main] {
        fail!("the kubelet {main} has become {:?}", bed.recorders());
    }
    let began = now();
    match bed.init.name() {
        "openrc" => drop(bed.restart()?),
        _ => drop(bed.expect(&words("supervisord -c /etc/supervisor/supervisord.conf"))?),
    }
    let next = bed.next_start(PATIENCE)?;
    if bed.recorders() != [next.pid] {
        fail!("{main} is there beside {}", next.pid);
    }
    let took = seconds(next.at.saturating_sub(began));
    bed.stop()?;
    nothing_left(&bed, "when `stop` returns")?;
    let how = match bed.init.name() {
        "openrc" => "`restart`",
        _ => "a new supervisord",
    };
    Ok(Cell::Passed(format!(
        "the kubelet keeps running; {how} starts it anew, after {took}"
    )))
}

/// What starts the supervisors is killed: they live on, and so does the kubelet.
pub(super) fn scanner(task: &Task) -> Result<Cell> {
    let mut bed = Setting::new(1, 3).boot(task)?;
    let main = start(&mut bed, &Behaviour::default())?.pid;
    let scanner = match task.init.name() {
        "runit" => find(&bed, "/usr/bin/runsvdir -P")?,
        _ => find(&bed, "/usr/bin/s6-svscan -t0")?,
    };
    bed.machine.kill(scanner, Signal::SIGKILL)?;
    lives(bed, main)
}
