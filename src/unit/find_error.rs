//! Why a unit was not found, or is not read.

use std::path::PathBuf;

use thiserror::Error;

use super::file::FILE_MAX;
use super::{NameError, UnitName};
use crate::root::RootError;

/// Why there is nothing to read. Each message says what systemd does as well.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FindError {
    /// The name is none.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A unit of another kind.
    #[error("`{name}` is not a service: a spec describes services alone")]
    NotAService {
        /// The unit.
        name: UnitName,
    },
    /// A template, of which there is no instance.
    #[error(
        "`{name}` is a template, which systemd does not start: an instance has a name after the `@`"
    )]
    Template {
        /// The unit.
        name: UnitName,
    },
    /// No such unit.
    #[error("there is no unit `{name}` in systemd's folders{}", below(root))]
    NotFound {
        /// The unit.
        name: UnitName,
        /// The tree.
        root: PathBuf,
    },
    /// The unit is masked: its file is empty or a link to `/dev/null` (`systemctl(1)`).
    #[error("`{}` masks the unit: systemd never starts it", path.display())]
    Masked {
        /// What masks it.
        path: PathBuf,
    },
    /// A link to what is not there, or not in this tree.
    #[error("`{}` is a link to `{}`, which is not there{}: systemd does not find the unit", path.display(), target.display(), below(root))]
    Dangling {
        /// The link.
        path: PathBuf,
        /// What it holds.
        target: PathBuf,
        /// The tree.
        root: PathBuf,
    },
    /// A link under a name that cannot be an alias of what it leads to.
    #[error(
        "`{}` is a link to `{}`, which systemd does not take for an alias of it, since both have to be plain names, or both templates, or the same instance: it finds no unit", path.display(), target.display()
    )]
    Rejected {
        /// The link.
        path: PathBuf,
        /// What it holds.
        target: PathBuf,
    },
    /// Links that lead to each other (`unit_ids_map_get`, `unit-file.c`).
    #[error("the links of `{name}` lead in a circle: systemd does not load the unit")]
    Circle {
        /// The unit that was asked for.
        name: UnitName,
    },
    /// A file that is too large.
    #[error("`{}` is larger than {FILE_MAX} bytes, which is the most that is read of a unit; systemd reads any number of lines, and none of that length", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// Files with more lines than are read.
    #[error("`{}` has more than {most} lines with its drop-ins, which is the most that is read of a unit; systemd reads any number", path.display())]
    TooManyLines {
        /// The unit's own file.
        path: PathBuf,
        /// The bound.
        most: usize,
    },
    /// More drop-ins than are read.
    #[error("there are more than {most} drop-ins for `{name}`; systemd reads them all")]
    TooMany {
        /// The unit.
        name: UnitName,
        /// The bound.
        most: usize,
    },
    /// Whoever asks may not look, which says nothing of systemd.
    #[error(transparent)]
    Denied(RootError),
    /// The system's.
    #[error("{0}: systemd does not load what it cannot read")]
    Root(RootError),
}

impl From<RootError> for FindError {
    fn from(error: RootError) -> Self {
        match error {
            RootError::TooLarge { path, .. } => Self::TooLarge { path },
            error if error.is_denied() => Self::Denied(error),
            error => Self::Root(error),
        }
    }
}

fn below(root: &std::path::Path) -> String {
    match root == std::path::Path::new("/") {
        true => String::new(),
        false => format!(" below `{}`", root.display()),
    }
}
