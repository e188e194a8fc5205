//! Looking into a tree.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use nix::dir::{Dir, Type};
use nix::errno::Errno;
use nix::fcntl::{self, OFlag};
use nix::sys::stat::{FileStat, SFlag, fstat};

use super::{Root, RootError};
use crate::sorting;

/// What stands under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A named pipe, which would block who opens it.
    Fifo,
    /// A socket.
    Socket,
    /// A character or block device.
    Device,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File => "a file",
            Self::Folder => "a folder",
            Self::Link => "a link",
            Self::Fifo => "a FIFO",
            Self::Socket => "a socket",
            Self::Device => "a device",
        })
    }
}

/// What is known of something without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// What it is.
    pub kind: Kind,
    /// Its permission bits, set-id and sticky bits included.
    pub mode: u32,
    /// The number of its owner.
    pub uid: u32,
    /// The number of its group.
    pub gid: u32,
    /// Its size in bytes.
    pub size: u64,
    /// The device and inode, which two names of one file have in common.
    pub identity: (u64, u64),
}

impl Status {
    fn new(stat: &FileStat) -> Self {
        let format = SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT;
        Self {
            kind: match format {
                SFlag::S_IFREG => Kind::File,
                SFlag::S_IFDIR => Kind::Folder,
                SFlag::S_IFLNK => Kind::Link,
                SFlag::S_IFIFO => Kind::Fifo,
                SFlag::S_IFSOCK => Kind::Socket,
                _ => Kind::Device,
            },
            mode: stat.st_mode & 0o7777,
            uid: stat.st_uid,
            gid: stat.st_gid,
            size: u64::try_from(stat.st_size).unwrap_or(0),
            identity: (stat.st_dev, stat.st_ino),
        }
    }
}

impl Root {
    /// What stands at a path itself, a link where it is one; `None` where nothing does.
    ///
    /// # Errors
    /// A loop of links above it, or a folder that may not be entered.
    pub fn status(&self, path: impl AsRef<Path>) -> Result<Option<Status>, RootError> {
        self.status_at(path.as_ref())
    }

    fn status_at(&self, path: &Path) -> Result<Option<Status>, RootError> {
        let look = || self.status_of(path, self.open_itself(path, OFlag::O_PATH));
        self.once(path, |known| &mut known.itself, look)
    }

    /// What a path leads to when the last link is followed as well, inside the
    /// tree; `None` where nothing is.
    ///
    /// # Errors
    /// A loop of links, or a folder that may not be entered.
    pub fn target(&self, path: impl AsRef<Path>) -> Result<Option<Status>, RootError> {
        self.target_of(path.as_ref())
    }

    fn target_of(&self, path: &Path) -> Result<Option<Status>, RootError> {
        let look = || match self.known_without_link(path) {
            Some(found) => Ok(found),
            None => self.status_of(path, self.open_followed(path, OFlag::O_PATH)),
        };
        self.once(path, |known| &mut known.target, look)
    }

    /// Whether two paths lead to one thing that is there.
    ///
    /// # Errors
    /// As for [`Root::target`].
    pub fn is_same(
        &self,
        one: impl AsRef<Path>,
        other: impl AsRef<Path>,
    ) -> Result<bool, RootError> {
        let one = self.target(one)?.map(|it| it.identity);
        Ok(one.is_some() && one == self.target(other)?.map(|it| it.identity))
    }

    /// Where the links at the end of a path lead; the path itself where it is no link. What
    /// leads in a circle ends where it began.
    ///
    /// # Errors
    /// The system refuses.
    pub fn end_of_links(&self, path: impl AsRef<Path>) -> Result<PathBuf, RootError> {
        /// As many as Linux follows (`MAXSYMLINKS`).
        const MOST: usize = 40;
        let mut end = path.as_ref().to_path_buf();
        for _ in 0..MOST {
            let Some(target) = self.read_link(&end)? else {
                return Ok(end);
            };
            end = end.parent().unwrap_or(Path::new("/")).join(target);
        }
        Ok(path.as_ref().to_path_buf())
    }

    fn status_of(
        &self,
        path: &Path,
        opened: Result<impl AsFd, Errno>,
    ) -> Result<Option<Status>, RootError> {
        match opened.and_then(|file| fstat(file)) {
            Ok(stat) => Ok(Some(Status::new(&stat))),
            Err(Errno::ENOENT | Errno::ENOTDIR) => Ok(None),
            Err(errno) => Err(self.io("look at", path, errno)),
        }
    }

    /// What kind of thing stands at a path itself; `None` where nothing does.
    ///
    /// # Errors
    /// As for [`Root::status`].
    pub fn kind(&self, path: impl AsRef<Path>) -> Result<Option<Kind>, RootError> {
        Ok(self.status(path)?.map(|status| status.kind))
    }

    /// Makes sure that this is a root file system, as far as that shows: `etc` or `usr` is in
    /// it. Without the check a command would say of a folder named by mistake that nothing is
    /// set there and nothing is installed.
    ///
    /// # Errors
    /// Neither is there.
    pub fn check_tree(&self) -> Result<(), RootError> {
        if self.is_machine() || is_tree(&self.path) {
            return Ok(());
        }
        let above = self.path.parent().filter(|above| is_tree(above));
        let below = || {
            let names = self.list("/").unwrap_or_default();
            let mut trees = names
                .into_iter()
                .map(|name| self.path.join(name))
                .filter(|it| is_tree(it));
            // Of several nobody can tell which is meant.
            let tree = trees.next()?;
            trees.next().is_none().then_some(tree)
        };
        let within = self
            .path
            .file_name()
            .is_some_and(|name| name == "etc" || name == "usr");
        Err(RootError::NotATree {
            meant: match above.filter(|_| within) {
                Some(above) => Some(above.to_owned()),
                None => below(),
            },
            path: self.path.clone(),
        })
    }

    /// Makes sure that a folder is there or can be made: that nothing else stands
    /// at its path or above.
    ///
    /// # Errors
    /// Something does, or a link leads nowhere, or to itself.
    pub fn check_folders(&self, path: impl AsRef<Path>) -> Result<(), RootError> {
        let mut above: Vec<_> = path.as_ref().ancestors().collect();
        above.reverse();
        for folder in above {
            match self.target(folder)?.map(|status| status.kind) {
                Some(Kind::Folder) => {}
                Some(_) => {
                    let path = self.shown(folder);
                    return Err(RootError::NotAFolder { path });
                }
                None => {
                    return match self.read_link(folder)? {
                        None => Ok(()),
                        Some(target) => Err(RootError::Dangling {
                            path: self.shown(folder),
                            target,
                        }),
                    };
                }
            }
        }
        Ok(())
    }

    /// Reads a regular file, following links inside the tree. Anything else,
    /// such as a FIFO or a device, is refused and not opened.
    ///
    /// # Errors
    /// It is not a regular file, larger than `limit` bytes, missing
    /// ([`RootError::is_not_found`]), or may not be read.
    pub fn read(&self, path: impl AsRef<Path>, limit: usize) -> Result<Vec<u8>, RootError> {
        self.read_at(path.as_ref(), limit)
    }

    fn read_at(&self, path: &Path, limit: usize) -> Result<Vec<u8>, RootError> {
        let too_large = || RootError::TooLarge {
            path: self.shown(path),
            limit,
        };
        if let Some(bytes) = self.remembered(path) {
            return match bytes.len() > limit {
                true => Err(too_large()),
                false => Ok(bytes),
            };
        }
        let failed = |errno| self.io("read", path, errno);
        let is_file = |status: Status| match status.kind {
            Kind::File => Ok(status.size),
            kind => Err(RootError::NotAFile {
                path: self.shown(path),
                kind,
            }),
        };
        // Opening a device can do something to it, so what it is comes first, be it as it was
        // found before; and as somebody may put another thing there, the open file is asked again.
        // A path that cannot be looked at cannot be opened either.
        if let Ok(Some(status)) = self.target(path) {
            is_file(status)?;
        }
        let flags = OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
        let file = self.open_followed(path, flags).map_err(failed)?;
        let size = is_file(Status::new(&fstat(&file).map_err(failed)?))?;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if size > limit {
            return Err(too_large());
        }
        let io = |source| RootError::Io {
            action: "read",
            path: self.shown(path),
            source,
        };
        // Room for what there should be and for seeing the end of it, so that it is not moved.
        let mut bytes = Vec::new();
        let reserved = bytes.try_reserve_exact(size + 1);
        reserved.map_err(|_| io(ErrorKind::OutOfMemory.into()))?;
        let mut file = File::from(file).take(limit as u64 + 1);
        file.read_to_end(&mut bytes).map_err(io)?;
        if bytes.len() > limit {
            return Err(too_large());
        }
        self.remember(path, &bytes);
        Ok(bytes)
    }

    /// The same, with `None` for a file that is not there.
    ///
    /// # Errors
    /// As for [`Root::read`], a missing file apart.
    pub fn read_if_there(
        &self,
        path: impl AsRef<Path>,
        limit: usize,
    ) -> Result<Option<Vec<u8>>, RootError> {
        match self.read(path, limit) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What a link holds, as it stands there; `None` where there is no link.
    ///
    /// # Errors
    /// As for [`Root::status`].
    pub fn read_link(&self, path: impl AsRef<Path>) -> Result<Option<PathBuf>, RootError> {
        let path = path.as_ref();
        self.once(path, |known| &mut known.link, || self.leads_to(path))
    }

    fn leads_to(&self, path: &Path) -> Result<Option<PathBuf>, RootError> {
        if self.known_without_link(path).is_some() {
            return Ok(None);
        }
        let link = self
            .open_itself(path, OFlag::O_PATH)
            .and_then(|link| fcntl::readlinkat(link, ""));
        match link {
            Ok(target) => Ok(Some(target.into())),
            // ENOENT is also what a descriptor gives that is not a link's.
            Err(Errno::ENOENT | Errno::ENOTDIR | Errno::EINVAL) => Ok(None),
            Err(errno) => Err(self.io("read the link", path, errno)),
        }
    }

    /// The names in a folder in order, without `.` and `..`.
    ///
    /// # Errors
    /// It is not a folder, missing, or may not be read.
    pub fn list(&self, path: impl AsRef<Path>) -> Result<Vec<OsString>, RootError> {
        self.list_where(path.as_ref(), |_| true)
    }

    /// The names in a folder, in order; none where there is no such folder.
    ///
    /// # Errors
    /// It may not be read.
    pub fn list_if_there(&self, path: impl AsRef<Path>) -> Result<Vec<OsString>, RootError> {
        let path = path.as_ref();
        match self.target(path)?.map(|status| status.kind) {
            Some(Kind::Folder) => self.list(path),
            _ => Ok(Vec::new()),
        }
    }

    /// The names of links in a folder, in order, as far as the file system tells them
    /// without a look at each; where it does not, all names.
    ///
    /// # Errors
    /// As for [`Root::list`].
    pub fn list_links(&self, path: impl AsRef<Path>) -> Result<Vec<OsString>, RootError> {
        self.list_where(path.as_ref(), |kind| {
            kind.is_none_or(|kind| kind == Type::Symlink)
        })
    }

    fn list_where(
        &self,
        path: &Path,
        wanted: impl Fn(Option<Type>) -> bool,
    ) -> Result<Vec<OsString>, RootError> {
        let names = self.once(path, |known| &mut known.names, || self.names(path))?;
        let names = names.into_iter().filter(|(_, kind)| wanted(*kind));
        Ok(names.map(|(name, _)| name).collect())
    }

    fn names(&self, path: &Path) -> Result<Vec<(OsString, Option<Type>)>, RootError> {
        let failed = |errno| self.io("list", path, errno);
        let folder = self
            .open_followed(path, OFlag::O_RDONLY | OFlag::O_DIRECTORY)
            .map_err(failed)?;
        let mut names = Vec::new();
        for entry in Dir::from_fd(folder).map_err(failed)?.iter() {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." {
                names.push((OsStr::from_bytes(name).to_owned(), entry.file_type()));
            }
        }
        sorting::by(&mut names, |one, other| one.0.cmp(&other.0));
        Ok(names)
    }
}

/// Whether a folder has what every root file system has, or may have it: nobody can tell of one
/// that may not be entered.
fn is_tree(folder: &Path) -> bool {
    ["etc", "usr"]
        .iter()
        .any(|name| match folder.join(name).symlink_metadata() {
            Ok(found) => found.is_dir() || found.is_symlink(),
            Err(error) => error.kind() == ErrorKind::PermissionDenied,
        })
}
