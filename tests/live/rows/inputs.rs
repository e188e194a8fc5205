//! Bad input: env files that are none, and a start that cannot be.

use std::collections::BTreeMap;
use std::time::Duration;

use kubelet_unit::service::{Service, Span};

use super::vectors::{DEFAULT, FLAGS};
use super::{Lane, Row, row};
use crate::bed::{self, Bed, Boot, File, PATIENCE};
use crate::error::{Context, Result, fail, late};
use crate::lanes::Task;
use crate::recorder::{Behaviour, End, Record, text};
use crate::report::Cell;
use crate::service::Rendering;

pub(super) const ROWS: &[Row] = &[
    row(
        "input: env files",
        "an env file that is a folder, a link to nowhere, unreadable, 65 MiB or full of NULs, or a FIFO: starts that differ from systemd's",
        env_files,
    )
    .shown()
    .weight(20),
    row(
        "input: changing",
        "an env file that changes while it is read: starts whose arguments no state of it has",
        changing,
    )
    .shown()
    .weight(10),
    row(
        "input: required",
        "a required env file is missing, delay 1 s: the first start after it is there",
        required,
    )
    .lane(Lane::Alone)
    .shown(),
    row(
        "input: too long",
        "an argument too long for execve, delay 1 s: the first start after it is mended",
        too_long,
    )
    .lane(Lane::Alone)
    .shown(),
];

/// What is in place of an env file.
struct Case {
    name: &'static str,
    put: fn(&Bed) -> Result<()>,
    /// What the log has to say about it.
    says: &'static str,
    /// Without it, systemd's start is the one without the file.
    systemd_too: bool,
}

const CASES: [Case; 6] = [
    Case {
        name: "a folder",
        put: |bed| bed.put(&File::folder(FLAGS, 0o755)),
        says: "it is a directory",
        systemd_too: true,
    },
    Case {
        name: "a FIFO",
        put: |bed| bed.put(&File::fifo(FLAGS, 0o644)),
        says: "it is not a regular file",
        // It would wait for ever.
        systemd_too: false,
    },
    Case {
        name: "a link to nowhere",
        put: |bed| bed.put(&File::link(FLAGS, "/nowhere")),
        says: "it is a link to a file that does not exist",
        systemd_too: true,
    },
    Case {
        // Root may read every file; this one fails when it is read.
        name: "unreadable",
        put: |bed| bed.put(&File::link(FLAGS, "/proc/self/mem")),
        says: "/var/lib/kubelet/kubeadm-flags.env",
        systemd_too: true,
    },
    Case {
        // Where exactly systemd's limit lies depends on what malloc(3) gives beyond 64 MiB.
        name: "65 MiB",
        put: |bed| {
            let line = b"KUBELET_KUBEADM_ARGS=--huge-as-it-is\n".as_slice();
            bed.put_file(FLAGS, &line.repeat((65 << 20) / line.len()))
        },
        says: "it has 64 MiB or more",
        systemd_too: true,
    },
    Case {
        name: "full of NULs",
        put: |bed| {
            bed.put_file(
                FLAGS,
                &[b"KUBELET_KUBEADM_ARGS=--nul\n".as_slice(), &[0; 4096]].concat(),
            )
        },
        says: "it contains a NUL byte",
        systemd_too: true,
    },
];

fn boot(init: &'static dyn bed::Init, change: &dyn Fn(&mut Service)) -> Result<Bed> {
    let rendering = Rendering {
        change,
        ..Rendering::default()
    };
    Bed::boot(init, &rendering.files(init)?, &Boot::default())
}

/// One start with the case's file beside a good one.
fn start(bed: &mut Bed, case: &Case) -> Result<Record> {
    bed.remove_file(FLAGS)?;
    (case.put)(bed)?;
    bed.init.cycle(bed)?;
    bed.next_start(PATIENCE).context(case.name)
}

/// A bed whose service has been started with the good file alone.
fn ready(init: &'static dyn bed::Init) -> Result<(Bed, Record)> {
    let mut bed = boot(init, &|_| {})?;
    bed.put_file(DEFAULT, b"KUBELET_EXTRA_ARGS=--good\n")?;
    bed.start()?;
    let record = bed.next_start(PATIENCE)?;
    Ok((bed, record))
}

/// What live systemd does with each.
fn references<'a>(task: &Task<'a>) -> Result<&'a BTreeMap<&'static str, Record>> {
    task.references.inputs.get(|| {
        let Some(init) = bed::by_name("systemd") else {
            fail!("no systemd among the inits")
        };
        let (mut bed, without) = ready(init)?;
        let mut references = BTreeMap::new();
        for case in &CASES {
            let record = match case.systemd_too {
                true => start(&mut bed, case)?,
                false => without.clone(),
            };
            references.insert(case.name, record);
        }
        Ok(references)
    })
}

fn env_files(task: &Task) -> Result<Cell> {
    let references = references(task)?;
    if task.init.name() == "systemd" {
        let tried = CASES.iter().filter(|case| case.systemd_too).count();
        return Ok(Cell::Passed(format!("the reference, {tried} starts")));
    }
    let (mut bed, _) = ready(task.init)?;
    for case in &CASES {
        let record = start(&mut bed, case)?;
        let differences = record.differences(&references[case.name], &[]);
        if !differences.is_empty() {
            fail!("{}: {differences:?}", case.name);
        }
        let line = |line: &str| line.contains(FLAGS) && line.contains(case.says);
        bed.wait(case.name, PATIENCE, || Ok(bed.log()?.lines().any(line)))
            .context(format_args!("the log has no line about it: {}", bed.log()?))?;
    }
    Ok(Cell::Passed(format!("0 of {}", CASES.len())))
}

/// A file that is replaced, and one that is written in place, while starts read them.
fn changing(task: &Task) -> Result<Cell> {
    const STARTS: usize = 5;
    let (mut bed, _) = ready(task.init)?;
    let script = "trap 'exit 0' TERM; folder=${0%/*}; while :; do \
                  echo KUBELET_KUBEADM_ARGS=--one >$folder/new; mv $folder/new $0; \
                  echo KUBELET_KUBEADM_ARGS=--two >>$0; done";
    bed.put_file(FLAGS, b"KUBELET_KUBEADM_ARGS=--one\n")?;
    bed.expect(&[
        "sh".to_owned(),
        "-c".to_owned(),
        format!("{{ {script}; }} >/dev/null 2>&1 & echo $! >/run/changer"),
        FLAGS.to_owned(),
    ])?;
    for _ in 0..STARTS {
        bed.init.cycle(&bed)?;
        let record = bed.next_start(PATIENCE)?;
        let words: Vec<_> = record.argv[1..].iter().map(|word| text(word)).collect();
        let changed = words.len().checked_sub(2).map(|at| words[at].as_str());
        let whole = matches!(changed, Some("--one" | "--two"));
        if !whole || words.last().map(String::as_str) != Some("--good") {
            fail!("a start has {words:?}");
        }
    }
    Ok(Cell::Passed(format!("0 of {STARTS}")))
}

/// Waits until two starts have failed with this in the log, mends it and measures the first start after that.
fn mended(bed: &mut Bed, says: &[&str], mend: impl Fn(&Bed) -> Result<()>) -> Result<Cell> {
    let said = |line: &str| says.iter().all(|part| line.contains(part));
    let twice = || Ok(bed.log()?.lines().filter(|line| said(line)).count() >= 2);
    bed.wait("two lines in the log", PATIENCE, twice)
        .context(format_args!("no line with {says:?}: {}", bed.log()?))?;
    for event in bed.events()? {
        if let crate::recorder::Event::Start(record) = event {
            fail!("the kubelet was started all the same, as {}", record.pid);
        }
    }
    let began = crate::recorder::now();
    mend(bed)?;
    let took = bed.next_start(PATIENCE)?.at.saturating_sub(began);
    if took > Duration::from_millis(1500) {
        late!("the first start is {took:?} after that");
    }
    Ok(Cell::Passed(format!("{:.2} s", took.as_secs_f64())))
}

/// The command that cannot succeed. Whether it says so is the init's: `sv` looks every 0.42 s whether a process
/// is there, and waits until its option's time is over when it never meets one of these that end at once.
fn try_start(bed: &Bed) -> Result<()> {
    bed.run_waiting(&bed.init.start()).map(drop)
}

fn required(task: &Task) -> Result<Cell> {
    let mut bed = boot(task.init, &|service| {
        service.restart.delay = Span::seconds(1);
        service.env_files[0].optional = false;
    })?;
    try_start(&bed)?;
    let says: &[&str] = match task.init.name() {
        "systemd" => &["Failed to load environment files: No such file"],
        _ => &[FLAGS, "it does not exist"],
    };
    mended(&mut bed, says, |bed| bed.put_file(FLAGS, b""))
}

fn too_long(task: &Task) -> Result<Cell> {
    let mut bed = boot(task.init, &|service| {
        service.restart.delay = Span::seconds(1);
    })?;
    let long = format!("KUBELET_KUBEADM_ARGS=--{}\n", "x".repeat(131_072));
    bed.put_file(FLAGS, long.as_bytes())?;
    bed.behave(&Behaviour {
        end: End::Run,
        ..Behaviour::default()
    })?;
    try_start(&bed)?;
    mended(&mut bed, &["rgument list too long"], |bed| {
        bed.put_file(FLAGS, b"KUBELET_KUBEADM_ARGS=--short\n")
    })
}
