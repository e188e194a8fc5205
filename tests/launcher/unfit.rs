//! Env files that are none, or that systemd ignores as a whole.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use super::bed::{Bed, Starter, baseline, starters, without_limits};
use crate::support::skipped;

/// `read` drops NUL bytes, and so a shell counts them in another way, if there is one.
#[test]
fn a_shell_that_cannot_look_for_nul_bytes_says_so() {
    let Some(starter) = starters().find(|it| matches!(it, Starter::Shell(_))) else {
        return skipped("no shell is here");
    };
    let bed = Bed::new();
    bed.env_file("default", Some(b"KUBELET_EXTRA_ARGS=--a\0\n"));
    let launcher = bed.path("launcher.Sh");
    let text = fs::read_to_string(&launcher).unwrap();
    // busybox's shell has a `wc` of its own.
    let without = text
        .replace("/proc/self/fdinfo/3", "/proc/none")
        .replace("$(wc -c", "$(no-such-wc -c");
    assert_ne!(text, without);
    fs::write(&launcher, without).unwrap();
    let log = without_limits(&bed.record(starter).log);
    let ours: Vec<_> = log
        .lines()
        .filter(|line| line.starts_with(&bed.name))
        .collect();
    let expected = format!(
        "{}: {}: not looked at for NUL bytes: neither /proc nor `wc` is there",
        bed.name,
        bed.path("default").display()
    );
    assert_eq!(ours, [expected]);
}

/// What makes the file unfit, and what the log says of it.
type Unfit = (&'static str, fn(&Path), &'static str);

const UNFIT: &[Unfit] = &[
    (
        "folder",
        |path| fs::create_dir(path).unwrap(),
        "it is a directory",
    ),
    ("fifo", |path| make_fifo(path), "it is not a regular file"),
    (
        "device",
        |path| symlink("/dev/zero", path).unwrap(),
        "it is not a regular file",
    ),
    (
        "dangling",
        |path| symlink("/nonexistent", path).unwrap(),
        "it is a link to a file that does not exist",
    ),
    (
        "loop",
        |path| symlink(path, path).unwrap(),
        "it is a link to a file that does not exist",
    ),
    (
        "nul",
        |path| fs::write(path, b"KUBELET_EXTRA_ARGS=--a\n\0").unwrap(),
        "it contains a NUL byte",
    ),
    (
        "latin1",
        |path| fs::write(path, b"KUBELET_EXTRA_ARGS=--a\n\nX=\xe9\nY=\xe9\n").unwrap(),
        "line 3: the value is not UTF-8",
    ),
    (
        "latin1 name",
        |path| fs::write(path, b"KUBELET_EXTRA_ARGS=--a\nexport \xe9='\n\xe9'\n").unwrap(),
        "line 2: the name of the variable is not UTF-8",
    ),
    (
        "latin1 and nul",
        |path| fs::write(path, b"X=\xe9\n\0").unwrap(),
        "it contains a NUL byte",
    ),
    (
        "huge",
        // Of long lines: the shells read them up to its first MiB.
        |path| fs::write(path, format!("#{:1$}\n", "", (1 << 16) - 2).repeat(1 << 10)).unwrap(),
        "it has 64 MiB or more",
    ),
];

fn make_fifo(path: &Path) {
    let status = Command::new("mkfifo").arg(path).status();
    assert!(status.expect("mkfifo").success());
}

#[test]
fn an_unfit_optional_file_is_ignored_and_the_log_says_why() {
    for starter in starters() {
        for (name, make, reason) in UNFIT {
            let bed = Bed::new();
            make(&bed.path("default"));
            let record = bed.record(starter);
            assert_eq!(record.arguments.len(), 3, "{starter:?} {name}");
            assert_eq!(record.environment, baseline(), "{starter:?} {name}");
            assert_eq!(
                without_limits(&record.log),
                format!(
                    "{}: {}: ignored: {reason}\n",
                    bed.name,
                    bed.path("default").display()
                ),
                "{starter:?} {name}"
            );
        }
    }
}

#[test]
fn an_unfit_required_file_stops_the_start() {
    let missing: Unfit = ("missing", |_| {}, "it does not exist");
    for starter in starters() {
        for (name, make, reason) in UNFIT.iter().chain([&missing]) {
            let bed = Bed::of(|service| service.env_files[1].optional = false);
            make(&bed.path("default"));
            let output = bed.start(starter);
            assert_eq!(output.status.code(), Some(78), "{starter:?} {name}");
            assert_eq!(output.stdout, b"", "{starter:?} {name}");
            assert_eq!(
                without_limits(&String::from_utf8_lossy(&output.stderr)),
                format!(
                    "{}: cannot read the env file `{}`: {reason}\n",
                    bed.name,
                    bed.path("default").display()
                ),
                "{starter:?} {name}"
            );
        }
    }
}

#[test]
fn a_missing_optional_file_and_dev_null_need_no_word() {
    for starter in starters() {
        for optional in [true, false] {
            let bed = Bed::of(|service| service.env_files[1].optional = optional);
            symlink("/dev/null", bed.path("default")).unwrap();
            let record = bed.record(starter);
            assert_eq!(record.environment, baseline(), "{starter:?}");
            assert_eq!(without_limits(&record.log), "", "{starter:?}");
        }
    }
}
