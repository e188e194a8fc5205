//! The kubelet that is installed, and its version.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use super::Host;
use crate::kubelet::Version;
use crate::process::{Command, quietly};

/// The kubelet of a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kubelet {
    /// Where it is.
    pub path: PathBuf,
    /// Its version, where that is known.
    pub version: Option<Version>,
    /// What says so, for people.
    pub source: Option<String>,
}

/// dpkg's list of everything has a few MiB.
const DATABASE: usize = 64 * 1024 * 1024;

/// The kubelet answers in a few hundredths of a second.
const PATIENCE: Duration = Duration::from_secs(5);

impl Host {
    /// The kubelet. On the machine itself it is asked; in a tree the package
    /// database may know, and nothing is run.
    pub fn kubelet(&self) -> Option<Kubelet> {
        let path = self.program("kubelet")?;
        let known = match self.is_machine() {
            true => ask(&path).map(|version| (version, format!("`{} --version`", path.display()))),
            false => self.packaged(),
        };
        let (version, source) = known.unzip();
        Some(Kubelet {
            path,
            version,
            source,
        })
    }

    fn packaged(&self) -> Option<(Version, String)> {
        let database = |path: &str| {
            let bytes = self.root().read(path, DATABASE).ok()?;
            Some(String::from_utf8_lossy(&bytes).into_owned())
        };
        let stanza = |path: &str, name: &str, version: &str| {
            let found = version_in(&database(path)?, name, version)?;
            Some((found, path.to_owned()))
        };
        stanza("/var/lib/dpkg/status", "Package: kubelet", "Version: ")
            .or_else(|| stanza("/lib/apk/db/installed", "P:kubelet", "V:"))
            .or_else(|| stanza("/usr/lib/apk/db/installed", "P:kubelet", "V:"))
            .or_else(|| self.in_pacman())
    }

    /// pacman has a folder for each package, `NAME-VERSION-RELEASE`.
    fn in_pacman(&self) -> Option<(Version, String)> {
        const FOLDER: &str = "/var/lib/pacman/local";
        let names = self.list(FOLDER);
        let found = names.iter().find_map(|name| {
            let rest = name.strip_prefix("kubelet-")?;
            rest.starts_with(|c: char| c.is_ascii_digit())
                .then(|| upstream(rest))?
        });
        found.map(|version| (version, FOLDER.to_owned()))
    }
}

fn ask(path: &Path) -> Option<Version> {
    let command = Command::new([path.to_str()?, "--version"]).within(PATIENCE);
    let answer = quietly(&command).ok()?;
    answer.stdout.trim().parse().ok()
}

/// The version in the stanza of a package; stanzas are separated by empty lines.
fn version_in(database: &str, name: &str, version: &str) -> Option<Version> {
    let mut stanzas = database.split("\n\n");
    let stanza = stanzas.find(|stanza| stanza.lines().any(|line| line == name))?;
    let line = stanza.lines().find_map(|line| line.strip_prefix(version))?;
    upstream(line)
}

/// A package's version without epoch and release.
fn upstream(version: &str) -> Option<Version> {
    let version = version.split_once(':').map_or(version, |(_, rest)| rest);
    version.split('-').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_database_tells_the_version() {
        let dpkg = "Package: kubectl\nVersion: 9\n\nPackage: kubelet\nStatus: x\nVersion: 1:1.31.14-1.1\n\n";
        assert_eq!(
            version_in(dpkg, "Package: kubelet", "Version: "),
            "1.31.14".parse().ok()
        );
        let apk = "P:kubelet-openrc\nV:1\n\nC:x\nP:kubelet\nV:1.36.3-r0\n\n";
        assert_eq!(version_in(apk, "P:kubelet", "V:"), "1.36.3".parse().ok());
        assert_eq!(version_in("", "P:kubelet", "V:"), None);
    }
}
