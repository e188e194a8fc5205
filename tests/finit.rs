//! The example of a backend from outside: the whole program knows it.

#[path = "../examples/finit/backend.rs"]
mod backend;

use std::ffi::OsString;
use std::fmt::Write;
use std::fs;
use std::process::ExitCode;

use kubelet_unit::backends::{Launcher, Registry};
use kubelet_unit::cli;
use kubelet_unit::order::Order;

use crate::support::{Tree, paths};

fn registry() -> Registry {
    Registry::builtin().with(&backend::Finit)
}

fn node() -> Tree {
    let tree = Tree::new();
    tree.kubelet();
    tree
}

fn call(tree: &Tree, words: &[&str]) -> ExitCode {
    let root = ["--root".into(), tree.path().as_os_str().to_owned()];
    let words = ["kubelet-unit"].iter().chain(words).map(OsString::from);
    cli::run_words(&registry(), words.chain(root))
}

#[test]
fn it_renders() {
    let placed = Order::kubelet().place(&backend::Finit).unwrap();
    let rendered = placed.rendered().unwrap();
    let mut text = String::new();
    for (path, file) in rendered.files() {
        writeln!(text, "==> {path} ({:04o})", file.mode).unwrap();
        if *path == placed.places.service {
            text += &String::from_utf8_lossy(&file.content);
        }
    }
    for note in rendered.notes() {
        writeln!(text, "note: {}: {}", note.property, note.text).unwrap();
    }
    insta::assert_snapshot!(text);
}

#[test]
fn its_own_error_reaches_the_user() {
    let mut order = Order::kubelet();
    order.overrides.libexec_folder = Some("/opt/a b".parse().unwrap());
    order.launcher = Launcher::Native;
    let error = order
        .place(&backend::Finit)
        .unwrap()
        .rendered()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "finit: `/opt/a b/kubelet` has a blank or a `$`, which ends a word or begins a variable there"
    );
}

#[test]
fn it_is_installed_checked_enabled_and_removed_without_a_trace() {
    let tree = node();
    let before = paths(tree.path());
    let install = ["install", "--init", "finit", "--enable"];
    assert_eq!(call(&tree, &install), ExitCode::SUCCESS);
    let link = fs::read_link(tree.at("etc/finit.d/enabled/kubelet.conf")).unwrap();
    assert_eq!(link.to_str(), Some("/etc/finit.d/available/kubelet.conf"));
    for command in [&["check"][..], &["diff"], &["install"], &["explain"]] {
        assert_eq!(call(&tree, command), ExitCode::SUCCESS, "{command:?}");
    }
    let is_enabled = ["service", "is-enabled", "kubelet"];
    assert_eq!(call(&tree, &is_enabled), ExitCode::SUCCESS);
    assert_eq!(
        call(&tree, &["service", "disable", "kubelet"]),
        ExitCode::SUCCESS
    );
    assert!(!tree.at("etc/finit.d/enabled/kubelet.conf").exists());
    assert_eq!(call(&tree, &is_enabled), ExitCode::from(1));
    assert_eq!(call(&tree, &["uninstall"]), ExitCode::SUCCESS);
    assert_eq!(paths(tree.path()), before);
}

#[test]
fn an_asked_folder_is_honoured() {
    let tree = node();
    let install = [
        "install",
        "--init",
        "finit",
        "--service-folder",
        "/srv/finit",
        "--enable",
    ];
    assert_eq!(call(&tree, &install), ExitCode::SUCCESS);
    assert!(tree.at("srv/finit/kubelet.conf").exists());
    assert_eq!(call(&tree, &["check"]), ExitCode::SUCCESS);
}

#[test]
fn it_is_found_where_it_boots() {
    let tree = node();
    tree.program("usr/sbin/finit");
    fs::create_dir_all(tree.at("sbin")).unwrap();
    std::os::unix::fs::symlink("/usr/sbin/finit", tree.at("sbin/init")).unwrap();
    assert_eq!(call(&tree, &["detect"]), ExitCode::SUCCESS);
    let chosen = ["install", "--dry-run"];
    assert_eq!(call(&tree, &chosen), ExitCode::SUCCESS);
    // Without the backend it is an init that is known by name alone.
    let root = ["--root".into(), tree.path().as_os_str().to_owned()];
    let words = ["kubelet-unit", "detect"].map(OsString::from);
    let without = cli::run_words(&Registry::builtin(), words.into_iter().chain(root));
    assert_eq!(without, ExitCode::FAILURE);
}
