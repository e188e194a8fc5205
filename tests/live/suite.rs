//! Runs rows × inits: who can run here, in which order, several at a time.

use std::collections::VecDeque;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Instant;

use clap::Parser;

use crate::bed::{self, Init};
use crate::error::{Failure, Result};
use crate::leftovers;
use crate::report::{Cell, Progress, Report};
use crate::rows::{self, References, Row};

/// Starts the service on the real init systems and compares what the kubelet gets.
#[derive(Debug, Parser)]
#[command(name = "live", disable_version_flag = true)]
struct Args {
    /// Only this init; may be given more than once
    #[arg(long, value_name = "INIT", value_parser = bed::ALL.iter().map(|init| init.name()).collect::<Vec<_>>())]
    only: Vec<String>,
    /// Also the rows that wait for the real delays of minutes
    #[arg(long)]
    slow: bool,
    /// Print the rows and end
    #[arg(long)]
    list: bool,
    /// A missing right or program is a failure, as it is with CI=true
    #[arg(long)]
    all: bool,
    /// Rows at the same time; by default one more than there are processors, because most of them wait
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Only rows whose name contains one of these
    filters: Vec<String>,
}

/// What a row gets.
pub(crate) struct Task<'a> {
    pub(crate) init: &'static dyn Init,
    /// What live systemd gave in this run.
    pub(crate) references: &'a References,
    pub(crate) progress: &'a Progress,
}

impl Task<'_> {
    /// Tells who watches how far a long row is.
    pub(crate) fn step(&self, row: &str, done: usize, of: usize) {
        self.progress.step(row, self.init.name(), done, of);
    }
}

pub(crate) fn main() -> i32 {
    let args = Args::parse();
    if args.list {
        for row in rows::ALL {
            let inits: Vec<_> = bed::ALL
                .iter()
                .filter(|init| row.runs_on(**init))
                .map(|init| init.name())
                .collect();
            println!(
                "{:<28} {:<4} {}\n{:34}{}",
                row.name,
                if row.slow { "slow" } else { "" },
                inits.join(" "),
                "",
                row.about
            );
        }
        return 0;
    }
    let required = args.all || std::env::var_os("CI").is_some_and(|value| value == "true");
    if !nix::unistd::geteuid().is_root() {
        println!("live suite skipped: not root, which namespaces and mounts need");
        return i32::from(required);
    }
    run(&args, required)
}

fn run(args: &Args, required: bool) -> i32 {
    let before = leftovers::Machine::look();
    let report = Report::new();
    let mut jobs = VecDeque::new();
    for init in bed::ALL.iter().copied() {
        if !args.only.is_empty() && !args.only.iter().any(|name| name == init.name()) {
            continue;
        }
        let missing: Vec<_> = init
            .programs()
            .iter()
            .filter(|name| which::which(name).is_err())
            .copied()
            .collect();
        let why = (!missing.is_empty()).then(|| format!("missing: {}", missing.join(", ")));
        if let Some(why) = &why {
            println!("{} skipped: {why}", init.name());
        }
        for row in rows::ALL {
            let chosen = args.filters.is_empty()
                || args.filters.iter().any(|filter| row.name.contains(filter));
            if !row.runs_on(init) || !chosen || (row.slow && !args.slow) {
                continue;
            }
            match &why {
                None => jobs.push_back((row, init)),
                Some(why) if required => {
                    report.add(row.name, init.name(), Cell::Failed(why.clone()))
                }
                Some(why) => report.add(row.name, init.name(), Cell::Skipped(why.clone())),
            }
        }
    }
    // The longest first, so that the short ones fill the gaps.
    jobs.make_contiguous()
        .sort_by_key(|(row, init)| (std::cmp::Reverse(row.weight), init.name() != "runit"));
    work(args, jobs, &report);
    if let Err(left) = before.same_as_now() {
        report.add("nothing is left", "all", Cell::Failed(left.to_string()));
    }
    report.finish()
}

fn work(args: &Args, jobs: VecDeque<(&'static Row, &'static dyn Init)>, report: &Report) {
    let workers = args
        .jobs
        .unwrap_or_else(|| thread::available_parallelism().map_or(2, |count| count.get() + 1));
    let progress = Progress::new(jobs.len());
    let (jobs, references) = (Mutex::new(jobs), References::default());
    let next = || {
        jobs.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
    };
    thread::scope(|scope| {
        let busy: Vec<_> = (0..workers.max(1))
            .map(|_| {
                scope.spawn(|| {
                    while let Some((row, init)) = next() {
                        let began = Instant::now();
                        progress.begin(row.name, init.name());
                        let cell = one(
                            row,
                            &Task {
                                init,
                                references: &references,
                                progress: &progress,
                            },
                        );
                        progress.end(row.name, init.name(), &cell, began.elapsed());
                        report.add(row.name, init.name(), cell);
                    }
                })
            })
            .collect();
        progress.show_until(|| busy.iter().all(thread::ScopedJoinHandle::is_finished));
    });
}

/// Runs one row; a panic in it is its failure.
fn one(row: &Row, task: &Task) -> Cell {
    let work = std::panic::AssertUnwindSafe(|| (row.run)(task));
    match std::panic::catch_unwind(work) {
        Ok(Ok(figure)) => figure,
        Ok(Err(error)) => Cell::Failed(error.to_string()),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|&text| text.to_owned()));
            Cell::Failed(format!("panic: {}", text.unwrap_or_default()))
        }
    }
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
