//! `cargo bench`: what kubelet-unit and its launchers cost, each measured in pairs
//! with what it is compared to, within one run.
//!
//! A pair is run in turns, so that whatever else the machine does falls on both
//! alike; the figure is the median of each and the ratio of the medians.

#![allow(clippy::cast_precision_loss)] // figures for people

mod launchers;
mod pairs;
mod rendering;

fn main() {
    // `cargo test --benches` calls with `--test`, which is to prove that it runs.
    let quick = std::env::args().any(|argument| argument == "--test");
    let rounds = if quick { 3 } else { 400 };
    rendering::run(rounds);
    launchers::run(rounds);
}
