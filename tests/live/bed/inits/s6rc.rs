//! s6-rc on an s6-svscan under a PID 1 that reaps, with a database that is compiled at boot.
//!
//! Debian has no package of it: it runs where it is found in PATH, or in [`peers`].

use super::{
    Absence, Gone, Init, Plan, Process, RUNTIME, Refusal, Silent, Supervisor, logger, peers, pid,
    run_script, says, words,
};
use crate::bed::{Bed, File, SERVICE};
use crate::error::{Context, Result};

pub(super) struct S6Rc;

/// Where s6-rc has the service directories of its live state.
const LIVE: &str = "/run/s6-rc/servicedirs/kubelet-srv";

/// The bundle of what starts at boot.
const BUNDLE: &str = "/etc/s6/adminsv/default";

/// The database that boots.
const DATABASE: &str = "/etc/s6/rc/compiled";

/// A file of a package's service.
fn source(path: &str, mode: u32, text: &str) -> File {
    File::new(format!("/etc/s6-rc/source/{path}"), mode, text)
}

/// What Artix's tool of that name does: compiles all sources, switches the live state to that, and
/// moves the link to the database that boots.
const RELOAD: &str = "#!/bin/sh
set -e
umask 022
mkdir -p /etc/s6/rc
new=compiled-$(date +%s%N)
s6-rc-compile /etc/s6/rc/$new /etc/s6/adminsv /etc/s6-rc/source
[ ! -e /run/s6-rc ] || s6-rc-update -b /etc/s6/rc/$new
ln -s $new /etc/s6/rc/compiled.new
mv -T /etc/s6/rc/compiled.new /etc/s6/rc/compiled
";

/// What s6-linux-init's first script does. s6-svscan is what this becomes, so that nothing of a shell's
/// background gets to the services.
const BOOT: &str = "#!/bin/sh
mkdir -p /run/service
{
	s6-db-reload
	until s6-svscanctl -a /run/service 2>/dev/null; do sleep 0.01; done
	s6-rc-init -c /etc/s6/rc/compiled /run/service
	s6-rc -u change default
} &
exec /usr/bin/s6-svscan -t0 /run/service
";

/// A start in the delay.
pub(super) const UP_ALREADY: Refusal = Refusal {
    says: &[""],
    because: "s6-rc: `-u` does nothing with a service that is up for it, as it is in the delay too. `-d` and then `-u` starts at once, and so does `s6-svc -r`.",
};

impl Init for S6Rc {
    fn name(&self) -> &'static str {
        "s6-rc"
    }

    fn programs(&self) -> &'static [&'static str] {
        &[
            "s6-rc",
            "s6-rc-compile",
            "s6-rc-db",
            "s6-rc-init",
            "s6-rc-update",
            "s6-svscan",
            "s6-supervise",
            "s6-svc",
            "s6-svstat",
            "s6-log",
            "execlineb",
        ]
    }

    fn packages(&self) -> &'static [&'static str] {
        &["s6-rc"]
    }

    fn is_optional(&self) -> bool {
        true
    }

    fn plan(&self) -> Plan {
        Plan {
            supervisor: Some(words("/usr/local/bin/boot-s6-rc")),
            empty: words("/etc/s6 /etc/s6-rc"),
            ..Plan::default()
        }
    }

    fn tree(&self) -> Vec<File> {
        let mut files = peers::files("s6-rc");
        files.push(File::new("/usr/local/bin/s6-db-reload", 0o755, RELOAD));
        files.push(File::new("/usr/local/bin/boot-s6-rc", 0o755, BOOT));
        files.push(File::new(format!("{BUNDLE}/type"), 0o644, "bundle\n"));
        files.push(File::folder(format!("{BUNDLE}/contents.d"), 0o755));
        files
    }

    fn before_start(&self, enabled: bool) -> Result<()> {
        if enabled {
            let entry = format!("{BUNDLE}/contents.d/{SERVICE}");
            std::fs::write(&entry, "").context(&entry)?;
        }
        Ok(())
    }

    fn ready(&self, bed: &Bed) -> Result<bool> {
        // The live state is there before what is enabled has been started.
        Ok(bed.run(&["s6-svstat", LIVE])?.code == 0
            && bed.run(&["s6-rc", "-b", "-a", "list"])?.code == 0)
    }

    fn start(&self) -> Vec<String> {
        words("s6-rc -b -t 15000 -u change kubelet")
    }

    fn stop(&self) -> Vec<String> {
        words("s6-rc -b -t 120000 -d change kubelet-srv")
    }

    fn restart(&self) -> Vec<String> {
        let both =
            "s6-rc -b -t 120000 -d change kubelet-srv && s6-rc -b -t 15000 -u change kubelet";
        ["sh", "-c", both].map(str::to_owned).into()
    }

    fn main_pid(&self, bed: &Bed) -> Result<Option<i32>> {
        let argv = ["s6-svstat", "-o", "pid", LIVE].map(str::to_owned);
        Ok(pid(&bed.expect(&argv)?.text()))
    }

    fn runs(&self, bed: &Bed) -> Result<bool> {
        says(bed, &["s6-svstat", LIVE], "up ")
    }

    fn starts_with_machine(&self, bed: &Bed) -> Result<bool> {
        let contents = ["s6-rc-db", "-c", DATABASE, "contents", "default"];
        says(bed, &contents, "kubelet-srv")
    }

    fn bare(&self, command: &str) -> Vec<File> {
        let data = |path: &str, text: &str| source(&format!("kubelet-{path}"), 0o644, text);
        let program = |path: &str, text: &str| source(&format!("kubelet-{path}"), 0o755, text);
        vec![
            program("srv/run", &run_script(command)),
            data("srv/type", "longrun\n"),
            data("srv/producer-for", "kubelet-log\n"),
            program("log/run", &logger("s6-log -b n3 s1000000")),
            data("log/type", "longrun\n"),
            data("log/consumer-for", "kubelet-srv\n"),
            data("log/pipeline-name", "kubelet\n"),
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
        let run = format!("#!/bin/sh\n{runtime}\necho >&3\nexec 3>&-\nexec sleep 600\n");
        let files = vec![
            source("containerd-srv/run", 0o755, &run),
            source("containerd-srv/type", 0o644, "longrun\n"),
            source("containerd-srv/notification-fd", 0o644, "3\n"),
            File::new(format!("{BUNDLE}/contents.d/containerd-srv"), 0o644, ""),
        ];
        (files, &[RUNTIME])
    }

    fn supervisor(&self) -> Supervisor {
        Supervisor::Replaced(Process::Argv("s6-supervise kubelet-srv"))
    }

    fn scanner(&self) -> Option<&'static str> {
        Some("/usr/bin/s6-svscan -t0")
    }

    fn absence(&self) -> Option<Absence> {
        Some(Absence {
            silent: Some(Silent::Process("s6-supervise kubelet-srv")),
            gone: Gone::Killed {
                process: "s6-supervise kubelet-srv",
                above: Some(Silent::Process("s6-svscan")),
            },
            told: "nothing supervises `kubelet`",
            verbs: &["is-active", "start"],
        })
    }

    fn refuses_start(&self) -> Option<Refusal> {
        Some(UP_ALREADY)
    }

    // It boots from a database that has to be compiled.
    fn boots_layer(&self) -> bool {
        false
    }

    fn has_floor(&self) -> bool {
        true
    }
}
