//! A command that looks reads each file once.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use crate::support::{Tree, skipped};

/// The files of the tree that a command opened to read more than once, each with how often;
/// none where the machine cannot tell.
fn read_again(tree: &Tree, words: &[&str]) -> Option<Vec<String>> {
    let log = tree.at("opened.log");
    let output = Command::new("strace")
        .args(["-f", "-qq", "-e", "trace=open,openat,openat2", "-o"])
        .arg(&log)
        .arg(env!("CARGO_BIN_EXE_kubelet-unit"))
        .args(words)
        .arg("--root")
        .arg(tree.at(""))
        .output();
    let text = fs::read_to_string(&log).unwrap_or_default();
    if output.is_err() || !text.contains("openat2(") {
        skipped("`strace` is missing or cannot follow a program here");
        return None;
    }
    let _ = fs::remove_file(log);
    let mut opened = BTreeMap::new();
    let is_read = |line: &&str| {
        let kept = ["O_PATH", "O_DIRECTORY", " = -1 "];
        line.contains("openat2(") && !kept.iter().any(|it| line.contains(it))
    };
    for path in text
        .lines()
        .filter(is_read)
        .filter_map(|line| line.split('"').nth(1))
    {
        *opened.entry(path.to_owned()).or_insert(0) += 1;
    }
    assert!(!opened.is_empty(), "{text}");
    let again = opened.into_iter().filter(|(_, count)| *count > 1);
    Some(
        again
            .map(|(path, count)| format!("{path}: {count}"))
            .collect(),
    )
}

#[test]
fn each_file_is_read_once() {
    let tree = Tree::new();
    tree.kubelet();
    for init in ["systemd", "openrc", "runit"] {
        let install = ["install", "--init", init, "--distro", "void"];
        assert_eq!(tree.run(&install).0, 0);
    }
    for (path, text) in [
        (
            "var/lib/kubelet/kubeadm-flags.env",
            "KUBELET_KUBEADM_ARGS=\"--node-ip=10.0.0.7\"\n",
        ),
        ("var/lib/kubelet/config.yaml", "maxPods: 50\n"),
        ("etc/default/kubelet", "KUBELET_EXTRA_ARGS=--v=4\n"),
    ] {
        tree.write(path, text);
    }
    let foreign = Tree::new();
    foreign.kubelet();
    foreign.write(
        "etc/sv/kubelet/run",
        "#!/bin/sh\n. /etc/kubernetes/kubelet\nexec kubelet $OPTS\n",
    );
    foreign.write(
        "etc/kubernetes/kubelet",
        "OPTS=--config=/etc/kubelet.yaml\n",
    );
    foreign.write("etc/kubelet.yaml", "maxPods: 50\n");
    for (tree, words) in [
        (&tree, &["explain", "--init", "systemd"][..]),
        (&tree, &["explain", "max-pods", "--init", "openrc"]),
        (&tree, &["check"]),
        (&tree, &["diff"]),
        (&tree, &["import", "kubelet.service"]),
        (
            &foreign,
            &["explain", "max-pods", "--init", "runit", "--distro", "void"],
        ),
        (&foreign, &["check", "--init", "runit", "--distro", "void"]),
    ] {
        let Some(again) = read_again(tree, words) else {
            return;
        };
        assert_eq!(again, Vec::<String>::new(), "{words:?}");
    }
}
