//! What is known about the machine, and about what was typed beside the file.

pub use crate::host::HostInit;

/// Facts about the machine. Nothing here is looked up: the caller did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// The machine's name, as `hostname` says it.
    pub hostname: String,
    /// Its init system.
    pub init: HostInit,
    /// Whether the service systemd-resolved runs.
    pub resolved_active: bool,
    /// Whether a process `systemd-resolved` runs, if that is known apart.
    pub resolved_process: Option<bool>,
    /// The sockets of container runtimes that are there, like `/run/containerd/containerd.sock`.
    pub sockets: Vec<String>,
    /// What `docker info` says about its cgroup driver, if docker answers.
    pub docker_cgroup_driver: Option<String>,
    /// The minor release of the kubelet that is installed, if it is known.
    pub kubelet_minor: Option<u8>,
    /// Whether the kubelet will see cgroup v1, if that is known.
    pub cgroup_v1: Option<bool>,
    /// The cgroup drivers of container runtimes, as far as they are known.
    pub drivers: Vec<RuntimeDriver>,
}

/// The cgroup driver of a container runtime.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeDriver {
    /// `containerd`, `crio` or `docker`.
    pub runtime: String,
    /// `systemd` or `cgroupfs`.
    pub driver: String,
    /// The file that says so; none where it is the runtime's default.
    pub source: Option<String>,
}

/// What kubeadm takes from its command line in place of the file, or on top of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--node-name`.
    pub node_name: Option<String>,
    /// `--cri-socket`.
    pub cri_socket: Option<String>,
    /// `--service-cidr`.
    pub service_subnet: Option<String>,
    /// `--pod-network-cidr`.
    pub pod_subnet: Option<String>,
    /// `--service-dns-domain`.
    pub dns_domain: Option<String>,
    /// `--cert-dir`.
    pub certificates_dir: Option<String>,
    /// `--image-repository`.
    pub image_repository: Option<String>,
    /// `--kubernetes-version`.
    pub kubernetes_version: Option<String>,
}
