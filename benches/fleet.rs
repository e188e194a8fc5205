//! A fleet: the seconds and the memory that an inventory takes as it grows, as an
//! archive and as trees.
//!
//! The trees go to memory where there is such a place, so that it is our own work
//! and the system calls that are measured, and then to the disk, whose file system
//! sets the pace: ext4 takes several times as long for the minutes after many files
//! were removed (`recently_deleted`, `fs/ext4/ialloc.c`). So nothing is removed
//! before the end, and tar shows what that disk gives in the same minute.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike};

use crate::scratch::Scratch;

const PROGRAM: &str = env!("CARGO_BIN_EXE_kubelet-unit");

/// Each init, with a distribution that has it.
const KINDS: &[(&str, &str)] = &[
    ("systemd", "debian"),
    ("openrc", "alpine"),
    ("runit", "void"),
    ("s6", "artix"),
    ("supervisord", "gentoo"),
];

pub(crate) fn run(sizes: &[usize]) {
    println!("\na fleet: seconds (of them on the processor), peak memory");
    let disk = Scratch::below(&std::env::temp_dir());
    for &size in sizes {
        let disk = disk.path().join(size.to_string());
        fs::create_dir(&disk).unwrap();
        let nodes = disk.join("nodes.yaml");
        fs::write(&nodes, inventory(size)).unwrap();
        let archive = disk.join("fleet.tar");
        let mut command = render(&nodes);
        command.args(["--format", "tar"]);
        let out = File::create(&archive).unwrap();
        row(size, "--format tar", &command, out.into());
        let memory = Path::new("/dev/shm");
        if memory.is_dir() {
            let memory = Scratch::below(memory);
            let mut command = render(&nodes);
            command.arg("--output").arg(memory.path().join("trees"));
            row(size, "--output in memory", &command, Stdio::null());
        }
        let trees = disk.join("trees");
        let mut command = render(&nodes);
        command.arg("--output").arg(&trees);
        row(size, "--output on the disk", &command, Stdio::null());
        let unpacked = disk.join("unpacked");
        fs::create_dir(&unpacked).unwrap();
        let mut command = Command::new("tar");
        command.arg("-xf").arg(&archive).arg("-C").arg(unpacked);
        row(size, "(tar -x of it on the disk)", &command, Stdio::null());
    }
}

/// Nodes with an argument and a name of their own.
fn inventory(size: usize) -> String {
    (0..size).fold(String::new(), |mut text, number| {
        let (init, distro) = KINDS[number % KINDS.len()];
        let (high, low) = (number / 256, number % 256);
        let _ = write!(
            text,
            "- name: node-{number:05}\n  init: {init}\n  distro: {distro}\n  \
             hostname: node-{number:05}.example.org\n  \
             extraArgs: [--v=2, --node-ip=10.0.{high}.{low}]\n"
        );
        text
    })
}

fn render(nodes: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(["render", "--nodes"]).arg(nodes);
    command
}

/// The argument with which this program runs another one and says what it took.
pub(crate) const MEASURE: &str = "--measure";

/// Runs the command that the arguments are and prints, on standard error, its
/// seconds, those on the processor, and its peak memory in kilobytes. What the
/// system knows of a process's children is of all of them, so each command gets a
/// process of its own above it.
pub(crate) fn measure(arguments: &[String]) {
    let start = Instant::now();
    let status = Command::new(&arguments[0])
        .args(&arguments[1..])
        .stderr(Stdio::null())
        .status()
        .unwrap();
    let wall = start.elapsed().as_secs_f64();
    assert!(status.success(), "{arguments:?}: {status}");
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let seconds = |time: TimeVal| time.num_microseconds() as f64 / 1e6;
    let processor = seconds(usage.user_time()) + seconds(usage.system_time());
    eprintln!("{wall} {processor} {}", usage.max_rss());
}

fn row(size: usize, what: &str, command: &Command, out: Stdio) {
    let output = Command::new(std::env::current_exe().unwrap())
        .arg(MEASURE)
        .arg(command.get_program())
        .args(command.get_args())
        .stdout(out)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{what}: {said}");
    let figures: Vec<f64> = said
        .split_whitespace()
        .map(|figure| figure.parse().unwrap())
        .collect();
    println!(
        "  {size:>6} nodes {what:<34} {:>7.2} s ({:>5.2} s) {:>6.1} MB",
        figures[0],
        figures[1],
        figures[2] / 1e3
    );
}
