//! Facts about the host: given, or seen on this machine.

use std::fs;
use std::path::Path;

use clap::ValueEnum;

use crate::kubeadm::{Host, HostInit};

/// What may be said about the host in place of looking at this machine.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Host facts, otherwise this machine's")]
pub(super) struct Facts {
    /// The host's name
    #[arg(long, value_name = "NAME")]
    hostname: Option<String>,

    /// The host's init
    #[arg(long, value_enum)]
    init: Option<Init>,

    /// Whether systemd-resolved runs
    #[arg(long, value_name = "BOOL")]
    resolved: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Init {
    Systemd,
    Openrc,
    Runit,
    S6,
    Supervisord,
    /// None of these
    None,
}

/// The sockets that some kubeadm looks for.
const SOCKETS: [&str; 4] = [
    "/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/crio/crio.sock",
    "/run/cri-dockerd.sock",
];

impl Facts {
    /// The facts. Where the init is given, the machine's own sockets and services say nothing about the host.
    pub(super) fn host(&self) -> Host {
        let there = |path: &str| Path::new(path).exists();
        let foreign = self.init.is_some();
        let init = match self.init {
            Some(Init::Systemd) => HostInit::Systemd,
            Some(Init::Openrc) => HostInit::OpenRc,
            // sd_booted(3), and what OpenRC's `rc` makes at boot.
            None if there("/run/systemd/system") => HostInit::Systemd,
            None if there("/run/openrc/softlevel") => HostInit::OpenRc,
            _ => HostInit::Other,
        };
        let seen = SOCKETS.iter().filter(|socket| !foreign && there(socket));
        Host {
            hostname: self.hostname.clone().unwrap_or_else(hostname),
            init,
            resolved_active: self
                .resolved
                .unwrap_or(!foreign && there(crate::kubeadm::flags::RESOLVED)),
            sockets: seen.map(|socket| (*socket).to_owned()).collect(),
            cgroup_v1: (!foreign).then(|| !there("/sys/fs/cgroup/cgroup.controllers")),
            ..Host::default()
        }
    }
}

/// What `uname(2)` calls the machine's name.
fn hostname() -> String {
    let text = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    text.trim().to_owned()
}
