//! A tree that nothing outside of is touched or read: a rootfs, or the machine
//! itself as the tree below `/`.
//!
//! A rootfs may hold anything: absolute links, links with too many `..`, link
//! loops, a FIFO or a device where a file belongs. A [`Root`] follows links as
//! the system does that will one day run from that tree: an absolute link begins
//! at the root of the tree, and `..` above it stays there. Linux does so itself
//! with `openat2(2)` and `RESOLVE_IN_ROOT` since 5.6; where it has no such call,
//! or a sandbox forbids it, `resolve.rs` walks the path by hand and is as strict.
//!
//! Paths are those of the tree, `/etc/hosts`; errors name them as the user knows
//! them, `/mnt/rootfs/etc/hosts`.

mod error;
mod lock;
mod look;
mod memory;
mod replace;
mod resolve;
mod spare;
mod write;

use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{self, OFlag};
use nix::sys::stat::Mode;

pub use error::RootError;
pub use lock::Lock;
pub use look::{Kind, Status};
use resolve::Resolver;
pub use spare::{Spare, first_spare};
pub use write::FOLDER_MODE;

/// A folder that stands for `/`.
#[derive(Debug)]
pub struct Root {
    path: PathBuf,
    folder: OwnedFd,
    resolver: Resolver,
    memory: Option<memory::Memory>,
}

impl Root {
    /// Opens a tree at its folder; `/` is the machine itself. A link to a folder
    /// is followed here, because who named it meant the folder.
    ///
    /// # Errors
    /// There is no such folder, or it may not be entered.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, RootError> {
        Self::open_with(path.into(), None)
    }

    fn open_with(path: PathBuf, resolver: Option<Resolver>) -> Result<Self, RootError> {
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        match fcntl::open(&path, flags, Mode::empty()) {
            Ok(folder) => Ok(Self {
                resolver: resolver.unwrap_or_else(|| Resolver::best(&folder)),
                path,
                folder,
                memory: None,
            }),
            Err(Errno::ENOTDIR) => Err(RootError::NotAFolder { path }),
            Err(errno) => Err(RootError::Io {
                action: "open",
                path,
                source: errno.into(),
            }),
        }
    }

    /// The folder as it was named.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether this is the machine itself and not a tree that may run one day.
    pub fn is_machine(&self) -> bool {
        self.path == Path::new("/")
    }

    /// A path of the tree as the user knows it.
    pub fn shown(&self, path: impl AsRef<Path>) -> PathBuf {
        let below: PathBuf = path
            .as_ref()
            .components()
            .filter(|part| !matches!(part, Component::RootDir | Component::CurDir))
            .collect();
        match below.as_os_str().is_empty() {
            true => self.path.clone(),
            false => self.path.join(below),
        }
    }

    /// Opens what is at a path for who has to look at it before reading. The flags
    /// say whether a link itself is meant (`O_NOFOLLOW`).
    ///
    /// # Errors
    /// The system's.
    pub(crate) fn open_as(&self, path: &Path, flags: OFlag) -> Result<OwnedFd, Errno> {
        let open = |path: &Path, flags| self.resolver.open(&self.folder, below(path), flags);
        match &self.memory {
            Some(memory) => memory.open(path, flags, &open),
            None => open(path, flags),
        }
    }

    /// Opens what is at a path, wherever links inside the tree lead.
    fn open_followed(&self, path: &Path, flags: OFlag) -> Result<OwnedFd, Errno> {
        self.open_as(path, flags)
    }

    /// Opens what is at a path, a link itself where the last name is one.
    fn open_itself(&self, path: &Path, flags: OFlag) -> Result<OwnedFd, Errno> {
        self.open_as(path, flags | OFlag::O_NOFOLLOW)
    }

    /// An error of the system with what was tried on which path.
    fn io(&self, action: &'static str, path: &Path, errno: Errno) -> RootError {
        if errno == Errno::ENOTDIR
            && let Some(above) = self.first_that_is_no_folder(path)
        {
            return RootError::NotAFolder { path: above };
        }
        RootError::Io {
            action,
            path: self.shown(path),
            source: errno.into(),
        }
    }

    fn first_that_is_no_folder(&self, path: &Path) -> Option<PathBuf> {
        let mut above: Vec<_> = path.ancestors().collect();
        above.reverse();
        let wrong = above.into_iter().find(|above| {
            let kind = self.target(above).ok().flatten().map(|status| status.kind);
            kind.is_some_and(|kind| kind != Kind::Folder)
        });
        wrong.map(|above| self.shown(above))
    }
}

/// The parent of a relative path of one name is empty, and means the root.
fn below(path: &Path) -> &Path {
    match path.as_os_str().is_empty() {
        true => Path::new("/"),
        false => path,
    }
}

#[cfg(test)]
mod tests;
