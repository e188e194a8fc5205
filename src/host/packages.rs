//! What the package databases of a tree say of a package, without running anything.
//!
//! Text databases are read as their tools write them; of rpm's three (`rpmdb.sqlite`,
//! `Packages.db`, `Packages`) only as much of their structure is used as a header has in each:
//! the locale `C`, the name, the version and the release follow each other (rpm's tags 100 and
//! 1000 to 1002). Of several different versions, such as one that an upgrade left in a free page,
//! none is certain.

use std::path::Path;

use super::Host;

/// A database of everything that is installed has a few MiB.
const DATABASE: usize = 256 * 1024 * 1024;

/// Where rpm has its database, by its format.
const RPM: [&str; 6] = [
    "/usr/lib/sysimage/rpm/rpmdb.sqlite",
    "/var/lib/rpm/rpmdb.sqlite",
    "/usr/lib/sysimage/rpm/Packages.db",
    "/var/lib/rpm/Packages.db",
    // Berkeley DB, before rpm 4.16.
    "/usr/lib/sysimage/rpm/Packages",
    "/var/lib/rpm/Packages",
];

/// Where snapd mounts what it has, here and on distributions that have no `/snap`.
const SNAPS: [&str; 2] = ["/snap", "/var/lib/snapd/snap"];

/// A package's version, with what belongs to the packager, and the database that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Packaged {
    pub(super) version: String,
    pub(super) source: String,
}

impl Host {
    /// What the first database that knows a package says.
    pub(super) fn packaged(&self, name: &str) -> Option<Packaged> {
        let in_text = |path: &str, find: &dyn Fn(&str) -> Option<String>| {
            let bytes = self.root().read(path, DATABASE).ok()?;
            let version = find(&String::from_utf8_lossy(&bytes))?;
            let source = path.to_owned();
            Some(Packaged { version, source })
        };
        let dpkg = |text: &str| in_stanza(text, &format!("Package: {name}"), "Version: ");
        let apk = |text: &str| in_stanza(text, &format!("P:{name}"), "V:");
        let snap = |text: &str| {
            let version = text
                .lines()
                .find_map(|line| line.strip_prefix("version:"))?;
            Some(version.trim().trim_matches(['\'', '"']).to_owned())
        };
        in_text("/var/lib/dpkg/status", &dpkg)
            .or_else(|| in_text("/lib/apk/db/installed", &apk))
            .or_else(|| in_text("/usr/lib/apk/db/installed", &apk))
            .or_else(|| self.in_names("/var/lib/pacman/local", name))
            .or_else(|| self.in_portage(name))
            .or_else(|| self.in_xbps(name))
            .or_else(|| self.in_rpm(name))
            .or_else(|| {
                let mut paths = SNAPS
                    .iter()
                    .map(|snaps| format!("{snaps}/{name}/current/meta/snap.yaml"));
                paths.find_map(|path| in_text(&path, &snap))
            })
    }

    /// A folder for each package, `NAME-VERSION`.
    fn in_names(&self, folder: &str, name: &str) -> Option<Packaged> {
        let versions = self.list(folder).into_iter().filter_map(|entry| {
            let rest = entry.strip_prefix(name)?.strip_prefix('-')?;
            let version = rest.starts_with(|c: char| c.is_ascii_digit());
            version.then(|| rest.to_owned())
        });
        Some(Packaged {
            version: only(versions)?,
            source: folder.to_owned(),
        })
    }

    /// Portage has a folder for each category (`/var/db/pkg/sys-cluster/kubelet-1.31.2`).
    fn in_portage(&self, name: &str) -> Option<Packaged> {
        const FOLDER: &str = "/var/db/pkg";
        let categories = self.list(FOLDER);
        let mut categories = categories.iter().map(|it| format!("{FOLDER}/{it}"));
        categories.find_map(|category| self.in_names(&category, name))
    }

    /// xbps has a property list, `pkgdb-0.38.plist`, with `pkgver` in the dictionary of each
    /// package. Void's kubelet is in `kubernetes-kubelet`.
    fn in_xbps(&self, name: &str) -> Option<Packaged> {
        const FOLDER: &str = "/var/db/xbps";
        let names = self.list(FOLDER);
        let file = names.iter().find(|it| it.starts_with("pkgdb-"))?;
        let source = format!("{FOLDER}/{file}");
        let bytes = self.root().read(&source, DATABASE).ok()?;
        let text = String::from_utf8_lossy(&bytes);
        let version = [name.to_owned(), format!("kubernetes-{name}")]
            .iter()
            .find_map(|name| {
                let found = text.split("<key>pkgver</key>").skip(1).filter_map(|rest| {
                    let (value, _) = rest
                        .trim_start()
                        .strip_prefix("<string>")?
                        .split_once('<')?;
                    let version = value.strip_prefix(name.as_str())?.strip_prefix('-')?;
                    let is_version = version.starts_with(|c: char| c.is_ascii_digit());
                    is_version.then(|| version.to_owned())
                });
                only(found)
            })?;
        Some(Packaged { version, source })
    }

    fn in_rpm(&self, name: &str) -> Option<Packaged> {
        RPM.iter().find_map(|path| {
            let bytes = self.root().read(path, DATABASE).ok()?;
            let version = in_headers(&bytes, name)?;
            let source = (*path).to_owned();
            Some(Packaged { version, source })
        })
    }

    /// The content of a program; none where there is none, or it is very large.
    pub(super) fn program_bytes(&self, name: &str) -> Option<Vec<u8>> {
        self.bytes_of(&self.program(name)?)
    }

    /// The content of a file that may be as large as a program.
    pub(super) fn bytes_of(&self, path: &Path) -> Option<Vec<u8>> {
        self.root().read(path, DATABASE).ok()
    }
}

/// The version in the stanza of a package that is installed; stanzas are separated by empty
/// lines. dpkg keeps stanzas of packages of which only the configuration is left.
fn in_stanza(database: &str, name: &str, version: &str) -> Option<String> {
    let mut stanzas = database.split("\n\n");
    let stanza = stanzas.find(|stanza| {
        let gone = |line: &str| {
            line.starts_with("Status:")
                && (line.ends_with(" config-files") || line.ends_with(" not-installed"))
        };
        stanza.lines().any(|line| line == name) && !stanza.lines().any(gone)
    })?;
    let line = stanza.lines().find_map(|line| line.strip_prefix(version))?;
    Some(line.to_owned())
}

fn in_headers(database: &[u8], name: &str) -> Option<String> {
    let mark = [b"C\0", name.as_bytes(), b"\0"].concat();
    let versions = super::program_text::all(database, &mark).filter_map(|rest| {
        let end = rest.iter().take(64).position(|byte| *byte == 0)?;
        let version = std::str::from_utf8(&rest[..end]).ok()?;
        let is_version = version.starts_with(|c: char| c.is_ascii_digit());
        is_version.then(|| version.to_owned())
    });
    only(versions)
}

/// The one that all are.
fn only(mut all: impl Iterator<Item = String>) -> Option<String> {
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Fake;

    /// What is said of the kubelet where there is one file.
    fn packaged(path: &str, text: &str) -> Option<String> {
        let fake = Fake::empty();
        fake.file(path, text);
        fake.host().packaged("kubelet").map(|it| it.version)
    }

    #[test]
    fn each_database_tells_the_version() {
        for (path, text, version) in [
            (
                "/var/lib/dpkg/status",
                "Package: kubectl\nVersion: 9\n\nPackage: kubelet\nStatus: hold ok installed\nVersion: 1:1.31.14-1.1\n\n",
                Some("1:1.31.14-1.1"),
            ),
            (
                "/var/lib/dpkg/status",
                "Package: kubelet\nStatus: deinstall ok config-files\nVersion: 1.31.14-1.1\n",
                None,
            ),
            (
                "/lib/apk/db/installed",
                "P:kubelet-openrc\nV:1\n\nC:x\nP:kubelet\nV:1.36.3-r0\n\n",
                Some("1.36.3-r0"),
            ),
            (
                "/var/lib/pacman/local/kubelet-1.34.1-1/desc",
                "",
                Some("1.34.1-1"),
            ),
            ("/var/lib/pacman/local/kubelet-extras-1-1/desc", "", None),
            (
                "/var/db/pkg/sys-cluster/kubelet-1.33.2-r1/PF",
                "",
                Some("1.33.2-r1"),
            ),
            (
                "/var/db/xbps/pkgdb-0.38.plist",
                "<dict>\n<key>kubernetes-kubelet</key>\n<dict>\n<key>pkgver</key>\n<string>kubernetes-kubelet-1.31.1_1</string>\n</dict>\n<key>kubelet-x</key><dict><key>pkgver</key><string>kubelet-x-9_1</string></dict></dict>",
                Some("1.31.1_1"),
            ),
            (
                "/usr/lib/sysimage/rpm/rpmdb.sqlite",
                "SQLite format 3\0..C\0kubelet\x001.35.2\x00150500.1.1\0..C\0kubelet-doc\x001\0",
                Some("1.35.2"),
            ),
            // One of the two is in a free page, and nobody can say which.
            (
                "/var/lib/rpm/Packages.db",
                "RpmP..C\0kubelet\x001.35.2\x001\0..C\0kubelet\x001.34.0\x001\0",
                None,
            ),
            (
                "/var/lib/rpm/Packages",
                "\0\u{5}1b..C\0kubelet\x001.21.14\x000\0",
                Some("1.21.14"),
            ),
            (
                "/snap/kubelet/current/meta/snap.yaml",
                "name: kubelet\nversion: '1.32.4'\n",
                Some("1.32.4"),
            ),
            (
                "/var/lib/snapd/snap/kubelet/current/meta/snap.yaml",
                "name: kubelet\nversion: 1.33.1\n",
                Some("1.33.1"),
            ),
        ] {
            assert_eq!(packaged(path, text).as_deref(), version, "{path}");
        }
    }
}
