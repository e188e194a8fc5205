//! The cgroup that holds the service's processes. It has no controllers, and lies
//! where neither of the kubelet's cgroup drivers looks.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process;

/// Where a cgroup without controllers may be made: v2, else one of v1's named
/// hierarchies.
const ROOTS: [&str; 5] = [
    "/sys/fs/cgroup",
    "/sys/fs/cgroup/unified",
    "/sys/fs/cgroup/openrc",
    "/sys/fs/cgroup/systemd",
    "/sys/fs/cgroup/elogind",
];

/// Puts this process into the service's cgroup and gives its `cgroup.procs`.
/// Without a writable cgroup file system there is none.
pub(super) fn enter(service: &str) -> Option<PathBuf> {
    ROOTS.iter().find_map(|root| enter_below(root, service))
}

fn enter_below(root: &str, service: &str) -> Option<PathBuf> {
    let root = Path::new(root);
    let procs = root.join(format!("kubelet-unit.{service}/cgroup.procs"));
    let write = || {
        // Not created: where the root is no cgroup, this would be a file like any other.
        let mut file = OpenOptions::new().write(true).open(&procs)?;
        file.write_all(process::id().to_string().as_bytes())
    };
    let entered = write().or_else(|error| {
        // Mostly it is not there yet.
        if !root.join("cgroup.procs").exists() {
            return Err(error);
        }
        fs::create_dir(procs.parent().unwrap_or(root))?;
        write()
    });
    entered.ok().map(|()| procs)
}

/// Removes the cgroup of which this is the `cgroup.procs`; the kernel refuses
/// while anything is in it.
pub(super) fn remove(procs: &Path) {
    if let Some(folder) = procs.parent() {
        let _ = fs::remove_dir(folder);
    }
}
