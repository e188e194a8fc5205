//! Services that somebody else wrote: what each command says of them, whole.

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;

use crate::support::{Tree, files, is_root, repository, run, skipped, tool};

/// Where a test stands, without the folder of its snapshots.
const ALL: [&[&str]; 9] = [
    &["explain"],
    &["explain", "--flag", "node-ip"],
    &["explain", "--flag", "config", "--format", "json"],
    &["explain", "--format", "json"],
    &["check"],
    &["check", "--format", "json"],
    &["check", "--for", "1.36"],
    &["diff"],
    &["diff", "--format", "json"],
];

/// A tree with a kubelet whose version is known, and these files.
fn tree(written: &[(&str, &str)]) -> Tree {
    let tree = Tree::new();
    tree.kubelet();
    tree.write(
        "usr/bin/kubelet",
        "#!/bin/sh\n# k8s.io/component-base/version.gitVersion=v1.35.4\n",
    );
    for (path, text) in written {
        tree.write(path, text);
    }
    tree
}

/// What the commands say of a service of an init.
fn said(tree: &Tree, init: &str, distro: &str) -> String {
    let of = |words: &&[&str]| {
        let mut words = words.to_vec();
        words.extend(["--init", init]);
        if distro != "generic" {
            words.extend(["--distro", distro]);
        }
        shortened(&tree.said(&words))
    };
    ALL.iter().map(of).collect()
}

/// Without what a diff adds, which is ours, and without its places.
fn shortened(said: &str) -> String {
    let is_added = |line: &str| line.starts_with('+') && !line.starts_with("+++");
    let kept = said
        .lines()
        .filter(|line| !is_added(line) && !line.starts_with("@@"));
    // How long our own files are is told elsewhere.
    let kept = kept.map(|line| match line.split_once(" is new, ") {
        Some((path, _)) => format!("{path} is new, …"),
        None => line.to_owned(),
    });
    let cut = |line: String| match line.split_once("\"diff\": \"") {
        Some((before, _)) => format!("{before}\"diff\": …"),
        None => line,
    };
    kept.map(|line| cut(line) + "\n").collect()
}

/// The files of a service of the kind that a distribution ships.
fn shipped(distro: &str) -> Tree {
    let tree = tree(&[]);
    let folder = repository().join("fixtures/services").join(distro);
    for path in files(&folder) {
        let inside = path.strip_prefix(&folder).unwrap_or(&path).to_owned();
        let text = fs::read_to_string(folder.join(&inside)).unwrap();
        tree.write(inside.to_str().unwrap(), &text);
    }
    tree.write(
        "var/lib/kubelet/kubeadm-flags.env",
        "KUBELET_KUBEADM_ARGS=\"--pod-infra-container-image=pause:3.9 --node-ip=10.0.0.7\"\n",
    );
    tree
}

#[test]
fn alpine_passes_kubeadms_flags_and_not_the_administrators() {
    let tree = shipped("alpine");
    tree.write("etc/default/kubelet", "KUBELET_EXTRA_ARGS=--v=4\n");
    assert_snapshot!("alpine", said(&tree, "openrc", "alpine"));
}

#[test]
fn gentoo_sources_kubeadms_flags_in_conf_d() {
    let tree = shipped("gentoo");
    symlink("bash", link(&tree, "bin/sh")).unwrap();
    assert_snapshot!("gentoo", said(&tree, "openrc", "gentoo"));
    fs::remove_file(tree.at("bin/sh")).unwrap();
    // A shell without `source` goes on without them.
    symlink("dash", link(&tree, "bin/sh")).unwrap();
    assert_snapshot!("gentoo_dash", said(&tree, "openrc", "gentoo"));
}

fn link(tree: &Tree, path: &str) -> std::path::PathBuf {
    let link = tree.at(path);
    fs::create_dir_all(link.parent().unwrap_or(Path::new("/"))).unwrap();
    link
}

const VOID: &str = "#!/bin/sh\nexec 2>&1\n[ -r /etc/kubernetes/config ] && . /etc/kubernetes/config\n[ -r /etc/kubernetes/kubelet ] && . /etc/kubernetes/kubelet\nexec kubelet $OPTS 2>/dev/null\n";

/// The settings as Void has them, with `OPTS` in a comment or not.
fn settings(mark: &str) -> String {
    format!(
        "# The address to serve on\nKUBELET_ADDRESS=\"--address=127.0.0.1\"\n\
         KUBELET_CONFIG_ARGS=\"--config=/var/lib/kubelet/config.yaml\"\n\
         [ -r /var/lib/kubelet/kubeadm-flags.env ] && . /var/lib/kubelet/kubeadm-flags.env\n\
         [ -r /etc/default/kubelet ] && . /etc/default/kubelet\n\n\
         {mark}OPTS=\"$KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS\"\n"
    )
}

fn void(mark: &str) -> Tree {
    tree(&[
        ("etc/sv/kubelet/run", VOID),
        ("etc/kubernetes/kubelet", &settings(mark)),
        (
            "var/lib/kubelet/kubeadm-flags.env",
            "KUBELET_KUBEADM_ARGS=\"--node-ip=10.0.0.7\"\n",
        ),
    ])
}

#[test]
fn void_passes_what_its_settings_name() {
    assert_snapshot!("void", said(&void(""), "runit", "void"));
    assert_snapshot!("void_comment", said(&void("#"), "runit", "void"));
}

/// What bash appends is passed; where the shell may be another one, nobody can tell.
#[test]
fn what_a_script_appends_is_not_lost() {
    let run = "OPTS=--v=2\nOPTS+=\" --node-ip=10.0.0.7\"\nexec kubelet $OPTS\n";
    let explain = ["explain", "--init", "runit", "--flag", "node-ip"];
    let bash = tree(&[("etc/sv/kubelet/run", &format!("#!/bin/bash\n{run}"))]);
    let mut told = bash.said(&explain);
    let sh = tree(&[("etc/sv/kubelet/run", &format!("#!/bin/sh\n{run}"))]);
    told += &sh.said(&explain);
    told += &sh.said(&explain[..3]);
    let gentoo = shipped("gentoo");
    let conf = fs::read_to_string(gentoo.at("etc/conf.d/kubelet")).unwrap();
    gentoo.write(
        "etc/conf.d/kubelet",
        &format!("{conf}command_args+=\" --node-ip=10.0.0.8\"\n"),
    );
    let explain = ["explain", "--init", "openrc", "--flag", "node-ip"];
    told += &gentoo.said(&explain);
    symlink("bash", link(&gentoo, "bin/sh")).unwrap();
    told += &gentoo.said(&explain);
    assert_snapshot!("appended", told);
}

/// OpenRC reads the settings of all services first, and in place of a service's own those for
/// the runlevel.
#[test]
fn openrc_has_settings_in_further_files() {
    let alpine = shipped("alpine");
    alpine.write(
        "etc/rc.conf",
        "command_args=--v=1\nMORE=--node-ip=10.0.0.1\n",
    );
    alpine.write("etc/rc.conf.d/20-more.conf", "MORE=--node-ip=10.0.0.2\n");
    alpine.write("etc/rc.conf.d/30-more", "MORE=--node-ip=10.0.0.3\n");
    alpine.write("etc/conf.d/kubelet", "command_args=\"--v=2 $MORE\"\n");
    alpine.write("etc/conf.d/kubelet.none", "command_args=--v=3\n");
    let explain = ["explain", "--init", "openrc"];
    let mut told = alpine.said(&explain);
    alpine.write("etc/conf.d/kubelet.default", "command_args=--v=4\n");
    fs::create_dir_all(alpine.at("etc/runlevels/none")).unwrap();
    told += &alpine.said(&explain);
    told += &alpine.said(&[
        "install",
        "--init",
        "openrc",
        "--distro",
        "alpine",
        "--migrate",
    ]);
    assert_snapshot!("openrc_settings", told);
}

#[test]
fn a_run_of_execline_is_read_by_its_own_rules() {
    let tree = tree(&[(
        "etc/s6/sv/kubelet/run",
        "#!/bin/execlineb -P\n# the node's own\nfdmove -c 2 1\ns6-setuidgid root\n\
         foreground { mkdir -p /var/lib/kubelet }\n\
         /usr/bin/kubelet --config=/var/lib/kubelet/config.yaml \"--node-ip=10.0.0.7\" # last\n",
    )]);
    assert_snapshot!("s6_execline", said(&tree, "s6", "generic"));
    tree.write(
        "etc/s6/sv/kubelet/run",
        "#!/bin/execlineb -P\nimportas -D \"\" ARGS ARGS\nkubelet $ARGS --v=2\n",
    );
    assert_snapshot!("s6_importas", said(&tree, "s6", "generic"));
}

#[test]
fn a_section_of_supervisord_has_arguments_and_variables() {
    let tree = tree(&[(
        "etc/supervisor/conf.d/kubelet.conf",
        "[program:kubelet]\n; ours is another\ncommand=/usr/bin/kubelet --config=/var/lib/%(program_name)s/config.yaml ; the file\n  \
         --node-ip=10.0.0.7 '--node-labels=a=b c'\nenvironment=HTTP_PROXY=\"http://proxy:3128\",KUBELET_EXTRA_ARGS=\"--v=4\"\nautorestart=true\n",
    )]);
    assert_snapshot!("supervisord", said(&tree, "supervisord", "generic"));
    tree.write(
        "etc/supervisor/conf.d/kubelet.conf",
        "[program:kubelet]\ncommand=bash -c \"exec /usr/bin/kubelet --v=%(ENV_LEVEL)s\"\n",
    );
    assert_snapshot!("supervisord_unknown", said(&tree, "supervisord", "generic"));
}

/// supervisord puts in what its files say, and what they do not say is a part of its word.
#[test]
fn what_supervisord_fills_in_is_read() {
    let section = "etc/supervisor/conf.d/kubelet.conf";
    let tree = tree(&[
        (
            "etc/supervisor/supervisord.conf",
            "[supervisord]\nenvironment=LEVEL=\"3\"\n[include]\nfiles = conf.d/*.conf\n",
        ),
        (
            section,
            "[program:kubelet]\ncommand=/usr/bin/kubelet --v=%(ENV_LEVEL)s --config=%(here)s/%(program_name)s.yaml \
             --node-ip=%(ENV_IP)s --hostname-override=%(host_node_name)s\nenvironment=IP=10.0.0.7\n",
        ),
    ]);
    let explain =
        |words: &[&str]| tree.said(&[&["explain", "--init", "supervisord"], words].concat());
    let mut said = explain(&[]) + &explain(&["v"]) + &explain(&["hostname-override"]);
    // A shell gets the variables of the section.
    tree.write(
        section,
        "[program:kubelet]\ncommand=sh -c \"exec kubelet --node-ip=$IP $ARGS\"\nenvironment=IP=10.0.0.7,ARGS=\"--v=2 --v=3\"\n",
    );
    said += &explain(&[]);
    // It may have blanks.
    tree.write(
        section,
        "[program:kubelet]\ncommand=kubelet --v=2 --node-ip=%(ENV_OTHER)s\n",
    );
    said += &explain(&["v"]);
    assert_snapshot!("supervisord_expanded", said);
}

/// Nobody can tell what the host's name is, and it is not empty.
#[test]
fn what_a_shell_sets_itself_is_not_called_unset() {
    let run =
        "#!/bin/sh\nexec kubelet --hostname-override=$HOSTNAME --root-dir=\"$HOME/k\" --v=2\n";
    let tree = tree(&[("etc/sv/kubelet/run", run)]);
    let mut said = tree.said(&["explain", "--init", "runit"]);
    for flag in ["v", "hostname-override", "root-dir"] {
        said += &tree.said(&["explain", "--init", "runit", flag]);
    }
    tree.write(
        "etc/sv/kubelet/run",
        "#!/bin/sh\nexec kubelet --hostname-override=\"$(hostname)\" --v=2 $(cat /args)\n",
    );
    said += &tree.said(&["explain", "--init", "runit", "v"]);
    tree.write(
        "etc/sv/kubelet/run",
        "#!/bin/sh\nexec kubelet --hostname-override=\"$(hostname)\" --v=2\n",
    );
    said += &tree.said(&["explain", "--init", "runit", "v"]);
    assert_snapshot!("of_the_shell", said);
}

#[test]
fn busybox_init_is_read_by_its_lines() {
    let tree = tree(&[(
        "etc/inittab",
        "::sysinit:/etc/init.d/rcS\n#::respawn:/usr/bin/kubelet --v=9\n::shutdown:/usr/bin/kubelet --v=8\n",
    )]);
    let explain = ["explain", "--init", "busybox-init"];
    let mut said = tree.said(&explain);
    tree.write(
        "etc/inittab",
        "::sysinit:/etc/init.d/rcS\n::respawn:-/usr/bin/kubelet --v=2 >/dev/null\n",
    );
    said += &tree.said(&explain);
    said += &tree.said(&["explain", "--init", "busybox-init", "node-ip"]);
    said += &tree.said(&["check", "--init", "busybox-init", "--for", "1.36"]);
    let ours = self::tree(&[("etc/inittab", "::sysinit:/etc/init.d/rcS\n")]);
    ours.kubelet();
    assert_eq!(ours.run(&["install", "--init", "busybox-init"]).0, 0);
    said += &ours.said(&explain);
    assert_snapshot!("busybox", said);
}

#[test]
fn other_inits_are_read_as_well() {
    let explain = |tree: &Tree, init: &str| shortened(&tree.said(&["explain", "--init", init]));
    let dinit = tree(&[(
        "usr/lib/dinit.d/kubelet",
        "type = process\nenv-file = /var/lib/kubelet/kubeadm-flags.env\n\
         command = /usr/bin/kubelet --cgroup-driver=cgroupfs --config=/var/lib/kubelet/config.yaml\n",
    )]);
    let mut said = explain(&dinit, "dinit");
    dinit.write(
        "usr/lib/dinit.d/kubelet",
        "env-file = /etc/kubelet.env\ncommand = /bin/sh -c \"exec kubelet --v=$$V\"\n",
    );
    said += &explain(&dinit, "dinit");
    dinit.write(
        "usr/lib/dinit.d/kubelet",
        "command = /usr/bin/other\ncommand = /usr/bin/kubelet --v=2\ncommand += --node-ip=10.0.0.7\n",
    );
    said += &explain(&dinit, "dinit");
    let script = tree(&[(
        "etc/init.d/kubelet",
        "#!/bin/sh\nARGS=--v=2\n[ -r /etc/default/kubelet ] && . /etc/default/kubelet\n\
         case \"$1\" in\nstart) start-stop-daemon --start -b --exec /usr/bin/kubelet -- $ARGS ;;\n\
         stop) start-stop-daemon --stop --exec /usr/bin/kubelet ;;\nesac\n",
    )]);
    script.write("etc/default/kubelet", "ARGS=\"$ARGS --node-ip=10.0.0.7\"\n");
    said += &explain(&script, "sysvinit");
    let entry = tree(&[(
        "etc/inittab",
        "id:2:initdefault:\n# ku:2:respawn:no\nku:2345:respawn:/usr/bin/kubelet --v=2 >/dev/null\n",
    )]);
    said += &explain(&entry, "sysvinit");
    let source = tree(&[
        ("etc/s6-rc/source/kubelet/type", "longrun\n"),
        (
            "etc/s6-rc/source/kubelet/run",
            "#!/bin/sh\nexec /usr/bin/kubelet --v=3\n",
        ),
    ]);
    said += &explain(&source, "s6-rc");
    assert_snapshot!("others", said);
}

/// dinit fills in variables, and a script that it runs can pass on anything.
#[test]
fn what_dinit_runs_in_the_stead_of_a_kubelet_is_not_guessed() {
    let dinit = tree(&[
        (
            "etc/dinit.d/kubelet",
            "type=process\ncommand=/usr/bin/kubelet $OPTS\nenv-file=/etc/default/kubelet\n",
        ),
        ("etc/default/kubelet", "OPTS=--max-pods=5\n"),
    ]);
    let explain = ["explain", "--init", "dinit"];
    let mut said = dinit.said(&explain) + &dinit.said(&[&explain[..], &["max-pods"]].concat());
    dinit.write(
        "etc/dinit.d/kubelet",
        "type=scripted\ncommand=/etc/dinit.d/scripts/kubelet start\n",
    );
    dinit.write(
        "etc/dinit.d/scripts/kubelet",
        "#!/bin/sh\nexec /usr/bin/kubelet --max-pods=5\n",
    );
    said += &dinit.said(&explain);
    said += &dinit.said(&["check", "--init", "dinit"]);
    assert_snapshot!("dinit_not_followed", said);
}

/// A shell that ends before the kubelet starts none, and what a NUL becomes nobody can tell.
#[test]
fn a_shell_that_may_end_is_not_called_a_service_that_runs() {
    let tree = tree(&[]);
    let mut said = String::new();
    for run in [
        "#!/bin/sh -eu\nexec kubelet $OPTS\n",
        "#!/bin/bash -u\nexec kubelet --v=2 $OPTS\n",
        "#!/bin/sh\nset -e\ntest -f /nofile\nexec kubelet --v=2\n",
        "#!/bin/dash\ntypeset OPTS=--v=2\nexec kubelet $OPTS\n",
        "#!/bin/bash\nOPTS[0]=--v=4\nexec kubelet $OPTS\n",
        "#!/bin/zsh\nOPTS='--v=4 --v=5'\nexec kubelet $OPTS\n",
        "#!/bin/bash\nset -e\n\nARGS=(--v=2)\nexec kubelet \"${ARGS[@]}\"\n",
        "#!/bin/sh\nexec kubelet --v=2\0\n",
    ] {
        tree.write("etc/sv/kubelet/run", run);
        said += &tree.said(&["explain", "--init", "runit"]);
    }
    assert_snapshot!("shells_that_end", said);
}

/// A link can lead to what is there only when the tree runs.
#[test]
fn a_link_that_leads_out_of_the_tree_is_told_of() {
    let tree = tree(&[
        (
            "etc/sv/kubelet/run",
            "#!/bin/sh\n[ -r /etc/default/kubelet ] && . /etc/default/kubelet\nexec kubelet --v=2 $OPTS\n",
        ),
        (
            "etc/init.d/kubelet",
            "#!/sbin/openrc-run\ncommand=/usr/bin/kubelet\ncommand_args=\"$command_args --v=2\"\n",
        ),
    ]);
    tree.link("etc/default", "/mnt/shared");
    tree.link("etc/conf.d/kubelet", "/mnt/kubelet.conf");
    let explain = |init: &str, flag: &str| tree.said(&["explain", "--init", init, flag]);
    let said =
        explain("runit", "node-ip") + &explain("openrc", "node-ip") + &explain("openrc", "v");
    assert_snapshot!("link_out_of_the_tree", said);
}

/// Under s6 and runit OpenRC starts what these have, whatever `command` says.
#[test]
fn what_openrc_leaves_to_another_supervisor_is_not_guessed() {
    let script = "#!/sbin/openrc-run\ncommand=/usr/bin/kubelet\ncommand_args=--v=3\n";
    let tree = tree(&[]);
    let mut said = String::new();
    for supervisor in ["s6", "runit", "supervise-daemon", "other", "\"$(asks)\""] {
        let text = format!("{script}supervisor={supervisor}\n");
        tree.write("etc/init.d/kubelet", &text);
        said += &tree.said(&["explain", "--init", "openrc", "v"]);
    }
    assert_snapshot!("openrc_supervisors", said);
}

#[test]
fn without_a_service_that_is_said() {
    let tree = tree(&[("etc/init.d/docker", "#!/sbin/openrc-run\n")]);
    let mut said = String::new();
    for init in [
        "openrc",
        "runit",
        "s6",
        "s6-rc",
        "dinit",
        "sysvinit",
        "busybox-init",
        "supervisord",
    ] {
        said += &tree.said(&["explain", "--init", init]);
        said += &tree.said(&["explain", "--init", init, "--flag", "v"]);
        said += &tree.said(&["check", "--init", init, "--for", "1.36"]);
    }
    assert_snapshot!("none", said);
}

#[test]
fn what_starts_our_launcher_is_ours() {
    let tree = tree(&[]);
    let install = ["install", "--init", "runit", "--distro", "void"];
    assert_eq!(tree.run(&install).0, 0);
    let explain = |tree: &Tree| tree.said(&["explain", "--init", "runit", "--distro", "void"]);
    // An edited script starts the launcher all the same.
    let run = fs::read_to_string(tree.at("etc/sv/kubelet/run")).unwrap();
    tree.write(
        "etc/sv/kubelet/run",
        &run.replace("exec 2>&1", "exec 2>&1\nulimit -n 4096"),
    );
    let mut said = explain(&tree);
    // A package can have put the files there.
    fs::remove_dir_all(tree.at("var/lib/kubelet-unit")).unwrap();
    said += &explain(&tree);
    let launcher = tree.at("usr/libexec/kubelet-unit/kubelet");
    let text = fs::read_to_string(&launcher).unwrap();
    fs::write(&launcher, text + "# of another version\n").unwrap();
    said += &explain(&tree);
    // A package's service in the stead of ours is not ours, whatever the record says.
    assert_eq!(tree.run(&[&install[..], &["--force"]].concat()).0, 0);
    tree.write("etc/sv/kubelet/run", VOID);
    said += &explain(&tree);
    assert_snapshot!("ours", said);
}

/// Makes the tree a machine with the programs of this one, in a mount namespace of its own.
const MACHINE: &str = "set -e; tree=$1; program=$2; shift 2
    mkdir -p \"$tree/usr\" \"$tree/scan\"
    for link in bin lib lib64; do
        [ ! -L /$link ] || ln -sfn usr/$link \"$tree/$link\"
    done
    : >\"$tree/kubelet-unit\"
    mount --rbind /usr \"$tree/usr\"
    mount --bind \"$program\" \"$tree/kubelet-unit\"
    exec chroot \"$tree\" /kubelet-unit \"$@\"";

/// What `service status` says on such a machine, whose scan directory is empty.
fn status(tree: &Tree, init: &str, format: &str) -> String {
    let words = ["service", "status", "--init", init, "--distro", "void"];
    let (code, out, err) = run(Command::new("unshare")
        .args(["-m", "sh", "-c", MACHINE, "sh"])
        .arg(tree.at(""))
        .arg(env!("CARGO_BIN_EXE_kubelet-unit"))
        .args(words)
        .args(["--scan-folder", "/scan", "--format", format]));
    format!("$ {} {format}\n{out}{err}exit {code}\n", words.join(" "))
}

#[test]
fn status_says_which_service_it_is() {
    if tool("unshare").is_none() || tool("chroot").is_none() || !is_root() {
        skipped("a machine can only be made by root, with unshare and chroot");
        return;
    }
    let execline = "#!/bin/execlineb -P\nkubelet --config=/var/lib/kubelet/config.yaml\n";
    let other = Tree::new();
    other.write("etc/s6/sv/kubelet/run", execline);
    let void = void("");
    let mut said = String::new();
    for format in ["text", "json"] {
        said += &status(&void, "runit", format);
        said += &status(&other, "s6", format);
        // There is no service at all.
        said += &status(&other, "runit", format);
    }
    assert_snapshot!("status", said);
}

/// What is said of how a service is started again, ended and logged holds for what people have
/// made of it.
#[test]
fn points_hold_for_services_that_people_have_edited() {
    const SCRIPT: &str = "etc/init.d/kubelet";
    const RUN: &str = "etc/sv/kubelet/run";
    let supervised = "#!/sbin/openrc-run\nsupervisor=supervise-daemon\ncommand=/usr/bin/kubelet\nrespawn_delay=5\n";
    let run = "#!/bin/sh\nexec 2>&1\nsv check docker >/dev/null || exit 1\nexec kubelet --v=2\n";
    let mut told = String::new();
    for (name, init, distro, files) in [
        (
            "10 respawns",
            "openrc",
            "alpine",
            &[(SCRIPT, "respawn_max=10\nretry=TERM/5\n")][..],
        ),
        (
            "conf.d",
            "openrc",
            "alpine",
            &[
                (SCRIPT, ": ${respawn_max:=0}\nretry=\"TERM/60/KILL/5\"\n"),
                ("etc/conf.d/kubelet", "respawn_max=\"100\"\n"),
            ],
        ),
        (
            "the script is last",
            "openrc",
            "alpine",
            &[
                (SCRIPT, "respawn_max=0\nretry=60\n"),
                ("etc/conf.d/kubelet", "respawn_max=7\n"),
            ],
        ),
        (
            "a start and a stop of its own",
            "openrc",
            "alpine",
            &[(
                SCRIPT,
                "start() {\n\t/usr/bin/kubelet --v=5 | logger &\n}\n\nstop () {\n\tpkill -9 kubelet\n}\n",
            )],
        ),
        (
            "a silent question",
            "runit",
            "void",
            &[(RUN, ""), ("etc/sv/kubelet/log/run", "x\n")],
        ),
        (
            "a finish",
            "runit",
            "void",
            &[(RUN, ""), ("etc/sv/kubelet/finish", "x\n")],
        ),
        ("a short pause", "runit", "void", &[(RUN, "sleep 3\n")]),
    ] {
        let tree = tree(&[]);
        for (path, text) in files {
            let text = match *path {
                SCRIPT => format!("{supervised}{text}"),
                RUN => run.replace("exec 2>&1\n", &format!("exec 2>&1\n{text}")),
                _ => (*text).to_owned(),
            };
            tree.write(path, &text);
        }
        let said = tree.said(&["check", "--init", init, "--distro", distro]);
        let about = ["restart:", "stop:", "log:"];
        let points = said.lines().filter(|line| {
            let mut words = line.split_whitespace();
            line.starts_with("  ") && words.nth(1).is_some_and(|it| about.contains(&it))
        });
        writeln!(told, "# {name}").unwrap();
        points.for_each(|line| writeln!(told, "{line}").unwrap());
    }
    assert_snapshot!(told);
}

/// A description of dinit goes on in further lines and includes files.
#[test]
fn a_description_of_dinit_is_read_as_a_whole() {
    let tree = tree(&[
        (
            "etc/dinit.d/kubelet",
            "type = process # \\\ncommand = /usr/bin/kubelet --v=2 \\\n  --node-ip=10.0.0.1\n@include-opt none\n@include more/kubelet\nenv-file = kubelet.env\n",
        ),
        ("etc/dinit.d/more/kubelet", "command += --max-pods=3\n"),
        ("etc/dinit.d/kubelet.env", "GOGC=50\n"),
    ]);
    let explain = ["explain", "--init", "dinit", "--distro", "artix"];
    let mut said = tree.said(&explain);
    said += &tree.said(&[&explain[..], &["max-pods"]].concat());
    tree.write(
        "etc/dinit.d/kubelet",
        "command = /usr/bin/kubelet\n@include none\n",
    );
    said += &tree.said(&explain);
    assert_snapshot!(said);
}
