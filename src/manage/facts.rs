//! What kubeadm's files depend on: said, or seen on a machine or in a tree.

use crate::host::{CgroupVersion, Facts, Runtime};
use crate::kubeadm::{Asked, Host, HostInit, RuntimeDriver};
use crate::spec::Spec;

use super::init::{InitError, Recorded, detected, recorded};
use super::site::Site;

/// In the place of an init's name: no init, or one that we do not know.
pub const NO_INIT: &str = "none";

/// What is said about a host in place of looking.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// The init's name, [`AUTO`](super::AUTO) or [`NO_INIT`].
    pub init: &'a str,
    /// The host's name.
    pub hostname: Option<&'a str>,
    /// Whether systemd-resolved runs.
    pub resolved: Option<bool>,
}

/// What became known.
#[derive(Debug)]
pub struct Known {
    /// For kubeadm's files.
    pub host: Host,
    /// The release of the kubelet that is installed.
    pub kubelet: Option<Asked>,
}

impl Known {
    /// Looks at a site. `as_kubeadm` needs no init: kubeadm goes on without one.
    ///
    /// # Errors
    /// The init is not known, or a record cannot be used.
    pub fn of(site: &Site<'_>, said: &Said<'_>, as_kubeadm: bool) -> Result<Self, InitError> {
        let seen = site.host();
        let facts = Facts::of(seen, None, None);
        let init = init(site, said.init, as_kubeadm)?;
        let kubelet = facts.kubelet.and_then(|kubelet| kubelet.version);
        let kubelet = kubelet.and_then(|version| Asked::minor(version.minor));
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
        let hostname = said.hostname.map(Into::into).or(facts.hostname);
        Ok(Known {
            host: Host {
                hostname: hostname.unwrap_or_default(),
                init,
                resolved_active: said.resolved.unwrap_or(facts.resolved.runs == Some(true)),
                sockets,
                kubelet_minor: kubelet.map(|it| u8::try_from(it.number()).unwrap_or(u8::MAX)),
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
}

fn init(site: &Site<'_>, name: &str, as_kubeadm: bool) -> Result<HostInit, InitError> {
    if let Some(named) = site.registry().find(name) {
        // Of an init that was named, all of it is meant.
        return Ok(named.seen_by_kubeadm(None));
    }
    if name == NO_INIT {
        return Ok(HostInit::Other);
    }
    let backend = match detected(site, &[NO_INIT]) {
        Ok(backend) => backend,
        Err(_) if as_kubeadm => return Ok(HostInit::Other),
        // The host's own init is what counts, and what the kubelet is installed
        // for only where that one does not show.
        Err(error) => {
            let kubelet = Spec::kubelet().name;
            let installed = Recorded::Installed(Some(&kubelet));
            let installed = recorded(installed, site)?;
            installed.ok_or(error)?
        }
    };
    Ok(backend.seen_by_kubeadm(Some(site.host())))
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
