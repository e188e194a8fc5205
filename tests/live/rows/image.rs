//! An image of each init with a layer of ours over it, among them the one that README shows.

use std::io::Read;
use std::path::Path;
use std::process::Command;

use tar::{Archive, EntryType};

use crate::bed::{Bed, Boot, File, Init, PATIENCE};
use crate::error::{Context, Result, fail};
use crate::lanes::Task;
use crate::recorder::now;
use crate::report::Cell;

/// The words by which an image's layer is made: those of README's example where it is of this
/// init.
fn words(init: &dyn Init) -> Result<Vec<String>> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&readme).context(readme.display())?;
    let line = readme.lines().find_map(|line| {
        let (words, _) = line
            .strip_prefix("kubelet-unit ")?
            .split_once(" > layer.tar")?;
        Some(words)
    });
    let Some(line) = line else {
        fail!("README shows no layer");
    };
    if line.contains(&format!("--init {} ", init.backend())) {
        return Ok(line.split(' ').map(Into::into).collect());
    }
    let distro = init.distro().name;
    let mut words = vec!["render", "--init", init.backend(), "--distro", distro];
    if let Some(layout) = init.layout() {
        words.extend(["--layout", layout]);
    }
    words.extend(["--format", "tar", "--enable"]);
    Ok(words.into_iter().map(Into::into).collect())
}

/// What `render --format tar --enable` gives, as files of a bed.
fn layer(init: &dyn Init) -> Result<Vec<File>> {
    let program = env!("CARGO_BIN_EXE_kubelet-unit");
    let mut command = Command::new(program);
    let output = command.args(words(init)?).output().context(program)?;
    if !output.status.success() {
        fail!("render: {}", String::from_utf8_lossy(&output.stderr));
    }
    let mut archive = Archive::new(output.stdout.as_slice());
    let mut files = Vec::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = Path::new("/").join(entry.path()?);
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
