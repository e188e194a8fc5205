//! The folders of a service: `setup_exec_directory` (`exec-invoke.c`, 257).

use std::fs::{self, DirBuilder, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown, lchown};
use std::path::Path;

use thiserror::Error;

use crate::service::Process;
use crate::service::process::{DirectoryKind, Mode, paths};

use super::account::Owner;

/// A folder that cannot be made.
#[derive(Debug, Error)]
#[error("cannot make the folder `{path}`: {source}")]
pub(super) struct NotMade {
    path: String,
    source: io::Error,
    /// systemd's exit code for it.
    pub(super) code: u8,
}

/// Makes them, and gives the variables that name them.
pub(super) fn make(
    process: &Process,
    owner: Owner,
) -> Result<Vec<(&'static str, String)>, NotMade> {
    let mut variables = Vec::new();
    for (kind, directory) in process.directories.said() {
        let paths = paths(kind, directory);
        for path in &paths {
            let made = make_one(Path::new(path), kind, directory.mode(), owner);
            made.map_err(|source| NotMade {
                path: path.clone(),
                source,
                code: kind.exit_code(),
            })?;
        }
        variables.push((kind.variable(), paths.join(":")));
    }
    Ok(variables)
}

fn make_one(path: &Path, kind: DirectoryKind, mode: Mode, owner: Owner) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(parent)?;
    }
    match fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ if !path.is_dir() => return Err(io::Error::from(io::ErrorKind::NotADirectory)),
        // What configures a service is the administrator's.
        Err(_) if kind == DirectoryKind::Configuration => return Ok(()),
        _ => {}
    }
    let (uid, gid) = (owner.0.as_raw(), owner.1.as_raw());
    let is_owned = |it: &Metadata| it.uid() == uid && it.gid() == gid;
    if !is_owned(&fs::metadata(path)?) {
        chown(path, Some(uid), Some(gid))?;
        chown_inside(path, uid, gid)?;
    }
    // The last: a change of the owner takes bits away.
    fs::set_permissions(path, Permissions::from_mode(mode.bits()))
}

/// What is in a folder that was somebody else's, links themselves and not what they lead to.
fn chown_inside(folder: &Path, uid: u32, gid: u32) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        lchown(entry.path(), Some(uid), Some(gid))?;
        if entry.file_type()?.is_dir() {
            chown_inside(&entry.path(), uid, gid)?;
        }
    }
    Ok(())
}

/// Removes those that go when the service ends.
pub(super) fn remove(process: &Process) {
    for path in process.directories.fleeting() {
        let _ = fs::remove_dir_all(path);
    }
}
