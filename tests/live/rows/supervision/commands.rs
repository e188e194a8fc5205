//! Commands in the restart delay.

use std::time::Duration;

use super::{
    AT_ONCE, LATE, Setting, crash, no_start_for, nothing_left, seconds, start as start_kubelet,
};
use crate::bed::{Bed, Output};
use crate::error::{Result, fail, late};
use crate::lanes::Task;
use crate::recorder::{Behaviour, now};
use crate::report::Cell;

/// In the delay, for sure.
const A_MOMENT: Duration = Duration::from_millis(700);

/// A service in its restart delay, and when it ended.
fn crashed(task: &Task, delay: u64) -> Result<(Bed, Duration)> {
    let mut bed = Setting::new(delay, 3).boot(task)?;
    let record = start_kubelet(&mut bed, &Behaviour::default())?;
    let ended = crash(&bed, &record, &Behaviour::default())?;
    std::thread::sleep(A_MOMENT);
    Ok((bed, ended))
}

pub(super) fn stop(task: &Task) -> Result<Cell> {
    const DELAY: u64 = 4;
    let (mut bed, ended) = crashed(task, DELAY)?;
    let began = now();
    bed.stop()?;
    let took = now().saturating_sub(began);
    nothing_left(&bed, "when `stop` returns")?;
    let until = ended + Duration::from_secs(DELAY) + LATE + LATE;
    no_start_for(&mut bed, until.saturating_sub(now()))?;
    if took > AT_ONCE {
        late!("`stop` takes {}", seconds(took));
    }
    Ok(Cell::Passed(seconds(took)))
}

pub(super) fn restart(task: &Task) -> Result<Cell> {
    let (mut bed, _) = crashed(task, 8)?;
    let began = now();
    bed.restart()?;
    let took = bed.next_start(AT_ONCE)?.at.saturating_sub(began);
    no_start_for(&mut bed, LATE)?;
    let figure = seconds(took);
    match task.init.looks_each_second() {
        _ if took <= AT_ONCE => Ok(Cell::Passed(figure)),
        Some(because) if took <= AT_ONCE + LATE => Ok(Cell::Limit { figure, because }),
        _ => late!("it starts after {figure}"),
    }
}

pub(super) fn start(task: &Task) -> Result<Cell> {
    let refusal = task.init.refuses_start();
    let delay = if refusal.is_some() { 4 } else { 8 };
    let (mut bed, ended) = crashed(task, delay)?;
    let began = now();
    let Some(refusal) = refusal else {
        bed.start()?;
        let took = bed.next_start(AT_ONCE)?.at.saturating_sub(began);
        if took > AT_ONCE {
            late!("it starts after {}", seconds(took));
        }
        return Ok(Cell::Passed(seconds(took)));
    };
    let answer = answer(&bed)?;
    let Some(says) = refusal.says.iter().find(|says| answer.contains(**says)) else {
        fail!("`start` does not say {:?} any more: {answer}", refusal.says);
    };
    let at = bed.next_start(Duration::from_secs(delay))?.at;
    let (took, left) = (at.saturating_sub(began), at.saturating_sub(ended));
    let delay = Duration::from_secs(delay);
    // A version that starts it does what is wanted.
    if left < delay && took <= AT_ONCE {
        return Ok(Cell::Passed(seconds(took)));
    }
    if !(delay..=delay + LATE).contains(&left) {
        fail!(
            "{} of the delay passed: it is not as documented",
            seconds(left)
        );
    }
    let says = match *says {
        "" => String::new(),
        says => format!(", `{says}`"),
    };
    Ok(Cell::Limit {
        figure: format!("{}, when the delay is over{says}", seconds(took)),
        because: refusal.because,
    })
}

/// What `start` says. runit's waits as long as it is told: it says more when that is short.
fn answer(bed: &Bed) -> Result<String> {
    let output: Output = if bed.init.name() == "runit" {
        bed.run(&["sv", "-w", "1", "start", "kubelet"])?
    } else {
        let argv = bed.init.start();
        bed.run(&argv.iter().map(String::as_str).collect::<Vec<_>>())?
    };
    Ok(output.all())
}
