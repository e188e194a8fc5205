//! runsvdir under a PID 1 that reaps, as runit's own does.

use super::{
    Absence, Gone, Init, Plan, Process, RUNTIME, Refusal, Silent, Supervisor, link_services,
    logger, pid, run_script, script, there, words,
};
use crate::bed::{Bed, File, SERVICE};
use crate::error::{Context, Result};

pub(super) struct Runit;

/// Where Debian's `sv` looks; Void's is `/var/service`.
const SCAN: &str = "/etc/service";

impl Init for Runit {
    fn name(&self) -> &'static str {
        "runit"
    }

    fn programs(&self) -> &'static [&'static str] {
        &["runsvdir", "runsv", "sv", "svlogd"]
    }

    fn packages(&self) -> &'static [&'static str] {
        &["runit"]
    }

    fn plan(&self) -> Plan {
        Plan {
            supervisor: Some(words("/usr/bin/runsvdir -P /etc/service")),
            empty: words(SCAN),
            ..Plan::default()
        }
    }

    fn before_start(&self, enabled: bool) -> Result<()> {
        link_services(&["/etc/sv"], SCAN, enabled)?;
        // runsvdir sleeps for a second when its folder has just changed, because more may follow.
        std::fs::File::open(SCAN)?
            .set_modified(std::time::UNIX_EPOCH)
            .context(SCAN)
    }

    fn ready(&self, bed: &Bed) -> Result<bool> {
        if !bed.inside(|| std::fs::exists("/etc/service/kubelet/supervise/ok"))? {
            return Ok(false);
        }
        Ok(bed.run(&["sv", "status", "kubelet"])?.code == 0)
    }

    fn services(&self) -> Option<&'static str> {
        Some("/etc/sv")
    }

    fn begin(&self) -> String {
        // `sv` does not wait, and until runsv has read the command a `sv stop` takes the service for one that is
        // down already, and does nothing.
        "sv up kubelet && until read -r now </etc/service/kubelet/supervise/stat && \
         case $now in run* | *'want up'*) ;; *) false ;; esac; do :; done"
            .to_owned()
    }

    fn start(&self) -> Vec<String> {
        words("sv -w 15 start kubelet")
    }

    fn stop(&self) -> Vec<String> {
        words("sv -w 120 stop kubelet")
    }

    fn restart(&self) -> Vec<String> {
        words("sv -w 120 restart kubelet")
    }

    fn main_pid(&self, bed: &Bed) -> Result<Option<i32>> {
        Ok(pid(&String::from_utf8_lossy(
            &bed.read_file("/etc/service/kubelet/supervise/pid")?,
        )))
    }

    fn runs(&self, bed: &Bed) -> Result<bool> {
        let status = bed.run(&["sv", "status", SERVICE])?;
        Ok(status.text().starts_with("run: "))
    }

    fn starts_with_machine(&self, bed: &Bed) -> Result<bool> {
        Ok(there(bed, "/etc/service/kubelet/run"))
    }

    // -P makes a session.
    fn bare(&self, command: &str) -> Vec<File> {
        vec![
            script(
                "/etc/sv/kubelet/run",
                run_script(&format!("chpst -P {command}")),
            ),
            script("/etc/sv/kubelet/log/run", logger("svlogd")),
        ]
    }

    fn passes_on(&self) -> &'static [&'static str] {
        &[
            "environment LEAKED",
            "environment HOME",
            "cwd",
            "descriptors",
            "Umask",
            "SigIgn",
            "Max open files",
        ]
    }

    fn others(&self, _network: &str, runtime: &str) -> (Vec<File>, &'static [&'static str]) {
        let files = vec![
            script(
                "/etc/sv/containerd/run",
                format!("#!/bin/sh\n{runtime}\nexec sleep 600\n"),
            ),
            script(
                "/etc/sv/containerd/check",
                format!("#!/bin/sh\n[ -e {RUNTIME} ]\n"),
            ),
            File::link("/etc/service/containerd", "/etc/sv/containerd"),
        ];
        (files, &[RUNTIME])
    }

    fn supervisor(&self) -> Supervisor {
        Supervisor::Replaced(Process::Argv("runsv kubelet"))
    }

    fn scanner(&self) -> Option<&'static str> {
        Some("/usr/bin/runsvdir -P")
    }

    fn absence(&self) -> Option<Absence> {
        Some(Absence {
            silent: Some(Silent::Process("runsv kubelet")),
            gone: Gone::Killed {
                process: "runsv kubelet",
                above: Some(Silent::Process("runsvdir")),
            },
            told: "nothing supervises `kubelet`",
            verbs: &["is-active", "start"],
        })
    }

    fn refuses_start(&self) -> Option<Refusal> {
        Some(Refusal {
            // 2.1.2 and 2.2.0; 2.3.1.
            says: &["timeout: finish: kubelet", "ok: run: kubelet"],
            because: "runit 2.1.2 and 2.2.0: `sv start` sends no command to a service that is meant to be up already; it waits until the delay is over. 2.3.1 starts at once. `sv restart` starts at once.",
        })
    }

    fn has_floor(&self) -> bool {
        true
    }

    // One start a second.
    fn cases(&self) -> Option<usize> {
        Some(4)
    }
}
