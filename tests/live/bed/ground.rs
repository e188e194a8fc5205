//! The root file system that the beds are overlays of: the machine's own, or another one.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use serde::{Deserialize, Serialize};

/// Where programs are, in the order of an administrator's PATH.
pub(crate) const PATH: [&str; 6] = [
    "usr/local/sbin",
    "usr/local/bin",
    "usr/sbin",
    "usr/bin",
    "sbin",
    "bin",
];

/// A root file system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ground {
    /// What it is called in tables.
    pub(crate) name: String,
    pub(crate) root: PathBuf,
    /// OpenRC's beds have nothing but busybox beside OpenRC itself, and busybox is PID 1.
    pub(crate) busybox: bool,
}

static CURRENT: RwLock<Option<Ground>> = RwLock::new(None);

/// The one that beds are booted on.
pub(crate) fn current() -> Ground {
    let current = CURRENT.read().unwrap_or_else(PoisonError::into_inner);
    current.clone().unwrap_or_else(Ground::machine)
}

impl Ground {
    /// The machine's own.
    pub(crate) fn machine() -> Self {
        Self::of(PathBuf::from("/"))
    }

    /// A tree somewhere, called as its `os-release` has it.
    pub(crate) fn of(root: PathBuf) -> Self {
        let mut ground = Self {
            name: String::new(),
            root,
            busybox: false,
        };
        let release = |key| ground.release(key);
        ground.name = release("VERSION_CODENAME")
            .or_else(|| Some(format!("{} {}", release("ID")?, release("VERSION_ID")?)))
            .or_else(|| release("ID"))
            .unwrap_or_else(|| ground.root.display().to_string());
        ground
    }

    /// From here on beds are booted on it.
    pub(crate) fn use_it(&self) {
        let mut current = CURRENT.write().unwrap_or_else(PoisonError::into_inner);
        *current = Some(self.clone());
    }

    pub(crate) fn is_machine(&self) -> bool {
        self.root == Path::new("/")
    }

    /// A path of the tree, from outside.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// Whether it has a program: one of PATH, or one with a path of its own.
    pub(crate) fn has(&self, program: &str) -> bool {
        // A link is not followed: it may be absolute, and then leads to the machine's own.
        let there = |path: PathBuf| fs::symlink_metadata(path).is_ok();
        match program.starts_with('/') {
            true => there(self.at(program)),
            false => PATH
                .iter()
                .any(|folder| there(self.at(folder).join(program))),
        }
    }

    /// The version of the first of these packages that is installed, as the distribution's own list has it.
    pub(crate) fn version(&self, packages: &[&str]) -> Option<String> {
        packages.iter().find_map(|package| self.installed(package))
    }

    fn installed(&self, package: &str) -> Option<String> {
        // dpkg's and apk's lists have a stanza for each package.
        let lists = [
            ("var/lib/dpkg/status", "Package: ", "Version: "),
            ("lib/apk/db/installed", "P:", "V:"),
        ];
        lists.iter().find_map(|(list, name, version)| {
            let text = fs::read(self.at(list)).ok()?;
            let text = String::from_utf8_lossy(&text);
            let line = format!("{name}{package}");
            let stanza = text
                .split("\n\n")
                .find(|stanza| stanza.lines().any(|other| other == line))?;
            let found = stanza.lines().find_map(|line| line.strip_prefix(version))?;
            Some(upstream(found).to_owned())
        })
    }

    fn release(&self, key: &str) -> Option<String> {
        let text = ["etc/os-release", "usr/lib/os-release"]
            .iter()
            .find_map(|path| fs::read_to_string(self.at(path)).ok())?;
        text.lines().find_map(|line| {
            let value = line.strip_prefix(key)?.strip_prefix('=')?;
            Some(value.trim_matches(['"', '\'']).to_owned())
        })
    }
}

/// A package's version without its epoch and the distribution's own number.
fn upstream(version: &str) -> &str {
    let version = version.split_once(':').map_or(version, |(_, rest)| rest);
    let version = version
        .rsplit_once('-')
        .map_or(version, |(version, _)| version);
    version.split(['+', '~']).next().unwrap_or(version)
}
