//! No instant is a bad one: what comes at any time of a start, or after a crash.

use std::ops::Range;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use kubelet_unit::backends::Launcher;
use nix::sys::signal::Signal;

use super::{BOOT, nothing_left};
use crate::bed::{Bed, Boot, FileSystem, PATIENCE, disk, supervisord};
use crate::error::{Context, Failure, Result, fail};
use crate::lanes::Task;
use crate::recorder::{Behaviour, Event, OnTerm, now};
use crate::report::Cell;
use crate::rows::supervision::start as start_kubelet;
use crate::service::Rendering;

/// Milliseconds: the last of a start, and the last after a crash.
const START: u64 = 60;
const FINISH: u64 = 300;

/// runit and s6 leave a second between two starts.
const FLOOR: Duration = Duration::from_millis(1100);
/// A start that should not be would have come by then.
const QUIET: Duration = Duration::from_millis(150);
/// When the next kubelet has to run.
const SOON: Duration = Duration::from_secs(8);

/// What comes at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blow {
    Stop,
    Restart,
    /// To what the supervisor has started.
    Kill,
}

/// Whose instants these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Start,
    Crash,
}

/// Milliseconds between two instants.
pub(super) struct Steps {
    start: usize,
    finish: usize,
    /// Whether file systems share the instants, and the launcher is killed on one alone.
    turns: bool,
    /// As many beds are there at the same time.
    beds: usize,
}

pub(super) const COARSE: Steps = Steps {
    start: 5,
    finish: 10,
    turns: true,
    beds: 48,
};
/// For a run that tries only some of the env-file cases as well.
pub(super) const SOME: Steps = Steps {
    start: 40,
    finish: 80,
    ..COARSE
};
pub(super) const FINE: Steps = Steps {
    start: 1,
    finish: 3,
    turns: false,
    beds: 12,
};

/// One bed, and what happens in it again and again.
#[derive(Clone, Copy, Debug)]
struct Sweep {
    launcher: Launcher,
    state_on: FileSystem,
    phase: Phase,
    blow: Blow,
    /// The first instant, and every how manieth from there: others have the rest.
    share: (usize, usize),
}

pub(super) fn row(task: &Task, steps: &Steps) -> Result<Cell> {
    let sweeps = sweeps(task, steps);
    let outcomes = outcomes(task, &sweeps, steps);
    let (mut tried, mut failed) = (0, Vec::new());
    for outcome in outcomes {
        match outcome {
            Ok(count) => tried += count,
            Err(error) => failed.push(error.to_string()),
        }
    }
    if !failed.is_empty() {
        fail!(
            "{} of {} sweeps: {}",
            failed.len(),
            sweeps.len(),
            failed.join("; ")
        );
    }
    let without = disk::missing().map_or_else(String::new, |why| format!(", none on ext4: {why}"));
    Ok(Cell::Passed(format!("{tried} of {tried}{without}")))
}

/// Runs the sweeps, as many at the same time as these steps allow.
fn outcomes(task: &Task, sweeps: &[Sweep], steps: &Steps) -> Vec<Result<usize>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut outcomes = Vec::new();
        while let Some(&sweep) = sweeps.get(next.fetch_add(1, Ordering::Relaxed)) {
            outcomes.push(run(task, sweep, steps));
        }
        outcomes
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..steps.beds).map(|_| scope.spawn(work)).collect();
        let panicked = |_| vec![Err(Failure::new("a sweep has panicked"))];
        let joined = workers.into_iter();
        joined
            .flat_map(|worker| worker.join().unwrap_or_else(panicked))
            .collect()
    })
}

/// What the state is on, with which part of the instants is tried there.
fn places(steps: &Steps) -> Vec<(FileSystem, (usize, usize))> {
    let all = (0, 1);
    let ext4 = disk::missing().is_none();
    // Of what is coarse, the two others take turns.
    let (even, odd) = match steps.turns && ext4 {
        true => ((0, 2), (1, 2)),
        false => (all, all),
    };
    let mut places = vec![(FileSystem::Tmpfs, all), (FileSystem::Overlay, even)];
    places.extend(ext4.then_some((FileSystem::Ext4, odd)));
    places
}

fn sweeps(task: &Task, steps: &Steps) -> Vec<Sweep> {
    let mut sweeps = Vec::new();
    for launcher in [Launcher::Sh, Launcher::Native] {
        for (state_on, (first, every)) in places(steps) {
            for phase in [Phase::Start, Phase::Crash] {
                for blow in [Blow::Stop, Blow::Restart, Blow::Kill] {
                    // Which is no command: what it is on plays no great part.
                    if blow == Blow::Kill && steps.turns && state_on != FileSystem::Tmpfs {
                        continue;
                    }
                    // Where there is a floor between two starts, most of it is waiting.
                    let shares = match (phase, task.init.services()) {
                        (Phase::Crash, Some(_)) => 2,
                        _ => 1,
                    };
                    sweeps.extend((0..shares).map(|share| Sweep {
                        launcher,
                        state_on,
                        phase,
                        blow,
                        share: (first + every * share, every * shares),
                    }));
                }
            }
        }
    }
    sweeps
}

/// How many instants were tried: all.
fn run(task: &Task, sweep: Sweep, steps: &Steps) -> Result<usize> {
    let mut bed = boot(task, sweep).context(format_args!("{sweep:?}"))?;
    let (instants, step): (Range<u64>, _) = match sweep.phase {
        Phase::Start => (0..START + 1, steps.start),
        Phase::Crash => (0..FINISH + 1, steps.finish),
    };
    let mut tried = 0;
    let (share, shares) = sweep.share;
    for instant in instants.step_by(step).skip(share).step_by(shares) {
        let outcome = one(&mut bed, sweep, Duration::from_millis(instant));
        outcome.context(format_args!("{sweep:?} at {instant} ms"))?;
        tried += 1;
    }
    thread::sleep(FLOOR);
    nothing_left(&bed, "a second after the last").context(format_args!("{sweep:?}"))?;
    Ok(tried)
}

/// A bed in which the service has been started and stopped.
fn boot(task: &Task, sweep: Sweep) -> Result<Bed> {
    let rendering = Rendering {
        launcher: sweep.launcher,
        change: &|service| {
            service.restart.delay = "1s".parse().expect("a span");
            service.stop.timeout = "200ms".parse().expect("a span");
        },
        ..Rendering::default()
    };
    let boot = Boot {
        state_on: Some(sweep.state_on),
        ..Boot::default()
    };
    let mut bed = {
        let _turn = BOOT.lock().unwrap_or_else(PoisonError::into_inner);
        Bed::boot(task.init, &rendering.files(task.init)?, &boot)?
    };
    let orders = Behaviour {
        on_term: OnTerm::Ignore,
        ..Behaviour::default()
    };
    start_kubelet(&mut bed, &orders)?;
    bed.stop()?;
    Ok(bed)
}

/// From down to down, through one instant.
fn one(bed: &mut Bed, sweep: Sweep, instant: Duration) -> Result<()> {
    if bed.init.services().is_some() {
        thread::sleep(FLOOR);
    }
    nothing_left(bed, "before")?;
    bed.events()?;
    let began = match sweep.phase {
        Phase::Start => now(),
        Phase::Crash => {
            begin(bed)?;
            let record = bed.next_start(SOON)?;
            bed.machine.kill(record.pid, Signal::SIGKILL)?
        }
    };
    let killed = match sweep.blow {
        Blow::Kill => {
            if sweep.phase == Phase::Start {
                begin(bed)?;
            }
            thread::sleep(instant);
            kill_launcher(bed)
        }
        blow => {
            strike(bed, sweep.phase, instant, blow)?;
            None
        }
    };
    match sweep.blow {
        Blow::Stop => {}
        Blow::Restart => {
            let since = match sweep.phase {
                Phase::Start => began + instant,
                Phase::Crash => began,
            };
            one_runs(bed, since)?;
            stop(bed)?;
        }
        // supervisord's `stop` reaches neither a start that it is about to make nor one that it has just made, and
        // nothing else ends what the one that was killed has left.
        Blow::Kill if bed.init.name() == "supervisord" => {
            let launcher = executed(bed, killed)?;
            bed.wait("the launcher takes a TERM", PATIENCE, || {
                Ok(bed.inside(|| takes_term(launcher)))
            })?;
            stop(bed)?;
        }
        Blow::Kill => {
            if bed.init.waits_for_launcher() {
                // One that has only just been started would end at a TERM without a look at what was left.
                let is_next = |pid: i32| Some(pid) != killed && bed.inside(|| takes_term(pid));
                bed.wait("the launcher is started again", SOON, || {
                    Ok(bed.processes(supervises).into_iter().any(is_next))
                })?;
            }
            stop(bed)?;
        }
    }
    nothing_left(bed, "after `stop`")
}

/// Begins a start.
fn begin(bed: &Bed) -> Result<()> {
    if bed.init.name() == "supervisord" {
        return bed.inside(|| call("startProcess", false));
    }
    shell(bed, &bed.init.begin())
}

fn stop(bed: &Bed) -> Result<()> {
    if bed.init.name() == "supervisord" {
        return bed.inside(|| call("stopProcess", true));
    }
    shell(bed, &line(&bed.init.stop()))
}

/// A command as a shell reads it.
fn line(argv: &[String]) -> String {
    let words = argv
        .iter()
        .map(|word| format!("'{}'", word.replace('\'', r"'\''")));
    words.collect::<Vec<_>>().join(" ")
}

/// A command of the init at an instant: of a start that it begins itself, in one shell, or of a crash that has been.
fn strike(bed: &Bed, phase: Phase, instant: Duration, blow: Blow) -> Result<()> {
    if bed.init.name() == "supervisord" {
        if phase == Phase::Start {
            begin(bed)?;
            executed(bed, None)?;
        }
        thread::sleep(instant);
        return bed.inside(|| {
            call("stopProcess", true)?;
            match blow {
                Blow::Restart => call("startProcess", false),
                _ => Ok(()),
            }
        });
    }
    let begin = match phase {
        Phase::Start => bed.init.begin(),
        Phase::Crash => ":".to_owned(),
    };
    let command = match blow {
        Blow::Restart => bed.init.restart(),
        _ => bed.init.stop(),
    };
    let pause = format!("sleep 0.{:03}", instant.as_millis());
    shell(bed, &format!("{begin} && {pause} && {}", line(&command)))
}

fn shell(bed: &Bed, script: &str) -> Result<()> {
    let argv = ["sh", "-c", script].map(str::to_owned);
    bed.expect(&argv).map(drop)
}

/// Waits until supervisord has executed the launcher that it has forked, which is not the one that was killed. Until
/// then that loses a TERM: with 4.2.5, a start and a stop right after it of a plain `sleep` miss 10 times of 40, and
/// supervisord waits for its timeout. Whatever it is asked makes it go on to a start that it is about to make.
fn executed(bed: &Bed, killed: Option<i32>) -> Result<i32> {
    let launcher = || -> Result<Option<i32>> {
        let started = bed.inside(supervisord::started)?;
        let is_there = |pid: &i32| Some(*pid) != killed && bed.processes(supervises).contains(pid);
        Ok(started.filter(is_there))
    };
    bed.wait("supervisord has executed the launcher", PATIENCE, || {
        Ok(launcher()?.is_some())
    })?;
    launcher()?.ok_or_else(|| Failure::new("supervisord's launcher has ended by itself"))
}

/// Whether a process does something of its own at a TERM, or keeps it for later (`proc_pid_status(5)`).
fn takes_term(pid: i32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let has = |name: &str| {
        let mut lines = status.lines();
        let mask = lines.find_map(|line| line.strip_prefix(name));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        mask.is_some_and(|mask| mask >> (Signal::SIGTERM as u64 - 1) & 1 == 1)
    };
    has("SigCgt:") || has("SigBlk:")
}

/// A call to supervisord about the service.
fn call(method: &str, waits: bool) -> Result<()> {
    supervisord::obeyed(method, &supervisord::of_service(waits), None)
}

/// Whether this is a launcher that stays the parent.
fn supervises(argv: &[String]) -> bool {
    argv.last().is_some_and(|word| word == "supervise")
}

/// KILL to what the supervisor has started: the launcher, or the kubelet that it has become.
fn kill_launcher(bed: &Bed) -> Option<i32> {
    let of_launcher = |argv: &[String]| {
        argv.iter()
            .any(|word| word.starts_with("/usr/libexec/kubelet-unit/"))
            && !argv
                .iter()
                .any(|word| word == "wait" || word.contains("supervise-daemon"))
    };
    let launchers = bed.processes(of_launcher);
    let first = launchers.into_iter().min();
    let pid = first.or_else(|| bed.recorders().into_iter().min())?;
    // It may have ended meanwhile.
    let _ = bed.machine.kill(pid, Signal::SIGKILL);
    Some(pid)
}

/// Waits for the one kubelet that was started since, and fails if another comes.
fn one_runs(bed: &mut Bed, since: Duration) -> Result<()> {
    let end = now() + SOON;
    let mut started = Vec::new();
    loop {
        for event in bed.events()? {
            if let Event::Start(record) = event
                && record.at >= since
            {
                started.push(record.pid);
            }
        }
        let running = bed.recorders();
        if running.len() == 1 && started.last() == running.first() {
            thread::sleep(QUIET);
            if bed.recorders() == running {
                return Ok(());
            }
        }
        if now() > end {
            fail!("since then {started:?} were started, and {running:?} run");
        }
        thread::sleep(Duration::from_millis(5));
    }
}
