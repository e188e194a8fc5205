//! What the other commands need to know of a host, in one place.

use std::fmt;

use serde::Serialize;

use crate::distro::Distro;

use super::{CriSocket, Host, Kubelet, OsRelease, Runtime};

/// What is known of a host besides its init.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    /// What `os-release(5)` says: its `ID`.
    pub os: Option<String>,
    /// The same for people.
    pub os_title: Option<String>,
    /// Its version.
    pub os_version: Option<String>,
    /// The distribution whose places fit.
    pub distro: Option<&'static str>,
    /// The host's name as kubeadm takes it: trimmed and in lower case.
    pub hostname: Option<String>,
    /// The control groups.
    pub cgroup: Cgroup,
    /// The sockets of container runtimes that are there, in kubeadm's order.
    pub cri_sockets: Vec<CriSocket>,
    /// The container runtimes that listen, are installed or are configured.
    pub runtimes: Vec<Runtime>,
    /// systemd-resolved.
    pub resolved: Resolved,
    /// The kubelet, where it is installed.
    pub kubelet: Option<Kubelet>,
}

/// The control groups of a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cgroup {
    /// Which of the two interfaces; none where the tree does not run.
    pub version: Option<CgroupVersion>,
    /// What `cgroupDriver` of the kubelet has to be, where the init is known.
    pub driver: Option<CgroupDriver>,
}

/// The interfaces of control groups (cgroups(7)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CgroupVersion {
    /// Version 1 alone.
    V1,
    /// Version 1 with its controllers, and version 2 beside it without. The kubelet
    /// takes it for version 1.
    Hybrid,
    /// Version 2 alone.
    V2,
}

impl fmt::Display for CgroupVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V1 => "v1",
            Self::Hybrid => "hybrid: v1 with its controllers, v2 beside it",
            Self::V2 => "v2",
        })
    }
}

impl CgroupVersion {
    /// Whether kubelets from 1.35 on refuse it unless `failCgroupV1` is `false`.
    pub fn is_refused_by_new_kubelets(self) -> bool {
        self != Self::V2
    }
}

/// Who makes the control groups of pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CgroupDriver {
    /// systemd. The kubelet ends at once where systemd does not run.
    Systemd,
    /// The kubelet and the runtime themselves.
    Cgroupfs,
}

impl fmt::Display for CgroupDriver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Systemd => "systemd",
            Self::Cgroupfs => "cgroupfs",
        })
    }
}

/// Whether systemd-resolved answers for DNS, and what the kubelet needs then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Resolved {
    /// Whether it runs; none where the tree does not run.
    pub runs: Option<bool>,
    /// What `resolvConf` of the kubelet has to be: the servers themselves, and not
    /// the stub at 127.0.0.53, which no pod reaches. None leaves the default.
    pub resolv_conf: Option<&'static str>,
}

const RESOLV_CONF: &str = "/run/systemd/resolve/resolv.conf";

impl Facts {
    /// Looks at a host. `distro` is the one whose places fit, `driver` what fits its init,
    /// where that is known.
    pub fn of(host: &Host, distro: Option<&'static Distro>, driver: Option<CgroupDriver>) -> Self {
        let os = OsRelease::of(host);
        Self {
            distro: distro.map(|distro| distro.name),
            os: os.id,
            os_title: os.title,
            os_version: os.version,
            hostname: host.hostname(),
            cgroup: Cgroup {
                version: host.cgroup_version(),
                driver,
            },
            cri_sockets: host.cri_sockets(),
            runtimes: host.runtimes(),
            resolved: host.resolved(),
            kubelet: host.kubelet(),
        }
    }
}

impl Host {
    /// The host's name as kubeadm takes it.
    pub fn hostname(&self) -> Option<String> {
        let running = self.text("/proc/sys/kernel/hostname");
        let name = running.or_else(|| self.text("/etc/hostname"))?;
        let name = name.lines().map(str::trim).find(|line| !line.is_empty())?;
        (!name.starts_with('#')).then(|| name.to_lowercase())
    }

    pub(super) fn cgroup_version(&self) -> Option<CgroupVersion> {
        let mount = "/sys/fs/cgroup";
        let there = |name: &str| self.exists(format!("{mount}/{name}"));
        if there("cgroup.controllers") {
            return Some(CgroupVersion::V2);
        }
        let version_1 = ["memory", "cpu", "cpu,cpuacct", "pids", "systemd"];
        match (
            there("unified/cgroup.controllers"),
            version_1.iter().any(|name| there(name)),
        ) {
            (true, _) => Some(CgroupVersion::Hybrid),
            (false, true) => Some(CgroupVersion::V1),
            (false, false) => None,
        }
    }

    fn resolved(&self) -> Resolved {
        let runs = self.first_process().map(|_| {
            let process = |it: &super::Process| it.is("systemd-resolved");
            self.processes().iter().any(process)
        });
        let there = runs == Some(true) && self.exists(RESOLV_CONF);
        Resolved {
            runs,
            resolv_conf: there.then_some(RESOLV_CONF),
        }
    }
}
