//! A process that outlives the `stop` that started it.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use super::clock::Moment;
use super::members::Start;
use super::own_program;

/// Starts this program's `wait`, which nobody waits for.
pub(super) fn leave_behind(
    file: &Path,
    deadline: Moment,
    target: Option<&Start>,
) -> io::Result<()> {
    let target = target.map(|start| [start.pid.to_string(), start.started.to_string()]);
    Command::new(own_program())
        .arg("exec")
        .arg(file)
        .args(["wait", &deadline.to_string()])
        .args(target.iter().flatten())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map(drop)
}
