//! What the tests share: the specs, every rendering, and programs that may be missing.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::thread;

use kubelet_unit::backends::{BUILTIN, Backend, Launcher};
use kubelet_unit::distro::{DISTROS, Distro};
use kubelet_unit::order::Order;
use kubelet_unit::rendering::Rendered;
use kubelet_unit::spec::{self, Spec};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};

#[path = "../src/testing/mod.rs"]
#[allow(dead_code, reason = "the library's own tests have more of it")]
mod testing;

#[allow(unused_imports, reason = "not every target has use for all")]
pub(crate) use testing::{Scratch, Snapshot, Tree, copy, files, is_root, skipped, snapshot, walk};

/// The repository.
pub fn repository() -> PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}

/// Of how many points of a long proof one is tried: of every one, unless `KUBELET_UNIT_ONE_IN` says otherwise.
pub fn one_in() -> usize {
    let Some(said) = std::env::var_os("KUBELET_UNIT_ONE_IN") else {
        return 1;
    };
    let number = said.to_str().and_then(|it| it.parse().ok());
    number
        .filter(|number| *number > 0)
        .expect("`KUBELET_UNIT_ONE_IN` is a whole number above 0")
}

/// Every spec that we have: its name and its text.
pub fn specs() -> Vec<(String, String)> {
    let builtin = spec::BUILTIN.iter();
    let mut specs: Vec<_> = builtin
        .map(|it| (it.name.to_owned(), it.text.to_owned()))
        .collect();
    let folder = repository().join("fixtures/specs");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // Those of real daemons are for one distribution and one launcher.
        if path.is_dir() {
            continue;
        }
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

/// Every init with every spec on every distribution, with either launcher: rendered once for
/// all tests.
pub fn cases() -> &'static [Case] {
    static CASES: LazyLock<Vec<Case>> = LazyLock::new(rendered_cases);
    &CASES
}

/// The same rendered anew.
pub fn rendered_cases() -> Vec<Case> {
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
        skipped(&format!("`{name}` is missing"));
    }
    found
}

/// From here on what this test starts has a `/run` of its own, which goes with the test
/// however it ends: the launchers' state is in `/run`, and the machine's is not ours.
pub fn own_run() {
    thread_local!(static DONE: Cell<bool> = const { Cell::new(false) });
    // Who is not root cannot write there either.
    if DONE.replace(true) || !nix::unistd::geteuid().is_root() {
        return;
    }
    let none = None::<&str>;
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    let done = unshare(CloneFlags::CLONE_NEWNS)
        .and_then(|()| mount(none, "/", none, private, none))
        .and_then(|()| mount(Some("tmpfs"), "/run", Some("tmpfs"), MsFlags::empty(), none));
    if let Err(error) = done {
        skipped(&format!("a `/run` of its own: {error}"));
    }
}

/// Does for all of these at once what waits more than it computes.
pub fn at_once<T: Send>(all: impl IntoIterator<Item = T>, each: impl Fn(T) + Sync) {
    let current = thread::current();
    let each = &each;
    thread::scope(|scope| {
        for one in all {
            let name = current.name().unwrap_or("a test").to_owned();
            let thread = thread::Builder::new().name(name);
            thread.spawn_scoped(scope, move || each(one)).unwrap();
        }
    });
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

/// Every path below a folder, from there.
pub fn paths(folder: &Path) -> BTreeSet<String> {
    let from_there = |path: &PathBuf| path.strip_prefix(folder).unwrap().display().to_string();
    walk(folder).iter().map(from_there).collect()
}

impl Tree {
    /// What a command line gives in it: the exit code, standard output and standard error.
    pub fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kubelet-unit"));
        command.args(arguments).arg("--root").arg(self.path());
        let (code, out, err) = run(&mut command);
        (code, self.shown(&out), self.shown(&err))
    }

    /// The same as one text.
    pub fn said(&self, arguments: &[&str]) -> String {
        let (code, out, err) = self.run(arguments);
        format!("$ {}\n{out}{err}exit {code}\n\n", arguments.join(" "))
    }
}

/// The units in `fixtures/units/`, in order.
pub fn units() -> Vec<String> {
    let entries = std::fs::read_dir(repository().join("fixtures/units")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.ends_with(".service")).collect();
    names.sort();
    names
}
