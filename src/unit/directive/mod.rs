//! The directives that a service's unit can have, and how systemd reads each
//! (`load-fragment-gperf.gperf.in`, systemd 252 to 258).

mod table;

use super::limit::Resource;

pub use table::TABLE;

/// A section of a service's unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// What every unit has (`systemd.unit(5)`).
    Unit,
    /// What services have (`systemd.service(5)`, `systemd.exec(5)`, `systemd.kill(5)`,
    /// `systemd.resource-control(5)`).
    Service,
    /// What `systemctl enable` heeds (`systemd.unit(5)`).
    Install,
}

impl Section {
    /// The section of that name.
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Unit, Self::Service, Self::Install];
        all.into_iter().find(|section| section.name() == name)
    }

    /// Its name without brackets.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unit => "Unit",
            Self::Service => "Service",
            Self::Install => "Install",
        }
    }
}

/// How a value is read, and what a second line and an empty one do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text with specifiers; the last counts, an empty one takes it back.
    Text,
    /// The same, of which nothing is checked here.
    Scalar,
    /// A list of which each line adds to it and an empty one begins anew; nothing is checked.
    List,
    /// Words that each add to a list; an empty value begins anew.
    Words,
    /// Names of units, which add up; an empty value does nothing.
    Units,
    /// `yes` or `no`.
    Bool,
    /// A span of time, in seconds without a unit.
    Time,
    /// The same, of which 0 is without an end.
    Timeout,
    /// A whole number from 0 on.
    Number,
    /// A whole number in a range; an empty value takes it back.
    Score(i64, i64),
    /// A signal.
    Signal,
    /// A resource limit.
    Limit(Resource),
    /// One of these words.
    Word(&'static [&'static str]),
    /// The name or number of a user or a group.
    Account,
    /// Commands, which add up; an empty value begins anew.
    Commands,
    /// Variables, of which a later one replaces an earlier one of that name.
    Environment,
    /// Env files, which add up.
    EnvFile,
    /// systemd says that it no longer heeds it.
    Obsolete,
}

/// A directive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Directive {
    /// The section that it stands in.
    pub section: Section,
    /// The name by which it is known here; an older one is an alias of it.
    pub name: &'static str,
    /// How it is read.
    pub kind: Kind,
}

impl Directive {
    /// The directive that a key is in a section, under its newer name.
    pub fn find(section: Section, key: &str) -> Option<Self> {
        let name = ALIASES.iter().find(|(old, _)| *old == key);
        let name = name.map_or(key, |(_, new)| new);
        let moved = section == Section::Service && MOVED.contains(&name);
        let section = if moved { Section::Unit } else { section };
        let mut rows = TABLE.iter().filter(|(of, _, _)| *of == section);
        rows.find_map(|&(section, kind, names)| {
            let name = names.iter().find(|it| **it == name)?;
            Some(Self {
                section,
                name,
                kind,
            })
        })
    }

    /// All names under which a unit may have a directive: its own, and older ones.
    pub fn names(name: &str) -> impl Iterator<Item = &str> {
        let older = ALIASES.iter().filter(move |(_, new)| *new == name);
        std::iter::once(name).chain(older.map(|(old, _)| *old))
    }

    /// The key of a section that is spelt nearly so.
    pub fn near(section: Section, key: &str) -> Option<&'static str> {
        let names = Self::all().filter(|it| it.section == section);
        let lower = key.to_ascii_lowercase();
        let distance = |name: &str| strsim::osa_distance(&lower, &name.to_ascii_lowercase());
        let near = names.map(|it| (distance(it.name), it.name)).min()?;
        (near.0 <= 2 && key.len() > 3).then_some(near.1)
    }

    /// The section in which there is such a key, if there is one.
    pub fn home(key: &str) -> Option<Section> {
        let sections = [Section::Unit, Section::Service, Section::Install];
        let mut sections = sections.into_iter();
        sections.find(|&section| Self::find(section, key).is_some())
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().flat_map(|&(section, kind, names)| {
            names.iter().map(move |name| Self {
                section,
                name,
                kind,
            })
        })
    }
}

/// What moved from `[Service]` to `[Unit]` and is heeded in both.
const MOVED: &[&str] = &[
    "StartLimitIntervalSec",
    "StartLimitBurst",
    "StartLimitAction",
    "FailureAction",
    "RebootArgument",
];

/// Older names, with the newer ones.
const ALIASES: &[(&str, &str)] = &[
    ("BindTo", "BindsTo"),
    ("InaccessibleDirectories", "InaccessiblePaths"),
    ("OnFailureIsolate", "OnFailureJobMode"),
    ("PropagateReloadFrom", "ReloadPropagatedFrom"),
    ("PropagateReloadTo", "PropagatesReloadTo"),
    ("ReadOnlyDirectories", "ReadOnlyPaths"),
    ("ReadWriteDirectories", "ReadWritePaths"),
    ("RequiresOverridable", "Requires"),
    ("RequisiteOverridable", "Requisite"),
    ("StartLimitInterval", "StartLimitIntervalSec"),
];
