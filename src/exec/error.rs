//! Why a service cannot be started or ended.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::yaml::YamlError;

/// Why no service could be read.
#[derive(Debug, Error)]
pub(crate) enum ExecError {
    /// The file cannot be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is not a spec.
    #[error(transparent)]
    Spec(#[from] YamlError),
    /// It names the distribution's file of extra arguments without its path.
    #[error("`{}` leaves the place of an env file to the distribution", path.display())]
    NotResolved {
        /// The file.
        path: PathBuf,
    },
}
