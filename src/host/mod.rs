//! What is to be known of a machine, or of the tree of one that does not run.
//!
//! A [`Host`] is looked at through a [`Root`] alone, so a rootfs is read as the
//! machine itself is, and nothing in it is ever run. What cannot be read counts as
//! not there: these are questions about somebody else's files, and the answer
//! "nothing was seen" stands in the table of [evidence](crate::detect).

pub mod configuration;
mod facts;
#[cfg(test)]
pub(crate) mod fixture;
mod healthz;
mod init;
mod kubelet;
mod os_release;
mod packages;
mod process;
mod program;
mod program_text;
mod runtime;
mod socket;
mod toml;

use std::cell::{OnceCell, RefCell};
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use nix::sys::statfs::{PROC_SUPER_MAGIC, statfs};

use crate::root::{Kind, Root, RootError};

pub use facts::{Cgroup, CgroupDriver, CgroupVersion, Facts, Resolved};
pub use healthz::{Unhealthy, healthz};
pub use init::HostInit;
pub use kubelet::Kubelet;
pub use os_release::OsRelease;
pub(crate) use os_release::of_packages;
pub use process::Process;
pub use runtime::{DriverUnknown, Runtime};
pub use socket::{CRI_SOCKETS, CriSocket, Listening, knock};
pub use toml::TomlError;

/// No file that is looked at here is longer, a package database apart.
const LIMIT: usize = 1024 * 1024;

/// As many links in a row as the kernel follows (`MAXSYMLINKS`, `namei.h`).
const MOST_LINKS: usize = 40;

/// A machine, or the tree of one. What is dear to find out is looked at once.
#[derive(Debug)]
pub struct Host {
    root: Root,
    is_machine: bool,
    // Looked at when first asked for: a command that needs none of them pays for none.
    processes: OnceCell<Vec<Process>>,
    foreign_run: OnceCell<bool>,
    kubelet: OnceCell<Option<Kubelet>>,
    unit_folders: OnceCell<UnitFolders>,
    denied: RefCell<Option<PathBuf>>,
}

/// The folders of systemd's units, the first before the others.
#[derive(Debug)]
pub(crate) struct UnitFolders {
    /// All of them.
    pub(crate) all: Vec<PathBuf>,
    /// Those that are there, for who looks once.
    pub(crate) there: Option<Vec<PathBuf>>,
}

impl Host {
    /// The machine that this runs on.
    ///
    /// # Errors
    /// `/` cannot be opened.
    pub fn machine() -> Result<Self, RootError> {
        Ok(Self::of(Root::open("/")?))
    }

    /// What is below a folder, which is the machine itself for `/`.
    ///
    /// A rootfs that is being built often has the builder's `/proc` and `/run`
    /// mounted. Those tell of the builder, and are left out.
    pub fn of(root: Root) -> Self {
        Self {
            is_machine: root.is_machine(),
            root,
            processes: OnceCell::new(),
            foreign_run: OnceCell::new(),
            kubelet: OnceCell::new(),
            unit_folders: OnceCell::new(),
            denied: RefCell::default(),
        }
    }

    /// The tree that is looked at.
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// Whether this is the machine itself, where programs can be run.
    pub fn is_machine(&self) -> bool {
        self.is_machine
    }

    /// The same tree taken for the machine itself.
    #[cfg(test)]
    pub(crate) fn taken_for_the_machine(self) -> Self {
        Self {
            is_machine: true,
            ..self
        }
    }

    /// The processes that are seen, of this PID namespace alone; none for a tree
    /// that does not run.
    pub fn processes(&self) -> &[Process] {
        let look = || match foreign_processes(&self.root) {
            true => Vec::new(),
            false => process::list(&self.root),
        };
        self.processes.get_or_init(look)
    }

    /// The folders of systemd's units, which `look` finds when they are first asked for.
    pub(crate) fn unit_folders(&self, look: impl FnOnce() -> UnitFolders) -> &UnitFolders {
        self.unit_folders.get_or_init(look)
    }

    /// Whether `/run` of the tree is that of the machine on which it lies.
    fn has_foreign_run(&self) -> bool {
        let root = &self.root;
        let look = || !root.is_machine() && same_folder(&root.shown("run"), Path::new("/run"));
        *self.foreign_run.get_or_init(look)
    }

    /// PID 1.
    pub fn first_process(&self) -> Option<&Process> {
        self.processes().iter().find(|process| process.pid == 1)
    }

    /// Whether `/run` of the tree is its own, and not mounted from the machine that the
    /// tree lies on.
    pub(crate) fn has_own_run(&self) -> bool {
        !self.has_foreign_run()
    }

    /// A file as text, bytes that are not UTF-8 replaced.
    pub fn text(&self, path: impl AsRef<Path>) -> Option<String> {
        let bytes = self.noted(self.root.read(path.as_ref(), LIMIT))?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The end of a file that may be long, as text.
    pub(crate) fn end_of_text(&self, path: impl AsRef<Path>) -> Option<String> {
        const MOST: u64 = 64 * 1024;
        let path = path.as_ref();
        if self.kind(path) != Some(Kind::File) {
            return None;
        }
        let mut file = fs::File::open(self.root.shown(self.follow(path)?)).ok()?;
        let length = file.metadata().ok()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(MOST)))
            .ok()?;
        let mut bytes = Vec::new();
        file.take(MOST).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// What is at a path, links followed inside the tree.
    pub fn kind(&self, path: impl AsRef<Path>) -> Option<Kind> {
        let path = path.as_ref();
        match path.starts_with("/run") && self.has_foreign_run() {
            true => None,
            false => self.noted(self.root.target(path))?.map(|it| it.kind),
        }
    }

    /// The first path that could not be looked at for want of permission since this was
    /// asked last: what was found absent may be there.
    pub fn take_denied(&self) -> Option<PathBuf> {
        self.denied.take()
    }

    /// What was found, with a note of what may not be looked at.
    fn noted<T>(&self, found: Result<T, RootError>) -> Option<T> {
        if let Err(error @ RootError::Io { path, .. }) = &found
            && error.is_denied()
        {
            self.denied.borrow_mut().get_or_insert_with(|| path.clone());
        }
        found.ok()
    }

    /// Whether a path leads to something.
    pub fn exists(&self, path: impl AsRef<Path>) -> bool {
        self.kind(path).is_some()
    }

    /// Whether something stands at a path itself, be it a link that leads nowhere.
    pub fn stands(&self, path: impl AsRef<Path>) -> bool {
        self.noted(self.root.status(path)).flatten().is_some()
    }

    /// The names in a folder; none where there is no such folder.
    pub fn list(&self, path: impl AsRef<Path>) -> Vec<String> {
        let names = self.noted(self.root.list(path)).unwrap_or_default();
        let text = |name: std::ffi::OsString| name.into_string().ok();
        names.into_iter().filter_map(text).collect()
    }

    /// Where the links at the end of a path lead, as a path of the tree; the path
    /// itself where it is not a link, `None` where nothing has its name.
    pub fn follow(&self, path: impl AsRef<Path>) -> Option<PathBuf> {
        let mut path = path.as_ref().to_path_buf();
        self.root.status(&path).ok().flatten()?;
        for _ in 0..MOST_LINKS {
            match self.root.read_link(&path).ok().flatten() {
                None => return Some(path),
                Some(target) => {
                    let folder = path.parent().unwrap_or(Path::new("/"));
                    path = shortest(&folder.join(target));
                }
            }
        }
        None
    }
}

/// A path without `.` and `..`. A folder above may be a link, so this is for
/// showing and for names, and not for opening.
pub(crate) fn shortest(path: &Path) -> PathBuf {
    let mut parts = PathBuf::from("/");
    for part in path.components() {
        match part {
            Component::Normal(name) => parts.push(name),
            Component::ParentDir => {
                parts.pop();
            }
            _ => {}
        }
    }
    parts
}

fn text(root: &Root, path: &Path) -> Option<String> {
    let bytes = root.read(path, LIMIT).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether the tree's `/proc` is a real one in which PID 1 has another root: that
/// of a machine on which the tree lies, or of one that we are in a chroot of.
fn foreign_processes(root: &Root) -> bool {
    let proc = root.shown("proc");
    let real = statfs(&proc).is_ok_and(|fs| fs.filesystem_type() == PROC_SUPER_MAGIC);
    let first = proc.join("1/root");
    match real && fs::metadata(&first).is_ok() {
        true => !same_folder(&first, root.path()),
        // Only root may look. On the machine itself it is most likely right.
        false => real && !root.is_machine(),
    }
}

fn same_folder(one: &Path, other: &Path) -> bool {
    let place = |path: &Path| fs::metadata(path).map(|it| (it.dev(), it.ino())).ok();
    place(one).is_some() && place(one) == place(other)
}
