//! Facts about the host: given, or seen on this machine or in a tree.

use std::path::Path;

use crate::backends::Registry;
use crate::host::{self, CgroupVersion, Runtime};
use crate::kubeadm::{Host, HostInit, RuntimeDriver, Version};
use crate::root::Root;
use crate::spec::Spec;

use super::super::failure::Failure;
use super::super::init::{self, Recorded};

/// No init, or one that we do not know.
const NONE: &str = "none";

/// What may be said about the host in place of looking.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Host facts")]
pub(super) struct Facts {
    /// The host's init, otherwise the one that shows, or that the kubelet is installed for
    #[arg(long, value_parser = [init::AUTO, NONE], default_value = init::AUTO)]
    init: String,

    /// The host's name, otherwise the one it has
    #[arg(long, value_name = "NAME")]
    hostname: Option<String>,

    /// Whether systemd-resolved runs, otherwise what shows
    #[arg(long, value_name = "BOOL")]
    resolved: Option<bool>,
}

/// What became known.
pub(super) struct Known {
    /// For kubeadm's files.
    pub host: Host,
    /// The release of the kubelet that is installed.
    pub kubelet: Option<Version>,
}

impl Facts {
    /// The init as it was named; `None` for no init, or one that we do not know.
    pub(super) fn init_name(&self) -> Option<&str> {
        (self.init != NONE).then_some(self.init.as_str())
    }

    /// Looks at a tree. `as_kubeadm` needs no init: kubeadm goes on without one.
    pub(super) fn known(
        &self,
        root: &Path,
        registry: &Registry,
        as_kubeadm: bool,
    ) -> Result<Known, Failure> {
        let seen = host::Host::of(Root::open(root)?);
        let facts = host::Facts::of(&seen, None);
        let init = self.init(&seen, registry, as_kubeadm)?;
        let kubelet = facts.kubelet.and_then(|kubelet| kubelet.version);
        let kubelet = kubelet
            .and_then(|version| u8::try_from(version.minor).ok())
            .and_then(Version::new);
        let mut sockets: Vec<String> = facts
            .cri_sockets
            .iter()
            .map(|socket| socket.path.to_owned())
            .collect();
        let docker = "/run/docker.sock";
        sockets.extend(seen.exists(docker).then(|| docker.to_owned()));
        let drivers: Vec<RuntimeDriver> = facts.runtimes.iter().filter_map(known_driver).collect();
        let docker = drivers.iter().find(|it| it.runtime == "docker");
        let docker_cgroup_driver = docker.map(|it| it.driver.clone());
        let hostname = self.hostname.clone().or(facts.hostname);
        Ok(Known {
            host: Host {
                hostname: hostname.unwrap_or_default(),
                init,
                resolved_active: self.resolved.unwrap_or(facts.resolved.runs == Some(true)),
                sockets,
                kubelet_minor: kubelet.map(Version::minor),
                cgroup_v1: facts
                    .cgroup
                    .version
                    .map(CgroupVersion::is_refused_by_new_kubelets),
                docker_cgroup_driver,
                drivers,
                ..Host::default()
            },
            kubelet,
        })
    }

    fn init(
        &self,
        seen: &host::Host,
        registry: &Registry,
        as_kubeadm: bool,
    ) -> Result<HostInit, Failure> {
        let name = match registry.find(&self.init) {
            Some(backend) => backend.name(),
            None if self.init == NONE => NONE,
            None => match init::detected(seen, registry, &[NONE]) {
                Ok(backend) => backend.name(),
                Err(_) if as_kubeadm => NONE,
                // The host's own init is what counts, and what the kubelet is installed
                // for only where that one does not show.
                Err(failure) => {
                    let kubelet = Spec::kubelet().name;
                    let installed = Recorded::Installed(Some(&kubelet));
                    let installed = init::recorded(installed, seen.root(), registry)?;
                    installed.ok_or(failure)?.name()
                }
            },
        };
        Ok(match name {
            "systemd" => HostInit::Systemd,
            // On the machine itself the programs show; of an init that was named, all of it is meant.
            "openrc" if self.init == init::AUTO && seen.program("rc-service").is_none() => {
                HostInit::OpenRcOnly
            }
            "openrc" => HostInit::OpenRc,
            _ => HostInit::Other,
        })
    }
}

/// What a runtime's configuration says, where that is known.
fn known_driver(runtime: &Runtime) -> Option<RuntimeDriver> {
    Some(RuntimeDriver {
        runtime: runtime.name.to_owned(),
        driver: runtime.cgroup_driver?.to_string(),
        source: runtime
            .source
            .as_ref()
            .map(|path| path.display().to_string()),
    })
}
