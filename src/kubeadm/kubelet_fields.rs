//! The fields of `kubelet.config.k8s.io/v1beta1` KubeletConfiguration, with the releases that have them.
//!
//! From `staging/src/k8s.io/kubelet/config/v1beta1/types.go` (up to 1.13 in `pkg/kubelet/apis`) and, for the
//! defaults that kubeadm up to 1.17 writes out, `pkg/kubelet/apis/config/v1beta1/defaults.go`.

use super::schema::Default::{Bool, Int, List, Map, Text};
use super::schema::{Field, I32, I64, Type};

const TEXT: Type = Type::Text;
const BOOL: Type = Type::Bool;
const DURATION: Type = Type::Duration;
const TEXTS: Type = Type::List(&Type::Text);
const TEXT_MAP: Type = Type::MapOf(&Type::Text);

const fn f(name: &'static str, ty: Type) -> Field {
    Field::new(name, ty)
}

const AUTHENTICATION: &[Field] = &[
    f("x509", Type::Struct(&[f("clientCAFile", TEXT)])),
    f(
        "webhook",
        Type::Struct(&[
            f("enabled", BOOL).pointer().default(Bool(true)),
            f("cacheTTL", DURATION).default(Text("2m0s")),
        ]),
    ),
    f(
        "anonymous",
        Type::Struct(&[f("enabled", BOOL).pointer().default(Bool(false))]),
    ),
];

const AUTHORIZATION: &[Field] = &[
    f("mode", TEXT).default(Text("Webhook")),
    f(
        "webhook",
        Type::Struct(&[
            f("cacheAuthorizedTTL", DURATION).default(Text("5m0s")),
            f("cacheUnauthorizedTTL", DURATION).default(Text("30s")),
        ]),
    ),
];

const OUTPUT: &[Field] = &[
    f("splitStream", BOOL),
    f("infoBufferSize", Type::Quantity).always(),
];

/// `k8s.io/component-base/logs/api/v1`, and its predecessors.
const LOGGING: &[Field] = &[
    f("format", TEXT),
    f("sanitization", BOOL).since(20).until(23),
    f("flushFrequency", I64).always().since(23).until(25),
    f("flushFrequency", Type::DurationOrNanos)
        .always()
        .since(26),
    f("verbosity", Type::Int(0, u32::MAX as i64))
        .always()
        .since(23),
    f(
        "vmodule",
        Type::List(&Type::Struct(&[
            f("filePattern", TEXT).always(),
            f("verbosity", Type::Int(0, u32::MAX as i64)).always(),
        ])),
    )
    .since(23),
    f(
        "options",
        Type::Struct(&[
            f("text", Type::Struct(OUTPUT)).since(30),
            f("json", Type::Struct(OUTPUT)),
        ]),
    )
    .since(23),
];

/// `core/v1` Taint.
pub const TAINT: Type = Type::Struct(&[
    f("key", TEXT).always(),
    f("value", TEXT),
    f("effect", TEXT).always(),
    f("timeAdded", TEXT),
]);

/// KubeletConfiguration, without `apiVersion` and `kind`.
pub const KUBELET: &[Field] = &[
    f("enableServer", BOOL).pointer().since(22),
    f("staticPodPath", TEXT),
    f("podLogsDir", TEXT).since(30),
    f("syncFrequency", DURATION).default(Text("1m0s")),
    f("fileCheckFrequency", DURATION).default(Text("20s")),
    f("httpCheckFrequency", DURATION).default(Text("20s")),
    f("staticPodURL", TEXT),
    f("staticPodURLHeader", Type::MapOf(&TEXTS)),
    f("address", TEXT).default(Text("0.0.0.0")),
    f("port", I32).default(Int(10250)),
    f("readOnlyPort", I32),
    f("tlsCertFile", TEXT),
    f("tlsPrivateKeyFile", TEXT),
    f("tlsCipherSuites", TEXTS),
    f("tlsMinVersion", TEXT),
    f("rotateCertificates", BOOL),
    f("serverTLSBootstrap", BOOL),
    f("authentication", Type::Struct(AUTHENTICATION)),
    f("authorization", Type::Struct(AUTHORIZATION)),
    f("registryPullQPS", I32).pointer().default(Int(5)),
    f("registryBurst", I32).default(Int(10)),
    f("imagePullCredentialsVerificationPolicy", TEXT).since(33),
    f("preloadedImagesVerificationAllowlist", TEXTS).since(33),
    f("eventRecordQPS", I32).pointer().default(Int(5)),
    f("eventBurst", I32).default(Int(10)),
    f("enableDebuggingHandlers", BOOL)
        .pointer()
        .default(Bool(true)),
    f("enableContentionProfiling", BOOL),
    f("healthzPort", I32).pointer().default(Int(10248)),
    f("healthzBindAddress", TEXT).default(Text("127.0.0.1")),
    f("oomScoreAdj", I32).pointer().default(Int(-999)),
    f("clusterDomain", TEXT),
    f("clusterDNS", TEXTS),
    f("streamingConnectionIdleTimeout", DURATION).default(Text("4h0m0s")),
    f("nodeStatusUpdateFrequency", DURATION).default(Text("10s")),
    f("nodeStatusReportFrequency", DURATION)
        .since(13)
        .until(13)
        .default(Text("10s")),
    f("nodeStatusReportFrequency", DURATION)
        .since(14)
        .until(16)
        .default(Text("1m0s")),
    f("nodeStatusReportFrequency", DURATION)
        .since(17)
        .default(Text("5m0s")),
    f("nodeLeaseDurationSeconds", I32)
        .since(12)
        .default(Int(40)),
    f("imageMinimumGCAge", DURATION).default(Text("2m0s")),
    f("imageMaximumGCAge", DURATION).since(29),
    f("imageGCHighThresholdPercent", I32)
        .pointer()
        .default(Int(85)),
    f("imageGCLowThresholdPercent", I32)
        .pointer()
        .default(Int(80)),
    f("volumeStatsAggPeriod", DURATION).default(Text("1m0s")),
    f("kubeletCgroups", TEXT),
    f("systemCgroups", TEXT),
    f("cgroupRoot", TEXT),
    f("cgroupsPerQOS", BOOL).pointer().default(Bool(true)),
    f("cgroupDriver", TEXT).default(Text("cgroupfs")),
    f("cpuManagerPolicy", TEXT).default(Text("none")),
    f("singleProcessOOMKill", BOOL).pointer().since(32),
    f("cpuManagerPolicyOptions", TEXT_MAP).since(22),
    f("cpuManagerReconcilePeriod", DURATION).default(Text("10s")),
    f("memoryManagerPolicy", TEXT).since(21),
    f("topologyManagerPolicy", TEXT)
        .since(16)
        .default(Text("none")),
    f("topologyManagerScope", TEXT).since(20),
    f("topologyManagerPolicyOptions", TEXT_MAP).since(26),
    f("qosReserved", TEXT_MAP),
    f("runtimeRequestTimeout", DURATION).default(Text("2m0s")),
    f("hairpinMode", TEXT).default(Text("promiscuous-bridge")),
    f("maxPods", I32).default(Int(110)),
    f("podCIDR", TEXT),
    f("podPidsLimit", I64).pointer().default(Int(-1)),
    f("resolvConf", TEXT)
        .until(22)
        .default(Text("/etc/resolv.conf")),
    f("resolvConf", TEXT).pointer().since(23),
    f("runOnce", BOOL).since(22),
    f("cpuCFSQuota", BOOL).pointer().default(Bool(true)),
    f("cpuCFSQuotaPeriod", DURATION)
        .pointer()
        .since(12)
        .default(Text("100ms")),
    f("nodeStatusMaxImages", I32).pointer().since(18),
    f("maxOpenFiles", I64).default(Int(1_000_000)),
    f("contentType", TEXT).default(Text("application/vnd.kubernetes.protobuf")),
    f("kubeAPIQPS", I32).pointer().default(Int(5)),
    f("kubeAPIBurst", I32).default(Int(10)),
    f("serializeImagePulls", BOOL).pointer().default(Bool(true)),
    f("maxParallelImagePulls", I32).pointer().since(27),
    f("evictionHard", TEXT_MAP).default(Map(&[
        ("imagefs.available", "15%"),
        ("memory.available", "100Mi"),
        ("nodefs.available", "10%"),
        ("nodefs.inodesFree", "5%"),
    ])),
    f("evictionSoft", TEXT_MAP),
    f("evictionSoftGracePeriod", TEXT_MAP),
    f("evictionPressureTransitionPeriod", DURATION).default(Text("5m0s")),
    f("evictionMaxPodGracePeriod", I32),
    f("evictionMinimumReclaim", TEXT_MAP),
    f("mergeDefaultEvictionSettings", BOOL).pointer().since(33),
    f("podsPerCore", I32),
    f("enableControllerAttachDetach", BOOL)
        .pointer()
        .default(Bool(true)),
    f("protectKernelDefaults", BOOL),
    f("makeIPTablesUtilChains", BOOL)
        .pointer()
        .default(Bool(true)),
    f("iptablesMasqueradeBit", I32).pointer().default(Int(14)),
    f("iptablesDropBit", I32).pointer().default(Int(15)),
    f("featureGates", Type::MapOf(&Type::Bool)),
    f("failSwapOn", BOOL).pointer().default(Bool(true)),
    f("memorySwap", Type::Struct(&[f("swapBehavior", TEXT)])).since(22),
    f("containerLogMaxSize", TEXT).default(Text("10Mi")),
    f("containerLogMaxFiles", I32).pointer().default(Int(5)),
    f("containerLogMaxWorkers", I32).pointer().since(30),
    f("containerLogMonitorInterval", DURATION)
        .pointer()
        .since(30),
    f("configMapAndSecretChangeDetectionStrategy", TEXT)
        .since(12)
        .default(Text("Watch")),
    f("systemReserved", TEXT_MAP),
    f("kubeReserved", TEXT_MAP),
    f("reservedSystemCPUs", TEXT).since(17),
    f("showHiddenMetricsForVersion", TEXT).since(18),
    f("systemReservedCgroup", TEXT),
    f("kubeReservedCgroup", TEXT),
    f("enforceNodeAllocatable", TEXTS).default(List(&["pods"])),
    f("allowedUnsafeSysctls", TEXTS).since(17),
    f("volumePluginDir", TEXT).since(18),
    f("providerID", TEXT).since(18),
    f("kernelMemcgNotification", BOOL).since(20),
    f("logging", Type::Struct(LOGGING)).since(19),
    f("enableSystemLogHandler", BOOL).pointer().since(20),
    f("enableSystemLogQuery", BOOL).pointer().since(27),
    f("shutdownGracePeriod", DURATION).since(20),
    f("shutdownGracePeriodCriticalPods", DURATION).since(20),
    f(
        "shutdownGracePeriodByPodPriority",
        Type::List(&Type::Struct(&[
            f("priority", I32).always(),
            f("shutdownGracePeriodSeconds", I64).always(),
        ])),
    )
    .since(23),
    f(
        "crashLoopBackOff",
        Type::Struct(&[f("maxContainerRestartPeriod", DURATION).pointer()]),
    )
    .since(32),
    f(
        "reservedMemory",
        Type::List(&Type::Struct(&[
            f("numaNode", I32).always(),
            f("limits", Type::MapOf(&Type::Quantity)).always(),
        ])),
    )
    .since(21),
    f("enableProfilingHandler", BOOL).pointer().since(21),
    f("enableDebugFlagsHandler", BOOL).pointer().since(21),
    f("seccompDefault", BOOL).pointer().since(22),
    f("memoryThrottlingFactor", Type::Float).pointer().since(22),
    f("registerWithTaints", Type::List(&TAINT)).since(23),
    f("registerNode", BOOL).pointer().since(23),
    f(
        "tracing",
        Type::Struct(&[
            f("endpoint", TEXT).pointer(),
            f("samplingRatePerMillion", I32).pointer(),
        ]),
    )
    .pointer()
    .since(25),
    f("localStorageCapacityIsolation", BOOL).pointer().since(25),
    f("containerRuntimeEndpoint", TEXT).always().since(27),
    f("imageServiceEndpoint", TEXT).since(27),
    f("failCgroupV1", BOOL).pointer().since(31),
    f(
        "userNamespaces",
        Type::Struct(&[f("idsPerPod", I64).pointer()]),
    )
    .pointer()
    .since(33),
    // Its form is not in the release notes.
    f("defaultPodSysctls", Type::Any).since(37),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubeadm::version::KNOWN;

    #[test]
    fn a_release_has_a_field_once() {
        for minor in KNOWN {
            let mut names: Vec<_> = KUBELET
                .iter()
                .filter(|f| (f.releases.0..=f.releases.1).contains(&minor))
                .map(|f| f.name)
                .collect();
            let all = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), all, "1.{minor}");
        }
    }
}
