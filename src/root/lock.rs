//! One writer at a time.

use std::fmt;
use std::os::fd::OwnedFd;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag};

use super::{Root, RootError};

/// A folder that this process alone works in, until this is dropped or the
/// process ends.
pub struct Lock {
    _held: Flock<OwnedFd>,
}

impl fmt::Debug for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lock")
    }
}

impl Root {
    /// Locks a folder against other processes that lock it too (`flock(2)`).
    ///
    /// # Errors
    /// Another process has it, which is not waited for; or it cannot be opened.
    pub fn lock(&self, folder: impl AsRef<Path>) -> Result<Lock, RootError> {
        let folder = folder.as_ref();
        let opened = self
            .open_followed(folder, OFlag::O_RDONLY | OFlag::O_DIRECTORY)
            .map_err(|errno| self.io("lock", folder, errno))?;
        match Flock::lock(opened, FlockArg::LockExclusiveNonblock) {
            Ok(held) => Ok(Lock { _held: held }),
            Err((_, Errno::EWOULDBLOCK)) => Err(RootError::Locked {
                path: self.shown(folder),
            }),
            Err((_, errno)) => Err(self.io("lock", folder, errno)),
        }
    }
}
