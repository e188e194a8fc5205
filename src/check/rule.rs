//! What is looked for.

use serde::Serialize;

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// A file is missing.
    Missing,
    /// A file has other content.
    Changed,
    /// What stands in the place of a file is not kubelet-unit's.
    Foreign,
    /// A configuration file was edited.
    EditedConfiguration,
    /// The new version of an edited configuration file waits beside it.
    NewConfiguration,
    /// A file has the wrong permission bits.
    Mode,
    /// A file belongs to somebody else than the tree.
    Owner,
    /// A file of an earlier version is left.
    LeftOver,
    /// An installation was interrupted.
    Unfinished,
    /// A file may not be read, so that what it holds is not known.
    Unreadable,
    /// The service's program is missing or cannot be executed.
    Program,
    /// The init does not start the service, ignores a line of its files, or takes them with
    /// files of others that change what was installed.
    Unit,
    /// An env file is ignored, or a part of it, or reads otherwise than it looks.
    EnvFile,
    /// An env file that a shell would read differently than systemd does.
    ShellDiffers,
    /// A setting of another's service, or in a file that this one does not read.
    Lost,
    /// A flag that this kubelet does not take.
    Flag,
    /// A field that this kubelet's configuration does not have.
    Field,
    /// A feature gate that this kubelet does not have, or has locked.
    FeatureGate,
    /// A field that has no effect, since a flag beats it.
    Overridden,
    /// How far it is known what this kubelet takes.
    Release,
    /// A cgroup driver that this init cannot serve.
    CgroupDriver,
    /// The kubelet's configuration file is missing.
    Configuration,
    /// The kubelet has no kubeconfig, and none to ask for one with.
    Kubeconfig,
    /// The kubelet's client CA is missing, or is none.
    ClientCa,
    /// Nobody listens at the socket of the kubelet's container runtime.
    RuntimeSocket,
    /// Something in the tree by which the init does not take the service, or others.
    Init,
    /// The service is installed and does not start at boot.
    NotEnabled,
    /// A distribution's own service differs from systemd's.
    DistributionService,
}

impl Rule {
    /// All of them in order.
    pub const ALL: &[Self] = &[
        Self::Missing,
        Self::Changed,
        Self::Foreign,
        Self::EditedConfiguration,
        Self::NewConfiguration,
        Self::Mode,
        Self::Owner,
        Self::LeftOver,
        Self::Unfinished,
        Self::Unreadable,
        Self::Program,
        Self::Unit,
        Self::EnvFile,
        Self::ShellDiffers,
        Self::Lost,
        Self::Flag,
        Self::Field,
        Self::FeatureGate,
        Self::Overridden,
        Self::Release,
        Self::CgroupDriver,
        Self::Configuration,
        Self::Kubeconfig,
        Self::ClientCa,
        Self::RuntimeSocket,
        Self::Init,
        Self::NotEnabled,
        Self::DistributionService,
    ];

    /// Its name for programs.
    pub fn id(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Changed => "changed",
            Self::Foreign => "foreign",
            Self::EditedConfiguration => "edited-configuration",
            Self::NewConfiguration => "new-configuration",
            Self::Mode => "mode",
            Self::Owner => "owner",
            Self::LeftOver => "left-over",
            Self::Unfinished => "unfinished",
            Self::Unreadable => "unreadable",
            Self::Program => "program",
            Self::Unit => "unit",
            Self::EnvFile => "env-file",
            Self::ShellDiffers => "shell-differs",
            Self::Lost => "lost-setting",
            Self::Flag => "flag",
            Self::Field => "field",
            Self::FeatureGate => "feature-gate",
            Self::Overridden => "overridden",
            Self::Release => "release",
            Self::CgroupDriver => "cgroup-driver",
            Self::Configuration => "configuration",
            Self::Kubeconfig => "kubeconfig",
            Self::ClientCa => "client-ca",
            Self::RuntimeSocket => "runtime-socket",
            Self::Init => "init",
            Self::NotEnabled => "not-enabled",
            Self::DistributionService => "distribution-service",
        }
    }

    /// Whether its messages say something of the file at the path, which is their
    /// subject.
    pub(super) fn is_of_the_file(self) -> bool {
        !matches!(
            self,
            Self::Unit
                | Self::EnvFile
                | Self::ShellDiffers
                | Self::Lost
                | Self::Flag
                | Self::Field
                | Self::FeatureGate
                | Self::Overridden
                | Self::Release
                | Self::CgroupDriver
                | Self::Configuration
                | Self::Kubeconfig
                | Self::ClientCa
                | Self::RuntimeSocket
        )
    }

    /// Whether it says that something is missing which a node has from `kubeadm init` or
    /// `kubeadm join` on.
    pub fn is_of_a_join(self) -> bool {
        matches!(
            self,
            Self::Configuration | Self::Kubeconfig | Self::ClientCa
        )
    }

    /// Whether it says what another release of the kubelet does not take, or what of that cannot
    /// be told: a file that is ignored may hold anything.
    pub(super) fn is_of_an_upgrade(self) -> bool {
        matches!(
            self,
            Self::Unreadable
                | Self::Unit
                | Self::EnvFile
                | Self::Flag
                | Self::Field
                | Self::FeatureGate
                | Self::Release
                | Self::CgroupDriver
        )
    }

    /// What it looks for, in a few words.
    pub fn title(self) -> &'static str {
        match self {
            Self::Missing => "A file of the service is missing",
            Self::Changed => "A file of the service has other content",
            Self::Foreign => "What stands in the place of a file is not kubelet-unit's",
            Self::EditedConfiguration => "A configuration file was edited",
            Self::NewConfiguration => "A new version of a configuration file waits",
            Self::Mode => "A file has the wrong permission bits",
            Self::Owner => "A file has the wrong owner",
            Self::LeftOver => "A file of an earlier version is left",
            Self::Unfinished => "An installation was interrupted",
            Self::Unreadable => "A file may not be read",
            Self::Program => "The program is missing or cannot be executed",
            Self::Unit => "The init does not start the service, or ignores a line of its files",
            Self::EnvFile => "An env file does not do what it seems to",
            Self::ShellDiffers => "A shell reads an env file differently than systemd",
            Self::Lost => "A setting has no effect on the service",
            Self::Flag => "The kubelet does not accept a flag",
            Self::Field => "The kubelet's configuration has no such field",
            Self::FeatureGate => "The kubelet does not accept a feature gate",
            Self::Overridden => "A flag overrides a field of the kubelet's configuration",
            Self::Release => "What this kubelet accepts is not fully known",
            Self::CgroupDriver => "The init cannot serve the cgroup driver",
            Self::Configuration => "The kubelet's configuration file is missing",
            Self::Kubeconfig => "The kubelet has no kubeconfig",
            Self::ClientCa => "The kubelet's client CA is missing",
            Self::RuntimeSocket => "The container runtime does not listen at its socket",
            Self::Init => "The init does not take the service as it is there",
            Self::NotEnabled => "The service does not start at boot",
            Self::DistributionService => "A distribution's service differs from systemd's",
        }
    }
}
