//! Which programs are installed: `PATH` as the tree has it, through the `which` crate.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use which::WhichConfig;
use which::sys::{Sys, SysMetadata, SysReadDirEntry};

use super::Host;
use crate::process::PATH;
use crate::root::{Kind, Root};

impl Host {
    /// The path of the first program of that name in [`PATH`], as a path of the tree.
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        self.program_in(name, PATH)
    }

    /// The same with folders of your choice, separated by colons.
    pub fn program_in(&self, name: &str, folders: &str) -> Option<PathBuf> {
        WhichConfig::new_with_sys(Tree(&self.root))
            .binary_name(name.into())
            .custom_path_list(folders.into())
            .first_result()
            .ok()
    }
}

/// A tree as the file system that `which` looks at.
struct Tree<'a>(&'a Root);

struct Metadata(Kind);

impl SysMetadata for Metadata {
    fn is_symlink(&self) -> bool {
        self.0 == Kind::Link
    }

    fn is_file(&self) -> bool {
        self.0 == Kind::File
    }
}

struct Entry(PathBuf);

impl SysReadDirEntry for Entry {
    fn file_name(&self) -> OsString {
        self.0.file_name().unwrap_or_default().to_owned()
    }

    fn path(&self) -> PathBuf {
        self.0.clone()
    }
}

impl Sys for Tree<'_> {
    type ReadDirEntry = Entry;
    type Metadata = Metadata;

    fn is_windows(&self) -> bool {
        false
    }

    fn current_dir(&self) -> io::Result<PathBuf> {
        Ok("/".into())
    }

    fn home_dir(&self) -> Option<PathBuf> {
        None
    }

    fn env_split_paths(&self, paths: &OsStr) -> Vec<PathBuf> {
        std::env::split_paths(paths).collect()
    }

    fn env_path(&self) -> Option<OsString> {
        None
    }

    fn env_path_ext(&self) -> Option<OsString> {
        None
    }

    fn env_windows_path_ext(&self) -> Cow<'static, [String]> {
        Cow::Borrowed(&[])
    }

    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        let target = self.0.target(path).map_err(io::Error::other)?;
        target
            .map(|status| Metadata(status.kind))
            .ok_or_else(not_found)
    }

    fn symlink_metadata(&self, path: &Path) -> io::Result<Metadata> {
        let itself = self.0.status(path).map_err(io::Error::other)?;
        itself
            .map(|status| Metadata(status.kind))
            .ok_or_else(not_found)
    }

    fn read_dir(&self, path: &Path) -> io::Result<Box<dyn Iterator<Item = io::Result<Entry>>>> {
        let folder = path.to_owned();
        let names = self.0.list(path).map_err(io::Error::other)?;
        Ok(Box::new(
            names
                .into_iter()
                .map(move |name| Ok(Entry(folder.join(name)))),
        ))
    }

    fn is_valid_executable(&self, path: &Path) -> io::Result<bool> {
        let target = self.0.target(path).map_err(io::Error::other)?;
        Ok(target.is_some_and(|status| status.kind == Kind::File && status.mode & 0o111 != 0))
    }
}

fn not_found() -> io::Error {
    io::ErrorKind::NotFound.into()
}
