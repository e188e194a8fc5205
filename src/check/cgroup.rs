//! The cgroup driver that the kubelet would use, against what the init can serve.

use crate::host::CgroupDriver;

use super::Subject;
use super::finding::{Finding, Level, Rule};
use super::settings::Settings;

/// `cgroupDriver: systemd` where no systemd runs ends a kubelet within a second
/// (measured, 1.31 and 1.36: `cannot use systemd cgroups manager`).
pub(super) fn cgroup_driver(subject: &Subject<'_>, settings: &Settings) -> Option<Finding> {
    let backend = subject.rendering.backend;
    if backend.cgroup_driver() == CgroupDriver::Systemd || !subject.is_kubelet() {
        return None;
    }
    let set = settings.get("cgroupDriver")?;
    if set.text != "systemd" {
        return None;
    }
    let message = format!(
        "the kubelet is set to let systemd make its cgroups, and exits under {}",
        backend.name()
    );
    let shown = subject.root.shown(&set.path);
    let finding = Finding::new(Rule::CgroupDriver, Level::Error, shown, message);
    Some(Finding {
        line: set.line,
        ..finding.hint(match set.is_flag {
            true => "write `--cgroup-driver=cgroupfs`",
            false => "write `cgroupDriver: cgroupfs`",
        })
    })
}
