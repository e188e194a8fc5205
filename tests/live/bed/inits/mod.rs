//! The inits, and what a bed has to know about each.

mod busybox_init;
mod dinit;
mod finit;
mod openrc;
mod peers;
mod runit;
mod s6;
mod s6_overlay;
mod s6rc;
pub(crate) mod supervisord;
mod systemd;
pub(crate) mod sysvinit;

use std::fs;
use std::path::{Path, PathBuf};

use kubelet_unit::distro::{DEBIAN, Distro};

use super::{Bed, File, Ground, LOG, Plan, SERVICE};
use crate::error::{Context, Result};

/// All of them, the reference first.
pub(crate) const ALL: &[&dyn Init] = &[
    &systemd::Systemd,
    &openrc::OpenRc,
    &runit::Runit,
    &s6::S6,
    &s6rc::S6Rc,
    &s6_overlay::S6Overlay,
    &dinit::Dinit,
    &sysvinit::Entry,
    &busybox_init::BusyboxInit,
    &supervisord::Supervisord,
];

/// Those whose backend is an example: see [`Init::is_example`].
pub(crate) const EXAMPLES: &[&dyn Init] = &[&finit::Finit];

/// The one that also runs where nothing but busybox is.
pub(crate) const ON_BUSYBOX: &str = "openrc";

pub(crate) fn by_name(name: &str) -> Option<&'static dyn Init> {
    ALL.iter().copied().find(|init| init.name() == name)
}

/// A service is there when its file is: the recorder sees which come first.
pub(crate) const NETWORK: &str = "/run/network-is-there";
pub(crate) const RUNTIME: &str = "/run/runtime-is-there";

/// What has the service as its own, and what becomes of the service when that is killed.
pub(crate) enum Supervisor {
    /// It cannot be killed; this starts it anew, and the kubelet knows nothing of it.
    StartedAnew(&'static str),
    /// This process; another comes by itself.
    Replaced(Process),
    /// This process; the kubelet runs on, until the administrator runs the command.
    Missed {
        process: Process,
        command: &'static str,
        /// What the command is, for a reader.
        what: &'static str,
    },
}

/// A process of a bed.
pub(crate) enum Process {
    /// The one whose argv begins so.
    Argv(&'static str),
    /// The one whose number is in this file.
    PidFile(&'static str),
}

/// How an init is there and does not answer, or is not there.
pub(crate) struct Absence {
    /// What is told to stand still, where that is something.
    pub(crate) silent: Option<Silent>,
    pub(crate) gone: Gone,
    /// What a command is told then.
    pub(crate) told: &'static str,
    /// The verbs of `service` that ask the init.
    pub(crate) verbs: &'static [&'static str],
}

/// What stands still, and is there all the same.
pub(crate) enum Silent {
    First,
    /// The process whose argv has this in it.
    Process(&'static str),
}

/// What takes the init away.
pub(crate) enum Gone {
    /// This process is killed; the one above it would start it anew.
    Killed {
        process: &'static str,
        above: Option<Silent>,
    },
    /// This file is removed.
    Removed(&'static str),
}

/// An init for which the service is up in the restart delay too, so that `start` has nothing to start.
pub(crate) struct Refusal {
    /// What it says, in one version or another.
    pub(crate) says: &'static [&'static str],
    pub(crate) because: &'static str,
}

/// The launcher that stays the parent of the service.
const LAUNCHER: &str = "/bin/sh /usr/libexec/kubelet-unit/kubelet supervise";

/// One init system as a bed runs it.
pub(crate) trait Init: Sync {
    /// What it is called here: as `--init` of the command has it, but for a second way to keep services.
    fn name(&self) -> &'static str;

    /// As `--init` of the command has it.
    fn backend(&self) -> &'static str {
        self.name()
    }

    /// Whose places the service's files have.
    fn distro(&self) -> &'static Distro {
        &DEBIAN
    }

    /// As `--layout` of the command has it.
    fn layout(&self) -> Option<&'static str> {
        None
    }

    /// The same for a service whose output a logger keeps in files.
    fn layout_with_log(&self) -> Option<&'static str> {
        self.layout()
    }

    /// Whether its backend is one of `examples/`, from outside the crate: a few rows prove that such a backend
    /// runs a service as the others do, on the machine's own tree alone.
    fn is_example(&self) -> bool {
        false
    }

    /// The programs without which it cannot run here.
    fn programs(&self) -> &'static [&'static str];

    /// Whether it is nobody's fault that it is not there: no package of Debian's has it. Then it may be among the
    /// [`peers`] as well.
    fn is_optional(&self) -> bool {
        false
    }

    /// Those of the programs that are not there.
    fn missing(&self, ground: &Ground) -> Vec<&'static str> {
        let has = |name: &str| ground.has(name) || self.is_optional() && peers::have(name);
        let programs = self.programs().iter().copied();
        programs.filter(|name| !has(name)).collect()
    }

    /// The packages that have it, under all names that distributions give them.
    fn packages(&self) -> &'static [&'static str];

    fn version(&self, ground: &Ground) -> Option<String> {
        let built = || peers::version(self.name()).filter(|_| self.is_optional());
        ground.version(self.packages()).or_else(built)
    }

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

    /// Does what [`Init::start`] says. By that command itself, unless it takes long to begin.
    fn do_start(&self, bed: &Bed) -> Result<()> {
        bed.expect(&self.start()).map(drop)
    }

    /// Does what [`Init::stop`] says, as above.
    fn do_stop(&self, bed: &Bed) -> Result<()> {
        bed.expect(&self.stop()).map(drop)
    }

    /// Does what [`Init::restart`] says, as above.
    fn do_restart(&self, bed: &Bed) -> Result<()> {
        bed.expect(&self.restart()).map(drop)
    }

    /// The fastest way to one more start: for tests that are about the start alone.
    fn cycle(&self, bed: &Bed) -> Result<()> {
        bed.restart()
    }

    fn main_pid(&self, bed: &Bed) -> Result<Option<i32>>;

    /// Whether its own tool says that the service runs.
    fn runs(&self, bed: &Bed) -> Result<bool>;

    /// Whether its own tool says that the service starts with the machine.
    fn starts_with_machine(&self, bed: &Bed) -> Result<bool>;

    /// The least with which it starts `command`, restarts it after a second and ends it within one.
    fn bare(&self, command: &str) -> Vec<File>;

    /// Fields in which the comparison has to find that a bare service differs from systemd's.
    fn passes_on(&self) -> &'static [&'static str];

    /// A network and a container runtime for which these commands wait, as this init has them, and the files
    /// by which they are seen. Without those that it cannot wait for.
    fn others(&self, network: &str, runtime: &str) -> (Vec<File>, &'static [&'static str]);

    fn supervisor(&self) -> Supervisor;

    /// What starts the supervisors, and may be killed.
    fn scanner(&self) -> Option<&'static str> {
        None
    }

    /// The reference itself has none: without it there is no machine.
    fn absence(&self) -> Option<Absence>;

    /// Whether everybody may read what state the service is in.
    fn answers_everybody(&self) -> bool {
        false
    }

    /// Whether a layer over its image can start the service: files and links alone.
    fn boots_layer(&self) -> bool {
        true
    }

    /// Whether it boots without the service.
    fn boots_without_service(&self) -> bool {
        false
    }

    /// What `start` is in the restart delay, where it is no start.
    fn refuses_start(&self) -> Option<Refusal> {
        None
    }

    /// Whether it starts a launcher that was killed only after a while, and till then stops nothing of what
    /// that has left.
    fn waits_for_launcher(&self) -> bool {
        false
    }

    /// Why a stop and the start after it can each take a second, where they can.
    fn looks_each_second(&self) -> Option<&'static str> {
        None
    }

    /// Whether it leaves a second between two starts, whatever the delay is.
    fn has_floor(&self) -> bool {
        false
    }

    /// Why a service that the sh launcher starts has a descriptor of the init's own, where it has.
    fn leaves_open(&self) -> Option<&'static str> {
        None
    }

    /// Of how many env-file cases each category has that are tried; all without it.
    fn cases(&self) -> Option<usize> {
        None
    }

    /// Whether the log is a file that logrotate has to be called for.
    fn needs_logrotate(&self) -> bool {
        false
    }

    /// Whether a TERM to the first process ends all services and then it, as the stop of a container does.
    fn ends_on_term(&self) -> bool {
        false
    }

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

/// A script that is executed.
fn script(path: &str, text: impl Into<String>) -> File {
    File::new(path, 0o755, text.into())
}

/// The `run` of a bare service.
fn run_script(command: &str) -> String {
    format!("#!/bin/sh\nexec 2>&1\nexec {command}\n")
}

/// The `run` of a bare service's logger.
fn logger(command: &str) -> String {
    format!("#!/bin/sh\nexec 2>&1\nmkdir -p /var/log/kubelet\nexec {command} /var/log/kubelet\n")
}

/// Whether something is there in the bed.
fn there(bed: &Bed, path: &str) -> bool {
    bed.inside(|| std::fs::symlink_metadata(path)).is_ok()
}

/// Whether what a command prints has this in it.
fn says(bed: &Bed, argv: &[&str], wanted: &str) -> Result<bool> {
    Ok(bed.run(argv)?.text().contains(wanted))
}

/// The pid of the launcher that stays the parent, or that of the bare service, which has no launcher.
fn parent_pid(bed: &Bed) -> Option<i32> {
    let is_parent = |argv: &[String]| {
        argv.join(" ") == "/usr/bin/kubelet --bare"
            || argv.ends_with(&[
                "/usr/libexec/kubelet-unit/kubelet".into(),
                "supervise".into(),
            ])
    };
    bed.processes(is_parent).into_iter().min()
}
