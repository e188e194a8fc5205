//! Renderings as a tree below a folder.
//!
//! All is checked before the first byte is written, and each file appears whole
//! or not at all: it is written beside its place, synced and renamed.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::Renderings;
use crate::rendered::File;

/// Why a tree could not be written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FolderError {
    /// Something that is no folder stands where the tree goes, or above a file of it.
    #[error("`{}` is not a folder", path.display())]
    NotAFolder {
        /// What is in the way.
        path: PathBuf,
    },
    /// Files with other content are there already.
    #[error("{} other content already: {}", has(.paths), list(.paths))]
    Different {
        /// Those files.
        paths: Vec<PathBuf>,
    },
    /// The system refused.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried: `create`, `write`, `read`.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

fn has(paths: &[PathBuf]) -> &'static str {
    match paths.len() {
        1 => "a file has",
        _ => "some files have",
    }
}

fn list(paths: &[PathBuf]) -> String {
    let shown: Vec<_> = paths
        .iter()
        .map(|path| format!("`{}`", path.display()))
        .collect();
    shown.join(", ")
}

/// How many files a tree has and how many of them had to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Files that were written.
    pub written: usize,
    /// Files that were there already, with the same content and mode.
    pub unchanged: usize,
}

/// A folder that a tree is written below.
pub struct Folder<'a> {
    /// The folder; it need not exist.
    pub path: &'a Path,
    /// Whether files with other content are replaced.
    pub force: bool,
}

impl Folder<'_> {
    /// Writes the tree.
    ///
    /// # Errors
    /// A [`FolderError`]. Only an error of the system while writing leaves a
    /// part of the tree, each file of it whole.
    pub fn write(&self, renderings: &Renderings) -> Result<Outcome, FolderError> {
        let mut pending = Vec::new();
        let mut different = Vec::new();
        let mut unchanged = 0;
        for (relative, file) in renderings.files() {
            let path = self.path.join(relative);
            match state(&path, file)? {
                State::Same => unchanged += 1,
                State::Absent => pending.push((path, file)),
                State::Different => {
                    if !self.force {
                        different.push(path.clone());
                    }
                    pending.push((path, file));
                }
            }
        }
        if !different.is_empty() {
            return Err(FolderError::Different { paths: different });
        }
        for (path, file) in &pending {
            place(path, file)?;
        }
        Ok(Outcome {
            written: pending.len(),
            unchanged,
        })
    }
}

enum State {
    Absent,
    Same,
    Different,
}

fn state(path: &Path, file: &File) -> Result<State, FolderError> {
    for above in path.ancestors().skip(1) {
        match fs::metadata(above) {
            Ok(there) if there.is_dir() => break,
            Ok(_) => return Err(FolderError::NotAFolder { path: above.into() }),
            // A part of the path is a file: its own turn comes further up.
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(io_error("look at", above, error)),
        }
    }
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(State::Absent),
        Err(error) => Err(io_error("look at", path, error)),
        Ok(there) if !there.is_file() => Ok(State::Different),
        Ok(there) => {
            let content = fs::read(path).map_err(|error| io_error("read", path, error))?;
            let same = content == file.content && there.permissions().mode() & 0o7777 == file.mode;
            Ok(if same { State::Same } else { State::Different })
        }
    }
}

fn place(path: &Path, file: &File) -> Result<(), FolderError> {
    let parent = path.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(parent).map_err(|error| io_error("create", parent, error))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = parent.join(format!(".{name}.{}.tmp", std::process::id()));
    let written = write_whole(&beside, file)
        .and_then(|()| fs::rename(&beside, path))
        .and_then(|()| fs::File::open(parent)?.sync_all());
    written.map_err(|error| {
        // What failed is what is reported, not what the tidying says.
        let _ = fs::remove_file(&beside);
        io_error("write", path, error)
    })
}

fn write_whole(path: &Path, file: &File) -> io::Result<()> {
    let mut out = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    out.write_all(&file.content)?;
    out.set_permissions(Permissions::from_mode(file.mode))?;
    out.sync_all()
}

fn io_error(action: &'static str, path: &Path, source: io::Error) -> FolderError {
    FolderError::Io {
        action,
        path: path.into(),
        source,
    }
}
