//! Files as a bed gets them.

use std::fs;
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use nix::mount::{MsFlags, mount};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use crate::error::{Context, Result};

/// One entry of a tree.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// Absolute, as it is seen inside.
    pub(crate) path: PathBuf,
    pub(crate) mode: u32,
    pub(crate) content: Content,
}

#[derive(Clone, Debug)]
pub(crate) enum Content {
    Bytes(Vec<u8>),
    /// A symbolic link to this.
    Link(PathBuf),
    Folder,
    Fifo,
    /// `kubelet-unit` itself: a mount, since a copy of dozens of megabytes for each bed takes a fifth of the time.
    Program,
}

impl File {
    pub(crate) fn new(path: impl Into<PathBuf>, mode: u32, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            path: path.into(),
            mode,
            content: Content::Bytes(bytes.into()),
        }
    }

    pub(crate) fn link(path: impl Into<PathBuf>, target: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            mode: 0o777,
            content: Content::Link(target.into()),
        }
    }

    /// `kubelet-unit` itself.
    pub(crate) fn program(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            mode: 0o755,
            content: Content::Program,
        }
    }

    pub(crate) fn folder(path: impl Into<PathBuf>, mode: u32) -> Self {
        Self {
            path: path.into(),
            mode,
            content: Content::Folder,
        }
    }

    pub(crate) fn fifo(path: impl Into<PathBuf>, mode: u32) -> Self {
        Self {
            path: path.into(),
            mode,
            content: Content::Fifo,
        }
    }

    /// Puts it there, in place of whatever was; missing folders above are made. Files appear whole.
    pub(super) fn install(&self) -> Result<()> {
        self.try_install().context(self.path.display())
    }

    fn try_install(&self) -> Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(folder)?;
        match &self.content {
            Content::Bytes(bytes) => {
                let unfinished = folder.join(".unfinished");
                let mut options = fs::OpenOptions::new();
                let mut file = options
                    .write(true)
                    .create(true)
                    .truncate(true)
                    .mode(self.mode)
                    .open(&unfinished)?;
                io::Write::write_all(&mut file, bytes)?;
                drop(file);
                fs::set_permissions(&unfinished, fs::Permissions::from_mode(self.mode))?;
                if fs::symlink_metadata(&self.path).is_ok_and(|data| data.is_dir()) {
                    fs::remove_dir_all(&self.path)?;
                }
                fs::rename(unfinished, &self.path)?;
            }
            Content::Link(target) => {
                remove(&self.path)?;
                symlink(target, &self.path)?;
            }
            Content::Folder => {
                fs::create_dir_all(&self.path)?;
                fs::set_permissions(&self.path, fs::Permissions::from_mode(self.mode))?;
            }
            Content::Fifo => {
                remove(&self.path)?;
                mkfifo(&self.path, Mode::from_bits_truncate(self.mode))?;
            }
            Content::Program => {
                remove(&self.path)?;
                fs::File::create(&self.path)?;
                let none = None::<&str>;
                let program = Some(super::first::PROGRAM);
                mount(program, &self.path, none, MsFlags::MS_BIND, none)?;
            }
        }
        Ok(())
    }
}

/// Removes a file or a folder with all in it; that it is not there is no error.
pub(super) fn remove(path: &Path) -> Result<()> {
    let result = match fs::symlink_metadata(path) {
        Ok(data) if data.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match result {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).context(path.display()),
        _ => Ok(()),
    }
}
