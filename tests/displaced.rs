//! What others have put in the way of a service that is installed: drop-ins that change what
//! it runs, and services of its name elsewhere. A check is never clean then.

use std::fmt::Write;

use crate::support::Tree;

/// A tree that boots with systemd and has the kubelet's service as it is installed.
fn debian() -> Tree {
    let tree = Tree::new();
    tree.kubelet();
    tree.write("etc/os-release", "ID=debian\n");
    tree.write("usr/lib/systemd/systemd", "");
    tree.link("sbin/init", "/usr/lib/systemd/systemd");
    tree.write(
        "etc/default/kubelet",
        "KUBELET_EXTRA_ARGS=--node-ip=10.0.0.7\n",
    );
    let install = ["install", "--init", "systemd", "--distro", "debian"];
    let (code, ..) = tree.run(&[&install[..], &["--enable"]].concat());
    assert_eq!(code, 0);
    tree
}

fn check(tree: &Tree) -> String {
    let (code, out, err) = tree.run(&["check", "--kubelet-version", "1.33"]);
    format!("{out}{err}exit {code}\n\n")
}

#[test]
fn a_drop_in_that_changes_what_runs_is_named() {
    let mut said = String::new();
    for (name, text) in [
        // Nothing of ours is changed by these.
        (
            "20-more.conf",
            "[Unit]\nAfter=x.service\n[Service]\nKillMode=control-group\nMemoryMax=8G\nEnvironmentFile=-/etc/more\nEnvironment=A=b\n",
        ),
        (
            "20-command.conf",
            "# mine\n[Service]\nExecStart=\nExecStart=/usr/bin/kubelet --v=2\n",
        ),
        ("20-files.conf", "[Service]\nEnvironmentFile=\n"),
        (
            "20-life.conf",
            "[Service]\nRestart=no\nRestartSec=1min\nKillMode=process\nUser=nobody\n",
        ),
        (
            "20-variable.conf",
            "[Service]\nEnvironment=KUBELET_CONFIG_ARGS=--config=/etc/mine\n",
        ),
        (
            "10-kubeadm.conf",
            "[Service]\nExecStart=\nExecStart=/usr/bin/kubelet --config=/etc/x $KUBELET_EXTRA_ARGS\n",
        ),
        ("10-kubeadm.conf", ""),
    ] {
        let tree = debian();
        tree.write(
            &format!("etc/systemd/system/kubelet.service.d/{name}"),
            text,
        );
        write!(said, "{name}:\n{text}\n{}", check(&tree)).unwrap();
    }
    let tree = debian();
    tree.link(
        "etc/systemd/system/kubelet.service.d/10-kubeadm.conf",
        "/dev/null",
    );
    write!(said, "masked:\n{}", check(&tree)).unwrap();
    insta::assert_snapshot!(said);
}

#[test]
fn a_tree_that_boots_another_init_is_told_of_by_every_check() {
    let tree = debian();
    let (code, ..) = tree.run(&["uninstall"]);
    assert_eq!(code, 0);
    tree.run(&["install", "--init", "runit", "--distro", "void", "--enable"]);
    insta::assert_snapshot!(check(&tree));
}

/// Of drop-ins with one name, one of the unit's own folder counts before one of all services, in
/// whatever folders they are: what is to be installed is judged by the same rule.
#[test]
fn a_drop_in_of_all_services_does_not_hide_ours() {
    let mut said = String::new();
    for (path, text) in [
        (
            "etc/systemd/system/service.d/10-kubeadm.conf",
            "[Service]\nEnvironmentFile=\n",
        ),
        (
            "etc/systemd/system/service.d/20-all.conf",
            "[Service]\nRestart=no\n",
        ),
        (
            "etc/systemd/system/kubelet.service.d/10-kubeadm.conf",
            "[Service]\nEnvironmentFile=\n",
        ),
    ] {
        let tree = Tree::new();
        tree.kubelet();
        tree.write(path, text);
        tree.write("etc/default/kubelet", "KUBELET_EXTRA_ARGS=--v=2\n");
        let install = ["install", "--init", "systemd", "--distro", "debian"];
        write!(said, "## {path}\n{}", tree.said(&install)).unwrap();
        write!(said, "{}", check(&tree)).unwrap();
    }
    insta::assert_snapshot!(said);
}

/// What only adds to ours stays where it is, whatever the unit in the place of ours says.
#[test]
fn a_drop_in_that_only_adds_is_not_taken_away() {
    let mut said = String::new();
    for text in [
        "[Service]\nEnvironment=A=1\nMemoryMax=8G\n",
        "[Service]\nEnvironment=A=1\nRestart=no\n",
    ] {
        let tree = Tree::new();
        tree.kubelet();
        tree.write(
            "usr/lib/systemd/system/kubelet.service",
            "[Service]\nEnvironmentFile=-/etc/default/kubelet\nExecStart=/usr/bin/kubelet --v=2 $KUBELET_EXTRA_ARGS\n",
        );
        let drop_in = "etc/systemd/system/kubelet.service.d/20-more.conf";
        tree.write(drop_in, text);
        let install = ["install", "--init", "systemd", "--distro", "debian"];
        write!(said, "{text}{}", tree.said(&install)).unwrap();
        said += &tree.said(&[&install[..], &["--migrate"]].concat());
        said += &check(&tree);
        writeln!(said, "there: {}\n", tree.at(drop_in).exists()).unwrap();
    }
    insta::assert_snapshot!(said);
}

/// A record that is older than the init: what the tree starts is another's service.
#[test]
fn a_service_of_the_init_that_a_tree_boots_is_named_beside_a_record_for_another() {
    let tree = debian();
    tree.run(&["uninstall"]);
    tree.run(&["install", "--init", "runit", "--distro", "void"]);
    tree.write(
        "etc/systemd/system/kubelet.service",
        "[Service]\nExecStart=/usr/bin/kubelet --v=9\n[Install]\nWantedBy=multi-user.target\n",
    );
    let explained = tree.said(&["explain", "--flag", "v"]);
    insta::assert_snapshot!(explained + &check(&tree));
}

/// The link by which an init finds a service leads to another's folder.
#[test]
fn what_is_started_in_the_place_of_what_was_installed_is_no_clean_service() {
    let tree = Tree::new();
    tree.kubelet();
    tree.write("etc/runit/runsvdir/default/.keep", "");
    let install = ["install", "--init", "runit", "--distro", "void", "--enable"];
    assert_eq!(tree.run(&install).0, 0);
    tree.write("etc/sv/k8s/run", "#!/bin/sh\nexec kubelet --v=9\n");
    let link = tree.at("etc/runit/runsvdir/default/kubelet");
    std::fs::remove_file(&link).unwrap();
    tree.link("etc/runit/runsvdir/default/kubelet", "/etc/sv/k8s");
    insta::assert_snapshot!(check(&tree));
}
