//! The neutral description of a service: what has to run, with what, and when
//! again, in the words of no init in particular.
//!
//! A [`Service`] comes from a [spec](crate::spec) and goes to a
//! [backend](crate::backends). Its parts are checked when they are made, so a
//! `Service` that exists can be rendered.

mod argument;
mod capability;
mod command;
mod condition;
mod ending;
mod error;
mod life;
mod limits;
mod names;
pub mod process;
mod property;
mod quantities;
pub(crate) mod specifiers;
mod systemd;
pub(crate) mod text;
pub(crate) mod unit_name;

pub use argument::{Argument, Piece};
pub use capability::Capability;
pub use command::{CommandLine, Reload};
pub(crate) use condition::comparisons;
pub use condition::{ARCHITECTURES, Check, Condition, Conditions};
pub(crate) use ending::SIGNALS;
pub use ending::{End, Ends, Kill, Policy, Restart, StartLimit, Stop};
pub use error::{DollarProblem, ValueError};
pub(crate) use life::is_wrong;
pub use life::{Life, NotifyAccess, Start};
pub use limits::{Limit, Limits, Resource, Unit as LimitUnit};
pub use names::{AbsPath, Line, Name, VarName, VarValue};
pub use process::Process;
pub use property::{Attribute, Property};
pub use quantities::{Bound, Keep, OomScoreAdjust, Signal, Size, Span, TasksMax};
pub use systemd::{Assignment, ForSystemd};

use std::fmt;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use crate::envfile::ExecWord;

/// A daemon and all that an init has to know to run it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// What it is called, and what its files are called after.
    pub name: Name,
    /// One line for people.
    pub description: Line,
    /// Who sets its arguments and variables, where that is not who ships it:
    /// kubeadm for the kubelet. systemd gets them as a drop-in of that name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configured_by: Option<Name>,
    /// Where it is documented: addresses, `man:` pages.
    pub documentation: Vec<Line>,
    /// The program, as an absolute path.
    pub program: AbsPath,
    /// Its arguments in order, the program's own name not among them.
    pub arguments: Vec<Argument>,
    /// Variables that the service itself sets. Env files beat them.
    #[serde(serialize_with = "as_mapping")]
    pub environment: Vec<Variable>,
    /// Whether `%H`, `%l`, `%m`, `%b` and `%v` in its arguments, variables and commands are
    /// the host's, as they are at each start, and `%%` a percent sign.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub specifiers: bool,
    /// Files that set further variables, read again at every start. Later ones win.
    pub env_files: Vec<EnvFile>,
    /// When it counts as started.
    #[serde(rename = "type", skip_serializing_if = "Type::is_simple")]
    pub service_type: Type,
    /// When it is started again.
    pub restart: Restart,
    /// How it is ended.
    pub stop: Stop,
    /// What has to be there before it starts.
    pub needs: Vec<Dependency>,
    /// What should be started before it where it exists.
    pub wants: Vec<Dependency>,
    /// What it comes after where that is started as well, without starting it (systemd's
    /// `After=` alone).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<Dependency>,
    /// The services that come after it where they are started as well (`Before=`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Name>,
    /// Resource limits.
    pub limits: Limits,
    /// How many processes and threads all of it may have (`TasksMax=`); without it,
    /// systemd's own limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tasks_max: Option<TasksMax>,
    /// Whether it makes control groups of its own below its own (`Delegate=`).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub delegate: bool,
    /// What its process is, beside the program.
    #[serde(flatten)]
    pub process: Process,
    /// What becomes of its output.
    pub log: Log,
    /// What it is given from before its start until after its end, besides its process.
    #[serde(flatten)]
    pub life: Life,
    /// What it says to systemd alone.
    #[serde(skip_serializing_if = "ForSystemd::is_empty")]
    pub systemd: ForSystemd,
}

/// A variable with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// The variable's name.
    pub name: VarName,
    /// Its value, verbatim.
    pub value: VarValue,
}

/// A file of variables, as systemd's `EnvironmentFile=` reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvFile {
    /// Where it is.
    pub path: AbsPath,
    /// Whether the path is a pattern (`glob(7)`), for all files that there are of it.
    pub is_pattern: bool,
    /// Whether the service starts all the same where the file cannot be read:
    /// systemd's `-` before the path.
    pub optional: bool,
    /// One line on what it is for.
    pub about: Option<Line>,
}

impl Serialize for EnvFile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let key = if self.is_pattern { "pattern" } else { "path" };
        map.serialize_entry(key, &self.path)?;
        map.serialize_entry("optional", &self.optional)?;
        if let Some(about) = &self.about {
            map.serialize_entry("about", about)?;
        }
        map.end()
    }
}

/// When a service counts as started, for what comes after it (systemd's `Type=`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Type {
    /// As soon as its process has.
    #[default]
    Simple,
    /// When it says so at `NOTIFY_SOCKET` (`sd_notify(3)`).
    Notify,
    /// When it has ended, and well.
    Oneshot,
    /// When its process has ended well, and has left the one behind that is in
    /// [`Life::pid_file`].
    Forking,
}

impl Type {
    // By reference, as serde asks.
    #[expect(clippy::trivially_copy_pass_by_ref)]
    fn is_simple(&self) -> bool {
        *self == Self::Simple
    }
}

/// Something that a service comes after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dependency {
    /// The network is up (`network-online.target`).
    NetworkOnline,
    /// A container runtime, whichever is installed.
    ContainerRuntime,
    /// The control group file systems are mounted.
    Cgroups,
    /// A service of this name.
    Service(Name),
}

impl Dependency {
    /// The name of the service that it is, where it is one.
    pub fn service(&self) -> Option<&Name> {
        match self {
            Self::Service(name) => Some(name),
            _ => None,
        }
    }

    /// The names of the services among dependencies, in their order.
    pub fn services(list: &[Self]) -> Vec<&str> {
        let names = list.iter().filter_map(Self::service);
        names.map(Name::as_str).collect()
    }
}

/// What becomes of a service's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Log {
    /// Where it goes.
    pub to: LogTo,
    /// The size in bytes at which a file is rotated, where there are files of it.
    pub max_size: Size,
    /// How many rotated files are kept.
    pub keep: Keep,
}

/// Where the output of a service goes. Under systemd that is the journal in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogTo {
    /// Into files in a folder of its own, which are rotated.
    #[default]
    Folder,
    /// Where that of the init itself goes: in a container, to the container's own output.
    Inherit,
    /// To syslog, under the name of the service (`logger(1)`).
    Syslog,
}

impl fmt::Display for LogTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Folder => "folder",
            Self::Inherit => "inherit",
            Self::Syslog => "syslog",
        })
    }
}

/// As a spec has it: what goes elsewhere than into files is one word.
impl Serialize for Log {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.to != LogTo::Folder {
            return self.to.serialize(serializer);
        }
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("maxSize", &self.max_size)?;
        map.serialize_entry("keep", &self.keep)?;
        map.end()
    }
}

/// Variables as a mapping in their order, which is how a spec has them.
fn as_mapping<S: Serializer>(variables: &[Variable], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(variables.iter().map(|it| (&it.name, &it.value)))
}

impl fmt::Display for Dependency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NetworkOnline => "network-online",
            Self::ContainerRuntime => "container-runtime",
            Self::Cgroups => "cgroups",
            Self::Service(name) => name.as_str(),
        })
    }
}

impl Serialize for Dependency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Whether a program is the kubelet, so that its flags mean what the kubelet's mean and
/// what is known of kubelets holds for it: it is called so. What its service is called says
/// nothing of what it takes.
pub fn is_kubelet(program: &str) -> bool {
    program.rsplit('/').next() == Some("kubelet")
}

impl Service {
    /// The command line in systemd's words, the program first.
    pub fn exec_words(&self) -> Vec<ExecWord<'_>> {
        let program = ExecWord::literal(self.program.as_str());
        std::iter::once(program)
            .chain(self.arguments.iter().map(Argument::exec_word))
            .collect()
    }

    /// Whether this is the kubelet, see [`is_kubelet`].
    pub fn is_kubelet(&self) -> bool {
        is_kubelet(self.program.as_str())
    }

    /// Whether a dependency is named, as a need or as a want.
    pub fn comes_after(&self, dependency: &Dependency) -> bool {
        self.needs.contains(dependency) || self.wants.contains(dependency)
    }
}
