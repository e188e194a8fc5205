//! Runs rows on inits: several at a time, in lanes that do not disturb one another.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Instant;

use crate::bed::Init;
use crate::error::{Failure, Result};
use crate::report::{Cell, Progress, Report};
use crate::rows::{Lane, References, Row};

/// One row on one init.
pub(crate) type Job = (&'static Row, &'static dyn Init);

/// What a row gets.
pub(crate) struct Task<'a> {
    pub(crate) row: &'static str,
    pub(crate) init: &'static dyn Init,
    /// What live systemd gave in this run.
    pub(crate) references: &'a References,
    pub(crate) progress: &'a Progress,
    /// Of how many env-file cases each category has that this run tries; all without it.
    pub(crate) cases: Option<usize>,
}

impl Task<'_> {
    /// Tells who watches how far a long row is.
    pub(crate) fn step(&self, done: usize, of: usize) {
        self.progress.step(self.row, self.init.name(), done, of);
    }
}

/// How the rows are run.
pub(crate) struct Lanes {
    /// Rows at the same time where they compute; by default two for each processor.
    pub(crate) workers: Option<usize>,
    /// Of how many env-file cases each category has that this run tries; all without it.
    pub(crate) cases: Option<usize>,
    /// Others use this machine too: whatever fails gets a second try, and what is late is no failure.
    pub(crate) shared: bool,
}

impl Lanes {
    /// One lane after the other: what measures is not beside what computes.
    pub(crate) fn work(&self, jobs: &[Job], report: &Report) {
        let processors = thread::available_parallelism().map_or(2, std::num::NonZero::get);
        // What others do there disturbs what measures in any case, and so more at once may do so too.
        let (at_once, measured) = if self.shared { (3, 2) } else { (2, 1) };
        let workers = self.workers.unwrap_or(at_once * processors).max(1);
        let shared = Shared {
            progress: Progress::new(jobs.len()),
            references: References::default(),
            report,
            cases: self.cases,
            spoilt: Mutex::default(),
            second_tries: self.shared,
        };
        let of = |lane| {
            let jobs = jobs.iter().copied().filter(|(row, _)| row.lane == lane);
            Mutex::new(jobs.collect::<VecDeque<_>>())
        };
        let (long, busy) = (of(Lane::Long), of(Lane::Busy));
        let (side, alone) = (of(Lane::Side), of(Lane::Alone));
        thread::scope(|scope| {
            let waiting: Vec<_> = (0..LONG)
                .map(|_| scope.spawn(|| shared.empty(&long)))
                .collect();
            shared.run(&busy, workers);
            shared.run(&side, SIDE);
            shared.run(&alone, measured * processors);
            shared
                .progress
                .show_until(|| waiting.iter().all(thread::ScopedJoinHandle::is_finished));
        });
        shared.try_spoilt_again();
    }
}

/// As many rows that wait for minutes are beside all others.
const LONG: usize = 10;

/// As many beds that only wait are side by side.
const SIDE: usize = 18;

/// What all workers share.
struct Shared<'a> {
    progress: Progress,
    references: References,
    report: &'a Report,
    cases: Option<usize>,
    /// What has failed beside other rows and gets a second try, with nothing beside it.
    spoilt: Mutex<Vec<Job>>,
    /// Whatever fails gets one, and what is late none.
    second_tries: bool,
}

impl Shared<'_> {
    /// Empties a queue with as many workers.
    fn run(&self, jobs: &Mutex<VecDeque<Job>>, workers: usize) {
        thread::scope(|scope| {
            let busy: Vec<_> = (0..workers)
                .map(|_| scope.spawn(|| self.empty(jobs)))
                .collect();
            self.progress
                .show_until(|| busy.iter().all(thread::ScopedJoinHandle::is_finished));
        });
    }

    fn empty(&self, jobs: &Mutex<VecDeque<Job>>) {
        let next = || lock(jobs).pop_front();
        while let Some(job) = next() {
            let began = Instant::now();
            let (row, init) = job;
            self.progress.begin(row.name, init.name());
            let cell = self.one(job);
            // What else runs can spoil one measurement, not one with nothing beside it.
            let to_be_tried_again = match &cell {
                Cell::Failed(why) if row.measures() || self.second_tries => Some(why),
                Cell::Late(why) if !self.second_tries => Some(why),
                _ => None,
            };
            if let Some(why) = to_be_tried_again {
                let line = format!("{} {}, to be tried again: {why}", init.name(), row.name);
                self.progress.say(&line);
                self.progress.pause(row.name, init.name());
                lock(&self.spoilt).push(job);
                continue;
            }
            self.end(job, cell, began);
        }
    }

    /// One after the other, with nothing beside them.
    fn try_spoilt_again(&self) {
        for job in std::mem::take(&mut *lock(&self.spoilt)) {
            let began = Instant::now();
            self.progress.begin(job.0.name, job.1.name());
            let cell = self.one(job).at_the_second_try();
            self.end(job, cell, began);
        }
    }

    fn end(&self, (row, init): Job, cell: Cell, began: Instant) {
        self.progress
            .end(row.name, init.name(), &cell, began.elapsed());
        self.report.add(row.name, init.name(), cell);
    }

    /// Runs one row; a panic in it is its failure.
    fn one(&self, (row, init): Job) -> Cell {
        let task = Task {
            row: row.name,
            init,
            references: &self.references,
            progress: &self.progress,
            cases: self.cases,
        };
        let work = std::panic::AssertUnwindSafe(|| (row.run)(&task));
        match std::panic::catch_unwind(work) {
            Ok(Ok(figure)) => figure,
            Ok(Err(error)) if error.is_late => Cell::Late(error.to_string()),
            Ok(Err(error)) => Cell::Failed(error.to_string()),
            Err(panic) => {
                let text = panic.downcast_ref::<String>().cloned();
                let text =
                    text.or_else(|| panic.downcast_ref::<&str>().map(|&text| text.to_owned()));
                Cell::Failed(format!("panic: {}", text.unwrap_or_default()))
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A value that the first who asks computes, while all others wait.
#[derive(Default)]
pub(crate) struct Once<T>(OnceLock<Result<T, String>>);

impl<T> Once<T> {
    pub(crate) fn get(&self, compute: impl FnOnce() -> Result<T>) -> Result<&T> {
        let computed = self
            .0
            .get_or_init(|| compute().map_err(|error| error.to_string()));
        computed
            .as_ref()
            .map_err(|error| Failure::new(error.as_str()))
    }
}
