//! Releases of kubeadm, and versions of Kubernetes.
//!
//! [`KNOWN`] has them all. Proven releases ([`PROVEN`]) were compared with what the real program wrote. What
//! changed between two proven releases stands at the release in which kubeadm's sources changed, and how that is known
//! beside it. What is newer than the newest proven one is known from its release notes. A release that is newer
//! than all of these is not known: [`Asked`] takes the newest for it, and says so.

use std::cmp::Ordering;
use std::fmt;
use std::ops::RangeInclusive;

use super::behaviour::{BEHAVIOURS, GATES, PAUSE, REGISTRY};

pub use super::behaviour::{APIS, Behaviour};
use super::known::LAST;
pub use super::known::{KNOWN, PROVEN};

/// A minor release of kubeadm that is known: one of [`KNOWN`].
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
        Version::new(u8::try_from(minor_in(text)?).ok()?)
    }

    /// Whether it is newer than every release that was compared: its release notes are all that is known of it.
    pub fn is_from_notes(self) -> bool {
        PROVEN.iter().all(|proven| *proven < self.0)
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
            .any(|(known, releases, _)| *known == behaviour && releases.contains(&self.0))
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

/// A release that was asked for: a known one, or the newest known one in the place of one to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Whose behaviour is followed.
    pub version: Version,
    /// The minor release that was asked for, where it is newer than all that are known.
    pub beyond: Option<u32>,
}

impl Asked {
    /// The release `1.minor`; `None` for one that is older than all that are known.
    pub fn minor(minor: u32) -> Option<Asked> {
        let beyond = minor > u32::from(LAST);
        let version = match beyond {
            true => Version::NEWEST,
            false => Version::new(u8::try_from(minor).ok()?)?,
        };
        let beyond = beyond.then_some(minor);
        Some(Asked { version, beyond })
    }

    /// Reads what [`Version::parse`] reads, and releases to come.
    pub fn parse(text: &str) -> Option<Asked> {
        Asked::minor(minor_in(text)?)
    }

    /// The number after `1.` that was asked for.
    pub fn number(self) -> u32 {
        self.beyond.unwrap_or(self.version.0.into())
    }
}

impl From<Version> for Asked {
    fn from(version: Version) -> Asked {
        let beyond = None;
        Asked { version, beyond }
    }
}

/// The minor release in `1.31`, `v1.31`, `1.31.14` or `v1.36.0-rc.1`, known or not.
fn minor_in(text: &str) -> Option<u32> {
    let mut parts = text.strip_prefix('v').unwrap_or(text).splitn(3, '.');
    let (major, minor, patch) = (parts.next()?, parts.next()?, parts.next());
    let number = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let patched = patch.is_none_or(|p| p.starts_with(|c: char| c.is_ascii_digit()));
    let is_one = major == "1" && number(minor) && patched;
    is_one.then(|| minor.parse().ok()).flatten()
}

/// The release that a `kubernetesVersion` means: a version's, also of a bucket (`ci/v1.30.0-alpha.1`), or that of a label
/// that names it (`stable-1.29`, `ci/latest-1.30`, `k8s-1.31`). `None` for `stable`, `latest-1` and what is neither.
pub fn meant(text: &str) -> Option<Asked> {
    let bare = text.rsplit('/').next().unwrap_or(text);
    if let Some(minor) = minor_in(bare) {
        return Asked::minor(minor);
    }
    let (word, tail) = bare.split_once('-')?;
    let is_word = word.starts_with(|c: char| c.is_ascii_lowercase())
        && word
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    // `k8s-stable-1.31`, and what a bucket may put behind it.
    let last = tail.rsplit('-').find(|part| minor_in(part).is_some());
    is_word.then(|| Asked::minor(minor_in(last?)?)).flatten()
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
            "1.10", "1.99", "2.31", "1", "1.x", "latest", "", "1.31.x", "1.310",
        ] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_kubelet_s_tables_end_with_the_same_releases() {
        use crate::kubelet::{MEASURED, NEWEST, flags::REMOVED};
        assert_eq!(NEWEST.minor, u32::from(LAST));
        assert_eq!(
            Some(MEASURED.minor),
            PROVEN.iter().max().map(|minor| u32::from(*minor))
        );
        assert!(REMOVED.iter().all(|flag| flag.since <= NEWEST));
    }

    #[test]
    fn a_release_to_come_is_the_newest_one_and_says_so() {
        let beyond =
            |text: &str| Asked::parse(text).map(|asked| (asked.version.minor(), asked.beyond));
        let next = u32::from(LAST) + 1;
        for (text, minor) in [
            (format!("1.{next}"), next),
            ("v1.90.2".into(), 90),
            ("1.310".into(), 310),
        ] {
            assert_eq!(beyond(&text), Some((LAST, Some(minor))), "{text}");
        }
        assert_eq!(beyond(&format!("1.{LAST}")), Some((LAST, None)));
        assert_eq!(beyond("1.20.2"), Some((20, None)));
        assert_eq!(beyond("1.10"), None);
    }

    #[test]
    fn labels_mean_the_minor_release_that_they_name() {
        let minor = |text| meant(text).map(Asked::number);
        for (text, named) in [
            ("v1.29.3", 29),
            ("stable-1.29", 29),
            ("latest-1.30", 30),
            ("release/stable-1.28", 28),
            ("ci/latest-1.31", 31),
            ("ci/v1.30.0-alpha.1.12+abc", 30),
            ("ci/k8s-1.27", 27),
            ("k8s-stable-1.26", 26),
            ("stable-1.40", 40),
            ("1.31", 31),
        ] {
            assert_eq!(minor(text), Some(named), "{text}");
        }
        for text in [
            "stable",
            "latest",
            "stable-1",
            "ci/k8s-master",
            "",
            "stable-2.3",
            "1",
        ] {
            assert_eq!(minor(text), None, "{text}");
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
