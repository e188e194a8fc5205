//! Rendered nodes into a tar stream, or as trees below a folder.

use std::collections::{BTreeSet, HashSet};
use std::fs::{self, OpenOptions, Permissions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::Path;

use super::compare::{self, Content};
use super::error::FleetError;
use super::render::RenderedNode;
use crate::rendering::File;
use crate::root::FOLDER_MODE;
use crate::service::AbsPath;
use crate::sink::TarWriter;
use crate::sorting;

/// Nodes as a tar archive, each below a folder with its name.
pub struct TarStream<W: Write>(TarWriter<W>);

impl<W: Write> TarStream<W> {
    /// An archive that goes to `out`.
    pub fn new(out: W) -> Self {
        Self(TarWriter::new(out))
    }

    /// Adds a node.
    ///
    /// # Errors
    /// The stream cannot be written.
    pub fn add(&mut self, node: &RenderedNode) -> Result<(), FleetError> {
        let mut folders = BTreeSet::new();
        for (path, file) in node.files() {
            let path = format!("{}/{}", node.name, path.relative());
            self.0
                .add(&path, file, &mut folders)
                .map_err(FleetError::Stream)?;
        }
        for (path, target) in node.links() {
            let path = format!("{}/{}", node.name, path.relative());
            self.0
                .link(&path, target, &mut folders)
                .map_err(FleetError::Stream)?;
        }
        Ok(())
    }

    /// Ends the archive.
    ///
    /// # Errors
    /// The stream cannot be written.
    pub fn finish(self) -> Result<(), FleetError> {
        self.0.finish().map_err(FleetError::Stream)
    }
}

/// Nodes as trees below a folder, each in a folder with its name. A tree is made
/// beside its place and renamed, so that it appears whole or not at all. When the
/// disk takes it is left to the system, as for any output that can be made anew.
pub struct Tree<'a> {
    folder: &'a Path,
    force: bool,
    looking: bool,
    /// Whether it is only asked for now if a tree is in the way.
    asking: bool,
    /// The trees that are there, just so, as checksums of their names.
    same: HashSet<u64>,
    /// The permission bits that what is made here does not get by itself.
    withheld: u32,
    outcome: Outcome,
    /// The names of what was put there, as checksums: memory grows by 8 bytes for each.
    hasher: RandomState,
    names: HashSet<u64>,
}

/// The ends of the names of trees that are being made, and of those being replaced.
const UNFINISHED: &str = ".kubelet-unit~";
const REPLACED: &str = ".kubelet-unit-old~";

/// How many nodes were written, and how many were there already, just so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Nodes that were written.
    pub written: usize,
    /// Nodes that were there.
    pub unchanged: usize,
}

impl<'a> Tree<'a> {
    /// Makes the folder, which need not exist, and removes what a run that was
    /// killed has left there. With `force`, a node's tree that differs is replaced.
    ///
    /// # Errors
    /// It cannot be made, or nothing can be made in it.
    pub fn new(folder: &'a Path, force: bool) -> Result<Self, FleetError> {
        fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
        remove_unfinished(folder)?;
        let probe = folder.join(UNFINISHED);
        let withheld = withheld(&probe).map_err(|source| failed(&probe, source))?;
        Ok(Self {
            force,
            looking: false,
            withheld,
            ..Self::looking(folder)
        })
    }

    /// Looks what would be written, and writes nothing.
    pub fn looking(folder: &'a Path) -> Self {
        Self {
            folder,
            force: true,
            looking: true,
            asking: false,
            same: HashSet::new(),
            withheld: 0,
            outcome: Outcome::default(),
            hasher: RandomState::new(),
            names: HashSet::new(),
        }
    }

    /// Whether a first run has to [ask](Self::ask) what is in the way of the second, which writes:
    /// a tree that differs stops all of them.
    pub fn may_refuse(&self) -> bool {
        !self.force
    }

    /// What is given to it next is only compared with what is there, or is written again.
    pub fn ask(&mut self, asking: bool) {
        self.asking = asking;
    }

    /// Writes a node.
    ///
    /// # Errors
    /// A tree is there that differs, or the system refuses.
    pub fn add(&mut self, node: &RenderedNode) -> Result<(), FleetError> {
        let files: Vec<_> = node.files().collect();
        self.put_all(node.name.as_str(), (&files, node.links()))
    }

    /// Writes a tree of files, sorted by their paths, below a folder of that name.
    ///
    /// # Errors
    /// As for [`Tree::add`].
    pub fn put(&mut self, name: &str, files: &[(&AbsPath, &File)]) -> Result<(), FleetError> {
        self.put_all(name, (files, &[]))
    }

    /// Knows a name, whose folder is then not one of the others.
    pub fn know(&mut self, name: &str) {
        self.names.insert(self.hasher.hash_one(name));
    }

    fn put_all(&mut self, name: &str, content: Content<'_>) -> Result<(), FleetError> {
        let hash = self.hasher.hash_one(name);
        self.names.insert(hash);
        if self.same.contains(&hash) {
            self.outcome.unchanged += 1;
            return Ok(());
        }
        let place = self.folder.join(name);
        let there = place.symlink_metadata().is_ok();
        if there {
            match compare::first_difference(&place, content) {
                None if self.asking => {
                    self.same.insert(hash);
                    return Ok(());
                }
                None => {
                    self.outcome.unchanged += 1;
                    return Ok(());
                }
                Some((path, why)) if !self.force => {
                    return Err(FleetError::Different {
                        folder: place,
                        path,
                        why,
                    });
                }
                Some(_) => {}
            }
        }
        if self.asking {
            return Ok(());
        }
        if self.looking {
            self.outcome.written += 1;
            return Ok(());
        }
        let beside = self.folder.join(format!(".{name}{UNFINISHED}"));
        self.write_tree(&beside, content)?;
        let aside = self.folder.join(format!(".{name}{REPLACED}"));
        if there {
            fs::rename(&place, &aside).map_err(|source| failed(&place, source))?;
        }
        fs::rename(&beside, &place).map_err(|source| failed(&place, source))?;
        if there {
            remove_tree(&aside)?;
        }
        self.outcome.written += 1;
        Ok(())
    }

    /// What was done.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The names of the other folders that are there, in order: those of nodes that the
    /// inventory no longer has, or somebody's own.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn others(&self) -> Result<Vec<String>, FleetError> {
        let unread = |source| failed(self.folder, source);
        let entries = match fs::read_dir(self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(unread)?,
        };
        let mut others = Vec::new();
        for entry in entries {
            let entry = entry.map_err(unread)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_ours = self.names.contains(&self.hasher.hash_one(name.as_str()));
            if !is_ours && !name.starts_with('.') && entry.path().is_dir() {
                others.push(name);
            }
        }
        sorting::by(&mut others, Ord::cmp);
        Ok(others)
    }

    fn write_tree(&self, place: &Path, (files, links): Content<'_>) -> Result<(), FleetError> {
        self.make_folder(place)?;
        let mut last = "";
        for (path, file) in files {
            let relative = path.relative();
            // Paths are sorted, so a folder that the last one does not have is new.
            // Each system call is a good part of the time that a fleet takes.
            let shared = shared_folders(last, relative);
            for (end, _) in relative
                .match_indices('/')
                .filter(|(end, _)| *end >= shared)
            {
                self.make_folder(&place.join(&relative[..end]))?;
            }
            last = relative;
            let target = place.join(relative);
            self.write_file(&target, file)
                .map_err(|source| failed(&target, source))?;
        }
        for (path, holds) in links {
            let target = place.join(path.relative());
            let folder = target.parent().unwrap_or(place);
            for above in missing(folder) {
                self.make_folder(above)?;
            }
            symlink(holds, &target).map_err(|source| failed(&target, source))?;
        }
        Ok(())
    }

    fn make_folder(&self, path: &Path) -> Result<(), FleetError> {
        fs::DirBuilder::new()
            .mode(FOLDER_MODE)
            .create(path)
            .and_then(|()| match FOLDER_MODE & self.withheld {
                0 => Ok(()),
                _ => fs::set_permissions(path, Permissions::from_mode(FOLDER_MODE)),
            })
            .map_err(|source| failed(path, source))
    }

    fn write_file(&self, path: &Path, file: &File) -> io::Result<()> {
        let mut out = create(path, file.mode)?;
        out.write_all(&file.content)?;
        match file.mode & self.withheld {
            0 => Ok(()),
            _ => out.set_permissions(Permissions::from_mode(file.mode)),
        }
    }
}

/// The folders on the way to one that are not there, from the top.
fn missing(folder: &Path) -> Vec<&Path> {
    let missing = folder.ancestors().take_while(|above| !above.is_dir());
    let mut missing: Vec<_> = missing.collect();
    missing.reverse();
    missing
}

/// How long the start is that two sorted paths share, up to and with a slash.
fn shared_folders(one: &str, other: &str) -> usize {
    let same = one.bytes().zip(other.bytes());
    let same = same.take_while(|(one, other)| one == other).count();
    other.as_bytes()[..same]
        .iter()
        .rposition(|byte| *byte == b'/')
        .map_or(0, |at| at + 1)
}

fn create(path: &Path, mode: u32) -> io::Result<fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(mode).open(path)
}

/// The permission bits that a new file does not get: the umask, or what a default
/// ACL of the folder takes. To ask for the umask is to change it, for all threads.
fn withheld(probe: &Path) -> io::Result<u32> {
    let mode = create(probe, 0o777)?.metadata()?.permissions().mode();
    fs::remove_file(probe)?;
    Ok(!mode & 0o777)
}

/// Removes what a run that was killed has left.
fn remove_unfinished(folder: &Path) -> Result<(), FleetError> {
    for entry in fs::read_dir(folder).map_err(|source| failed(folder, source))? {
        let entry = entry.map_err(|source| failed(folder, source))?;
        let name = entry.file_name();
        let name = name.as_encoded_bytes();
        if name.starts_with(b".")
            && (name.ends_with(UNFINISHED.as_bytes()) || name.ends_with(REPLACED.as_bytes()))
        {
            remove_tree(&entry.path())?;
        }
    }
    Ok(())
}

fn failed(path: &Path, source: io::Error) -> FleetError {
    FleetError::Write {
        path: path.into(),
        source,
    }
}

fn remove_tree(path: &Path) -> Result<(), FleetError> {
    let removed = match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(there) if there.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
    };
    removed.map_err(|source| failed(path, source))
}
