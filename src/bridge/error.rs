//! Why the bridge was not installed.

use std::path::PathBuf;

use thiserror::Error;

use crate::root::RootError;

/// Why the bridge was not installed or removed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BridgeError {
    /// kubeadm drives this init itself.
    #[error("kubeadm drives {init} itself, and needs no bridge")]
    NotNeeded {
        /// The init's title.
        init: &'static str,
    },
    /// kubeadm looks for this first, and so never for the bridge.
    #[error("`{}` is there, so kubeadm takes this for a host with systemd and never asks the bridge", path.display())]
    Systemctl {
        /// Where it is.
        path: PathBuf,
    },
    /// A command of the bridge's names is there, and is none of ours.
    #[error("`{}` is there and is not ours, so this is a host with OpenRC", path.display())]
    Real {
        /// Where it is.
        path: PathBuf,
    },
    /// None of the usual folders is in `PATH`.
    #[error("none of the usual folders for programs is in `PATH`")]
    NoFolder,
    /// A folder in which kubeadm would not look.
    #[error("`{}` is not in `PATH`, so kubeadm would not look there", folder.display())]
    NotInPath {
        /// The folder.
        folder: PathBuf,
    },
    /// Others could have root run what they like.
    #[error("`{}` can be changed by users other than root, but root runs what it leads to", path.display())]
    Unsafe {
        /// The folder or program.
        path: PathBuf,
    },
    /// The folder or the program is not there.
    #[error("there is no `{}`", path.display())]
    Missing {
        /// Where it would be.
        path: PathBuf,
    },
    /// The record is not one.
    #[error("`{}` is not a record of a bridge: {source}", path.display())]
    Record {
        /// Where it is.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A file could not be read or changed.
    #[error(transparent)]
    Root(#[from] RootError),
}
