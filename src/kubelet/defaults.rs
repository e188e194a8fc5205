//! What the kubelet takes where neither a flag nor its configuration sets something.
//!
//! Read from `SetDefaults_KubeletConfiguration` (`pkg/kubelet/apis/config/v1beta1/defaults.go`) and
//! `NewKubeletFlags` (`cmd/kubelet/app/options/options.go`) of old and of recent releases; what
//! changed between them stands with its releases. Left out is what depends on the machine, or of
//! which it is not certain when it changed, such as the hard eviction thresholds.

use super::Version;
use super::takes::NEWEST;

/// The default of a setting in a range of releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    flag: &'static str,
    value: &'static str,
    /// The first and the last minor release.
    releases: (u32, u32),
    /// Whether the field counts as not set where it is zero or empty: it is no pointer in Go.
    fills_zero: bool,
}

/// Defaults that a kubelet without `--config` has instead (`applyLegacyDefaults`, the same file).
const WITHOUT_CONFIG: &[(&str, &str)] = &[
    ("anonymous-auth", "true"),
    ("authentication-token-webhook", "false"),
    ("authorization-mode", "AlwaysAllow"),
    ("read-only-port", "10255"),
];

/// The value that a kubelet takes for a flag that is set nowhere, and whose field is not set
/// either. Without a version: where it is the same in all releases that are known.
pub fn default(flag: &str, version: Option<Version>, has_config: bool) -> Option<&'static str> {
    let mut without_config = WITHOUT_CONFIG.iter();
    if !has_config && let Some((_, value)) = without_config.find(|(it, _)| *it == flag) {
        return Some(*value);
    }
    let mut rows = DEFAULTS.iter().filter(|row| row.flag == flag);
    let row = match version {
        None => rows.find(|row| row.releases == ALWAYS),
        Some(version) => rows.find(|row| {
            let (first, last) = row.releases;
            version.major == 1 && (first..=last).contains(&version.minor)
        }),
    };
    row.map(|row| row.value)
}

/// Whether zero or nothing in a flag's field is the same as no field.
pub fn fills_zero(flag: &str) -> bool {
    DEFAULTS
        .iter()
        .any(|row| row.flag == flag && row.fills_zero)
}

const ALWAYS: (u32, u32) = (0, NEWEST);

/// A default of all releases, for a field that may be zero.
const fn pointer(flag: &'static str, value: &'static str) -> Row {
    between(flag, value, ALWAYS, false)
}

/// A default of all releases, for a field that is not set where it is zero.
const fn filled(flag: &'static str, value: &'static str) -> Row {
    between(flag, value, ALWAYS, true)
}

const fn between(
    flag: &'static str,
    value: &'static str,
    releases: (u32, u32),
    fills_zero: bool,
) -> Row {
    Row {
        flag,
        value,
        releases,
        fills_zero,
    }
}

/// All of them. The limits of requests to the API server rose in 1.27 (kubernetes/kubernetes
/// #116121); the cgroup driver is asked of the runtime from 1.31 on; several images may be
/// pulled at once from 1.27 on, where another field says so.
const DEFAULTS: &[Row] = &[
    filled("address", "0.0.0.0"),
    pointer("anonymous-auth", "false"),
    pointer("authentication-token-webhook", "true"),
    filled("authentication-token-webhook-cache-ttl", "2m0s"),
    filled("authorization-mode", "Webhook"),
    filled("authorization-webhook-cache-authorized-ttl", "5m0s"),
    filled("authorization-webhook-cache-unauthorized-ttl", "30s"),
    pointer("cert-dir", "/var/lib/kubelet/pki"),
    between("cgroup-driver", "cgroupfs", (0, 30), true),
    pointer("cgroups-per-qos", "true"),
    pointer("container-log-max-files", "5"),
    filled("container-log-max-size", "10Mi"),
    between(
        "container-runtime-endpoint",
        "unix:///run/containerd/containerd.sock",
        (24, NEWEST),
        true,
    ),
    pointer("contention-profiling", "false"),
    pointer("cpu-cfs-quota", "true"),
    pointer("cpu-cfs-quota-period", "100ms"),
    filled("cpu-manager-policy", "none"),
    filled("cpu-manager-reconcile-period", "10s"),
    pointer("enable-controller-attach-detach", "true"),
    pointer("enable-debugging-handlers", "true"),
    pointer("enable-server", "true"),
    pointer("enforce-node-allocatable", "[pods]"),
    between("event-burst", "10", (0, 26), true),
    between("event-burst", "100", (27, NEWEST), true),
    between("event-qps", "5", (0, 26), false),
    between("event-qps", "50", (27, NEWEST), false),
    pointer("eviction-max-pod-grace-period", "0"),
    filled("eviction-pressure-transition-period", "5m0s"),
    between("fail-cgroupv1", "false", (31, 34), false),
    between("fail-cgroupv1", "true", (35, NEWEST), false),
    pointer("fail-swap-on", "true"),
    filled("file-check-frequency", "20s"),
    filled("hairpin-mode", "promiscuous-bridge"),
    filled("healthz-bind-address", "127.0.0.1"),
    pointer("healthz-port", "10248"),
    filled("http-check-frequency", "20s"),
    pointer("image-gc-high-threshold", "85"),
    pointer("image-gc-low-threshold", "80"),
    pointer("kernel-memcg-notification", "false"),
    between("kube-api-burst", "10", (0, 26), true),
    between("kube-api-burst", "100", (27, NEWEST), true),
    filled(
        "kube-api-content-type",
        "application/vnd.kubernetes.protobuf",
    ),
    between("kube-api-qps", "5", (0, 26), false),
    between("kube-api-qps", "50", (27, NEWEST), false),
    pointer("local-storage-capacity-isolation", "true"),
    filled("logging-format", "text"),
    pointer("make-iptables-util-chains", "true"),
    filled("max-open-files", "1000000"),
    filled("max-pods", "110"),
    filled("memory-manager-policy", "None"),
    filled("minimum-image-ttl-duration", "2m0s"),
    pointer("node-status-max-images", "50"),
    filled("node-status-update-frequency", "10s"),
    pointer("oom-score-adj", "-999"),
    pointer("pod-max-pids", "-1"),
    pointer("pods-per-core", "0"),
    filled("port", "10250"),
    pointer("protect-kernel-defaults", "false"),
    pointer("read-only-port", "0"),
    pointer("register-node", "true"),
    filled("registry-burst", "10"),
    pointer("registry-qps", "5"),
    pointer("resolv-conf", "/etc/resolv.conf"),
    pointer("root-dir", "/var/lib/kubelet"),
    pointer("rotate-certificates", "false"),
    pointer("rotate-server-certificates", "false"),
    filled("runtime-request-timeout", "2m0s"),
    pointer("seccomp-default", "false"),
    between("serialize-image-pulls", "true", (0, 26), false),
    filled("streaming-connection-idle-timeout", "4h0m0s"),
    filled("sync-frequency", "1m0s"),
    filled("topology-manager-policy", "none"),
    filled("topology-manager-scope", "container"),
    pointer("v", "0"),
    filled(
        "volume-plugin-dir",
        "/usr/libexec/kubernetes/kubelet-plugins/volume/exec/",
    ),
    filled("volume-stats-agg-period", "1m0s"),
];

#[cfg(test)]
mod tests {
    use super::super::takes::Kind;
    use super::*;

    #[test]
    fn the_table_is_sorted_and_its_flags_are_those_of_kubelets() {
        assert!(DEFAULTS.is_sorted_by_key(|row| (row.flag, row.releases)));
        for row in DEFAULTS {
            assert!(Kind::Flag.is_known(row.flag), "{}", row.flag);
        }
        for &(flag, _) in WITHOUT_CONFIG {
            assert!(default(flag, None, true).is_some(), "{flag}");
        }
    }

    #[test]
    fn a_default_is_that_of_the_release() {
        let of = |flag, version: &str| default(flag, version.parse().ok(), true);
        assert_eq!(of("kube-api-qps", "1.26.15"), Some("5"));
        assert_eq!(of("kube-api-qps", "1.27.0"), Some("50"));
        assert_eq!(of("max-pods", &format!("1.{}", NEWEST + 1)), None);
        assert_eq!(of("cgroup-driver", "1.31"), None);
        assert_eq!(default("kube-api-qps", None, true), None);
        assert_eq!(default("max-pods", None, true), Some("110"));
        assert_eq!(default("read-only-port", None, true), Some("0"));
        assert_eq!(default("read-only-port", None, false), Some("10255"));
    }
}
