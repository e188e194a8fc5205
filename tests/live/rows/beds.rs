//! The beds themselves.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::bed::{Bed, Boot, Cgroups, File, PATIENCE};
use crate::error::{Context, Result, fail};
use crate::lanes::Task;
use crate::recorder::text;
use crate::report::Cell;
use crate::service::{BARE_ARGV, bare};

/// Milliseconds, rounded to what a reader wants.
pub(super) fn ms(time: Duration) -> String {
    format!("{:.0} ms", time.as_secs_f64() * 1000.0)
}

/// A bed with the bare service.
pub(super) fn bare_bed(task: &Task) -> Result<Bed> {
    Bed::boot(task.init, &bare(task.init), &Boot::default())
}

pub(super) fn one_life(task: &Task) -> Result<Cell> {
    let began = Instant::now();
    let mut bed = bare_bed(task)?;
    let boot = began.elapsed();
    if let Some(event) = bed.events()?.first() {
        fail!("the service has not been started, but there is {event:?}");
    }
    bed.start()?;
    let first = bed.next_start(PATIENCE)?;
    let argv: Vec<_> = first.argv.iter().map(|word| text(word)).collect();
    if argv != BARE_ARGV {
        fail!("argv is {argv:?}");
    }
    let known = bed.main_pid()?;
    if known != Some(first.pid) || !bed.is_alive(first.pid) {
        fail!("the recorder is {}, the init says {known:?}", first.pid);
    }
    if task.init.name() == "systemd"
        && !first.cgroup.ends_with("0::/system.slice/kubelet.service\n")
    {
        fail!(
            "the cgroup namespace does not begin at the bed's cgroup: {}",
            first.cgroup
        );
    }
    bed.restart()?;
    let second = bed.next_start(PATIENCE)?;
    if second.pid == first.pid || bed.is_alive(first.pid) {
        fail!(
            "after a restart {} is there beside {}",
            first.pid,
            second.pid
        );
    }
    let began = Instant::now();
    task.init.cycle(&bed)?;
    let third = bed.next_start(PATIENCE)?;
    let cycle = began.elapsed();
    bed.stop()?;
    if bed.is_alive(third.pid) {
        fail!("after a stop {} is there", third.pid);
    }
    bed.start()?;
    bed.next_start(PATIENCE)?;
    let began = Instant::now();
    drop(bed);
    Ok(Cell::Passed(format!(
        "boot {}, cycle {}, end {}",
        ms(boot),
        ms(cycle),
        ms(began.elapsed())
    )))
}

pub(super) fn enabled(task: &Task) -> Result<Cell> {
    let began = Instant::now();
    let mut bed = Bed::boot(
        task.init,
        &bare(task.init),
        &Boot {
            enabled: true,
            ..Boot::default()
        },
    )?;
    bed.next_start(PATIENCE)?;
    Ok(Cell::Passed(format!("after {}", ms(began.elapsed()))))
}

pub(super) fn files(task: &Task) -> Result<Cell> {
    let mut tree = bare(task.init);
    tree.push(File::folder("/opt/live-suite/folder", 0o700));
    tree.push(File::link("/opt/live-suite/link", "/opt/live-suite/folder"));
    tree.push(File::fifo("/opt/live-suite/fifo", 0o600));
    let bed = Bed::boot(task.init, &tree, &Boot::default())?;
    // An absolute link leads to the bed's file and not to the machine's.
    bed.put_file("/opt/live-suite/link/file", b"one")?;
    bed.put_file("/opt/live-suite/link/file", b"two\0\xff")?;
    if bed.read_file("/opt/live-suite/folder/file")? != b"two\0\xff" {
        fail!("what was written is not what is read");
    }
    let seen = bed
        .run(&[
            "stat",
            "-c",
            "%a %F",
            "/opt/live-suite/folder",
            "/opt/live-suite/fifo",
        ])?
        .text();
    if seen != "700 directory\n600 fifo" {
        fail!("a command sees {seen:?}");
    }
    bed.put_file("/usr/bin/live-suite", b"")?;
    bed.remove_file("/usr/bin/stat")?;
    bed.remove_file("/usr/bin/stat").context("again")?;
    for path in [
        "/opt/live-suite",
        "/usr/bin/live-suite",
        "/.bed",
        "/run/recorder",
    ] {
        if Path::new(path).exists() {
            fail!("the machine has {path}");
        }
    }
    if !Path::new("/usr/bin/stat").exists() || bed.run(&["/usr/bin/stat"])?.code != 127 {
        fail!("/usr/bin/stat was removed in the bed alone");
    }
    Ok(Cell::Passed(String::new()))
}

pub(super) fn cgroups(task: &Task) -> Result<Cell> {
    let probe = "cd /sys/fs/cgroup || exit; for place in . unified systemd; do \
                 [ -e $place/cgroup.procs ] || continue; \
                 mkdir $place/probe 2>/dev/null && echo 0 >$place/probe/cgroup.procs && echo $place; done; \
                 cut -d: -f3 /proc/self/cgroup | grep -c probe";
    let variants = [
        (Cgroups::Unified, ".\n1"),
        (Cgroups::Hybrid, "unified\nsystemd\n2"),
        (Cgroups::Legacy, "systemd\n1"),
        (Cgroups::ReadOnly, "0"),
        (Cgroups::Absent, "0"),
    ];
    for (cgroups, expected) in variants {
        let bed = Bed::boot(
            task.init,
            &bare(task.init),
            &Boot {
                cgroups,
                ..Boot::default()
            },
        )?;
        let found = bed.run(&["sh", "-c", probe])?;
        if found.text() != expected {
            fail!(
                "{cgroups:?}: a command can enter {:?}: {}",
                found.text(),
                found.all()
            );
        }
    }
    Ok(Cell::Passed(String::new()))
}

pub(super) fn side_by_side(task: &Task) -> Result<Cell> {
    let mut beds = Vec::new();
    for number in 0..4 {
        let bed = bare_bed(task)?;
        bed.put_file("/etc/number", &[number])?;
        bed.start()?;
        beds.push(bed);
    }
    for (number, bed) in beds.iter_mut().enumerate() {
        let record = bed.next_start(PATIENCE)?;
        let number = u8::try_from(number)?;
        if bed.read_file("/etc/number")? != [number] || bed.main_pid()? != Some(record.pid) {
            fail!("bed {number} has become another's");
        }
        if let Some(event) = bed.events()?.first() {
            fail!("bed {number} has an event of another: {event:?}");
        }
    }
    Ok(Cell::Passed(String::new()))
}

pub(super) fn errors(task: &Task) -> Result<Cell> {
    let bed = bare_bed(task)?;
    let argv = ["sh", "-c", "echo out; echo err >&2; exit 3"].map(str::to_owned);
    let Err(error) = bed.expect(&argv) else {
        fail!("exit 3 is not a failure")
    };
    if error.to_string() != "`sh -c echo out; echo err >&2; exit 3` exits with 3: out\nerr" {
        fail!("the failure says: {error}");
    }
    if bed.run(&["sh", "-c", "kill -9 $$"])?.code != 128 + 9
        || bed.run(&["no-such-program"])?.code != 127
    {
        fail!("a signal and a missing program have exit codes");
    }
    // What a command leaves in the background does not hold it, though it keeps stdout open.
    let output = bed.run(&["sh", "-c", "sleep 60 & echo done"])?;
    if output.text() != "done" || output.took > Duration::from_secs(10) {
        fail!("a command with a background process took {:?}", output.took);
    }
    let Err(error) = bed
        .machine
        .run(&["sleep", "60"], Duration::from_millis(100))
    else {
        fail!("sleep 60 ended")
    };
    if error.to_string() != "`sleep 60` does not end within 100ms" {
        fail!("a hanging command says: {error}");
    }
    nix::sys::signal::kill(
        nix::unistd::Pid::from_raw(bed.machine.first_pid()),
        nix::sys::signal::Signal::SIGKILL,
    )?;
    let Err(error) = bed.wait("never", PATIENCE, || Ok(false)) else {
        fail!("a killed bed is alive")
    };
    if error.to_string() != "the bed has ended" {
        fail!("a killed bed says: {error}");
    }
    Ok(Cell::Passed(String::new()))
}
