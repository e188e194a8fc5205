//! Which flags have become configuration.

use crate::kubeadm::kubelet::{CONFIG_FILE, INSTANCE_FILE};

/// What a moved value becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Bool,
    /// A socket, to which `unix://` is completed.
    Endpoint,
}

/// A flag that has become configuration: from which minor release on kubeadm writes the field in its place.
pub(super) struct Move {
    pub(super) flag: &'static str,
    pub(super) since: u8,
    pub(super) file: &'static str,
    pub(super) field: &'static str,
    pub(super) kind: Kind,
}

const fn moved(
    flag: &'static str,
    since: u8,
    file: &'static str,
    field: &'static str,
    kind: Kind,
) -> Move {
    Move {
        flag,
        since,
        file,
        field,
        kind,
    }
}

/// What kubeadm moved, and the removed flag that has a field.
pub(super) const MOVES: &[Move] = &[
    moved("cgroup-driver", 19, CONFIG_FILE, "cgroupDriver", Kind::Text),
    moved("resolv-conf", 19, CONFIG_FILE, "resolvConf", Kind::Text),
    moved(
        "experimental-kernel-memcg-notification",
        25,
        CONFIG_FILE,
        "kernelMemcgNotification",
        Kind::Bool,
    ),
    moved(
        "container-runtime-endpoint",
        34,
        INSTANCE_FILE,
        "containerRuntimeEndpoint",
        Kind::Endpoint,
    ),
];

/// From which minor release on an endpoint without a scheme is completed.
pub(super) const SCHEME_SINCE: u8 = 24;
/// The first kubelet without dockershim.
pub(super) const NO_DOCKERSHIM: u8 = 24;
