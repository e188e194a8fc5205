//! A line on a terminal that says how far long work is.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// How long a line stays before it is drawn anew.
const INTERVAL: Duration = Duration::from_millis(100);

/// How many columns the bar has.
const WIDTH: usize = 30;

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

    /// One more is done.
    pub(super) fn step(&mut self) {
        self.done += 1;
        let due = self.drawn.is_none_or(|drawn| drawn.elapsed() >= INTERVAL);
        if self.shown && due {
            self.drawn = Some(Instant::now());
            let full = WIDTH * self.done / self.total.max(1);
            let bar = format!(
                "{}{}",
                "#".repeat(full),
                " ".repeat(WIDTH - full.min(WIDTH))
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
