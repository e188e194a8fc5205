//! Releases of kubeadm, and versions of Kubernetes.
//!
//! Proven releases ([`PROVEN`]) were compared with what the real program wrote. What changed between two proven
//! releases stands at the release in which kubeadm's sources changed, as far as that is known.

use std::cmp::Ordering;
use std::fmt;
use std::ops::RangeInclusive;

use super::behaviour::{BEHAVIOURS, GATES, PAUSE, REGISTRY};

pub use super::behaviour::{APIS, Behaviour};
use super::known::LAST;
pub use super::known::{KNOWN, PROVEN};

/// A minor release of kubeadm that is known: `1.11` to `1.36`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u8);

impl Version {
    /// The newest that is known.
    pub const NEWEST: Version = Version(LAST);

    /// The release `1.minor`, if it is known.
    pub fn new(minor: u8) -> Option<Version> {
        KNOWN.contains(&minor).then_some(Version(minor))
    }

    /// Reads `1.31`, `v1.31`, `1.31.14` or `v1.36.0-rc.1`.
    pub fn parse(text: &str) -> Option<Version> {
        let mut parts = text.strip_prefix('v').unwrap_or(text).splitn(3, '.');
        let (major, minor, patch) = (parts.next()?, parts.next()?, parts.next());
        let number = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if major != "1"
            || !number(minor)
            || !patch.is_none_or(|p| p.starts_with(|c: char| c.is_ascii_digit()))
        {
            return None;
        }
        Version::new(minor.parse().ok()?)
    }

    /// The number after `1.`.
    pub fn minor(self) -> u8 {
        self.0
    }

    /// Whether the real program of this release was compared.
    pub fn is_proven(self) -> bool {
        PROVEN.contains(&self.0)
    }

    /// Whether this release behaves so.
    pub fn has(self, behaviour: Behaviour) -> bool {
        BEHAVIOURS
            .iter()
            .any(|(known, releases)| *known == behaviour && releases.contains(&self.0))
    }

    /// The tag of the pause image that kubeadm of this release names.
    pub fn pause(self) -> &'static str {
        row(PAUSE, self).unwrap_or("3.1")
    }

    /// The registry of Kubernetes' images at this release.
    pub fn image_repository(self) -> &'static str {
        row(REGISTRY, self).unwrap_or_default()
    }

    /// The feature gates of kubeadm (not of the kubelet) at this release.
    pub fn gates(self) -> impl Iterator<Item = &'static str> {
        GATES
            .iter()
            .filter(move |(_, releases)| releases.contains(&self.0))
            .map(|(name, _)| *name)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.0)
    }
}

fn row(table: &[(&'static str, RangeInclusive<u8>)], version: Version) -> Option<&'static str> {
    table
        .iter()
        .find(|(_, releases)| releases.contains(&version.0))
        .map(|(value, _)| *value)
}

/// A version of Kubernetes as `kubernetesVersion` names it: `v1.36.0-rc.1+build`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Major, minor and patch.
    pub numbers: [u64; 3],
    /// What follows a `-`, up to a `+`.
    pub pre: String,
}

impl Release {
    /// Reads a full version; `None` for anything else, `v1.36` and labels included.
    pub fn parse(text: &str) -> Option<Release> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let end = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        let (numbers, rest) = text.split_at(end);
        let mut parts = numbers.split('.').map(|part| {
            let canonical = part == "0" || (!part.is_empty() && !part.starts_with('0'));
            canonical.then(|| part.parse::<u64>().ok()).flatten()
        });
        let numbers = [parts.next()??, parts.next()??, parts.next()??];
        let word = |c: char| c.is_ascii_alphanumeric() || "-_.+".contains(c);
        if parts.next().is_some() || !rest.chars().all(word) {
            return None;
        }
        let pre = rest.split('+').next().unwrap_or_default();
        Some(Release {
            numbers,
            pre: pre.strip_prefix('-').unwrap_or(pre).to_owned(),
        })
    }
}

impl PartialOrd for Release {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        // Semantic versioning: a pre-release comes before its release.
        let pre = match (self.pre.is_empty(), other.pre.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => self.pre.cmp(&other.pre),
        };
        Some(self.numbers.cmp(&other.numbers).then(pre))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minor_release_is_read_from_what_people_write() {
        for text in ["1.31", "v1.31", "1.31.14", "v1.31.0-rc.1", "v1.31.2+k3s1"] {
            assert_eq!(Version::parse(text), Version::new(31), "{text}");
        }
        for text in [
            "1.10", "1.37", "2.31", "1", "1.x", "latest", "", "1.31.x", "1.310",
        ] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }

    #[test]
    fn releases_are_ordered_with_their_prereleases() {
        let release = |text| Release::parse(text).unwrap();
        assert!(release("v1.36.0-rc.1") < release("1.36.0"));
        assert!(release("v1.35.1") < release("v1.36.0-alpha.0"));
        assert!(release("v1.36.0+abc") >= release("v1.36.0"));
        for text in ["v1.36", "stable-1", "1.36.x", "1.036.0", "", "v1.2.3.4"] {
            assert_eq!(Release::parse(text), None, "{text}");
        }
    }
}
