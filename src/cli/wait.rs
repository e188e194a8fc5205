//! What is waited for, shown on standard error: one line that changes on a
//! terminal, now and then a line elsewhere.

use std::cell::Cell;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use crate::manage::Watcher;

use super::message;

/// Shows waits, and nothing of what is done within a second.
pub(super) struct Waiting {
    terminal: bool,
    shown: Cell<Option<u64>>,
}

const SHORT: u64 = 1;
/// Between two lines of what is not a terminal.
const BETWEEN: u64 = 15;

impl Waiting {
    pub(super) fn new() -> Self {
        Self {
            terminal: io::stderr().is_terminal(),
            shown: Cell::new(None),
        }
    }
}

impl Watcher for Waiting {
    fn waits(&self, what: &str, passed: Duration, within: Duration) {
        let seconds = passed.as_secs();
        let due = match (self.shown.get(), self.terminal) {
            (None, _) => seconds >= SHORT,
            (Some(last), true) => seconds != last,
            (Some(last), false) => seconds < last || seconds >= last + BETWEEN,
        };
        if !due {
            return;
        }
        self.shown.set(Some(seconds));
        let line = format!("waiting for {what}: {seconds} s of {} s", within.as_secs());
        if self.terminal {
            // Where the terminal has gone, there is nobody to tell.
            drop(write!(io::stderr(), "\r\x1b[K{line}"));
            drop(io::stderr().flush());
        } else {
            message::note(&line);
        }
    }

    /// The line goes away, and what is waited for next gets one of its own.
    fn over(&self) {
        if self.terminal && self.shown.get().is_some() {
            drop(write!(io::stderr(), "\r\x1b[K"));
        }
        self.shown.set(None);
    }
}
