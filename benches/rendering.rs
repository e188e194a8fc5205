//! `render` against `/bin/true`, the library alone, and the size of it all.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use kubelet_unit::backends::BUILTIN;
use kubelet_unit::order::Order;

use crate::builds::{EXEC, MUSL, RENDER, STATIC};
use crate::pairs::{Contender, compare};

const PROGRAM: &str = env!("CARGO_BIN_EXE_kubelet-unit");

pub(crate) fn run(rounds: usize) {
    memory();
    let mut contenders = vec![
        Contender::new("/bin/true", || Command::new("/bin/true")),
        Contender::new("kubelet-unit --version (the floor)", || {
            typed(PROGRAM, &["--version"])
        }),
        Contender::new("kubelet-unit render --init openrc", || {
            typed(PROGRAM, &["render", "--init", "openrc"])
        }),
        Contender::new("kubelet-unit render --init all", || {
            typed(PROGRAM, &["render", "--init", "all"])
        }),
    ];
    size("default", Path::new(PROGRAM));
    for build in [STATIC, MUSL, RENDER, EXEC] {
        let Some(program) = build.program() else {
            continue;
        };
        size(build.name, &program);
        if build.has_render() {
            for words in [&["--version"][..], &["render", "--init", "openrc"]] {
                let name = format!("{}: kubelet-unit {}", build.name, words.join(" "));
                let program = program.clone();
                contenders.push(Contender::new(&name, move || typed(&program, words)));
            }
        }
    }
    compare("render, as a process", rounds, &contenders);
    library(rounds * 50);
}

fn typed(program: impl AsRef<std::ffi::OsStr>, words: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(words);
    command
}

fn size(kind: &str, program: &Path) {
    let bytes = std::fs::metadata(program).unwrap().len();
    println!("program, {kind}: {:.2} MB", bytes as f64 / 1e6);
}

/// The most memory that a `render` of all inits has in use, by `wait4(2)`.
fn memory() {
    let status = typed(PROGRAM, &["render", "--init", "all"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    let usage = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_CHILDREN);
    println!(
        "peak memory: {:.1} MB",
        usage.unwrap().max_rss() as f64 / 1e3
    );
}

/// Renders per second without a process around them.
fn library(count: usize) {
    for backend in BUILTIN {
        let placed = Order::kubelet().place(*backend).unwrap();
        let request = placed.request();
        let start = Instant::now();
        for _ in 0..count {
            std::hint::black_box(backend.render(&request).unwrap());
        }
        let each = start.elapsed() / u32::try_from(count).unwrap();
        println!(
            "  library: {:<12} {:>9.0} renders per second",
            backend.name(),
            1.0 / each.as_secs_f64()
        );
    }
}
