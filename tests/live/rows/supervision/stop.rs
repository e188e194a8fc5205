//! How a stop ends.

use std::time::Duration;

use super::{KILL_OFF, LATE, Setting, children_of, no_start_for, nothing_left, seconds, start};
use crate::bed::{Bed, Cgroups, ground};
use crate::error::{Result, fail, late};
use crate::lanes::Task;
use crate::recorder::{Behaviour, Child, Event, OnTerm, now};
use crate::report::Cell;

const TERM: i32 = 15;
/// How long a stop may take that has to wait for nothing.
const SOON: Duration = Duration::from_secs(1);
const DELAY: u64 = 1;

/// What is stopped.
pub(super) struct Case {
    on_term: OnTerm,
    children: &'static [Child],
    timeout: u64,
    /// Whether KILL is needed.
    killed: bool,
    cgroups: Cgroups,
}

/// It obeys and its children do.
pub(super) const OBEDIENT: Case = Case {
    on_term: OnTerm::Exit(0),
    children: &[
        Child {
            own_session: false,
            ignore_term: false,
        },
        Child {
            own_session: true,
            ignore_term: false,
        },
    ],
    timeout: 3,
    killed: false,
    cgroups: Cgroups::Unified,
};

/// The main process ignores TERM.
pub(super) const STUBBORN: Case = Case {
    on_term: OnTerm::Ignore,
    children: &[],
    killed: true,
    ..OBEDIENT
};

/// A child in its own session ignores TERM, and the main process takes its time. (The more it takes, the later
/// is systemd's KILL: its timeout begins again for what the main process leaves.)
pub(super) const CHILDREN: Case = Case {
    on_term: OnTerm::After(500),
    children: &[
        Child {
            own_session: false,
            ignore_term: false,
        },
        Child {
            own_session: true,
            ignore_term: true,
        },
    ],
    killed: true,
    ..OBEDIENT
};

/// The same where only v1's named hierarchy is.
pub(super) const CHILDREN_LEGACY: Case = Case {
    cgroups: Cgroups::Legacy,
    ..CHILDREN
};

/// The same without a cgroup; what has left the process group then stays.
pub(super) const CHILDREN_READ_ONLY: Case = Case {
    cgroups: Cgroups::ReadOnly,
    children: &[Child {
        own_session: false,
        ignore_term: true,
    }],
    ..CHILDREN
};

/// systemd's own timeout, in full.
pub(super) const FULL: Case = Case {
    on_term: OnTerm::Ignore,
    timeout: 90,
    ..CHILDREN
};

pub(super) fn row(task: &Task, case: &Case) -> Result<Cell> {
    let mut setting = Setting::new(DELAY, case.timeout);
    setting.cgroups = case.cgroups;
    let mut bed = setting.boot(task)?;
    let orders = Behaviour {
        on_term: case.on_term,
        children: case.children.to_vec(),
        ..Behaviour::default()
    };
    let main = start(&mut bed, &orders)?.pid;
    let mut pids = children_of(&mut bed, main, case.children.len())?;
    pids.push(main);
    bed.behave(&Behaviour::default())?;
    let began = now();
    bed.stop()?;
    let took = now().saturating_sub(began);
    nothing_left(&bed, "when `stop` returns")?;
    let timeout = Duration::from_secs(case.timeout);
    let wanted = match case.killed {
        true => timeout..=timeout + KILL_OFF,
        false => Duration::ZERO..=SOON,
    };
    if took < *wanted.start() {
        fail!("`stop` takes {}", seconds(took));
    }
    terms(&mut bed, &pids, case.cgroups == Cgroups::ReadOnly, began)?;
    no_start_for(&mut bed, Duration::from_millis(DELAY * 1000 + 500))?;
    start(&mut bed, &Behaviour::default())?;
    if took > *wanted.end() {
        // Seen with busybox 1.38, and with no other PID 1 of a bed.
        if ground().busybox && took <= *wanted.end() + Duration::from_secs(1) {
            return Ok(Cell::Limit {
                figure: seconds(took),
                because: "busybox's init looks for processes that have ended once a second, and OpenRC's `stop` waits \
                          until supervise-daemon is not there any more",
            });
        }
        late!("`stop` takes {}", seconds(took));
    }
    Ok(Cell::Passed(seconds(took)))
}

/// TERM reaches each process at once and exactly once: a kubelet exits at once on a second one.
///
/// Without a cgroup, the others get it when the main process has ended. systemd signals them a second
/// time then.
fn terms(bed: &mut Bed, pids: &[i32], no_cgroup: bool, began: Duration) -> Result<()> {
    let events = bed.events()?;
    for pid in pids {
        let times: Vec<_> = events
            .iter()
            .filter_map(|event| match event {
                Event::Signal {
                    pid: own,
                    signal: TERM,
                    at,
                    ..
                } if own == pid => Some(at.saturating_sub(began)),
                _ => None,
            })
            .collect();
        let is_main = Some(pid) == pids.last();
        let once = times.len() == 1 || (!is_main && bed.init.name() == "systemd");
        let soon = times.first().is_some_and(|at| *at < LATE);
        if !once {
            fail!("{pid} of {pids:?} got TERM after {times:?}: {events:?}");
        }
        if !soon && !no_cgroup {
            late!("{pid} of {pids:?} got TERM after {times:?}");
        }
    }
    Ok(())
}
