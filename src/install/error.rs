//! Why an installation was refused.

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

use super::read::RecordError;
use crate::order::Choices;
use crate::root::{Kind, RootError};
use crate::service::{Name, ValueError};

/// Why nothing was installed or removed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum InstallError {
    /// Something that is not ours, or that was changed, would be overwritten.
    #[error("{}", Conflicts(.conflicts))]
    Conflicts {
        /// What would be.
        conflicts: Vec<Conflict>,
    },
    /// A record that cannot be used.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The tree refused.
    #[error(transparent)]
    Root(#[from] RootError),
    /// A name beside a configuration file that is none.
    #[error(transparent)]
    Name(#[from] ValueError),
    /// There is nothing to remove.
    #[error("`{service}` is not installed for `{init}` in `{}`", root.display())]
    NotInstalled {
        /// The service's name.
        service: String,
        /// The init's name.
        init: String,
        /// The folder of the tree.
        root: PathBuf,
    },
}

/// A path that is not overwritten, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The path as the user knows it.
    pub path: PathBuf,
    /// What is in the way.
    pub why: Obstacle,
}

/// What is in the way of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// A file that no record names.
    Foreign,
    /// A file of ours that is not configuration and was changed all the same.
    Changed,
    /// Something that is not a file.
    Kind(Kind),
    /// The link by which the init finds the service, which leads to the folder in which
    /// its files are kept: they cannot be kept in the link as well.
    Entrance {
        /// Where it leads.
        target: PathBuf,
    },
    /// A link that enables the service and would lead nowhere, since the service's files
    /// move and nothing in the new place takes the stead of what it leads to.
    Stranded {
        /// Where it leads.
        target: PathBuf,
    },
    /// A file of ours that another service needs with another content.
    Shared {
        /// That service's name.
        service: Name,
        /// The init it is installed for; with one service under two inits, that is what differs.
        init: String,
        /// What that is rendered from.
        choices: Box<Choices>,
    },
}

impl Obstacle {
    /// Whether `--force` may take it away: what can hold no more than a file.
    pub fn yields(&self) -> bool {
        matches!(self, Self::Foreign | Self::Changed | Self::Kind(Kind::Link))
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign => f.write_str("is there already and is not kubelet-unit's"),
            Self::Changed => f.write_str("was changed since it was installed"),
            Self::Kind(kind) => write!(f, "is {kind} and not a file"),
            Self::Entrance { target } => write!(
                f,
                "is the link by which the init finds the service, whose files are kept in `{}`",
                target.display()
            ),
            Self::Stranded { target } => {
                write!(f, "leads to `{}`, which would be removed", target.display())
            }
            Self::Shared { service, init, .. } => {
                write!(
                    f,
                    "is what `{service}` needs under `{init}`, and has to stay as it is there"
                )
            }
        }
    }
}

struct Conflicts<'a>(&'a [Conflict]);

impl fmt::Display for Conflicts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, conflict) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("; ")?;
            }
            write!(f, "`{}` {}", conflict.path.display(), conflict.why)?;
        }
        Ok(())
    }
}
