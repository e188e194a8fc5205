//! runsvdir under a PID 1 that reaps, as runit's own does.

use super::{Init, Plan, link_services, pid, words};
use crate::bed::Bed;
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
        "sv up kubelet".to_owned()
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
}
