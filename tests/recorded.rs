//! What the record in a tree says of its services holds for every command.

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::symlink;

use crate::support::Tree;

/// A tree in which nothing shows an init, with a kubelet.
fn node() -> Tree {
    let tree = Tree::new();
    tree.kubelet();
    tree
}

/// What command lines give, in which ROOT is the tree as well.
fn all(tree: &Tree, lines: &[&str]) -> String {
    lines.iter().map(|line| said(tree, line)).collect()
}

fn said(tree: &Tree, line: &str) -> String {
    let root = tree.path().to_str().unwrap();
    let words: Vec<_> = line
        .split(' ')
        .map(|word| word.replace("ROOT", root))
        .collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    tree.shown(&tree.said(&words))
}

/// Installs something that a snapshot does not have to show.
fn install(tree: &Tree, words: &str) {
    let said = said(tree, &format!("install {words}"));
    assert!(said.ends_with("exit 0\n\n"), "{said}");
}

#[test]
fn that_of_the_bridge_is_no_service() {
    let tree = node();
    tree.write(
        "var/lib/kubelet-unit/bridge.json",
        r#"{"init": "runit", "distro": null, "program": "/usr/bin/kubelet-unit", "links": []}"#,
    );
    let told = all(
        &tree,
        &[
            "check",
            "install --init systemd --distro debian",
            "uninstall",
        ],
    );
    insta::assert_snapshot!(told);
}

/// Void's places and a folder of its own: neither is what this tree would get.
const RUNIT: &str = "--init runit --distro void --service-folder /srv/sv";

#[test]
fn a_service_is_driven_as_it_was_installed() {
    let tree = node();
    install(&tree, RUNIT);
    fs::create_dir_all(tree.path().join("etc/runit/runsvdir/default")).unwrap();
    let told = all(
        &tree,
        &[
            "service exists",
            "service exists --service-folder /etc/sv",
            "service is-enabled --init runit",
            "service enable",
            "service is-enabled",
            "check",
            "service is-enabled containerd",
            "service disable --dry-run",
        ],
    );
    insta::assert_snapshot!(told);
}

#[test]
fn the_record_counts_more_than_what_the_tree_shows() {
    let tree = node();
    fs::create_dir(tree.path().join("sbin")).unwrap();
    tree.program("usr/lib/systemd/systemd");
    symlink("/usr/lib/systemd/systemd", tree.path().join("sbin/init")).unwrap();
    install(&tree, "--init supervisord");
    let told = all(
        &tree,
        &[
            "detect",
            "service is-enabled",
            "service is-enabled dbus",
            "check",
            "diff",
            "uninstall --dry-run",
        ],
    );
    insta::assert_snapshot!(told);
}

#[test]
fn of_several_inits_those_of_the_service_are_named() {
    let tree = node();
    let spec = "name: agent\ndescription: An agent\nprogram: /usr/bin/agent\n";
    tree.write("agent.yaml", spec);
    let root = tree.path().to_str().unwrap();
    for words in [
        "--init s6",
        "--init openrc --distro generic",
        &format!("--init runit --spec {root}/agent.yaml"),
        &format!("--init openrc --distro void --spec {root}/agent.yaml"),
    ] {
        install(&tree, words);
    }
    let told = all(
        &tree,
        &[
            "service exists",
            "service is-enabled --init openrc",
            "service exists agent",
            "uninstall --name agent",
            "uninstall --name agent --init runit",
            "uninstall --name agent --dry-run",
            "service is-enabled agent",
            "install",
        ],
    );
    insta::assert_snapshot!(told);
}

#[test]
fn a_launcher_that_two_inits_share_is_the_same_for_both() {
    let tree = node();
    install(&tree, "--init openrc");
    let told = all(
        &tree,
        &[
            "install --init runit",
            "install --init runit --distro alpine --launcher native --force",
            "install --init runit --distro alpine",
            "install --init openrc --launcher native --dry-run",
            "uninstall --init openrc",
            "install --init runit --distro void",
            "uninstall",
        ],
    );
    insta::assert_snapshot!(told);
    let left: Vec<_> = fs::read_dir(tree.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn a_launcher_that_two_inits_share_is_upgraded_by_either() {
    const SUM: &str = "01d09d19c2139a46aebfb577780d123d7396e97201bc7ead210a2ebff8239dee";
    let tree = node();
    let records = ["openrc", "runit"].map(|init| {
        install(&tree, &format!("--init {init} --distro void"));
        tree.at(&format!("var/lib/kubelet-unit/kubelet.{init}.json"))
    });
    // As a version left it that rendered nothing but a line.
    tree.write("usr/libexec/kubelet-unit/kubelet", "old\n");
    for record in records {
        let text = fs::read_to_string(&record).unwrap();
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let files = value["files"].as_array_mut().unwrap();
        let launcher = files
            .iter_mut()
            .find(|it| it["path"] == "/usr/libexec/kubelet-unit/kubelet");
        launcher.unwrap()["sha256"] = SUM.into();
        fs::write(record, value.to_string()).unwrap();
    }
    let told = all(
        &tree,
        &[
            "install --init runit",
            "check",
            "install --init openrc",
            "check",
        ],
    );
    insta::assert_snapshot!(told);
}

#[test]
fn what_is_explained_is_what_was_installed() {
    let tree = node();
    let spec = "name: kubelet\ndescription: A\nprogram: /opt/kubelet\narguments: [--v=7]\n";
    tree.write("own.yaml", spec);
    tree.write("etc/own.env", "KUBELET_EXTRA_ARGS=--v=4\n");
    tree.write("etc/default/kubelet", "KUBELET_EXTRA_ARGS=--v=5\n");
    tree.write("etc/conf.d/kubelet.env", "KUBELET_EXTRA_ARGS=--v=6\n");
    install(
        &tree,
        "--init runit --distro void --extra-args-file /etc/own.env",
    );
    install(
        &tree,
        "--init s6 --distro void --extra-args-file /etc/own.env",
    );
    let mut told = all(
        &tree,
        &[
            "explain v",
            "explain v --distro void",
            "explain v --init openrc",
        ],
    );
    let root = tree.path().to_str().unwrap();
    // Another program than the others have, so a launcher of its own.
    install(
        &tree,
        &format!("--init openrc --libexec-folder /usr/libexec/own --spec {root}/own.yaml"),
    );
    told += &all(
        &tree,
        &[
            "explain v",
            "explain v --init runit",
            "explain v --init openrc",
        ],
    );
    insta::assert_snapshot!(told);
}

#[test]
fn kubeadm_s_files_are_for_the_init_of_the_record_where_no_other_shows() {
    let tree = node();
    tree.write("kubeadm.yaml", KUBEADM);
    tree.write("etc/hostname", "node-7\n");
    let config = "kubeadm config --print --config ROOT/kubeadm.yaml";
    let mut told = said(&tree, config);
    install(&tree, "--init runit");
    told += &said(&tree, config);
    install(&tree, "--init s6 --distro void");
    told += &said(&tree, config);
    insta::assert_snapshot!(told);
}

const KUBEADM: &str = "apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.34.0
";

/// The folder in which runit looks for services is not the one in which they are kept.
#[test]
fn the_files_of_a_service_move_with_the_link_that_finds_them() {
    let tree = node();
    fs::create_dir_all(tree.path().join("etc/runit/runsvdir/default")).unwrap();
    install(&tree, "--init runit --distro void --enable");
    let told = all(
        &tree,
        &[
            "install --init runit --distro void --service-folder /etc/runit/runsvdir/default",
            "service is-enabled",
            "install --init runit --distro void --service-folder /srv/sv --dry-run",
            "install --init runit --distro void --service-folder /srv/sv",
            "service is-enabled",
            "uninstall",
        ],
    );
    insta::assert_snapshot!(told);
}

/// A link that somebody made by hand is in no record, and may have any name.
#[test]
fn the_files_of_a_service_move_with_a_link_that_somebody_else_made() {
    let tree = node();
    let at = |path: &str| tree.path().join(path);
    fs::create_dir_all(at("etc/runit/runsvdir/default")).unwrap();
    fs::create_dir_all(at("etc/service")).unwrap();
    install(&tree, "--init runit --distro void");
    let links = [
        ("etc/runit/runsvdir/default/kubelet", "../../../sv/kubelet"),
        ("etc/service/node", "/etc/sv/kubelet/"),
    ];
    for (link, target) in links {
        std::os::unix::fs::symlink(target, at(link)).unwrap();
    }
    let mut told = all(
        &tree,
        &[
            "install --init runit --distro void --service-folder /etc/runit/runsvdir/default",
            "install --init runit --distro void --service-folder /etc/service",
            "install --init runit --distro void --service-folder /srv/sv --dry-run",
        ],
    );
    assert_eq!(
        fs::read_link(at(links[0].0)).unwrap().to_str(),
        Some(links[0].1)
    );
    told += &all(
        &tree,
        &["install --init runit --distro void --service-folder /srv/sv"],
    );
    for (link, _) in links {
        let target = fs::read_link(at(link)).unwrap();
        writeln!(told, "{link} -> {}", target.display()).unwrap();
        assert!(at("srv/sv/kubelet/run").exists());
    }
    told += &all(
        &tree,
        &[
            "service is-enabled",
            "install --init runit --distro void --service-folder /srv/sv",
            "uninstall",
        ],
    );
    insta::assert_snapshot!(told);
}
