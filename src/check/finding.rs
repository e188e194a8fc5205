//! What can be found.

use std::fmt;
use std::path::PathBuf;

use serde::{Serialize, Serializer};

use crate::rendering::quote;
use crate::root::{Root, RootError};

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which rule found it.
    pub rule: Rule,
    /// How grave it is.
    pub level: Level,
    /// What it is about, as the user knows it.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "shown")]
    pub path: Option<PathBuf>,
    /// The line in it, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What is wrong, without a period: of a file of the service, what it is or has
    /// (`is missing`), else a sentence. [`Finding::sentence`] is whole either way.
    pub message: String,
    /// What would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What would have to change, as a unified diff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

/// A path as the text has it: a tree may lie in a folder whose name is no UTF-8,
/// which JSON cannot hold.
#[allow(clippy::ref_option, reason = "serde gives the field")]
fn shown<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    let path = path.as_ref().map(|path| path.to_string_lossy());
    path.serialize(serializer)
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The service does not work, or not as it is rendered.
    Error,
    /// It works, but something is not as it should be.
    Warning,
    /// Good to know; does not count as a finding for the exit code.
    Note,
}

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
            Self::ClientCa => "client-ca",
            Self::RuntimeSocket => "runtime-socket",
            Self::Init => "init",
            Self::NotEnabled => "not-enabled",
            Self::DistributionService => "distribution-service",
        }
    }

    /// Whether its messages say something of the file at the path, which is their
    /// subject.
    fn is_of_the_file(self) -> bool {
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
                | Self::ClientCa
                | Self::RuntimeSocket
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
            Self::ClientCa => "The kubelet's client CA is missing",
            Self::RuntimeSocket => "The container runtime does not listen at its socket",
            Self::Init => "The init does not take the service as it is there",
            Self::NotEnabled => "The service does not start at boot",
            Self::DistributionService => "A distribution's service differs from systemd's",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        })
    }
}

impl Finding {
    pub(crate) fn new(
        rule: Rule,
        level: Level,
        path: impl Into<PathBuf>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            rule,
            level,
            path: Some(path.into()),
            line: None,
            message: message.into(),
            hint: None,
            diff: None,
        }
    }

    /// In the place of an error: that a file may not be read.
    pub(super) fn of_denied(error: RootError) -> Result<Self, RootError> {
        match error {
            RootError::Io { path, .. } if error.is_denied() => Ok(Self::unreadable(path)),
            error => Err(error),
        }
    }

    /// That a file may not be read.
    pub(super) fn unreadable(path: impl Into<PathBuf>) -> Self {
        let message = "may not be read, so what is in it cannot be told";
        Self::new(Rule::Unreadable, Level::Warning, path, message).hint("run it as root")
    }

    /// What is wrong and where, to be read on its own.
    pub fn sentence(&self) -> String {
        let message = &self.message;
        let Some(path) = self.path.as_ref().map(|path| path.display()) else {
            return message.clone();
        };
        match self.line {
            Some(line) => format!("`{path}` line {line}: {message}"),
            None if self.rule.is_of_the_file() => format!("`{path}` {message}"),
            None => format!("`{path}`: {message}"),
        }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same with a command of ours for that very tree as its hint.
    pub(super) fn command(self, root: &Root, command: &str) -> Self {
        let option = quote::root_option(root);
        self.hint(format!("run `kubelet-unit {command}{option}`"))
    }

    pub(super) fn line(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }
}
