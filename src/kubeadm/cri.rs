//! Which container runtime, when nobody said: by the sockets that are there.

use super::error::Error;
use super::host::Host;
use super::version::{Behaviour, Version};

/// The socket that stands for docker through the kubelet's own shim, up to 1.23.
pub const DOCKERSHIM: &str = "/var/run/dockershim.sock";
const DOCKER: &str = "/var/run/docker.sock";
const CONTAINERD_OLD: &str = "/run/containerd/containerd.sock";
const CONTAINERD: &str = "/var/run/containerd/containerd.sock";
const CRIO: &str = "/var/run/crio/crio.sock";
const CRI_DOCKERD: &str = "/var/run/cri-dockerd.sock";

/// The socket that kubeadm of this release takes on this host.
///
/// # Errors
/// Several runtimes.
pub fn detect(version: Version, host: &Host) -> Result<String, Error> {
    let there = |socket: &str| host.sockets.iter().any(|s| bare(s) == bare(socket));
    let mut found = Vec::new();
    if version.has(Behaviour::DockerSocketDetection) {
        // containerd comes with docker: it counts only without it.
        if there(DOCKER) {
            found.push(DOCKERSHIM.to_owned());
        } else if there(CONTAINERD) {
            found.push(CONTAINERD_OLD.to_owned());
        }
        if there(CRIO) {
            found.push(CRIO.to_owned());
        }
    } else if version.has(Behaviour::SocketDetection) {
        let known = [CONTAINERD, CRIO, CRI_DOCKERD];
        found.extend(
            known
                .iter()
                .filter(|s| there(s))
                .map(|s| format!("unix://{s}")),
        );
    }
    match found.len() {
        0 if version.has(Behaviour::DockerDefault) => Ok(DOCKERSHIM.to_owned()),
        0 => Ok(format!("unix://{CONTAINERD}")),
        1 => Ok(found.remove(0)),
        _ => Err(Error::SeveralSockets(found)),
    }
}

/// The runtime behind a socket, by its usual name; `None` where that is not known.
pub fn runtime(socket: &str) -> Option<&'static str> {
    let path = socket.strip_prefix("unix://").unwrap_or(socket);
    let usual = [
        (CONTAINERD, "containerd"),
        (CRIO, "crio"),
        (CRI_DOCKERD, "docker"),
        (DOCKERSHIM, "docker"),
    ];
    let is_it = |(known, _): &(&str, &str)| bare(known) == bare(path);
    usual.into_iter().find(is_it).map(|(_, name)| name)
}

/// `/var/run` is a link to `/run` everywhere.
fn bare(socket: &str) -> &str {
    socket
        .strip_prefix("/var/run/")
        .or_else(|| socket.strip_prefix("/run/"))
        .unwrap_or(socket)
}
