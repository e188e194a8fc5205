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

/// Where snapd has the programs of what it has installed.
const SNAPS: &str = "/snap/bin:/var/lib/snapd/snap/bin";

/// The kubelet answers in a few hundredths of a second.
const PATIENCE: Duration = Duration::from_secs(5);

impl Host {
    /// The kubelet. On the machine itself it is asked; in a tree, and where it does not answer,
    /// the package databases or the program's own text may know, and nothing is run.
    pub fn kubelet(&self) -> Option<Kubelet> {
        let look = || self.look_for_kubelet();
        self.kubelet.get_or_init(look).clone()
    }

    fn kubelet_path(&self) -> Option<PathBuf> {
        let snaps = || self.program_in("kubelet", SNAPS);
        self.program("kubelet").or_else(snaps)
    }

    fn look_for_kubelet(&self) -> Option<Kubelet> {
        let path = self.kubelet_path()?;
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

    /// The kubelet that a service starts, which need not be the one that is found by its name.
    /// Another one is not asked, since nothing that a file names is run; it tells its version
    /// itself.
    pub fn kubelet_of(&self, program: &str) -> Option<Kubelet> {
        if self.kubelet_path().as_deref() == Some(Path::new(program)) {
            return self.kubelet();
        }
        let path = PathBuf::from(program);
        let bytes = self.bytes_of(&path)?;
        let version = in_text(&bytes);
        Some(Kubelet {
            source: version.map(|_| program.to_owned()),
            path,
            version,
        })
    }

    /// From the package databases, else from the program itself, which is not run.
    fn told(&self) -> Option<(Version, String)> {
        let packaged = self.packaged("kubelet");
        let packaged = packaged.and_then(|it| Some((upstream(&it.version)?, it.source)));
        packaged.or_else(|| {
            let path = self.kubelet_path()?;
            let version = in_text(&self.bytes_of(&path)?)?;
            Some((version, path.display().to_string()))
        })
    }
}

/// The version that a kubelet has in its own text.
fn in_text(program: &[u8]) -> Option<Version> {
    let mut marks = MARKS.iter();
    let word = marks.find_map(|mark| program_text::after(program, mark))?;
    word.parse().ok()
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

    #[test]
    fn a_kubelet_elsewhere_is_another_one() {
        let fake = Fake::empty();
        let flags = |version: &str| format!("\0{}{version}\0", MARKS[0]);
        fake.program("/usr/bin/kubelet", &flags("v1.35.4"));
        fake.program("/opt/bin/kubelet", &flags("v1.26.1"));
        let version = |program: &str| fake.host().kubelet_of(program).map(|it| it.version);
        assert_eq!(version("/opt/bin/kubelet"), Some("1.26.1".parse().ok()));
        assert_eq!(version("/usr/bin/kubelet"), Some("1.35.4".parse().ok()));
        assert_eq!(version("/opt/kubelet"), None);
    }

    #[test]
    fn a_kubelet_of_snapd_is_found() {
        let fake = Fake::empty();
        fake.program("/snap/bin/kubelet", "snap");
        fake.file("/snap/kubelet/current/meta/snap.yaml", "version: 1.33.3\n");
        let kubelet = fake.host().kubelet().unwrap();
        assert_eq!(kubelet.path, Path::new("/snap/bin/kubelet"));
        assert_eq!(kubelet.version, "1.33.3".parse().ok());
        // Without the snap's own file, the program tells.
        let fake = Fake::empty();
        fake.program("/snap/bin/kubelet", &format!("\0{}v1.33.4\0", MARKS[0]));
        let kubelet = fake.host().kubelet().unwrap();
        assert_eq!(kubelet.version, "1.33.4".parse().ok());
    }
}
