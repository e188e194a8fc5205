//! The cgroups of a bed: one folder in every hierarchy that services know, made and removed by its keeper.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use nix::mount::{MsFlags, mount};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::error::{Context, Result};

/// What a bed's cgroup is called, before the pid of its keeper.
pub(crate) const PREFIX: &str = "kubelet-unit-live.";

/// A hierarchy: v2, or v1's named one that exists for the sake of process tracking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hierarchy {
    Unified,
    Named,
}

impl Hierarchy {
    pub(super) const ALL: [Self; 2] = [Self::Unified, Self::Named];

    /// Mounts it at `folder`, seen from the caller's cgroup namespace.
    pub(super) fn mount(self, folder: &Path, flags: MsFlags) -> nix::Result<()> {
        let none = None::<&str>;
        match self {
            Self::Unified => mount(Some("cgroup2"), folder, Some("cgroup2"), flags, none),
            Self::Named => mount(
                Some("cgroup"),
                folder,
                Some("cgroup"),
                flags,
                Some("none,name=systemd"),
            ),
        }
    }

    /// Its folder in the keeper's scratch file system.
    pub(super) fn scratch(self) -> &'static Path {
        Path::new(match self {
            Self::Unified => "/tmp/unified",
            Self::Named => "/tmp/named",
        })
    }

    /// The caller's own cgroup: `/` when the hierarchy is not there yet.
    pub(super) fn own(self) -> Result<PathBuf> {
        let table = fs::read_to_string("/proc/self/cgroup").context("/proc/self/cgroup")?;
        let mark = match self {
            Self::Unified => "0::",
            Self::Named => ":name=systemd:",
        };
        let path = table.lines().find_map(|line| match self {
            Self::Unified => line.strip_prefix(mark),
            Self::Named => line.split_once(mark).map(|(_, path)| path),
        });
        Ok(PathBuf::from(path.unwrap_or("/").trim_start_matches('/')))
    }

    /// The folder of the bed with this keeper, in the keeper's scratch file system.
    pub(super) fn bed(self, keeper: u32) -> Result<PathBuf> {
        Ok(self
            .scratch()
            .join(self.own()?)
            .join(format!("{PREFIX}{keeper}")))
    }
}

/// Moves the calling process.
pub(super) fn enter(folder: &Path) -> Result<()> {
    fs::write(folder.join("cgroup.procs"), "0").context(folder.display())
}

/// Removes a cgroup with all below it, deepest first, and KILLs what is still in it.
///
/// The kernel needs a moment after the last process of a cgroup is gone: waits up to two seconds.
pub(super) fn remove(folder: &Path) -> io::Result<()> {
    let end = Instant::now() + Duration::from_secs(2);
    loop {
        match remove_once(folder) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) if Instant::now() > end => return Err(error),
            Err(_) => thread::sleep(Duration::from_millis(2)),
        }
    }
}

fn remove_once(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_once(&entry.path())?;
        }
    }
    for pid in fs::read_to_string(folder.join("cgroup.procs"))?.lines() {
        // 0 is a process of a pid namespace that is not ours: nothing that we started.
        match pid.parse::<i32>() {
            Ok(pid) if pid > 0 => drop(kill(Pid::from_raw(pid), Signal::SIGKILL)),
            _ => {}
        }
    }
    fs::remove_dir(folder)
}

/// Removes the cgroups of keepers that no longer live: a keeper that is killed cannot remove them itself.
///
/// Called in a keeper, whose scratch file system has the hierarchies.
pub(super) fn sweep() -> Result<()> {
    for hierarchy in Hierarchy::ALL {
        let Ok(entries) = fs::read_dir(hierarchy.scratch().join(hierarchy.own()?)) else {
            continue;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(keeper) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else {
                continue;
            };
            let command = fs::read(format!("/proc/{keeper}/cmdline")).unwrap_or_default();
            if !command
                .split(|&byte| byte == 0)
                .any(|word| word == super::KEEPER.as_bytes())
            {
                remove(&entry.path()).context(entry.path().display())?;
            }
        }
    }
    Ok(())
}
