//! Another service than ours that runs a kubelet too: two of them on one node fight for the
//! kubelet's port and its files.

use std::fmt::Write;

use insta::assert_snapshot;

use crate::support::Tree;

const RUN: &str = "#!/bin/sh\n. /etc/node.conf\n\"$PROGRAM\" --config=/etc/k.yaml\n";
const CONF: &str = "PROGRAM=/usr/bin/kubelet\n";

/// The init, the distribution, and the files that others have put there.
type Case = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

const CASES: &[Case] = &[
    (
        "systemd",
        "debian",
        &[
            (
                "etc/systemd/system/node-agent.service",
                "[Service]\nExecStart=/usr/bin/kubelet --config=/etc/k.yaml\n[Install]\nWantedBy=multi-user.target\n",
            ),
            (
                "etc/systemd/system/multi-user.target.wants/node-agent.service",
                "->../node-agent.service",
            ),
            // By a drop-in alone, and by a template.
            (
                "usr/lib/systemd/system/agent.service",
                "[Service]\nExecStart=/usr/bin/agent\n",
            ),
            (
                "etc/systemd/system/agent.service.d/10-k.conf",
                "[Service]\nExecStart=\nExecStart=nice -n 5 /opt/bin/kubelet\n",
            ),
            (
                "etc/systemd/system/multi-user.target.wants/agent.service",
                "->/usr/lib/systemd/system/agent.service",
            ),
            (
                "etc/systemd/system/node@.service",
                "[Service]\nExecStart=/usr/bin/kubelet --v=%i\n",
            ),
            (
                "etc/systemd/system/multi-user.target.wants/node@2.service",
                "->../node@.service",
            ),
            // It is not enabled, or it mentions a kubelet and runs another program, or it is masked.
            (
                "etc/systemd/system/spare.service",
                "[Service]\nExecStart=/usr/bin/kubelet\n",
            ),
            (
                "etc/systemd/system/watch.service",
                "[Service]\nExecStart=/usr/bin/watch kubelet\n[Install]\nWantedBy=multi-user.target\n",
            ),
            (
                "etc/systemd/system/multi-user.target.wants/watch.service",
                "->../watch.service",
            ),
            ("etc/systemd/system/masked.service", "->/dev/null"),
        ],
    ),
    (
        "openrc",
        "alpine",
        &[
            (
                "etc/init.d/kubelet2",
                "#!/sbin/openrc-run\nsupervisor=supervise-daemon\ncommand=\"$PROGRAM\"\n",
            ),
            ("etc/conf.d/kubelet2", "PROGRAM=/usr/bin/kubelet\n"),
            ("etc/runlevels/default/kubelet2", "->/etc/init.d/kubelet2"),
            ("etc/init.d/kubelet.two", "->kubelet2"),
            ("etc/conf.d/kubelet.two", "PROGRAM=/opt/bin/kubelet\n"),
            (
                "etc/init.d/logs",
                "#!/sbin/openrc-run\ncommand=/bin/tail\ncommand_args=/var/log/kubelet\n",
            ),
        ],
    ),
    (
        "runit",
        "void",
        &[
            ("etc/node.conf", CONF),
            ("etc/sv/k8s-node/run", RUN),
            ("etc/runit/runsvdir/default/k8s-node", "->/etc/sv/k8s-node"),
            // In no folder that runsvdir watches.
            ("etc/sv/spare/run", RUN),
            ("etc/sv/down/run", "#!/bin/sh\nexec kubelet\n"),
            ("etc/sv/down/down", ""),
            ("etc/runit/runsvdir/default/down", "->/etc/sv/down"),
        ],
    ),
    (
        "s6",
        "debian",
        &[(
            "run/service/k8s-node/run",
            "#!/bin/execlineb -P\nfdmove -c 2 1\nkubelet --v=2\n",
        )],
    ),
    (
        "s6-rc",
        "artix",
        &[
            ("etc/s6/adminsv/default/type", "bundle\n"),
            ("etc/s6/adminsv/default/contents.d/node", ""),
            ("etc/s6/adminsv/node/type", "longrun\n"),
            ("etc/s6/adminsv/node/run", "#!/bin/sh\nexec kubelet --v=2\n"),
        ],
    ),
    (
        "dinit",
        "chimera",
        &[
            (
                "etc/dinit.d/node",
                "type = process\ncommand = /usr/bin/kubelet --v=2\n",
            ),
            ("etc/dinit.d/boot.d/node", "->../node"),
        ],
    ),
    (
        "sysvinit",
        "devuan",
        &[
            (
                "etc/init.d/node",
                "#!/bin/sh\ncase $1 in start) start-stop-daemon --start --background --exec /usr/bin/kubelet -- --v=2;; esac\n",
            ),
            ("etc/rc2.d/S03node", "->../init.d/node"),
        ],
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
                "etc/supervisor/conf.d/all.conf",
                "[program:a]\ncommand=a\n[program: node ]\ncommand=/usr/bin/kubelet --v=2\n\n[program:off]\ncommand=kubelet\nautostart=false\n",
            ),
        ],
    ),
];

fn add(tree: &Tree, files: &[(&str, &str)]) {
    for (path, text) in files {
        match text.strip_prefix("->") {
            Some(target) => tree.link(path, target),
            None => tree.write(path, text),
        }
    }
}

fn tree() -> Tree {
    let tree = Tree::new();
    tree.kubelet();
    tree.write("etc/hostname", "node\n");
    tree
}

#[test]
fn another_service_that_runs_a_kubelet_is_named() {
    for (init, distro, files) in CASES {
        let on = ["--init", init, "--distro", distro];
        let empty = tree();
        add(&empty, files);
        let mut said = format!("install\n{}", empty.said(&[&["install"], &on[..]].concat()));
        let tree = tree();
        let folders: &[&str] = match *init {
            "s6" => &["run/service"],
            "runit" => &["etc/runit/runsvdir/default"],
            _ => &[],
        };
        for folder in folders {
            std::fs::create_dir_all(tree.at(folder)).unwrap();
        }
        let install = |enable: &[&str]| tree.run(&[&["install"], &on[..], enable].concat());
        install(&[]);
        add(&tree, files);
        write!(said, "check\n{}", lines(&tree)).unwrap();
        tree.run(&["service", "enable", "--init", init]);
        let checked = lines(&tree);
        write!(said, "check, enabled\n{checked}").unwrap();
        write!(said, "install again\n{}", install(&[]).2).unwrap();
        follow_hints(&tree, &checked);
        write!(said, "check, the hints followed\n{}", lines(&tree)).unwrap();
        assert_snapshot!(*init, said);
    }
}

/// Runs the commands of ours that hints name.
fn follow_hints(tree: &Tree, checked: &str) {
    for line in checked.lines() {
        let hint = line.split("with `kubelet-unit ").nth(1);
        let Some(command) = hint.and_then(|it| it.split('`').next()) else {
            continue;
        };
        let command = command.split(" --root ").next().unwrap_or_default();
        let words: Vec<_> = command.split(' ').collect();
        assert_eq!(tree.run(&words).0, 0, "{command}");
    }
}

/// What `check` says of other services, and what helps.
fn lines(tree: &Tree) -> String {
    let (_, out, _) = tree.run(&["check", "--kubelet-version", "1.33"]);
    let mut lines = String::new();
    let mut is_one = false;
    for line in out.lines() {
        is_one = line.contains("belongs to the service") || is_one && line.starts_with("  hint");
        if is_one {
            writeln!(lines, "{line}").unwrap();
        }
    }
    lines + "\n"
}

/// Where ours is not there, another service may be the node's.
#[test]
fn the_kubelet_of_another_name_is_named_where_there_is_none_of_ours() {
    let tree = tree();
    tree.write(
        "etc/systemd/system/kubelet@.service",
        "[Service]\nExecStart=/usr/bin/kubelet --v=2\n",
    );
    tree.link(
        "etc/systemd/system/multi-user.target.wants/kubelet@a.service",
        "../kubelet@.service",
    );
    let (_, out, _) = tree.run(&["check", "--init", "systemd", "--distro", "debian"]);
    let about: Vec<_> = out
        .lines()
        .filter(|line| line.contains("kubelet@"))
        .collect();
    assert_snapshot!("of_a_template", about.join("\n"));
}

/// Two names of one unit are one service.
#[test]
fn an_alias_is_no_other_service() {
    let tree = tree();
    let on = ["--init", "systemd", "--distro", "debian"];
    tree.run(&[&["install"], &on[..], &["--enable"]].concat());
    tree.link(
        "etc/systemd/system/k8s.service",
        "/usr/lib/systemd/system/kubelet.service",
    );
    tree.link(
        "etc/systemd/system/multi-user.target.wants/k8s.service",
        "../k8s.service",
    );
    assert_eq!(lines(&tree), "\n");
}

/// What was installed under another name is another service too, whose launcher is ours.
#[test]
fn a_second_one_of_ours_is_named() {
    let mut said = String::new();
    let elsewhere: &[&str] = &["--service-folder", "/srv/services"];
    for (init, distro, places) in [
        ("systemd", "debian", &[][..]),
        ("openrc", "alpine", &[]),
        ("runit", "void", elsewhere),
    ] {
        let tree = tree();
        tree.write("etc/runit/runsvdir/default/.keep", "");
        let on = ["--init", init, "--distro", distro, "--enable"];
        tree.run(&[&["install"], places, &on[..]].concat());
        let second = [&["install", "--set", "name=k2"], &on[..]].concat();
        said += &tree.said(&second);
    }
    assert_snapshot!("second_of_ours", said);
}

/// What the init does not find is no reason to say nothing else.
#[test]
fn links_in_a_circle_are_passed_over() {
    for (init, distro, path) in [
        ("runit", "void", "etc/runit/runsvdir/default/cyc"),
        ("s6", "debian", "run/service/cyc"),
        ("systemd", "debian", "etc/systemd/system/foo.target.wants"),
    ] {
        let tree = tree();
        let on = ["--init", init, "--distro", distro];
        tree.run(&[&["install"], &on[..]].concat());
        std::fs::create_dir_all(tree.at(path).parent().unwrap()).unwrap();
        let before = tree.said(&[&["check"], &on[..]].concat());
        tree.link(path, path.rsplit('/').next().unwrap());
        assert_eq!(tree.said(&[&["check"], &on[..]].concat()), before, "{init}");
    }
}
