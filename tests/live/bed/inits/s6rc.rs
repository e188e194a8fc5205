//! s6-rc on an s6-svscan under a PID 1 that reaps, with a database that is compiled at boot.
//!
//! Debian has no package of it: it runs where it is found in PATH, or in [`peers`].

use super::{Init, Plan, peers, pid, words};
use crate::bed::{Bed, File, Ground, SERVICE};
use crate::error::{Context, Result};

pub(super) struct S6Rc;

/// Where s6-rc has the service directories of its live state.
const LIVE: &str = "/run/s6-rc/servicedirs/kubelet-srv";

/// The bundle of what starts at boot.
const BUNDLE: &str = "/etc/s6/adminsv/default";

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

    fn missing(&self, ground: &Ground) -> Vec<&'static str> {
        let programs = self.programs().iter().copied();
        programs
            .filter(|name| !ground.has(name) && !peers::have(name))
            .collect()
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
}
