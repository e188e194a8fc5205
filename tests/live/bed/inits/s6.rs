//! s6-svscan under a PID 1 that reaps.

use super::{
    Absence, Gone, Init, Plan, Process, RUNTIME, Silent, Supervisor, link_services, logger, pid,
    run_script, says, script, there, words,
};
use crate::bed::{Bed, File};
use crate::error::Result;

pub(super) struct S6;

const SCAN: &str = "/run/service";

impl Init for S6 {
    fn name(&self) -> &'static str {
        "s6"
    }

    fn programs(&self) -> &'static [&'static str] {
        &[
            "s6-svscan",
            "s6-supervise",
            "s6-svc",
            "s6-svstat",
            "s6-log",
            "execlineb",
        ]
    }

    fn packages(&self) -> &'static [&'static str] {
        &["s6"]
    }

    fn plan(&self) -> Plan {
        Plan {
            supervisor: Some(words("/usr/bin/s6-svscan -t0 /run/service")),
            // overlayfs keeps no time of writes to a FIFO, by which a restart in the delay is seen.
            empty: words("/etc/s6/sv"),
            ..Plan::default()
        }
    }

    fn before_start(&self, enabled: bool) -> Result<()> {
        link_services(
            &["/etc/s6/sv", "/etc/s6/services", "/etc/sv"],
            SCAN,
            enabled,
        )
    }

    fn ready(&self, bed: &Bed) -> Result<bool> {
        // s6-svok says yes before there is a status to read.
        Ok(bed.run(&["s6-svstat", "/run/service/kubelet"])?.code == 0)
    }

    fn services(&self) -> Option<&'static str> {
        Some("/etc/s6/sv")
    }

    fn begin(&self) -> String {
        "s6-svc -u /run/service/kubelet".to_owned()
    }

    fn start(&self) -> Vec<String> {
        words("s6-svc -wu -T 15000 -u /run/service/kubelet")
    }

    fn stop(&self) -> Vec<String> {
        words("s6-svc -wD -T 120000 -d /run/service/kubelet")
    }

    fn restart(&self) -> Vec<String> {
        words("s6-svc -wr -T 120000 -r /run/service/kubelet")
    }

    /// A restart keeps the floor of one second between two starts; down and up again does not.
    fn cycle(&self, bed: &Bed) -> Result<()> {
        bed.stop()?;
        bed.start().map(drop)
    }

    fn main_pid(&self, bed: &Bed) -> Result<Option<i32>> {
        Ok(pid(&bed
            .expect(&words("s6-svstat -o pid /run/service/kubelet"))?
            .text()))
    }

    fn runs(&self, bed: &Bed) -> Result<bool> {
        says(bed, &["s6-svstat", "/run/service/kubelet"], "up ")
    }

    fn starts_with_machine(&self, bed: &Bed) -> Result<bool> {
        Ok(there(bed, "/run/service/kubelet/run"))
    }

    fn bare(&self, command: &str) -> Vec<File> {
        vec![
            script("/etc/s6/sv/kubelet/run", run_script(command)),
            script(
                "/etc/s6/sv/kubelet/log/run",
                logger("s6-log -b n3 s1000000"),
            ),
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
                "/etc/s6/sv/containerd/run",
                format!("#!/bin/sh\n{runtime}\necho >&3\nexec 3>&-\nexec sleep 600\n"),
            ),
            File::new("/etc/s6/sv/containerd/notification-fd", 0o644, "3\n"),
            File::link("/run/service/containerd", "/etc/s6/sv/containerd"),
        ];
        (files, &[RUNTIME])
    }

    fn supervisor(&self) -> Supervisor {
        Supervisor::Replaced(Process::Argv("s6-supervise kubelet"))
    }

    fn scanner(&self) -> Option<&'static str> {
        Some("/usr/bin/s6-svscan -t0")
    }

    fn absence(&self) -> Option<Absence> {
        Some(Absence {
            silent: Some(Silent::Process("s6-supervise kubelet")),
            gone: Gone::Killed {
                process: "s6-supervise kubelet",
                above: Some(Silent::Process("s6-svscan")),
            },
            told: "nothing supervises `kubelet`",
            verbs: &["is-active", "start"],
        })
    }

    // What it watches is made anew with each boot.
    fn boots_layer(&self) -> bool {
        false
    }

    fn has_floor(&self) -> bool {
        true
    }
}
