//! `kubelet-unit service reload`, next to live systemd.

use std::time::Duration;

use nix::sys::signal::Signal;

use kubelet_unit::backends::Launcher;
use kubelet_unit::service::{Reload, Signal as Stopping, Span};

use super::drive::{ask, expect, program};
use crate::bed::{self, Bed, Boot, Init, PATIENCE};
use crate::error::{Result, fail};
use crate::lanes::Task;
use crate::recorder::Event;
use crate::report::Cell;
use crate::service::Rendering;

/// What came of a reload: exit codes, and the signals that the service got for it.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    running: i32,
    signals: Vec<i32>,
    stopped: i32,
    unknown: i32,
}

/// A service that names a signal gets that signal, once, and fails to reload where it is down.
pub(super) fn by_signal(task: &Task) -> Result<Cell> {
    let Some(systemd) = bed::by_name("systemd") else {
        fail!("no systemd among the inits")
    };
    let reference = told(systemd, Launcher::Sh)?;
    let expected = Told {
        running: 0,
        signals: vec![RELOAD as i32],
        stopped: 1,
        unknown: reference.unknown,
    };
    if reference != expected {
        fail!("systemd gives {reference:?}, and not {expected:?}");
    }
    if task.init.name() == "systemd" {
        return Ok(Cell::Passed("USR2".into()));
    }
    for launcher in [Launcher::Sh, Launcher::Native] {
        let told = told(task.init, launcher)?;
        if told != reference {
            fail!("{launcher:?}: {told:?}, where systemd gives {reference:?}");
        }
    }
    Ok(Cell::Passed("as systemd".into()))
}

/// The recorder notes each signal, and goes on after this one: of a service that ends at once systemd says now that it
/// has reloaded, and now that it has not.
const RELOAD: Signal = Signal::SIGUSR2;

fn told(init: &'static dyn Init, launcher: Launcher) -> Result<Told> {
    let rendering = Rendering {
        launcher,
        change: &|service| {
            service.restart.delay = Span::seconds(2);
            service.life.reload = Some(Reload::Signal(Stopping::Usr2));
        },
        ..Rendering::default()
    };
    let mut files = rendering.files(init)?;
    files.push(program());
    let mut bed = Bed::boot(init, &files, &Boot::default())?;
    bed.start()?;
    let first = bed.next_start(PATIENCE)?;
    // A command within a second of a start can be lost (sv(8) counts in seconds).
    std::thread::sleep(Duration::from_millis(1100));
    bed.events()?;
    let running = ask(&bed, &["service", "reload"])?.code;
    // A second one would come at once.
    std::thread::sleep(Duration::from_millis(500));
    let signals = bed.events()?.into_iter().filter_map(|event| match event {
        Event::Signal { pid, signal, .. } if pid == first.pid => Some(signal),
        _ => None,
    });
    let signals = signals.collect();
    expect(&bed, &["service", "stop"], 0, "")?;
    let stopped = ask(&bed, &["service", "reload"])?.code;
    let unknown = ask(&bed, &["service", "reload", "no-such-service"])?.code;
    Ok(Told {
        running,
        signals,
        stopped,
        unknown,
    })
}
