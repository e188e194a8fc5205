//! That nothing is left of a bed, however the tests end. A second test process, the victim, is the one that ends.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::beds::{bare_bed, ms};
use super::{References, VICTIM};
use crate::bed::{self, Ground, PATIENCE};
use crate::error::{Context, Result, fail};
use crate::lanes::Task;
use crate::leftovers;
use crate::recorder::{self, Behaviour};
use crate::report::{Cell, Progress};

/// The longest that cleaning up may take.
const SOON: Duration = Duration::from_secs(5);

/// Runs as the victim: `live @victim INIT HOW GROUND`. It boots a bed that is hard to end, says which, and ends as told.
pub(crate) fn victim(argv: &[OsString]) -> i32 {
    let words = [2, 3, 4].map(|at| argv[at].to_string_lossy());
    match play(&words[0], &words[1], &words[2]) {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("{error}");
            1
        }
    }
}

fn play(init: &str, how: &str, ground: &str) -> Result<()> {
    serde_json::from_str::<Ground>(ground)?.use_it();
    let Some(init) = bed::by_name(init) else {
        fail!("no init {init}")
    };
    let task = Task {
        row: "",
        init,
        references: &References::default(),
        progress: &Progress::new(0),
        cases: None,
    };
    let mut bed = bare_bed(&task)?;
    let child = recorder::Child {
        own_session: true,
        ignore_term: true,
    };
    bed.behave(&Behaviour {
        children: vec![child; 3],
        on_term: recorder::OnTerm::Ignore,
        ..Behaviour::default()
    })?;
    bed.start()?;
    bed.next_start(PATIENCE)?;
    println!("{}", bed.machine.keeper_pid());
    std::io::stdout().flush()?;
    match how {
        "drop" => drop(bed),
        // What a failing assertion does; its message would only confuse.
        "panic" => std::panic::resume_unwind(Box::new("the victim's panic")),
        _ => std::thread::sleep(Duration::from_secs(60)),
    }
    Ok(())
}

/// Starts a victim and waits until its bed is full of processes and cgroups.
fn start(task: &Task, how: &str) -> Result<(Child, u32)> {
    let mut victim = Command::new("/proc/self/exe")
        .args([VICTIM, task.init.name(), how])
        .arg(serde_json::to_string(&bed::ground())?)
        .stdout(Stdio::piped())
        .spawn()
        .context("the victim")?;
    let Some(stdout) = victim.stdout.take() else {
        fail!("the victim has no stdout")
    };
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    let keeper = line
        .trim()
        .parse()
        .context(format_args!("the victim says {line:?}"))?;
    Ok((victim, keeper))
}

/// Checks that the bed is really there, ends the victim and waits until nothing is left.
fn end_by(task: &Task, signal: Signal) -> Result<Cell> {
    let (mut victim, keeper) = start(task, "wait")?;
    let seen = || {
        let processes = leftovers::processes(keeper).len();
        (processes, leftovers::cgroups_of(keeper).len())
    };
    let since = Instant::now();
    let (mut processes, mut cgroups) = seen();
    // The keeper, PID 1, the kubelet and at least one of its children, which may still be on their way.
    while (processes < 4 || cgroups == 0) && since.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(10));
        (processes, cgroups) = seen();
    }
    if processes < 4 || cgroups == 0 {
        fail!("the victim's bed has {processes} processes and {cgroups} cgroups");
    }
    kill(Pid::from_raw(victim.id().cast_signed()), signal)?;
    let code = victim.wait()?;
    if signal != Signal::SIGKILL {
        // It waits for its keepers, so that whoever called it finds a clean machine.
        if code.code() != Some(128 + signal as i32) {
            fail!("the victim ends with {code}");
        }
        let (processes, cgroups) = (leftovers::processes(keeper), leftovers::cgroups_of(keeper));
        if !processes.is_empty() || !cgroups.is_empty() {
            fail!("the victim has ended before its bed: {processes:?}, {cgroups:?}");
        }
    }
    let took = leftovers::wait_for_end(keeper, SOON)?;
    Ok(Cell::Passed(format!(
        "{processes} processes gone within {}",
        ms(took)
    )))
}

fn by_itself(task: &Task, how: &str, code: i32) -> Result<Cell> {
    let (mut victim, keeper) = start(task, how)?;
    let status = victim.wait()?;
    if status.code() != Some(code) {
        fail!("the victim ends with {status}");
    }
    let (processes, cgroups) = (leftovers::processes(keeper), leftovers::cgroups_of(keeper));
    if !processes.is_empty() || !cgroups.is_empty() {
        fail!("left: {processes:?}, {cgroups:?}");
    }
    Ok(Cell::Passed(String::new()))
}

pub(super) fn dropped(task: &Task) -> Result<Cell> {
    by_itself(task, "drop", 0)
}

pub(super) fn panicked(task: &Task) -> Result<Cell> {
    by_itself(task, "panic", 101)
}

pub(super) fn interrupted(task: &Task) -> Result<Cell> {
    end_by(task, Signal::SIGINT)
}

pub(super) fn terminated(task: &Task) -> Result<Cell> {
    end_by(task, Signal::SIGTERM)
}

pub(super) fn killed(task: &Task) -> Result<Cell> {
    end_by(task, Signal::SIGKILL)
}

/// The worst case: who removes is killed itself. The kernel ends the processes; the cgroups wait for the next bed.
pub(super) fn keeper(task: &Task) -> Result<Cell> {
    let bed = bare_bed(task)?;
    bed.start()?;
    let keeper = bed.machine.keeper_pid();
    kill(Pid::from_raw(keeper.cast_signed()), Signal::SIGKILL)?;
    drop(bed);
    let next = bare_bed(task)?;
    let took = leftovers::wait_for_end(keeper, SOON)?;
    drop(next);
    Ok(Cell::Passed(ms(took)))
}
