//! Configuration that an uninstall keeps, until it is purged or installed again.

use std::fs;

use crate::install::Bed;
use crate::support::files as walk;

const INSTALL: [&str; 5] = ["install", "--init", "openrc", "--distro", "alpine"];
const CONF: &str = "etc/conf.d/kubelet";

/// A tree out of which a service has gone whose configuration was edited.
fn kept() -> Bed {
    let bed = Bed::new();
    bed.kubelet();
    assert_eq!(bed.run(&INSTALL).0, 0);
    edit(&bed);
    assert_eq!(bed.run(&["uninstall"]).0, 0);
    bed
}

fn edit(bed: &Bed) {
    let text = fs::read_to_string(bed.at(CONF)).unwrap();
    bed.write(CONF, &format!("{text}# mine\n"));
}

#[test]
fn what_was_kept_is_purged_later() {
    let bed = Bed::new();
    bed.kubelet();
    assert_eq!(bed.run(&INSTALL).0, 0);
    edit(&bed);
    let mut said = bed.said(&["uninstall", "--dry-run"]);
    said += &bed.said(&["uninstall"]);
    said += &bed.said(&["uninstall", "--dry-run"]);
    said += &bed.said(&["uninstall"]);
    said += &bed.said(&["uninstall", "--format", "json"]);
    said += &bed.said(&["uninstall", "--init", "runit", "--purge"]);
    said += &bed.said(&["uninstall", "--name", "other", "--purge"]);
    said += &bed.said(&["uninstall", "--purge", "--dry-run"]);
    said += &bed.said(&["uninstall", "--purge"]);
    assert_eq!(walk(&bed.at("")), [bed.at("usr/bin/kubelet")]);
    assert!(!bed.at("var").exists() && !bed.at("etc").exists());
    said += &bed.said(&["uninstall", "--purge"]);
    insta::assert_snapshot!(said);
}

#[test]
fn what_was_kept_is_the_administrators_when_it_is_installed_again() {
    let bed = kept();
    let install = [&INSTALL[..], &["--enable"]].concat();
    let mut said = bed.said(&[&install[..], &["--dry-run"]].concat());
    said += &bed.said(&install);
    said += &bed.said(&install);
    said += &bed.said(&["check"]);
    said += &bed.said(&["uninstall"]);
    said += &bed.said(&["uninstall", "--purge"]);
    assert_eq!(walk(&bed.at("")), [bed.at("usr/bin/kubelet")]);
    insta::assert_snapshot!(said);
}

#[test]
fn what_was_kept_is_no_service() {
    let bed = kept();
    let before = walk(&bed.at(""));
    let mut said = bed.said(&["check"]);
    said += &bed.said(&["check", "--format", "json"]);
    said += &bed.said(&["diff"]);
    said += &bed.said(&["install"]);
    for verb in ["enable", "disable"] {
        said += &bed.said(&["service", verb, "--init", "openrc"]);
    }
    assert_eq!(walk(&bed.at("")), before);
    // As if nothing had been installed: what would be is asked for.
    let (code, out, _) = bed.run(&["check", "--init", "openrc", "--distro", "alpine"]);
    let missing = out.matches("error[missing]").count();
    assert_eq!((code, missing), (1, 3), "{out}");
    // Another service is in no one's way.
    assert_eq!(bed.run(&["install", "--init", "systemd"]).0, 0);
    let (_, out, _) = bed.run(&["check"]);
    assert!(!out.contains("openrc") && !out.contains("missing"), "{out}");
    said += &bed.said(&["uninstall", "--dry-run"]);
    assert_eq!(bed.run(&["uninstall"]).0, 0);
    assert_eq!(walk(&bed.at("")), before);
    insta::assert_snapshot!(said);
}

#[test]
fn of_two_inits_that_keep_something_one_has_to_be_named() {
    let bed = kept();
    let install = [
        "install", "--init", "openrc", "--distro", "alpine", "--spec",
    ];
    let spec = concat!(env!("CARGO_MANIFEST_DIR"), "/src/spec/containerd.yaml");
    assert_eq!(bed.run(&[&install[..], &[spec]].concat()).0, 0);
    let conf = bed.at("etc/conf.d/containerd");
    fs::write(conf, "mine\n").unwrap();
    assert_eq!(bed.run(&["uninstall", "--name", "containerd"]).0, 0);
    let mut said = bed.said(&["check"]);
    said += &bed.said(&["uninstall", "--name", "containerd"]);
    said += &bed.said(&["uninstall", "--name", "containerd", "--purge"]);
    // The same files, kept under another init.
    let record = bed.at("var/lib/kubelet-unit/kubelet.openrc.json");
    let text = fs::read_to_string(&record).unwrap();
    let other = "var/lib/kubelet-unit/kubelet.runit.json";
    bed.write(other, &text.replace("\"openrc\"", "\"runit\""));
    said += &bed.said(&["check"]);
    said += &bed.said(&["uninstall", "--purge"]);
    said += &bed.said(&["uninstall", "--purge", "--init", "runit"]);
    said += &bed.said(&["uninstall"]);
    insta::assert_snapshot!(said);
}
