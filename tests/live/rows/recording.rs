//! The recorder, and the comparison of its records.

use std::time::Duration;

use super::beds::{bare_bed, ms};
use crate::bed::{Bed, PATIENCE};
use crate::error::{Result, fail};
use crate::lanes::Task;
use crate::recorder::{Behaviour, Child, End, Event, Line, OnTerm, Stream, now};
use crate::report::Cell;

const TERM: i32 = 15;

/// How the init says that the service ended: what is waited for.
fn last_end(bed: &Bed) -> Result<String> {
    let command: &[&str] = match bed.init.name() {
        "systemd" => &[
            "systemctl",
            "show",
            "--value",
            "-p",
            "ExecMainCode",
            "-p",
            "ExecMainStatus",
            "kubelet",
        ],
        _ => &["s6-svdt", "-n", "1", "/run/service/kubelet"],
    };
    Ok(bed.run(command)?.text().replace('\n', " "))
}

pub(super) fn ends(task: &Task) -> Result<Cell> {
    let mut bed = bare_bed(task)?;
    for (end, systemd, s6) in [
        (End::Exit(7), "1 7", "exitcode 7"),
        (End::Signal(11), "2 11", "signal SIGSEGV"),
    ] {
        bed.behave(&Behaviour {
            end,
            after_ms: 20,
            ..Behaviour::default()
        })?;
        bed.start()?;
        bed.next_start(PATIENCE)?;
        let expected = if task.init.name() == "systemd" {
            systemd
        } else {
            s6
        };
        bed.wait(
            expected,
            PATIENCE,
            || Ok(last_end(&bed)?.contains(expected)),
        )?;
        // It crashes in a loop meanwhile: two more starts without any command.
        let first = bed.next_start(PATIENCE)?;
        let second = bed.next_start(PATIENCE)?;
        if second.at.saturating_sub(first.at) < Duration::from_millis(900) {
            fail!(
                "two starts of a crash loop within {:?}",
                second.at.saturating_sub(first.at)
            );
        }
        bed.stop()?;
        bed.events()?;
    }
    Ok(Cell::Passed(String::new()))
}

pub(super) fn term(task: &Task) -> Result<Cell> {
    let mut bed = bare_bed(task)?;
    bed.behave(&Behaviour {
        on_term: OnTerm::After(300),
        ..Behaviour::default()
    })?;
    bed.start()?;
    let record = bed.next_start(PATIENCE)?;
    let began = now();
    bed.stop()?;
    let took = now().saturating_sub(began);
    let events = bed.events()?;
    let from = if task.init.name() == "systemd" {
        1
    } else {
        record.ppid
    };
    let is_term = |event: &&Event| matches!(event, Event::Signal { pid, signal: TERM, sender, .. } if *pid == record.pid && *sender == from);
    let Some(at) = events.iter().find(is_term).map(Event::at) else {
        fail!("no TERM from {from} among {events:?}")
    };
    if at < began || took < Duration::from_millis(300) || bed.is_alive(record.pid) {
        fail!("TERM came at {at:?}, the stop began at {began:?} and took {took:?}");
    }
    // Ignored: systemd KILLs after TimeoutStopSec=1; bare s6 never does, so the test has to.
    bed.behave(&Behaviour {
        on_term: OnTerm::Ignore,
        ..Behaviour::default()
    })?;
    bed.start()?;
    let record = bed.next_start(PATIENCE)?;
    let began = now();
    if task.init.name() == "systemd" {
        bed.stop()?;
        let took = now().saturating_sub(began);
        if bed.is_alive(record.pid)
            || !(Duration::from_millis(900)..Duration::from_millis(2500)).contains(&took)
        {
            fail!("systemd needed {took:?} to KILL what ignores TERM");
        }
        return Ok(Cell::Passed(format!("KILL after {}", ms(took))));
    }
    let stop = bed.run(&["s6-svc", "-wD", "-T", "500", "-d", "/run/service/kubelet"])?;
    if stop.code == 0 || !bed.is_alive(record.pid) {
        fail!("TERM was not ignored");
    }
    bed.expect(&["s6-svc", "-wD", "-T", "5000", "-k", "/run/service/kubelet"].map(str::to_owned))?;
    Ok(Cell::Passed("as told".to_owned()))
}

pub(super) fn children(task: &Task) -> Result<Cell> {
    let mut bed = bare_bed(task)?;
    let children = vec![
        Child::default(),
        Child {
            own_session: true,
            ignore_term: true,
        },
    ];
    bed.behave(&Behaviour {
        children,
        ..Behaviour::default()
    })?;
    bed.start()?;
    let record = bed.next_start(PATIENCE)?;
    let mut pids = Vec::new();
    while pids.len() < 2 {
        for event in bed.events()? {
            if let Event::Child { pid, ppid, .. } = event {
                if ppid != record.pid {
                    fail!(
                        "child {pid} has the parent {ppid}, the kubelet is {}",
                        record.pid
                    );
                }
                pids.push(pid);
            }
        }
        bed.machine.alive()?;
    }
    bed.stop()?;
    let left = pids.iter().filter(|&&pid| bed.is_alive(pid)).count();
    match (task.init.name(), left) {
        ("systemd", 0) => {}
        (other, 1..) if other != "systemd" => {}
        _ => fail!("{left} of 2 children are left after a stop"),
    }
    Ok(Cell::Passed(format!(
        "{left} of 2 left by the bare service"
    )))
}

pub(super) fn lines(task: &Task) -> Result<Cell> {
    const LINES: u32 = 10_000;
    let mut bed = bare_bed(task)?;
    let line = |stream, text: &str| Line {
        stream,
        text: text.to_owned(),
    };
    let print = vec![
        line(Stream::Out, "to stdout"),
        line(Stream::Err, "to stderr"),
    ];
    bed.behave(&Behaviour {
        print,
        lines: LINES,
        ..Behaviour::default()
    })?;
    bed.start()?;
    let record = bed.next_start(PATIENCE)?;
    let last = format!("line {} {} ", record.pid, LINES - 1);
    bed.wait("the last line in the log", PATIENCE, || {
        Ok(bed.log()?.contains(&last))
    })?;
    let log = bed.log()?;
    let count = log.matches(&format!("line {} ", record.pid)).count();
    if count != LINES as usize || !log.contains("to stdout") || !log.contains("to stderr") {
        fail!("{count} of {LINES} lines are in the log");
    }
    Ok(Cell::Passed(format!("{count} lines")))
}

/// The comparison must see what a bare service passes on from its supervisor.
pub(super) fn differences(task: &Task) -> Result<Cell> {
    let start = |init| -> Result<_> {
        let mut bed = Bed::boot(
            init,
            &crate::service::bare(init),
            &crate::bed::Boot::default(),
        )?;
        bed.start()?;
        bed.next_start(PATIENCE)
    };
    let Some(systemd) = crate::bed::by_name("systemd") else {
        fail!("no systemd among the inits")
    };
    let (reference, found) = (start(systemd)?, start(task.init)?);
    let differences = found.differences(&reference, &[]);
    let fields: Vec<_> = differences
        .iter()
        .map(|difference| difference.field.as_str())
        .collect();
    let expected = task.init.passes_on();
    for field in expected {
        if !fields.contains(field) {
            fail!("no difference is seen in {field}, only in {fields:?}");
        }
    }
    // A bed starts its init with no signal blocked: what is blocked comes from the init or the bed is wrong.
    if fields.contains(&"SigBlk") {
        fail!("signals are blocked: {differences:?}");
    }
    if expected.is_empty() && !fields.is_empty() {
        fail!("two starts by systemd differ in {fields:?}");
    }
    Ok(Cell::Passed(format!(
        "{} fields: {}",
        fields.len(),
        fields.join(", ")
    )))
}
