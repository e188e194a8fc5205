//! What the process of a service is, beside the program that it runs: who it belongs to,
//! what it may do, where it starts and what folders it gets (`systemd.exec(5)`).

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

use super::capability::Capability;
use super::text::{bounded, reads, text_value, written_as_shown};
use super::{AbsPath, ValueError};
use crate::sorting;

/// What the process of a service is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Process {
    /// Who it runs as; root without it (`User=`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Account>,
    /// Its group; without it that of the user (`Group=`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<Account>,
    /// Groups beside those that the user is in (`SupplementaryGroups=`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub supplementary_groups: Vec<Account>,
    /// Where it starts; `/` without it (`WorkingDirectory=`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working_directory: Option<WorkingDirectory>,
    /// What the modes of files that it creates lack; 0022 without it (`UMask=`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub umask: Option<Mode>,
    /// Its share of the processors (`Nice=`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nice: Option<Nice>,
    /// Its share of the disks (`IOSchedulingClass=`, `IOSchedulingPriority=`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub io_class: Option<IoClass>,
    /// Whether no program that it starts may have more privileges (`NoNewPrivileges=`).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_new_privileges: bool,
    /// Whether it ignores SIGPIPE until it says otherwise (`IgnoreSIGPIPE=`).
    #[serde(skip_serializing_if = "Clone::clone")]
    pub ignore_sigpipe: bool,
    /// What of root's privileges it has.
    #[serde(skip_serializing_if = "Capabilities::are_usual")]
    pub capabilities: Capabilities,
    /// Folders that it gets, by kind.
    #[serde(flatten)]
    pub directories: Directories,
}

impl Default for Process {
    /// What systemd gives to a service that says nothing.
    fn default() -> Self {
        Self {
            user: None,
            group: None,
            supplementary_groups: Vec::new(),
            working_directory: None,
            umask: None,
            nice: None,
            io_class: None,
            no_new_privileges: false,
            ignore_sigpipe: true,
            capabilities: Capabilities::default(),
            directories: Directories::default(),
        }
    }
}

/// A user or a group, by name or by number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account(String);

text_value!(from_string_or_number: Account);

impl Account {
    /// The number, where it is one.
    pub fn number(&self) -> Option<u32> {
        self.0.parse().ok()
    }
}

/// `valid_user_group_name` (`user-util.c`, 257), and no blanks.
impl FromStr for Account {
    type Err = ValueError;

    fn from_str(name: &str) -> Result<Self, ValueError> {
        const WHAT: &str = "the name of a user or a group";
        if name.is_empty() {
            return Err(ValueError::Empty { what: WHAT });
        }
        let wrong = |c: char| c.is_whitespace() || c.is_control() || matches!(c, ':' | '/' | ',');
        if let Some(found) = name.chars().find(|&c| wrong(c)) {
            return Err(ValueError::Character { what: WHAT, found });
        }
        let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
        let fits = || {
            name.parse::<u32>()
                .is_ok_and(|id| id != u32::MAX && id != 0xffff)
        };
        let is_account = match is_number {
            true => fits() && (name == "0" || !name.starts_with('0')),
            false => !name.starts_with('-') && !matches!(name, "." | ".."),
        };
        match is_account {
            true => Ok(Self(name.into())),
            false => Err(ValueError::Number {
                what: "the name or the number of a user or a group",
                text: name.into(),
            }),
        }
    }
}

/// Where a process starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkingDirectory {
    /// The folder; none for the user's home (`~`).
    pub path: Option<AbsPath>,
    /// Whether it starts in `/` where the folder is missing (`-` before it).
    pub optional: bool,
}

impl FromStr for WorkingDirectory {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let (path, optional) = match text.strip_prefix('-') {
            Some(path) => (path, true),
            None => (text, false),
        };
        let path = match path {
            "~" => None,
            path => Some(path.parse()?),
        };
        Ok(Self { path, optional })
    }
}

impl fmt::Display for WorkingDirectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.as_ref().map_or("~", AbsPath::as_str);
        write!(f, "{}{path}", if self.optional { "-" } else { "" })
    }
}

/// The bits of a mode, in octal digits (`chmod(2)`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mode(u32);

impl Mode {
    /// systemd's mode of the folders that a service gets, and what a folder has by its
    /// umask.
    pub const FOLDER: Self = Self(0o755);

    /// The bits.
    pub const fn bits(self) -> u32 {
        self.0
    }
}

impl FromStr for Mode {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let is_octal = !text.is_empty() && text.bytes().all(|it| (b'0'..b'8').contains(&it));
        let bits = u32::from_str_radix(text, 8).ok();
        let bits = bits.filter(|bits| is_octal && *bits <= 0o7777);
        bits.map(Self).ok_or_else(|| ValueError::Number {
            what: "a mode in octal digits, such as `0755`",
            text: text.into(),
        })
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04o}", self.0)
    }
}

/// YAML takes `0027` for a number, and readers do not agree on which: it has to be text.
impl<'de> Deserialize<'de> for Mode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Digits;
        const QUOTES: &str = "a mode is octal digits in quotes, such as \"0755\"";
        impl Visitor<'_> for Digits {
            type Value = Mode;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(QUOTES)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Mode, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, _: u64) -> Result<Mode, E> {
                Err(E::custom(QUOTES))
            }
        }
        deserializer.deserialize_any(Digits)
    }
}

bounded! {
    /// A share of the processors, −20 (the most) to 19 (`sched(7)`).
    Nice(i8): "a nice level" from -20 to 19;
    /// The level.
    level
}

/// A class of the kernel's I/O scheduler, with a place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct IoClass {
    /// The class.
    pub class: IoClassName,
    /// The place, 0 (the first) to 7.
    pub priority: IoPriority,
}

/// The classes (`ioprio_set(2)`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IoClassName {
    /// Before all others.
    Realtime,
    /// The usual one.
    BestEffort,
    /// When nobody else wants the disk.
    Idle,
}

impl IoClassName {
    /// systemd's and ionice's word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Realtime => "realtime",
            Self::BestEffort => "best-effort",
            Self::Idle => "idle",
        }
    }

    /// The kernel's number (`linux/ioprio.h`).
    pub const fn number(self) -> u16 {
        match self {
            Self::Realtime => 1,
            Self::BestEffort => 2,
            Self::Idle => 3,
        }
    }
}

bounded! {
    /// A place in a class of the I/O scheduler, 0 to 7.
    IoPriority(u8): "a priority" from 0 to 7;
    /// The number.
    number
}

impl IoPriority {
    /// What it is without being said (`IOSchedulingPriority=`).
    pub const DEFAULT: Self = Self(4);
}

impl<'de> Deserialize<'de> for IoClass {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(
            deny_unknown_fields,
            expecting = "a mapping with `class` and `priority`"
        )]
        struct Shape {
            class: IoClassName,
            priority: Option<IoPriority>,
        }
        let shape = Shape::deserialize(deserializer)?;
        Ok(Self {
            class: shape.class,
            priority: shape.priority.unwrap_or(IoPriority::DEFAULT),
        })
    }
}

/// Privileges of root's (`capabilities(7)`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a mapping with `bounding` and `ambient`"
)]
pub struct Capabilities {
    /// All that it and what it starts can ever have; without it, all
    /// (`CapabilityBoundingSet=`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bounding: Option<Vec<Capability>>,
    /// What it has although it is not root (`AmbientCapabilities=`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ambient: Vec<Capability>,
}

impl Capabilities {
    /// Whether nothing is said of them.
    pub fn are_usual(&self) -> bool {
        self.bounding.is_none() && self.ambient.is_empty()
    }
}

/// The folders of a service, which are made before it starts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Directories {
    /// Below `/run`, and gone when the service has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime_directory: Option<Directory>,
    /// Below `/var/lib`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_directory: Option<Directory>,
    /// Below `/var/cache`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_directory: Option<Directory>,
    /// Below `/var/log`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logs_directory: Option<Directory>,
    /// Below `/etc`; one that is there is left as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration_directory: Option<Directory>,
}

/// Folders of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a mapping with `names`, `mode` and `preserve`"
)]
pub struct Directory {
    /// Their paths below the folder of their kind.
    pub names: Vec<RelPath>,
    /// Their mode; 0755 without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// What becomes of those below `/run` when the service ends.
    #[serde(default, skip_serializing_if = "Preserve::is_no")]
    pub preserve: Preserve,
}

impl Directory {
    /// Their mode.
    pub fn mode(&self) -> Mode {
        self.mode.unwrap_or(Mode::FOLDER)
    }
}

/// Whether folders below `/run` stay (`RuntimeDirectoryPreserve=`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preserve {
    /// They go at every end.
    #[default]
    No,
    /// They stay while the service is started again, and go at a stop.
    Restart,
    /// They stay.
    Yes,
}

impl Preserve {
    // By reference, as serde asks.
    #[expect(clippy::trivially_copy_pass_by_ref)]
    fn is_no(&self) -> bool {
        *self == Self::No
    }

    /// systemd's word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Restart => "restart",
            Self::Yes => "yes",
        }
    }
}

/// The kinds of folders (`systemd.exec(5)`, `RuntimeDirectory=`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirectoryKind {
    /// Of what is needed while it runs.
    Runtime,
    /// Of what it keeps.
    State,
    /// Of what it could make again.
    Cache,
    /// Of its logs.
    Logs,
    /// Of its configuration.
    Configuration,
}

impl DirectoryKind {
    /// All of them, in the order of a spec.
    pub const ALL: [Self; 5] = [
        Self::Runtime,
        Self::State,
        Self::Cache,
        Self::Logs,
        Self::Configuration,
    ];

    /// What systemd's directives begin with.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Runtime => "Runtime",
            Self::State => "State",
            Self::Cache => "Cache",
            Self::Logs => "Logs",
            Self::Configuration => "Configuration",
        }
    }

    /// Its key in a spec.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Runtime => "runtimeDirectory",
            Self::State => "stateDirectory",
            Self::Cache => "cacheDirectory",
            Self::Logs => "logsDirectory",
            Self::Configuration => "configurationDirectory",
        }
    }

    /// The folder that they are in.
    pub const fn root(self) -> &'static str {
        match self {
            Self::Runtime => "/run",
            Self::State => "/var/lib",
            Self::Cache => "/var/cache",
            Self::Logs => "/var/log",
            Self::Configuration => "/etc",
        }
    }

    /// The variable that names them to the service.
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Runtime => "RUNTIME_DIRECTORY",
            Self::State => "STATE_DIRECTORY",
            Self::Cache => "CACHE_DIRECTORY",
            Self::Logs => "LOGS_DIRECTORY",
            Self::Configuration => "CONFIGURATION_DIRECTORY",
        }
    }

    /// The exit code of a start that cannot make them (`systemd.exec(5)`, "Process Exit
    /// Codes").
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Runtime => 233,
            Self::State => 238,
            Self::Cache => 239,
            Self::Logs => 240,
            Self::Configuration => 241,
        }
    }
}

impl Directories {
    /// Those of a kind.
    pub const fn get(&self, kind: DirectoryKind) -> Option<&Directory> {
        match kind {
            DirectoryKind::Runtime => self.runtime_directory.as_ref(),
            DirectoryKind::State => self.state_directory.as_ref(),
            DirectoryKind::Cache => self.cache_directory.as_ref(),
            DirectoryKind::Logs => self.logs_directory.as_ref(),
            DirectoryKind::Configuration => self.configuration_directory.as_ref(),
        }
    }

    /// Those of a kind, to be changed.
    pub const fn get_mut(&mut self, kind: DirectoryKind) -> &mut Option<Directory> {
        match kind {
            DirectoryKind::Runtime => &mut self.runtime_directory,
            DirectoryKind::State => &mut self.state_directory,
            DirectoryKind::Cache => &mut self.cache_directory,
            DirectoryKind::Logs => &mut self.logs_directory,
            DirectoryKind::Configuration => &mut self.configuration_directory,
        }
    }

    /// Those that there are, with their kinds.
    pub fn said(&self) -> impl Iterator<Item = (DirectoryKind, &Directory)> {
        let all = DirectoryKind::ALL.into_iter();
        all.filter_map(|kind| Some((kind, self.get(kind)?)))
    }

    /// The paths of those below `/run` that go when the service ends.
    pub fn fleeting(&self) -> Vec<String> {
        let runtime = self.runtime_directory.as_ref();
        let runtime = runtime.filter(|it| it.preserve == Preserve::No);
        runtime.map_or_else(Vec::new, |it| paths(DirectoryKind::Runtime, it))
    }
}

/// The whole paths of folders, each once and sorted part by part, as systemd makes and names
/// them (`exec_directory_sort`, `execute.c`).
pub fn paths(kind: DirectoryKind, directory: &Directory) -> Vec<String> {
    let mut names: Vec<_> = directory.names.iter().map(RelPath::as_str).collect();
    sorting::by(&mut names, |a, b| a.split('/').cmp(b.split('/')));
    names.dedup();
    let whole = |name| format!("{}/{name}", kind.root());
    names.into_iter().map(whole).collect()
}

/// A path below another: letters, digits and `_-.@+`, with slashes between the parts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelPath(String);

text_value!(from_string: RelPath);

impl FromStr for RelPath {
    type Err = ValueError;

    fn from_str(path: &str) -> Result<Self, ValueError> {
        const WHAT: &str = "the name of a folder";
        if path.is_empty() {
            return Err(ValueError::Empty { what: WHAT });
        }
        let wrong = |c: char| !(c.is_ascii_alphanumeric() || "/_-.@+".contains(c));
        if let Some(found) = path.chars().find(|&c| wrong(c)) {
            return Err(ValueError::Character { what: WHAT, found });
        }
        let is_normal = path.split('/').all(|part| !matches!(part, "" | "." | ".."));
        match is_normal && path.len() <= 255 {
            true => Ok(Self(path.into())),
            false => Err(ValueError::Number {
                what: "the name of a folder below another, such as `etcd` or `etcd/data`",
                text: path.into(),
            }),
        }
    }
}

reads!(from_string: WorkingDirectory);
written_as_shown!(WorkingDirectory, Mode);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_names_or_numbers() {
        for name in ["root", "0", "1000", "etcd", "_apt", "a.b", "é"] {
            assert_eq!(name.parse::<Account>().unwrap().as_str(), name);
        }
        for name in [
            "",
            "a b",
            "a:b",
            "a/b",
            "01",
            "65535",
            "4294967295",
            "-1",
            ".",
            "a,b",
        ] {
            assert!(name.parse::<Account>().is_err(), "{name}");
        }
    }

    #[test]
    fn working_directories_are_written_as_systemd_writes_them() {
        for text in ["/", "/srv/a", "-/srv/a", "~", "-~"] {
            let parsed: WorkingDirectory = text.parse().unwrap();
            assert_eq!(parsed.to_string(), text);
        }
        for text in ["", "-", "a", "/a/", "--/a", "~a"] {
            assert!(text.parse::<WorkingDirectory>().is_err(), "{text}");
        }
    }

    #[test]
    fn modes_are_octal() {
        assert_eq!("0027".parse::<Mode>().unwrap().bits(), 0o27);
        assert_eq!("27".parse::<Mode>().unwrap().to_string(), "0027");
        for text in ["", "8", "+7", "10000", "0o7"] {
            assert!(text.parse::<Mode>().is_err(), "{text}");
        }
    }

    #[test]
    fn folders_lead_nowhere_else() {
        for path in ["etcd", "a/b", "a.b@1"] {
            assert_eq!(path.parse::<RelPath>().unwrap().as_str(), path);
        }
        for path in ["", "/a", "a/", "a//b", "..", "a/../b", "./a", "a b", "a:b"] {
            assert!(path.parse::<RelPath>().is_err(), "{path}");
        }
    }
}
