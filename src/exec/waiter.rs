//! A process that outlives the `stop` that started it.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use super::own_program;

/// Starts this program's `wait`, which nobody waits for.
pub(super) fn leave_behind(file: &Path) -> io::Result<()> {
    Command::new(own_program())
        .arg("exec")
        .arg(file)
        .arg("wait")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map(drop)
}
