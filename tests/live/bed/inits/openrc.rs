//! OpenRC as a machine has it after its boot: state folders and a runlevel, and no process.

use super::{Init, Plan, pid, words};
use crate::bed::busybox::{ALPINE, INITTAB};
use crate::bed::{Bed, File, State, ground};
use crate::error::Result;

pub(super) struct OpenRc;

impl Init for OpenRc {
    fn name(&self) -> &'static str {
        "openrc"
    }

    fn programs(&self) -> &'static [&'static str] {
        &["rc-service", "rc-update", "openrc-run", "supervise-daemon"]
    }

    fn packages(&self) -> &'static [&'static str] {
        &["openrc"]
    }

    fn plan(&self) -> Plan {
        let busybox = ground().busybox;
        Plan {
            init: busybox.then(|| words("/bin/busybox init")),
            empty: words("/etc/runlevels"),
            busybox,
            // A PID 1 has the kernel's state.
            state: match busybox {
                true => State {
                    env: [].into(),
                    umask: 0o022,
                    nofile: 1024,
                },
                false => State::default(),
            },
            ..Plan::default()
        }
    }

    fn tree(&self) -> Vec<File> {
        let state = "starting started stopping inactive wasinactive failed hotplugged daemons options scheduled \
                     exclusive tmp";
        // A PID 1 boots it, and then it makes them itself.
        let booted = ground().busybox;
        let mut tree: Vec<_> = state
            .split_whitespace()
            .filter(|_| !booted)
            .map(|name| File::folder(format!("/run/openrc/{name}"), 0o755))
            .collect();
        for name in ["sysinit", "boot", "default", "nonetwork", "shutdown"] {
            tree.push(File::folder(format!("/etc/runlevels/{name}"), 0o755));
        }
        tree.push(match booted {
            true => File::new(INITTAB, 0o644, ALPINE),
            false => File::new("/run/openrc/softlevel", 0o644, "default\n"),
        });
        tree
    }

    fn before_start(&self, enabled: bool) -> Result<()> {
        if enabled {
            std::os::unix::fs::symlink("/etc/init.d/kubelet", "/etc/runlevels/default/kubelet")?;
        }
        Ok(())
    }

    fn ready(&self, bed: &Bed) -> Result<bool> {
        if ground().busybox {
            let level = bed.read_file("/run/openrc/softlevel").unwrap_or_default();
            return Ok(level.trim_ascii() == b"default");
        }
        if bed
            .inside(|| std::fs::symlink_metadata("/etc/runlevels/default/kubelet"))
            .is_ok()
        {
            bed.expect(&words("openrc default"))?;
        }
        Ok(true)
    }

    fn start(&self) -> Vec<String> {
        words("rc-service kubelet start")
    }

    fn stop(&self) -> Vec<String> {
        words("rc-service kubelet stop")
    }

    fn restart(&self) -> Vec<String> {
        words("rc-service kubelet restart")
    }

    fn main_pid(&self, bed: &Bed) -> Result<Option<i32>> {
        Ok(bed
            .read_file("/run/openrc/options/kubelet/child_pid")
            .ok()
            .and_then(|text| pid(&String::from_utf8_lossy(&text))))
    }
}
