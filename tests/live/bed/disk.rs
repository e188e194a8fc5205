//! An ext4 file system of a bed's own: an image in its scratch file system, on a loop device that goes with the
//! bed's mounts.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::error::{Context, Result, fail};

/// Enough for a service's folders; what nobody writes takes no memory.
const BYTES: u64 = 16 << 20;

/// Makes the image beside `folder`, and mounts it there. Called where the machine's own programs are in PATH.
pub(super) fn mount(folder: &Path) -> Result<()> {
    let image = folder.with_extension("ext4");
    File::create(&image)?.set_len(BYTES)?;
    fs::create_dir(folder)?;
    run(Command::new("mke2fs")
        .args(["-q", "-t", "ext4"])
        .arg(&image))?;
    // mount(8) lets the kernel give the device back after the last unmount.
    run(Command::new("mount")
        .args(["-o", "loop"])
        .args([&image, folder]))
}

fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let folders = "/usr/sbin:/usr/bin:/sbin:/bin";
    let output = command.env("PATH", folders).stdin(Stdio::null()).output();
    let output = output.context(&program)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        fail!("`{program}` fails: {}", said.trim_end());
    }
    Ok(())
}

/// Why there can be no such file system here, if so.
pub(crate) fn missing() -> Option<&'static str> {
    static MISSING: OnceLock<Option<&str>> = OnceLock::new();
    *MISSING.get_or_init(|| {
        if run(Command::new("losetup").arg("--find")).is_err() {
            return Some("there are no loop devices here");
        }
        match run(Command::new("mke2fs").arg("-V")) {
            Ok(()) => None,
            Err(_) => Some("`mke2fs` is missing"),
        }
    })
}
