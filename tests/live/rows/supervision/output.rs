//! What becomes of the output.

use kubelet_unit::service::Span;

use super::{Setting, crash, shortest, start};
use crate::bed::{PATIENCE, ground};
use crate::error::{Result, fail};
use crate::recorder::{Behaviour, End, Line, Stream};
use crate::report::Cell;
use crate::suite::Task;

/// Every start prints a line on each stream and crashes: all lines are kept.
pub(super) fn kept(task: &Task) -> Result<Cell> {
    const CRASHES: usize = 15;
    let mut setting = Setting::new(1, 3);
    setting.delay = shortest(task)?;
    let mut bed = setting.boot(task)?;
    let orders = |number: usize| {
        let line = |stream, name| Line {
            stream,
            text: format!("{name} of start {number}."),
        };
        let crash = Behaviour {
            print: vec![line(Stream::Out, "stdout"), line(Stream::Err, "stderr")],
            end: End::Exit(1),
            ..Behaviour::default()
        };
        match number < CRASHES {
            true => crash,
            false => Behaviour::default(),
        }
    };
    let first = start(&mut bed, &Behaviour::default())?;
    crash(&bed, &first, &orders(0))?;
    bed.next_start(PATIENCE)?;
    for number in 1..=CRASHES {
        bed.behave(&orders(number))?;
        bed.next_start(PATIENCE)?;
    }
    let count = |log: &str, name: &str| {
        (0..CRASHES)
            .filter(|number| log.matches(&format!("{name} of start {number}.")).count() == 1)
            .count()
    };
    let both = || -> Result<_> {
        let log = bed.log()?;
        Ok((count(&log, "stdout"), count(&log, "stderr")))
    };
    let all = bed.wait("all lines", PATIENCE, || Ok(both()? == (CRASHES, CRASHES)));
    let (out, err) = both()?;
    if all.is_err() {
        fail!("{out} of {CRASHES} lines of stdout are kept, {err} of stderr");
    }
    Ok(Cell::Passed(format!(
        "{out} of {CRASHES}, {err} of {CRASHES}"
    )))
}

/// Whether the logger is one that rotates late: seen with s6 2.13.1, and not with 2.11 and 2.15.
fn is_late(task: &Task) -> bool {
    let version = task.init.version(&ground());
    task.init.name() == "s6" && version.is_some_and(|version| version.starts_with("2.13."))
}

/// The log does not grow beyond what its settings allow.
pub(super) fn rotation(task: &Task) -> Result<Cell> {
    const KIB: u64 = 1024;
    const SIZE: u64 = 256 * KIB;
    const KEEP: u64 = 2;
    /// 1 MiB each time.
    const LINES: u32 = 16 * 1024;
    const TIMES: usize = 4;
    let mut setting = Setting::new(1, 3);
    setting.delay = Span::seconds(1);
    let (size, keep) = (format!("{SIZE}").parse()?, format!("{KEEP}").parse()?);
    let mut bed = setting.boot_with(task, |service| {
        service.log.max_size = size;
        service.log.keep = keep;
    })?;
    let orders = Behaviour {
        lines: LINES,
        end: End::Exit(1),
        ..Behaviour::default()
    };
    let first = start(&mut bed, &Behaviour::default())?;
    crash(&bed, &first, &orders)?;
    let mut pids = Vec::new();
    for _ in 0..TIMES {
        pids.push(bed.next_start(PATIENCE)?.pid);
        if task.init.needs_logrotate() {
            // What cron does once a day.
            bed.expect(&["logrotate", "/etc/logrotate.d/kubelet"].map(str::to_owned))?;
        }
    }
    bed.behave(&Behaviour::default())?;
    bed.next_start(PATIENCE)?;
    let last = format!("line {} {} ", pids[TIMES - 1], LINES - 1);
    bed.wait("the last line in the log", PATIENCE, || {
        Ok(bed.log()?.contains(&last))
    })?;
    if task.init.needs_logrotate() {
        bed.expect(&["logrotate", "/etc/logrotate.d/kubelet"].map(str::to_owned))?;
    }
    let bytes = u64::try_from(bed.log()?.len())?;
    // Each file may be longer by what the logger reads at once.
    if bytes > (KEEP + 1) * (SIZE + SIZE / 2) && is_late(task) {
        let old = bed.expect(&["sh", "-c", "ls /var/log/kubelet/@* | wc -l"].map(str::to_owned))?;
        if old.text() == KEEP.to_string() {
            return Ok(Cell::Limit {
                figure: format!("{} KiB", bytes / KIB),
                because: "s6-log of 2.13 looks at a file's size between bursts alone: a burst can make one longer \
                          than its limit",
            });
        }
    }
    if bytes > (KEEP + 1) * (SIZE + SIZE / 2) || bytes == 0 {
        let files = bed.expect(
            &[
                "find",
                "/var/log",
                "-name",
                "*kubelet*",
                "-exec",
                "ls",
                "-lR",
                "{}",
                ";",
            ]
            .map(str::to_owned),
        )?;
        fail!("the log takes {} KiB:\n{}", bytes / KIB, files.text());
    }
    Ok(Cell::Passed(format!("{} KiB", bytes / KIB)))
}
