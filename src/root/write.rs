//! Writing into a tree: whole or not at all, and on the disk when it is done.

use std::ffi::{OsStr, OsString};
use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{self, OFlag};
use nix::sys::stat::{Mode, fchmod, mkdirat};
use nix::unistd::{self, AccessFlags, UnlinkatFlags};

use super::replace::Attributes;
use super::{Kind, Root, RootError, Status};

/// The end of the names that unfinished files have. Nothing that goes through a
/// folder of services or settings takes a name that begins with a dot, or ends
/// like this.
const UNFINISHED: &str = ".kubelet-unit~";

/// Folders that are made get this mode, whatever the umask.
pub const FOLDER_MODE: u32 = 0o755;

impl Root {
    /// Makes a folder and those above it; gives those that were not there, the
    /// outermost first.
    ///
    /// # Errors
    /// Something else stands in the way, or the system refuses.
    pub fn make_folders(&self, path: impl AsRef<Path>) -> Result<Vec<PathBuf>, RootError> {
        let path = path.as_ref();
        self.check_folders(path)?;
        let mut above: Vec<_> = path.ancestors().collect();
        above.reverse();
        let mut made = Vec::new();
        for folder in above {
            if self.target(folder)?.is_none() {
                self.make_folder(folder)?;
                made.push(folder.to_owned());
            }
        }
        Ok(made)
    }

    /// Makes sure that this process may write a file, or the folders above it, while nothing has been done.
    ///
    /// # Errors
    /// The nearest folder that is there may not be written, or its file system is read-only (`access(2)`).
    pub fn may_write(&self, path: impl AsRef<Path>) -> Result<(), RootError> {
        let there = |path: &&Path| matches!(self.target(path), Ok(Some(_)));
        let nearest = path.as_ref().ancestors().skip(1).find(there);
        let nearest = nearest.unwrap_or(Path::new("/"));
        unistd::access(&self.shown(nearest), AccessFlags::W_OK)
            .map_err(|errno| self.io("write into", nearest, errno))
    }

    fn make_folder(&self, path: &Path) -> Result<(), RootError> {
        let failed = |errno| self.io("create the folder", path, errno);
        let (parent, name) = self.place_for("create the folder", path)?;
        match mkdirat(&parent, name, Mode::from_bits_truncate(FOLDER_MODE)) {
            Ok(()) => {}
            // Somebody else made it meanwhile; if it is not a folder, the next step says so.
            Err(Errno::EEXIST) => return Ok(()),
            Err(errno) => return Err(failed(errno)),
        }
        share_folder(&parent, name)
            .and_then(|()| unistd::fsync(&parent))
            .map_err(failed)
    }

    /// Writes a file that appears whole or not at all, in the stead of any file or
    /// link of that name: it is written beside its place, synced and renamed, and
    /// its folder, which has to be there, is synced.
    ///
    /// # Errors
    /// A folder stands there, or the system refuses; then what was there is
    /// there still.
    pub fn write_whole(
        &self,
        path: impl AsRef<Path>,
        content: &[u8],
        mode: u32,
    ) -> Result<(), RootError> {
        self.write_with(path.as_ref(), content, mode.into())
    }

    /// The same with the mode, the owner and the group of another file, as far as
    /// this process may give them.
    ///
    /// # Errors
    /// As for [`Root::write_whole`].
    pub fn write_like(
        &self,
        path: impl AsRef<Path>,
        content: &[u8],
        like: &Status,
    ) -> Result<(), RootError> {
        self.write_with(path.as_ref(), content, like.into())
    }

    fn write_with(
        &self,
        path: &Path,
        content: &[u8],
        attributes: Attributes,
    ) -> Result<(), RootError> {
        let (parent, name) = self.place_for("write", path)?;
        let beside = unfinished(name);
        let written = write_synced(&parent, &beside, content, attributes)
            .and_then(|()| Ok(fcntl::renameat(&parent, beside.as_os_str(), &parent, name)?));
        if let Err(source) = written {
            // What failed is what is reported, not what the tidying says.
            let _ = unlink(&parent, &beside);
            let path = self.shown(path);
            return Err(RootError::Io {
                action: "write",
                path,
                source,
            });
        }
        unistd::fsync(&parent).map_err(|errno| self.io("write", path, errno))
    }

    /// Removes what an earlier [`Root::write_whole`] of this path left when it
    /// was killed. Nobody else may be writing the path at the same time.
    ///
    /// # Errors
    /// The system refuses.
    pub fn remove_unfinished(&self, path: impl AsRef<Path>) -> Result<usize, RootError> {
        let path = path.as_ref();
        let folder = path.parent().unwrap_or(Path::new("/"));
        if self.target(folder)?.map(|status| status.kind) != Some(Kind::Folder) {
            return Ok(0);
        }
        let start = unfinished_start(path.file_name().unwrap_or_default());
        let mut removed = 0;
        for name in self.list(folder)? {
            let middle = name
                .as_bytes()
                .strip_prefix(start.as_slice())
                .and_then(|rest| rest.strip_suffix(UNFINISHED.as_bytes()));
            if middle.is_some_and(|pid| pid.iter().all(u8::is_ascii_digit)) {
                removed += usize::from(self.remove(folder.join(name))?);
            }
        }
        Ok(removed)
    }

    /// Sets the permission bits of a file or folder, not of what a link leads to.
    ///
    /// # Errors
    /// It is not there or a link, or the system refuses.
    pub fn set_mode(&self, path: impl AsRef<Path>, mode: u32) -> Result<(), RootError> {
        let path = path.as_ref();
        let flags = OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
        let file = self
            .open_itself(path, flags)
            .map_err(|errno| self.io("set the mode of", path, errno))?;
        let file = fs::File::from(file);
        file.set_permissions(Permissions::from_mode(mode))
            .and_then(|()| file.sync_all())
            .map_err(|source| RootError::Io {
                action: "set the mode of",
                path: self.shown(path),
                source,
            })
    }

    /// Removes a file or a link, not what it leads to; says whether there was one.
    ///
    /// # Errors
    /// It is a folder, or the system refuses.
    pub fn remove(&self, path: impl AsRef<Path>) -> Result<bool, RootError> {
        self.unlink(path.as_ref(), UnlinkatFlags::NoRemoveDir)
    }

    /// Removes a folder that is empty; says whether it is gone. One that holds
    /// something stays.
    ///
    /// # Errors
    /// It is not a folder, or the system refuses.
    pub fn remove_folder(&self, path: impl AsRef<Path>) -> Result<bool, RootError> {
        self.unlink(path.as_ref(), UnlinkatFlags::RemoveDir)
    }

    fn unlink(&self, path: &Path, how: UnlinkatFlags) -> Result<bool, RootError> {
        let (parent, name) = match self.place(path) {
            Err(PlaceError::Parent(Errno::ENOENT | Errno::ENOTDIR)) => return Ok(false),
            _ => self.place_for("remove", path)?,
        };
        match unistd::unlinkat(&parent, name, how) {
            Ok(()) => unistd::fsync(&parent)
                .map(|()| true)
                .map_err(|errno| self.io("remove", path, errno)),
            Err(Errno::ENOENT | Errno::ENOTEMPTY | Errno::EEXIST) => Ok(false),
            Err(errno) => Err(self.io("remove", path, errno)),
        }
    }

    /// Makes a link that holds `target`; says whether it had to. Its folder has to
    /// be there.
    ///
    /// # Errors
    /// Something else has its name, or the system refuses.
    pub fn link(
        &self,
        path: impl AsRef<Path>,
        target: impl AsRef<Path>,
    ) -> Result<bool, RootError> {
        let (path, target) = (path.as_ref(), target.as_ref());
        let (parent, name) = self.place_for("link", path)?;
        match unistd::symlinkat(target, &parent, name) {
            Ok(()) => unistd::fsync(&parent)
                .map(|()| true)
                .map_err(|errno| self.io("link", path, errno)),
            Err(Errno::EEXIST) if self.read_link(path)?.as_deref() == Some(target) => Ok(false),
            Err(Errno::EEXIST) => Err(RootError::InTheWay {
                path: self.shown(path),
                kind: self.kind(path)?.unwrap_or(Kind::Link),
            }),
            Err(errno) => Err(self.io("link", path, errno)),
        }
    }

    /// Makes a link that holds `target` in the stead of a link of that name, which is
    /// there until the new one is; says whether it had to.
    ///
    /// # Errors
    /// Something that is not a link has its name, or the system refuses; then what was
    /// there is there still.
    pub fn link_whole(
        &self,
        path: impl AsRef<Path>,
        target: impl AsRef<Path>,
    ) -> Result<bool, RootError> {
        let (path, target) = (path.as_ref(), target.as_ref());
        match self.read_link(path)? {
            Some(there) if there != target => {}
            _ => return self.link(path, target),
        }
        let (parent, name) = self.place_for("link", path)?;
        let beside = unfinished(name);
        let linked = match unistd::symlinkat(target, &parent, beside.as_os_str()) {
            // Ours, from a process of the same number that was killed.
            Err(Errno::EEXIST) => unlink(&parent, &beside)
                .and_then(|()| unistd::symlinkat(target, &parent, beside.as_os_str())),
            made => made,
        };
        let replaced = linked
            .and_then(|()| fcntl::renameat(&parent, beside.as_os_str(), &parent, name))
            .and_then(|()| unistd::fsync(&parent));
        replaced.map(|()| true).map_err(|errno| {
            // What failed is what is reported, not what the tidying says.
            let _ = unlink(&parent, &beside);
            self.io("link", path, errno)
        })
    }

    fn place_for<'p>(
        &self,
        action: &'static str,
        path: &'p Path,
    ) -> Result<(OwnedFd, &'p OsStr), RootError> {
        self.place(path).map_err(|error| match error {
            PlaceError::NoName => RootError::NoName {
                path: self.shown(path),
            },
            PlaceError::Parent(errno) => self.io(action, path, errno),
        })
    }

    /// The folder of a path, open so that it can be synced, and the name in it.
    fn place<'p>(&self, path: &'p Path) -> Result<(OwnedFd, &'p OsStr), PlaceError> {
        let name = path.file_name().ok_or(PlaceError::NoName)?;
        let parent = path.parent().unwrap_or(Path::new("/"));
        let folder = self
            .open_followed(parent, OFlag::O_RDONLY | OFlag::O_DIRECTORY)
            .map_err(PlaceError::Parent)?;
        Ok((folder, name))
    }
}

enum PlaceError {
    NoName,
    Parent(Errno),
}

fn unfinished_start(name: &OsStr) -> Vec<u8> {
    // With the rest it stays below the 255 bytes that a name may have.
    let name = &name.as_bytes()[..name.len().min(200)];
    [b".", name, b"."].concat()
}

fn unfinished(name: &OsStr) -> OsString {
    let pid = std::process::id().to_string();
    let parts = [
        &unfinished_start(name),
        pid.as_bytes(),
        UNFINISHED.as_bytes(),
    ];
    OsString::from_vec(parts.concat())
}

fn write_synced(
    parent: &OwnedFd,
    name: &OsStr,
    content: &[u8],
    attributes: Attributes,
) -> io::Result<()> {
    let flags =
        OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let private = Mode::from_bits_truncate(0o600);
    let file = match fcntl::openat(parent, name, flags, private) {
        // Ours, from a process of the same number that was killed.
        Err(Errno::EEXIST) => {
            unlink(parent, name)?;
            fcntl::openat(parent, name, flags, private)
        }
        opened => opened,
    };
    let mut file = fs::File::from(file?);
    file.write_all(content)?;
    attributes.give_to(&file)?;
    file.sync_all()
}

fn unlink(parent: &OwnedFd, name: &OsStr) -> nix::Result<()> {
    unistd::unlinkat(parent, name, UnlinkatFlags::NoRemoveDir)
}

/// Gives a folder that has just been made its mode, of which the umask may have
/// taken some.
fn share_folder(parent: &OwnedFd, name: &OsStr) -> nix::Result<()> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let folder = fcntl::openat(parent, name, flags, Mode::empty())?;
    fchmod(folder, Mode::from_bits_truncate(FOLDER_MODE))
}
