//! Rendered nodes into a tar stream, or as trees below a folder.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::error::FleetError;
use super::render::RenderedNode;
use crate::rendered::File;
use crate::sink::TarWriter;

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
/// beside its place and renamed, so that it appears whole or not at all.
pub struct Tree<'a> {
    folder: &'a Path,
    force: bool,
    outcome: Outcome,
}

/// How many nodes were written, and how many were there already, just so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Nodes that were written.
    pub written: usize,
    /// Nodes that were there.
    pub unchanged: usize,
}

impl<'a> Tree<'a> {
    /// Makes the folder, which need not exist. With `force`, a node's tree that
    /// differs is replaced.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn new(folder: &'a Path, force: bool) -> Result<Self, FleetError> {
        fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
        Ok(Self {
            folder,
            force,
            outcome: Outcome::default(),
        })
    }

    /// Writes a node.
    ///
    /// # Errors
    /// A tree is there that differs, or the system refuses.
    pub fn add(&mut self, node: &RenderedNode) -> Result<(), FleetError> {
        let place = self.folder.join(node.name.as_str());
        if place.symlink_metadata().is_ok() {
            match first_difference(&place, node) {
                None => {
                    self.outcome.unchanged += 1;
                    return Ok(());
                }
                Some(path) if !self.force => return Err(FleetError::Different { path }),
                Some(_) => {}
            }
        }
        let beside = self.folder.join(format!(".{}.kubelet-unit~", node.name));
        let aside = self
            .folder
            .join(format!(".{}.kubelet-unit-old~", node.name));
        // What a run that was killed has left.
        remove_tree(&beside)?;
        remove_tree(&aside)?;
        write_tree(&beside, node)?;
        if place.symlink_metadata().is_ok() {
            fs::rename(&place, &aside).map_err(|source| failed(&place, source))?;
        }
        fs::rename(&beside, &place).map_err(|source| failed(&place, source))?;
        remove_tree(&aside)?;
        self.outcome.written += 1;
        Ok(())
    }

    /// Has the disk take it all, once for the whole fleet.
    ///
    /// # Errors
    /// The system refuses.
    pub fn finish(self) -> Result<Outcome, FleetError> {
        fs::File::open(self.folder)
            .and_then(|folder| Ok(nix::unistd::syncfs(&folder)?))
            .map_err(|source| failed(self.folder, source))?;
        Ok(self.outcome)
    }
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

/// The first file of a node that a tree does not hold just so.
fn first_difference(place: &Path, node: &RenderedNode) -> Option<PathBuf> {
    node.files()
        .map(|(path, file)| (place.join(path.relative()), file))
        .find(|(path, file)| {
            let same = path.symlink_metadata().is_ok_and(|there| {
                there.is_file()
                    && there.len() == file.content.len() as u64
                    && there.permissions().mode() & 0o7777 == file.mode
            });
            !same || fs::read(path).ok().as_ref() != Some(&file.content)
        })
        .map(|(path, _)| path)
}

fn write_tree(place: &Path, node: &RenderedNode) -> Result<(), FleetError> {
    make_folder(place)?;
    let mut made = BTreeSet::new();
    for (path, file) in node.files() {
        let relative = path.relative();
        // One call for each folder: they are most of the time that a fleet takes.
        for (end, _) in relative.match_indices('/') {
            if made.insert(relative[..end].to_owned()) {
                make_folder(&place.join(&relative[..end]))?;
            }
        }
        let target = place.join(relative);
        write_file(&target, file).map_err(|source| failed(&target, source))?;
    }
    Ok(())
}

fn make_folder(path: &Path) -> Result<(), FleetError> {
    fs::DirBuilder::new()
        .mode(0o755)
        .create(path)
        .map_err(|source| failed(path, source))
}

fn write_file(path: &Path, file: &File) -> io::Result<()> {
    let mut out = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    out.write_all(&file.content)?;
    out.set_permissions(Permissions::from_mode(file.mode))
}
