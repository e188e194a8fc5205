//! The program built otherwise than the one that is measured by default: with fewer
//! commands, or linked statically.

use std::path::{Path, PathBuf};
use std::process::Command;

/// All features, which are groups of commands.
pub(crate) const ALL: &str = "render,exec,host";

/// Builds the program with these commands; `None`, and a line that says so, where
/// the host's static C library is missing.
pub(crate) fn build(features: &str, is_static: bool) -> Option<PathBuf> {
    let host = host()?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // A folder for each, so that none is built anew for another.
    let (kind, flags) = match is_static {
        true => ("static", "-C target-feature=+crt-static"),
        false => ("dynamic", ""),
    };
    let target = root.join("target/builds").join(features.replace(',', "-"));
    let target = target.join(kind);
    let mut command = Command::new(env!("CARGO"));
    command
        .args(["build", "--release", "--locked", "--quiet", "--bins"])
        .args(["--no-default-features", "--features", features])
        .args(["--target", &host, "--target-dir"])
        .arg(&target)
        .arg("--manifest-path")
        .arg(root.join("Cargo.toml"))
        .env("RUSTFLAGS", flags);
    if !command.status().is_ok_and(|status| status.success()) {
        println!("{kind} program with {features}: cannot be built here");
        return None;
    }
    Some(target.join(host).join("release/kubelet-unit"))
}

/// The target that this is built for, without which a static program cannot have
/// procedural macros.
fn host() -> Option<String> {
    let version = Command::new("rustc").arg("-vV").output().ok()?;
    let version = String::from_utf8(version.stdout).ok()?;
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))?;
    Some(host.into())
}
