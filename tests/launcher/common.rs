//! The start that most are, and one that the sh launcher puts off until it has read
//! all of itself: nothing of that shows.

use std::fs;

use super::bed::{Bed, Record, starters, without_limits};

/// Names that mean something in the sh launcher, as a supervisor may export them.
const NAMES: &[(&str, &str)] = &[
    ("state_folder", "/nonexistent"),
    ("kill_mode", "process"),
    ("cgroup", "x"),
    ("block", "x"),
    ("more", "x"),
    ("limit", "0"),
    ("crashed", "1"),
    ("file", "/nonexistent"),
    ("importance", "required"),
    ("refused", "x"),
    ("arguments", "x"),
    ("value_of_KUBELET_EXTRA_ARGS", "--x"),
    ("launcher_put_off", "1"),
    ("launcher_done", "gathered"),
    ("launcher_refused", "x"),
    ("launcher_environment", "X=1"),
];

/// What is in the administrator's file, and the arguments that come of it: nothing is
/// put off, then the arguments alone, then the file.
const FILES: &[(&str, &[&str])] = &[
    ("KUBELET_EXTRA_ARGS=\"--a --b\"\n", &["--a", "--b"]),
    ("KUBELET_EXTRA_ARGS=\"--a='b c'\"\n", &["--a=b c"]),
    ("KUBELET_EXTRA_ARGS=--a \\\n --b\n", &["--a", "--b"]),
    ("X='1\n2'\nKUBELET_EXTRA_ARGS=--a\n", &["--a"]),
];

/// What a start said, and the arguments of the administrator's.
fn told(record: &Record) -> (String, Vec<String>) {
    let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
    let arguments = record.arguments.iter().skip(3).map(text);
    (without_limits(&record.log), arguments.collect())
}

#[test]
fn a_start_that_is_put_off_is_one_like_any_other() {
    for starter in starters() {
        let bed = Bed::new();
        for round in ["first", "next"] {
            for (file, arguments) in FILES {
                bed.env_file("default", Some(file.as_bytes()));
                let (log, got) = told(&bed.record(starter));
                assert_eq!(
                    (log.as_str(), &got[..]),
                    ("", &strings(arguments)[..]),
                    "{starter:?}, {round}: {file}"
                );
            }
        }
    }
}

#[test]
fn names_of_the_launcher_from_outside_mean_nothing() {
    for starter in starters() {
        let bed = Bed::new();
        for (file, arguments) in FILES {
            bed.env_file("default", Some(file.as_bytes()));
            let mut command = bed.command(starter, "");
            command.envs(NAMES.iter().copied());
            let record = Bed::record_of(&mut command);
            let (log, got) = told(&record);
            assert_eq!(
                (log.as_str(), &got[..]),
                ("", &strings(arguments)[..]),
                "{starter:?}: {file}"
            );
            for (name, _) in NAMES {
                assert!(
                    !record.environment.contains_key(name.as_bytes()),
                    "{starter:?}: {name}"
                );
            }
        }
    }
}

#[test]
fn a_file_that_is_refused_is_told_once() {
    for starter in starters() {
        let bed = Bed::new();
        fs::create_dir(bed.path("flags")).unwrap();
        for (file, arguments) in FILES {
            bed.env_file("default", Some(file.as_bytes()));
            let (log, got) = told(&bed.record(starter));
            let path = bed.path("flags");
            let line = format!(
                "{}: {}: ignored: it is a directory\n",
                bed.name,
                path.display()
            );
            assert_eq!(
                (log, got),
                (line, strings(arguments)),
                "{starter:?}: {file}"
            );
        }
    }
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// A start under `respawn` is a common one, too.
#[test]
fn a_respawn_waits_for_the_delay_after_a_crash() {
    for starter in starters() {
        let bed = Bed::of(|service| service.restart.delay = "300ms".parse().unwrap());
        bed.env_file("default", Some(b"KUBELET_EXTRA_ARGS=--a\n"));
        let mut times = Vec::new();
        for _ in 0..2 {
            let begun = std::time::Instant::now();
            let record = Bed::record_of(&mut bed.command(starter, "respawn"));
            assert_eq!(
                told(&record),
                (String::new(), strings(&["--a"])),
                "{starter:?}"
            );
            times.push(begun.elapsed().as_millis());
        }
        assert!(times[1] >= 300, "{starter:?}: {times:?}");
    }
}
