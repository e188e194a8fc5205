//! When the next start comes.

use std::time::Duration;

use nix::sys::signal::Signal;

use kubelet_unit::backends::Launcher;

use super::{LATE, Setting, crash, end_of, lateness, seconds, shortest, start};
use crate::bed::{Bed, File, PATIENCE};
use crate::error::{Result, fail, late};
use crate::lanes::Task;
use crate::recorder::{Behaviour, End, Record};
use crate::report::Cell;
use crate::rows::vectors::DEFAULT;

/// How long a start lives before it ends by itself.
const LIFE: u64 = 50;

/// As many starts of a row may be late, and are measured again.
const TRIES: u32 = 3;

/// How a start ends.
#[derive(Clone, Copy, Debug)]
enum Way {
    Itself(End),
    Outside(Signal),
    /// It ends, and then there is no program for two starts.
    Missing,
}

const WAYS: [Way; 10] = [
    Way::Outside(Signal::SIGKILL),
    Way::Itself(End::Exit(0)),
    Way::Itself(End::Exit(1)),
    Way::Itself(End::Exit(100)),
    Way::Itself(End::Exit(111)),
    Way::Itself(End::Exit(125)),
    Way::Itself(End::Exit(255)),
    Way::Itself(End::Signal(Signal::SIGSEGV as i32)),
    Way::Outside(Signal::SIGTERM),
    Way::Missing,
];

impl Way {
    fn orders(self) -> Behaviour {
        let end = match self {
            Self::Itself(end) => end,
            Self::Outside(_) => End::Run,
            Self::Missing => End::Exit(1),
        };
        Behaviour {
            end,
            after_ms: LIFE,
            ..Behaviour::default()
        }
    }
}

/// Every way to end, one after the other.
pub(super) fn ends(task: &Task, delay: u64) -> Result<Cell> {
    measure(task, &Setting::new(delay, 3), &WAYS)
}

/// A delay that is shorter than what some supervisors leave between two starts.
pub(super) fn short(task: &Task) -> Result<Cell> {
    let mut setting = Setting::new(1, 3);
    setting.delay = "200ms".parse()?;
    setting.launcher = Launcher::Native;
    let (ways, _) = WAYS.split_at(WAYS.len() - 1);
    measure(task, &setting, ways)
}

/// Only a few ways, because each takes the whole delay.
pub(super) fn long(task: &Task, delay: u64) -> Result<Cell> {
    let outside = Way::Outside(Signal::SIGKILL);
    match delay {
        10 => {
            let ways = [outside, Way::Itself(End::Exit(1))];
            measure(task, &Setting::new(delay, 3), &ways)
        }
        _ => measure(task, &Setting::new(delay, 3), &[outside]),
    }
}

fn measure(task: &Task, setting: &Setting, ways: &[Way]) -> Result<Cell> {
    let mut bed = setting.boot(task)?;
    let delay = setting.delay.duration();
    let mut record = start(&mut bed, &ways[0].orders())?;
    let (mut late, mut again) = (Vec::new(), 0);
    let mut number = 0;
    while let Some(&way) = ways.get(number) {
        task.step(number, ways.len());
        // The next start has the orders for the next way.
        let next = ways.get(number + 1).copied();
        let next = next.map_or_else(Behaviour::default, Way::orders);
        bed.behave(&next)?;
        let ended = end(&mut bed, way, &record)?;
        let starts = match way {
            Way::Missing => missing(&bed, delay)?,
            _ => 1,
        };
        record = bed.next_start(delay + PATIENCE)?;
        let wanted = delay * starts;
        let took = record.at.saturating_sub(ended);
        let in_time = took <= wanted + LATE * starts;
        let is = || {
            let (took, wanted) = (seconds(took), seconds(wanted));
            format!("{way:?}: the next start is {took} after the end, not {wanted}")
        };
        if took < wanted {
            fail!("{}", is());
        }
        if !in_time && again == TRIES {
            late!("{}", is());
        }
        if in_time {
            late.push((took.as_secs_f64() - wanted.as_secs_f64()) / f64::from(starts));
            number += 1;
            continue;
        }
        // A machine that is busy with others can make any start late once.
        again += 1;
        bed.behave(&way.orders())?;
        bed.machine.kill(record.pid, Signal::SIGKILL)?;
        record = bed.next_start(delay + PATIENCE)?;
    }
    let again = match again {
        0 => String::new(),
        again => format!(" ({again} late, measured again)"),
    };
    Ok(Cell::Passed(lateness(late) + &again))
}

/// Ends this start, or waits until it has ended itself. Returns when that was.
fn end(bed: &mut Bed, way: Way, record: &Record) -> Result<Duration> {
    match way {
        Way::Itself(_) | Way::Missing => end_of(bed, record.pid),
        Way::Outside(signal) => {
            std::thread::sleep(Duration::from_millis(LIFE));
            let at = bed.machine.kill(record.pid, signal)?;
            match signal {
                Signal::SIGKILL => Ok(at),
                _ => end_of(bed, record.pid),
            }
        }
    }
}

/// Takes the program away for two starts. Returns the number of the start that has it again.
fn missing(bed: &Bed, delay: Duration) -> Result<u32> {
    const PROGRAM: &str = "/usr/bin/kubelet";
    bed.remove_file(PROGRAM)?;
    let says = match bed.init.name() {
        // It has up to three lines for each; this one comes from the manager itself.
        "systemd" => "status=203/EXEC",
        _ => PROGRAM,
    };
    bed.wait("two failed starts in the log", 3 * delay + PATIENCE, || {
        let log = bed.log()?;
        Ok(log.lines().filter(|line| line.contains(says)).count() >= 2)
    })?;
    bed.put(&File::link(PROGRAM, crate::bed::BINARY))?;
    Ok(3)
}

/// 200 crashes in a row, or a quarter of them.
pub(super) fn crashes(task: &Task) -> Result<Cell> {
    let crashes = task.cases.map_or(200, |_| 50);
    let some = crashes / 4;
    let mut setting = Setting::new(1, 3);
    setting.delay = shortest(task)?;
    let mut bed = setting.boot(task)?;
    let orders = Behaviour {
        end: End::Exit(1),
        ..Behaviour::default()
    };
    let first = start(&mut bed, &Behaviour::default())?;
    crash(&bed, &first, &orders)?;
    let mut last = bed.next_start(PATIENCE)?.at;
    let mut gaps = Vec::new();
    while gaps.len() < crashes {
        let at = bed.next_start(PATIENCE)?.at;
        gaps.push(at.saturating_sub(last));
        last = at;
        bed.events()?;
        task.step(gaps.len(), crashes);
    }
    let (first, end) = (median(&gaps[..some]), median(&gaps[crashes - some..]));
    if end > first + LATE {
        fail!(
            "the time between starts grows from {} to {}",
            seconds(first),
            seconds(end)
        );
    }
    if let Some(early) = gaps.iter().find(|gap| **gap < setting.delay.duration()) {
        fail!("a start came after {}", seconds(*early));
    }
    Ok(Cell::Passed(format!(
        "{crashes}, {}, at the end {}",
        seconds(first),
        seconds(end)
    )))
}

fn median(gaps: &[Duration]) -> Duration {
    let mut sorted = gaps.to_vec();
    sorted.sort();
    sorted[sorted.len() / 2]
}

/// Each start has what the file says then.
pub(super) fn env_files(task: &Task) -> Result<Cell> {
    const STARTS: usize = 3;
    let mut bed = Setting::new(1, 3).boot(task)?;
    let set = |bed: &Bed, number: usize| {
        bed.put_file(
            DEFAULT,
            format!("KUBELET_EXTRA_ARGS=--start={number}\n").as_bytes(),
        )
    };
    set(&bed, 0)?;
    let mut record = start(&mut bed, &Behaviour::default())?;
    for number in 0..STARTS {
        let wanted = format!("--start={number}");
        if record.argv.last().map(Vec::as_slice) != Some(wanted.as_bytes()) {
            fail!("start {number} has {:?}", record.argv);
        }
        set(&bed, number + 1)?;
        crash(&bed, &record, &Behaviour::default())?;
        record = bed.next_start(PATIENCE)?;
    }
    Ok(Cell::Passed(format!("{STARTS} of {STARTS}")))
}
