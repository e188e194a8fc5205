//! Taking over from the services that distributions ship: what is lost is said, what is moved
//! is shown first, and the kubelet runs with the same flags.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use insta::assert_snapshot;

use crate::support::{Tree, copy};

/// What kubeadm has written.
const FLAGS: &str = "KUBELET_KUBEADM_ARGS=\"--node-labels=a=1 --v=4\"\n";

/// A tree with a service of the kind that a distribution ships.
fn shipped(distro: &str) -> Tree {
    let tree = Tree::new();
    tree.kubelet();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/services");
    copy(&fixture.join(distro), tree.path());
    tree.write("var/lib/kubelet/kubeadm-flags.env", FLAGS);
    tree
}

/// The files of the tree that are not ours alone, with what they hold.
fn texts(tree: &Tree, paths: &[&str]) -> String {
    let text = |path: &&str| match fs::read_to_string(tree.at(path)) {
        Ok(text) => format!("==> {path}\n{text}\n"),
        Err(_) => format!("==> {path} (none)\n\n"),
    };
    paths.iter().map(text).collect()
}

/// The command line that our launcher gives the kubelet in a tree.
fn command_line(tree: &Tree, init: &str) -> String {
    let (_, out, err) = tree.run(&["explain", "--init", init, "--format", "json"]);
    let answer: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}"));
    let words = answer["arguments"].as_array().unwrap().iter();
    let words = words.map(|it| it["text"].as_str().unwrap().to_owned());
    words.collect::<Vec<_>>().join("\n")
}

/// From the old service to ours: what an installation says, the dry run, the real one, the
/// same once more, and a check.
fn told(tree: &Tree, init: &str, distro: &str) -> String {
    let install = ["install", "--init", init, "--distro", distro];
    let migrate = [&install[..], &["--migrate"]].concat();
    let mut said = tree.said(&install);
    said += &tree.said(&[&migrate[..], &["--dry-run"]].concat());
    said += &tree.said(&migrate);
    said += &tree.said(&migrate);
    said += &tree.said(&["check", "--kubelet-version", "1.33"]);
    write!(said, "{}\n\n", command_line(tree, init)).unwrap();
    said
}

#[test]
fn alpine_s_service_is_taken_over() {
    let tree = shipped("alpine");
    let conf = "etc/conf.d/kubelet";
    let text = fs::read_to_string(tree.at(conf)).unwrap();
    let text = text.replace("--cgroup-driver", "--node-ip=10.0.0.7 --cgroup-driver");
    tree.write(
        conf,
        &format!("{text}respawn_delay=5\noutput_log=/var/log/k.log\n"),
    );
    tree.write(
        "etc/conf.d/kubelet.env",
        "# mine\nKUBELET_EXTRA_ARGS=--v=2\n",
    );
    let forced = [
        "install", "--init", "openrc", "--distro", "alpine", "--force",
    ];
    let mut said = tree.said(&forced);
    said += &told(&tree, "openrc", "alpine");
    said += &texts(
        &tree,
        &[
            "etc/conf.d/kubelet.env",
            "etc/conf.d/kubelet.env.bak",
            "etc/conf.d/kubelet.bak",
            "etc/init.d/kubelet.bak",
        ],
    );
    said += &tree.said(&["uninstall", "--purge"]);
    said += &texts(&tree, &["etc/conf.d/kubelet.env"]);
    assert_snapshot!(said);
}

#[test]
fn gentoo_s_service_is_taken_over() {
    let tree = shipped("gentoo");
    let mut said = told(&tree, "openrc", "gentoo");
    said += &texts(&tree, &["etc/conf.d/kubelet.env", "etc/conf.d/kubelet.bak"]);
    assert_snapshot!(said);
}

#[test]
fn void_s_service_is_taken_over() {
    let tree = shipped("void-kubernetes");
    let settings = "etc/kubernetes/kubelet";
    let text = fs::read_to_string(tree.at(settings)).unwrap();
    let text = text.replace("#OPTS=\"", "OPTS=\"$KUBE_LOG_LEVEL $KUBELET_ADDRESS ");
    tree.write(settings, &text);
    tree.write(
        "etc/default/kubelet",
        "KUBELET_EXTRA_ARGS=--node-ip=10.0.0.7\n",
    );
    let mut said = told(&tree, "runit", "void");
    said += &texts(
        &tree,
        &[
            "etc/default/kubelet",
            "etc/kubernetes/config",
            settings,
            "etc/sv/kubelet/run.bak",
        ],
    );
    assert_snapshot!(said);
}

/// As it comes, Void's passes nothing at all.
#[test]
fn void_s_service_with_its_options_commented_out_has_nothing_to_move() {
    let tree = shipped("void-kubernetes");
    let mut said = told(&tree, "runit", "void");
    said += &texts(&tree, &["etc/default/kubelet", "etc/kubernetes/kubelet"]);
    let other = shipped("void");
    said += &told(&other, "runit", "void");
    assert_snapshot!(said);
}

/// What only running it would tell is not guessed.
#[test]
fn what_cannot_be_read_with_certainty_is_not_moved() {
    let mut said = String::new();
    for (name, conf) in [
        ("a command", "command_args=\"--node-ip=$(hostname -i)\"\n"),
        ("a condition", "[ \"$X\" -gt 1 ] && command_args=--v=2\n"),
        ("an operand", "command_args=\"--v 2 word\"\n"),
        ("a quote", "command_args=\"--v='2\"\n"),
        ("an end", "command_args=--v=2\ncommand_args+=' --v=3'\n"),
    ] {
        let tree = shipped("alpine");
        tree.write("etc/conf.d/kubelet", conf);
        let before = texts(&tree, &["etc/conf.d/kubelet", "etc/init.d/kubelet"]);
        write!(said, "{name}: ").unwrap();
        said += &tree.said(&[
            "install",
            "--init",
            "openrc",
            "--distro",
            "alpine",
            "--migrate",
        ]);
        assert_eq!(
            before,
            texts(&tree, &["etc/conf.d/kubelet", "etc/init.d/kubelet"])
        );
        assert!(!tree.at("var/lib/kubelet-unit").exists());
    }
    let tree = shipped("alpine");
    tree.write("etc/conf.d/kubelet.env", "A='open\n");
    said += &tree.said(&[
        "install",
        "--init",
        "openrc",
        "--distro",
        "alpine",
        "--migrate",
    ]);
    let script = fs::read_to_string(tree.at("etc/init.d/kubelet")).unwrap();
    tree.write(
        "etc/init.d/kubelet",
        &script.replace("/usr/bin", "/opt/bin"),
    );
    said += &tree.said(&[
        "install",
        "--init",
        "openrc",
        "--distro",
        "alpine",
        "--migrate",
    ]);
    said += &tree.said(&[
        "install",
        "--init",
        "systemd",
        "--distro",
        "debian",
        "--migrate",
    ]);
    assert_snapshot!(said);
}

/// Ours is there, and the settings of the old one are still.
#[test]
fn settings_that_an_earlier_service_left_are_moved_alone() {
    let tree = shipped("alpine");
    fs::remove_file(tree.at("etc/conf.d/kubelet")).unwrap();
    let install = ["install", "--init", "openrc", "--distro", "alpine"];
    let mut said = tree.said(&[&install[..], &["--force"]].concat());
    tree.write(
        "etc/conf.d/kubelet",
        "ADDRESS=--address=10.0.0.1\ncommand_args=\"--v=2 $ADDRESS\"\ncommand_user=kube\nretry=TERM/5\nHTTP_PROXY=http://proxy\nrc_need=net\n",
    );
    tree.write(
        "etc/default/kubelet",
        "KUBELET_EXTRA_ARGS=--v=9\nPROXY=1\nEMPTY=\n",
    );
    tree.write("etc/sysconfig/kubelet", "KUBELET_EXTRA_ARGS=\n");
    said += &tree.said(&["check", "--kubelet-version", "1.33"]);
    said += &tree.said(&install);
    said += &tree.said(&[&install[..], &["--migrate"]].concat());
    said += &tree.said(&[&install[..], &["--migrate", "--format", "json"]].concat());
    said += &texts(&tree, &["etc/conf.d/kubelet.env", "etc/conf.d/kubelet.bak"]);
    assert_snapshot!(said);
}

/// What is not ours is never called edited, and never purged.
#[test]
fn what_is_somebody_else_s_stays_so() {
    let tree = Tree::new();
    tree.kubelet();
    tree.write("etc/conf.d/kubelet", "rc_need=net\n");
    let mut said = tree.said(&["check", "--init", "openrc", "--distro", "alpine"]);
    said += &tree.said(&["install", "--init", "openrc", "--distro", "alpine"]);
    said += &tree.said(&["check", "--kubelet-version", "1.33"]);
    said += &tree.said(&["install"]);
    said += &tree.said(&["uninstall", "--purge"]);
    said += &texts(&tree, &["etc/conf.d/kubelet"]);
    assert_snapshot!(said);
}

/// Whatever the old files say beside the arguments is listed with its line: nothing goes without a
/// word.
#[test]
fn what_else_the_old_files_say_is_listed() {
    let mut said = String::new();
    for (init, distro, files) in [
        ("openrc", "alpine", &[("etc/init.d/kubelet", OPENRC)][..]),
        (
            "runit",
            "void",
            &[
                ("etc/runit/runsvdir/default/kubelet", "->/opt/k"),
                ("opt/k/run", RUN),
                ("opt/k/finish", "#!/bin/sh\nsleep 5\n"),
                ("opt/k/log/run", "#!/bin/sh\nexec svlogd /var/log/k\n"),
            ],
        ),
        (
            "systemd",
            "debian",
            &[
                ("etc/systemd/system/kubelet.service", UNIT),
                (
                    "etc/systemd/system/kubelet.service.d/20-x.conf",
                    "[Service]\nRestartSec=3\nLimitNOFILE=1\n",
                ),
            ],
        ),
        (
            "systemd",
            "debian",
            &[(
                "etc/systemd/system/kubelet.service.d/20-alone.conf",
                "[Service]\nExecStart=\nExecStart=/usr/bin/kubelet --v=2\n",
            )],
        ),
        (
            "supervisord",
            "debian",
            &[
                (
                    "etc/supervisor/supervisord.conf",
                    "[supervisord]\n[include]\nfiles = conf.d/*.conf\n",
                ),
                (
                    "etc/supervisor/conf.d/node.conf",
                    "[program:kubelet]\ncommand=/usr/bin/kubelet --v=2\nenvironment=TOKEN=\"secret\"\nuser=kube\nstopwaitsecs=5\n",
                ),
            ],
        ),
        (
            "dinit",
            "chimera",
            &[
                (
                    "etc/dinit.d/kubelet",
                    "type = process\ncommand = /usr/bin/kubelet --v=2\nenv-file = /etc/more.env\nrestart-delay = 3\ndepends-on: containerd\n",
                ),
                ("etc/more.env", "A=1\n"),
            ],
        ),
    ] {
        said += &warned(init, distro, files);
    }
    assert_snapshot!(said);
}

/// What `--migrate` says of old files, without its notes.
pub(crate) fn warned(init: &str, distro: &str, files: &[(&str, &str)]) -> String {
    let tree = Tree::of(files);
    tree.kubelet();
    let install = ["install", "--init", init, "--distro", distro, "--migrate"];
    let (code, _, err) = tree.run(&install);
    let told = err.lines().filter(|line| !line.starts_with("note: "));
    let told: String = told.map(|line| line.to_owned() + "\n").collect();
    format!("# {init}\n{told}exit {code}\n\n")
}

const OPENRC: &str = "#!/sbin/openrc-run
supervisor=supervise-daemon
description=\"Kubelet\"
export HTTP_PROXY=http://secret:pw@proxy:3128
ulimit -n 65536
umask 027
command=\"/usr/bin/kubelet\"
command_args=\"--v=2 \\
	--node-ip=10.0.0.7\"
: ${output_log:=/var/log/$RC_SVCNAME/$RC_SVCNAME.log}
respawn_delay=5
retry=\"TERM/30\"

depend() {
	after net
	need cgroups nfsmount
	want containerd crio
	before \\
		haproxy firewall
}

start_pre() {
	mkdir -p /var/lib/kubelet
	sysctl -w net.ipv4.ip_forward=1
}

stop_post() {
	rm -f /run/kubelet.state
}
";

const RUN: &str = "#!/bin/sh
exec 2>&1
[ -r ./conf ] && . ./conf
export GOGC=50
cd /var/lib/kubelet
sv check containerd >/dev/null || exit 1
exec nice -n -5 chpst -o 4096 /usr/bin/kubelet --v=2
";

const UNIT: &str = "[Unit]
Description=x
Requires=containerd.service
[Service]
Environment=MORE=--v=3 \"SECRET=abc d\" OTHER=1
EnvironmentFile=/etc/default/kubelet
EnvironmentFile=-/etc/more.env
EnvironmentFile=-/etc/kubernetes/kubelet
ExecStart=/usr/bin/kubelet --node-ip=10.0.0.7 $MORE
Restart=always
MemoryMax=8G
[Install]
WantedBy=multi-user.target
";
