//! The kubelet's flags: those that newer versions no longer have, and how the
//! kubelet reads its command line.
//!
//! The kubelet parses with pflag, under `WordSepNormalizeFunc`
//! (`cmd/kubelet/app/server.go`), so `--node_ip` is `--node-ip`.

use super::Version;
use std::borrow::Cow;

/// A flag that the kubelet no longer has: from [`Self::since`] on it exits at
/// once with `unknown flag`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemovedFlag {
    /// Its name, without dashes.
    pub name: &'static str,
    /// The first release without it.
    pub since: Version,
    /// What to do instead of setting it.
    pub instead: &'static str,
    /// Where the removal is documented: a pull request of
    /// kubernetes/kubernetes, whose release note says so.
    pub source: &'static str,
}

const fn removed_in(
    minor: u32,
    source: &'static str,
    name: &'static str,
    instead: &'static str,
) -> RemovedFlag {
    RemovedFlag {
        name,
        since: Version::release(minor),
        instead,
        source,
    }
}

const DOCKERSHIM: &str = "remove it: it was for the dockershim, which 1.24 no longer has";
const CADVISOR: &str = "remove it: it was for the cAdvisor in the kubelet, which no longer has it";
const KLOG: &str = "remove it: the kubelet logs to standard error";

/// Every removal that is certain, by release.
///
/// `container-runtime`, `pod-infra-container-image` and `network-plugin` were
/// also measured on the kubelets 1.20, 1.27, 1.31 and 1.36. The list of the
/// logging flags is that of KEP-2845.
pub const REMOVED: &[RemovedFlag] = &[
    removed_in(12, "#65707", "cadvisor-port", "run cAdvisor as a DaemonSet"),
    removed_in(
        15,
        "#77820",
        "allow-privileged",
        "remove it: admission decides about privileges",
    ),
    removed_in(16, "#80043", "containerized", "remove it"),
    removed_in(
        23,
        "#103172",
        "experimental-bootstrap-kubeconfig",
        "use `--bootstrap-kubeconfig`",
    ),
    removed_in(
        23,
        "#104732",
        "experimental-check-node-capabilities-before-mount",
        "remove it: CSI drivers do this",
    ),
    removed_in(24, "#106907", "cni-bin-dir", DOCKERSHIM),
    removed_in(24, "#106907", "cni-cache-dir", DOCKERSHIM),
    removed_in(24, "#106907", "cni-conf-dir", DOCKERSHIM),
    removed_in(24, "#106907", "docker-endpoint", DOCKERSHIM),
    removed_in(
        24,
        "#106907",
        "experimental-dockershim-root-directory",
        DOCKERSHIM,
    ),
    removed_in(24, "#106907", "image-pull-progress-deadline", DOCKERSHIM),
    removed_in(24, "#106907", "network-plugin", DOCKERSHIM),
    removed_in(24, "#106907", "network-plugin-mtu", DOCKERSHIM),
    removed_in(
        24,
        "#106932",
        "dynamic-config-dir",
        "use `--config` and restart the kubelet",
    ),
    removed_in(
        25,
        "#109388",
        "experimental-kernel-memcg-notification",
        "use `kernelMemcgNotification` in the kubelet's config file",
    ),
    removed_in(26, "#112120", "add-dir-header", KLOG),
    removed_in(26, "#112120", "alsologtostderr", KLOG),
    removed_in(26, "#112120", "log-backtrace-at", KLOG),
    removed_in(26, "#112120", "log-dir", KLOG),
    removed_in(26, "#112120", "log-file", KLOG),
    removed_in(26, "#112120", "log-file-max-size", KLOG),
    removed_in(26, "#112120", "logtostderr", KLOG),
    removed_in(26, "#112120", "one-output", KLOG),
    removed_in(26, "#112120", "skip-headers", KLOG),
    removed_in(26, "#112120", "skip-log-headers", KLOG),
    removed_in(26, "#112120", "stderrthreshold", KLOG),
    removed_in(
        27,
        "#114017",
        "container-runtime",
        "remove it: only `remote` was left, and `containerRuntimeEndpoint` says which",
    ),
    removed_in(
        27,
        "#116015",
        "master-service-namespace",
        "remove it: it had no effect",
    ),
    removed_in(31, "#122082", "keep-terminated-pod-volumes", "remove it"),
    removed_in(
        34,
        "#122384",
        "register-schedulable",
        "use `--register-with-taints`",
    ),
    removed_in(
        34,
        "#130161",
        "cloud-config",
        "remove it: the cloud controller manager reads it",
    ),
    removed_in(
        35,
        "#133779",
        "pod-infra-container-image",
        "remove it: the container runtime's own configuration names the pause image",
    ),
    removed_in(37, "#139870", "application-metrics-count-limit", CADVISOR),
    removed_in(37, "#139870", "boot-id-file", CADVISOR),
    removed_in(37, "#139870", "container-hints", CADVISOR),
    removed_in(37, "#139870", "containerd", CADVISOR),
    removed_in(37, "#139870", "containerd-namespace", CADVISOR),
    removed_in(37, "#139870", "enable-load-reader", CADVISOR),
    removed_in(37, "#139870", "event-storage-age-limit", CADVISOR),
    removed_in(37, "#139870", "event-storage-event-limit", CADVISOR),
    removed_in(37, "#139870", "global-housekeeping-interval", CADVISOR),
    removed_in(37, "#139870", "log-cadvisor-usage", CADVISOR),
    removed_in(37, "#139870", "machine-id-file", CADVISOR),
    removed_in(37, "#139870", "storage-driver-buffer-duration", CADVISOR),
    removed_in(37, "#139870", "storage-driver-db", CADVISOR),
    removed_in(37, "#139870", "storage-driver-host", CADVISOR),
    removed_in(37, "#139870", "storage-driver-password", CADVISOR),
    removed_in(37, "#139870", "storage-driver-secure", CADVISOR),
    removed_in(37, "#139870", "storage-driver-table", CADVISOR),
    removed_in(37, "#139870", "storage-driver-user", CADVISOR),
];

/// A flag that is still there and no longer takes every value: from [`Self::since`] on the kubelet exits at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusedValue {
    /// The flag, without dashes.
    pub flag: &'static str,
    /// The values that it takes.
    pub taken: &'static [&'static str],
    /// The first release that refuses the others.
    pub since: Version,
    /// What is wrong with them.
    pub why: &'static str,
    /// What to do instead.
    pub instead: &'static str,
}

/// Every value that is refused: of `cloud-provider` measured on 1.31 and 1.36 (`built-in cloud providers are
/// disabled`), since 1.29; of `container-runtime`, `docker` went with the dockershim.
pub const REFUSED: &[RefusedValue] = &[
    RefusedValue {
        flag: "cloud-provider",
        taken: &["", "external"],
        since: Version::release(29),
        why: "the cloud providers that were built in are disabled",
        instead: "write `--cloud-provider=external` where a cloud controller manager runs, or remove it",
    },
    RefusedValue {
        flag: "container-runtime",
        taken: &["remote"],
        since: Version::release(24),
        why: "the dockershim is gone, and `remote` alone is left",
        instead: "write `--container-runtime=remote` and name the runtime's socket with `--container-runtime-endpoint`",
    },
];

/// What is wrong with a flag's value, whatever the version.
pub fn refused(name: &str, value: &str) -> Option<&'static RefusedValue> {
    let mut rows = REFUSED.iter();
    rows.find(|row| row.flag == name && !row.taken.contains(&value))
}

/// The removal of the flag of this name, whatever the version.
pub fn removal(name: &str) -> Option<&'static RemovedFlag> {
    REMOVED.iter().find(|flag| flag.name == name)
}

/// The removal of the flag of this name, if `version` is without it.
pub fn removed_from(name: &str, version: Version) -> Option<&'static RemovedFlag> {
    removal(name).filter(|flag| flag.since <= version)
}

/// Flags without a value of their own: `--name` is `--name=true`, and the next
/// argument is not theirs (`BoolVar` in `cmd/kubelet/app/options`, releases
/// 1.11 to 1.36, cAdvisor's and klog's included).
pub const BOOLEAN: &[&str] = &[
    "add-dir-header",
    "allow-privileged",
    "alsologtostderr",
    "anonymous-auth",
    "authentication-token-webhook",
    "cgroups-per-qos",
    "containerized",
    "contention-profiling",
    "cpu-cfs-quota",
    "docker-only",
    "docker-tls",
    "enable-cadvisor-json-endpoints",
    "enable-controller-attach-detach",
    "enable-debugging-handlers",
    "enable-load-reader",
    "enable-server",
    "exit-on-lock-contention",
    "experimental-allocatable-ignore-eviction",
    "experimental-check-node-capabilities-before-mount",
    "experimental-dockershim",
    "experimental-fail-swap-on",
    "experimental-kernel-memcg-notification",
    "fail-cgroupv1",
    "fail-swap-on",
    "help",
    "keep-terminated-pod-volumes",
    "kernel-memcg-notification",
    "local-storage-capacity-isolation",
    "log-cadvisor-usage",
    "log-json-split-stream",
    "log-text-split-stream",
    "logtostderr",
    "make-iptables-util-chains",
    "one-output",
    "protect-kernel-defaults",
    "really-crash-for-testing",
    "redirect-container-streaming",
    "register-node",
    "register-schedulable",
    "rotate-certificates",
    "rotate-server-certificates",
    "runonce",
    "seccomp-default",
    "serialize-image-pulls",
    "skip-headers",
    "skip-log-headers",
    "storage-driver-secure",
    "version",
];

/// Flags that may be given several times and add up, so that a later one does
/// not override an earlier one (maps and lists in
/// `cmd/kubelet/app/options/options.go`). Of one key the last value still wins.
pub const ACCUMULATING: &[&str] = &[
    "allowed-unsafe-sysctls",
    "cluster-dns",
    "cpu-manager-policy-options",
    "enforce-node-allocatable",
    "eviction-hard",
    "eviction-minimum-reclaim",
    "eviction-soft",
    "eviction-soft-grace-period",
    "feature-gates",
    "kube-reserved",
    "manifest-url-header",
    "node-labels",
    "qos-reserved",
    "reserved-memory",
    "system-reserved",
    "tls-cipher-suites",
    "topology-manager-policy-options",
];

/// The name under which the kubelet knows a flag: `_` is `-`.
pub fn normalize(name: &str) -> Cow<'_, str> {
    if name.contains('_') {
        Cow::Owned(name.replace('_', "-"))
    } else {
        Cow::Borrowed(name)
    }
}

/// A flag as it stands in an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag<'a> {
    /// Its normalized name, without dashes.
    pub name: Cow<'a, str>,
    /// The value after `=` (`--v=4`, `-v=4`) or behind the letter (`-v4`).
    pub value: Option<&'a str>,
}

impl<'a> Flag<'a> {
    /// Reads one argument as pflag does (`parseLongArg`,
    /// `parseSingleShortArg`); `None` for what is no flag. Of the short ones
    /// the kubelet has `-v` and `-h`; any other letter is an error there and
    /// is given back as the name here.
    pub fn parse(argument: &'a str) -> Option<Self> {
        let bare = argument.strip_prefix('-').filter(|bare| !bare.is_empty())?;
        if let Some(long) = bare.strip_prefix('-') {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (long, None),
            };
            return (!name.is_empty()).then(|| Self {
                name: normalize(name),
                value,
            });
        }
        let letter = bare.chars().next()?;
        let (name, rest) = bare.split_at(letter.len_utf8());
        let value = match rest {
            "" => None,
            "=" => Some("="),
            _ => Some(rest.strip_prefix('=').unwrap_or(rest)),
        };
        let name = if letter == 'h' { "help" } else { name };
        Some(Self {
            name: Cow::Borrowed(name),
            value,
        })
    }

    /// Whether the next argument is its value.
    pub fn takes_next(&self) -> bool {
        self.value.is_none() && !BOOLEAN.contains(&self.name.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flag(argument: &str) -> Option<(String, Option<&str>)> {
        Flag::parse(argument).map(|flag| (flag.name.into_owned(), flag.value))
    }

    #[test]
    fn arguments_are_read_as_pflag_reads_them() {
        for (argument, name, value) in [
            ("--v=4", "v", Some("4")),
            ("--node_ip=a=b", "node-ip", Some("a=b")),
            ("--node-ip", "node-ip", None),
            ("--node-ip=", "node-ip", Some("")),
            ("-v", "v", None),
            ("-v=4", "v", Some("4")),
            ("-v4", "v", Some("4")),
            ("-h", "help", None),
            ("-node-ip", "n", Some("ode-ip")),
        ] {
            assert_eq!(flag(argument), Some((name.into(), value)), "{argument}");
        }
        for argument in ["", "-", "--", "--=x", "false", "#"] {
            assert_eq!(flag(argument), None, "{argument}");
        }
    }

    #[test]
    fn only_flags_with_values_take_the_next_argument() {
        let takes = |argument| Flag::parse(argument).unwrap().takes_next();
        assert!(takes("--node-ip") && takes("-v"));
        assert!(!takes("--node-ip=x") && !takes("--fail-swap-on") && !takes("-h"));
    }

    #[test]
    fn a_removal_counts_from_its_release_on() {
        let gone = |name, version: &str| removed_from(name, version.parse().unwrap()).is_some();
        assert!(!gone("container-runtime", "1.26.15"));
        assert!(gone("container-runtime", "1.27.0"));
        assert!(gone("network-plugin", "1.24"));
        assert!(!gone("network-plugin", "1.23.17"));
        assert!(gone("pod-infra-container-image", "v1.35.0"));
        assert!(!gone("pod-infra-container-image", "v1.34.9"));
        assert!(!gone("node-ip", "1.36.3"));
    }

    #[test]
    fn the_tables_are_sorted_and_without_duplicates() {
        for table in [BOOLEAN, ACCUMULATING] {
            assert!(table.is_sorted_by(|a, b| a < b));
        }
        assert!(REMOVED.is_sorted_by(|a, b| a.since <= b.since));
        for (number, flag) in REMOVED.iter().enumerate() {
            assert!(
                REMOVED[..number]
                    .iter()
                    .all(|earlier| earlier.name != flag.name)
            );
            assert_eq!(normalize(flag.name), flag.name);
        }
    }
}
