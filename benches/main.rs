//! `cargo bench`: what kubelet-unit and its launchers cost, each measured in pairs
//! with what it is compared to, within one run.
//!
//! A pair is run in turns, so that whatever else the machine does falls on both
//! alike; the figure is the median of each and the ratio of the medians.

#![allow(clippy::cast_precision_loss)] // figures for people

mod builds;
mod fleet;
mod launchers;
mod pairs;
mod reading;
mod rendering;
#[path = "../src/testing/scratch.rs"]
#[allow(dead_code, reason = "the tests have more of it")]
mod scratch;

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if let [first, command @ ..] = arguments.as_slice()
        && first == fleet::MEASURE
    {
        return fleet::measure(command);
    }
    // `cargo test --benches` calls with `--test`, which is to prove that it runs.
    let quick = arguments.iter().any(|argument| argument == "--test");
    let rounds = if quick { 3 } else { 400 };
    // `cargo bench -- fleet` measures that part alone.
    let parts: Vec<_> = arguments.iter().filter(|it| !it.starts_with('-')).collect();
    let chosen = |part: &str| parts.is_empty() || parts.iter().any(|it| *it == part);
    // First, since the kernel tells the most memory of all that has ended so far.
    if chosen("rendering") {
        rendering::run(rounds);
    }
    if chosen("reading") {
        reading::run(rounds);
    }
    if chosen("fleet") {
        fleet::run(if quick { &[10] } else { &[1_000, 10_000] });
    }
    if chosen("launchers") {
        launchers::run(rounds);
    }
}
