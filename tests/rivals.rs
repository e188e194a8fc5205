//! Services of the same name at another place than ours: found before anything is written,
//! named with which of the two counts, and named again by every check.

use std::fmt::Write;

use insta::assert_snapshot;

use crate::support::{Tree, snapshot};

/// A command line that somebody else's service has.
const COMMAND: &str = "/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml --node-ip=10.0.0.7";

/// A service of somebody else's, for an init and a distribution.
struct Case {
    about: &'static str,
    init: &'static str,
    distro: &'static str,
    files: &'static [(&'static str, &'static str)],
}

const fn case(
    about: &'static str,
    init: &'static str,
    distro: &'static str,
    files: &'static [(&'static str, &'static str)],
) -> Case {
    Case {
        about,
        init,
        distro,
        files,
    }
}

const UNIT: &str = "[Service]\nExecStart=COMMAND $MORE\nEnvironment=MORE=--v=3\n";
const SCRIPT: &str = "#!/sbin/openrc-run\ncommand=/usr/bin/kubelet\ncommand_args=\"--config=/var/lib/kubelet/config.yaml --node-ip=10.0.0.7\"\n";
const RUN: &str = "#!/bin/sh\nexec COMMAND\n";
const INCLUDE: &str = "[supervisord]\n[include]\nfiles = conf.d/*.conf\n";
const SECTION: &str = "; theirs\n[program:kubelet]\ncommand=COMMAND\nautorestart=false\n";

const CASES: &[Case] = &[
    case(
        "a unit of the administrator's before ours",
        "systemd",
        "debian",
        &[("etc/systemd/system/kubelet.service", UNIT)],
    ),
    case(
        "a package's unit behind ours",
        "systemd",
        "generic",
        &[("usr/lib/systemd/system/kubelet.service", UNIT)],
    ),
    case(
        "a mask",
        "systemd",
        "debian",
        &[("etc/systemd/system/kubelet.service", "->/dev/null")],
    ),
    case(
        "a link to a unit elsewhere",
        "systemd",
        "debian",
        &[
            (
                "etc/systemd/system/kubelet.service",
                "->/opt/k/kubelet.service",
            ),
            ("opt/k/kubelet.service", UNIT),
        ],
    ),
    case(
        "a link to ours",
        "systemd",
        "debian",
        &[(
            "etc/systemd/system/kubelet.service",
            "->/usr/lib/systemd/system/kubelet.service",
        )],
    ),
    case(
        "a unit in another case",
        "systemd",
        "debian",
        &[("usr/lib/systemd/system/Kubelet.service", UNIT)],
    ),
    case(
        "drop-ins, of which the first changes nothing of ours",
        "systemd",
        "debian",
        &[
            (
                "etc/systemd/system/kubelet.service.d/10-memory.conf",
                "[Service]\nMemoryMax=8G\n",
            ),
            (
                "etc/systemd/system/kubelet.service.d/20-node.conf",
                "[Service]\nExecStart=\nExecStart=COMMAND\n",
            ),
            (
                "etc/systemd/system/service.d/30-all.conf",
                "[Service]\nRestartSec=1\n",
            ),
        ],
    ),
    case(
        "a drop-in of our drop-in's name in an earlier folder",
        "systemd",
        "debian",
        &[(
            "etc/systemd/system/kubelet.service.d/10-kubeadm.conf",
            "[Service]\nExecStart=\nExecStart=COMMAND\n",
        )],
    ),
    case(
        "a script of the administrator's",
        "openrc",
        "alpine",
        &[("usr/local/etc/init.d/kubelet", SCRIPT)],
    ),
    case(
        "a script behind ours",
        "openrc",
        "alpine",
        &[("usr/etc/init.d/kubelet", SCRIPT)],
    ),
    case(
        "a script with an end",
        "openrc",
        "alpine",
        &[("etc/init.d/kubelet.service", SCRIPT)],
    ),
    case(
        "a link to another folder",
        "runit",
        "void",
        &[
            ("etc/runit/runsvdir/default/kubelet", "->/opt/k/sv"),
            ("opt/k/sv/run", RUN),
        ],
    ),
    case(
        "a folder where links are",
        "runit",
        "debian",
        &[("etc/service/kubelet/run", RUN)],
    ),
    case(
        "a link that leads nowhere",
        "runit",
        "debian",
        &[("etc/service/kubelet", "->/opt/k/sv")],
    ),
    case(
        "a link to where ours will be",
        "runit",
        "debian",
        &[("etc/service/kubelet", "->../sv/kubelet")],
    ),
    case(
        "a link in the scan directory",
        "s6",
        "artix",
        &[
            ("run/service/kubelet", "->/opt/k/sv"),
            ("opt/k/sv/run", RUN),
        ],
    ),
    case(
        "a second source",
        "s6-rc",
        "artix",
        &[
            ("etc/s6/adminsv/kubelet/type", "longrun\n"),
            ("etc/s6/adminsv/kubelet/run", RUN),
        ],
    ),
    case(
        "a service directory of an older s6-overlay",
        "s6-rc",
        "s6-overlay",
        &[
            (
                "package/admin/s6-overlay/etc/s6-rc/sources/base/type",
                "bundle\n",
            ),
            ("etc/services.d/kubelet/run", RUN),
        ],
    ),
    case(
        "a description of the administrator's",
        "dinit",
        "generic",
        &[(
            "usr/lib/dinit.d/kubelet",
            "type = process\ncommand = COMMAND\n",
        )],
    ),
    case(
        "a description before ours",
        "dinit",
        "chimera",
        &[("etc/dinit.d/kubelet", "type = process\ncommand = COMMAND\n")],
    ),
    case(
        "a line of inittab",
        "sysvinit",
        "devuan",
        &[(
            "etc/inittab",
            "id:2:initdefault:\n#k1:2:respawn:/usr/bin/kubelet\nk2:2:off:/usr/bin/kubelet\nl1:2:once:/usr/bin/logger kubelet\nk3:2345:respawn:COMMAND >/dev/null\n",
        )],
    ),
    case(
        "entries in another file, alone and not",
        "sysvinit",
        "devuan",
        &[
            (
                "etc/inittab.d/node.tab",
                "# the node\nk3:2345:respawn:/bin/sh -c 'exec COMMAND'\n",
            ),
            (
                "etc/inittab.d/more.tab",
                "k4:2345:respawn:COMMAND\nx1:2345:respawn:/bin/x\n",
            ),
        ],
    ),
    case(
        "an init script beside an entry",
        "sysvinit",
        "devuan",
        &[
            (
                "etc/init.d/kubelet",
                "#!/bin/sh\ncase $1 in start) COMMAND & ;; esac\n",
            ),
            ("etc/rc2.d/S03kubelet", "->../init.d/kubelet"),
            ("etc/rc0.d/K01kubelet", "->../init.d/kubelet"),
        ],
    ),
    case(
        "OpenRC's script on a machine that boots otherwise",
        "sysvinit",
        "devuan",
        &[("etc/init.d/kubelet", SCRIPT)],
    ),
    case(
        "a line of inittab",
        "busybox-init",
        "generic",
        &[(
            "etc/inittab",
            "::sysinit:/etc/init.d/rcS\n::respawn:COMMAND\n",
        )],
    ),
    case(
        "a section in the configuration itself",
        "supervisord",
        "debian",
        &[(
            "etc/supervisor/supervisord.conf",
            "[supervisord]\n[program:kubelet]\ncommand=COMMAND\nuser=root\n\n[include]\nfiles = conf.d/*.conf\n",
        )],
    ),
    case(
        "a section that is read later",
        "supervisord",
        "debian",
        &[
            ("etc/supervisor/supervisord.conf", INCLUDE),
            ("etc/supervisor/conf.d/node.conf", SECTION),
        ],
    ),
    case(
        "a section that is read earlier, among others",
        "supervisord",
        "debian",
        &[
            ("etc/supervisor/supervisord.conf", INCLUDE),
            (
                "etc/supervisor/conf.d/all.conf",
                "[program:a]\ncommand=a\n[program:kubelet]\ncommand=COMMAND\n\n; b\n[program:b]\ncommand=b\n",
            ),
        ],
    ),
    case(
        "sections that are nearly called so",
        "supervisord",
        "debian",
        &[
            ("etc/supervisor/supervisord.conf", INCLUDE),
            (
                "etc/supervisor/conf.d/node.conf",
                "[program: kubelet]\ncommand=COMMAND\n[program:Kubelet]\ncommand=COMMAND\n",
            ),
        ],
    ),
    case(
        "a section that nothing includes",
        "supervisord",
        "debian",
        &[
            ("etc/supervisor/supervisord.conf", INCLUDE),
            ("etc/supervisor/conf.d/node.ini", SECTION),
        ],
    ),
];

impl Case {
    fn tree(&self) -> Tree {
        let tree = Tree::new();
        tree.kubelet();
        tree.write("etc/hostname", "node\n");
        if self.init == "s6" {
            std::fs::create_dir_all(tree.at("run/service")).unwrap();
        }
        self.add(&tree);
        tree
    }

    fn add(&self, tree: &Tree) {
        for (path, text) in self.files {
            let text = text.replace("COMMAND", COMMAND);
            match text.strip_prefix("->") {
                Some(target) => tree.link(path, target),
                None => tree.write(path, &text),
            }
        }
    }

    fn install(&self) -> Vec<&'static str> {
        vec!["install", "--init", self.init, "--distro", self.distro]
    }
}

#[test]
fn nothing_is_installed_over_a_service_elsewhere() {
    let mut said = String::new();
    for case in CASES {
        let tree = case.tree();
        let before = snapshot(tree.path());
        let (code, _, err) = tree.run(&case.install());
        if code != 0 {
            assert_eq!(before, snapshot(tree.path()), "{}", case.about);
        }
        writeln!(said, "# {}: {}\n{err}exit {code}\n", case.init, case.about).unwrap();
    }
    assert_snapshot!(said);
}

/// Ours was there first, or was forced to be beside it.
#[test]
fn a_check_says_which_of_two_counts() {
    let mut said = String::new();
    for case in CASES {
        let tree = case.tree();
        let forced = [&case.install()[..], &["--force"]].concat();
        let (code, _, warned) = tree.run(&forced);
        if code != 0 {
            continue;
        }
        let again = tree.run(&case.install());
        assert_eq!(
            (again.0, again.1.contains("create")),
            (0, false),
            "{again:?}"
        );
        let (_, out, _) = tree.run(&["check", "--kubelet-version", "1.33"]);
        let told = |text: &str| -> String {
            let of_it = [
                "error[init]",
                "note[init]",
                "error[unit]",
                "warning[unit]",
                "warning: ",
            ];
            let mut told = String::new();
            let mut before = false;
            for line in text.lines() {
                let is_of_it = of_it.iter().any(|it| line.starts_with(it));
                if is_of_it || before && line.starts_with("  ") {
                    told = told + line + "\n";
                }
                before = is_of_it;
            }
            told
        };
        writeln!(
            said,
            "# {}: {}\n{}{}",
            case.init,
            case.about,
            told(&warned),
            told(&out)
        )
        .unwrap();
    }
    assert_snapshot!(said);
}

/// The arguments that the kubelet is run with after `--migrate`, what is kept beside, and that a
/// second run changes nothing.
#[test]
fn what_can_be_taken_over_is_and_the_rest_is_named() {
    let mut said = String::new();
    for case in CASES {
        let tree = case.tree();
        let before = snapshot(tree.path());
        let migrate = [&case.install()[..], &["--migrate"]].concat();
        let dry = tree.run(&[&migrate[..], &["--dry-run"]].concat());
        assert_eq!(before, snapshot(tree.path()), "{}", case.about);
        let (code, out, err) = tree.run(&migrate);
        assert_eq!((dry.0, &dry.1), (code, &out), "{}", case.about);
        writeln!(said, "# {}: {}", case.init, case.about).unwrap();
        if code != 0 {
            assert_eq!(before, snapshot(tree.path()), "{}", case.about);
            writeln!(said, "{err}exit {code}\n").unwrap();
            continue;
        }
        let steps = out.lines().filter(|line| !line.starts_with("create "));
        let told = err.lines().filter(|line| !line.starts_with("note: "));
        for line in steps.chain(told) {
            writeln!(said, "{line}").unwrap();
        }
        for (path, text) in case.files {
            let kept = tree.at(&format!("{path}.bak"));
            if kept.is_file() {
                let whole = text.replace("COMMAND", COMMAND);
                assert_eq!(std::fs::read_to_string(kept).unwrap(), whole, "{path}");
            }
        }
        let again = tree.run(&case.install());
        assert!(again.2.contains("nothing to do"), "{again:?}");
        let (_, out, _) = tree.run(&["explain", "--flag", "node-ip", "--init", case.init]);
        let flag: String = out
            .lines()
            .skip(1)
            .map(|line| line.to_owned() + "\n")
            .collect();
        writeln!(said, "{flag}").unwrap();
    }
    assert_snapshot!(said);
}
