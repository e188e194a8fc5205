//! Why a kubelet does not take what it is given, in words.

use std::fmt;

use super::{Kind, NEWEST, OLDEST, Presence, Why};
use crate::kubelet::Version;

/// A name, or a gate's value, that a kubelet does not take, or of which that cannot be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What it is.
    pub kind: Kind,
    /// Its name, a flag's without dashes.
    pub name: String,
    /// The kubelet's version, if it is known.
    pub version: Option<Version>,
    /// Why.
    pub reason: Reason,
}

/// Why something is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The release does not have it yet.
    NotYet {
        /// The first known release that has it.
        since: Version,
        /// Whether an earlier one that is not known may have it too.
        at_most: bool,
    },
    /// The release no longer has it.
    Gone {
        /// The first known release without it.
        since: Version,
        /// Whether an earlier one that is not known may lack it too.
        at_most: bool,
    },
    /// No known release has it.
    Never {
        /// The name that is meant, if one is close.
        meant: Option<&'static str>,
    },
    /// The gate is locked to the other value.
    Locked {
        /// The value that it may have.
        to: bool,
    },
    /// A gate's value is neither true nor false.
    NotBoolean,
    /// It cannot be told.
    Unknown(Why),
}

impl Reason {
    /// A word for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Never { .. } => "unknown-name",
            Self::NotYet { .. } => "not-yet",
            Self::Gone { .. } => "removed",
            Self::Locked { .. } => "locked-gate",
            Self::NotBoolean => "not-boolean",
            Self::Unknown(_) => "cannot-tell",
        }
    }
}

/// What the kubelet does about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It exits at once.
    Exits,
    /// It goes on without: a field that is not known is logged and left out (`v1beta1` is read
    /// leniently where strict reading fails, `pkg/kubelet/kubeletconfig/util/codec`).
    Ignores,
    /// It cannot be told.
    Doubtful,
    /// The version is not known, and others would not take it.
    OfOthers,
}

impl Refusal {
    /// Judges a name. Without a version: whether no release has it, or newer ones do not.
    pub fn of_name(kind: Kind, name: &str, version: Option<Version>) -> Option<Self> {
        let newest = Version::release(NEWEST);
        let reason = match kind.presence(name, version.unwrap_or(newest)) {
            // Of a release that is not known it is said once for all names that others have.
            Presence::Unknown(Why::Newer | Why::Older) if kind.is_known(name) => return None,
            Presence::There => return None,
            Presence::Unknown(_) if version.is_none() => Reason::Never { meant: None },
            Presence::Unknown(why) => Reason::Unknown(why),
            Presence::NotYet { since, at_most } => Reason::NotYet { since, at_most },
            Presence::Gone { since, at_most } => Reason::Gone { since, at_most },
            Presence::Never => Reason::Never { meant: None },
        };
        let reason = match reason {
            Reason::Never { .. } => Reason::Never {
                meant: kind.meant(name, version),
            },
            reason => reason,
        };
        Some(Self {
            kind,
            name: name.to_owned(),
            version,
            reason,
        })
    }

    /// Judges a gate with its value.
    pub fn of_gate(name: &str, value: &str, version: Option<Version>) -> Option<Self> {
        if let Some(refusal) = Self::of_name(Kind::Gate, name, version) {
            return Some(refusal);
        }
        let refused = |reason| {
            Some(Self {
                kind: Kind::Gate,
                name: name.to_owned(),
                version,
                reason,
            })
        };
        let Some(value) = boolean(value) else {
            return refused(Reason::NotBoolean);
        };
        let locked = Kind::Gate.find(name)?.locked_to(version?)?;
        match locked == value {
            true => None,
            false => refused(Reason::Locked { to: locked }),
        }
    }

    /// What the kubelet does.
    pub fn effect(&self) -> Effect {
        match (&self.reason, self.kind) {
            (Reason::Unknown(_), _) => Effect::Doubtful,
            (Reason::NotBoolean | Reason::Locked { .. }, _) => Effect::Exits,
            (_, Kind::Field) => Effect::Ignores,
            (Reason::Never { .. }, _) if self.version.is_none() => Effect::Doubtful,
            _ if self.version.is_none() => Effect::OfOthers,
            _ => Effect::Exits,
        }
    }

    /// What would be right.
    pub fn hint(&self) -> Option<String> {
        match &self.reason {
            Reason::Never { meant } => {
                let meant = self.kind.written((*meant)?);
                Some(format!("did you mean `{meant}`?"))
            }
            Reason::NotYet { .. } => Some(format!(
                "remove it, or use a newer kubelet: `{}`",
                self.written()
            )),
            Reason::Gone { .. } => Some(match self.kind {
                Kind::Gate => "remove it: the feature went with its gate, or is always on".into(),
                _ => format!("remove `{}`", self.written()),
            }),
            Reason::Locked { to } => Some(format!("remove it, or write `{}={to}`", self.name)),
            Reason::NotBoolean => Some(format!("write `{0}=true` or `{0}=false`", self.name)),
            Reason::Unknown(_) if self.kind.is_known(&self.name) => None,
            Reason::Unknown(_) => {
                let meant = self.kind.meant(&self.name, self.version)?;
                Some(format!("did you mean `{}`?", self.kind.written(meant)))
            }
        }
    }

    fn written(&self) -> String {
        self.kind.written(&self.name)
    }
}

/// The values that Go's `strconv.ParseBool` takes.
pub fn boolean(value: &str) -> Option<bool> {
    match value {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// The gates in the value of `--feature-gates`, with their values; without one where there is
/// no `=` (`MapStringBool` of k8s.io/component-base).
pub fn gates_of_flag(value: &str) -> impl Iterator<Item = (&str, &str)> {
    let pairs = value.split(',').filter(|pair| !pair.is_empty());
    pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (name.trim(), value.trim())
    })
}

/// At most so many characters of a name are shown.
const MOST: usize = 40;

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = self.kind.noun();
        let mut name = self.written().replace(char::is_control, "?");
        if let Some((cut, _)) = name.char_indices().nth(MOST) {
            name.truncate(cut);
            name.push('…');
        }
        let version = self.version.map(|it| format!(" {it}")).unwrap_or_default();
        let end = match self.effect() {
            Effect::Exits => " and exits",
            Effect::Ignores => " and ignores it",
            Effect::Doubtful | Effect::OfOthers => "",
        };
        let latest = |at_most| if at_most { " at the latest" } else { "" };
        match &self.reason {
            Reason::NotYet { since, at_most } => write!(
                f,
                "kubelet{version} does not have the {noun} `{name}` yet{end}: it comes with {since}{}",
                latest(*at_most)
            ),
            Reason::Gone { since, at_most } => write!(
                f,
                "the kubelet does not have the {noun} `{name}` from {since} on{}{end}",
                latest(*at_most)
            ),
            Reason::Never { .. } => {
                write!(
                    f,
                    "no kubelet from 1.{OLDEST} to 1.{NEWEST} has the {noun} `{name}`"
                )?;
                match (self.effect(), self.version) {
                    (Effect::Doubtful, _) => Ok(()),
                    (_, None) => f.write_str(": they ignore it"),
                    (_, Some(version)) => write!(f, ": {version} does not know it{end}"),
                }
            }
            Reason::Locked { to } => write!(
                f,
                "kubelet{version} has locked the {noun} `{name}` to {to}{end}"
            ),
            Reason::NotBoolean => write!(
                f,
                "the {noun} `{name}` has a value that is neither true nor false: the kubelet exits"
            ),
            Reason::Unknown(why) => write!(
                f,
                "whether kubelet{version} has the {noun} `{name}` cannot be told: {why}"
            ),
        }
    }
}
