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
/// The first kubelet that refuses the feature gate `IPv6DualStack`.
pub(super) const NO_DUAL_STACK_GATE: u8 = 25;

/// Flags that still work, with the fields that should be used instead (`--help` of the kubelet calls them
/// deprecated).
pub(super) const CONFIGURABLE: &[(&str, &str)] = &[
    ("address", "address"),
    ("anonymous-auth", "authentication.anonymous.enabled"),
    ("authorization-mode", "authorization.mode"),
    ("client-ca-file", "authentication.x509.clientCAFile"),
    ("cluster-dns", "clusterDNS"),
    ("cluster-domain", "clusterDomain"),
    ("container-log-max-files", "containerLogMaxFiles"),
    ("container-log-max-size", "containerLogMaxSize"),
    ("cpu-manager-policy", "cpuManagerPolicy"),
    ("event-qps", "eventRecordQPS"),
    ("eviction-hard", "evictionHard"),
    ("eviction-soft", "evictionSoft"),
    ("fail-swap-on", "failSwapOn"),
    ("feature-gates", "featureGates"),
    ("healthz-port", "healthzPort"),
    ("image-gc-high-threshold", "imageGCHighThresholdPercent"),
    ("image-gc-low-threshold", "imageGCLowThresholdPercent"),
    ("kube-api-burst", "kubeAPIBurst"),
    ("kube-api-qps", "kubeAPIQPS"),
    ("kube-reserved", "kubeReserved"),
    ("max-pods", "maxPods"),
    ("pod-manifest-path", "staticPodPath"),
    ("pod-max-pids", "podPidsLimit"),
    ("protect-kernel-defaults", "protectKernelDefaults"),
    ("read-only-port", "readOnlyPort"),
    ("register-with-taints", "registerWithTaints"),
    ("rotate-certificates", "rotateCertificates"),
    ("serialize-image-pulls", "serializeImagePulls"),
    ("system-reserved", "systemReserved"),
    ("tls-cipher-suites", "tlsCipherSuites"),
    ("volume-plugin-dir", "volumePluginDir"),
];
