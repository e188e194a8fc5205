//! Why a program could not be run to its end.

use std::io;
use std::time::Duration;

use thiserror::Error;

use super::command::shown;

/// Why a program could not be run to its end.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ProcessError {
    /// A command took too long.
    #[error("`{}` did not end within {}", shown(argv), duration(*after))]
    Timeout {
        /// What was run.
        argv: Vec<String>,
        /// The time that it had.
        after: Duration,
    },
    /// A program is not installed.
    #[error("`{program}` is not installed")]
    Missing {
        /// The program.
        program: String,
    },
    /// A program could not be started.
    #[error("cannot run `{program}`: {source}")]
    Spawn {
        /// The program.
        program: String,
        /// What the system said.
        source: io::Error,
    },
}

/// A time as a message has it.
pub(crate) fn duration(time: Duration) -> String {
    match time.as_millis() {
        ms if ms % 1000 == 0 => format!("{} s", ms / 1000),
        ms => format!("{ms} ms"),
    }
}
