//! What a start costs: in proportion to what it reads, and no other program.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::launcher::bed::{Bed, Starter, starters};

fn shells() -> impl Iterator<Item = Starter> {
    starters().filter(|starter| matches!(starter, Starter::Shell(_)))
}

/// The quickest of three starts.
fn quickest(bed: &Bed, starter: Starter, prepare: impl Fn(&mut Command)) -> Duration {
    let start = || {
        let mut command = bed.command(starter, "");
        prepare(&mut command);
        let begun = Instant::now();
        Bed::record_of(&mut command);
        begun.elapsed()
    };
    (0..3).map(|_| start()).min().unwrap()
}

/// Lines that no common start has.
const UNCOMMON: &[&str] = &[
    "no assignment\n",
    "export X=1\n",
    "X='1\n2'\n",
    "X=1 \\\n 2\n",
    "X=é\n",
    "X=\"a\" \"b\"\n",
    "X=1\r\n",
];

#[test]
fn no_line_calls_a_program() {
    for starter in shells() {
        let bed = Bed::new();
        let calls = bed.path("calls");
        let script = format!("#!/bin/sh\necho >>'{}'\n", calls.display());
        fs::write(bed.path("wc"), script).unwrap();
        fs::set_permissions(bed.path("wc"), fs::Permissions::from_mode(0o755)).unwrap();
        // The launcher finds what it calls in a PATH of its own.
        let launcher = bed.path("launcher.Sh");
        let text = fs::read_to_string(&launcher).unwrap();
        let folder = bed.path("");
        let own = format!("\n\tPATH={}:/usr/bin:/bin\n", folder.display());
        let changed = text.replacen("\n\tPATH=/usr/local/sbin:", &format!("{own}\t: "), 1);
        assert_ne!(text, changed);
        fs::write(&launcher, changed).unwrap();
        for line in UNCOMMON {
            bed.env_file("default", Some(line.repeat(3).as_bytes()));
            bed.record(starter);
            assert!(!calls.exists(), "{starter:?}: {line:?}");
        }
    }
}

#[test]
fn a_long_line_costs_in_proportion_to_its_length() {
    for starter in shells() {
        let bed = Bed::new();
        for (quoted, end) in [("'' ", ""), ("\\\"", "\" "), ("\\\"", "\nb\"")] {
            let cost = |bytes: usize| {
                let open = if end.is_empty() { "" } else { "\"" };
                let line = quoted.repeat(bytes / quoted.len());
                bed.env_file("default", Some(format!("X={open}{line}{end}\n").as_bytes()));
                quickest(&bed, starter, |_| {})
            };
            // What else the machine does can spoil one comparison, not three.
            let tries = (0..3).map(|_| (cost(3_000), cost(12_000)));
            let mut spoilt = Vec::new();
            let fits = |(short, long): (Duration, Duration)| {
                spoilt.push((short, long));
                long < 9 * short
            };
            let is_in_proportion = tries.into_iter().any(fits);
            assert!(is_in_proportion, "{starter:?}: {quoted:?}: {spoilt:?}");
        }
    }
}

#[test]
fn a_supervisors_environment_costs_in_proportion_to_its_size() {
    for starter in shells() {
        let bed = Bed::new();
        bed.env_file("default", None);
        let cost = |variables: usize| {
            quickest(&bed, starter, |command| {
                for number in 0..variables {
                    command.env(format!("LARGE_{number}"), "x".repeat(100_000));
                }
            })
        };
        let (small, large) = (cost(1), cost(4));
        assert!(large < 9 * small, "{starter:?}: {small:?}, {large:?}");
    }
}
