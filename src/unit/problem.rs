//! What is wrong in a unit: lines that systemd ignores, and faults for which it loads
//! nothing at all.

use serde::Serialize;
use thiserror::Error;

/// A line of a unit or of a drop-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    /// The index of the file in [`Unit::files`](super::Unit::files).
    pub file: usize,
    /// The line's number, from 1: the first of those that are joined.
    pub line: usize,
}

/// Why systemd ignores a line, or a word on it. The rest of the unit counts.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Ignored {
    /// A section that services do not have (`parse_line`, `conf-parser.c`).
    #[error("the section `[{name}]` is unknown; all of it is ignored")]
    Section {
        /// The section, shortened.
        name: String,
    },
    /// An assignment before the first section.
    #[error("it stands outside of a section")]
    Outside,
    /// Nothing is assigned.
    #[error("there is no `=`")]
    NoAssignment,
    /// Nothing stands before the `=`.
    #[error("no key stands before the `=`")]
    NoKey,
    /// A key that systemd does not know.
    #[error("the key `{key}` is unknown in `[{section}]`{}", meant(*near))]
    Key {
        /// The key, shortened.
        key: String,
        /// The section that it stands in.
        section: &'static str,
        /// A key that is spelt nearly so.
        near: Option<&'static str>,
    },
    /// A key that belongs into another section.
    #[error("the key `{key}` belongs in `[{right}]` and is unknown in `[{section}]`")]
    WrongSection {
        /// The key.
        key: String,
        /// Where it stands.
        section: &'static str,
        /// Where it belongs.
        right: &'static str,
    },
    /// A key that systemd no longer heeds.
    #[error("systemd no longer heeds it")]
    Obsolete,
    /// A value that is not of the key's kind.
    #[error("`{value}` is not {wanted}")]
    Value {
        /// The value, shortened.
        value: String,
        /// What would be right.
        wanted: &'static str,
    },
    /// A quote that nothing closes, or an escape that there is not.
    #[error("a quote is not closed, or a backslash begins no escape")]
    Quote,
    /// A soft limit above the hard one.
    #[error("the soft limit is above the hard limit")]
    Limit,
    /// A path that does not begin at the root.
    #[error("`{path}` is not an absolute path")]
    Relative {
        /// The path, shortened.
        path: String,
    },
    /// A specifier that systemd does not know.
    #[error("`%{0}` is not a specifier; a percent sign is `%%`")]
    Specifier(char),
    /// A command that is wrong, after the prefix `-`.
    #[error("{0}")]
    Command(Fault),
}

fn meant(near: Option<&str>) -> String {
    near.map(|near| format!("; `{near}` is known"))
        .unwrap_or_default()
}

/// Why systemd loads no unit, or why it is not read here.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Fault {
    /// A section's head that is not closed (`parse_line`, `conf-parser.c`).
    #[error("the head of a section does not end in `]`")]
    SectionHead,
    /// Bytes that are not UTF-8 (`parse_line`, `conf-parser.c`).
    #[error("the line is not UTF-8")]
    NotUtf8,
    /// A NUL character, which ends a line for systemd (`read_line_full`, `fileio.c`).
    #[error("there is a NUL character")]
    Nul,
    /// The file ends with a line that is to go on.
    #[error("the last line ends in a backslash, and no line follows")]
    Unended,
    /// A command without a program.
    #[error("the command names no program")]
    NoProgram,
    /// A program that is neither an absolute path nor the name of a file.
    #[error("`{program}` is neither an absolute path nor the name of a program")]
    Program {
        /// What stands there, shortened.
        program: String,
    },
    /// A specifier that systemd does not know.
    #[error("`%{0}` is not a specifier; a percent sign is `%%`")]
    Specifier(char),
    /// A command with a quote that nothing closes.
    #[error("a quote is not closed")]
    Quote,
    /// A name of a user or a group that cannot be one.
    #[error("`{name}` is not the name or number of a user or group")]
    Account {
        /// What stands there, shortened.
        name: String,
    },
    /// A service that runs nothing (`service_verify`, `service.c`).
    #[error("there is no `ExecStart=`")]
    NoCommand,
    /// Several commands where one is allowed (`service_verify`, `service.c`).
    #[error("there is more than one `ExecStart=`, which `Type=oneshot` alone may have")]
    Commands,
    /// `Restart=` that a oneshot service cannot have (`service_verify`, `service.c`).
    #[error("`Type=oneshot` cannot have `Restart={policy}`")]
    OneshotRestart {
        /// The policy.
        policy: String,
    },
    /// `Type=dbus` without a name.
    #[error("`Type=dbus` needs `BusName=`")]
    NoBusName,
    /// A drop-in that is a link to what is not there.
    #[error("it is a link to `{target}`, which is not there")]
    Dangling {
        /// What the link holds.
        target: String,
    },
    /// A folder that is a link to what is not there.
    #[error("it is a link to `{target}`, which is not there")]
    FolderElsewhere {
        /// What the link holds.
        target: String,
    },
    /// A drop-in that is one of several links to each other.
    #[error("its link leads in a circle")]
    Circle,
    /// A folder with the name of a drop-in.
    #[error("it is a folder and not a file")]
    Folder,
    /// Something that is not a folder where drop-ins belong.
    #[error("it is not a folder")]
    NotAFolder,
}

impl Fault {
    /// What systemd does about it, in the unit's own file or in a drop-in. The return of
    /// `config_parse` is heeded for the unit alone (`unit_load_dropin`, `load-dropin.c`).
    pub fn systemd(&self, in_drop_in: bool) -> &'static str {
        match self {
            Self::Nul => "systemd takes it for the end of the line",
            Self::Unended => "systemd takes the line without the backslash",
            Self::Dangling { .. } | Self::Circle | Self::Folder => {
                "systemd goes on without it, and without what has its name in a later folder"
            }
            Self::NotAFolder | Self::FolderElsewhere { .. } => {
                "systemd goes on without what should be in it"
            }
            _ if in_drop_in && !self.is_of_the_whole() => "systemd reads the drop-in no further",
            _ => "systemd does not load the unit",
        }
    }

    /// Whether it is about the unit with all of its drop-ins.
    pub(super) fn is_of_the_whole(&self) -> bool {
        matches!(
            self,
            Self::NoCommand | Self::Commands | Self::OneshotRestart { .. } | Self::NoBusName
        )
    }

    /// Whether systemd reads on all the same.
    pub(super) fn is_harmless(&self) -> bool {
        matches!(self, Self::Nul | Self::Unended)
    }
}
