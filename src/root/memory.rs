//! What was found of a tree already, so that a command that asks several times looks once, and
//! all of its answers are about the same content.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;
use nix::dir::Type;
use nix::errno::Errno;
use nix::fcntl::OFlag;

use super::{Kind, Root, RootError, Status};

/// A file that is larger is read again: nobody asks twice for a program.
const LARGEST: usize = 1024 * 1024;

/// What was found, by the paths.
#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<Paths>);

/// Its hashes are foldhash's: those of the standard library would take an eighth of the time of a `check`. The entries are
/// small, since most say no more than that nothing is there, and the table is moved each time that it grows.
type Paths = HashMap<Box<OsStr>, Known, RandomState>;

/// How a path of a tree is opened: with its links followed or not, as the flags say.
type Open<'a> = dyn Fn(&Path, OFlag) -> Result<OwnedFd, Errno> + 'a;

/// What is known of a path; `None` is what nobody has asked.
#[derive(Debug, Default)]
struct Known {
    /// Whether it leads to something, or nothing has its name (`ENOENT`). A name below a file is neither.
    is_there: Option<bool>,
    found: Option<Box<Found>>,
}

/// What somebody found at a path; `None` is what nobody has asked.
#[expect(
    clippy::option_option,
    reason = "that nothing is there is an answer too"
)]
#[derive(Debug, Default)]
pub(super) struct Found {
    content: Option<Vec<u8>>,
    /// What stands there itself.
    pub(super) itself: Option<Option<Status>>,
    /// What it leads to.
    pub(super) target: Option<Option<Status>>,
    /// Where it leads, if it is a link.
    pub(super) link: Option<Option<PathBuf>>,
    /// The names in it, in order, as far as the file system tells with their kinds.
    pub(super) names: Option<Vec<(OsString, Option<Type>)>>,
}

impl Memory {
    fn known(&self) -> MutexGuard<'_, Paths> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps something that was found at a path.
    fn of(&self, key: &OsStr, keep: impl FnOnce(&mut Known)) {
        let mut known = self.known();
        match known.get_mut(key) {
            Some(known) => keep(known),
            None => keep(known.entry(key.into()).or_default()),
        }
    }

    /// Opens a path, or says that nothing has it because a folder above it is not there: of a folder that is missing
    /// only one of its files is asked for. A `check` asks for many.
    pub(super) fn open(
        &self,
        path: &Path,
        flags: OFlag,
        open: &Open<'_>,
    ) -> Result<OwnedFd, Errno> {
        let key = key(path);
        if self.is_in_vain(&key, flags) {
            return Err(Errno::ENOENT);
        }
        let opened = open(path, flags);
        match opened {
            Err(Errno::ENOENT) => {
                if !flags.contains(OFlag::O_NOFOLLOW) {
                    self.of(&key, |it| it.is_there = Some(false));
                }
                self.look_above(&key, open);
            }
            Ok(_) => self.note_above(&key),
            Err(_) => {}
        }
        opened
    }

    /// Whether a path, or the nearest folder above it of which that is known, is not there.
    fn is_in_vain(&self, path: &OsStr, flags: OFlag) -> bool {
        let known = self.known();
        // A link that leads nowhere is there itself.
        let itself = (!flags.contains(OFlag::O_NOFOLLOW)).then_some(path);
        let mut folders = itself.into_iter().chain(all_above(path));
        let nearest = folders.find_map(|it| known.get(it)?.is_there);
        nearest == Some(false)
    }

    /// Finds out which of the folders above a path is not there, the topmost first: what is missing is often a tree
    /// of folders, and what is above it is known.
    fn look_above(&self, path: &OsStr, open: &Open<'_>) {
        let folders: Vec<_> = all_above(path).collect();
        for folder in folders.into_iter().rev().skip(1) {
            let known = self.known().get(folder).and_then(|it| it.is_there);
            // Of what may not be looked at nobody can say that it is missing.
            let look = || open(Path::new(folder), OFlag::O_PATH).err() != Some(Errno::ENOENT);
            let is_there = known.unwrap_or_else(look);
            if known.is_none() {
                self.of(folder, |it| it.is_there = Some(is_there));
            }
            if !is_there {
                return;
            }
        }
    }

    fn note_above(&self, path: &OsStr) {
        if let Some(folder) = all_above(path).next() {
            self.of(folder, |it| it.is_there = Some(true));
        }
    }
}

/// The folders above an absolute path, the nearest first. [`Path::ancestors`] gives the same, and takes paths apart
/// for it.
fn all_above(path: &OsStr) -> impl Iterator<Item = &OsStr> {
    fn above(path: &[u8]) -> Option<&[u8]> {
        match path.iter().rposition(|byte| *byte == b'/')? {
            0 => (path.len() > 1).then_some(&path[..1]),
            end => Some(&path[..end]),
        }
    }
    let all = std::iter::successors(Some(path.as_bytes()), |path| above(path));
    all.skip(1).map(OsStr::from_bytes)
}

impl Root {
    /// The same for who only looks: it looks at each path once, and reads each file once. What is
    /// written meanwhile is not seen.
    #[must_use]
    pub fn remembering(self) -> Self {
        Self {
            memory: Some(Memory::default()),
            ..self
        }
    }

    /// Whether it is for who only looks.
    pub(crate) fn looks_once(&self) -> bool {
        self.memory.is_some()
    }

    /// What was read of a file.
    pub(crate) fn remembered(&self, path: impl AsRef<Path>) -> Option<Vec<u8>> {
        let known = self.memory.as_ref()?.known();
        known
            .get(&*key(path.as_ref()))?
            .found
            .as_ref()?
            .content
            .clone()
    }

    /// Keeps what was read.
    pub(crate) fn remember(&self, path: impl AsRef<Path>, content: &[u8]) {
        if let Some(memory) = self.memory.as_ref().filter(|_| content.len() <= LARGEST) {
            memory.of(&key(path.as_ref()), |it| {
                it.found.get_or_insert_default().content = Some(content.to_vec());
            });
        }
    }

    /// What was found at a path before, or what a look finds now, which is kept. An error is not:
    /// who asks again is told again.
    ///
    /// # Errors
    /// Those of the look.
    pub(super) fn once<T: Clone>(
        &self,
        path: &Path,
        part: fn(&mut Found) -> &mut Option<T>,
        look: impl FnOnce() -> Result<T, RootError>,
    ) -> Result<T, RootError> {
        let Some(memory) = &self.memory else {
            return look();
        };
        let key = key(path);
        let found = |known: &mut Known| part(known.found.as_mut()?).clone();
        if let Some(found) = memory.known().get_mut(&*key).and_then(found) {
            return Ok(found);
        }
        let found = look()?;
        memory.of(&key, |it| {
            *part(it.found.get_or_insert_default()) = Some(found.clone());
        });
        Ok(found)
    }

    /// What is known to stand at a path itself, where that is no link: what is asked of the path with its links
    /// followed has the same answer.
    #[expect(
        clippy::option_option,
        reason = "that nothing is there is an answer too"
    )]
    pub(super) fn known_without_link(&self, path: &Path) -> Option<Option<Status>> {
        let known = self.memory.as_ref()?.known();
        let itself = known.get(&*key(path))?.found.as_ref()?.itself?;
        (itself.map(|it| it.kind) != Some(Kind::Link)).then_some(itself)
    }
}

/// A path of the tree, in one spelling for nearly all that ask. To compare paths part by part, as [`PathBuf`] does,
/// would take a fifth of the time of a `check`.
fn key(path: &Path) -> Cow<'_, OsStr> {
    match path.is_absolute() {
        true => Cow::Borrowed(path.as_os_str()),
        false => Cow::Owned(Path::new("/").join(path).into_os_string()),
    }
}
