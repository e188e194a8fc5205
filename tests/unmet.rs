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
        "[supervisord]\n[include]\nfiles = /etc/supervisor/conf.d/*.ini other/*.conf\n",
        "[supervisord]\n[include]\nfiles = conf.d/*.conf ; ours\n",
        "[supervisord]\n[include]\nfiles = %(here)s/conf.d/k*.conf\n",
        "[supervisord]\n[include]\nfiles = %(ENV_HOME)s/*.conf\n",
    ] {
        tree.write(conf, text);
        write!(said, "{text}{}", check(&tree)).unwrap();
    }
    tree.write(conf, "[supervisord]\n");
    said += &tree.said(&install);
    said += &tree.said(&["service", "enable", "--init", "supervisord"]);
    insta::assert_snapshot!(said);
}

/// A link of a target to which no boot comes starts nothing.
#[test]
fn a_unit_that_is_enabled_for_another_target_than_the_default_is_named() {
    let tree = Tree::new();
    tree.kubelet();
    tree.write(
        "usr/lib/systemd/system/kubelet.service",
        "[Service]\nExecStart=/usr/bin/kubelet\n[Install]\nWantedBy=graphical.target\n",
    );
    tree.link(
        "etc/systemd/system/graphical.target.wants/kubelet.service",
        "/usr/lib/systemd/system/kubelet.service",
    );
    let on = ["--init", "systemd", "--distro", "debian"];
    let asked = |words: &[&str]| tree.said(&[words, &on].concat());
    let checked = || {
        let checked = asked(&["check"]);
        let about = |line: &&str| line.contains("target");
        let lines: Vec<_> = checked.lines().filter(about).collect();
        format!("{}\n\n", lines.join("\n"))
    };
    let mut said = format!("no default: {}", asked(&["service", "is-enabled"]));
    let units = "usr/lib/systemd/system";
    tree.write(&format!("{units}/multi-user.target"), "[Unit]\n");
    let requires = "[Unit]\nRequires=multi-user.target\n";
    tree.write(&format!("{units}/graphical.target"), requires);
    tree.link(
        "etc/systemd/system/default.target",
        "/lib/systemd/system/multi-user.target",
    );
    tree.link("lib", "usr/lib");
    write!(said, "multi-user: {}", asked(&["service", "is-enabled"])).unwrap();
    said += &checked();
    said += &asked(&["service", "enable"]);
    std::fs::remove_file(tree.at("etc/systemd/system/default.target")).unwrap();
    tree.link(&format!("{units}/default.target"), "graphical.target");
    write!(said, "graphical: {}", asked(&["service", "is-enabled"])).unwrap();
    said += &checked();
    insta::assert_snapshot!(said);
}

/// One line that supervisord does not understand, of whatever program, and it ends at once. What
/// it does with each of these was measured with 4.2.5.
#[test]
fn a_configuration_with_which_supervisord_does_not_start_is_named() {
    let tree = Tree::new();
    tree.kubelet();
    let conf = "etc/supervisor/supervisord.conf";
    let other = "etc/supervisor/conf.d/other.conf";
    let install = ["install", "--init", "supervisord", "--distro", "debian"];
    let include = "[include]\nfiles = conf.d/*.conf\n";
    tree.write(conf, include);
    let mut said = format!("{include}{}", tree.said(&install));
    tree.write(conf, &format!("[supervisord]\n{include}"));
    said += &tree.said(&install);
    for text in [
        "[program: other ]\ncommand=o\nautostart = No\nautorestart=Unexpected\nstartsecs=%(ENV_S)s\n",
        "[program:other]\ncommand=o\nautostart=maybe\n",
        "[program:other]\ncommand=o\nautorestart=always\nstartsecs=1.5\nredirect_stderr=\n",
        "[program:other]\nautostart=false\n",
        "[program:my other]\ncommand=o\n",
        "[program:other]\ncommand=o\nmore\n",
        "command=o\n",
        "[supervisord]\nnodaemon=t\n",
        // A line that counts beats one that does not.
        "[program:kubelet]\nautostart=maybe\n",
    ] {
        tree.write(other, text);
        write!(said, "{text}{}", check(&tree)).unwrap();
    }
    said += &tree.said(&["service", "enable", "--init", "supervisord"]);
    insta::assert_snapshot!(said);
}

/// `[program: kubelet ]` is the section of `kubelet`.
#[test]
fn blanks_around_the_name_of_a_program_are_not_of_it() {
    let tree = Tree::new();
    tree.kubelet();
    tree.write(
        "etc/supervisor/supervisord.conf",
        "[supervisord]\n[program: kubelet ]\ncommand=/usr/bin/kubelet --v=2\nautostart=maybe\n",
    );
    let on = ["--init", "supervisord", "--distro", "debian"];
    let said = |words: &[&str]| tree.said(&[words, &on].concat());
    let all = said(&["explain"]) + &said(&["check"]) + &said(&["service", "is-enabled"]);
    insta::assert_snapshot!(all);
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

/// A tree with somebody else's kubelet, and what a check says about its init.
fn foreign(init: &str, distro: &str, files: &[(&str, &str)]) -> (Tree, String) {
    let tree = Tree::of(files);
    tree.kubelet();
    let check = ["check", "--init", init, "--distro", distro];
    let (_, out, _) = tree.run(&[&check[..], &["--kubelet-version", "1.33"]].concat());
    (tree, of_init(&out))
}

/// What systemd does with a unit that is not there: without what a unit requires it does not start
/// it, and without what it wants or follows it does.
#[test]
fn what_a_unit_requires_is_followed() {
    const UNIT: &str = "etc/systemd/system/kubelet.service";
    const START: &str = "[Service]\nExecStart=/usr/bin/kubelet\n";
    let unit = |lines: &str| format!("[Unit]\n{lines}\n{START}");
    let mut said = String::new();
    for (name, lines, others) in [
        (
            "nothing but wishes",
            "Wants=containerd.service\nAfter=crio.service\nBefore=x.target",
            &[][..],
        ),
        (
            "three kinds",
            "Requires=containerd.service\nBindsTo=cri.socket\nRequisite=net.target",
            &[],
        ),
        (
            "what is required requires more",
            "Requires=containerd.service",
            &[
                (
                    "usr/lib/systemd/system/containerd.service",
                    "[Unit]\nRequires=storage.service\n[Service]\nExecStart=/usr/bin/containerd\n",
                ),
                (
                    "etc/systemd/system/containerd.service.d/10-more.conf",
                    "[Unit]\nRequires=%p-setup.service\n",
                ),
            ],
        ),
        (
            "masked, and not loaded",
            "Requires=containerd.service broken.service",
            &[
                ("etc/systemd/system/containerd.service", "->/dev/null"),
                (
                    "etc/systemd/system/broken.service",
                    "[Service]\nType=simple\n",
                ),
            ],
        ),
        (
            "links, aliases and instances",
            "Requires=cri.service vpn@a.service",
            &[
                (
                    "usr/lib/systemd/system/containerd.service",
                    "[Service]\nExecStart=/usr/bin/containerd\n",
                ),
                (
                    "etc/systemd/system/cri.service",
                    "->/usr/lib/systemd/system/containerd.service",
                ),
                (
                    "usr/lib/systemd/system/vpn@.service",
                    "[Service]\nExecStart=/usr/bin/vpn %i\n",
                ),
                (
                    "etc/systemd/system/kubelet.service.requires/nfs.service",
                    "->/usr/lib/systemd/system/nfs.service",
                ),
            ],
        ),
        (
            "what the machine makes",
            "Requires=system.slice old.service var-lib-kubelet.mount srv-my\\x2ddata.mount\n\
             Requires=dev-sdb.device init.scope pod-%H.service",
            &[
                ("etc/init.d/old", "#!/bin/sh\n"),
                (
                    "etc/fstab",
                    "# none\n/dev/sdb /var/lib/kubelet ext4 defaults 0 0\n",
                ),
            ],
        ),
    ] {
        let text = unit(lines);
        let mut files = vec![(UNIT, text.as_str())];
        files.extend(others);
        let (_, found) = foreign("systemd", "debian", &files);
        write!(said, "## {name}\n{found}").unwrap();
    }
    insta::assert_snapshot!(said);
}

/// A `run` that ends, or waits, without another service.
#[test]
fn what_a_run_waits_for_is_followed() {
    let mut said = String::new();
    for text in [
        "sv check docker >/dev/null || exit 1",
        "sv start docker",
        "set -e\nsv start docker\nsv -w 20 check ../crio",
        "sv check docker && sv check crio || exit 1",
        "if ! sv -w 7 check containerd docker; then\n\techo no\n\texit 1\nfi",
        "if sv check docker; then :; else exit 1; fi",
        "until sv check docker; do sleep 1; done",
        "while ! sv check /etc/sv/docker; do sleep 1; done",
        "while ! sv check docker; do\n\tn=x$n\n\t[ $n = xxxx ] && break\n\tsleep 1\ndone",
        "for one in docker crio; do sv check $one || exit 1; done",
        "for one in docker crio; do sv check $one; done",
        ". ./conf\nsv check $RUNTIME || exit 1",
        "sv check \"$(cat runtime)\" || exit 1",
        "[ -n \"$DOCKER\" ] && { sv check docker || exit 1; }",
        "wait_for() { sv check docker || return 1; }\nwait_for",
        "# sv check docker || exit 1\necho sv check docker || exit 1",
        "[ -e /run/containerd/containerd.sock ] || exit 1",
    ] {
        let run = format!("#!/bin/sh\nexec 2>&1\n{text}\nexec kubelet --v=2\n");
        let files = [
            ("etc/sv/kubelet/run", run.as_str()),
            ("etc/sv/kubelet/conf", "RUNTIME=docker\n"),
            ("etc/sv/containerd/run", "#!/bin/sh\n"),
            (
                "etc/runit/runsvdir/default/containerd",
                "->/etc/sv/containerd",
            ),
        ];
        let (_, found) = foreign("runit", "void", &files);
        write!(said, "## {text}\n{found}").unwrap();
    }
    insta::assert_snapshot!(said);
}

#[test]
fn what_a_run_of_s6_waits_for_is_followed() {
    let mut said = String::new();
    for run in [
        "#!/bin/sh -e\ns6-svwait -u -t 5000 /run/service/docker\nexec kubelet\n",
        "#!/bin/sh\ns6-svwait -u ../docker || exit 1\ns6-svwait -d ../old || exit 1\nexec kubelet\n",
        "#!/bin/sh\nuntil s6-svok ../containerd; do sleep 1; done\nexec kubelet\n",
        "#!/bin/execlineb -P\nif { s6-svwait -U /run/service/docker }\nkubelet --v=2\n",
        "#!/bin/execlineb -P\nforeground { s6-svwait -U /run/service/docker }\nkubelet --v=2\n",
        "#!/bin/execlineb -P\nifelse { s6-svok ../docker } { kubelet --v=2 }\nkubelet --v=3\n",
    ] {
        let files = [
            ("etc/s6/sv/kubelet/run", run),
            ("etc/s6/sv/containerd/run", "#!/bin/sh\n"),
        ];
        let (_, found) = foreign("s6", "artix", &files);
        write!(said, "## {run}{found}").unwrap();
    }
    insta::assert_snapshot!(said);
}

/// s6-rc compiles all services or none, and insserv enables a script with what it requires.
#[test]
fn what_sources_and_headers_name_is_followed() {
    const LONGRUN: &str = "longrun\n";
    let run = ("etc/s6/sv/kubelet-srv/run", "#!/bin/sh\nexec kubelet\n");
    let kind = ("etc/s6/sv/kubelet-srv/type", LONGRUN);
    let other = ("etc/s6/sv/containerd-srv/type", LONGRUN);
    let mut said = String::new();
    for (name, file) in [
        (
            "a file",
            (
                "etc/s6/sv/kubelet-srv/dependencies",
                "containerd-srv\ncrio\n",
            ),
        ),
        (
            "a folder",
            ("etc/s6/sv/kubelet-srv/dependencies.d/crio", ""),
        ),
        ("a bundle", ("etc/s6/adminsv/default/contents.d/crio", "")),
        (
            "another's",
            ("etc/s6/sv/containerd-srv/dependencies.d/storage", ""),
        ),
        (
            "nothing",
            ("etc/s6/sv/kubelet-srv/dependencies.d/containerd-srv", ""),
        ),
    ] {
        let bundle = ("etc/s6/adminsv/default/type", "bundle\n");
        let (_, found) = foreign("s6-rc", "artix", &[run, kind, other, bundle, file]);
        write!(said, "## {name}\n{found}").unwrap();
    }
    let script = "#!/bin/sh\n### BEGIN INIT INFO\n# Provides: kubelet\n\
                  # Required-Start: $remote_fs $network containerd docker udev\n\
                  # Should-Start: crio\n### END INIT INFO\n# Required-Start: x\n\
                  case $1 in start) /usr/bin/kubelet ;; esac\n";
    let own = ("etc/init.d/kubelet", script);
    let docker = (
        "etc/init.d/dockerd",
        "### BEGIN INIT INFO\n# Provides: docker cri\n### END INIT INFO\n",
    );
    let udev = ("etc/init.d/udev", "#!/bin/sh\n");
    let boot = ("etc/rcS.d/S02udev", "->../init.d/udev");
    let enabled = ("etc/rc2.d/S04kubelet", "->../init.d/kubelet");
    for (name, more) in [
        ("a header", &[boot][..]),
        ("nothing is enabled", &[]),
        ("an enabled script", &[boot, enabled]),
        (
            "an override",
            &[
                boot,
                (
                    "etc/insserv/overrides/kubelet",
                    "### BEGIN INIT INFO\n# Required-Start: udev\n### END INIT INFO\n",
                ),
            ],
        ),
    ] {
        let files = [&[own, docker, udev][..], more].concat();
        let (_, found) = foreign("sysvinit", "devuan", &files);
        write!(said, "## {name}\n{found}").unwrap();
    }
    let dinit = [(
        "etc/dinit.d/kubelet",
        "command = /usr/bin/kubelet\nwaits-for: containerd\nafter: crio\n",
    )];
    write!(said, "## dinit\n{}", foreign("dinit", "artix", &dinit).1).unwrap();
    insta::assert_snapshot!(said);
}

/// Who enables somebody else's service in vain is told so.
#[test]
fn a_foreign_service_is_enabled_in_vain() {
    let mut said = String::new();
    for (init, distro, path, text) in [
        (
            "openrc",
            "alpine",
            "etc/init.d/kubelet",
            "#!/sbin/openrc-run\ncommand=/usr/bin/kubelet\ndepend() {\n\tneed containerd\n}\n",
        ),
        (
            "runit",
            "void",
            "etc/sv/kubelet/run",
            "#!/bin/sh\nsv check docker || exit 1\nexec kubelet\n",
        ),
        (
            "systemd",
            "debian",
            "etc/systemd/system/kubelet.service",
            "[Unit]\nRequires=containerd.service\n[Service]\nExecStart=/usr/bin/kubelet\n[Install]\nWantedBy=multi-user.target\n",
        ),
    ] {
        let scanned = ("etc/runit/runsvdir/default/other", "->/etc/sv/other");
        let (tree, _) = foreign(init, distro, &[(path, text), scanned]);
        let enable = ["service", "enable", "--init", init, "--distro", distro];
        write!(said, "## {init}\n{}", tree.said(&enable)).unwrap();
    }
    insta::assert_snapshot!(said);
}

/// The part of a unit by which it starts something.
const RUNS: &str = "[Service]\nExecStart=/usr/bin/kubelet\n";

/// What systemd itself says of a start, for the same units.
#[test]
fn what_a_unit_requires_is_judged_as_systemd_judges_it() {
    let Some(analyze) = crate::support::tool("systemd-analyze") else {
        return;
    };
    for (line, expected) in [
        ("Requires=none.service", true),
        ("BindsTo=none.socket", true),
        ("Requisite=none.target", true),
        ("BindTo=none.service", true),
        ("RequiresOverridable=none.service", true),
        ("RequisiteOverridable=none.service", true),
        ("Requires=masked.service", true),
        ("Requires=bad.service", true),
        ("Requires=needy.service", true),
        ("Requires=dangling.service", true),
        ("Requires=there@.service", true),
        ("Requires=one@x.service also.service", false),
        ("Requires=x.slice -.mount", false),
        ("Requires=none", false),
        ("Wants=none.service", false),
        ("After=none.service", false),
        ("PartOf=none.service", false),
        ("Conflicts=none.service", false),
        ("RequiresMountsFor=/var/none", false),
    ] {
        let folder = "usr/lib/systemd/system";
        let tree = Tree::new();
        tree.kubelet();
        for unit in ["basic.target", "shutdown.target", "sysinit.target"] {
            tree.write(&format!("{folder}/{unit}"), "[Unit]\n");
        }
        tree.write(&format!("{folder}/also.service"), RUNS);
        tree.write(&format!("{folder}/one@.service"), RUNS);
        tree.write(&format!("{folder}/bad.service"), "[Service]\nType=simple\n");
        let needy = format!("[Unit]\nRequires=none.service\n{RUNS}");
        tree.write(&format!("{folder}/needy.service"), &needy);
        tree.link(&format!("{folder}/masked.service"), "/dev/null");
        tree.link(&format!("{folder}/dangling.service"), "/nowhere");
        let unit = format!("[Unit]\n{line}\n{RUNS}");
        tree.write(&format!("{folder}/kubelet.service"), &unit);
        let mut command = std::process::Command::new(&analyze);
        command.args(["verify", "--man=no", "kubelet.service"]);
        command.arg(format!("--root={}", tree.path().display()));
        let (_, _, said) = crate::support::run(&mut command);
        if said.contains("option '--root'") || said.contains("unrecognized option") {
            return crate::support::skipped("systemd-analyze cannot verify another root here");
        }
        let refused = said.contains("Failed to create kubelet.service/start");
        assert_eq!(refused, expected, "{line}: {said}");
        let check = ["check", "--init", "systemd", "--distro", "debian"];
        let (_, out, _) = tree.run(&check);
        let found = out.contains("error[init]");
        assert_eq!(found, expected, "{line}: {out}");
    }
}

type Files = &'static [(&'static str, &'static str)];

/// Ways in which a boot comes to a unit, or does not.
const OF_SYSTEMD: &[(&str, Files)] = &[
    ("nothing", &[]),
    (
        "a link",
        &[(
            "etc/systemd/system/multi-user.target.wants/kubelet.service",
            "->../kubelet.service",
        )],
    ),
    (
        "a package's",
        &[(
            "usr/lib/systemd/system/basic.target.wants/kubelet.service",
            "->../kubelet.service",
        )],
    ),
    (
        "a requirement",
        &[(
            "etc/systemd/system/multi-user.target.requires/kubelet.service",
            "->../kubelet.service",
        )],
    ),
    (
        "another target alone",
        &[(
            "etc/systemd/system/node.target.wants/kubelet.service",
            "->../kubelet.service",
        )],
    ),
    (
        "another target that starts",
        &[
            (
                "etc/systemd/system/node.target.wants/kubelet.service",
                "->../kubelet.service",
            ),
            ("etc/systemd/system/node.target", "[Unit]\n"),
            ("etc/systemd/system/default.target", "->node.target"),
        ],
    ),
    (
        "a line alone",
        &[("etc/systemd/system/node.service", WANTS)],
    ),
    (
        "a line of what starts",
        &[
            ("etc/systemd/system/node.service", WANTS),
            (
                "etc/systemd/system/multi-user.target.wants/node.service",
                "->../node.service",
            ),
        ],
    ),
    (
        "a line that is taken back",
        &[
            (
                "etc/systemd/system/node.service",
                "[Service]\n# kubelet.service\nExecStart=/bin/true\n",
            ),
            (
                "etc/systemd/system/multi-user.target.wants/node.service",
                "->../node.service",
            ),
        ],
    ),
    (
        "a drop-in",
        &[
            ("etc/systemd/system/multi-user.target.d/10-node.conf", WANTS),
            ("etc/systemd/system/multi-user.target", "[Unit]\n"),
        ],
    ),
    (
        "a timer",
        &[
            (
                "etc/systemd/system/node.timer",
                "[Timer]\nOnBootSec=9\nUnit=kubelet.service\n",
            ),
            (
                "etc/systemd/system/timers.target.wants/node.timer",
                "->../node.timer",
            ),
        ],
    ),
    (
        "a timer that is not enabled",
        &[("etc/systemd/system/kubelet.timer", "[Timer]\nOnBootSec=9\n")],
    ),
    (
        "another name",
        &[
            ("etc/systemd/system/node.service", "->kubelet.service"),
            (
                "etc/systemd/system/multi-user.target.wants/node.service",
                "->../node.service",
            ),
        ],
    ),
    (
        "a circle",
        &[
            (
                "etc/systemd/system/a.target.wants/kubelet.service",
                "->../kubelet.service",
            ),
            (
                "etc/systemd/system/b.target.wants/a.target",
                "->../a.target",
            ),
            (
                "etc/systemd/system/a.target.wants/b.target",
                "->../b.target",
            ),
        ],
    ),
    (
        "a target that the default one leaves out",
        &[
            (
                "etc/systemd/system/graphical.target.wants/kubelet.service",
                "->../kubelet.service",
            ),
            ("usr/lib/systemd/system/graphical.target", "[Unit]\n"),
            ("usr/lib/systemd/system/multi-user.target", "[Unit]\n"),
            (
                "usr/lib/systemd/system/default.target",
                "->multi-user.target",
            ),
        ],
    ),
    (
        "a target that the default one starts",
        &[
            (
                "etc/systemd/system/multi-user.target.requires/kubelet.service",
                "->../kubelet.service",
            ),
            (
                "usr/lib/systemd/system/graphical.target",
                "[Unit]\nRequires=multi-user.target\n",
            ),
            ("usr/lib/systemd/system/multi-user.target", "[Unit]\n"),
            (
                "usr/lib/systemd/system/default.target",
                "->graphical.target",
            ),
        ],
    ),
];

const WANTS: &str = "[Unit]\nWants=kubelet.service\n";

const SCRIPT: (&str, &str) = ("etc/init.d/kubelet", "#!/bin/sh\n");
const LINK: (&str, &str) = ("etc/rc2.d/S04kubelet", "->../init.d/kubelet");
const AT_BOOT: (&str, &str) = ("etc/init.d/.depend.boot", "x\n");
const AT_STOP: (&str, &str) = ("etc/init.d/.depend.stop", "x\n");
const LISTED: (&str, &str) = ("etc/init.d/.depend.start", "TARGETS = kubelet\n");
const UNLISTED: (&str, &str) = ("etc/init.d/.depend.start", "TARGETS = cron\n");

/// The same under sysvinit.
const OF_SYSVINIT: &[(&str, Files)] = &[
    ("links", &[SCRIPT, LINK]),
    ("links, listed", &[SCRIPT, LINK, LISTED, AT_BOOT, AT_STOP]),
    (
        "links, not listed",
        &[SCRIPT, LINK, UNLISTED, AT_BOOT, AT_STOP],
    ),
    ("links, one list", &[SCRIPT, LINK, UNLISTED]),
];

const OPENRC: (&str, &str) = ("etc/init.d/kubelet", "#!/sbin/openrc-run\n");
const IN_K8S: (&str, &str) = ("etc/runlevels/k8s/kubelet", "->/etc/init.d/kubelet");
const NODE_NEEDS: (&str, &str) = (
    "etc/init.d/node",
    "#!/sbin/openrc-run\ndepend() {\n\tneed kubelet\n}\n",
);
const NODE_ENABLED: (&str, &str) = ("etc/runlevels/default/node", "->/etc/init.d/node");
const RUN: (&str, &str) = ("etc/sv/kubelet/run", "#!/bin/sh\n");
const NODE: (&str, &str) = ("etc/runit/runsvdir/default/node", "->/etc/sv/kubelet");
const DINIT: (&str, &str) = ("etc/dinit.d/kubelet", "command = /usr/bin/kubelet\n");

/// The same under others, each with its distribution.
const OF_OTHERS: &[(&str, &str, &str, Files)] = &[
    (
        "default",
        "openrc",
        "alpine",
        &[
            OPENRC,
            ("etc/runlevels/default/kubelet", "->/etc/init.d/kubelet"),
        ],
    ),
    (
        "shutdown",
        "openrc",
        "alpine",
        &[
            OPENRC,
            ("etc/runlevels/shutdown/kubelet", "->/etc/init.d/kubelet"),
        ],
    ),
    ("a level alone", "openrc", "alpine", &[OPENRC, IN_K8S]),
    (
        "a level that is stacked",
        "openrc",
        "alpine",
        &[OPENRC, IN_K8S, ("etc/runlevels/default/k8s", "->../k8s")],
    ),
    (
        "a level of inittab",
        "openrc",
        "alpine",
        &[
            OPENRC,
            IN_K8S,
            (
                "etc/inittab",
                "::sysinit:/sbin/openrc sysinit\n::wait:/sbin/openrc k8s\n",
            ),
        ],
    ),
    (
        "what an enabled one needs",
        "openrc",
        "alpine",
        &[OPENRC, NODE_NEEDS, NODE_ENABLED],
    ),
    (
        "what the administrator says that it wants",
        "openrc",
        "alpine",
        &[
            OPENRC,
            ("etc/init.d/node", "#!/sbin/openrc-run\n"),
            ("etc/conf.d/node", "rc_want=\"kubelet\"\n"),
            NODE_ENABLED,
        ],
    ),
    (
        "what one needs that is not enabled",
        "openrc",
        "alpine",
        &[OPENRC, NODE_NEEDS],
    ),
    (
        "what an enabled one uses",
        "openrc",
        "alpine",
        &[
            OPENRC,
            (
                "etc/init.d/node",
                "#!/sbin/openrc-run\ndepend() {\n\tuse kubelet\n}\n",
            ),
            NODE_ENABLED,
        ],
    ),
    ("another name", "runit", "void", &[RUN, NODE]),
    (
        "another name, down",
        "runit",
        "void",
        &[RUN, ("etc/sv/kubelet/down", ""), NODE],
    ),
    (
        "a line of boot",
        "dinit",
        "artix",
        &[
            DINIT,
            (
                "etc/dinit.d/boot",
                "waits-for.d = boot.d\nwaits-for: kubelet\n",
            ),
        ],
    ),
    (
        "a comment of boot",
        "dinit",
        "artix",
        &[
            DINIT,
            (
                "etc/dinit.d/boot",
                "waits-for.d = boot.d\n#waits-for: kubelet\n",
            ),
        ],
    ),
];

/// Under systemd a boot comes to a service by other ways than the links of its `[Install]`; under
/// sysvinit not even by its links, where it is not listed.
#[test]
fn what_a_boot_starts_is_enabled() {
    let unit = format!("{RUNS}[Install]\nWantedBy=multi-user.target\n");
    let mut said = String::new();
    for (name, files) in OF_SYSTEMD {
        let tree = Tree::of(files);
        tree.write("etc/systemd/system/kubelet.service", &unit);
        tree.kubelet();
        let is_enabled = ["service", "is-enabled", "--init", "systemd"];
        write!(said, "{name}: {}", tree.said(&is_enabled)).unwrap();
    }
    for (name, files) in OF_SYSVINIT {
        let is_enabled = [
            "service",
            "is-enabled",
            "--init",
            "sysvinit",
            "--distro",
            "devuan",
        ];
        write!(said, "{name}: {}", Tree::of(files).said(&is_enabled)).unwrap();
    }
    for (name, init, distro, files) in OF_OTHERS {
        let is_enabled = ["service", "is-enabled", "--init", init, "--distro", distro];
        write!(
            said,
            "{init}, {name}: {}",
            Tree::of(files).said(&is_enabled)
        )
        .unwrap();
    }
    insta::assert_snapshot!(said);
}

/// systemd finds an instance by the file of its template, and enables it by a link of its own.
#[test]
fn an_instance_is_enabled_by_a_link_of_its_own() {
    let tree = Tree::new();
    tree.write(
        "usr/lib/systemd/system/kubelet@.service",
        &format!("{RUNS}[Install]\nWantedBy=multi-user.target\n"),
    );
    tree.link(
        "etc/systemd/system/multi-user.target.wants/kubelet@3.service",
        "/usr/lib/systemd/system/kubelet@.service",
    );
    let service = |verb, name| {
        let (code, out, err) = tree.run(&["service", verb, name, "--init", "systemd"]);
        format!("{code} {out}{err}")
    };
    assert_eq!(service("is-enabled", "kubelet@3"), "0 enabled\n");
    assert_eq!(service("exists", "kubelet@3"), "0 ");
    assert_eq!(service("is-enabled", "kubelet@4"), "1 disabled\n");
    assert_eq!(service("enable", "kubelet@4"), "0 ");
    assert_eq!(service("is-enabled", "kubelet@4"), "0 enabled\n");
    assert_eq!(service("is-enabled", "kubelet"), "4 unknown\n");
}
