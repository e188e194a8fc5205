//! What becomes of the output.

use std::os::unix::net::UnixDatagram;

use kubelet_unit::service::{LogTo, Span};

use super::{Setting, crash, shortest, start};
use crate::bed::{Init, LOG, PATIENCE, ground};
use crate::error::{Result, fail};
use crate::lanes::Task;
use crate::recorder::{Behaviour, End, Line, Stream};
use crate::report::Cell;

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

/// The inits whose own output a bed keeps, and which give it to what they start. That of sysvinit
/// is the console.
pub(super) fn has_output_of_its_own(init: &dyn Init) -> bool {
    !["systemd", "sysvinit", "s6-rc"].contains(&init.name())
}

/// A line on each stream.
const LINES: [(Stream, &str); 2] = [(Stream::Out, "said to all"), (Stream::Err, "and a warning")];

fn says() -> Behaviour {
    let line = |(stream, text): (Stream, &str)| Line {
        stream,
        text: text.into(),
    };
    Behaviour {
        print: LINES.map(line).into(),
        ..Behaviour::default()
    }
}

/// What the service prints is with what the init itself prints.
pub(super) fn inherited(task: &Task) -> Result<Cell> {
    let setting = Setting::new(1, 3);
    let mut bed = setting.boot_with(task, |service| service.log.to = LogTo::Inherit)?;
    start(&mut bed, &says())?;
    let own = || -> Result<String> { Ok(String::from_utf8_lossy(&bed.read_file(LOG)?).into()) };
    let has_both = || {
        let text = own()?;
        Ok(LINES.iter().all(|(_, line)| text.contains(line)))
    };
    if bed.wait("both lines", PATIENCE, has_both).is_err() {
        fail!("the init's own output is {:?}", own()?);
    }
    bed.stop()?;
    Ok(Cell::Passed("to the init's own output".into()))
}

/// What the service prints comes to `/dev/log` under its name.
pub(super) fn passed_on(task: &Task) -> Result<Cell> {
    let mut setting = Setting::new(1, 3);
    setting.keeps_log = true;
    let mut bed = setting.boot_with(task, |service| service.log.to = LogTo::Syslog)?;
    let socket = bed.inside(|| UnixDatagram::bind("/dev/log"))?;
    socket.set_read_timeout(Some(PATIENCE))?;
    start(&mut bed, &says())?;
    let mut missing: Vec<_> = LINES.iter().map(|(_, line)| *line).collect();
    let (mut buffer, mut all) = ([0; 2048], String::new());
    while !missing.is_empty() {
        let Ok(length) = socket.recv(&mut buffer) else {
            fail!("{missing:?} did not come to syslog; this did:\n{all}");
        };
        let message = String::from_utf8_lossy(&buffer[..length]);
        missing.retain(|line| !(message.contains(line) && message.contains("kubelet")));
        all.extend([&*message, "\n"]);
    }
    bed.stop()?;
    Ok(Cell::Passed("to syslog".into()))
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
    setting.keeps_log = true;
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
