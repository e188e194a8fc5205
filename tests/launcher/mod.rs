//! Both launchers against what live systemd gave, the sh launcher under each shell
//! that is `/bin/sh` somewhere: the whole argv and the whole environment are compared.
//! What takes minutes is in `tests/thorough/launcher/`.

mod agreement;
pub mod bed;
mod cases;
mod common;
mod execve;
mod inherited;
mod life;
mod lifecycle;
mod process;
mod unfit;

use std::fs;
use std::os::unix::fs::symlink;

use kubelet_unit::service::{Argument, Service};

use crate::EVERY_SHELL;
use crate::support::one_in;

use bed::{Bed, Environment, baseline, split_entry, starters, without_limits};

/// In the inner loop it is one in four of the cases.
#[test]
fn cases_give_what_systemd_gives() {
    cases::no_difference(starters(), if EVERY_SHELL { one_in() } else { 4 });
}

#[test]
fn variables_that_shells_treat_specially_arrive_as_written() {
    let names = [
        "PATH",
        "IFS",
        "PS4",
        "ENV",
        "OPTIND",
        "LC_ALL",
        "HOME",
        "PPID",
        "UID",
        "EUID",
        "SHELLOPTS",
        "BASHOPTS",
        "BASH_ENV",
        "BASH_VERSINFO",
        "_",
        "RANDOM",
        "LINENO",
        "SECONDS",
        "PWD",
        "OLDPWD",
        "SHLVL",
        "MAIL",
        "TERM",
        "POSIXLY_CORRECT",
        "GROUPS",
        "FUNCNAME",
        "launcher_environment",
        "launcher_end",
        "value",
        "state",
        "line",
        "file",
        "service",
    ];
    // A recorder in sh would treat them specially too: cat shows its own.
    let to_cat = |service: &mut Service| {
        service.arguments = vec!["/proc/self/environ".parse::<Argument>().unwrap()];
    };
    for starter in starters() {
        let bed = Bed::of(to_cat);
        fs::remove_file(bed.path("recorder")).expect("the recorder");
        symlink("/bin/cat", bed.path("recorder")).expect("a link");
        for name in names {
            bed.env_file("default", Some(format!("{name}=a b:c\n").as_bytes()));
            let output = bed.start(starter);
            let log = String::from_utf8_lossy(&output.stderr);
            let entries = output.stdout.strip_suffix(b"\0").expect(&log);
            let environment: Environment =
                entries.split(|byte| *byte == 0).map(split_entry).collect();
            let mut expected = baseline();
            expected.insert(name.as_bytes().to_vec(), b"a b:c".to_vec());
            assert_eq!(environment, expected, "{starter:?} {name}");
        }
    }
}

#[test]
fn dropped_lines_are_reported_without_their_values() {
    let text = b"# \xff\nexport SECRET=s\nA-B=s\ngarbage\nFOO=1\n\n \t=x=s\nC\xc3\xa9='s\n'\n";
    for starter in starters() {
        let bed = Bed::new();
        bed.env_file("default", Some(text));
        let record = bed.record(starter);
        let mut expected = baseline();
        expected.insert(b"FOO".to_vec(), b"1".to_vec());
        assert_eq!(record.environment, expected, "{starter:?}");
        let at = |line: usize, reason: &str| {
            let path = bed.path("default");
            format!(
                "{}: {}:{line}: ignored: {reason}\n",
                bed.name,
                path.display()
            )
        };
        let report = [
            at(2, "`export SECRET` is not the name of a variable"),
            at(3, "`A-B` is not the name of a variable"),
            at(4, "the line has no `=`"),
            at(7, "`=x` is not the name of a variable"),
            at(8, "what stands before `=` is not the name of a variable"),
        ];
        assert_eq!(without_limits(&record.log), report.concat(), "{starter:?}");
    }
}
