//! Reading environment files of this machine or of a rootfs, and nothing else
//! than regular files, so that no FIFO blocks and no device is read.
//! `/dev/null` alone is read as well: it is the customary empty file.
//!
//! In a rootfs links are followed by its [`Root`], out of which none leads. A link to
//! `/dev/null` leads to it there as well: a rootfs gets its devices when it boots.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;

use nix::errno::Errno;
use nix::fcntl::{OFlag, open, readlinkat};
use nix::libc::{dev_t, makedev};
use nix::sys::stat::{Mode, SFlag, fstat};

use super::FILE_MAX;

use crate::root::Root;

/// `/dev/null` (`null(4)`).
const NULL_DEVICE: dev_t = makedev(1, 3);

/// Why a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unread {
    /// Nothing is at its path.
    #[error("it does not exist")]
    Missing,
    /// A link whose target does not exist.
    #[error("it is a link to `{target}`, which does not exist")]
    DanglingLink {
        /// What the link says.
        target: String,
    },
    /// It is a directory.
    #[error("it is a directory")]
    Directory,
    /// A FIFO, a socket or a device. systemd would read it, and block on a
    /// FIFO for ever; we skip it.
    #[error("it is not a regular file")]
    NotRegular,
    /// 64 MiB or more, so that nobody needs to read it.
    #[error("it has {bytes} bytes, systemd reads less than {}", FILE_MAX)]
    TooLarge {
        /// Its size in bytes.
        bytes: u64,
    },
    /// Whoever asks may not read it, or not enter a folder above it.
    #[error("it may not be read")]
    Denied,
    /// The system refused.
    #[error("it cannot be read: {reason}")]
    Refused {
        /// The system's own words.
        reason: String,
    },
}

/// Where files are read.
pub(crate) enum Reader<'a> {
    /// On this machine, by the kernel's own rules.
    Machine,
    /// The same, with what was read of it already.
    Here(&'a Root),
    /// In a tree.
    Tree(&'a Root),
}

impl Unread {
    /// Whether there may be a file all the same, so that nobody can tell what is in it.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Denied | Self::Refused { .. })
    }
}

impl<'a> Reader<'a> {
    /// Reads in a tree, or on this machine if it is that.
    pub(crate) fn of(root: &'a Root) -> Self {
        match root.is_machine() {
            true => Self::Here(root),
            false => Self::Tree(root),
        }
    }

    /// The content of a file; of one that grows meanwhile, as much as systemd
    /// would read and one byte more.
    ///
    /// # Errors
    /// Why there is none to read.
    pub(crate) fn read(&self, path: &str) -> Result<Vec<u8>, Unread> {
        let root = match self {
            Self::Machine => None,
            Self::Here(root) | Self::Tree(root) => Some(root),
        };
        if let Some(content) = root.and_then(|root| root.remembered(path)) {
            return Ok(content);
        }
        let content = self.read_anew(path)?;
        if let Some(root) = root {
            root.remember(path, &content);
        }
        Ok(content)
    }

    fn read_anew(&self, path: &str) -> Result<Vec<u8>, Unread> {
        let looked_at = match self.open(path, OFlag::O_PATH) {
            Ok(looked_at) => looked_at,
            Err(errno) => return self.absent(path, errno),
        };
        let size = check(&looked_at)?;
        // What was looked at may have been replaced: never wait for a writer,
        // and look again.
        let file = self
            .open(path, OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_NOCTTY)
            .map_err(refused)?;
        check(&file)?;
        // One byte more shows the end without another buffer.
        let mut content = Vec::with_capacity(size + 1);
        File::from(file)
            .take(FILE_MAX as u64)
            .read_to_end(&mut content)
            .map_err(|error| Unread::Refused {
                reason: error.to_string(),
            })?;
        Ok(content)
    }

    fn open(&self, path: &str, flags: OFlag) -> nix::Result<OwnedFd> {
        match self {
            Self::Machine | Self::Here(_) => open(path, flags | OFlag::O_CLOEXEC, Mode::empty()),
            Self::Tree(root) => root.open_as(path.as_ref(), flags),
        }
    }

    /// What there is of a path that could not be followed to its end.
    fn absent(&self, path: &str, errno: Errno) -> Result<Vec<u8>, Unread> {
        if !matches!(errno, Errno::ENOENT | Errno::ENOTDIR | Errno::ELOOP) {
            return Err(refused(errno));
        }
        let link = self.open(path, OFlag::O_PATH | OFlag::O_NOFOLLOW);
        match link.and_then(|link| readlinkat(&link, "")) {
            Ok(target) if target == "/dev/null" && matches!(self, Self::Tree(_)) => Ok(Vec::new()),
            Ok(target) => Err(Unread::DanglingLink {
                target: target.to_string_lossy().into_owned(),
            }),
            Err(_) => Err(Unread::Missing),
        }
    }
}

/// The size of a file that may be read.
fn check(file: &OwnedFd) -> Result<usize, Unread> {
    let stat = fstat(file).map_err(refused)?;
    match SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT {
        SFlag::S_IFREG => {}
        SFlag::S_IFCHR if stat.st_rdev == NULL_DEVICE => {}
        SFlag::S_IFDIR => return Err(Unread::Directory),
        _ => return Err(Unread::NotRegular),
    }
    match usize::try_from(stat.st_size) {
        Ok(bytes) if bytes >= FILE_MAX => Err(Unread::TooLarge {
            bytes: bytes as u64,
        }),
        bytes => Ok(bytes.unwrap_or(0)),
    }
}

fn refused(errno: Errno) -> Unread {
    match errno {
        Errno::EACCES | Errno::EPERM => Unread::Denied,
        errno => Unread::Refused {
            reason: io::Error::from(errno).to_string(),
        },
    }
}
