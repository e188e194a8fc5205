//! The shells that are `/bin/sh` somewhere: this machine's own, and those of other
//! generations, whose root file systems `KUBELET_UNIT_ROOTS` names as `PATH` names folders.
//!
//! What is in another root is not run in it: its own loader takes its own libraries, and
//! the machine's files are where they are.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use crate::support::tool;

/// How a shell is called, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shell {
    /// As a command line has it: `busybox sh`.
    pub name: &'static str,
    argv: Vec<String>,
}

impl Shell {
    /// The command that a script and its arguments are given to.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.argv[0]);
        command.args(&self.argv[1..]);
        command
    }
}

impl fmt::Display for Shell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.argv.join(" "))
    }
}

/// All that are here, this machine's first. The last two read scripts alone: they are
/// `/bin/sh` nowhere that is known.
const NAMES: [&str; 6] = ["dash", "busybox sh", "bash --posix", "bash", "mksh", "yash"];

/// Those that a launcher has to run under.
pub fn running() -> impl Iterator<Item = &'static Shell> {
    all().filter(|shell| !matches!(shell.name, "mksh" | "yash"))
}

/// Those that a script has to be one for.
pub fn all() -> impl Iterator<Item = &'static Shell> {
    static ALL: LazyLock<Vec<Shell>> = LazyLock::new(|| {
        let own = NAMES.into_iter().filter_map(own);
        let roots = std::env::var_os("KUBELET_UNIT_ROOTS").unwrap_or_default();
        // Of what is empty it makes one folder without a name.
        let roots = std::env::split_paths(&roots).filter(|root| !root.as_os_str().is_empty());
        let others = roots.flat_map(|root| {
            assert!(root.join("usr/bin").is_dir(), "{}", root.display());
            NAMES
                .into_iter()
                .filter_map(move |name| of_root(&root, name))
        });
        own.chain(others).collect()
    });
    ALL.iter()
}

fn own(name: &'static str) -> Option<Shell> {
    let argv: Vec<_> = name.split(' ').map(str::to_owned).collect();
    // Skipped with a line where it is missing.
    tool(&argv[0])?;
    Some(Shell { name, argv })
}

/// The same of another root file system; none where it is not there.
fn of_root(root: &Path, name: &'static str) -> Option<Shell> {
    let (program, arguments) = name.split_once(' ').unwrap_or((name, ""));
    let path = root.join("usr/bin").join(program);
    path.exists().then_some(())?;
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let mut argv = match program {
        // It is static.
        "busybox" => vec![],
        _ => vec![
            text(&below(root, "usr/lib64", "ld-linux")?),
            "--argv0".to_owned(),
            program.to_owned(),
            "--library-path".to_owned(),
            text(below(root, "usr/lib", "libc.so.6")?.parent()?),
        ],
    };
    argv.push(text(&path));
    argv.extend(arguments.split_whitespace().map(str::to_owned));
    Some(Shell { name, argv })
}

/// The first file whose name begins so, in a folder or in one of its folders.
fn below(root: &Path, folder: &str, name: &str) -> Option<PathBuf> {
    let entries = |folder: PathBuf| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    };
    let is = |path: &PathBuf| {
        let own = path.file_name().and_then(|own| own.to_str());
        own.is_some_and(|own| own.starts_with(name))
    };
    let folder = root.join(folder);
    let deeper = entries(folder.clone()).into_iter().flat_map(entries);
    entries(folder).into_iter().chain(deeper).find(is)
}
