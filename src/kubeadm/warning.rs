//! What is worth knowing about the files that were made, as data.

use thiserror::Error;

use super::error::Place;
use super::version::Version;
use crate::kubelet;

/// Something that may surprise.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum Warning {
    /// The service subnet's written address is not its first, and the DNS address follows the first.
    #[error(
        "`{written}` has host bits set: the subnet is {subnet}, and the cluster's DNS gets {dns}, the address that kubeadm gives to the kube-dns Service{}",
        meant.as_ref().map_or_else(String::new, |(subnet, dns)| format!("; `{subnet}` would give {dns}"))
    )]
    HostBits {
        /// What was written.
        written: String,
        /// The subnet that this is.
        subnet: String,
        /// The DNS address in it.
        dns: String,
        /// A subnet that begins at the written address, and its DNS address.
        meant: Option<(String, String)>,
    },
    /// A field that this release does not know.
    #[error("{place}: {} does not know this field; it {}", .version, if *.kept { "is passed on" } else { "is dropped" })]
    UnknownField {
        /// Where.
        place: Place,
        /// The release.
        version: Version,
        /// Whether it is in the output.
        kept: bool,
    },
    /// A field that no release knows, and that nearly has the name of one: kubeadm drops it.
    #[error("{place}: this field does not exist, and is dropped; did you mean `{known}`?")]
    MisspeltField {
        /// Where.
        place: Place,
        /// The field that there is.
        known: &'static str,
    },
    /// A document that is not looked at.
    #[error("{0}: this document is ignored")]
    IgnoredDocument(Place),
    /// InitConfiguration and JoinConfiguration in one file.
    #[error(
        "there is both an InitConfiguration and a JoinConfiguration, and only one of them is used"
    )]
    InitAndJoin,
    /// A value of the user's that differs from what kubeadm would write; it stays.
    #[error("`{field}` is `{found}`; where none is given, kubeadm writes `{usual}`")]
    UnusualValue {
        /// The field of KubeletConfiguration.
        field: &'static str,
        /// The user's value.
        found: String,
        /// kubeadm's.
        usual: String,
    },
    /// A value of the user's that kubeadm replaces.
    #[error("`{field}`: `{found}` is replaced by `{written}`, as kubeadm does")]
    ForcedValue {
        /// The field of KubeletConfiguration.
        field: &'static str,
        /// The user's value.
        found: String,
        /// What is written.
        written: String,
    },
    /// kubeadm writes `systemd` here, which the kubelet cannot start with.
    #[error(
        "`cgroupDriver: cgroupfs` is written where kubeadm writes `systemd`: without systemd the kubelet would exit"
    )]
    CgroupfsInstead,
    /// The user wants the systemd driver on a host without it.
    #[error("`cgroupDriver: systemd` on a host without systemd: the kubelet will exit")]
    SystemdDriverWithoutSystemd,
    /// The same with the flag, which beats the file.
    #[error(
        "`--cgroup-driver=systemd` on a host without systemd: it overrides `cgroupDriver` in config.yaml, and the kubelet will exit"
    )]
    SystemdFlagWithoutSystemd,
    /// A flag that names a file of systemd-resolved, which does not run here.
    #[error(
        "`--resolv-conf={0}`: systemd-resolved does not run here, and pods would get no name servers"
    )]
    ResolvedFlag(String),
    /// A flag and a field of one setting with different values.
    #[error(
        "`--{flag}={}` overrides `{field}: {}` in config.yaml",
        clipped(value),
        clipped(found)
    )]
    FlagWins {
        /// The flag, without dashes.
        flag: &'static str,
        /// Its value.
        value: String,
        /// The field.
        field: &'static str,
        /// The field's value.
        found: String,
    },
    /// A value that the kubelet no longer takes.
    #[error("`--{flag}={}`: kubelet {version} exits: {why}", clipped(value))]
    RefusedValue {
        /// The flag, without dashes.
        flag: String,
        /// Its value.
        value: String,
        /// The kubelet.
        version: kubelet::Version,
        /// Why.
        why: &'static str,
    },
    /// A placeholder of a template that nobody rendered.
    #[error(
        "{place}: `{text}` is a placeholder of a template that was not rendered; it is used as it is"
    )]
    Template {
        /// Where.
        place: Place,
        /// It.
        text: String,
    },
    /// kubeadm would point to systemd-resolved's file, but it does not run here.
    #[error("`{0}` is left out: systemd-resolved does not run here")]
    ResolvedAbsent(String),
    /// The kubelet and its runtime would have different cgroup drivers.
    #[error(
        "`{}` is `{written}`{}, and that of {runtime} `{driver}`, {}; a kubelet that does not ask its runtime needs the same",
        if *.flag { "--cgroup-driver" } else { "cgroupDriver" },
        if *.given { "" } else { " where nothing is written" },
        file.as_ref().map_or_else(|| "its default".to_owned(), |path| format!("says `{path}`"))
    )]
    OtherDriver {
        /// Whether a flag sets it, which beats the file.
        flag: bool,
        /// The kubelet's driver.
        written: String,
        /// Whether it is written, or the kubelet's default.
        given: bool,
        /// The runtime.
        runtime: String,
        /// Its driver.
        driver: String,
        /// The file that says so; none where it is the runtime's default.
        file: Option<String>,
    },
    /// kubelets refuse cgroup v1 unless told otherwise.
    #[error(
        "this host has cgroup v1, which kubelet {0} refuses unless `failCgroupV1: false` is set"
    )]
    CgroupV1(Version),
    /// A kubeadm release that was not compared with the real program.
    #[error("kubeadm {0} was not compared with the real program; {basis}", basis = basis(*.0))]
    NotProven(Version),
    /// A release that is newer than every one that is known.
    #[error(
        "{what} is newer than {}, the newest release that is known: what {} does is followed, which may be wrong for it",
        Version::NEWEST,
        Version::NEWEST
    )]
    Beyond {
        /// What names it.
        what: String,
    },
    /// Nothing names a release.
    #[error(
        "nothing says which release of kubeadm: {version} is followed, the newest that {}; `--kubeadm-version` names another",
        api.map_or_else(|| "is known".to_owned(), |api| format!("reads `kubeadm.k8s.io/{api}`"))
    )]
    Guessed {
        /// The release that is followed.
        version: Version,
        /// The version of kubeadm's API that keeps it from being the newest one.
        api: Option<&'static str>,
    },
    /// A kubelet that is newer than its cluster.
    #[error(
        "the installed kubelet, 1.{kubelet}, is newer than its cluster, 1.{cluster}, which Kubernetes' version skew policy does not allow"
    )]
    KubeletNewer {
        /// The kubelet's minor release.
        kubelet: u32,
        /// The cluster's.
        cluster: u32,
    },
    /// A kubelet that is too old for its cluster.
    #[error(
        "the installed kubelet, 1.{kubelet}, is more than {most} minor releases older than its cluster, 1.{cluster}, which Kubernetes' version skew policy does not allow"
    )]
    KubeletTooOld {
        /// The kubelet's minor release.
        kubelet: u32,
        /// The cluster's.
        cluster: u32,
        /// By how many it may be older.
        most: u32,
    },
    /// The Kubernetes version is newer than this kubeadm.
    #[error("`kubernetesVersion: {found}` is newer than kubeadm {version}")]
    NewerKubernetes {
        /// The version found.
        found: String,
        /// The kubeadm.
        version: Version,
    },
    /// A label in place of a version.
    #[error(
        "the label `{label}` is taken to mean {version}: nothing is looked up over the network"
    )]
    LabelGuessed {
        /// The label.
        label: String,
        /// What it is taken for.
        version: Version,
    },
    /// A CRI socket without a scheme.
    #[error("`criSocket: {found}` has no `unix://`; `{written}` is used")]
    SocketCompleted {
        /// What was given.
        found: String,
        /// What is used.
        written: String,
    },
    /// An extra argument that this release's kubelet does not have any more.
    #[error("`--{flag}`: kubelet {version} does not know this flag and will exit")]
    RemovedFlag {
        /// The flag, without dashes.
        flag: String,
        /// The kubelet.
        version: kubelet::Version,
    },
    /// An unquoted argument that contains blanks.
    #[error("`{0}` contains white space, so the kubelet will get it in parts")]
    SplitArgument(String),
    /// Nothing is known about the cluster that is joined.
    #[error("nothing was given about the cluster, so kubeadm's defaults are assumed")]
    ClusterAssumed,
    /// A JSON or YAML patch whose file name says that it is for something else.
    #[error("the patch `{0}` is not for `kubeletconfiguration`")]
    IgnoredPatch(String),
    /// An API that this kubeadm does not read, but another one does.
    #[error(
        "{place}: kubeadm {version} refuses `kubeadm.k8s.io/{api}`; {first} is the first that reads it, {last} the last"
    )]
    OtherKubeadm {
        /// Where.
        place: Place,
        /// The version of the API.
        api: String,
        /// The kubeadm.
        version: Version,
        /// The first release that reads it.
        first: Version,
        /// The last release that reads it, as far as is known.
        last: Version,
    },
}

impl Warning {
    /// Whether it is about what a flag makes of the configuration, so that the file of flags is where it is mended.
    pub fn is_of_a_flag(&self) -> bool {
        matches!(
            self,
            Warning::SystemdFlagWithoutSystemd
                | Warning::ResolvedFlag(_)
                | Warning::FlagWins { .. }
                | Warning::CgroupV1(_)
                | Warning::OtherDriver { flag: true, .. }
        )
    }

    /// Whether the kubelet will not start because of it, or not as it is meant, or nobody can tell.
    pub fn is_grave(&self) -> bool {
        matches!(
            self,
            Warning::SystemdDriverWithoutSystemd
                | Warning::SystemdFlagWithoutSystemd
                | Warning::ResolvedFlag(_)
                | Warning::RefusedValue { .. }
                | Warning::Template { .. }
                | Warning::OtherDriver { .. }
                | Warning::CgroupV1(_)
                | Warning::Beyond { .. }
                | Warning::KubeletNewer { .. }
                | Warning::KubeletTooOld { .. }
                | Warning::RemovedFlag { .. }
                | Warning::SplitArgument(_)
        )
    }
}

/// At most 40 characters of a value.
fn clipped(text: &str) -> std::borrow::Cow<'_, str> {
    match text.char_indices().nth(40) {
        Some((cut, _)) => format!("{}…", &text[..cut]).into(),
        None => text.into(),
    }
}

/// What is known of a release that was not compared.
fn basis(version: Version) -> &'static str {
    match version.is_from_notes() {
        true => "what is known of it is from its release notes",
        false => "it follows its neighbours and its sources",
    }
}
