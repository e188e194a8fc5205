//! Boot order.

use std::time::Duration;

use super::{PATIENCE, seconds};
use crate::bed::{Bed, Boot, File, NETWORK, RUNTIME};
use crate::error::{Context, Result, fail, late};
use crate::lanes::Task;
use crate::recorder::now;
use crate::report::Cell;
use crate::service::Rendering;

/// How long the others take to be there.
const TAKES: Duration = Duration::from_millis(1500);
/// What takes its time, and then puts its file there.
fn there(path: &str) -> String {
    format!("sleep {}; date >{path}", TAKES.as_secs_f64())
}

/// Boots with the service enabled. Returns the bed, and how long after the boot its first start came.
fn boot(task: &Task, more: Vec<File>) -> Result<(Bed, Duration, f64)> {
    let mut files = Rendering::default().files(task.init)?;
    files.extend(more);
    let boot = Boot {
        enabled: true,
        ..Boot::default()
    };
    let began = now();
    let mut bed = Bed::boot(task.init, &files, &boot)?;
    let first = bed.next_start(2 * PATIENCE)?;
    // The others write the time of day.
    let since = now().saturating_sub(first.at);
    let epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    Ok((
        bed,
        first.at.saturating_sub(began),
        epoch.saturating_sub(since).as_secs_f64(),
    ))
}

/// The kubelet starts when the others are there; on supervisord, after they have been started.
pub(super) fn after(task: &Task) -> Result<Cell> {
    let (files, places) = task.init.others(&there(NETWORK), &there(RUNTIME));
    let (bed, _, first) = boot(task, files)?;
    let mut waited = f64::MAX;
    for place in places {
        // busybox's `date` has no fractions of a second; a file has.
        let written = bed
            .inside(|| std::fs::metadata(place)?.modified())
            .context(place)?;
        let there = written.duration_since(std::time::UNIX_EPOCH)?.as_secs_f64();
        waited = waited.min(first - there);
    }
    if waited < 0.0 {
        fail!(
            "the kubelet starts {:.2} s before another is there",
            -waited
        );
    }
    Ok(Cell::Passed(format!("{waited:.2} s")))
}

/// What is not installed is no error, and nothing to wait for.
pub(super) fn alone(task: &Task) -> Result<Cell> {
    let (_, took, _) = boot(task, Vec::new())?;
    let soon = 2 * TAKES;
    if took > soon {
        late!("the first start is {} after the boot", seconds(took));
    }
    Ok(Cell::Passed(format!("{} after the boot", seconds(took))))
}
