//! The kubelet that is installed, and its version.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use super::{Host, program_text};
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

/// What stands before the version in a kubelet: the linker's flags (`hack/lib/version.sh` of
/// Kubernetes), or the main module.
const MARKS: [&str; 3] = [
    "k8s.io/component-base/version.gitVersion=",
    "k8s.io/client-go/pkg/version.gitVersion=",
    "mod\tk8s.io/kubernetes\t",
];

/// The kubelet answers in a few hundredths of a second.
const PATIENCE: Duration = Duration::from_secs(5);

impl Host {
    /// The kubelet. On the machine itself it is asked; in a tree, and where it does not answer,
    /// the package databases or the program's own text may know, and nothing is run.
    pub fn kubelet(&self) -> Option<Kubelet> {
        let path = self.program("kubelet")?;
        let known = match self.is_machine() {
            true => ask(&path)
                .map(|version| (version, format!("`{} --version`", path.display())))
                .or_else(|| self.told()),
            false => self.told(),
        };
        let (version, source) = known.unzip();
        Some(Kubelet {
            path,
            version,
            source,
        })
    }

    /// From the package databases, else from the program itself, which is not run.
    fn told(&self) -> Option<(Version, String)> {
        let packaged = self.packaged("kubelet");
        let packaged = packaged.and_then(|it| Some((upstream(&it.version)?, it.source)));
        packaged.or_else(|| {
            let path = self.program("kubelet")?;
            let program = self.program_bytes("kubelet")?;
            let mut marks = MARKS.iter();
            let word = marks.find_map(|mark| program_text::after(&program, mark))?;
            Some((word.parse().ok()?, path.display().to_string()))
        })
    }
}

fn ask(path: &Path) -> Option<Version> {
    let command = Command::new([path.to_str()?, "--version"]).within(PATIENCE);
    let answer = quietly(&command).ok()?;
    answer.stdout.trim().parse().ok()
}

/// A package's version without epoch and release.
fn upstream(version: &str) -> Option<Version> {
    let version = version.split_once(':').map_or(version, |(_, rest)| rest);
    version.split(['-', '_', '~']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Fake;
    use super::*;

    #[test]
    fn a_packager_s_part_of_a_version_is_left_out() {
        for (packaged, version) in [
            ("1:1.31.14-1.1", "1.31.14"),
            ("1.36.3-r0", "1.36.3"),
            ("1.31.1_1", "1.31.1"),
            ("1.30.0~rc1-1", "1.30.0"),
        ] {
            assert_eq!(upstream(packaged), version.parse().ok(), "{packaged}");
        }
        assert_eq!(upstream("latest"), None);
    }

    #[test]
    fn the_program_itself_tells_its_version_and_is_not_run() {
        let flags = "\0-X 'k8s.io/component-base/version.gitVersion=v1.35.4'\0";
        let fake = Fake::empty();
        fake.program("/usr/bin/kubelet", flags);
        let kubelet = fake.host().kubelet().unwrap();
        assert_eq!(kubelet.version, "1.35.4".parse().ok());
        assert_eq!(kubelet.source.as_deref(), Some("/usr/bin/kubelet"));
        fake.program("/usr/bin/kubelet", "\0v1.35.4\0");
        assert_eq!(fake.host().kubelet().unwrap().version, None);
    }
}
