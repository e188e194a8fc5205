//! What a bed could leave behind, as the whole machine shows it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::bed::CGROUP_PREFIX;
use crate::error::{Result, fail};
use crate::pace::pause;

/// Everything on this machine that a bed of this process could have made.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Machine {
    mounts: BTreeSet<String>,
    cgroups: BTreeSet<PathBuf>,
    folders: BTreeSet<PathBuf>,
}

impl Machine {
    pub(crate) fn look() -> Self {
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let folders = ["/", "/tmp", "/run", "/var/tmp", "/dev/shm"];
        let cgroups = hierarchies(&mounts)
            .iter()
            .flat_map(|root| cgroups(root))
            .filter(|path| is_ours(path))
            .collect();
        Self {
            cgroups,
            mounts: mounts.lines().map(str::to_owned).collect(),
            folders: folders
                .iter()
                .flat_map(|folder| names(Path::new(folder)))
                .filter(|path| is_ours(path))
                .collect(),
        }
    }

    /// Fails when more is there than at this look. Other people's beds come and go: only dead keepers' count.
    pub(crate) fn same_as_now(&self) -> Result<()> {
        let now = Self::look();
        let new: Vec<_> = now.mounts.difference(&self.mounts).collect();
        if !new.is_empty() {
            fail!("mounts are left: {new:?}");
        }
        let new: Vec<_> = (now.cgroups.difference(&self.cgroups))
            .chain(now.folders.difference(&self.folders))
            .collect();
        let dead: Vec<_> = new.into_iter().filter(|path| !keeper_lives(path)).collect();
        if !dead.is_empty() {
            fail!("cgroups or folders are left: {dead:?}");
        }
        Ok(())
    }
}

/// Waits until nothing is left of the bed of this keeper: no process, no cgroup.
pub(crate) fn wait_for_end(keeper: u32, timeout: Duration) -> Result<Duration> {
    let began = Instant::now();
    loop {
        let (processes, cgroups) = (processes(keeper), cgroups_of(keeper));
        if processes.is_empty() && cgroups.is_empty() {
            return Ok(began.elapsed());
        }
        if began.elapsed() > timeout {
            fail!(
                "left of the bed of keeper {keeper}: processes {processes:?}, cgroups {cgroups:?}"
            );
        }
        pause(began, Duration::from_millis(1), Duration::from_millis(20));
    }
}

/// The processes in the cgroups of this keeper's bed, and the keeper.
pub(crate) fn processes(keeper: u32) -> Vec<String> {
    let mark = format!("/{CGROUP_PREFIX}{keeper}");
    let mut found = Vec::new();
    for process in names(Path::new("/proc")) {
        let inside =
            fs::read_to_string(process.join("cgroup")).is_ok_and(|table| table.contains(&mark));
        let is_keeper = process
            .file_name()
            .is_some_and(|name| *name == *keeper.to_string());
        let state = fs::read_to_string(process.join("stat")).unwrap_or_default();
        let zombie = state
            .rsplit_once(") ")
            .is_none_or(|(_, rest)| rest.starts_with(['Z', 'X']));
        if (inside || is_keeper) && !zombie {
            found.push(state.split(' ').take(2).collect::<Vec<_>>().join(" "));
        }
    }
    found
}

/// The cgroups of this keeper's bed in every hierarchy that this machine has mounted.
pub(crate) fn cgroups_of(keeper: u32) -> Vec<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let name = format!("{CGROUP_PREFIX}{keeper}");
    let ours = |path: &PathBuf| path.file_name().is_some_and(|own| own == name.as_str());
    hierarchies(&mounts)
        .iter()
        .flat_map(|root| cgroups(root))
        .filter(ours)
        .collect()
}

fn is_ours(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with(CGROUP_PREFIX))
}

fn keeper_lives(path: &Path) -> bool {
    let name = path.to_string_lossy();
    name.rsplit_once(CGROUP_PREFIX)
        .is_some_and(|(_, keeper)| Path::new("/proc").join(keeper).exists())
}

/// The mount points of v2 and of v1's named hierarchy.
fn hierarchies(mounts: &str) -> BTreeSet<PathBuf> {
    let point = |line: &str| {
        let (place, kind) = line.split_once(" - ")?;
        let wanted = kind.starts_with("cgroup2 ")
            || (kind.starts_with("cgroup ") && kind.contains("name=systemd"));
        wanted.then(|| PathBuf::from(place.split(' ').nth(4).unwrap_or("/")))
    };
    mounts.lines().filter_map(point).collect()
}

fn cgroups(folder: &Path) -> Vec<PathBuf> {
    let below: Vec<_> = names(folder)
        .into_iter()
        .filter(|path| path.is_dir())
        .collect();
    let deeper: Vec<_> = below.iter().flat_map(|path| cgroups(path)).collect();
    [below, deeper].concat()
}

fn names(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect()
}
