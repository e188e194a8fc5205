//! What to do, as data.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::process::{Answer, Command, Refusal};
use crate::rendering::quote;
use crate::root::Root;

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
    /// A command that lists names, one a line.
    Among {
        /// The command.
        command: Command,
        /// The service's names.
        names: Vec<String>,
        /// The answer where one of them is listed.
        yes: T,
        /// The answer where none of them is.
        no: T,
    },
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
    /// Make an empty file, and the folder that it is in, where there is none.
    Touch(PathBuf),
    /// Make a small file whole, and the folder that it is in, where there is none.
    Write {
        /// The file.
        path: PathBuf,
        /// What it holds, one line or more.
        content: String,
    },
    /// Remove a file or a link, where it is there.
    Remove(PathBuf),
    /// Give a file another name, where it has not got it already.
    Rename {
        /// Its name.
        from: PathBuf,
        /// Its name afterwards, in the same folder.
        to: PathBuf,
    },
    /// Put a line of ours in a file of others aside, or in its place again, where it is there.
    Line {
        /// The file.
        path: PathBuf,
        /// How the line ends.
        mark: String,
        /// Whether it is to be left out.
        aside: bool,
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
            Self::Write { path, content } => Self::Write {
                path: root.shown(path),
                content: content.clone(),
            },
            Self::Remove(path) => Self::Remove(root.shown(path)),
            Self::Rename { from, to } => Self::Rename {
                from: root.shown(from),
                to: root.shown(to),
            },
            Self::Line { path, mark, aside } => Self::Line {
                path: root.shown(path),
                mark: mark.clone(),
                aside: *aside,
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
            Self::Write { path: at, content } => {
                let line = quote::sh(content.trim_end_matches('\n'));
                write!(f, "printf '%s\\n' {line} > {}", path(at))
            }
            Self::Remove(at) => write!(f, "rm -f {}", path(at)),
            Self::Rename { from, to } => write!(f, "mv {} {}", path(from), path(to)),
            Self::Line {
                path: at,
                mark,
                aside,
            } => {
                let new = if *aside { "#&" } else { r"\1" };
                let old = if *aside {
                    format!("^[^#].*{mark}$")
                } else {
                    format!(r"^#*\(.*{mark}\)$")
                };
                let script = quote::sh(&format!("s|{old}|{new}|"));
                write!(f, "sed -i {script} {}", path(at))
            }
            Self::Until {
                command, succeeds, ..
            } => {
                let word = if *succeeds { "until" } else { "while" };
                write!(f, "{word} {command}; do sleep 1; done")
            }
        }
    }
}
