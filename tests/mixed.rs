//! A fleet of several inits and distributions: every format whole, what is counted and compared,
//! and how an inventory is read.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::fleet::{command, inventory, said};
use crate::support::{paths, run};

/// A fleet of several inits and distributions, with what a template engine would take for its own.
const MIXED: &str = include_str!("../fixtures/fleets/mixed.yaml");

/// Every file below a folder, under its path.
fn whole(folder: &Path) -> String {
    let mut text = String::new();
    for path in paths(folder) {
        if let Ok(content) = fs::read_to_string(folder.join(&path)) {
            text += &["==> ", &path, "\n", &content, "\n"].concat();
        }
    }
    text
}

/// The native launcher is the shorter one to read.
const RENDER: &str = "render --launcher native --nodes nodes.yaml";

#[test]
fn a_mixed_fleet_in_every_format() {
    let scratch = inventory(MIXED);
    let at = |name: &str| scratch.path().join(name);
    let trees = said(&scratch, &format!("{RENDER} --output trees"));
    let shown: Vec<_> = paths(&at("trees")).into_iter().collect();
    let shown = shown.join("\n");
    insta::assert_snapshot!("trees", format!("{trees}{shown}"));
    let user_data = said(
        &scratch,
        &format!("{RENDER} --format cloud-init --output user-data"),
    );
    let shown = whole(&at("user-data"));
    insta::assert_snapshot!("user_data", format!("{user_data}{shown}"));
    let ansible = said(
        &scratch,
        &format!("{RENDER} --format ansible --output ansible"),
    );
    let shown = whole(&at("ansible"));
    insta::assert_snapshot!("ansible", format!("{ansible}{shown}"));

    // The streams have what the trees have.
    let (code, out, err) = run(&mut command(&scratch, &format!("{RENDER} --format json")));
    assert_eq!(code, 0, "{err}");
    let mut streamed = Vec::new();
    for line in out.lines() {
        let node: Value = serde_json::from_str(line).unwrap();
        for file in node["files"].as_array().unwrap() {
            let path = format!("{}{}", node["node"], file["path"]).replace('"', "");
            let content = fs::read_to_string(at("trees").join(&path)).unwrap();
            assert_eq!(file["content"], content, "{path}");
            streamed.push(path);
        }
    }
    let is_file = |path: &String| at("trees").join(path).is_file();
    let mut files: Vec<_> = paths(&at("trees")).into_iter().filter(is_file).collect();
    files.sort();
    streamed.sort();
    assert_eq!(streamed, files);
    let archive = command(&scratch, &format!("{RENDER} --format tar"))
        .output()
        .unwrap();
    fs::write(at("fleet.tar"), archive.stdout).unwrap();
    fs::create_dir(at("unpacked")).unwrap();
    let mut tar = Command::new("tar");
    let tar = tar
        .current_dir(scratch.path())
        .args(["-xpf", "fleet.tar", "-C", "unpacked"]);
    assert_eq!(run(tar).0, 0);
    assert_eq!(whole(&at("unpacked")), whole(&at("trees")));
}

#[test]
fn what_would_change_and_what_differs_is_counted() {
    let scratch = inventory(MIXED);
    let at = |name: &str| scratch.path().join("trees").join(name);
    let render = format!("{RENDER} --output trees");
    let dry_run = format!("{render} --dry-run");
    let check = "check --launcher native --nodes nodes.yaml --root trees";
    let mut text = said(&scratch, check);
    text += &said(&scratch, &dry_run);
    assert!(!at("").exists());
    said(&scratch, &render);
    text += &said(&scratch, &dry_run);
    text += &said(&scratch, check);
    fs::write(at("void-1/etc/sv/kubelet/run"), "#!/bin/sh\n").unwrap();
    fs::write(
        at("edge-1/etc/conf.d/kubelet.env"),
        "KUBELET_EXTRA_ARGS=--v=9\n",
    )
    .unwrap();
    fs::remove_dir_all(at("edge-2")).unwrap();
    text += &said(&scratch, &dry_run);
    text += &said(&scratch, check);
    text += &said(&scratch, &format!("{check} --format json"));
    text += &said(&scratch, &format!("{check} --format sarif"));
    insta::assert_snapshot!(text);
}

/// A tree that `install` wrote has a record, and `check` says of an edited file that it is one.
#[test]
fn installed_trees_are_checked_by_their_records() {
    let scratch = inventory("- name: a\n  init: openrc\n  distro: alpine\n");
    fs::create_dir_all(scratch.path().join("trees/a")).unwrap();
    let installed = said(
        &scratch,
        "install --root trees/a --init openrc --distro alpine",
    );
    assert!(installed.ends_with("exit 0\n\n"), "{installed}");
    let check = "check --nodes nodes.yaml --root trees";
    let mut text = said(&scratch, check);
    let conf = scratch.path().join("trees/a/etc/conf.d/kubelet");
    let before = fs::read_to_string(&conf).unwrap();
    fs::write(&conf, format!("{before}# mine\n")).unwrap();
    let script = scratch.path().join("trees/a/etc/init.d/kubelet");
    fs::write(script, "#!/sbin/openrc-run\n").unwrap();
    text += &said(&scratch, check);
    insta::assert_snapshot!(text);
}

#[test]
fn flags_are_judged_by_the_release_of_each_node() {
    let scratch = inventory(
        "- name: a\n  kubeletVersion: \"1.23\"\n  extraArgs: [--container-runtime=remote]\n\
         - name: b\n  kubeletVersion: v1.35.2\n  extraArgs: [--container-runtime=remote]\n\
         - name: c\n  extraArgs: [v=2]\n\
         - name: d\n  extraArgs: [--nod-ip=10.0.0.1]\n\
         - name: f\n  kubeletVersion: latest\n",
    );
    let render = "render --init openrc --nodes nodes.yaml --output out";
    let bad = said(&scratch, render);
    assert!(!scratch.path().join("out").exists());
    let newer = "- name: e\n  kubeletVersion: \"1.40\"\n  extraArgs: [--v=2]\n";
    let newer = said(&inventory(newer), render);
    insta::assert_snapshot!(bad + &newer);
}

#[test]
fn byte_order_marks_merges_and_anchors_are_read_or_named() {
    let lists = [
        ("a byte order mark", "\u{feff}- name: a\n"),
        (
            "with Windows's ends of lines",
            "- name: a\r\n  distro: alpine\r\n",
        ),
        (
            "an anchor inside of a node",
            "- name: a\n  kubelet: &path /usr/bin/kubelet\n  libexecFolder: *path\n",
        ),
        (
            "an anchor of another node",
            "- name: a\n  extraArgs: &all [--v=2]\n- name: b\n  extraArgs: *all\n",
        ),
        (
            "a merge",
            "- &base\n  name: a\n  distro: alpine\n- <<: *base\n  name: b\n",
        ),
        ("a merge of its own", "- name: a\n  <<: {distro: alpine}\n"),
        ("UTF-16", "\u{0}-\u{0} \u{0}n\u{0}a"),
        ("nothing", ""),
        ("no list", "nodes:\n- name: a\n"),
        ("a list in brackets", "[{name: a}, {name: b}]\n"),
        (
            "nodes that are served by another name",
            "- name: a\n  distro: funtoo\n",
        ),
        ("nodes that nothing serves", "- name: a\n  distro: arch\n"),
    ];
    let told = lists.map(|(what, list)| {
        let scratch = inventory(list);
        format!(
            "# {what}\n{}",
            said(
                &scratch,
                "render --init openrc --nodes nodes.yaml --output out"
            )
        )
    });
    insta::assert_snapshot!(told.concat());
}
