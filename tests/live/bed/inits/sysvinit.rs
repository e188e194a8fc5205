//! sysvinit as PID 1, with an entry of inittab for the service.
//!
//! Its packages would take the place of the machine's own init: they are unpacked for the beds alone, by
//! `tests/run` below `target`, and where a generation of Debian is made into a folder of that.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{
    Absence, Gone, Init, NETWORK, Plan, Process, RUNTIME, Refusal, Silent, Supervisor, parent_pid,
    script, there, words,
};
use crate::bed::{Bed, File, Ground, State, ground};
use crate::error::{Context, Result};

pub(super) struct Entry;

/// Where a generation has the packages.
pub(crate) const UNPACKED: &str = "/opt/sysvinit";

/// What a bed takes from them.
const PROGRAMS: [&str; 3] = ["sbin/init", "lib/init/rc", "bin/startpar"];

const TAB: &str = "/etc/inittab.d/kubelet.tab";
const ASIDE: &str = "/etc/inittab.d/kubelet.tab.disabled";

/// Debian's, without the scripts of a boot, which set the clock and the kernel's parameters of the machine.
const INITTAB: &str = "id:2:initdefault:\nl2:2:wait:/etc/init.d/rc 2\n";

/// What an administrator does by hand: init has no command for an entry.
const DRIVE: &str = "#!/bin/sh
tab=/etc/inittab.d/kubelet.tab launcher=/usr/libexec/kubelet-unit/kubelet
start() {
	[ -e $tab ] || mv $tab.disabled $tab
	telinit q
}
stop() {
	[ ! -e $tab ] || mv $tab $tab.disabled
	telinit q
	while pgrep -f \"$launcher(\\.run\\$| supervise\\$)|^/usr/bin/kubelet --bare\" >/dev/null; do sleep 0.05; done
	[ ! -x $launcher ] || $launcher end
}
case $1 in
restart) stop && start ;;
*) $1 ;;
esac
";

/// The tree that has sysvinit: the bed's own, or where its packages are unpacked.
fn origin(ground: &Ground) -> Option<PathBuf> {
    let unpacked = match ground.is_machine() {
        true => Path::new(env!("CARGO_MANIFEST_DIR")).join("target/packages/sysvinit"),
        false => ground.at(UNPACKED),
    };
    [ground.root.clone(), unpacked]
        .into_iter()
        .find(|root| PROGRAMS.iter().all(|name| program(root, name).is_some()))
}

/// A program of such a tree, before or after `/usr` took all of them; links lead elsewhere.
fn program(root: &Path, name: &str) -> Option<PathBuf> {
    let places = [root.join(name), root.join("usr").join(name)];
    let is_file = |path: &PathBuf| std::fs::symlink_metadata(path).is_ok_and(|it| it.is_file());
    places.into_iter().find(is_file)
}

impl Init for Entry {
    fn name(&self) -> &'static str {
        "sysvinit"
    }

    fn programs(&self) -> &'static [&'static str] {
        &["insserv", "pgrep"]
    }

    fn missing(&self, ground: &Ground) -> Vec<&'static str> {
        let programs = self.programs().iter().copied();
        let missing = programs.filter(|name| !ground.has(name));
        let own = origin(ground).is_none().then_some("sysvinit");
        missing.chain(own).collect()
    }

    fn packages(&self) -> &'static [&'static str] {
        &["sysvinit-core", "sysvinit"]
    }

    /// `SysV init version: 3.06`.
    fn version(&self, ground: &Ground) -> Option<String> {
        let program = program(&origin(ground)?, PROGRAMS[0])?;
        // With the libraries of its own tree, which can be newer than the machine's.
        let inside = Path::new("/").join(program.strip_prefix(&ground.root).ok()?);
        let said = Command::new("chroot")
            .args([&ground.root, &inside])
            .arg("--version")
            .output()
            .ok()?
            .stdout;
        let said = String::from_utf8_lossy(&said);
        Some(said.trim().strip_prefix("SysV init version: ")?.to_owned())
    }

    fn plan(&self) -> Plan {
        // Otherwise it looks for a policy of SELinux, and mounts a `/sys` of its own for that.
        let mut state = State::default();
        state
            .env
            .insert("SELINUX_INIT".to_owned(), "YES".to_owned());
        Plan {
            state,
            init: Some(words("/sbin/init")),
            empty: words(
                "/etc/inittab.d /etc/init.d /etc/rc0.d /etc/rc1.d /etc/rc2.d /etc/rc3.d /etc/rc4.d /etc/rc5.d \
                 /etc/rc6.d",
            ),
            ..Plan::default()
        }
    }

    fn tree(&self) -> Vec<File> {
        let mut files = vec![
            File::new("/etc/inittab", 0o644, INITTAB),
            File::link("/etc/init.d/rc", "/lib/init/rc"),
            File::link("/sbin/telinit", "init"),
            script("/usr/local/bin/drive-entry", DRIVE),
        ];
        let origin = origin(&ground()).unwrap_or_default();
        for name in PROGRAMS {
            let bytes = program(&origin, name).and_then(|path| std::fs::read(path).ok());
            let bytes = bytes.unwrap_or_default();
            files.push(File::new(Path::new("/").join(name), 0o755, bytes));
        }
        files
    }

    fn before_start(&self, enabled: bool) -> Result<()> {
        // A bed may begin without the service.
        match enabled || !Path::new(TAB).exists() {
            true => Ok(()),
            false => std::fs::rename(TAB, ASIDE).context(TAB),
        }
    }

    /// It listens, and the scripts of the boot have ended.
    fn ready(&self, bed: &Bed) -> Result<bool> {
        let rc = |argv: &[String]| argv.iter().any(|word| word == "/etc/init.d/rc");
        Ok(there(bed, "/run/initctl") && bed.processes(rc).is_empty())
    }

    fn start(&self) -> Vec<String> {
        words("drive-entry start")
    }

    fn stop(&self) -> Vec<String> {
        words("drive-entry stop")
    }

    fn restart(&self) -> Vec<String> {
        words("drive-entry restart")
    }

    fn main_pid(&self, bed: &Bed) -> Result<Option<i32>> {
        Ok(parent_pid(bed))
    }

    /// It has no tool that says so.
    fn runs(&self, bed: &Bed) -> Result<bool> {
        Ok(!bed.recorders().is_empty())
    }

    fn starts_with_machine(&self, bed: &Bed) -> Result<bool> {
        Ok(there(bed, TAB))
    }

    fn bare(&self, command: &str) -> Vec<File> {
        let text = format!("bare:2345:respawn:{command} >>/var/log/kubelet.log 2>&1\n");
        vec![File::new(TAB, 0o644, text)]
    }

    fn passes_on(&self) -> &'static [&'static str] {
        &["environment RUNLEVEL", "Umask", "Max open files"]
    }

    fn others(&self, network: &str, runtime: &str) -> (Vec<File>, &'static [&'static str]) {
        let service = |name: &str, start: &str| {
            [
                script(
                    &format!("/etc/init.d/{name}"),
                    format!("#!/bin/sh\n{start}\n"),
                ),
                File::link(format!("/etc/rc2.d/S01{name}"), format!("../init.d/{name}")),
            ]
        };
        let files = [
            service("slow-network", network),
            service("containerd", runtime),
        ];
        (files.into_iter().flatten().collect(), &[NETWORK, RUNTIME])
    }

    // PID 1 cannot be killed.
    fn supervisor(&self) -> Supervisor {
        Supervisor::Replaced(Process::Argv(super::LAUNCHER))
    }

    fn absence(&self) -> Option<Absence> {
        Some(Absence {
            silent: Some(Silent::First),
            gone: Gone::Removed("/run/initctl"),
            told: "sysvinit does not answer",
            // Without it telinit sends a HUP, and init does as it is asked.
            verbs: &[],
        })
    }

    fn answers_everybody(&self) -> bool {
        true
    }

    fn boots_without_service(&self) -> bool {
        true
    }

    fn refuses_start(&self) -> Option<Refusal> {
        Some(Refusal {
            says: &[""],
            because: "sysvinit: the launcher is the process, and runs in the delay too: init has nothing to start. A stop and a start starts at once.",
        })
    }

    fn needs_logrotate(&self) -> bool {
        true
    }
}
