//! Configuration that an uninstall keeps, until it is purged or installed again.

use std::fs;

use crate::support::Tree;
use crate::support::files as walk;

const INSTALL: [&str; 5] = ["install", "--init", "openrc", "--distro", "alpine"];
const CONF: &str = "etc/conf.d/kubelet";

/// A tree out of which a service has gone whose configuration was edited.
fn kept() -> Tree {
    let tree = Tree::new();
    tree.kubelet();
    assert_eq!(tree.run(&INSTALL).0, 0);
    edit(&tree);
    assert_eq!(tree.run(&["uninstall"]).0, 0);
    tree
}

fn edit(tree: &Tree) {
    let text = fs::read_to_string(tree.at(CONF)).unwrap();
    tree.write(CONF, &format!("{text}# mine\n"));
}

#[test]
fn what_was_kept_is_purged_later() {
    let tree = Tree::new();
    tree.kubelet();
    assert_eq!(tree.run(&INSTALL).0, 0);
    edit(&tree);
    let mut said = tree.said(&["uninstall", "--dry-run"]);
    said += &tree.said(&["uninstall"]);
    said += &tree.said(&["uninstall", "--dry-run"]);
    said += &tree.said(&["uninstall"]);
    said += &tree.said(&["uninstall", "--format", "json"]);
    said += &tree.said(&["uninstall", "--init", "runit", "--purge"]);
    said += &tree.said(&["uninstall", "--name", "other", "--purge"]);
    said += &tree.said(&["uninstall", "--purge", "--dry-run"]);
    said += &tree.said(&["uninstall", "--purge"]);
    assert_eq!(walk(&tree.at("")), [tree.at("usr/bin/kubelet")]);
    assert!(!tree.at("var").exists() && !tree.at("etc").exists());
    said += &tree.said(&["uninstall", "--purge"]);
    insta::assert_snapshot!(said);
}

#[test]
fn what_was_kept_is_the_administrators_when_it_is_installed_again() {
    let tree = kept();
    let install = [&INSTALL[..], &["--enable"]].concat();
    let mut said = tree.said(&[&install[..], &["--dry-run"]].concat());
    said += &tree.said(&install);
    said += &tree.said(&install);
    said += &tree.said(&["check"]);
    said += &tree.said(&["uninstall"]);
    said += &tree.said(&["uninstall", "--purge"]);
    assert_eq!(walk(&tree.at("")), [tree.at("usr/bin/kubelet")]);
    insta::assert_snapshot!(said);
}

#[test]
fn what_was_kept_is_no_service() {
    let tree = kept();
    let before = walk(&tree.at(""));
    let mut said = tree.said(&["check"]);
    said += &tree.said(&["check", "--format", "json"]);
    said += &tree.said(&["diff"]);
    said += &tree.said(&["install"]);
    for verb in ["enable", "disable"] {
        said += &tree.said(&["service", verb, "--init", "openrc"]);
    }
    assert_eq!(walk(&tree.at("")), before);
    // As if nothing had been installed: what would be is asked for.
    let (code, out, _) = tree.run(&["check", "--init", "openrc", "--distro", "alpine"]);
    let missing = out.matches("error[missing]").count();
    assert_eq!((code, missing), (1, 3), "{out}");
    // Another service is in no one's way.
    assert_eq!(tree.run(&["install", "--init", "systemd"]).0, 0);
    let (_, out, _) = tree.run(&["check"]);
    assert!(
        !out.contains("openrc") && !out.contains("[missing]"),
        "{out}"
    );
    said += &tree.said(&["uninstall", "--dry-run"]);
    assert_eq!(tree.run(&["uninstall"]).0, 0);
    assert_eq!(walk(&tree.at("")), before);
    insta::assert_snapshot!(said);
}

#[test]
fn of_two_inits_that_keep_something_one_has_to_be_named() {
    let tree = kept();
    let install = [
        "install", "--init", "openrc", "--distro", "alpine", "--spec",
    ];
    let spec = concat!(env!("CARGO_MANIFEST_DIR"), "/src/spec/containerd.yaml");
    assert_eq!(tree.run(&[&install[..], &[spec]].concat()).0, 0);
    let conf = tree.at("etc/conf.d/containerd");
    fs::write(conf, "mine\n").unwrap();
    assert_eq!(tree.run(&["uninstall", "--name", "containerd"]).0, 0);
    let mut said = tree.said(&["check"]);
    said += &tree.said(&["uninstall", "--name", "containerd"]);
    said += &tree.said(&["uninstall", "--name", "containerd", "--purge"]);
    // The same files, kept under another init.
    let record = tree.at("var/lib/kubelet-unit/kubelet.openrc.json");
    let text = fs::read_to_string(&record).unwrap();
    let other = "var/lib/kubelet-unit/kubelet.runit.json";
    tree.write(other, &text.replace("\"openrc\"", "\"runit\""));
    said += &tree.said(&["check"]);
    said += &tree.said(&["uninstall", "--purge"]);
    said += &tree.said(&["uninstall", "--purge", "--init", "runit"]);
    said += &tree.said(&["uninstall"]);
    insta::assert_snapshot!(said);
}
