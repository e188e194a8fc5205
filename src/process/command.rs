//! A program to run, as data: its words, its time, and how its result is read.

use std::fmt;
use std::time::Duration;

use crate::rendering::quote;

/// A command with the time that it may take and how its result is read.
#[derive(Debug, Clone)]
pub struct Command {
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// How long it may take.
    pub within: Duration,
    /// How long it waits itself before it gives up, where it waits.
    pub gives_up_after: Option<Duration>,
    /// What it waits for, as the end of "waiting for …".
    pub awaits: Option<String>,
    /// How its result is read.
    pub check: fn(&Answer) -> Result<(), Refusal>,
}

/// How much longer than its own patience a tool may take.
const MARGIN: Duration = Duration::from_secs(5);

/// Long enough for every command that only asks.
const PATIENCE: Duration = Duration::from_secs(15);

impl Command {
    /// A command that succeeded when its exit code is 0.
    pub fn new<W: Into<String>>(argv: impl IntoIterator<Item = W>) -> Self {
        Self {
            argv: argv.into_iter().map(Into::into).collect(),
            within: PATIENCE,
            gives_up_after: None,
            awaits: None,
            check: |answer| match answer.code {
                Some(0) => Ok(()),
                _ => Err(Refusal::Failed),
            },
        }
    }

    /// The same with another time.
    #[must_use]
    pub fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }

    /// The same with how long it waits itself. It gets a little more, so that it can
    /// say that it was in vain.
    #[must_use]
    pub fn giving_up_after(mut self, time: Duration) -> Self {
        self.gives_up_after = Some(time);
        self.within(time + MARGIN)
    }

    /// The same with what it waits for.
    #[must_use]
    pub fn awaits(mut self, what: impl Into<String>) -> Self {
        self.awaits = Some(what.into());
        self
    }

    /// The same with another way to read its result.
    #[must_use]
    pub fn check(mut self, check: fn(&Answer) -> Result<(), Refusal>) -> Self {
        self.check = check;
        self
    }
}

/// As a shell takes it.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.argv))
    }
}

/// Words as a shell takes them.
pub(crate) fn shown(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| quote::sh(word)).collect();
    words.join(" ")
}

/// What a command said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// Its exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Answer {
    /// That of a tool that failed, and complained in these words.
    #[cfg(test)]
    pub(crate) fn complaint(code: i32, words: &str) -> Self {
        Self {
            code: Some(code),
            stderr: format!("{words}\n"),
            ..Self::default()
        }
    }

    /// Whether it said this anywhere.
    pub fn says(&self, text: &str) -> bool {
        self.stdout.contains(text) || self.stderr.contains(text)
    }

    /// The lines that it said, errors first, without blanks around them.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        let lines = self.stderr.lines().chain(self.stdout.lines());
        lines.map(str::trim).filter(|line| !line.is_empty())
    }

    /// What it said, for a message: errors first, in one line.
    pub fn message(&self) -> String {
        self.lines().collect::<Vec<_>>().join("; ")
    }
}

/// Why a command did not do what it should, as far as its result tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such service.
    Unknown,
    /// Only another user may.
    NoPermission,
    /// Nothing supervises the service.
    NoSupervisor,
    /// The init itself does not answer.
    Unreachable,
    /// The tool gave up waiting.
    Timeout,
    /// Anything else.
    Failed,
}
