//! A line on a terminal that says how far long work is.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use super::text::Columns;

/// How long a line stays before it is drawn anew.
const INTERVAL: Duration = Duration::from_millis(100);

/// How many columns the bar has, and how many where there is no room for tables.
const WIDTH: usize = 30;
const NARROW: usize = 10;

/// The line. Where standard error is not a terminal there is none.
pub(super) struct Progress {
    total: usize,
    done: usize,
    what: &'static str,
    drawn: Option<Instant>,
    shown: bool,
}

impl Progress {
    /// Begins with nothing done of `total`.
    pub(super) fn new(total: usize, what: &'static str) -> Self {
        Self {
            total,
            done: 0,
            what,
            drawn: None,
            shown: io::stderr().is_terminal(),
        }
    }

    /// Is not shown any more, as lines are printed meanwhile.
    pub(super) fn hide(&mut self) {
        self.shown = false;
    }

    /// One more is done.
    pub(super) fn step(&mut self) {
        self.done += 1;
        let due = self.drawn.is_none_or(|drawn| drawn.elapsed() >= INTERVAL);
        if self.shown && due {
            self.drawn = Some(Instant::now());
            let width = match Columns::of_stderr().have_room_for_tables() {
                true => WIDTH,
                false => NARROW,
            };
            let full = width * self.done / self.total.max(1);
            let bar = format!(
                "{}{}",
                "#".repeat(full),
                " ".repeat(width - full.min(width))
            );
            let (done, total, what) = (self.done, self.total, self.what);
            // A terminal that is gone is no reason to stop.
            let _ = write!(io::stderr(), "\r[{bar}] {done}/{total} {what}");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.drawn.is_some() {
            // Back to the first column, and erase the line (ECMA-48, EL).
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
