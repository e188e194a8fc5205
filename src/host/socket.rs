//! Sockets: those of container runtimes, and whether somebody listens.

use std::path::Path;

use nix::errno::Errno;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr, connect, socket};
use serde::Serialize;

use super::Host;
use crate::root::Kind;

/// The sockets at which kubeadm looks for a container runtime (`constants_unix.go`,
/// kubeadm 1.11 to 1.36), and the one that k3s brings, each with its runtime. The
/// order is kubeadm's.
pub const CRI_SOCKETS: &[(&str, &str)] = &[
    ("containerd", "/run/containerd/containerd.sock"),
    ("crio", "/run/crio/crio.sock"),
    ("cri-dockerd", "/run/cri-dockerd.sock"),
    ("dockershim", "/run/dockershim.sock"),
    ("k3s", "/run/k3s/containerd/containerd.sock"),
];

/// The socket of a container runtime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CriSocket {
    /// The runtime.
    pub runtime: &'static str,
    /// Where it is.
    pub path: &'static str,
    /// Whether the runtime is there.
    pub listening: Listening,
}

/// What is known of the other end of a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Listening {
    /// Somebody listens.
    Yes,
    /// Nobody does: it was left behind.
    No,
    /// It cannot be tried: we may not, or its machine does not run.
    Unknown,
}

impl Host {
    /// The sockets of container runtimes that are there.
    pub fn cri_sockets(&self) -> Vec<CriSocket> {
        CRI_SOCKETS
            .iter()
            .filter_map(|&(runtime, path)| {
                let listening = self.listening(path)?;
                Some(CriSocket {
                    runtime,
                    path,
                    listening,
                })
            })
            .collect()
    }

    /// Whether somebody listens at a socket; `None` where there is none.
    pub fn listening(&self, path: impl AsRef<Path>) -> Option<Listening> {
        let path = path.as_ref();
        (self.kind(path)? == Kind::Socket).then(|| match self.is_machine() {
            true => knock(path),
            false => Listening::Unknown,
        })
    }
}

/// Whether somebody listens at a socket of this machine: connects, and goes away again. It
/// never waits: a full queue has a listener too.
pub fn knock(path: &Path) -> Listening {
    let connected = UnixAddr::new(path).and_then(|address| {
        let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
        let own = socket(AddressFamily::Unix, SockType::Stream, flags, None)?;
        connect(std::os::fd::AsRawFd::as_raw_fd(&own), &address)
    });
    match connected {
        Ok(()) | Err(Errno::EAGAIN | Errno::EPROTOTYPE) => Listening::Yes,
        Err(Errno::ECONNREFUSED) => Listening::No,
        Err(_) => Listening::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn a_socket_that_was_left_behind_is_told_from_one_that_is_served() {
        let folder = std::env::temp_dir().join(format!("kubelet-unit-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("knock.sock");
        let listener = UnixListener::bind(&path).unwrap();
        assert_eq!(knock(&path), Listening::Yes);
        drop(listener);
        assert_eq!(knock(&path), Listening::No);
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(knock(&path), Listening::Unknown);
    }
}
