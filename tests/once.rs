//! A command that looks reads each file once, and asks once for what is not there.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use crate::support::{Tree, skipped};

/// These are looked at as the launchers do, each time.
const ENV_FILES: [&str; 4] = [
    "/etc/conf.d/kubelet.env",
    "/etc/default/kubelet",
    "/etc/sysconfig/kubelet",
    "/var/lib/kubelet/kubeadm-flags.env",
];

/// The files of the tree that a command opened to read more than once, and the paths that it looked for
/// in vain more than once in the same way, each with how often; none where the machine cannot tell.
fn asked_again(tree: &Tree, words: &[&str]) -> Option<Vec<String>> {
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
    let lines = text.lines().filter(|line| line.contains("openat2("));
    for line in lines {
        let path = line.split('"').nth(1).unwrap_or_default();
        let is_read = !["O_PATH", "O_DIRECTORY", " = -1 "]
            .iter()
            .any(|it| line.contains(it));
        // The process and the result are no part of the question.
        let asked = line.split_once("openat2(").map_or("", |(_, asked)| asked);
        let asked = asked.split_once(") =").map_or(asked, |(asked, _)| asked);
        if is_read {
            *opened.entry(path.to_owned()).or_insert(0) += 1;
        } else if line.contains(" = -1 ENOENT") && !ENV_FILES.contains(&path) {
            *opened.entry(format!("in vain {asked}")).or_insert(0) += 1;
        }
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
        let Some(again) = asked_again(tree, words) else {
            return;
        };
        assert_eq!(again, Vec::<String>::new(), "{words:?}");
    }
}
