//! The program built otherwise than by default: linked statically, or with fewer
//! commands. docs/cost.md has the same commands for it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A way to build the program.
pub(crate) struct Build {
    pub(crate) name: &'static str,
    /// Groups of commands, as `Cargo.toml` has them.
    features: &'static str,
    /// For rustc.
    flags: &'static str,
    /// By `packaging/musl`, and not for this machine's own C library.
    musl: bool,
}

/// With all commands.
pub(crate) const STATIC: Build = Build {
    name: "static",
    features: "render,exec,host",
    flags: "-C target-feature=+crt-static",
    musl: false,
};

/// The same with musl, as it is in the packages.
pub(crate) const MUSL: Build = Build {
    name: "musl",
    features: "render,exec,host",
    flags: "",
    musl: true,
};

/// What makes files of a service, for whoever packages it.
pub(crate) const RENDER: Build = Build {
    name: "render alone",
    features: "render",
    flags: "",
    musl: false,
};

/// What a machine needs for the native launcher. At a fixed address it has nothing
/// to relocate, which a start would pay for with a dozen pages.
pub(crate) const EXEC: Build = Build {
    name: "exec alone, static",
    features: "exec",
    flags: "-C target-feature=+crt-static -C relocation-model=static",
    musl: false,
};

impl Build {
    pub(crate) fn has_render(&self) -> bool {
        self.features.contains("render")
    }

    /// Builds it, in a folder of its own; `None`, and a line that says so, where a static
    /// C library is missing.
    pub(crate) fn program(&self) -> Option<PathBuf> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let script = root.join("packaging/musl");
        let host = match self.musl {
            true => printed(Command::new(&script).arg("--print-target"))?
                .trim()
                .to_owned(),
            false => host()?,
        };
        let target = root
            .join("target/builds")
            .join(self.name.replace(", ", "-"));
        let mut command = Command::new(env!("CARGO"));
        command.args(["build", "--locked", "--target", &host]);
        command.env("RUSTFLAGS", self.flags);
        if self.musl {
            command = Command::new(script);
            command.arg("build");
        }
        let built = command
            .args(["--release", "--quiet", "--bins"])
            .args(["--no-default-features", "--features", self.features])
            .arg("--target-dir")
            .arg(&target)
            .current_dir(root)
            .status();
        if !built.is_ok_and(|status| status.success()) {
            println!("{}: cannot be built here", self.name);
            return None;
        }
        Some(target.join(host).join("release/kubelet-unit"))
    }
}

/// The target that this is built for. Without naming it, flags would go to procedural
/// macros as well, which cannot be static.
fn host() -> Option<String> {
    let version = printed(Command::new("rustc").arg("-vV"))?;
    let mut lines = version.lines();
    let host = lines.find_map(|line| line.strip_prefix("host: "))?;
    Some(host.into())
}

fn printed(command: &mut Command) -> Option<String> {
    String::from_utf8(command.output().ok()?.stdout).ok()
}
