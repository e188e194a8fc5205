//! Who a service runs as, and what else of its process it says: the same in every shell as
//! in the native launcher.

use std::fs;

use kubelet_unit::service::Service;
use kubelet_unit::spec::Spec;

use super::bed::{Bed, Starter, starters};
use crate::support::{is_root, skipped};

/// Below `/run`, so that no other test has them, whatever the bed is called.
fn said(name: &str) -> String {
    format!(
        "extends: kubelet\nuser: daemon\nsupplementaryGroups: [audio, 7]\nworkingDirectory: /usr/share\n\
         umask: '0027'\nnice: 3\nioClass: {{class: best-effort, priority: 6}}\n\
         runtimeDirectory: {{names: [{name}, {name}-more/deep], mode: '0710'}}\n\
         configurationDirectory: {{names: [kubelet-unit-{name}]}}\n\
         limits: {{stack: '4M:64M', memlock: 64K, cpu: 1h}}\n"
    )
}

fn change(service: &mut Service, arguments: &[&str]) {
    let spec = Spec::read("s", said(service.name.as_str()).as_bytes()).unwrap();
    service.process = spec.process;
    service.limits = spec.limits;
    service.program = "/bin/sh".parse().unwrap();
    service.arguments = arguments.iter().map(|it| it.parse().unwrap()).collect();
}

/// What the process is, in lines.
const SHOW: &str = "grep -E '^(Umask|Uid|Gid|Groups|NoNewPrivs|CapEff):' /proc/self/status; \
    grep -E '^Max (stack|locked|cpu)' /proc/self/limits; pwd; nice; ionice -p $$$$; \
    env | grep -E '^(HOME|USER|LOGNAME|SHELL|RUNTIME_|CONFIG)' | sort; \
    IFS=:; stat -c '%U:%G %a' $$RUNTIME_DIRECTORY";

#[test]
fn a_service_runs_as_another_user() {
    if !is_root() {
        skipped("only root can become another user");
        return;
    }
    let mut first: Option<(Starter, String)> = None;
    let mut all: Vec<_> = starters().collect();
    all.reverse(); // the native one is what the others are compared with
    for starter in all {
        let bed = Bed::of(|service| change(service, &["-c", SHOW]));
        let run = format!("/run/{}", bed.name);
        let output = bed.start(starter);
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        let shown = String::from_utf8_lossy(&output.stdout).replace(&bed.name, "BED");
        assert!(output.status.success(), "{starter:?}: {log}");
        assert!(
            shown.contains("Uid:\t1\t1\t1\t1\n"),
            "{starter:?}: {shown}{log}"
        );
        assert!(shown.contains("RUNTIME_DIRECTORY=/run/BED:/run/BED-more/deep\n"));
        assert!(fs::metadata(&run).is_ok(), "{starter:?}");
        match &first {
            None => first = Some((starter, shown)),
            Some((_, native)) => assert_eq!(&shown, native, "{starter:?}: {log}"),
        }
        assert!(bed.verb(starter, "end").status.success());
        assert!(fs::metadata(&run).is_err(), "{starter:?}: {run} is left");
        let _ = fs::remove_dir(format!("/run/{}-more", bed.name));
        let _ = fs::remove_dir(format!("/etc/kubelet-unit-{}", bed.name));
    }
}

#[test]
fn who_is_not_there_ends_a_start() {
    if !is_root() {
        skipped("only root can become another user");
        return;
    }
    for starter in starters() {
        for (yaml, code, log) in [
            (
                "user: nobody-of-this-name",
                217,
                "there is no user `nobody-of-this-name`",
            ),
            (
                "group: nobody-of-this-name",
                216,
                "there is no group `nobody-of-this-name`",
            ),
            (
                "workingDirectory: /nowhere",
                200,
                "cannot enter the working directory",
            ),
        ] {
            let text = format!("extends: kubelet\n{yaml}\n");
            let spec = Spec::read("s", text.as_bytes()).unwrap();
            let bed = Bed::of(|service| service.process = spec.process.clone());
            let output = bed.start(starter);
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(
                output.status.code(),
                Some(code),
                "{starter:?} {yaml}: {said}"
            );
            assert!(said.contains(log), "{starter:?} {yaml}: {said}");
        }
    }
}
