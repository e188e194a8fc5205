//! What to do, as data.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::quote;
use crate::root::Root;

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
pub(super) fn shown(words: &[String]) -> String {
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
    /// Whether it said this anywhere.
    pub fn says(&self, text: &str) -> bool {
        self.stdout.contains(text) || self.stderr.contains(text)
    }

    /// What it said, for a message: errors first, in one line.
    pub fn message(&self) -> String {
        let lines: Vec<&str> = self
            .stderr
            .lines()
            .chain(self.stdout.lines())
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        lines.join("; ")
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

/// A question that a command answers.
#[derive(Debug, Clone)]
pub struct Query<T> {
    /// The command. Its own check is not used.
    pub command: Command,
    /// How the answer is read.
    pub read: fn(&Answer) -> Result<T, Refusal>,
}

/// A question: files have answered it, or a command will.
#[derive(Debug, Clone)]
pub enum Question<T> {
    /// The answer.
    Known(T),
    /// Who to ask.
    Ask(Query<T>),
}

/// A step of what is to be done.
#[derive(Debug, Clone)]
pub enum Step {
    /// Run a command.
    Run(Command),
    /// Make a link, and the folder that it is in.
    Link {
        /// The link.
        path: PathBuf,
        /// What it holds.
        target: PathBuf,
    },
    /// Make an empty file, where there is none.
    Touch(PathBuf),
    /// Remove a file or a link, where it is there.
    Remove(PathBuf),
    /// Give a file another name.
    Rename {
        /// Its name.
        from: PathBuf,
        /// Its name afterwards, in the same folder.
        to: PathBuf,
    },
    /// Run a command again and again until it succeeds, or until it fails.
    Until {
        /// The command.
        command: Command,
        /// Whether it has to succeed.
        succeeds: bool,
        /// How long at most.
        within: Duration,
        /// The end of "waiting for …".
        what: String,
    },
}

impl Step {
    /// The same for who types it outside of the tree that it is about. What a link
    /// holds is a path of the tree.
    #[must_use]
    pub fn outside(&self, root: &Root) -> Self {
        match self {
            Self::Link { path, target } => Self::Link {
                path: root.shown(path),
                target: target.clone(),
            },
            Self::Touch(path) => Self::Touch(root.shown(path)),
            Self::Remove(path) => Self::Remove(root.shown(path)),
            Self::Rename { from, to } => Self::Rename {
                from: root.shown(from),
                to: root.shown(to),
            },
            Self::Run(_) | Self::Until { .. } => self.clone(),
        }
    }
}

/// As a person would type it.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = |path: &PathBuf| quote::sh(&path.to_string_lossy());
        match self {
            Self::Run(command) => command.fmt(f),
            Self::Link { path: at, target } => write!(f, "ln -s {} {}", path(target), path(at)),
            Self::Touch(at) => write!(f, "touch {}", path(at)),
            Self::Remove(at) => write!(f, "rm -f {}", path(at)),
            Self::Rename { from, to } => write!(f, "mv {} {}", path(from), path(to)),
            Self::Until {
                command, succeeds, ..
            } => {
                let word = if *succeeds { "until" } else { "while" };
                write!(f, "{word} {command}; do sleep 1; done")
            }
        }
    }
}
