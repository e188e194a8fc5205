//! The live suite: the real init systems start the service with a recorder in the kubelet's place.
//!
//! The test binary plays every part itself, by how it is called: the recorder (`kubelet`), the processes
//! of a bed (`@keeper`, `@first`, `@enter`), the victim of the tests about cleaning up, and else the suite.
//! It has no Rust `main`, because the recorder has to see its state before Rust's runtime changes it.

#![no_main]
#![deny(unsafe_code)]

mod bed;
mod docs;
mod error;
#[path = "../../examples/finit/backend.rs"]
mod finit;
mod generation;
mod lanes;
mod leftovers;
mod pace;
mod recorder;
mod report;
mod rows;
mod service;
mod suite;
mod table;

use std::ffi::OsString;

use nix::sys::signal::{SigSet, Signal};

/// Called by the C runtime.
#[expect(
    unsafe_code,
    reason = "the name is the C runtime's; nothing else defines it in a program without a Rust main"
)]
#[unsafe(no_mangle)]
extern "C" fn main() -> i32 {
    let argv: Vec<OsString> = std::env::args_os().collect();
    std::panic::catch_unwind(|| play(&argv)).unwrap_or(101)
}

fn play(argv: &[OsString]) -> i32 {
    if recorder::is_called(&argv[0]) {
        return recorder::main(argv);
    }
    match argv.get(1).and_then(|part| part.to_str()) {
        Some(bed::KEEPER) => bed::keeper::main(argv),
        Some(bed::FIRST) => bed::first::main(argv),
        Some(bed::ENTER) => bed::enter::main(argv),
        Some(rows::VICTIM) => watch_signals().map_or(1, |()| rows::victim(argv)),
        _ => watch_signals().map_or(1, |()| suite::main()),
    }
}

/// From here on a signal that asks for the end first removes every bed.
///
/// SIGPIPE is blocked with them, so that a bed that has ended is an error and not the end of the suite.
fn watch_signals() -> nix::Result<()> {
    let ends = SigSet::from_iter([Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP]);
    let mut blocked = ends;
    blocked.add(Signal::SIGPIPE);
    blocked.thread_block()?;
    std::thread::spawn(move || {
        if let Ok(signal) = ends.wait() {
            eprintln!("{signal}: the beds are removed");
            bed::close_all();
            std::process::exit(128 + signal as i32);
        }
    });
    Ok(())
}
