//! The cgroup driver that the kubelet would use, against what the init can serve.

use serde::Deserialize;

use crate::explain::Explanation;
use crate::host::CgroupDriver;
use crate::root::RootError;
use crate::yaml::{self, Bounds};

use super::Subject;
use super::finding::{Finding, Level, Rule};

/// The file that kubeadm writes, and its drop-in names.
const CONFIG: &str = "/var/lib/kubelet/config.yaml";

/// What is read of a kubelet's configuration; kubeadm's has 1 KiB.
const CONFIG_BOUNDS: Bounds = Bounds {
    size: 256 * 1024,
    depth: 32,
};

/// `cgroupDriver: systemd` where no systemd runs ends a kubelet within a second
/// (measured, 1.31 and 1.36: `cannot use systemd cgroups manager`). The flag beats
/// the configuration file, as for every setting that has both.
pub(super) fn cgroup_driver(
    subject: &Subject<'_>,
    explanation: &Explanation,
) -> Result<Option<Finding>, RootError> {
    let backend = subject.rendering.backend;
    let init = backend.name();
    if backend.cgroup_driver() == CgroupDriver::Systemd || !subject.is_kubelet() {
        return Ok(None);
    }
    let message =
        format!("the kubelet is set to let systemd make its cgroups, and exits under {init}");
    if let Some((driver, place)) = explanation.value("cgroup-driver") {
        let finding = Finding {
            line: place.at.map(|at| at.line),
            ..Finding::new(
                Rule::CgroupDriver,
                Level::Error,
                subject.shown(place),
                message,
            )
        };
        return Ok((driver == "systemd").then(|| finding.hint("write `--cgroup-driver=cgroupfs`")));
    }
    let path = explanation.value("config").map_or(CONFIG, |(path, _)| path);
    let content = match subject.root.read(path, CONFIG_BOUNDS.size) {
        Err(error) if error.is_not_found() => return Ok(None),
        content => content?,
    };
    Ok(of_config(
        &subject.root.shown(path).display().to_string(),
        &content,
        &message,
    ))
}

fn of_config(shown: &str, content: &[u8], message: &str) -> Option<Finding> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Config {
        cgroup_driver: Option<String>,
    }
    match yaml::read::<Config>(shown, content, CONFIG_BOUNDS) {
        Err(error) => Some(Finding {
            line: error.position.map(|at| at.line),
            ..Finding::new(
                Rule::CgroupDriver,
                Level::Error,
                shown,
                error.problem.to_string(),
            )
        }),
        Ok(config) if config.cgroup_driver.as_deref() == Some("systemd") => {
            let text = String::from_utf8_lossy(content);
            let line = text
                .lines()
                .position(|line| line.trim_start().starts_with("cgroupDriver"));
            Some(Finding {
                line: line.map(|line| line + 1),
                ..Finding::new(Rule::CgroupDriver, Level::Error, shown, message)
                    .hint("write `cgroupDriver: cgroupfs`")
            })
        }
        Ok(_) => None,
    }
}
