//! finit as PID 1, with the files of the example that is a backend from outside the crate.
//!
//! Its package does not come onto the machine, whose init it may not get in the way of: it is unpacked for
//! the beds alone, by `tests/run` below `target`.

use std::path::{Path, PathBuf};

use super::{
    Absence, Gone, Init, Plan, Process, Supervisor, entries, parent_pid, script, there, words,
};
use crate::bed::{Bed, File, Ground, State};
use crate::error::{Context, Result};

pub(super) struct Finit;

/// What a bed takes from the packages, and where that is looked for.
const PROGRAMS: [&str; 2] = ["/sbin/finit", "/lib/finit/initctl"];
const FOLDERS: [&str; 2] = ["/sbin", "/lib/finit"];

const FILE: &str = "/etc/finit.d/available/kubelet.conf";
const LINK: &str = "/etc/finit.d/enabled/kubelet.conf";

/// `initctl` does not wait. In a bed without the service at the start it is enabled first.
const DRIVE: &str = "#!/bin/sh
launcher=/usr/libexec/kubelet-unit/kubelet
start() {
	[ -e /etc/finit.d/enabled/kubelet.conf ] || {
		initctl enable kubelet && initctl reload
		return
	}
	initctl start kubelet
}
stop() {
	initctl stop kubelet
	while pgrep -f \"$launcher supervise\\$|^/usr/bin/kubelet --bare\" >/dev/null; do sleep 0.05; done
}
case $1 in
restart) stop && start ;;
*) $1 ;;
esac
";

/// Where the packages are unpacked.
fn origin() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/packages/finit")
}

fn unpacked(path: &str) -> PathBuf {
    origin().join(path.trim_start_matches('/'))
}

impl Init for Finit {
    fn name(&self) -> &'static str {
        "finit"
    }

    fn programs(&self) -> &'static [&'static str] {
        &["pgrep"]
    }

    fn missing(&self, ground: &Ground) -> Vec<&'static str> {
        let programs = self.programs().iter().copied();
        let missing = programs.filter(|name| !ground.has(name));
        let is_there = PROGRAMS.iter().all(|it| unpacked(it).is_file());
        missing.chain((!is_there).then_some("finit")).collect()
    }

    fn packages(&self) -> &'static [&'static str] {
        &["finit"]
    }

    fn plan(&self) -> Plan {
        Plan {
            state: State::default(),
            init: Some(words("/sbin/finit")),
            empty: words("/etc/finit.d"),
            ..Plan::default()
        }
    }

    fn tree(&self) -> Vec<File> {
        let mut files = vec![
            File::new("/etc/finit.conf", 0o644, "runlevel 2\n"),
            File::new("/etc/fstab", 0o644, ""),
            File::folder("/etc/finit.d/enabled", 0o755),
            File::link("/usr/sbin/initctl", "/lib/finit/initctl"),
            script("/usr/local/bin/drive-finit", DRIVE),
        ];
        let libraries = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
        for folder in FOLDERS.into_iter().chain([libraries.as_str()]) {
            for path in entries(&unpacked(folder)).unwrap_or_default() {
                let name = path.file_name().unwrap_or_default();
                // Links are followed: a library has its short name too.
                if let Ok(bytes) = std::fs::read(&path) {
                    files.push(File::new(Path::new(folder).join(name), 0o755, bytes));
                }
            }
        }
        files
    }

    fn before_start(&self, enabled: bool) -> Result<()> {
        match enabled {
            true => std::os::unix::fs::symlink(FILE, LINK).context(LINK),
            false => Ok(()),
        }
    }

    fn ready(&self, bed: &Bed) -> Result<bool> {
        Ok(there(bed, "/run/finit/socket") && bed.run(&["initctl", "status"])?.code == 0)
    }

    fn start(&self) -> Vec<String> {
        words("drive-finit start")
    }

    fn stop(&self) -> Vec<String> {
        words("drive-finit stop")
    }

    fn restart(&self) -> Vec<String> {
        words("drive-finit restart")
    }

    fn main_pid(&self, bed: &Bed) -> Result<Option<i32>> {
        Ok(parent_pid(bed))
    }

    fn runs(&self, bed: &Bed) -> Result<bool> {
        super::says(bed, &["initctl", "status", "kubelet"], "running")
    }

    fn starts_with_machine(&self, bed: &Bed) -> Result<bool> {
        Ok(there(bed, LINK))
    }

    fn bare(&self, command: &str) -> Vec<File> {
        let line =
            format!("service [2345] name:kubelet log:/var/log/kubelet.log {command} -- bare\n");
        vec![File::new(FILE, 0o644, line)]
    }

    fn passes_on(&self) -> &'static [&'static str] {
        &[]
    }

    fn others(&self, _network: &str, _runtime: &str) -> (Vec<File>, &'static [&'static str]) {
        (Vec::new(), &[])
    }

    // PID 1 cannot be killed.
    fn supervisor(&self) -> Supervisor {
        Supervisor::Replaced(Process::Argv(super::LAUNCHER))
    }

    fn absence(&self) -> Option<Absence> {
        Some(Absence {
            silent: None,
            gone: Gone::Removed("/run/finit/socket"),
            told: "",
            verbs: &[],
        })
    }

    fn leaves_open(&self) -> Option<&'static str> {
        Some(
            "finit 4.2 leaves the socket of initctl open in its services, as descriptor 13. A sh program can close those up to 9; the native launcher closes it.",
        )
    }

    /// One of each category.
    fn cases(&self) -> Option<usize> {
        Some(1)
    }

    fn is_example(&self) -> bool {
        true
    }

    fn needs_logrotate(&self) -> bool {
        true
    }
}
