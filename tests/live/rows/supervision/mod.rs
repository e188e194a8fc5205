//! Restart, stop and logs: what systemd does, measured on every init with the rendered service.

mod children;
mod commands;
mod delay;
mod instants;
mod life;
mod order;
mod output;
mod policies;
mod ready;
mod stop;
mod supervisor;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use kubelet_unit::backends::Launcher;
use kubelet_unit::service::{Service, Span};
use nix::sys::signal::Signal;

use super::{Lane, Row, row};
use crate::bed::{Bed, Boot, Cgroups, Init, PATIENCE};
use crate::error::{Result, fail};
use crate::lanes::Task;
use crate::recorder::{Behaviour, Event, Record};
use crate::service::Rendering;

/// By how much a next start may be late, whatever the delay is. It may never be early.
const LATE: Duration = Duration::from_millis(500);
/// By how much the KILL of a stop may be off.
const KILL_OFF: Duration = Duration::from_secs(1);
/// How long a command in the restart delay may take until it has its effect.
const AT_ONCE: Duration = Duration::from_secs(2);

/// Whether a service can be started that may stay down after an end: the row about a life shows that busybox's
/// init starts such a line at boot alone.
fn stays_down(init: &dyn Init) -> bool {
    init.name() != "busybox-init"
}

/// In the order of the table.
pub(super) const ROWS: &[Row] = &[
    row(
        "delay: 1 s",
        "next start after an end, less the delay of 1 s (exit 0, 1, 100, 111, 125, 255; SEGV; TERM and KILL from outside; program missing)",
        |task| delay::ends(task, 1),
    )
    .lane(Lane::Side)
    .weight(20)
    .shown(),
    row(
        "delay: 0.2 s",
        "the same, 0.2 s, with the native launcher and without the missing program",
        delay::short,
    )
    .lane(Lane::Side)
    .weight(15)
    .shown(),
    row("delay: 2 s", "the same, 2 s", |task| delay::ends(task, 2))
        .lane(Lane::Side)
        .weight(35)
        .shown(),
    row(
        "delay: 10 s",
        "the same, 10 s (exit 1, KILL from outside)",
        |task| delay::long(task, 10),
    )
    .lane(Lane::Side)
    .weight(21)
    .slow()
    .shown(),
    row("delay: 45 s", "the same, 45 s (KILL from outside)", |task| {
        delay::long(task, 45)
    })
    .lane(Lane::Long)
    .weight(46)
    .slow()
    .shown(),
    row(
        "delay: 200 crashes",
        "200 crashes in a row with the shortest delay: restarts, time between starts",
        delay::crashes,
    )
    .lane(Lane::Long)
    .weight(220)
    .shown(),
    row(
        "env files change",
        "an env file that changes between two starts: the next start has the new content",
        delay::env_files,
    )
    .lane(Lane::Alone)
    .weight(4)
    .shown(),
    row(
        "stop",
        "`stop`: nothing is left when it returns, TERM once to each process",
        |task| stop::row(task, &stop::OBEDIENT),
    )
    .lane(Lane::Alone)
    .shown(),
    row(
        "stop: TERM ignored",
        "`stop`, TERM ignored, timeout 3 s: nothing is left after",
        |task| stop::row(task, &stop::STUBBORN),
    )
    .lane(Lane::Side)
    .weight(6)
    .shown(),
    row(
        "stop: children",
        "`stop`, a child in its own session ignores TERM, the main process takes 0.5 s, timeout 3 s: nothing is left after",
        |task| stop::row(task, &stop::CHILDREN),
    )
    .lane(Lane::Side)
    .weight(6)
    .shown(),
    row(
        "stop: children, v1",
        "the same with v1's named hierarchy alone",
        |task| stop::row(task, &stop::CHILDREN_LEGACY),
    )
    .others()
    .lane(Lane::Side)
    .weight(6)
    .shown(),
    row(
        "stop: children, no cgroup",
        "the same with a read-only cgroup file system, the child in the service's process group",
        |task| stop::row(task, &stop::CHILDREN_READ_ONLY),
    )
    .others()
    .lane(Lane::Side)
    .weight(6)
    .shown(),
    row(
        "stop: 90 s",
        "`stop`, TERM ignored by main process and child, timeout 90 s: nothing is left after",
        |task| stop::row(task, &stop::FULL),
    )
    .lane(Lane::Long)
    .weight(92)
    .slow()
    .shown(),
    row(
        "delay: stop",
        "`stop` in the delay: done after, no further start",
        commands::stop,
    )
    .lane(Lane::Side)
    .weight(6)
    .shown(),
    row(
        "delay: restart",
        "`restart` in the delay: starts after",
        commands::restart,
    )
    .lane(Lane::Alone)
    .shown(),
    row(
        "delay: start",
        "`start` in the delay: starts after",
        commands::start,
    )
    .lane(Lane::Alone)
    .shown(),
    row(
        "crash: children",
        "a crash leaves a child in its own session that ignores TERM, timeout 2 s, delay 1 s: child gone, and next start after that",
        |task| children::crash(task, Cgroups::Unified),
    )
    .lane(Lane::Alone)
    .shown(),
    row(
        "crash: children, v1",
        "the same with v1's named hierarchy alone",
        |task| children::crash(task, Cgroups::Legacy),
    )
    .others()
    .lane(Lane::Side)
    .weight(6)
    .shown(),
    row(
        "crash: no cgroup",
        "the same with a read-only cgroup file system, the child in the service's process group",
        |task| children::crash(task, Cgroups::ReadOnly),
    )
    .others()
    .lane(Lane::Side)
    .weight(6)
    .shown(),
    row(
        "crash: stop",
        "`stop` while such a child is being ended, timeout 3 s: no further start, nothing is left after",
        children::stop_meanwhile,
    )
    .lane(Lane::Side)
    .weight(6)
    .shown(),
    row(
        "containers",
        "processes in cgroups beside and below the service's, after crash and stop",
        children::containers,
    )
    .lane(Lane::Side)
    .weight(6)
    .shown(),
    row(
        "kill: process",
        "`kill: process`: children after crash, restart and stop",
        children::kill_process,
    )
    .lane(Lane::Side)
    .weight(6)
    .shown(),
    row(
        "instants",
        "`stop`, `restart` and a KILL of the launcher every 5 ms of a start and every 10 ms after a crash, TERM ignored, sh and native, `/run` and the services on tmpfs, overlayfs and ext4: nothing is left after `stop`, one kubelet runs after `restart`",
        |task| {
            let some = task.cases.map(|_| &instants::SOME);
            instants::row(task, some.unwrap_or(&instants::COARSE))
        },
    )
    .others()
    .weight(60)
    .shown(),
    row(
        "instants: fine",
        "the same every 1 ms and every 3 ms",
        |task| instants::row(task, &instants::FINE),
    )
    .others()
    .weight(300)
    .named()
    .shown(),
    row(
        "output: kept",
        "output of 15 crashes: lines kept of stdout, stderr",
        output::kept,
    )
    .lane(Lane::Side)
    .weight(18)
    .shown(),
    row(
        "output: rotation",
        "4 MiB of output, rotated at 256 KiB, 2 old files kept: the log takes",
        output::rotation,
    )
    .others()
    .lane(Lane::Alone)
    .shown(),
    row(
        "output: inherit",
        "`log: inherit`: where the output of the service goes",
        output::inherited,
    )
    .on(output::has_output_of_its_own)
    .lane(Lane::Alone)
    .shown(),
    row(
        "output: syslog",
        "`log: syslog`: where the output of the service goes",
        output::passed_on,
    )
    .others()
    .lane(Lane::Alone)
    .shown(),
    row(
        "policies",
        "every `restart.policy` with every way to end (exit 0, 1, 129, 7 as a success; TERM, KILL, SEGV): after which there is a next start",
        policies::row,
    )
    .on(|init| init.name() != "systemd" && stays_down(init))
    .lane(Lane::Long)
    .weight(90)
    .slow()
    .shown(),
    row(
        "restart: limit",
        "a limit of 3 starts within a minute, and each ends at once",
        policies::limit,
    )
    .on(stays_down)
    .lane(Lane::Side)
    .weight(8)
    .shown(),
    row(
        "type: notify",
        "`type: notify` with the native launcher: when the init takes the service for ready",
        ready::row,
    )
    .on(ready::is_asked)
    .lane(Lane::Alone)
    .shown(),
    row(
        "order: after others",
        "boot order: the first start after network and runtime are there",
        order::after,
    )
    .lane(Lane::Alone)
    .shown(),
    row(
        "order: alone",
        "boot order: the first start where neither is installed",
        order::alone,
    )
    .lane(Lane::Alone)
    .shown(),
    row(
        "supervisor killed",
        "the supervisor killed (systemd: re-executed; where it is PID 1: the launcher)",
        supervisor::killed,
    )
    .lane(Lane::Alone)
    .shown(),
    row(
        "life: native",
        "commands before and after a start and a stop, a condition that becomes true, a reload, by the native launcher",
        life::native,
    )
    .others()
    .lane(Lane::Side)
    .weight(12)
    .shown(),
    row(
        "scanner killed",
        "the scanner (runsvdir, s6-svscan) killed",
        supervisor::scanner,
    )
    .on(|init| init.scanner().is_some())
    .lane(Lane::Alone)
    .shown(),
];

static BOOT: Mutex<()> = Mutex::new(());

/// What a row changes in the kubelet's service.
struct Setting {
    delay: Span,
    timeout: Span,
    cgroups: Cgroups,
    keeps_log: bool,
    launcher: Launcher,
}

impl Setting {
    fn new(delay: u64, timeout: u64) -> Self {
        Self {
            delay: Span::seconds(delay),
            timeout: Span::seconds(timeout),
            cgroups: Cgroups::Unified,
            keeps_log: false,
            launcher: Launcher::default(),
        }
    }

    fn boot(&self, task: &Task) -> Result<Bed> {
        self.boot_with(task, |_| {})
    }

    /// A bed with the rendered service, which is not started yet.
    fn boot_with(&self, task: &Task, more: impl Fn(&mut Service)) -> Result<Bed> {
        let change = |service: &mut Service| {
            service.restart.delay = self.delay;
            service.stop.timeout = self.timeout;
            more(service);
        };
        let rendering = Rendering {
            keeps_log: self.keeps_log,
            launcher: self.launcher,
            change: &change,
        };
        let boot = Boot {
            cgroups: self.cgroups,
            ..Boot::default()
        };
        // One after the other, where rows are side by side: others may be measuring.
        let _turn = BOOT.lock().unwrap_or_else(PoisonError::into_inner);
        Bed::boot(task.init, &rendering.files(task.init)?, &boot)
    }
}

/// The shortest delay that is followed: some supervisors leave a second between two starts.
fn shortest(task: &Task) -> Result<Span> {
    Ok(match task.init.has_floor() {
        true => Span::seconds(1),
        false => "200ms".parse()?,
    })
}

/// Starts the service with these orders, with which it has to stay up.
fn start(bed: &mut Bed, behaviour: &Behaviour) -> Result<Record> {
    bed.behave(behaviour)?;
    bed.start()?;
    bed.next_start(PATIENCE)
}

/// Crashes a start, after which the next has these orders. Returns when that was.
///
/// Not by orders: `sv start` waits until the service stays up, whatever happens meanwhile.
fn crash(bed: &Bed, record: &Record, next: &Behaviour) -> Result<Duration> {
    bed.behave(next)?;
    bed.machine.kill(record.pid, Signal::SIGKILL)
}

/// When this process of the recorder ended.
fn end_of(bed: &mut Bed, pid: i32) -> Result<Duration> {
    bed.next("end of it", PATIENCE, |event| match event {
        Event::End { pid: own, at } if *own == pid => Some(*at),
        _ => None,
    })
}

/// The pids of so many children of the recorder, in the order of their starts.
fn children_of(bed: &mut Bed, parent: i32, count: usize) -> Result<Vec<i32>> {
    (0..count)
        .map(|_| {
            bed.next("start of a child", PATIENCE, |event| match event {
                Event::Child { pid, ppid, .. } if *ppid == parent => Some(*pid),
                _ => None,
            })
        })
        .collect()
}

/// Fails when a process of the recorder is there.
fn nothing_left(bed: &Bed, when: &str) -> Result<()> {
    let left = bed.recorders();
    if !left.is_empty() {
        fail!("{when}: {left:?} are left");
    }
    Ok(())
}

/// Waits, and fails when the kubelet is started meanwhile.
fn no_start_for(bed: &mut Bed, time: Duration) -> Result<()> {
    std::thread::sleep(time);
    for event in bed.events()? {
        if let Event::Start(record) = event {
            fail!("it was started once more, as {}", record.pid);
        }
    }
    Ok(())
}

/// `+0.03..+0.05 s`: by how much starts were later than a delay.
fn lateness(mut late: Vec<f64>) -> String {
    late.sort_by(f64::total_cmp);
    match (late.first(), late.last()) {
        (Some(first), Some(last)) if late.len() > 1 => format!("{first:+.2}..{last:+.2} s"),
        (Some(only), _) => format!("{only:+.2} s"),
        _ => String::new(),
    }
}

/// `0.13 s`.
fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}
