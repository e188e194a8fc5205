//! Settings that are both a flag and a field of KubeletConfiguration. The flag wins: the kubelet reads its file, then
//! its command line over it (`cmd/kubelet/app/server.go`, `AddKubeletConfigFlags` in
//! `cmd/kubelet/app/options/options.go`, releases 1.20 to 1.36).

/// What a flag's value becomes in the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The text as it is.
    Text,
    /// `true` or `false`; the flag alone is `true`.
    Bool,
    /// A whole number.
    Number,
    /// A duration of Go.
    Duration,
    /// A list with commas; given twice it adds up.
    List,
    /// `key=value` or `key<value` with commas; given twice it adds up.
    Pairs,
    /// Feature gates: pairs of which the field's others stay.
    Gates,
}

/// One setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The flag, without dashes.
    pub flag: &'static str,
    /// The path of the field.
    pub field: &'static str,
    /// What its value becomes.
    pub kind: Kind,
}

/// The setting of a flag, if it has a field.
pub fn setting(flag: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.flag == flag)
}

/// Flags with fields whose values have forms of their own, and so no [`Kind`].
const OTHERS: &[(&str, &str)] = &[
    ("log-flush-frequency", "logging.flushFrequency"),
    ("manifest-url-header", "staticPodURLHeader"),
    ("register-with-taints", "registerWithTaints"),
    ("reserved-memory", "reservedMemory"),
    ("v", "logging.verbosity"),
    ("vmodule", "logging.vmodule"),
];

/// Flags with a field that are not deprecated for it (`AddKubeletConfigFlags`, `notDeprecated`).
const AS_GOOD: [&str; 4] = ["log-flush-frequency", "provider-id", "v", "vmodule"];

/// The path of the field that a flag sets.
pub fn field(flag: &str) -> Option<&'static str> {
    let mut others = OTHERS.iter();
    let other = || others.find(|(it, _)| *it == flag).map(|(_, field)| *field);
    setting(flag).map(|setting| setting.field).or_else(other)
}

/// The field that the kubelet wants to be used instead of a flag, which it calls deprecated.
pub fn preferred(flag: &str) -> Option<&'static str> {
    field(flag).filter(|_| !AS_GOOD.contains(&flag))
}

const fn s(flag: &'static str, field: &'static str, kind: Kind) -> Setting {
    Setting { flag, field, kind }
}

use Kind::{Bool, Duration, Gates, List, Number, Pairs, Text};

/// All of them, apart from those that a table of their own has.
pub const SETTINGS: &[Setting] = &[
    s("address", "address", Text),
    s("allowed-unsafe-sysctls", "allowedUnsafeSysctls", List),
    s("anonymous-auth", "authentication.anonymous.enabled", Bool),
    s(
        "authentication-token-webhook",
        "authentication.webhook.enabled",
        Bool,
    ),
    s(
        "authentication-token-webhook-cache-ttl",
        "authentication.webhook.cacheTTL",
        Duration,
    ),
    s("authorization-mode", "authorization.mode", Text),
    s(
        "authorization-webhook-cache-authorized-ttl",
        "authorization.webhook.cacheAuthorizedTTL",
        Duration,
    ),
    s(
        "authorization-webhook-cache-unauthorized-ttl",
        "authorization.webhook.cacheUnauthorizedTTL",
        Duration,
    ),
    s("cgroup-driver", "cgroupDriver", Text),
    s("cgroup-root", "cgroupRoot", Text),
    s("cgroups-per-qos", "cgroupsPerQOS", Bool),
    s("client-ca-file", "authentication.x509.clientCAFile", Text),
    s("cluster-dns", "clusterDNS", List),
    s("cluster-domain", "clusterDomain", Text),
    s("container-log-max-files", "containerLogMaxFiles", Number),
    s("container-log-max-size", "containerLogMaxSize", Text),
    s(
        "container-runtime-endpoint",
        "containerRuntimeEndpoint",
        Text,
    ),
    s("contention-profiling", "enableContentionProfiling", Bool),
    s("cpu-cfs-quota", "cpuCFSQuota", Bool),
    s("cpu-cfs-quota-period", "cpuCFSQuotaPeriod", Duration),
    s("cpu-manager-policy", "cpuManagerPolicy", Text),
    s(
        "cpu-manager-policy-options",
        "cpuManagerPolicyOptions",
        Pairs,
    ),
    s(
        "cpu-manager-reconcile-period",
        "cpuManagerReconcilePeriod",
        Duration,
    ),
    s(
        "enable-controller-attach-detach",
        "enableControllerAttachDetach",
        Bool,
    ),
    s("enable-debugging-handlers", "enableDebuggingHandlers", Bool),
    s("enable-server", "enableServer", Bool),
    s("enforce-node-allocatable", "enforceNodeAllocatable", List),
    s("event-burst", "eventBurst", Number),
    s("event-qps", "eventRecordQPS", Number),
    s("eviction-hard", "evictionHard", Pairs),
    s(
        "eviction-max-pod-grace-period",
        "evictionMaxPodGracePeriod",
        Number,
    ),
    s("eviction-minimum-reclaim", "evictionMinimumReclaim", Pairs),
    s(
        "eviction-pressure-transition-period",
        "evictionPressureTransitionPeriod",
        Duration,
    ),
    s("eviction-soft", "evictionSoft", Pairs),
    s(
        "eviction-soft-grace-period",
        "evictionSoftGracePeriod",
        Pairs,
    ),
    s("fail-cgroupv1", "failCgroupV1", Bool),
    s("fail-swap-on", "failSwapOn", Bool),
    s("feature-gates", "featureGates", Gates),
    s("file-check-frequency", "fileCheckFrequency", Duration),
    s("hairpin-mode", "hairpinMode", Text),
    s("healthz-bind-address", "healthzBindAddress", Text),
    s("healthz-port", "healthzPort", Number),
    s("http-check-frequency", "httpCheckFrequency", Duration),
    s(
        "image-gc-high-threshold",
        "imageGCHighThresholdPercent",
        Number,
    ),
    s(
        "image-gc-low-threshold",
        "imageGCLowThresholdPercent",
        Number,
    ),
    s("image-service-endpoint", "imageServiceEndpoint", Text),
    s("iptables-drop-bit", "iptablesDropBit", Number),
    s("iptables-masquerade-bit", "iptablesMasqueradeBit", Number),
    s("kernel-memcg-notification", "kernelMemcgNotification", Bool),
    s("kube-api-burst", "kubeAPIBurst", Number),
    s("kube-api-content-type", "contentType", Text),
    s("kube-api-qps", "kubeAPIQPS", Number),
    s("kube-reserved", "kubeReserved", Pairs),
    s("kube-reserved-cgroup", "kubeReservedCgroup", Text),
    s("kubelet-cgroups", "kubeletCgroups", Text),
    s(
        "local-storage-capacity-isolation",
        "localStorageCapacityIsolation",
        Bool,
    ),
    s("logging-format", "logging.format", Text),
    s("make-iptables-util-chains", "makeIPTablesUtilChains", Bool),
    s("manifest-url", "staticPodURL", Text),
    s("max-open-files", "maxOpenFiles", Number),
    s("max-pods", "maxPods", Number),
    s("memory-manager-policy", "memoryManagerPolicy", Text),
    s("minimum-image-ttl-duration", "imageMinimumGCAge", Duration),
    s("node-status-max-images", "nodeStatusMaxImages", Number),
    s(
        "node-status-update-frequency",
        "nodeStatusUpdateFrequency",
        Duration,
    ),
    s("oom-score-adj", "oomScoreAdj", Number),
    s("pod-cidr", "podCIDR", Text),
    s("pod-manifest-path", "staticPodPath", Text),
    s("pod-max-pids", "podPidsLimit", Number),
    s("pods-per-core", "podsPerCore", Number),
    s("port", "port", Number),
    s("protect-kernel-defaults", "protectKernelDefaults", Bool),
    s("provider-id", "providerID", Text),
    s("qos-reserved", "qosReserved", Pairs),
    s("read-only-port", "readOnlyPort", Number),
    s("register-node", "registerNode", Bool),
    s("registry-burst", "registryBurst", Number),
    s("registry-qps", "registryPullQPS", Number),
    s("reserved-cpus", "reservedSystemCPUs", Text),
    s("resolv-conf", "resolvConf", Text),
    s("rotate-certificates", "rotateCertificates", Bool),
    s("rotate-server-certificates", "serverTLSBootstrap", Bool),
    s("runtime-request-timeout", "runtimeRequestTimeout", Duration),
    s("seccomp-default", "seccompDefault", Bool),
    s("serialize-image-pulls", "serializeImagePulls", Bool),
    s(
        "streaming-connection-idle-timeout",
        "streamingConnectionIdleTimeout",
        Duration,
    ),
    s("sync-frequency", "syncFrequency", Duration),
    s("system-cgroups", "systemCgroups", Text),
    s("system-reserved", "systemReserved", Pairs),
    s("system-reserved-cgroup", "systemReservedCgroup", Text),
    s("tls-cert-file", "tlsCertFile", Text),
    s("tls-cipher-suites", "tlsCipherSuites", List),
    s("tls-min-version", "tlsMinVersion", Text),
    s("tls-private-key-file", "tlsPrivateKeyFile", Text),
    s("topology-manager-policy", "topologyManagerPolicy", Text),
    s(
        "topology-manager-policy-options",
        "topologyManagerPolicyOptions",
        Pairs,
    ),
    s("topology-manager-scope", "topologyManagerScope", Text),
    s("volume-plugin-dir", "volumePluginDir", Text),
    s("volume-stats-agg-period", "volumeStatsAggPeriod", Duration),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubelet::flags::BOOLEAN;

    #[test]
    fn the_table_is_sorted_and_agrees_with_that_of_boolean_flags() {
        assert!(SETTINGS.is_sorted_by(|a, b| a.flag < b.flag));
        for setting in SETTINGS {
            assert_eq!(
                setting.kind == Bool,
                BOOLEAN.contains(&setting.flag),
                "{}",
                setting.flag
            );
        }
    }
}
