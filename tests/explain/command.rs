//! The command, on trees made for it.

use insta::assert_snapshot;
use std::path::Path;
use std::process::Command;

use crate::support::Tree;

/// What is said of the kubelet as it comes, with the tree called ROOT.
fn explain(tree: &Tree, arguments: &[&str]) -> String {
    let root = ["--root", tree.path().to_str().unwrap()];
    let kubelet = ["--kubelet", "/usr/bin/kubelet"];
    tree.shown(&output(
        &[arguments, &root, &kubelet].concat(),
        Path::new("/"),
    ))
}

/// Where no init shows, no service is made up; what is described is explained all the same.
#[test]
fn a_tree_without_an_init_has_no_service() {
    let tree = Tree::new();
    tree.write("etc/default/kubelet", "KUBELET_EXTRA_ARGS=--v=4\n");
    let mut said = String::new();
    for words in [
        &["explain"][..],
        &["explain", "v"],
        &["explain", "--format", "json"],
        &["diff"],
        &["check"],
        &["service", "is-enabled"],
        &["explain", "v", "--kubelet", "/usr/bin/kubelet"],
        &["explain", "v", "--init", "openrc"],
        &["explain", "v", "--init", "busybox-init"],
    ] {
        said += &tree.said(words);
    }
    assert_snapshot!(said);
}

/// The exit code, standard output and standard error of `explain`.
fn output(arguments: &[&str], folder: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_kubelet-unit"))
        .arg("explain")
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (code, out, err) = (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    );
    format!("exit {}\n{out}---\n{err}", code.unwrap())
}

#[test]
fn a_tree_is_read_by_its_own_distribution_and_links() {
    let tree = Tree::new();
    tree.write(
        "usr/lib/os-release",
        "ID=rocky\nID_LIKE=\"rhel centos fedora\"\n",
    );
    tree.write(
        "data/flags",
        "KUBELET_KUBEADM_ARGS=\"--v=2 --container-runtime=remote\"\n",
    );
    tree.link("var/lib/kubelet/kubeadm-flags.env", "/data/flags");
    tree.write("data/extra", "KUBELET_EXTRA_ARGS=--v=4\n");
    tree.link("etc/sysconfig/kubelet", "../../../../data/extra");
    assert_snapshot!(explain(&tree, &["--kubelet-version", "1.30"]));
}

#[test]
fn the_package_of_the_tree_tells_which_flags_are_gone() {
    let tree = Tree::new();
    tree.write("usr/bin/kubelet", "");
    tree.mode("usr/bin/kubelet", 0o755);
    tree.write(
        "var/lib/dpkg/status",
        "Package: kubelet\nStatus: install ok installed\nVersion: 1.35.2-1.1\n",
    );
    tree.write(
        "var/lib/kubelet/kubeadm-flags.env",
        "KUBELET_KUBEADM_ARGS=--pod-infra-container-image=pause\n",
    );
    assert_snapshot!(explain(&tree, &["--distro", "debian"]));
}

#[test]
fn what_is_no_file_is_skipped_and_named() {
    let tree = Tree::new();
    let fifo = tree.place("var/lib/kubelet/kubeadm-flags.env");
    assert!(
        Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .unwrap()
            .success()
    );
    tree.link("etc/default/kubelet", "nowhere");
    assert_snapshot!(explain(&tree, &["node-ip", "--distro", "debian"]));
}

#[test]
fn no_link_leads_out_of_the_tree() {
    let outside = Tree::new();
    outside.write("secret", "KUBELET_EXTRA_ARGS=--secret\n");
    let tree = Tree::new();
    let secret = outside.at("secret").display().to_string();
    tree.link("etc/default/kubelet", &secret);
    let above = format!("../../../../../../../..{secret}");
    tree.link("var/lib/kubelet/kubeadm-flags.env", &above);
    let said = explain(&tree, &["--distro", "debian", "--format", "json"]);
    assert!(!said.contains("--secret"), "{said}");
    assert_eq!(said.matches("which does not exist").count(), 2, "{said}");
}

#[test]
fn a_spec_says_what_is_explained() {
    let tree = Tree::new();
    tree.write(
        "worker.yaml",
        "\
name: worker
description: A worker
program: /usr/bin/worker
arguments: [run, '--name=${NAME}${SHARD}${NONE}', $WORKER_ARGS]
environment: {NAME: one, WORKER_ARGS: --slow}
envFiles: [{path: /etc/worker.env}]
",
    );
    tree.write("etc/worker.env", "WORKER_ARGS=\"--fast 'a b'\"\nSHARD=-7\n");
    let arguments = ["--spec", "worker.yaml", "--root", "."];
    assert_snapshot!(output(&arguments, tree.path()));
}

/// What is written is the likeliest to be meant. That a flag is nowhere is an answer.
#[test]
fn a_flag_that_is_nowhere_may_be_another() {
    let tree = Tree::new();
    tree.write(
        "etc/default/kubelet",
        "KUBELET_EXTRA_ARGS=--node-ip=10.0.0.1\n",
    );
    let said = [
        "node-pi",
        "--flag=--node-labls",
        "--flag=--node_ip=10.0.0.1",
        "v",
        "node-labels",
    ]
    .map(|flag| format!("{flag}: {}", explain(&tree, &["--distro", "debian", flag])));
    assert_snapshot!(said.join("\n"));
}

/// What counts for a flag that is set nowhere, and how one may ask for it.
#[test]
fn a_flag_that_is_set_nowhere_has_a_value_all_the_same() {
    let tree = Tree::new();
    tree.write(
        "var/lib/kubelet/config.yaml",
        "kind: KubeletConfiguration\nmaxPods: 50\nsyncFrequency: 0s\n",
    );
    tree.write(
        "etc/default/kubelet",
        "KUBELET_EXTRA_ARGS=\"--config-dir=/etc/kubelet.d --v=4\"\n",
    );
    tree.write("etc/kubelet.d/10-a.conf", "podsPerCore: 5\n");
    tree.write("etc/kubelet.d/a/20-b.conf", "podsPerCore: 7\n");
    tree.write("etc/kubelet.d/30-c.yaml", "podsPerCore: 9\n");
    let asked = [
        &["max-pods"][..],
        &["--max-pods"],
        &["--flag", "--pods-per-core"],
        &["sync-frequency"],
        &["--kube-api-qps", "--kubelet-version", "1.26"],
        &["kube-api-qps", "--kubelet-version", "1.36"],
        &["--node-ip"],
        &["--root-dir"],
        &["-v"],
        &["--node-pi"],
        &["--fromat", "json"],
        &["max-pods", "--format", "json"],
        &["--containerd", "--kubelet-version", "1.37"],
    ];
    let said = asked.map(|asked| {
        let said = explain(&tree, &[&["--distro", "debian"], asked].concat());
        format!("{}: {said}", asked.join(" "))
    });
    assert_snapshot!(said.join("\n"));
    // Without what the command line names, the kubelet does not start.
    std::fs::remove_file(tree.at("var/lib/kubelet/config.yaml")).unwrap();
    let said = explain(&tree, &["--distro", "debian", "max-pods"]);
    let missing = "ROOT/var/lib/kubelet/config.yaml is missing, and without it the kubelet exits";
    assert!(said.contains(missing), "{said}");
}

#[test]
fn wrong_command_lines() {
    let tree = Tree::new();
    let said = [
        &["--kubelet-version", "latest"][..],
        &["--root", "missing"],
        &["--format", "yaml"],
        &["v", "--flag", "v"],
        &["--flag", "a b"],
        &[""],
        &["--spec", "missing.yaml"],
    ]
    .map(|arguments| output(arguments, tree.path()));
    assert_snapshot!(said.join("\n"));
}
