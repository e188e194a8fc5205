//! Fake roots: trees that `fixtures/hosts` describes, one text file each, built in a
//! temporary folder. Git keeps neither empty folders nor sockets nor `/proc`.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use serde::Deserialize;

use super::Host;
use crate::root::Root;
use crate::yaml::{self, Bounds};

const BOUNDS: Bounds = Bounds {
    size: 64 * 1024,
    depth: 16,
};

/// What a fixture says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Description {
    /// The init that is to be found; none where there is to be no verdict.
    pub(crate) init: Option<String>,
    #[serde(default)]
    folders: Vec<String>,
    #[serde(default)]
    files: BTreeMap<String, String>,
    /// Files that can be run, and are empty.
    #[serde(default)]
    programs: Vec<String>,
    /// The same with a text.
    #[serde(default)]
    scripts: BTreeMap<String, String>,
    #[serde(default)]
    links: BTreeMap<String, String>,
    #[serde(default)]
    sockets: Vec<String>,
    #[serde(default)]
    processes: BTreeMap<u32, Process>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Process {
    name: String,
    program: Option<String>,
    arguments: Vec<String>,
    #[serde(default)]
    parent: u32,
    /// Its number in a PID namespace of its own.
    inside: Option<u32>,
}

/// A tree that goes away with this.
pub(crate) struct Fake {
    folder: PathBuf,
}

impl Drop for Fake {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Fake {
    /// An empty one.
    pub(crate) fn empty() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("kubelet-unit-host-{}-{count}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        Self { folder }
    }

    /// The tree that a text describes.
    pub(crate) fn build(text: &str) -> (Description, Self) {
        let fake = Self::empty();
        let description: Description = yaml::read("host.yaml", text.as_bytes(), BOUNDS)
            .unwrap_or_else(|error| panic!("{error}\n{}", error.excerpt().unwrap_or_default()));
        fake.fill(&description);
        (description, fake)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn host(&self) -> Host {
        Host::of(Root::open(&self.folder).unwrap())
    }

    pub(crate) fn file(&self, path: &str, text: &str) -> &Self {
        fs::write(self.place(path), text).unwrap();
        self
    }

    pub(crate) fn program(&self, path: &str, text: &str) -> &Self {
        self.file(path, text);
        fs::set_permissions(self.place(path), fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    pub(crate) fn link(&self, path: &str, target: &str) -> &Self {
        symlink(target, self.place(path)).unwrap();
        self
    }

    /// Where a path is, its folder made.
    fn place(&self, path: &str) -> PathBuf {
        let place = self.folder.join(path.trim_start_matches('/'));
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        place
    }

    /// Links that stand for folders, such as a merged `/usr`, come first.
    fn fill(&self, description: &Description) {
        for folder in &description.folders {
            fs::create_dir_all(self.place(folder)).unwrap();
        }
        let mut links: Vec<_> = description.links.iter().collect();
        links.sort_by_key(|(path, _)| path.matches('/').count());
        for (path, target) in links {
            self.link(path, target);
        }
        for (path, text) in &description.files {
            self.file(path, text);
        }
        for path in &description.programs {
            self.program(path, "");
        }
        for (path, text) in &description.scripts {
            self.program(path, text);
        }
        for path in &description.sockets {
            // A path in the tree may be too long for a socket's address.
            let short = self.folder.with_extension("s");
            let _ = fs::remove_file(&short);
            drop(UnixListener::bind(&short).unwrap());
            fs::rename(&short, self.place(path)).unwrap();
        }
        for (pid, process) in &description.processes {
            self.process(*pid, process);
        }
    }

    fn process(&self, pid: u32, process: &Process) {
        let file = |name: &str, text: String| {
            self.file(&format!("/proc/{pid}/{name}"), &text);
        };
        let Process { name, parent, .. } = process;
        let inside = process.inside.map_or(String::new(), |it| format!("\t{it}"));
        file("comm", format!("{name}\n"));
        file("cmdline", process.arguments.join("\0") + "\0");
        file(
            "stat",
            format!("{pid} ({name}) S {parent} {pid} {pid} 0 -1\n"),
        );
        file(
            "status",
            format!("Name:\t{name}\nPPid:\t{parent}\nNSpid:\t{pid}{inside}\n"),
        );
        if let Some(program) = &process.program {
            self.link(&format!("/proc/{pid}/exe"), program);
        }
        self.link(&format!("/proc/{pid}/cwd"), "/");
    }
}
