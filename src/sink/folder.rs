//! Renderings as a tree below a folder.
//!
//! All is checked before the first byte is written, and each file appears whole
//! or not at all. The folder is a [`Root`]: whatever links it holds, nothing
//! outside of it is touched.

use std::path::{Path, PathBuf};
use std::{fs, io};

use thiserror::Error;

use super::Renderings;
use crate::rendering::{File, line};
use crate::root::{Kind, Root, RootError};

/// Why a tree could not be written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FolderError {
    /// Files with other content are there already.
    #[error("{} other content already: {}", has(.paths), list(.paths))]
    Different {
        /// Those files.
        paths: Vec<PathBuf>,
    },
    /// The tree refused.
    #[error(transparent)]
    Root(#[from] RootError),
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

/// How many files and links a tree has and how many of them had to be written.
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
        let root = self.open()?;
        let mut pending = Vec::new();
        let mut different = Vec::new();
        let mut unchanged = 0;
        let mut is_pending = |path: &str, state| {
            match state {
                State::Same => unchanged += 1,
                State::Different if !self.force => different.push(root.shown(path)),
                State::Absent | State::Different => {}
            }
            state != State::Same
        };
        for (path, file) in renderings.files() {
            if is_pending(&path, state(&root, &path, file)?) {
                pending.push((path, file));
            }
        }
        let mut links = Vec::new();
        for (path, target) in renderings.links() {
            if is_pending(&path, state_of_link(&root, &path, target)?) {
                links.push((path, target));
            }
        }
        if !different.is_empty() {
            return Err(FolderError::Different { paths: different });
        }
        for (path, file) in &pending {
            root.make_folders(Path::new(path).parent().unwrap_or(Path::new("/")))?;
            match &file.line {
                None => root.write_whole(path, &file.content, file.mode)?,
                Some(mark) => {
                    let before = root.read_if_there(path, LIMIT)?.unwrap_or_default();
                    let content = line::put(&before, mark, &file.content);
                    root.replace_whole(root.end_of_links(path)?, &content, file.mode)?;
                }
            }
        }
        for (path, target) in &links {
            root.make_folders(Path::new(path).parent().unwrap_or(Path::new("/")))?;
            root.link_whole(path, target)?;
        }
        Ok(Outcome {
            written: pending.len() + links.len(),
            unchanged,
        })
    }

    /// Opens the folder, and makes it where there is none: an empty folder is all
    /// that a refusal leaves.
    fn open(&self) -> Result<Root, FolderError> {
        match Root::open(self.path) {
            Err(error) if error.is_not_found() => {}
            opened => return Ok(opened?),
        }
        fs::create_dir_all(self.path).map_err(|source| match source.kind() {
            // A link that leads nowhere is not found, and has the name all the same.
            io::ErrorKind::AlreadyExists => RootError::NotAFolder {
                path: first_there(self.path).into(),
            },
            _ => RootError::Io {
                action: "create the folder",
                path: self.path.into(),
                source,
            },
        })?;
        Ok(Root::open(self.path)?)
    }
}

/// The longest beginning of a path that has something at its end.
fn first_there(path: &Path) -> &Path {
    let mut there = path.ancestors();
    there
        .find(|it| it.is_symlink() || it.exists())
        .unwrap_or(path)
}

/// The most that is read of a file that has a line of ours among others.
const LIMIT: usize = 1024 * 1024;

#[derive(PartialEq)]
enum State {
    Absent,
    Same,
    Different,
}

fn state_of_link(root: &Root, path: &str, target: &str) -> Result<State, FolderError> {
    if root.status(path)?.is_none() {
        root.check_folders(Path::new(path).parent().unwrap_or(Path::new("/")))?;
        return Ok(State::Absent);
    }
    Ok(match root.read_link(path)? {
        Some(there) if there == Path::new(target) => State::Same,
        _ => State::Different,
    })
}

fn state(root: &Root, path: &str, file: &File) -> Result<State, FolderError> {
    let Some(there) = root.status(path)? else {
        root.check_folders(Path::new(path).parent().unwrap_or(Path::new("/")))?;
        return Ok(State::Absent);
    };
    if let (Some(mark), Kind::File) = (&file.line, there.kind) {
        // Whatever else is in the file stays in it.
        let found = line::find(&root.read(path, LIMIT)?, mark);
        return Ok(match found {
            Some(line) if line == file.content => State::Same,
            Some(_) => State::Different,
            None => State::Absent,
        });
    }
    let comparable = there.kind == Kind::File
        && there.mode == file.mode
        && there.size == file.content.len() as u64;
    let same = comparable && root.read(path, file.content.len())? == file.content;
    Ok(if same { State::Same } else { State::Different })
}
