//! What each release of the kubelet takes: its flags, the fields of its configuration and its
//! feature gates.
//!
//! The tables hold a line for each name: the first release that has it, of those that were
//! looked at, and the last one where it is gone again. 1.20 to 1.36 without 1.22 and 1.24 were
//! read from the kubelet's source, and 1.36 was compared with the program itself; 1.37 is 1.36
//! with what its release notes name. Of what lies outside nothing is guessed: see
//! [`Presence::Unknown`].
//!
//! A table is searched when something is asked, and costs nothing before.

mod refusal;
#[cfg(test)]
mod tests;

use std::fmt;

use super::Version;
use super::flags::{self, REMOVED};

pub use refusal::{Effect, Reason, Refusal, boolean, gates_of_flag};

/// The kinds of names that a kubelet takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A flag of the command line.
    Flag,
    /// A field at the top of a `KubeletConfiguration`.
    Field,
    /// A feature gate.
    Gate,
}

/// The releases that were read from source, as minor numbers.
pub const TABLED: &[u32] = &[20, 21, 23, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36];

/// The releases after those that are known from their release notes alone.
pub const NOTED: &[u32] = &[37];

/// The newest release that is known.
pub const NEWEST: u32 = match NOTED {
    [.., last] => *last,
    [] => TABLED[TABLED.len() - 1],
};

/// The oldest release that is known.
pub const OLDEST: u32 = 20;

/// Fields that are those of the document and not of the kubelet.
const OF_THE_DOCUMENT: [&str; 2] = ["apiVersion", "kind"];

/// A name with the releases that have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The name: a flag's without dashes.
    pub name: &'static str,
    /// The first known release that has it.
    pub first: u32,
    /// The last known release that has it.
    pub last: u32,
    /// For a flag: the first known release that calls it deprecated.
    pub deprecated: Option<u32>,
    /// For a gate: the only value that it may have, and the first release of which this is known.
    pub locked: Option<(bool, u32)>,
}

/// Whether a release has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It has it.
    There,
    /// It does not have it yet.
    NotYet {
        /// The first known release that has it.
        since: Version,
        /// Whether an earlier one that is not known may have it too.
        at_most: bool,
    },
    /// It no longer has it.
    Gone {
        /// The first known release without it.
        since: Version,
        /// Whether an earlier one that is not known may lack it too.
        at_most: bool,
    },
    /// No known release has it.
    Never,
    /// It cannot be told.
    Unknown(Why),
}

/// Why it cannot be told whether a release has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The release is older than all that are known.
    Older,
    /// The release is newer than all that are known.
    Newer,
    /// The releases before and after differ, and this one was not looked at.
    Between(Version, Version),
    /// It is known from its release notes alone, which do not name it, and do not name everything
    /// that is new.
    Notes(Version),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Older => write!(f, "releases before 1.{OLDEST} are not known"),
            Self::Newer => write!(f, "1.{NEWEST} is the newest release that is known"),
            Self::Between(before, after) => {
                write!(
                    f,
                    "{before} and {after} differ in it, and the release between them is not known"
                )
            }
            Self::Notes(release) => write!(
                f,
                "{release} is known from its release notes alone, which do not name it"
            ),
        }
    }
}

impl Kind {
    fn table(self) -> &'static str {
        match self {
            Self::Flag => include_str!("flags.txt"),
            Self::Field => include_str!("fields.txt"),
            Self::Gate => include_str!("gates.txt"),
        }
    }

    /// What it is called.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Field => "field",
            Self::Gate => "feature gate",
        }
    }

    /// The name as it is written: flags with their dashes.
    pub fn written(self, name: &str) -> String {
        match self {
            Self::Flag => format!("--{name}"),
            _ => name.to_owned(),
        }
    }

    /// All names, sorted.
    pub fn entries(self) -> impl Iterator<Item = Entry> {
        self.table().lines().filter_map(entry)
    }

    /// What is known of a name.
    pub fn find(self, name: &str) -> Option<Entry> {
        let line = self.table().lines().find(|line| {
            line.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with(' '))
        })?;
        entry(line)
    }

    /// Whether a release has a name.
    pub fn presence(self, name: &str, version: Version) -> Presence {
        if self == Self::Field && OF_THE_DOCUMENT.contains(&name) {
            return Presence::There;
        }
        // The removals are known more exactly than the table has them, and go further back.
        if self == Self::Flag
            && let Some(removed) = flags::removal(name)
        {
            return removed_presence(removed.since, self.find(name), version);
        }
        match self.find(name) {
            Some(entry) => entry.presence(version),
            None => match counted(version) {
                ..OLDEST => Presence::Unknown(Why::Older),
                minor if minor > NEWEST => Presence::Unknown(Why::Newer),
                minor if NOTED.contains(&minor) => {
                    Presence::Unknown(Why::Notes(Version::release(minor)))
                }
                _ => Presence::Never,
            },
        }
    }

    /// Whether some known release has a name.
    pub fn is_known(self, name: &str) -> bool {
        let of_the_document = self == Self::Field && OF_THE_DOCUMENT.contains(&name);
        let removed = self == Self::Flag && flags::removal(name).is_some();
        of_the_document || removed || self.find(name).is_some()
    }

    /// The name that is meant by one that no release has, if one is hardly a letter away;
    /// of several that of a release that is asked for.
    pub fn meant(self, name: &str, version: Option<Version>) -> Option<&'static str> {
        let removed = REMOVED.iter().filter(|_| self == Self::Flag);
        let table = self.entries().map(|entry| {
            let there = version.is_none_or(|it| entry.presence(it) == Presence::There);
            (entry.name, there)
        });
        let names = table.chain(removed.map(|flag| (flag.name, false)));
        let near = names.filter_map(|(known, there)| {
            let distance = distance(name, known);
            (distance <= 2 && known.len() > 4 && known != name).then_some((distance, !there, known))
        });
        near.min().map(|(_, _, known)| known)
    }
}

/// How far two names are apart. Letters in the wrong case are no mistake here.
fn distance(name: &str, known: &str) -> usize {
    strsim::osa_distance(&name.to_ascii_lowercase(), &known.to_ascii_lowercase())
}

fn removed_presence(since: Version, entry: Option<Entry>, version: Version) -> Presence {
    let early = entry.map(|entry| entry.presence(version));
    match early {
        _ if since <= version => Presence::Gone {
            since,
            at_most: false,
        },
        Some(early @ Presence::NotYet { .. }) => early,
        _ => Presence::There,
    }
}

fn entry(line: &'static str) -> Option<Entry> {
    let mut words = line.split(' ').peekable();
    let (name, first) = (words.next()?, words.next()?.parse().ok()?);
    let last = words.peek().and_then(|word| word.parse().ok());
    if last.is_some() {
        words.next();
    }
    let mut entry = Entry {
        name,
        first,
        last: last.unwrap_or(NEWEST),
        deprecated: None,
        locked: None,
    };
    while let (Some(word), Some(minor)) = (words.next(), words.next()) {
        let minor = minor.parse().ok()?;
        match word {
            "deprecated" => entry.deprecated = Some(minor),
            word => entry.locked = Some((word == "true", minor)),
        }
    }
    Some(entry)
}

impl Entry {
    /// Whether a release has it.
    pub fn presence(&self, version: Version) -> Presence {
        let minor = counted(version);
        let (first, last) = (Version::release(self.first), Version::release(self.last));
        if minor > self.last && self.last < NEWEST {
            let since = next(self.last);
            return match minor < since {
                true => Presence::Unknown(Why::Between(last, Version::release(since))),
                false => Presence::Gone {
                    since: Version::release(since),
                    at_most: since > self.last + 1,
                },
            };
        }
        if minor > NEWEST {
            return Presence::Unknown(Why::Newer);
        }
        if minor >= self.first {
            return Presence::There;
        }
        if minor < OLDEST {
            return Presence::Unknown(Why::Older);
        }
        let before = previous(self.first);
        match minor > before {
            true => Presence::Unknown(Why::Between(Version::release(before), first)),
            false => Presence::NotYet {
                since: first,
                at_most: before + 1 < self.first,
            },
        }
    }

    /// The only value that a gate may have in a release, where that is known: a kubelet that
    /// is told another ends with `cannot set feature gate`.
    pub fn locked_to(&self, version: Version) -> Option<bool> {
        let (value, since) = self.locked?;
        (self.presence(version) == Presence::There && Version::release(since) <= version)
            .then_some(value)
    }
}

/// The known release after one.
fn next(minor: u32) -> u32 {
    let mut known = TABLED.iter().chain(NOTED).copied();
    known.find(|it| *it > minor).unwrap_or(NEWEST)
}

/// The known release before one.
fn previous(minor: u32) -> u32 {
    let mut known = TABLED.iter().chain(NOTED).rev().copied();
    known.find(|it| *it < minor).unwrap_or(OLDEST)
}

/// The number after `1.`, where what comes before 1.0 and after all of 1 has one as well.
const fn counted(version: Version) -> u32 {
    match version.major {
        0 => 0,
        1 => version.minor,
        _ => u32::MAX,
    }
}

/// Whether a release is older or newer than all that are known, so that it cannot be told what it
/// takes.
pub const fn is_beyond_known(version: Version) -> bool {
    counted(version) < OLDEST || counted(version) > NEWEST
}

/// What was probably meant by a release of 2016 or 2017: a program that takes `1.30` for a number
/// writes `1.3`.
pub fn meant_release(version: Version) -> Option<Version> {
    let is_cut = version.major == 1 && version.patch.is_none() && (2..10).contains(&version.minor);
    let whole = Version::release(version.minor * 10);
    (is_cut && !is_beyond_known(whole)).then_some(whole)
}

/// What a person should know about how a release is known, where that is not from its source.
pub fn how_known(version: Version) -> Option<String> {
    match counted(version) {
        minor if minor > NEWEST => Some(format!(
            "kubelet {version} is newer than 1.{NEWEST}, the newest release that is known: what it \
             no longer takes cannot be told"
        )),
        minor if NOTED.contains(&minor) => Some(format!(
            "what kubelet 1.{minor} takes is known from its release notes, not from the program"
        )),
        ..OLDEST => Some(format!(
            "kubelet {version} is older than 1.{OLDEST}, the oldest release that is known: of what \
             it takes only the removed flags can be told"
        )),
        minor if !TABLED.contains(&minor) => Some(format!(
            "what kubelet 1.{minor} takes is concluded from 1.{} and 1.{}",
            previous(minor),
            next(minor)
        )),
        _ => None,
    }
}
