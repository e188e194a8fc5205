//! What keeps an init from starting a service that is installed: what it needs and is not
//! there, a configuration that does not name it. A check says so, and enabling is in vain.

use std::fmt::Write;
use std::os::unix::fs::symlink;

use crate::install::watched;
use crate::support::Tree;

/// A service that needs another.
const SPEC: &str =
    "name: agent\ndescription: An agent\nprogram: /usr/bin/kubelet\nneeds: [containerd]\n";

/// A tree with that service, and what is said when it is installed and enabled.
fn installed(init: &str, distro: &str) -> (Tree, String) {
    let tree = watched();
    tree.write("agent.yaml", SPEC);
    let spec = tree.at("agent.yaml");
    let install = [
        "install", "--init", init, "--distro", distro, "--enable", "--spec",
    ];
    let (_, _, err) = tree.run(&[&install[..], &[spec.to_str().unwrap()]].concat());
    let told = err
        .lines()
        .filter(|line| line.starts_with("warning"))
        .map(|line| format!("{line}\n"));
    let told = told.collect();
    (tree, told)
}

fn check(tree: &Tree) -> String {
    let (code, out, err) = tree.run(&["check", "--kubelet-version", "1.33"]);
    format!("{out}{err}exit {code}\n\n")
}

#[test]
fn a_service_that_is_needed_and_missing_is_named() {
    let mut said = String::new();
    for (init, distro, there, text) in [
        (
            "openrc",
            "alpine",
            "etc/init.d/containerd",
            "#!/sbin/openrc-run\ndepend() {\n\tneed dbus # and\n}\n",
        ),
        ("runit", "void", "etc/sv/containerd/run", "#!/bin/sh\n"),
        ("s6", "artix", "etc/s6/sv/containerd/run", "#!/bin/sh\n"),
        (
            "dinit",
            "artix",
            "etc/dinit.d/containerd",
            "type = process\ndepends-on: dbus\n",
        ),
        ("s6-rc", "artix", "etc/s6/sv/containerd/type", "longrun\n"),
    ] {
        let (tree, told) = installed(init, distro);
        write!(said, "{init}: {told}{}", check(&tree)).unwrap();
        tree.write(there, text);
        write!(said, "with {there}: {}", check(&tree)).unwrap();
    }
    insta::assert_snapshot!(said);
}

#[test]
fn what_provides_a_need_or_is_linked_is_there() {
    let (tree, _) = installed("openrc", "alpine");
    tree.write(
        "etc/init.d/runtime",
        "#!/sbin/openrc-run\ndepend() {\n\tprovide containerd\n}\n",
    );
    let mut said = check(&tree);
    tree.write("etc/conf.d/agent", "rc_need=\"!containerd nfs\"\n");
    said += &check(&tree);
    let (tree, _) = installed("runit", "void");
    tree.write("etc/sv/containerd/run", "#!/bin/sh\n");
    symlink(
        "/etc/sv/containerd",
        tree.at("etc/runit/runsvdir/default/containerd"),
    )
    .unwrap();
    said += &check(&tree);
    insta::assert_snapshot!(said);
}

#[test]
fn a_configuration_of_supervisord_that_does_not_include_it_is_named() {
    let tree = Tree::new();
    tree.kubelet();
    let install = [
        "install",
        "--init",
        "supervisord",
        "--distro",
        "debian",
        "--enable",
    ];
    let mut said = tree.said(&install);
    let conf = "etc/supervisor/supervisord.conf";
    for text in [
        "[supervisord]\n",
        "[include]\nfiles = /etc/supervisor/conf.d/*.ini other/*.conf\n",
        "[include]\nfiles = conf.d/*.conf ; ours\n",
        "[include]\nfiles = %(here)s/conf.d/k*.conf\n",
        "[include]\nfiles = %(ENV_HOME)s/*.conf\n",
    ] {
        tree.write(conf, text);
        write!(said, "{text}{}", check(&tree)).unwrap();
    }
    tree.write(conf, "[supervisord]\n");
    said += &tree.said(&install);
    said += &tree.said(&["service", "enable", "--init", "supervisord"]);
    insta::assert_snapshot!(said);
}

/// Distributions of rpm packages beside Fedora's own: by their name, by what they are like,
/// and by their database of packages alone.
#[test]
fn every_rpm_distribution_has_its_env_file_in_sysconfig() {
    let mut said = String::new();
    for (name, release) in [
        ("SUSE", "ID=sles\nID_LIKE=suse\n"),
        (
            "openSUSE",
            "ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n",
        ),
        ("Photon", "ID=photon\n"),
        ("Azure Linux", "ID=azurelinux\n"),
        ("openEuler", "ID=\"openEuler\"\n"),
        ("like openEuler", "ID=other\nID_LIKE=openEuler\n"),
        ("like SUSE", "ID=other\nID_LIKE=suse\n"),
        ("nobody's", ""),
    ] {
        let tree = Tree::new();
        tree.kubelet();
        match release {
            "" => {
                tree.write("etc/os-release", "ID=unheard-of\n");
                tree.write("usr/lib/sysimage/rpm/rpmdb.sqlite", "");
            }
            release => tree.write("etc/os-release", release),
        }
        tree.write(
            "etc/sysconfig/kubelet",
            "KUBELET_EXTRA_ARGS=--node-ip=10.0.0.7\n",
        );
        tree.write("usr/lib/systemd/systemd", "");
        let install = tree.said(&["install", "--init", "systemd"]);
        let answer = tree.said(&["explain", "--flag", "node-ip"]);
        write!(said, "## {name}\n{install}{answer}").unwrap();
    }
    insta::assert_snapshot!(said);
}

/// What somebody else's service needs counts as what ours does; what is computed nobody can tell.
#[test]
fn what_a_foreign_service_needs_is_followed() {
    let mut said = String::new();
    for depend in [
        "need containerd",
        "need \"$RUNTIME\" net",
        "[ -x /usr/bin/crio ] && need crio",
    ] {
        let tree = Tree::new();
        tree.kubelet();
        let script = format!(
            "#!/sbin/openrc-run\ncommand=/usr/bin/kubelet\ndepend() {{\n\t{depend}\n}}\nstart_pre() {{\n\tneed nothing\n}}\n"
        );
        tree.write("etc/init.d/kubelet", &script);
        tree.write(
            "etc/init.d/networking",
            "#!/sbin/openrc-run\ndepend() {\n\tif x; then\n\t\tprovide net\n\tfi\n}\n",
        );
        let check = ["check", "--init", "openrc", "--kubelet-version", "1.33"];
        let (_, out, _) = tree.run(&check);
        write!(said, "{depend}\n{}", of_init(&out)).unwrap();
    }
    let tree = Tree::new();
    tree.kubelet();
    tree.write(
        "etc/dinit.d/kubelet",
        "command = /usr/bin/kubelet\ndepends-on: containerd\n",
    );
    let (_, out, _) = tree.run(&["check", "--init", "dinit", "--kubelet-version", "1.33"]);
    said += &of_init(&out);
    insta::assert_snapshot!(said);
}

/// The findings about the init, with their hints.
fn of_init(out: &str) -> String {
    let mut found = String::new();
    let mut is_hint = false;
    for line in out.lines() {
        let is_it = line.starts_with("error[init]");
        if is_it || is_hint {
            found = found + line + "\n";
        }
        is_hint = is_it;
    }
    found
}
