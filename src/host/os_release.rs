//! `os-release(5)`: which distribution a tree is.

use super::Host;
use crate::distro::{DATABASES, Distro, Distros};

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

/// The distribution that the package database of a host shows, where it has the databases
/// of no other kind of package.
pub(crate) fn of_packages(host: &Host) -> Option<&'static Distro> {
    let mut shown = DATABASES
        .iter()
        .filter(|(path, _)| host.exists(path))
        .map(|(_, distro)| *distro);
    let first = shown.next()??;
    shown.all(|other| other == Some(first)).then_some(first)
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
    fn distributions_of_rpm_packages_have_fedoras_places() {
        let distro = |text: &str| OsRelease::read(text).distro(&Distros::default());
        for text in [
            "ID=opensuse-leap\nID_LIKE=\"suse opensuse\"\n",
            "ID=\"opensuse-slowroll\"\nID_LIKE=\"opensuse suse\"\n",
            "ID=\"sles\"\nID_LIKE=\"suse\"\n",
            "ID=photon\n",
            "ID=azurelinux\n",
            "ID=mariner\n",
            "ID=\"openEuler\"\n",
            "ID=\"amzn\"\nID_LIKE=\"fedora\"\n",
            "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n",
        ] {
            let name = distro(text).map(|distro| distro.name);
            assert_eq!(name, Some("fedora"), "{text}");
        }
        assert_eq!(distro("ID=raspbian\n").unwrap().name, "debian");
    }

    #[test]
    fn a_package_database_tells_what_os_release_does_not() {
        let shown = |paths: &[&str]| {
            let tree = crate::testing::Scratch::new();
            for path in paths {
                let path = tree.path().join(&path[1..]);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, "").unwrap();
            }
            let root = crate::root::Root::open(tree.path()).unwrap();
            of_packages(&Host::of(root)).map(|distro| distro.name)
        };
        let rpm = "/usr/lib/sysimage/rpm/rpmdb.sqlite";
        assert_eq!(shown(&[]), None);
        assert_eq!(shown(&[rpm]), Some("fedora"));
        assert_eq!(shown(&[rpm, "/var/lib/rpm/Packages"]), Some("fedora"));
        assert_eq!(shown(&[rpm, "/var/lib/dpkg/status"]), None);
        assert_eq!(shown(&["/var/lib/dpkg/status"]), None);
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
