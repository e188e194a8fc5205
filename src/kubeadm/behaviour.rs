//! Everything that differs between the releases of kubeadm, as tables.

use std::ops::RangeInclusive;

use super::known::LAST;

/// A way in which releases differ. [`Version::has`](super::version::Version::has) says which have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "each stands with its explanation in `BEHAVIOURS`"
)]
pub enum Behaviour {
    FirstDocumentOnly,
    ApiVersionOptional,
    GroupRequired,
    ForeignKubeletKindRefused,
    NodeDocumentForFlags,
    LabelNeedsNetwork,
    StrictLabels,
    QuotedEnvFile,
    OverridesFirst,
    OneSortedMap,
    AllSorted,
    CniDirectories,
    DynamicConfigDir,
    PauseForDocker,
    PauseForAll,
    RuntimeFlag,
    EndpointFlag,
    DockershimFlags,
    OldKubeletDockershim,
    CgroupDriverFlag,
    ResolvConfFlag,
    DualStackFlag,
    DualStackInConfig,
    TaintsOnJoin,
    ColonAfterBareKey,
    FlagNameLowered,
    ResolvedByProcess,
    OpenRcWithoutRcService,
    SocketIsPath,
    SocketMayBeUrl,
    SocketGetsScheme,
    SocketDetection,
    DockerSocketDetection,
    DockerDefault,
    KubeletDefaults,
    JoinTakesClusterText,
    CertificatesDirIgnored,
    DockerCgroupInConfig,
    SystemdOnInit,
    SystemdAlways,
    ResolvConfInClusterConfig,
    ResolvConfPerNode,
    InstanceGate,
    InstanceByDefault,
    VersionedConfigMap,
    ConfigMapGate,
    ConfigMapHash,
    SingleSubnet,
    DualStackByGate,
    ServiceSubnetLimit,
    PodSubnetNodeMask,
    HugeSubnetIsEmpty,
    LeadingZeros,
    EmptyArgumentRefused,
    RepositoryChecked,
    CgroupV1Refused,
    KubeletPatches,
    OptionsAfterKubelet,
    ShortAddressesFail,
}

use Behaviour as B;

/// What differs, and from which to which minor release.
pub const BEHAVIOURS: &[(Behaviour, RangeInclusive<u8>)] = &[
    // Reading the file
    // Only the first document counts.
    (B::FirstDocumentOnly, 11..=11),
    // A document without apiVersion is taken for the current one.
    (B::ApiVersionOptional, 11..=11),
    // Every document needs a group in its apiVersion: a `v1` ConfigMap is refused.
    (B::GroupRequired, 18..=LAST),
    // Any kind of the kubelet's group other than KubeletConfiguration is refused.
    (B::ForeignKubeletKindRefused, 18..=LAST),
    // The env file wants an InitConfiguration (or its like), config.yaml does not.
    (B::NodeDocumentForFlags, 11..=12),
    // `kubernetesVersion: stable-1` is looked up in the network, without anything to fall back to.
    (B::LabelNeedsNetwork, 11..=11),
    // Labels are `latest` and `stable` with a version; before, any lower-case word.
    (B::StrictLabels, 15..=LAST),
    // An empty name among the extra arguments is refused.
    (B::EmptyArgumentRefused, 31..=LAST),
    // imageRepository must look like one.
    (B::RepositoryChecked, 28..=LAST),
    // kubeadm-flags.env
    // Go's %q around the arguments; before, nothing.
    (B::QuotedEnvFile, 15..=LAST),
    // The user's arguments sorted, then kubeadm's sorted.
    (B::OverridesFirst, 11..=18),
    // One map of both, sorted.
    (B::OneSortedMap, 19..=30),
    // One list of both, sorted by name and value, duplicates kept. Since then: kubeadm's sorted, then the user's.
    (B::AllSorted, 31..=31),
    // --cni-bin-dir and --cni-conf-dir with docker.
    (B::CniDirectories, 11..=11),
    // --dynamic-config-dir with the gate DynamicKubeletConfig.
    (B::DynamicConfigDir, 11..=15),
    // --pod-infra-container-image with docker only, then with every runtime.
    (B::PauseForDocker, 13..=20),
    (B::PauseForAll, 21..=34),
    // --container-runtime=remote, gone with kubelet 1.27.
    (B::RuntimeFlag, 11..=25),
    // --container-runtime-endpoint; from 1.34 only with NodeLocalCRISocket off.
    (B::EndpointFlag, 11..=LAST),
    // The dockershim socket means --network-plugin=cni in place of an endpoint; at 1.24 for older kubelets.
    (B::DockershimFlags, 11..=23),
    (B::OldKubeletDockershim, 24..=24),
    // --cgroup-driver as docker says.
    (B::CgroupDriverFlag, 11..=18),
    // --resolv-conf where systemd-resolved runs.
    (B::ResolvConfFlag, 11..=18),
    // --feature-gates=IPv6DualStack= if the gate is set; then in config.yaml.
    (B::DualStackFlag, 16..=18),
    (B::DualStackInConfig, 19..=22),
    // --register-with-taints on join: see `taints_on_join`.
    (B::TaintsOnJoin, 11..=11),
    (B::TaintsOnJoin, 13..=LAST),
    // A taint with a key alone is `k:`; since then `k`.
    (B::ColonAfterBareKey, 11..=11),
    // --node-name is lowered like the name in the file.
    (B::FlagNameLowered, 11..=12),
    // The host
    // systemd-resolved is looked for among the processes; since then the init is asked.
    (B::ResolvedByProcess, 11..=14),
    // `openrc` without `rc-service` counts as OpenRC, on which every service seems to run.
    (B::OpenRcWithoutRcService, 15..=32),
    // criSocket is a path; a path or a URL; a URL, to which a path is completed.
    (B::SocketIsPath, 11..=11),
    (B::SocketMayBeUrl, 12..=23),
    (B::SocketGetsScheme, 24..=LAST),
    // The sockets that are there are looked for; docker's among them.
    (B::SocketDetection, 14..=LAST),
    (B::DockerSocketDetection, 14..=23),
    // Without any, docker; then containerd.
    (B::DockerDefault, 11..=23),
    // config.yaml
    // The kubelet's own defaults are written out, and what kubeadm wants is forced.
    (B::KubeletDefaults, 11..=17),
    // On join the ConfigMap's text is written as it is.
    (B::JoinTakesClusterText, 11..=17),
    // clientCAFile is always below /etc/kubernetes/pki.
    (B::CertificatesDirIgnored, 11..=12),
    // cgroupDriver as docker says; `systemd` on init; `systemd`.
    (B::DockerCgroupInConfig, 19..=20),
    (B::SystemdOnInit, 21..=21),
    (B::SystemdAlways, 22..=LAST),
    // resolvConf goes into the ConfigMap, then is each node's own.
    (B::ResolvConfInClusterConfig, 19..=30),
    (B::ResolvConfPerNode, 31..=LAST),
    // instance-config.yaml with the gate NodeLocalCRISocket; from 1.34 the gate is on.
    (B::InstanceGate, 32..=LAST),
    (B::InstanceByDefault, 34..=LAST),
    // kubelets refuse cgroup v1 unless failCgroupV1 is false.
    (B::CgroupV1Refused, 35..=LAST),
    // Patches of config.yaml.
    (B::KubeletPatches, 25..=LAST),
    // config.yaml is completed before the options of the command line are looked at.
    (B::OptionsAfterKubelet, 11..=11),
    // The ConfigMap
    // kubelet-config-1.X; the gate UnversionedKubeletConfigMap decides while it exists.
    (B::VersionedConfigMap, 11..=23),
    (B::ConfigMapGate, 22..=25),
    // An annotation with a hash says that the content is kubeadm's own.
    (B::ConfigMapHash, 18..=LAST),
    // Subnets
    // One service subnet; one or two with the gate IPv6DualStack; one or two.
    (B::SingleSubnet, 11..=15),
    (B::DualStackByGate, 16..=20),
    // At most 2^20 addresses.
    (B::ServiceSubnetLimit, 18..=LAST),
    // The pod subnet must hold the nodes' ranges.
    (B::PodSubnetNodeMask, 18..=LAST),
    // A subnet of nearly all addresses counts as one of none.
    (B::HugeSubnetIsEmpty, 11..=17),
    // The arithmetic loses leading zero bytes; the DNS address is then the default one.
    (B::ShortAddressesFail, 11..=20),
    // `010.96.0.0` is 10.96.0.0 (k8s.io/utils' sloppy parser); before, Go's net.ParseCIDR refuses it.
    (B::LeadingZeros, 22..=LAST),
];

/// Tags of the pause image (`cmd/kubeadm/app/constants`, `PauseVersion`).
pub(super) const PAUSE: &[(&str, RangeInclusive<u8>)] = &[
    ("3.1", 11..=17),
    ("3.2", 18..=20),
    ("3.4.1", 21..=21),
    ("3.5", 22..=22),
    ("3.6", 23..=23),
    ("3.7", 24..=24),
    ("3.8", 25..=25),
    ("3.9", 26..=30),
    ("3.10", 31..=33),
    ("3.10.1", 34..=LAST),
];

pub(super) const REGISTRY: &[(&str, RangeInclusive<u8>)] =
    &[("k8s.gcr.io", 11..=24), ("registry.k8s.io", 25..=LAST)];

/// kubeadm's feature gates (`cmd/kubeadm/app/features`).
pub(super) const GATES: &[(&str, RangeInclusive<u8>)] = &[
    ("Auditing", 11..=13),
    ("CoreDNS", 11..=15),
    ("DynamicKubeletConfig", 11..=15),
    ("HighAvailability", 11..=12),
    ("SelfHosting", 11..=12),
    ("StoreCertsInSecrets", 11..=12),
    ("IPv6DualStack", 16..=24),
    ("PublicKeysECDSA", 19..=LAST),
    ("RootlessControlPlane", 22..=LAST),
    ("UnversionedKubeletConfigMap", 22..=25),
    ("EtcdLearnerMode", 27..=32),
    ("UpgradeAddonsBeforeControlPlane", 28..=30),
    ("WaitForAllControlPlaneComponents", 30..=LAST),
    ("ControlPlaneKubeletLocalMode", 31..=LAST),
    ("NodeLocalCRISocket", 32..=LAST),
];

/// The versions of kubeadm's API, and which kubeadm reads them.
pub const APIS: &[(&str, RangeInclusive<u8>)] = &[
    ("v1alpha1", 11..=11),
    ("v1alpha2", 11..=12),
    ("v1alpha3", 12..=14),
    ("v1beta1", 13..=21),
    ("v1beta2", 15..=26),
    ("v1beta3", 22..=LAST),
    ("v1beta4", 31..=LAST),
];

#[cfg(test)]
mod tests {
    use super::super::known::KNOWN;
    use super::*;

    #[test]
    fn every_behaviour_has_a_row_and_every_row_is_known() {
        for (behaviour, releases) in BEHAVIOURS {
            assert!(KNOWN.contains(releases.start()), "{behaviour:?}");
            assert!(KNOWN.contains(releases.end()), "{behaviour:?}");
        }
    }

    #[test]
    fn one_pause_image_and_one_registry_for_every_release() {
        for minor in KNOWN {
            for table in [PAUSE, REGISTRY] {
                let rows = table.iter().filter(|(_, r)| r.contains(&minor)).count();
                assert_eq!(rows, 1, "1.{minor}");
            }
        }
    }
}
