//! The way into a bed for one command: into its cgroup and all its namespaces, as an administrator who logs in.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use nix::sched::{CloneFlags, setns};
use nix::sys::signal::SigSet;

use super::cgroup::Hierarchy;
use crate::error::{Context, Result};

/// The exit code for a command that cannot be executed, as a shell has it.
pub(super) const NOT_FOUND: i32 = 127;

const NAMESPACES: [(&str, CloneFlags); 6] = [
    ("cgroup", CloneFlags::CLONE_NEWCGROUP),
    ("uts", CloneFlags::CLONE_NEWUTS),
    ("ipc", CloneFlags::CLONE_NEWIPC),
    ("net", CloneFlags::CLONE_NEWNET),
    ("pid", CloneFlags::CLONE_NEWPID),
    ("mnt", CloneFlags::CLONE_NEWNS),
];

/// Runs as the way in. `argv` is `live @enter KEEPER FIRST COMMAND…`, the pids as the machine counts them.
/// Exits as the command does; 128 + N for signal N.
pub(crate) fn main(argv: &[OsString]) -> i32 {
    let command = enter(&argv[2].to_string_lossy(), &argv[3].to_string_lossy()).and_then(|()| {
        Command::new(&argv[4])
            .args(&argv[5..])
            .status()
            .context(argv[4].display())
    });
    match command {
        Ok(status) => status
            .code()
            .unwrap_or_else(|| 128 + status.signal().unwrap_or(0)),
        Err(error) => {
            eprintln!("{error}");
            NOT_FOUND
        }
    }
}

fn enter(keeper: &str, first: &str) -> Result<()> {
    // The tests block signals, and a command would inherit that.
    SigSet::empty().thread_set_mask()?;
    let open =
        |(name, kind)| File::open(format!("/proc/{first}/ns/{name}")).map(|file| (file, kind));
    let namespaces: Vec<_> = NAMESPACES
        .into_iter()
        .map(open)
        .collect::<io::Result<_>>()?;
    for hierarchy in Hierarchy::ALL {
        let bed = hierarchy.bed(keeper.parse()?)?;
        let session = Path::new("/proc")
            .join(keeper)
            .join("root")
            .join(bed.strip_prefix("/")?)
            .join("session");
        if session.exists() {
            fs::write(session.join("cgroup.procs"), "0").context(session.display())?;
        }
    }
    for (file, kind) in namespaces {
        setns(file, kind).context(format_args!("{kind:?}"))?;
    }
    Ok(())
}
