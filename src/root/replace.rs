//! Writing in the stead of a file that keeps its mode, its owner and its group.

use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use nix::errno::Errno;
use nix::unistd::{Gid, Uid, fchown};

use super::{Kind, Root, RootError, Status};

/// What a written file has beside its content.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attributes {
    mode: u32,
    /// Owner and group, where they are not to be those of whoever writes.
    owners: Option<(u32, u32)>,
}

impl From<u32> for Attributes {
    fn from(mode: u32) -> Self {
        Self { mode, owners: None }
    }
}

impl From<&Status> for Attributes {
    fn from(status: &Status) -> Self {
        Self {
            mode: status.mode,
            owners: Some((status.uid, status.gid)),
        }
    }
}

impl Root {
    /// Writes as [`Root::write_whole`] does. A file that stands there hands down its
    /// mode, owner and group, as far as this process may give them; where there is
    /// none, or a link, it gets `mode`.
    ///
    /// # Errors
    /// As for [`Root::write_whole`].
    pub fn replace_whole(
        &self,
        path: impl AsRef<Path>,
        content: &[u8],
        mode: u32,
    ) -> Result<(), RootError> {
        let path = path.as_ref();
        match self.status(path)? {
            Some(there) if there.kind == Kind::File => self.write_like(path, content, &there),
            _ => self.write_whole(path, content, mode),
        }
    }
}

impl Attributes {
    /// Gives them to a file that this process has made.
    ///
    /// Who may write into a folder need not own its files nor be in their group. It
    /// then keeps what it cannot give away, and nobody may do more with it than
    /// before: another group gets what everybody has, and no set-id bit stays.
    pub(super) fn give_to(self, file: &File) -> io::Result<()> {
        let mut mode = self.mode;
        if let Some((uid, gid)) = self.owners {
            let fresh = file.metadata()?;
            let group = fresh.gid() == gid || given(fchown(file, None, Some(Gid::from_raw(gid))))?;
            let owner = fresh.uid() == uid || given(fchown(file, Some(Uid::from_raw(uid)), None))?;
            if !(owner && group) {
                mode &= 0o777;
            }
            if !group {
                mode = mode & 0o707 | (mode & 0o007) << 3;
            }
        }
        // After the owner: a change of it takes set-id bits away.
        file.set_permissions(Permissions::from_mode(mode))
    }
}

/// Whether the system has given a file away, or does not let this process do so:
/// EINVAL is an owner that its user namespace does not have, and EOPNOTSUPP an SMB share
/// that is mounted with `cifsacl` and whose server has no ACLs to write the owner in.
fn given(result: nix::Result<()>) -> io::Result<bool> {
    match result {
        Ok(()) => Ok(true),
        Err(Errno::EPERM | Errno::EINVAL | Errno::EOPNOTSUPP) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}
