//! `os-release(5)`: which distribution a tree is.

use super::Host;
use crate::distro::{Distro, Distros};

/// What a distribution says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OsRelease {
    /// `ID`: lower case, no blanks.
    pub id: Option<String>,
    /// `ID_LIKE`: what it is made from, the nearest first.
    pub like: Vec<String>,
    /// `PRETTY_NAME`, for people.
    pub title: Option<String>,
    /// `VERSION_ID`.
    pub version: Option<String>,
}

/// Where it is, the first one that is there.
const FILES: [&str; 2] = ["/etc/os-release", "/usr/lib/os-release"];

impl OsRelease {
    /// The one of a host; empty where it has none.
    pub fn of(host: &Host) -> Self {
        let text = FILES.iter().find_map(|path| host.text(path));
        Self::read(&text.unwrap_or_default())
    }

    fn read(text: &str) -> Self {
        let value = |name: &str| {
            text.lines()
                .rev()
                .find_map(|line| line.trim().strip_prefix(name)?.strip_prefix('='))
                .map(unquoted)
                .filter(|value| !value.is_empty())
        };
        Self {
            id: value("ID"),
            like: value("ID_LIKE")
                .map(|like| like.split_whitespace().map(str::to_owned).collect())
                .unwrap_or_default(),
            title: value("PRETTY_NAME"),
            version: value("VERSION_ID"),
        }
    }

    /// The distribution among those that are known: the one itself, or the nearest that
    /// it is made from.
    pub fn distro(&self, known: &Distros) -> Option<&'static Distro> {
        let mut ids = self.id.iter().chain(&self.like);
        ids.find_map(|id| known.of_id(id))
    }
}

/// The value of a line: shell words without expansions, says `os-release(5)`.
fn unquoted(value: &str) -> String {
    let value = value.trim();
    let inner = ['"', '\'']
        .iter()
        .find_map(|&quote| value.strip_prefix(quote)?.strip_suffix(quote));
    let mut text = String::new();
    let mut chars = inner.unwrap_or(value).chars();
    while let Some(c) = chars.next() {
        text.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_escapes_are_the_shells() {
        let read = OsRelease::read(
            "# c\nNAME=x\nID=ubuntu\nID_LIKE='debian x'\nPRETTY_NAME=\"A \\\"B\\\"\"\nVERSION_ID=\"24.04\"\n",
        );
        assert_eq!(
            read,
            OsRelease {
                id: Some("ubuntu".into()),
                like: vec!["debian".into(), "x".into()],
                title: Some("A \"B\"".into()),
                version: Some("24.04".into()),
            }
        );
        assert_eq!(read.distro(&Distros::default()).unwrap().name, "debian");
    }

    #[test]
    fn an_unknown_distribution_is_none_of_ours() {
        let distro = |text| OsRelease::read(text).distro(&Distros::default());
        assert_eq!(distro("ID=generic\n"), None);
        assert_eq!(distro("ID=plan9\n"), None);
        assert_eq!(distro(""), None);
        // elementary OS 7 names Ubuntu alone.
        let found = distro("ID=elementary\nID_LIKE=ubuntu\n").map(|distro| distro.name);
        assert_eq!(found, Some("debian"));
    }
}
