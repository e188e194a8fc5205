//! Everything that differs between the releases of kubeadm, as tables.

use std::ops::RangeInclusive;

use super::known::LAST;

/// Makes the enum and the list of all its variants, so that none can be left out of the tests.
macro_rules! behaviours {
    ($($name:ident,)*) => {
        /// A way in which releases differ. [`Version::has`](super::version::Version::has) says which have it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(
            missing_docs,
            reason = "each stands with its explanation in `BEHAVIOURS`"
        )]
        pub enum Behaviour {
            $($name,)*
        }

        impl Behaviour {
            /// Every one of them.
            pub const ALL: &[Behaviour] = &[$(Behaviour::$name,)*];
        }
    };
}

behaviours! {
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
    NodeRangesMayBeOff,
    OneNodeMask,
    OneNodeMaskByGate,
    HugeSubnetIsEmpty,
    LeadingZeros,
    EmptyArgumentRefused,
    RepositoryChecked,
    CgroupV1Refused,
    KubeletPatches,
    OptionsAfterKubelet,
    ShortAddressesFail,
}

/// How it is known where a row begins and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The real programs on both sides of each end were run.
    Measured,
    /// Release notes of Kubernetes say so (sig-release's `releases/release-1.X`), of these changes of
    /// kubernetes/kubernetes; a note without one is named by its release.
    Note(&'static str),
    /// From kubeadm's sources and when they changed. The programs that were run differ in it too, but not from one
    /// release to the next.
    Source,
}

use Behaviour as B;
use How::{Measured, Note, Source};

/// What differs, from which to which minor release, and how that is known.
pub const BEHAVIOURS: &[(Behaviour, RangeInclusive<u8>, How)] = &[
    // Reading the file
    // Only the first document counts.
    (B::FirstDocumentOnly, 11..=11, Measured),
    // A document without apiVersion is taken for the current one.
    (B::ApiVersionOptional, 11..=11, Measured),
    // Every document needs a group in its apiVersion: a `v1` ConfigMap is refused.
    (B::GroupRequired, 18..=LAST, Source),
    // Any kind of the kubelet's group other than KubeletConfiguration is refused.
    (B::ForeignKubeletKindRefused, 18..=LAST, Source),
    // The env file wants an InitConfiguration (or its like), config.yaml does not.
    (B::NodeDocumentForFlags, 11..=12, Source),
    // `kubernetesVersion: stable-1` is looked up in the network, without anything to fall back to.
    (B::LabelNeedsNetwork, 11..=11, Measured),
    // Labels are `latest` and `stable` with a version; before, any lower-case word.
    (B::StrictLabels, 15..=LAST, Source),
    // An empty name among the extra arguments is refused.
    (B::EmptyArgumentRefused, 31..=LAST, Source),
    // imageRepository must look like one.
    (B::RepositoryChecked, 28..=LAST, Source),
    // kubeadm-flags.env
    // Go's %q around the arguments; before, nothing.
    (B::QuotedEnvFile, 15..=LAST, Source),
    // The user's arguments sorted, then kubeadm's sorted.
    (B::OverridesFirst, 11..=18, Source),
    // One map of both, sorted.
    (B::OneSortedMap, 19..=30, Source),
    // One list of both, sorted by name and value, duplicates kept. Since then: kubeadm's sorted, then the user's.
    (B::AllSorted, 31..=31, Source),
    // --cni-bin-dir and --cni-conf-dir with docker.
    (B::CniDirectories, 11..=11, Measured),
    // --dynamic-config-dir with the gate DynamicKubeletConfig.
    (B::DynamicConfigDir, 11..=15, Source),
    // --pod-infra-container-image with docker only, then with every runtime.
    (B::PauseForDocker, 13..=20, Note("notes of 1.13")),
    (B::PauseForAll, 21..=34, Note("#99476")),
    // --container-runtime=remote, gone with kubelet 1.27.
    (B::RuntimeFlag, 11..=25, Note("#112000")),
    // --container-runtime-endpoint; from 1.34 only with NodeLocalCRISocket off.
    (B::EndpointFlag, 11..=LAST, Measured),
    // The dockershim socket means --network-plugin=cni in place of an endpoint; at 1.24 for older kubelets.
    (B::DockershimFlags, 11..=23, Note("#106973")),
    (B::OldKubeletDockershim, 24..=24, Note("#106973, #110022")),
    // --cgroup-driver as docker says.
    (B::CgroupDriverFlag, 11..=18, Note("#90513")),
    // --resolv-conf where systemd-resolved runs.
    (B::ResolvConfFlag, 11..=18, Note("#90394")),
    // --feature-gates=IPv6DualStack= if the gate is set; then in config.yaml.
    (B::DualStackFlag, 16..=18, Note("#80145, #90840")),
    (B::DualStackInConfig, 19..=22, Source),
    // --register-with-taints on join: see `taints_on_join`.
    (B::TaintsOnJoin, 11..=11, Measured),
    (B::TaintsOnJoin, 13..=LAST, Note("#69846")),
    // A taint with a key alone is `k:`; since then `k`.
    (B::ColonAfterBareKey, 11..=11, Measured),
    // --node-name is lowered like the name in the file.
    (B::FlagNameLowered, 11..=12, Source),
    // The host
    // systemd-resolved is looked for among the processes; since then the init is asked.
    (B::ResolvedByProcess, 11..=14, Source),
    // `openrc` without `rc-service` counts as OpenRC, on which every service seems to run.
    (B::OpenRcWithoutRcService, 15..=32, Source),
    // criSocket is a path; a path or a URL; a URL, to which a path is completed.
    (B::SocketIsPath, 11..=11, Measured),
    (B::SocketMayBeUrl, 12..=23, Note("#107295")),
    (B::SocketGetsScheme, 24..=LAST, Note("#107295")),
    // The sockets that are there are looked for; docker's among them.
    (B::SocketDetection, 14..=LAST, Note("#69366")),
    (B::DockerSocketDetection, 14..=23, Note("#107317")),
    // Without any, docker; then containerd.
    (B::DockerDefault, 11..=23, Note("#107317")),
    // config.yaml
    // The kubelet's own defaults are written out, and what kubeadm wants is forced.
    (B::KubeletDefaults, 11..=16, Note("#79223")),
    // On join the ConfigMap's text is written as it is.
    (B::JoinTakesClusterText, 11..=17, Source),
    // clientCAFile is always below /etc/kubernetes/pki.
    (B::CertificatesDirIgnored, 11..=12, Source),
    // cgroupDriver as docker says; `systemd` on init; `systemd`.
    (B::DockerCgroupInConfig, 19..=20, Note("#99471")),
    (B::SystemdOnInit, 21..=21, Note("#99471, #102133")),
    (B::SystemdAlways, 22..=LAST, Note("#102133")),
    // resolvConf goes into the ConfigMap, then is each node's own.
    (B::ResolvConfInClusterConfig, 19..=30, Source),
    (B::ResolvConfPerNode, 31..=LAST, Source),
    // instance-config.yaml with the gate NodeLocalCRISocket; from 1.34 the gate is on, and in 1.37 it is gone.
    (B::InstanceGate, 32..=36, Source),
    (B::InstanceByDefault, 34..=LAST, Note("#131981")),
    // kubelets refuse cgroup v1 unless failCgroupV1 is false.
    (B::CgroupV1Refused, 35..=LAST, Note("#134744")),
    // Patches of config.yaml.
    (B::KubeletPatches, 25..=LAST, Note("#110405")),
    // config.yaml is completed before the options of the command line are looked at.
    (B::OptionsAfterKubelet, 11..=11, Measured),
    // The ConfigMap
    // kubelet-config-1.X; the gate UnversionedKubeletConfigMap decides while it exists.
    (B::VersionedConfigMap, 11..=23, Source),
    (B::ConfigMapGate, 23..=24, Note("#105741")),
    // An annotation with a hash says that the content is kubeadm's own.
    (B::ConfigMapHash, 19..=LAST, Note("#86070")),
    // Subnets
    // One service subnet; one or two with the gate IPv6DualStack; one or two.
    (B::SingleSubnet, 11..=15, Note("#80145")),
    (B::DualStackByGate, 16..=20, Note("#80145, #99294")),
    // At most 2^20 addresses.
    (B::ServiceSubnetLimit, 20..=LAST, Note("#95723")),
    // The pod subnet must hold the nodes' ranges.
    (B::PodSubnetNodeMask, 20..=LAST, Note("#95723")),
    // Not where `allocate-node-cidrs` is `false`.
    (B::NodeRangesMayBeOff, 21..=LAST, Note("#98984")),
    // node-cidr-mask-size of the controller manager counts, for IPv4 and IPv6; while the gate IPv6DualStack is not on
    // by default; with it, and from 1.23 on always, -ipv4 and -ipv6 alone do.
    (B::OneNodeMask, 20..=20, Note("#104770")),
    (B::OneNodeMaskByGate, 21..=22, Note("#104770")),
    // A subnet of nearly all addresses counts as one of none.
    (B::HugeSubnetIsEmpty, 11..=17, Source),
    // The arithmetic loses leading zero bytes; the DNS address is then the default one.
    (B::ShortAddressesFail, 11..=20, Source),
    // `010.96.0.0` is 10.96.0.0 (k8s.io/utils' sloppy parser); before, Go's net.ParseCIDR refuses it.
    (B::LeadingZeros, 22..=LAST, Source),
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
    ("3.10.1", 34..=35),
    ("3.10.2", 36..=LAST),
];

pub(super) const REGISTRY: &[(&str, RangeInclusive<u8>)] =
    &[("k8s.gcr.io", 11..=24), ("registry.k8s.io", 25..=LAST)];

/// kubeadm's feature gates (`cmd/kubeadm/app/features`).
pub(super) const GATES: &[(&str, RangeInclusive<u8>)] = &[
    ("Auditing", 11..=13),
    ("CoreDNS", 11..=17),
    ("DynamicKubeletConfig", 11..=15),
    ("HighAvailability", 11..=12),
    ("SelfHosting", 11..=12),
    ("StoreCertsInSecrets", 11..=12),
    ("IPv6DualStack", 16..=23),
    ("PublicKeysECDSA", 18..=36),
    ("RootlessControlPlane", 22..=LAST),
    ("UnversionedKubeletConfigMap", 23..=25),
    ("EtcdLearnerMode", 27..=32),
    ("UpgradeAddonsBeforeControlPlane", 28..=30),
    ("WaitForAllControlPlaneComponents", 30..=34),
    ("ControlPlaneKubeletLocalMode", 31..=35),
    ("NodeLocalCRISocket", 32..=36),
];

/// The versions of kubeadm's API, and which kubeadm reads them.
pub const APIS: &[(&str, RangeInclusive<u8>)] = &[
    ("v1alpha1", 11..=11),
    ("v1alpha2", 11..=12),
    ("v1alpha3", 12..=13),
    ("v1beta1", 13..=21),
    ("v1beta2", 15..=26),
    ("v1beta3", 22..=36),
    ("v1beta4", 31..=LAST),
];

#[cfg(test)]
mod tests {
    use super::super::known::{KNOWN, PROVEN};
    use super::super::version::Version;
    use super::*;

    #[test]
    fn every_behaviour_has_a_row_and_every_row_is_known() {
        for behaviour in Behaviour::ALL {
            let rows = BEHAVIOURS.iter().filter(|(row, ..)| row == behaviour);
            assert!(rows.count() > 0, "{behaviour:?} has no row");
        }
        for (behaviour, releases, _) in BEHAVIOURS {
            assert!(KNOWN.contains(releases.start()), "{behaviour:?}");
            assert!(KNOWN.contains(releases.end()), "{behaviour:?}");
            assert!(releases.start() <= releases.end(), "{behaviour:?}");
        }
    }

    /// Measured is an end on both sides of which a program was run; of the others a change is named, by its number.
    #[test]
    fn how_a_row_is_known_fits_its_ends() {
        let measured = |minor: u8| PROVEN.contains(&minor);
        for (behaviour, releases, how) in BEHAVIOURS {
            let (start, end) = (*releases.start(), *releases.end());
            let start = start == *KNOWN.start() || (measured(start - 1) && measured(start));
            let end = end == LAST || (measured(end) && measured(end + 1));
            assert_eq!(*how == Measured, start && end, "{behaviour:?}");
            if let Note(changes) = how {
                let number = |text: &str| {
                    text.strip_prefix('#')
                        .is_some_and(|n| n.parse::<u32>().is_ok())
                };
                let known = changes.starts_with("notes of 1.") || changes.split(", ").all(number);
                assert!(known, "{behaviour:?}: {changes}");
            }
        }
    }

    #[test]
    fn the_boundaries_that_release_notes_name() {
        let has = |behaviour| {
            let minors = KNOWN.filter(|minor| Version::new(*minor).unwrap().has(behaviour));
            let minors: Vec<u8> = minors.collect();
            (minors[0], minors[minors.len() - 1])
        };
        assert_eq!(has(B::KubeletDefaults), (11, 16));
        assert_eq!(has(B::ConfigMapHash), (19, LAST));
        assert_eq!(has(B::ServiceSubnetLimit), (20, LAST));
        assert_eq!(has(B::PodSubnetNodeMask), (20, LAST));
        let gates = |minor| Version::new(minor).unwrap().gates().collect::<Vec<_>>();
        assert_eq!(
            gates(22),
            ["IPv6DualStack", "PublicKeysECDSA", "RootlessControlPlane"]
        );
        assert_eq!(
            gates(36),
            [
                "PublicKeysECDSA",
                "RootlessControlPlane",
                "NodeLocalCRISocket"
            ]
        );
        assert_eq!(gates(37), ["RootlessControlPlane"]);
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

    /// The newest release is served by a row of every table that has one for each release.
    #[test]
    fn every_release_reads_an_api() {
        for minor in KNOWN {
            let reads = APIS.iter().any(|(_, releases)| releases.contains(&minor));
            assert!(reads, "1.{minor}");
        }
    }
}
