//! A container with s6-overlay 3: its `/init` as PID 1, which makes the database of s6-rc from files at every start.
//!
//! No package has it: it runs where an image's files of it are in [`peers`].

use std::path::Path;

use kubelet_unit::backends::Registry;
use kubelet_unit::distro::{Distro, UPSTREAM};

use super::{
    Absence, Gone, Init, LOG, Plan, Process, RUNTIME, Refusal, Silent, Supervisor, logs, peers,
    pid, run_script, says, there, words,
};
use crate::bed::{Bed, File};
use crate::error::{Context, Result};

pub(super) struct S6Overlay;

/// Where s6-rc has the service directory of its live state.
const LIVE: &str = "/run/s6-rc/servicedirs/kubelet";

/// What an image has of its services.
const SOURCES: &str = "/etc/s6-overlay/s6-rc.d";

/// The bundle of who makes the image.
const CONTENTS: &str = "/etc/s6-overlay/user-bundles.d/user/contents.d";

/// What the service is called in that, without a logger and with one.
const ENTRIES: [&str; 2] = ["kubelet", "kubelet-pipeline"];

/// A file of a service of the image.
fn source(path: &str, mode: u32, text: &str) -> File {
    File::new(format!("{SOURCES}/{path}"), mode, text)
}

impl Init for S6Overlay {
    fn name(&self) -> &'static str {
        "s6-overlay"
    }

    fn backend(&self) -> &'static str {
        "s6-rc"
    }

    fn distro(&self) -> &'static Distro {
        let registry = Registry::builtin();
        let known = registry.distros().find(self.name());
        known.unwrap_or(&UPSTREAM)
    }

    fn layout_with_log(&self) -> Option<&'static str> {
        Some("pipeline")
    }

    fn programs(&self) -> &'static [&'static str] {
        &[
            "/package/admin/s6-overlay/libexec/preinit",
            "/command/s6-rc",
            "/command/s6-svstat",
        ]
    }

    fn packages(&self) -> &'static [&'static str] {
        &["s6-overlay"]
    }

    fn is_optional(&self) -> bool {
        true
    }

    fn plan(&self) -> Plan {
        Plan {
            init: Some(words("/init")),
            ..Plan::default()
        }
    }

    fn tree(&self) -> Vec<File> {
        peers::trees(&["init", "command", "package", "etc/s6-overlay"])
    }

    fn before_start(&self, enabled: bool) -> Result<()> {
        // An image has no other s6 than that in `/command`.
        for name in [
            "s6-rc",
            "s6-rc-db",
            "s6-svstat",
            "s6-svc",
            "s6-svwait",
            "s6-log",
        ] {
            drop(std::fs::remove_file(Path::new("/usr/bin").join(name)));
        }
        let has_logger = Path::new(SOURCES).join("kubelet-log").exists();
        let entry = format!("{CONTENTS}/{}", ENTRIES[usize::from(has_logger)]);
        match enabled {
            true => std::fs::write(&entry, "").context(&entry),
            false => Ok(()),
        }
    }

    fn ready(&self, bed: &Bed) -> Result<bool> {
        // The live state is there before what is enabled has been started.
        Ok(bed.run(&["/command/s6-svstat", LIVE])?.code == 0
            && bed.run(&["/command/s6-rc", "-b", "-a", "list"])?.code == 0)
    }

    fn start(&self) -> Vec<String> {
        words("/command/s6-rc -b -t 15000 -u change kubelet")
    }

    fn stop(&self) -> Vec<String> {
        words("/command/s6-rc -b -t 120000 -d change kubelet")
    }

    fn restart(&self) -> Vec<String> {
        let both = [self.stop().join(" "), self.start().join(" ")].join(" && ");
        vec!["sh".to_owned(), "-c".to_owned(), both]
    }

    fn main_pid(&self, bed: &Bed) -> Result<Option<i32>> {
        let argv = ["/command/s6-svstat", "-o", "pid", LIVE].map(str::to_owned);
        Ok(pid(&bed.expect(&argv)?.text()))
    }

    fn runs(&self, bed: &Bed) -> Result<bool> {
        says(bed, &["/command/s6-svstat", LIVE], "up ")
    }

    /// It has no tool that says so: files say it.
    fn starts_with_machine(&self, bed: &Bed) -> Result<bool> {
        let entries = ENTRIES.map(|name| format!("{CONTENTS}/{name}"));
        Ok(entries.iter().any(|entry| there(bed, entry)))
    }

    fn bare(&self, command: &str) -> Vec<File> {
        vec![
            source("kubelet/run", 0o755, &run_script(command)),
            source("kubelet/type", 0o644, "longrun\n"),
            source("kubelet/dependencies.d/base", 0o644, ""),
        ]
    }

    fn passes_on(&self) -> &'static [&'static str] {
        &["environment PATH", "cwd", "SigIgn", "Max open files"]
    }

    fn others(&self, _network: &str, runtime: &str) -> (Vec<File>, &'static [&'static str]) {
        let run = format!("#!/bin/sh\n{runtime}\necho >&3\nexec 3>&-\nexec sleep 600\n");
        let files = vec![
            source("containerd/run", 0o755, &run),
            source("containerd/type", 0o644, "longrun\n"),
            source("containerd/notification-fd", 0o644, "3\n"),
            source("containerd/dependencies.d/base", 0o644, ""),
            File::new(format!("{CONTENTS}/containerd"), 0o644, ""),
        ];
        (files, &[RUNTIME])
    }

    fn supervisor(&self) -> Supervisor {
        Supervisor::Replaced(Process::Argv("s6-supervise kubelet"))
    }

    fn absence(&self) -> Option<Absence> {
        Some(Absence {
            silent: Some(Silent::Process("s6-supervise kubelet")),
            gone: Gone::Killed {
                process: "s6-supervise kubelet",
                above: Some(Silent::First),
            },
            told: "nothing supervises `kubelet`",
            verbs: &["is-active", "start"],
        })
    }

    fn refuses_start(&self) -> Option<Refusal> {
        Some(super::s6rc::UP_ALREADY)
    }

    fn has_floor(&self) -> bool {
        true
    }

    fn ends_on_term(&self) -> bool {
        true
    }

    /// The output of the container, and what a logger keeps.
    fn log(&self, bed: &Bed) -> Result<String> {
        let own = bed.read_file(LOG)?;
        let kept = bed.inside(|| logs(Path::new("/var/log")))?;
        Ok(String::from_utf8_lossy(&own).into_owned() + &kept)
    }
}
