//! What the kubelet has started: what ends with it, and what does not.

use std::time::Duration;

use kubelet_unit::service::Kill;

use super::{KILL_OFF, LATE, Setting, children_of, no_start_for, nothing_left, seconds, start};
use crate::bed::{Bed, Cgroups, PATIENCE};
use crate::error::{Context, Result, fail, late};
use crate::lanes::Task;
use crate::recorder::{Behaviour, Child, Event, Record, now};
use crate::report::Cell;

const TERM: i32 = 15;
const PLAIN: Child = Child {
    own_session: false,
    ignore_term: false,
};
const STUBBORN: Child = Child {
    own_session: true,
    ignore_term: true,
};

/// Starts the kubelet, which crashes and leaves these children; the next start only runs.
/// Returns the start, the pids and when it ended.
fn leave(bed: &mut Bed, children: &[Child]) -> Result<(Record, Vec<i32>, Duration)> {
    let orders = Behaviour {
        children: children.to_vec(),
        ..Behaviour::default()
    };
    let record = start(bed, &orders)?;
    let pids = children_of(bed, record.pid, children.len())?;
    let ended = super::crash(bed, &record, &Behaviour::default())?;
    Ok((record, pids, ended))
}

/// Waits for the end of a process. Returns when it was last seen alive.
fn last_seen(bed: &Bed, pid: i32, timeout: Duration) -> Result<Duration> {
    let end = now() + timeout;
    loop {
        let before = now();
        if !bed.is_alive(pid) {
            return Ok(before);
        }
        if before > end {
            fail!("{pid} is alive after {}", seconds(timeout));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The children of a crash are ended before the next start.
pub(super) fn crash(task: &Task, cgroups: Cgroups) -> Result<Cell> {
    const DELAY: Duration = Duration::from_secs(1);
    const TIMEOUT: Duration = Duration::from_secs(2);
    let mut setting = Setting::new(DELAY.as_secs(), TIMEOUT.as_secs());
    setting.cgroups = cgroups;
    let mut bed = setting.boot(task)?;
    // Without a cgroup, what has made a session of its own is out of reach.
    let stubborn = Child {
        own_session: cgroups != Cgroups::ReadOnly,
        ..STUBBORN
    };
    let (_, pids, ended) = leave(&mut bed, &[PLAIN, stubborn])?;
    for pid in &pids {
        let at = term_of(&mut bed, *pid)?.saturating_sub(ended);
        if at > LATE {
            late!(
                "{pid} of {pids:?} got TERM only {} after the end",
                seconds(at)
            );
        }
    }
    let mut gone = Duration::ZERO;
    for pid in &pids {
        gone = gone.max(last_seen(&bed, *pid, TIMEOUT + PATIENCE)?);
    }
    let next = bed.next_start(PATIENCE)?;
    let (killed, waited) = (gone.saturating_sub(ended), next.at.saturating_sub(gone));
    if killed < TIMEOUT.saturating_sub(LATE / 10) || waited < DELAY {
        fail!(
            "the child is gone {} after the end, and the next start is {} after that",
            seconds(killed),
            seconds(waited)
        );
    }
    if bed.recorders() != [next.pid] {
        fail!("beside {} there is something of {pids:?}", next.pid);
    }
    if killed > TIMEOUT + KILL_OFF {
        late!("the child is gone {} after the end", seconds(killed));
    }
    if waited > DELAY + LATE {
        late!(
            "the next start is {} after the child's end",
            seconds(waited)
        );
    }
    Ok(Cell::Passed(format!(
        "{}, then {}",
        seconds(killed),
        seconds(waited)
    )))
}

/// When this process got its TERM.
fn term_of(bed: &mut Bed, wanted: i32) -> Result<Duration> {
    bed.next("TERM to a child", PATIENCE, |event| match event {
        Event::Signal {
            pid,
            signal: TERM,
            at,
            ..
        } if *pid == wanted => Some(*at),
        _ => None,
    })
}

/// A stop that comes while the children of a crash are being ended.
pub(super) fn stop_meanwhile(task: &Task) -> Result<Cell> {
    const TIMEOUT: Duration = Duration::from_secs(3);
    let mut bed = Setting::new(1, TIMEOUT.as_secs()).boot(task)?;
    let (_, pids, ended) = leave(&mut bed, &[STUBBORN])?;
    term_of(&mut bed, pids[0])?;
    std::thread::sleep(LATE);
    let began = now();
    bed.stop()?;
    let took = now().saturating_sub(began);
    nothing_left(&bed, "when `stop` returns")?;
    // systemd's stop goes on with what has begun; another timeout of its own would be no harm.
    if now() < ended + TIMEOUT {
        fail!("`stop` takes {}", seconds(took));
    }
    if took > TIMEOUT + KILL_OFF {
        late!("`stop` takes {}", seconds(took));
    }
    no_start_for(&mut bed, Duration::from_secs(2))?;
    Ok(Cell::Passed(seconds(took)))
}

/// A process in a cgroup of its own, which is made for it. Returns its pid.
fn container(bed: &Bed, cgroup: &str) -> Result<i32> {
    let script = "mkdir -p \"$0\" && rm -f /run/container && \
                  { setsid sh -c 'echo $$ >\"$0/cgroup.procs\" && echo $$ >/run/container && exec sleep 600' \
                  \"$0\" & } && while ! [ -s /run/container ]; do sleep 0.01; done && cat /run/container";
    let argv = ["sh", "-c", script, cgroup].map(str::to_owned);
    let text = bed.expect(&argv)?.text();
    text.parse().context(format_args!("pid {text:?}"))
}

/// Containers are never touched.
pub(super) fn containers(task: &Task) -> Result<Cell> {
    let mut bed = Setting::new(1, 2).boot(task)?;
    let record = start(&mut bed, &Behaviour::default())?;
    let own = record
        .cgroup
        .lines()
        .find_map(|line| line.strip_prefix("0::"))
        .unwrap_or("/");
    let beside = container(&bed, "/sys/fs/cgroup/kubepods/pod1")?;
    let below = container(&bed, &format!("/sys/fs/cgroup{own}/below"))?;
    let check = |bed: &Bed, when: &str| -> Result<bool> {
        if !bed.is_alive(beside) {
            fail!("{when} the container beside the service's cgroup is gone");
        }
        let alive = bed.is_alive(below);
        if !alive && task.init.name() != "systemd" {
            fail!("{when} the container below the service's cgroup is gone");
        }
        Ok(alive)
    };
    super::crash(&bed, &record, &Behaviour::default())?;
    bed.next_start(PATIENCE)?;
    check(&bed, "after a crash")?;
    bed.stop()?;
    nothing_left(&bed, "when `stop` returns")?;
    let figure = match check(&bed, "after a stop")? {
        true => "alive, alive",
        // KillMode=control-group means all below, too.
        false => "alive, ended",
    };
    Ok(Cell::Passed(figure.to_owned()))
}

/// As containerd's unit has it: its shims outlive it.
pub(super) fn kill_process(task: &Task) -> Result<Cell> {
    let mut bed = Setting::new(1, 3).boot_with(task, |service| {
        service.stop.kill = Kill::Process;
    })?;
    let (_, pids, _) = leave(&mut bed, &[PLAIN, STUBBORN])?;
    let alive = |bed: &Bed, when: &str, main: Option<i32>| -> Result<()> {
        let mut wanted: Vec<_> = pids.iter().copied().chain(main).collect();
        let mut found = bed.recorders();
        wanted.sort_unstable();
        found.sort_unstable();
        if found != wanted {
            fail!("after {when}: {found:?} are alive and not {wanted:?}");
        }
        Ok(())
    };
    let main = bed.next_start(PATIENCE)?.pid;
    alive(&bed, "a crash", Some(main))?;
    bed.restart()?;
    let main = bed.next_start(PATIENCE)?.pid;
    alive(&bed, "a restart", Some(main))?;
    let began = now();
    bed.stop()?;
    let took = now().saturating_sub(began);
    alive(&bed, "a stop", None)?;
    if took > KILL_OFF {
        late!("`stop` takes {}", seconds(took));
    }
    bed.start()?;
    let main = bed.next_start(PATIENCE)?.pid;
    alive(&bed, "a start", Some(main))?;
    let heard = |event: &Event| matches!(event, Event::Signal { pid, .. } if pids.contains(pid));
    if let Some(event) = bed.events()?.iter().find(|event| heard(event)) {
        fail!("a child was signalled: {event:?}");
    }
    Ok(Cell::Passed("alive, alive, alive".to_owned()))
}
