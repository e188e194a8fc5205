//! From a path of the tree to what is there: by the kernel, or name by name.
//!
//! This is our own code because no library does both. cap-std refuses an absolute link where the system that will run
//! from the tree begins it at the tree; pathrs resolves as we do, and is under licences that `deny.toml` leaves out.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Component, Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{self, OFlag, OpenHow, ResolveFlag};
use nix::sys::stat::{Mode, SFlag, fstat};

/// Who follows the links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resolver {
    /// The kernel: `openat2(2)`.
    Kernel,
    /// Ourselves, a name at a time.
    Walk,
}

/// The kernel gives up after so many links in one path (`MAXSYMLINKS`, `namei.h`).
const MOST_LINKS: usize = 40;

/// How often the kernel is asked again when somebody renames folders under way,
/// for which it says EAGAIN (`openat2(2)`).
const MOST_TRIES: usize = 128;

impl Resolver {
    /// The kernel where it can: Linux before 5.6 says ENOSYS, some sandboxes EPERM.
    pub(super) fn best(root: &OwnedFd) -> Self {
        match Self::Kernel.open(root, Path::new("/"), OFlag::O_PATH) {
            Err(Errno::ENOSYS | Errno::EPERM) => Self::Walk,
            _ => Self::Kernel,
        }
    }

    /// Opens a path of the tree. `O_NOFOLLOW` among the flags holds for the last
    /// name alone; links above it are always followed, inside the tree.
    pub(super) fn open(self, root: &OwnedFd, path: &Path, flags: OFlag) -> Result<OwnedFd, Errno> {
        let flags = flags | OFlag::O_CLOEXEC;
        match self {
            Self::Kernel => ask_kernel(root, path, flags),
            Self::Walk => Walk::new(root, path).open(flags),
        }
    }
}

fn ask_kernel(root: &OwnedFd, path: &Path, flags: OFlag) -> Result<OwnedFd, Errno> {
    // With RESOLVE_IN_ROOT an absolute path begins at the root as well.
    let how = OpenHow::new()
        .flags(flags)
        .resolve(ResolveFlag::RESOLVE_IN_ROOT | ResolveFlag::RESOLVE_NO_MAGICLINKS);
    let mut tries = 0;
    loop {
        match fcntl::openat2(root, path, how) {
            Err(Errno::EAGAIN) if tries < MOST_TRIES => tries += 1,
            Err(Errno::EINTR) => {}
            outcome => return outcome,
        }
    }
}

/// A path on its way: where it has got to, and the names that are left.
///
/// Nothing is ever opened by more than one name, and never through a link, so
/// that whatever is renamed or swapped meanwhile, each step stays below the last.
/// `..` goes back to the folder that was left, which is open still.
struct Walk<'a> {
    root: &'a OwnedFd,
    /// The folders below the root that are open, the innermost last.
    inside: Vec<OwnedFd>,
    left: VecDeque<Step>,
    links: usize,
}

enum Step {
    Root,
    Up,
    Into(OsString),
}

fn steps(path: &Path) -> impl DoubleEndedIterator<Item = Step> {
    path.components().filter_map(|part| match part {
        Component::RootDir | Component::Prefix(_) => Some(Step::Root),
        Component::CurDir => None,
        Component::ParentDir => Some(Step::Up),
        Component::Normal(name) => Some(Step::Into(name.into())),
    })
}

impl<'a> Walk<'a> {
    fn new(root: &'a OwnedFd, path: &Path) -> Self {
        Self {
            root,
            inside: Vec::new(),
            left: steps(path).collect(),
            links: 0,
        }
    }

    fn here(&self) -> BorrowedFd<'_> {
        self.inside.last().unwrap_or(self.root).as_fd()
    }

    fn open(mut self, flags: OFlag) -> Result<OwnedFd, Errno> {
        while let Some(step) = self.left.pop_front() {
            match step {
                Step::Root => self.inside.clear(),
                Step::Up => drop(self.inside.pop()),
                Step::Into(name) => {
                    if let Some(found) = self.enter(&name, flags)? {
                        return Ok(found);
                    }
                }
            }
        }
        // The path was the root, or ended in `..`: a folder that is open already.
        reopen(self.here(), Path::new("."), flags)
    }

    /// Goes one name further; gives what the path leads to when that was the last.
    fn enter(&mut self, name: &OsString, flags: OFlag) -> Result<Option<OwnedFd>, Errno> {
        let name = Path::new(name);
        let there = reopen(self.here(), name, OFlag::O_PATH)?;
        let kind = SFlag::from_bits_truncate(fstat(&there)?.st_mode) & SFlag::S_IFMT;
        let last = self.left.is_empty();
        if kind == SFlag::S_IFLNK && !(last && flags.contains(OFlag::O_NOFOLLOW)) {
            self.follow(&there)?;
            return Ok(None);
        }
        if last && flags.contains(OFlag::O_PATH) && !flags.contains(OFlag::O_DIRECTORY) {
            return Ok(Some(there));
        }
        if last {
            return reopen(self.here(), name, flags).map(Some);
        }
        if kind != SFlag::S_IFDIR {
            return Err(Errno::ENOTDIR);
        }
        self.inside.push(there);
        Ok(None)
    }

    /// Puts the names of a link before those that are left.
    fn follow(&mut self, link: &OwnedFd) -> Result<(), Errno> {
        self.links += 1;
        if self.links > MOST_LINKS {
            return Err(Errno::ELOOP);
        }
        let target = PathBuf::from(fcntl::readlinkat(link, "")?);
        for step in steps(&target).rev() {
            self.left.push_front(step);
        }
        Ok(())
    }
}

/// Opens one name of an open folder, never through a link.
fn reopen(folder: BorrowedFd<'_>, name: &Path, flags: OFlag) -> Result<OwnedFd, Errno> {
    let flags = flags | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    fcntl::openat(folder, name, flags, Mode::empty())
}
