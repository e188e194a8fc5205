//! What is asked for, and what comes of it.

use super::host::{Host, Overrides};
use super::patch::PatchFile;
use super::version::Version;
use super::warning::Warning;

/// What the node does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It makes a cluster: `kubeadm init`.
    Init,
    /// It joins one: `kubeadm join`.
    Join,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'r> {
    /// Whose behaviour.
    pub version: Version,
    /// The kubeadm configuration, all its documents; `None` for kubeadm's defaults.
    pub config: Option<&'r str>,
    /// What the joined cluster holds: a ClusterConfiguration and a KubeletConfiguration, or the ConfigMaps with them.
    pub cluster_config: Option<&'r str>,
    /// Init or join; `None` to see it from the kinds in the configuration.
    pub action: Option<Action>,
    /// The host.
    pub host: &'r Host,
    /// What was typed beside the file.
    pub overrides: &'r Overrides,
    /// The files of kubeadm's `patches.directory`.
    pub patches: &'r [PatchFile],
    /// kubeadm's own bytes, even where they are wrong for a host without systemd.
    pub as_kubeadm: bool,
}

impl<'r> Request<'r> {
    /// kubeadm's defaults on a host.
    pub fn new(version: Version, host: &'r Host) -> Request<'r> {
        const NOTHING: &Overrides = &Overrides {
            node_name: None,
            cri_socket: None,
            service_subnet: None,
            pod_subnet: None,
            dns_domain: None,
            certificates_dir: None,
            image_repository: None,
            kubernetes_version: None,
        };
        Request {
            version,
            config: None,
            cluster_config: None,
            action: None,
            host,
            overrides: NOTHING,
            patches: &[],
            as_kubeadm: false,
        }
    }
}

/// A file as kubeadm writes it, mode 0644.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its absolute path.
    pub path: &'static str,
    /// Its content.
    pub text: String,
}

/// Files, and what is worth knowing about them.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// The files in the order in which kubeadm writes them.
    pub files: Vec<File>,
    /// Warnings, in the order in which they came up.
    pub warnings: Vec<Warning>,
}
