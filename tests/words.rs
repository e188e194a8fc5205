//! Words that people type for others: what is said of them, whole.

use std::fs;
use std::process::Command;

use crate::support::{Scratch, run};

/// The exit code and what is said, in a folder that has a tree in it.
fn said(words: &[&str]) -> String {
    let scratch = Scratch::new();
    fs::create_dir(scratch.path().join("image")).unwrap();
    for (name, text) in [
        ("fleet.yaml", "# Ours\n---\n- name: a\n"),
        ("own.yml", "name: a\n"),
    ] {
        fs::write(scratch.path().join(name), text).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubelet-unit"));
    command.current_dir(scratch.path()).args(words);
    let (code, out, err) = run(&mut command);
    format!("{words:?} exits {code}\n{out}{err}")
}

#[test]
fn a_word_that_belongs_elsewhere_is_pointed_there() {
    let said = [
        &["status"][..],
        &["logs", "-f"],
        &["restart", "containerd"],
        &["log"],
        &["stop", "--format=json"],
        &["check", "image"],
        &["check", "no-such-folder"],
        &["install", "--init", "openrc", "image"],
        &["service", "is-enabled", "kubelet", "image"],
        &["service", "status", "kubelet", "image"],
        &["render", "openrc"],
        &["render", "--init", "runit", "Void"],
        &["render", "--init", "runit", "cloud-init"],
        &["render", "fleet.yaml", "--output", "out"],
        &["render", "--init", "runit", "own.yml"],
        &["check", "fleet.yaml", "--root", "image"],
        &["packages", "alpine"],
        &["kubeadm", "flags", "own.yml"],
        &["list", "frobnicate"],
        &["service", "kubelet"],
        &["service", "kubelet.service", "restart", "--root", "image"],
        &["service", "containerd", "--status", "--format", "json"],
        &["service", "staus"],
        &["service", "kubelet", "staus"],
        &["service", "journal", "-f"],
        &["service", "--name", "containerd"],
        &["service", "stop", "--name", "containerd"],
        &["service", "--nam", "containerd"],
        &["up"],
        &["up", "containerd"],
        &["remove"],
        &["upgrade", "--root", "image"],
        &["doctor"],
        &["kubeadm", "init"],
        &["kubeadm", "join", "--config", "join.yaml"],
        &["kubeadm", "status"],
        &["help", "status"],
        &["service", "check"],
        &["service", "explain", "--root", "image"],
        &["service", "diff", "kubelet"],
        &["service", "logs", "-n", "abc"],
        &["service", "logs", "--lines=-1"],
        &["service", "logs", "--tale", "5"],
        &["spec", "kubelt"],
        &["spec", "flanneld"],
        &["man", "rendr"],
        &["man", "service", "restrt"],
        &["man", "nodes.yaml"],
        &["man", "5", "spce"],
        &["man", "5", "crontab"],
        &["help", "servce"],
        &["-v"],
        &["-v", "render"],
        &["check", "-v"],
        &["check", "--version"],
        &["render", "--frobnicate"],
        &["check", "--for", "36"],
        &["check", "--for", "latest"],
        &["kubeadm", "flags", "--for", "1.3"],
        &["kubeadm", "flags", "--kubeadm-version", "36"],
        &["kubeadm", "flags", "--kubeadm-version", "1.3"],
        &["kubeadm", "config", "--kubeadm-version", "v1.36.x"],
        &["kubeadm", "config", "--kubeadm-version", "1.9"],
        &["kubeadm", "config", "--kubeadm-version", "latest"],
    ]
    .map(said);
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn inits_and_distributions_of_others_are_called_what_they_are() {
    let distros = [
        "arch",
        "archlinux",
        "manjaro",
        "NixOS",
        "guix",
        "slackware",
        "chimera-linux",
        "mint",
        "oracle",
        "funtoo",
        "flatcar",
        "talos",
        "openwrt",
        "wolfi",
        "freebsd",
        "dragora",
        "alpin",
    ];
    let inits = ["tini", "monit", "cinit", "bsd", "openrcc", "bb", "upstart"];
    let distros = distros.map(|it| said(&["render", "--init", "openrc", "--distro", it]));
    let inits = inits.map(|it| said(&["render", "--init", it]));
    insta::assert_snapshot!([distros.join("\n"), inits.join("\n")].join("\n"));
}

#[test]
fn usual_words_are_understood() {
    let version = concat!("kubelet-unit ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(
        said(&["version"]),
        format!("[\"version\"] exits 0\n{version}")
    );
    let help = said(&["bridge", "uninstall", "--help"]);
    assert!(
        help.contains("Remove the links, and every trace of them"),
        "{help}"
    );
}

/// Who is not root is told so by every command that needs it.
#[test]
fn what_only_root_may_says_so() {
    if !crate::support::is_root() {
        return crate::support::skipped("only root can have a folder that others may not write to");
    }
    let scratch = Scratch::new();
    let tree = scratch.path().join("tree");
    fs::create_dir_all(tree.join("etc")).unwrap();
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(scratch.path(), open).unwrap();
    let program = scratch.path().join("kubelet-unit");
    fs::copy(env!("CARGO_BIN_EXE_kubelet-unit"), &program).unwrap();
    let as_nobody = |words: &str| {
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid", "65534", "--clear-groups"])
            .arg(&program)
            .args(words.split(' '))
            .current_dir(&tree);
        let (code, _, err) = run(&mut command);
        let at = tree.display().to_string();
        format!("{words}: {code}\n{}\n", err.replace(&at, "TREE"))
    };
    let said = [
        "install --init openrc --distro alpine --root .",
        "render --init openrc --output out",
        "service enable --init openrc --root .",
        "kubeadm flags --kubeadm-version 1.35 --root .",
        "render --init runit --nodes /proc/1/environ --output out",
        "render --init runit --spec /proc/1/environ",
    ]
    .map(as_nobody);
    insta::assert_snapshot!(said.concat());
}
