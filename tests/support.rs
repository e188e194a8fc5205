//! What the tests share: the specs, every rendering, and programs that may be missing.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use kubelet_unit::backends::{BUILTIN, Backend, Launcher};
use kubelet_unit::distro::{DISTROS, Distro};
use kubelet_unit::order::Order;
use kubelet_unit::rendering::Rendered;
use kubelet_unit::spec::{KUBELET, Spec};

/// The repository.
pub fn repository() -> PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}

/// Every spec that we have: its name and its text.
pub fn specs() -> Vec<(String, String)> {
    let mut specs = vec![("kubelet".to_owned(), KUBELET.to_owned())];
    let folder = repository().join("fixtures/specs");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        specs.push((name, std::fs::read_to_string(path).unwrap()));
    }
    specs.sort();
    specs
}

/// One spec rendered for one init on one distribution.
pub fn render(
    backend: &'static dyn Backend,
    spec: &str,
    distro: &'static Distro,
    launcher: Launcher,
) -> Rendered {
    let order = Order {
        spec: Spec::read("spec", spec.as_bytes()).unwrap(),
        distro: Some(distro),
        launcher,
        ..Order::kubelet()
    };
    order.place(backend).unwrap().rendered().unwrap()
}

/// A rendering with what it was made of.
pub struct Case {
    pub backend: &'static dyn Backend,
    pub spec: String,
    pub distro: &'static Distro,
    pub launcher: Launcher,
    pub rendered: Rendered,
}

impl Case {
    /// Its name in messages and snapshots.
    pub fn name(&self) -> String {
        let launcher = match self.launcher {
            Launcher::Sh => "",
            Launcher::Native => "-native",
        };
        format!(
            "{}-{}-{}{launcher}",
            self.backend.name(),
            self.spec,
            self.distro.name
        )
    }
}

/// Every init with every spec on every distribution, with either launcher.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for &backend in BUILTIN {
        for (spec, text) in specs() {
            for &distro in DISTROS {
                for launcher in [Launcher::Sh, Launcher::Native] {
                    cases.push(Case {
                        backend,
                        spec: spec.clone(),
                        distro,
                        launcher,
                        rendered: render(backend, &text, distro, launcher),
                    });
                }
            }
        }
    }
    cases
}

/// A tool that a test needs. Where it is missing the test is skipped with a line
/// that says so, except in CI, where nothing may be missing.
pub fn tool(name: &str) -> Option<PathBuf> {
    let found = which::which(name).ok();
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "`{name}` is missing");
        eprintln!("skipped: `{name}` is missing");
    }
    found
}

/// A new folder under the system's own for such, removed by [`Scratch`]'s drop.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Self {
        Self::below(&std::env::temp_dir())
    }

    /// A folder in memory, where there is such a place: for what syncs often.
    pub fn in_memory() -> Self {
        let memory = Path::new("/dev/shm");
        match nix::unistd::access(memory, nix::unistd::AccessFlags::W_OK) {
            Ok(()) => Self::below(memory),
            Err(_) => Self::new(),
        }
    }

    fn below(folder: &Path) -> Self {
        static COUNT: OnceLock<std::sync::atomic::AtomicU32> = OnceLock::new();
        let count = COUNT
            .get_or_init(Default::default)
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let name = format!("kubelet-unit-test-{}-{count}", std::process::id());
        let path = folder.join(name);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs a command and gives its exit code, standard output and standard error.
pub fn run(command: &mut Command) -> (i32, String, String) {
    let output = command.output().unwrap();
    (
        output.status.code().unwrap_or(-1),
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}
