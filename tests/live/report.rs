//! What the suite shows: progress while it runs, a table at the end.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write, stderr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::bed;

/// The outcome of one row on one init.
#[derive(Clone, Debug)]
pub(crate) enum Cell {
    /// What was measured, in a few words.
    Passed(String),
    Failed(String),
    /// All is right but the time it took.
    Late(String),
    /// What was measured is not what systemd does, because this init itself does not allow it.
    Limit {
        figure: String,
        because: &'static str,
    },
    Skipped(String),
}

impl Cell {
    /// The same, said to be of a second try.
    pub(crate) fn at_the_second_try(self) -> Self {
        match self {
            Self::Passed(figure) => Self::Passed(format!("{figure} (second try)")),
            other => other,
        }
    }

    fn short(&self) -> String {
        match self {
            Self::Passed(figure) => format!("ok  {figure}").trim_end().to_owned(),
            Self::Failed(_) => "FAILED".to_owned(),
            Self::Late(_) => "LATE".to_owned(),
            Self::Limit { figure, because } => format!("limit  {figure}: {because}"),
            Self::Skipped(why) => format!("skipped: {why}"),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How far the suite is. A terminal has one line that is written again; anything else a line now and then.
pub(crate) struct Progress {
    total: usize,
    began: Instant,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    done: usize,
    running: BTreeMap<(&'static str, String), String>,
}

impl Progress {
    pub(crate) fn new(total: usize) -> Self {
        Self {
            total,
            began: Instant::now(),
            state: Mutex::default(),
        }
    }

    pub(crate) fn begin(&self, row: &str, init: &'static str) {
        lock(&self.state)
            .running
            .insert((init, row.to_owned()), String::new());
    }

    pub(crate) fn step(&self, row: &str, init: &'static str, done: usize, of: usize) {
        if let Some(shown) = lock(&self.state).running.get_mut(&(init, row.to_owned())) {
            *shown = format!(" {done}/{of}");
        }
    }

    pub(crate) fn end(&self, row: &str, init: &'static str, cell: &Cell, took: Duration) {
        let mut state = lock(&self.state);
        state.running.remove(&(init, row.to_owned()));
        state.done += 1;
        let (done, total, clear) = (
            state.done,
            self.total,
            if stderr().is_terminal() {
                "\r\x1b[K"
            } else {
                ""
            },
        );
        let outcome = match cell {
            Cell::Failed(why) => format!("FAILED: {why}"),
            Cell::Late(why) => format!("LATE: {why}"),
            other => other.short(),
        };
        eprintln!(
            "{clear}[{done:>3}/{total}] {init:<11} {row:<28} {:>6.2} s  {outcome}",
            took.as_secs_f64()
        );
    }

    /// It does not run for now.
    pub(crate) fn pause(&self, row: &str, init: &'static str) {
        lock(&self.state).running.remove(&(init, row.to_owned()));
    }

    /// A line between the others.
    #[expect(clippy::unused_self, reason = "stderr is shown through it alone")]
    pub(crate) fn say(&self, text: &str) {
        let clear = if stderr().is_terminal() {
            "\r\x1b[K"
        } else {
            ""
        };
        eprintln!("{clear}{text}");
    }

    /// Shows what runs until `over`.
    pub(crate) fn show_until(&self, over: impl Fn() -> bool) {
        let terminal = stderr().is_terminal();
        let pause = Duration::from_millis(if terminal { 200 } else { 5000 });
        let mut last = Instant::now();
        while !over() {
            thread::sleep(Duration::from_millis(20));
            if last.elapsed() < pause {
                continue;
            }
            last = Instant::now();
            let state = lock(&self.state);
            let running: Vec<_> = state
                .running
                .iter()
                .map(|((init, row), step)| format!("{init} {row}{step}"))
                .collect();
            let (begin, end) = if terminal {
                ("\r\x1b[K", "")
            } else {
                ("", "\n")
            };
            let seconds = self.began.elapsed().as_secs();
            let line = format!(
                "{begin}[{:>3}/{}] {seconds} s: {}{end}",
                state.done,
                self.total,
                running.join(", ")
            );
            drop(stderr().write_all(line.as_bytes()));
        }
        if terminal {
            eprint!("\r\x1b[K");
        }
    }
}

/// The table of all outcomes.
pub(crate) struct Report {
    began: Instant,
    /// Whether what was skipped has failed.
    required: bool,
    /// Whether what is late is no failure.
    shared: bool,
    cells: Mutex<Vec<(String, String, Cell)>>,
}

impl Report {
    pub(crate) fn new(required: bool, shared: bool) -> Self {
        Self {
            began: Instant::now(),
            required,
            shared,
            cells: Mutex::default(),
        }
    }

    pub(crate) fn add(&self, row: &str, init: &str, cell: Cell) {
        let cell = match cell {
            Cell::Skipped(why) if self.required => Cell::Failed(format!("skipped: {why}")),
            other => other,
        };
        lock(&self.cells).push((row.to_owned(), init.to_owned(), cell));
    }

    /// Row, init, outcome: in the order in which they ended.
    pub(crate) fn cells(&self) -> Vec<(String, String, Cell)> {
        lock(&self.cells).clone()
    }

    /// Prints the failures, the table and the last line. The exit code: 1 when something has failed.
    pub(crate) fn finish(&self) -> i32 {
        let cells = lock(&self.cells);
        let (mut passed, mut failed, mut late, mut skipped) = (0, 0, 0, 0);
        for (row, init, cell) in cells.iter() {
            match cell {
                Cell::Passed(_) | Cell::Limit { .. } => passed += 1,
                Cell::Skipped(_) => skipped += 1,
                Cell::Late(why) => {
                    late += 1;
                    println!("\nLATE {row} on {init}: {why}");
                }
                Cell::Failed(why) => {
                    failed += 1;
                    println!("\nFAILED {row} on {init}: {why}");
                }
            }
        }
        println!("\n{}", table(&cells));
        let seconds = self.began.elapsed().as_secs_f64();
        println!("{skipped} skipped, {late} late, {seconds:.1} s");
        println!("{passed} passed, {failed} failed");
        i32::from(failed > 0 || (late > 0 && !self.shared))
    }
}

/// Row by row in their order, one line an init.
fn table(cells: &[(String, String, Cell)]) -> String {
    let mut lines = Vec::new();
    for row in crate::rows::all() {
        let on = |init: &&dyn bed::Init| {
            let cell = cells
                .iter()
                .find(|(name, on, _)| name == row.name && on == init.name());
            cell.map(|(_, _, cell)| format!("    {:<11} {}", init.name(), cell.short()))
        };
        let outcomes: Vec<_> = bed::ALL.iter().filter_map(on).collect();
        if !outcomes.is_empty() {
            lines.push(format!("{}: {}", row.name, row.about));
            lines.extend(outcomes);
        }
    }
    lines.join("\n")
}
