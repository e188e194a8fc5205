//! An image of each init with a layer of ours over it.

use std::io::Read;
use std::process::Command;

use tar::{Archive, EntryType};

use crate::bed::{Bed, Boot, File, Init, PATIENCE};
use crate::error::{Context, Result, fail};
use crate::recorder::now;
use crate::report::Cell;
use crate::suite::Task;

/// What `render --format tar` gives, as files of a bed.
fn layer(init: &dyn Init) -> Result<Vec<File>> {
    let program = env!("CARGO_BIN_EXE_kubelet-unit");
    let mut command = Command::new(program);
    command.args([
        "render",
        "--init",
        init.backend(),
        "--distro",
        init.distro().name,
    ]);
    if let Some(layout) = init.layout() {
        command.args(["--layout", layout]);
    }
    let output = command
        .args(["--format", "tar"])
        .output()
        .context(program)?;
    if !output.status.success() {
        fail!("render: {}", String::from_utf8_lossy(&output.stderr));
    }
    let mut archive = Archive::new(output.stdout.as_slice());
    let mut files = Vec::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = std::path::Path::new("/").join(entry.path()?);
        let mode = entry.header().mode()?;
        files.push(match entry.header().entry_type() {
            EntryType::Directory => continue,
            EntryType::Symlink => match entry.link_name()? {
                Some(target) => File::link(path, target.into_owned()),
                None => fail!("{} leads nowhere", path.display()),
            },
            _ => {
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes)?;
                File::new(path, mode, bytes)
            }
        });
    }
    Ok(files)
}

/// The kubelet runs after the boot, once.
pub(super) fn boots(task: &Task) -> Result<Cell> {
    let files = layer(task.init)?;
    let boot = Boot {
        layer: true,
        ..Boot::default()
    };
    let began = now();
    let mut bed = Bed::boot(task.init, &files, &boot)?;
    let first = bed.next_start(PATIENCE)?;
    std::thread::sleep(std::time::Duration::from_millis(500));
    if bed.recorders() != [first.pid] || !bed.events()?.is_empty() {
        fail!(
            "after the boot {:?} run, and not {} alone",
            bed.recorders(),
            first.pid
        );
    }
    let took = first.at.saturating_sub(began).as_secs_f64();
    Ok(Cell::Passed(format!("{took:.2} s")))
}
