//! dinit as PID 1.
//!
//! Debian has no package of it: it runs where it is found in PATH, or in [`peers`].

use super::{
    Absence, Gone, Init, NETWORK, Plan, Process, RUNTIME, Refusal, Silent, Supervisor, peers, pid,
    script, there, words,
};
use crate::bed::{Bed, File, SERVICE};
use crate::error::{Context, Result};

pub(super) struct Dinit;

/// What the service `boot` waits for.
const ENTRY: &str = "/etc/dinit.d/boot.d/kubelet";

/// The smallest there is.
const BOOT: &str = "type = internal\nwaits-for.d = boot.d\n";

impl Init for Dinit {
    fn name(&self) -> &'static str {
        "dinit"
    }

    fn programs(&self) -> &'static [&'static str] {
        &["dinit", "dinitctl"]
    }

    fn packages(&self) -> &'static [&'static str] {
        &["dinit"]
    }

    fn is_optional(&self) -> bool {
        true
    }

    fn plan(&self) -> Plan {
        Plan {
            // By PATH: distributions have it in `bin` or in `sbin`.
            init: Some(
                ["/bin/sh", "-c", "exec dinit --container"]
                    .map(str::to_owned)
                    .into(),
            ),
            empty: words("/etc/dinit.d"),
            ..Plan::default()
        }
    }

    fn tree(&self) -> Vec<File> {
        let mut files = peers::files("dinit");
        files.push(File::new("/etc/dinit.d/boot", 0o644, BOOT));
        files.push(File::folder("/etc/dinit.d/boot.d", 0o755));
        files
    }

    fn before_start(&self, enabled: bool) -> Result<()> {
        if enabled {
            std::os::unix::fs::symlink("../kubelet", ENTRY).context(ENTRY)?;
        }
        Ok(())
    }

    fn ready(&self, bed: &Bed) -> Result<bool> {
        Ok(bed.run(&["dinitctl", "is-started", "boot"])?.code == 0)
    }

    fn begin(&self) -> String {
        "dinitctl start --no-wait kubelet".to_owned()
    }

    fn start(&self) -> Vec<String> {
        words("dinitctl start kubelet")
    }

    fn stop(&self) -> Vec<String> {
        words("dinitctl stop kubelet")
    }

    // `dinitctl restart` refuses a service that is down.
    fn restart(&self) -> Vec<String> {
        let both = "dinitctl stop kubelet && dinitctl start kubelet";
        ["sh", "-c", both].map(str::to_owned).into()
    }

    /// The launcher's.
    fn main_pid(&self, bed: &Bed) -> Result<Option<i32>> {
        let status = bed.expect(&words("dinitctl status kubelet"))?.text();
        let number = |line: &str| pid(line.trim().strip_prefix("Process ID:")?);
        Ok(status.lines().find_map(number))
    }

    fn runs(&self, bed: &Bed) -> Result<bool> {
        Ok(bed.run(&["dinitctl", "is-started", SERVICE])?.code == 0)
    }

    fn starts_with_machine(&self, bed: &Bed) -> Result<bool> {
        Ok(there(bed, ENTRY))
    }

    fn bare(&self, command: &str) -> Vec<File> {
        let text = format!(
            "type = process\ncommand = {command}\nrestart = true\nrestart-delay = 1\n\
             restart-limit-count = 0\nstop-timeout = 1\nlogfile = /var/log/kubelet.log\n"
        );
        vec![File::new("/etc/dinit.d/kubelet", 0o644, text)]
    }

    fn passes_on(&self) -> &'static [&'static str] {
        &[
            "environment LEAKED",
            "environment HOME",
            "Umask",
            "Max open files",
        ]
    }

    fn others(&self, network: &str, runtime: &str) -> (Vec<File>, &'static [&'static str]) {
        let service = |name: &str, start: &str| {
            let program = format!("/usr/local/bin/slow-{name}");
            let text = format!("type = scripted\ncommand = {program}\n");
            [
                script(&program, format!("#!/bin/sh\n{start}\n")),
                File::new(format!("/etc/dinit.d/{name}"), 0o644, text),
                File::link(format!("/etc/dinit.d/boot.d/{name}"), format!("../{name}")),
            ]
        };
        let files = [
            service("network.target", network),
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
            gone: Gone::Removed("/run/dinitctl"),
            told: "dinit does not answer",
            verbs: &["is-active", "start"],
        })
    }

    fn boots_without_service(&self) -> bool {
        true
    }

    fn refuses_start(&self) -> Option<Refusal> {
        Some(Refusal {
            says: &["Service (already) started."],
            because: "dinit: the launcher is the process, and runs in the delay too. A stop and a start starts at once.",
        })
    }

    // dinit: `smooth-recovery` waits for `restart-delay`.
    fn waits_for_launcher(&self) -> bool {
        true
    }

    // As `--container` has it.
    fn ends_on_term(&self) -> bool {
        true
    }

    fn needs_logrotate(&self) -> bool {
        true
    }
}
