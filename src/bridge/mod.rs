//! kubeadm's bridge: on a host whose init kubeadm does not know, it is given OpenRC's
//! commands, and answers them by driving the real init.
//!
//! kubeadm looks for `systemctl` in `PATH`, then for `openrc`, `rc-service` and
//! `rc-update` (`initsystem_unix.go`; all three from 1.33 on). Where it finds none it
//! skips every stop and start with a warning, so flags that it has just written
//! reach no running kubelet. The bridge is three links to this program in a folder
//! of `PATH`; called by one of these names, it is that command. A [`Record`] says
//! what was made, so that it can be removed without a trace.

mod call;
mod error;
mod record;

use std::path::{Path, PathBuf};

use nix::unistd::geteuid;

use crate::host::Host;
use crate::process::PATH;
use crate::root::Kind;

pub use call::{Call, Misuse};
pub use error::BridgeError;
pub use record::Record;

/// The commands, in the order in which kubeadm looks for them.
pub const NAMES: [&str; 3] = ["openrc", "rc-service", "rc-update"];

/// What kubeadm looks for before any of them.
const FIRST: &str = "systemctl";

/// Where links are put that an administrator made, the first that is in `PATH`.
const FOLDERS: [&str; 4] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin"];

/// A place for the bridge that has been found good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The folder.
    pub folder: PathBuf,
    /// What the links lead to.
    pub program: PathBuf,
}

impl Site {
    /// Checks a place: the folder that was asked for, or the first usual one in `path`,
    /// which is the value of `PATH`.
    ///
    /// # Errors
    /// kubeadm would find the real commands, or the place is not safe.
    pub fn choose(
        host: &Host,
        asked: Option<&Path>,
        path: &str,
        program: &Path,
    ) -> Result<Self, BridgeError> {
        real_commands(host, path, program)?;
        let listed: Vec<&str> = path.split(':').collect();
        let folder = match asked {
            Some(folder) => folder.to_path_buf(),
            None => FOLDERS
                .iter()
                .find(|folder| listed.contains(folder) && host.kind(folder) == Some(Kind::Folder))
                .map(PathBuf::from)
                .ok_or(BridgeError::NoFolder)?,
        };
        if !listed.iter().any(|listed| Path::new(listed) == folder) {
            return Err(BridgeError::NotInPath { folder });
        }
        let site = Self {
            folder,
            program: program.to_path_buf(),
        };
        // Root runs what these lead to.
        let mut careful = vec![site.folder.as_path(), program];
        careful.extend(program.parent());
        careful
            .into_iter()
            .try_for_each(|path| only_ours(host, path))?;
        Ok(site)
    }

    /// The links.
    pub fn links(&self) -> Vec<PathBuf> {
        NAMES.iter().map(|name| self.folder.join(name)).collect()
    }
}

/// Refuses where kubeadm would find something else than the bridge, in `path` or
/// where such programs usually are.
fn real_commands(host: &Host, path: &str, program: &Path) -> Result<(), BridgeError> {
    let everywhere = format!("{path}:{PATH}");
    if let Some(path) = host.program_in(FIRST, &everywhere) {
        return Err(BridgeError::Systemctl { path });
    }
    for folder in everywhere.split(':') {
        for name in NAMES {
            let path = Path::new(folder).join(name);
            if host.exists(&path) && !leads_to(host, &path, program) {
                return Err(BridgeError::Real { path });
            }
        }
    }
    Ok(())
}

/// Whether a link leads to a program, or to another `kubelet-unit`.
pub fn leads_to(host: &Host, link: &Path, program: &Path) -> bool {
    let is_link = host.root().kind(link).ok().flatten() == Some(Kind::Link);
    let is_it = |end: PathBuf| end == program || end.file_name() == program.file_name();
    is_link && host.follow(link).is_some_and(is_it)
}

/// Refuses what others may change.
fn only_ours(host: &Host, path: &Path) -> Result<(), BridgeError> {
    const OTHERS: u32 = 0o022;
    let Some(status) = host.root().target(path)? else {
        return Err(BridgeError::Missing {
            path: host.root().shown(path),
        });
    };
    let is_ours = status.uid == 0 || status.uid == geteuid().as_raw();
    match is_ours && status.mode & OTHERS == 0 {
        true => Ok(()),
        false => Err(BridgeError::Unsafe {
            path: host.root().shown(path),
        }),
    }
}

#[cfg(test)]
mod tests;
