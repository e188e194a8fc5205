//! The reader of units next to live systemd: what `systemctl show` says of each unit that
//! packages put on this machine, of those of other projects, and of random ones.

mod random;
mod shown;

use std::collections::BTreeMap;
use std::path::Path;

use kubelet_unit::root::Root;
use kubelet_unit::unit::{FindError, Finder, Given, Unit};

use crate::bed::{Bed, Boot, File};
use crate::error::{Context, Result, fail};
use crate::lanes::Task;
use crate::report::Cell;
use crate::service::bare;

/// Where the machine's packages have their units.
const MACHINE: [&str; 2] = ["/usr/lib/systemd/system", "/lib/systemd/system"];

/// As many differences are shown.
const SHOWN: usize = 40;

/// The units of the machine and those in `fixtures/units`.
pub(super) fn real(task: &Task) -> Result<Cell> {
    let mut files = bare(task.init);
    let own: Vec<String> = task
        .init
        .tree()
        .iter()
        .map(|file| file.path.display().to_string())
        .collect();
    let mut names = Vec::new();
    for folder in MACHINE {
        take(Path::new(folder), &own, &mut names, &mut files)?;
    }
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/units");
    take(&fixtures, &own, &mut names, &mut files)?;
    names.sort();
    names.dedup();
    compare(task, &files, &names)
}

/// Units made of what the reader looks at.
pub(super) fn random(task: &Task) -> Result<Cell> {
    let mut files = bare(task.init);
    let mut names = Vec::new();
    for seed in 1..=random::COUNT {
        // Each third is a template, of which there is one instance.
        let [of_file, of_name] = if seed % 3 == 0 { ["@", "@x"] } else { ["", ""] };
        files.extend(random::unit(
            seed,
            &format!("some-random-{seed}{of_file}.service"),
        ));
        names.push(format!("some-random-{seed}{of_name}.service"));
    }
    files.extend(random::shared());
    compare(task, &files, &names)
}

/// Copies services and their drop-ins. A template is asked for by an instance.
fn take(
    folder: &Path,
    own: &[String],
    names: &mut Vec<String>,
    files: &mut Vec<File>,
) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Ok(());
    };
    for entry in entries {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let place = format!("{}/{name}", MACHINE[0]);
        if own.contains(&place) {
            continue;
        }
        if name.ends_with(".service.d") {
            for file in std::fs::read_dir(&path)? {
                let file = file?.path();
                let name = file
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                let bytes = std::fs::read(&file).context(file.display())?;
                files.push(File::new(format!("{place}/{name}"), 0o644, bytes));
            }
        } else if name.ends_with(".service") {
            match std::fs::read_link(&path) {
                Ok(target) => files.push(File::link(&place, target)),
                Err(_) => files.push(File::new(&place, 0o644, std::fs::read(&path)?)),
            }
            names.push(name.replace("@.service", "@in-stance.service"));
        }
    }
    Ok(())
}

/// Boots systemd with the files, and compares what it says of the units with what we read.
fn compare(task: &Task, files: &[File], names: &[String]) -> Result<Cell> {
    let bed = Bed::boot(task.init, files, &Boot::default())?;
    let host = host(&bed)?;
    let say = |specifier: char| host.get(&specifier).cloned();
    let ours = bed.inside(|| -> Result<BTreeMap<String, Result<Unit, FindError>>> {
        let root = Root::open("/")?;
        let finder = Finder::new(&root, true);
        let read = |name: &String| {
            let given = Given {
                unit: name,
                drop_ins: &[],
            };
            let unit = finder.find(given).map(|found| Unit::of(&found, &say));
            (name.clone(), unit)
        };
        Ok(names.iter().map(read).collect())
    })?;
    let version = version(&bed)?;
    let mut found = Vec::new();
    let mut values = 0;
    for (number, chunk) in names.chunks(40).enumerate() {
        task.step(number * 40, names.len());
        for (name, theirs) in chunk.iter().zip(shown::ask(&bed, chunk)?) {
            let (count, differences) = shown::differences(&ours[name], &theirs, &ours, version);
            values += count;
            for difference in differences {
                found.push(format!("{name}: {difference}"));
            }
        }
    }
    if !found.is_empty() {
        let some: Vec<_> = found.iter().take(SHOWN).map(String::as_str).collect();
        fail!("{} values differ:\n  {}", found.len(), some.join("\n  "));
    }
    Ok(Cell::Passed(format!(
        "{} units, {values} values, 0 differ",
        names.len()
    )))
}

/// The release of systemd: `systemd 257 (257.13-1)`.
fn version(bed: &Bed) -> Result<u32> {
    let said = bed.run(&["systemctl", "--version"])?.text();
    let number = said.split_whitespace().nth(1);
    let number = number.and_then(|number| number.split('.').next()?.parse().ok());
    match number {
        Some(number) => Ok(number),
        None => fail!("systemctl does not say its version: {said}"),
    }
}

/// What the bed's specifiers stand for.
fn host(bed: &Bed) -> Result<BTreeMap<char, String>> {
    let said = |argv: &[&str]| -> Result<String> { Ok(bed.run(argv)?.text()) };
    let name = said(&["uname", "-n"])?;
    let boot = said(&["cat", "/proc/sys/kernel/random/boot_id"])?;
    let short = name.split('.').next().unwrap_or_default().to_owned();
    Ok([
        ('H', name),
        ('l', short),
        ('b', boot.replace('-', "")),
        ('m', said(&["cat", "/etc/machine-id"])?),
        ('v', said(&["uname", "-r"])?),
    ]
    .into())
}
