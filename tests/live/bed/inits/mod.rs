//! The inits, and what a bed has to know about each.

mod openrc;
mod peers;
mod runit;
mod s6;
mod s6rc;
pub(crate) mod supervisord;
mod systemd;

use std::fs;
use std::path::{Path, PathBuf};

use super::{Bed, File, Ground, Plan, SERVICE};
use crate::error::{Context, Result};

/// All of them, the reference first.
pub(crate) const ALL: &[&dyn Init] = &[
    &systemd::Systemd,
    &openrc::OpenRc,
    &runit::Runit,
    &s6::S6,
    &s6rc::S6Rc,
    &supervisord::Supervisord,
];

/// The one that also runs where nothing but busybox is.
pub(crate) const ON_BUSYBOX: &str = "openrc";

pub(crate) fn by_name(name: &str) -> Option<&'static dyn Init> {
    ALL.iter().copied().find(|init| init.name() == name)
}

/// One init system as a bed runs it.
pub(crate) trait Init: Sync {
    /// As `--init` of the command has it.
    fn name(&self) -> &'static str;

    /// The programs without which it cannot run here.
    fn programs(&self) -> &'static [&'static str];

    /// Whether it is nobody's fault that it is not there: no package of Debian's has it.
    fn is_optional(&self) -> bool {
        false
    }

    /// Those of the programs that are not there.
    fn missing(&self, ground: &Ground) -> Vec<&'static str> {
        let programs = self.programs().iter().copied();
        programs.filter(|name| !ground.has(name)).collect()
    }

    /// The packages that have it, under all names that distributions give them.
    fn packages(&self) -> &'static [&'static str];

    fn plan(&self) -> Plan;

    /// What a machine with this init has besides the service.
    fn tree(&self) -> Vec<File> {
        Vec::new()
    }

    /// Called inside, when all files are installed and before the init starts: puts the service where the
    /// init finds it, and keeps it down unless it is `enabled`.
    fn before_start(&self, enabled: bool) -> Result<()>;

    /// The folder of the services' folders, where the init has its state of each beside the service's files.
    fn services(&self) -> Option<&'static str> {
        None
    }

    /// Whether the init answers commands about the service.
    fn ready(&self, bed: &Bed) -> Result<bool>;

    fn start(&self) -> Vec<String>;
    /// With the ordinary waiting option.
    fn stop(&self) -> Vec<String>;
    fn restart(&self) -> Vec<String>;

    /// What a shell runs to begin a start, and does not wait for.
    fn begin(&self) -> String {
        self.start().join(" ")
    }

    /// The fastest way to one more start: for tests that are about the start alone.
    fn cycle(&self, bed: &Bed) -> Result<()> {
        bed.restart().map(drop)
    }

    fn main_pid(&self, bed: &Bed) -> Result<Option<i32>>;

    /// What the service printed.
    fn log(&self, bed: &Bed) -> Result<String> {
        bed.inside(|| logs(Path::new("/var/log")))
    }
}

fn words(command: &str) -> Vec<String> {
    command.split_whitespace().map(str::to_owned).collect()
}

/// The content of every file below `folder` that is called after the service, or is in a folder that is.
fn logs(folder: &Path) -> Result<String> {
    let mut text = String::new();
    for path in entries(folder)? {
        let ours = path.to_string_lossy().contains(SERVICE);
        if path.is_dir() {
            text.push_str(&logs(&path)?);
        } else if ours
            && path
                .file_name()
                .is_some_and(|name| name != "lock" && name != "state")
        {
            text.push_str(&String::from_utf8_lossy(
                &fs::read(&path).context(path.display())?,
            ));
        }
    }
    Ok(text)
}

/// A folder's entries, sorted; none when it does not exist.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(Vec::new());
    };
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}

/// Links every service directory of ours below `from` into the scan directory, and keeps it down unless `enabled`.
///
/// The name tells: `kubelet`, and a logger of its own as s6-rc and s6-overlay have it, `kubelet-log`.
fn link_services(from: &[&str], scan: &str, enabled: bool) -> Result<()> {
    fs::create_dir_all(scan).context(scan)?;
    for folder in from
        .iter()
        .flat_map(|from| entries(Path::new(from)).into_iter().flatten())
    {
        let name = folder.file_name().unwrap_or_default().to_owned();
        if !name.to_string_lossy().starts_with(SERVICE) {
            continue;
        }
        let place = Path::new(scan).join(&name);
        if place.symlink_metadata().is_err() {
            std::os::unix::fs::symlink(&folder, &place).context(place.display())?;
        }
        if name == SERVICE && !enabled {
            fs::write(folder.join("down"), "").context(folder.display())?;
        }
    }
    Ok(())
}

fn pid(text: &str) -> Option<i32> {
    text.trim().parse().ok().filter(|&pid| pid > 0)
}
