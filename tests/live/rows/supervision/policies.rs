//! After which ends there is a next start, and how often, next to systemd in the same run.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use kubelet_unit::service::{Policy, Service, StartLimit};
use nix::sys::signal::Signal;

use super::{BOOT, shortest};
use crate::bed::{Bed, Boot, PATIENCE};
use crate::error::{Failure, Result, fail, late};
use crate::lanes::Task;
use crate::recorder::{Behaviour, End};
use crate::report::Cell;
use crate::service::Rendering;

/// How long a start lives before it ends by itself.
const LIFE: u64 = 50;
/// How long after an end no start has to come, for there to be none.
const QUIET: Duration = Duration::from_millis(2500);

const POLICIES: [(Policy, &str); 6] = [
    (Policy::Always, "always"),
    (Policy::OnSuccess, "on-success"),
    (Policy::OnFailure, "on-failure"),
    (Policy::OnAbnormal, "on-abnormal"),
    (Policy::OnAbort, "on-abort"),
    (Policy::Never, "never"),
];

/// 7 is one of `successExitStatus`.
const ENDS: [(End, &str); 7] = [
    (End::Exit(0), "0"),
    (End::Exit(1), "1"),
    (End::Exit(7), "7"),
    (End::Exit(129), "129"),
    (End::Signal(Signal::SIGTERM as i32), "TERM"),
    (End::Signal(Signal::SIGKILL as i32), "KILL"),
    (End::Signal(Signal::SIGSEGV as i32), "SEGV"),
];

/// What was seen under systemd, once for all inits.
static EXPECTED: Mutex<Option<String>> = Mutex::new(None);

fn boot(
    task: &Task,
    init: &'static dyn crate::bed::Init,
    change: &dyn Fn(&mut Service),
) -> Result<Bed> {
    let delay = shortest(task)?;
    let change = |service: &mut Service| {
        service.restart.delay = delay;
        service.stop.timeout = kubelet_unit::service::Span::seconds(3);
        change(service);
    };
    let rendering = Rendering {
        change: &change,
        ..Rendering::default()
    };
    let _turn = BOOT.lock().unwrap_or_else(PoisonError::into_inner);
    Bed::boot(init, &rendering.files(init)?, &Boot::default())
}

/// A line for each policy: its name, and the ends after which there was a next start. Two at the
/// same time: with more beds a start can be later than none is waited for.
fn seen(task: &Task, init: &'static dyn crate::bed::Init) -> Result<String> {
    let lines = |policies: &[_]| -> Result<String> {
        let lines = policies.iter().map(|policy| line(task, init, *policy));
        lines.collect()
    };
    let (first, rest) = POLICIES.split_at(POLICIES.len() / 2);
    thread::scope(|scope| {
        let first = scope.spawn(|| lines(first));
        let rest = lines(rest);
        let panicked = |_| Err(Failure::new("a policy has panicked"));
        Ok(first.join().unwrap_or_else(panicked)? + &rest?)
    })
}

fn line(
    task: &Task,
    init: &'static dyn crate::bed::Init,
    (policy, name): (Policy, &str),
) -> Result<String> {
    let change = |service: &mut Service| {
        service.restart.policy = policy;
        service.restart.success_exit_status =
            serde_json::from_str("[7]").unwrap_or_else(|error| panic!("{error}"));
    };
    let mut bed = boot(task, init, &change)?;
    let mut text = name.to_owned();
    for (end, word) in ENDS {
        bed.behave(&Behaviour {
            end,
            after_ms: LIFE,
            ..Behaviour::default()
        })?;
        // Some inits say of a start that ends at once that it has failed; `sv start` waits for
        // seconds.
        let _ = match init.name() {
            "runit" => bed.run(&["sv", "up", "/etc/service/kubelet"]).map(drop),
            _ => bed.start(),
        };
        bed.next_start(PATIENCE)?;
        bed.behave(&Behaviour::default())?;
        let again = bed.next_start(QUIET);
        if again.is_ok() {
            text.extend([" ", word]);
        }
        // Some inits say of what has ended that it cannot be stopped.
        let _ = bed.stop();
        if again.is_ok_and(|again| bed.is_alive(again.pid)) {
            late!("{name}, {word}: what was started again has not ended with its stop");
        }
        bed.events()?;
        // sysvinit reads its entries a while after it was told to, and one that is there again
        // by then has not changed.
        if init.backend() == "sysvinit" {
            thread::sleep(Duration::from_secs(2));
        }
    }
    text += "\n";
    Ok(text)
}

pub(super) fn row(task: &Task) -> Result<Cell> {
    let Some(systemd) = crate::bed::by_name("systemd") else {
        fail!("no systemd among the inits")
    };
    let expected = {
        let mut known = EXPECTED.lock().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Some(text) => text.clone(),
            None => known.insert(seen(task, systemd)?).clone(),
        }
    };
    let found = seen(task, task.init)?;
    if found != expected {
        fail!("started again after\n{found}and under systemd after\n{expected}");
    }
    let pairs = POLICIES.len() * ENDS.len();
    Ok(Cell::Passed(format!("{pairs} as systemd")))
}

/// How many starts a limit allows before the service stays down.
pub(super) fn limit(task: &Task) -> Result<Cell> {
    const STARTS: usize = 3;
    let within = "1min".parse()?;
    let change = |service: &mut Service| {
        service.restart.limit = Some(StartLimit {
            starts: u32::try_from(STARTS).unwrap_or_default(),
            within,
        });
    };
    let mut bed = boot(task, task.init, &change)?;
    bed.behave(&Behaviour {
        end: End::Exit(1),
        after_ms: LIFE,
        ..Behaviour::default()
    })?;
    let _ = bed.start();
    let mut starts = 0;
    while bed
        .next_start(if starts < STARTS { PATIENCE } else { QUIET })
        .is_ok()
    {
        starts += 1;
        if starts > 2 * STARTS {
            break;
        }
    }
    if starts != STARTS {
        fail!("{starts} starts, and not {STARTS}");
    }
    // What is asked for begins a new count, except under systemd.
    if task.init.name() != "systemd" {
        bed.behave(&Behaviour::default())?;
        let _ = bed.stop();
        bed.start()?;
        bed.next_start(PATIENCE)?;
    }
    Ok(Cell::Passed(format!("{starts} starts")))
}
