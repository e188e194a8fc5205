//! What can go wrong in a tree.

use std::io;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use thiserror::Error;

use super::Kind;

/// Why a tree was not read or written. Every path is as the user knows it: with
/// the folder of the tree before it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RootError {
    /// Something that is not a folder stands where one has to be.
    #[error("`{}` is not a folder", path.display())]
    NotAFolder {
        /// What stands there.
        path: PathBuf,
    },
    /// Something that is not a regular file stands where one has to be.
    #[error("`{}` is {kind} and not a file", path.display())]
    NotAFile {
        /// What stands there.
        path: PathBuf,
        /// What it is.
        kind: Kind,
    },
    /// A file that is larger than what is read of it.
    #[error("`{}` is larger than {limit} bytes, which is the most that is read", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The bound in bytes.
        limit: usize,
    },
    /// Something else has the name that a link should get.
    #[error("`{}` is there already and is {kind}", path.display())]
    InTheWay {
        /// What has the name.
        path: PathBuf,
        /// What it is.
        kind: Kind,
    },
    /// A link that leads nowhere stands where a folder has to be.
    #[error("`{}` is a link to `{}`, which is not there", path.display(), target.display())]
    Dangling {
        /// The link.
        path: PathBuf,
        /// What it holds.
        target: PathBuf,
    },
    /// Another process has locked a folder.
    #[error("another process is at work in `{}`", path.display())]
    Locked {
        /// The folder.
        path: PathBuf,
    },
    /// A path that ends in `..` or is the root, where a name is needed.
    #[error("`{}` does not name a file", path.display())]
    NoName {
        /// The path.
        path: PathBuf,
    },
    /// A folder that is not `/` of any machine.
    #[error("`{}` is not a root file system: neither `etc` nor `usr` is in it", path.display())]
    NotATree {
        /// The folder.
        path: PathBuf,
        /// A folder beside or below it that is one.
        meant: Option<PathBuf>,
    },
    /// The system refused.
    #[error("{}", refused(action, path, source))]
    Io {
        /// What was tried: `read`, `write`, `remove`.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl RootError {
    /// Whether all that is wrong is that whoever asks may not look.
    pub fn is_denied(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied)
    }

    /// Whether links lead in a circle.
    pub fn is_loop(&self) -> bool {
        matches!(self, Self::Io { source, .. } if in_a_circle(source))
    }

    /// Whether all that is wrong is that there is nothing.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}

fn in_a_circle(source: &io::Error) -> bool {
    source.raw_os_error() == Some(Errno::ELOOP as i32)
}

/// What the system said, in words that say more.
fn refused(action: &str, path: &Path, source: &io::Error) -> String {
    let path = path.display();
    match in_a_circle(source) {
        true => format!("cannot {action} `{path}`: its links lead in a circle"),
        false => format!("cannot {action} `{path}`: {source}"),
    }
}
