//! An image of each init with a layer of ours over it, among them the one that README shows.

use std::io::Read;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tar::{Archive, EntryType};

use super::drive::{expect, program};
use crate::bed::{Bed, Boot, File, Init, PATIENCE};
use crate::error::{Context, Result, fail, late};
use crate::lanes::Task;
use crate::recorder::{Behaviour, CONTROL, Event, OnTerm, Record, now};
use crate::report::Cell;

/// Shorter than the kubelet's own, so that a stop that waits for it can be waited for.
const TIMEOUT: Duration = Duration::from_secs(3);
/// By how much an end may be later than what it waits for: s6-overlay waits 3 s for the rest of
/// the container, when all services are down.
const LATER: Duration = Duration::from_secs(5);

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
fn layer(init: &dyn Init, options: &[&str]) -> Result<Vec<File>> {
    let program = env!("CARGO_BIN_EXE_kubelet-unit");
    let mut command = Command::new(program);
    let output = command.args(words(init)?).args(options).output();
    let output = output.context(program)?;
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

/// A bed with a layer over it and nothing else, in which the kubelet has started.
fn boot(init: &'static dyn Init, files: &[File]) -> Result<(Bed, Record)> {
    let boot = Boot {
        layer: true,
        ..Boot::default()
    };
    let mut bed = Bed::boot(init, files, &boot)?;
    let first = bed.next_start(PATIENCE)?;
    Ok((bed, first))
}

/// The kubelet runs after the boot, once.
pub(super) fn boots(task: &Task) -> Result<Cell> {
    let files = layer(task.init, &[])?;
    let began = now();
    let (mut bed, first) = boot(task.init, &files)?;
    std::thread::sleep(Duration::from_millis(500));
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

/// The program finds its way in an image that nobody has told it of.
pub(super) fn driven(task: &Task) -> Result<Cell> {
    let mut files = layer(task.init, &[])?;
    files.push(program());
    let (mut bed, first) = boot(task.init, &files)?;
    // A command within a second of a start can be lost (sv(8) counts in seconds).
    std::thread::sleep(Duration::from_millis(1100));
    let init = format!("init      {}, running: ", task.init.backend());
    let found = super::drive::ask(&bed, &["detect"])?;
    if found.code != 0 || !found.text().starts_with(&init) {
        fail!("`detect` says {:?}", found.all());
    }
    expect(&bed, &["service", "is-enabled"], 0, "enabled")?;
    expect(&bed, &["service", "is-active"], 0, "active")?;
    expect(&bed, &["service", "restart"], 0, "")?;
    let second = bed.next_start(PATIENCE)?;
    if bed.recorders() != [second.pid] || second.argv != first.argv {
        fail!("{:?} run after a restart", bed.recorders());
    }
    std::thread::sleep(Duration::from_millis(1100));
    expect(&bed, &["service", "stop"], 0, "")?;
    if !bed.recorders().is_empty() {
        fail!("{:?} run after a stop", bed.recorders());
    }
    expect(&bed, &["service", "is-active"], 3, "inactive")?;
    expect(&bed, &["service", "start"], 0, "")?;
    bed.next_start(PATIENCE)?;
    expect(&bed, &["service", "disable"], 0, "")?;
    expect(&bed, &["service", "is-enabled"], 1, "disabled")?;
    Ok(Cell::Passed("found, and obeyed".into()))
}

/// A TERM to the first process, as the stop of a container sends it: the kubelet gets one TERM, and the container
/// ends when the kubelet has, or when its timeout is over.
pub(super) fn stopped(task: &Task) -> Result<Cell> {
    let files = layer(task.init, &["--set", "stop.timeout=3s"])?;
    let at_once = stop(task.init, &files, OnTerm::Exit(0))?;
    if at_once > LATER {
        late!("it ends after {at_once:.2?}");
    }
    let ignored = stop(task.init, &files, OnTerm::Ignore)?;
    if ignored < TIMEOUT {
        fail!("where TERM is ignored, it ends after {ignored:.2?}");
    }
    if ignored > TIMEOUT + LATER {
        late!("where TERM is ignored, it ends after {ignored:.2?}");
    }
    let shown = |time: Duration| format!("{:.2} s", time.as_secs_f64());
    Ok(Cell::Passed(format!(
        "{}, where TERM is ignored {}",
        shown(at_once),
        shown(ignored)
    )))
}

/// How long a container lives after it was told to stop.
fn stop(init: &'static dyn Init, files: &[File], on_term: OnTerm) -> Result<Duration> {
    let behaviour = Behaviour {
        on_term,
        ..Behaviour::default()
    };
    let orders = File::new(CONTROL, 0o644, serde_json::to_vec(&behaviour)?);
    let (mut bed, first) = boot(init, &[files, &[orders]].concat())?;
    // The boot has ended: what is told while s6-rc still starts something waits for that.
    std::thread::sleep(Duration::from_secs(1));
    let began = now();
    kill(Pid::from_raw(bed.machine.first_pid()), Signal::SIGTERM)?;
    while bed.machine.alive().is_ok() {
        if now().saturating_sub(began) > 2 * PATIENCE {
            fail!("the container does not end");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let took = now().saturating_sub(began);
    let events = bed.events()?;
    let terms = events.iter().filter(|event| is_term(event, first.pid));
    match terms.count() {
        1 => Ok(took),
        count => fail!("the kubelet got {count} signals: {events:?}"),
    }
}

fn is_term(event: &Event, kubelet: i32) -> bool {
    matches!(event, Event::Signal { pid, signal, .. } if *pid == kubelet && *signal == Signal::SIGTERM as i32)
}
