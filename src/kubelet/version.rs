//! Versions of Kubernetes.

use std::fmt;
use std::str::FromStr;

use crate::service::text::{reads, written_as_shown};

/// A version of Kubernetes, such as 1.31 or 1.31.4. Without a patch number it
/// means the release line, which comes before each of its patches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The first number; 1 so far.
    pub major: u32,
    /// The second number, which counts releases.
    pub minor: u32,
    /// The third number, if it is known.
    pub patch: Option<u32>,
}

impl Version {
    /// The release line `1.minor`.
    pub const fn release(minor: u32) -> Self {
        Self {
            major: 1,
            minor,
            patch: None,
        }
    }
}

reads!(from_string: Version);

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        self.patch.map_or(Ok(()), |patch| write!(f, ".{patch}"))
    }
}

written_as_shown!(Version);

/// Text that is not a version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a Kubernetes version such as `1.31` or `v1.31.4`{}", asked(*meant))]
pub struct VersionError {
    /// The text.
    pub text: String,
    /// The version that it nearly is.
    pub meant: Option<Version>,
}

fn asked(meant: Option<Version>) -> String {
    meant.map_or(String::new(), |meant| format!("; did you mean `{meant}`?"))
}

/// The version that is meant by a release's number alone, or by one with a patch left open:
/// `36`, `v36`, `1.36.`, `1.36.x`.
fn meant(text: &str) -> Option<Version> {
    let bare = text.trim().trim_start_matches('v');
    let open = ["", "x", "X", "*"]
        .iter()
        .find_map(|end| bare.strip_suffix(end)?.strip_suffix('.'));
    match (open, bare.parse()) {
        (Some(line), _) => Version::read(line),
        (None, Ok(minor @ 10..100)) => Some(Version::release(minor)),
        _ => None,
    }
}

impl FromStr for Version {
    type Err = VersionError;

    /// Reads `1.31`, `v1.31.4`, `1.31.4-rc.1+build` and what `kubelet
    /// --version` prints, `Kubernetes v1.31.4`.
    fn from_str(text: &str) -> Result<Self, VersionError> {
        Self::read(text).ok_or_else(|| VersionError {
            text: text.into(),
            meant: meant(text),
        })
    }
}

impl Version {
    fn read(text: &str) -> Option<Self> {
        let number = |text: &str| -> Option<u32> {
            let canonical = text == "0" || !text.starts_with('0');
            (canonical && text.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| text.parse().ok())?
        };
        let trimmed = text.trim();
        let bare = trimmed.strip_prefix("Kubernetes ").unwrap_or(trimmed);
        let bare = bare.strip_prefix('v').unwrap_or(bare);
        let core = bare.split(['-', '+']).next()?;
        let mut numbers = core.split('.');
        let version = Self {
            major: number(numbers.next()?)?,
            minor: number(numbers.next()?)?,
            patch: numbers
                .next()
                .map(number)
                .map_or(Some(None), |patch| patch.map(Some))?,
        };
        numbers.next().is_none().then_some(version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_people_and_the_kubelet_write_them() {
        for (text, shown) in [
            ("1.31", "1.31"),
            ("v1.31.4", "1.31.4"),
            ("Kubernetes v1.20.2\n", "1.20.2"),
            ("1.36.0-rc.1+build.7", "1.36.0"),
        ] {
            assert_eq!(text.parse::<Version>().unwrap().to_string(), shown);
        }
        for text in [
            "", "1", "v", "1.x", "1.31.4.5", "1.+3", "1..2", "latest", "1.03", "01.31", "1.31.04",
        ] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
        let meant = |text: &str| text.parse::<Version>().unwrap_err().meant;
        for text in ["36", "v36", "1.36.", "1.36.x", "v1.36.*"] {
            assert_eq!(meant(text), Some(Version::release(36)), "{text}");
        }
        for text in ["", "6", "136", "1.x", ".", "latest", "1.36.y"] {
            assert_eq!(meant(text), None, "{text}");
        }
    }

    #[test]
    fn a_release_line_comes_before_its_patches() {
        let patch = |text: &str| text.parse::<Version>().unwrap();
        assert!(Version::release(31) < patch("1.31.0"));
        assert!(patch("1.31.9") < Version::release(32));
        assert!(patch("1.9") < patch("1.10"));
    }
}
