//! Services that somebody else wrote: what each command says of them, whole.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;

use crate::install::Bed;
use crate::support::{files, is_root, repository, run, skipped, tool};

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
fn bed(written: &[(&str, &str)]) -> Bed {
    let bed = Bed::new();
    bed.kubelet();
    bed.write(
        "usr/bin/kubelet",
        "#!/bin/sh\n# k8s.io/component-base/version.gitVersion=v1.35.4\n",
    );
    for (path, text) in written {
        bed.write(path, text);
    }
    bed
}

/// What the commands say of a service of an init.
fn said(bed: &Bed, init: &str, distro: &str) -> String {
    let of = |words: &&[&str]| {
        let mut words = words.to_vec();
        words.extend(["--init", init]);
        if distro != "generic" {
            words.extend(["--distro", distro]);
        }
        shortened(&bed.said(&words))
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
fn shipped(distro: &str) -> Bed {
    let bed = bed(&[]);
    let folder = repository().join("fixtures/services").join(distro);
    for path in files(&folder) {
        let inside = path.strip_prefix(&folder).unwrap_or(&path).to_owned();
        let text = fs::read_to_string(folder.join(&inside)).unwrap();
        bed.write(inside.to_str().unwrap(), &text);
    }
    bed.write(
        "var/lib/kubelet/kubeadm-flags.env",
        "KUBELET_KUBEADM_ARGS=\"--pod-infra-container-image=pause:3.9 --node-ip=10.0.0.7\"\n",
    );
    bed
}

#[test]
fn alpine_passes_kubeadms_flags_and_not_the_administrators() {
    let bed = shipped("alpine");
    bed.write("etc/default/kubelet", "KUBELET_EXTRA_ARGS=--v=4\n");
    assert_snapshot!("alpine", said(&bed, "openrc", "alpine"));
}

#[test]
fn gentoo_sources_kubeadms_flags_in_conf_d() {
    let bed = shipped("gentoo");
    symlink("bash", link(&bed, "bin/sh")).unwrap();
    assert_snapshot!("gentoo", said(&bed, "openrc", "gentoo"));
    fs::remove_file(bed.at("bin/sh")).unwrap();
    // A shell without `source` goes on without them.
    symlink("dash", link(&bed, "bin/sh")).unwrap();
    assert_snapshot!("gentoo_dash", said(&bed, "openrc", "gentoo"));
}

fn link(bed: &Bed, path: &str) -> std::path::PathBuf {
    let link = bed.at(path);
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

fn void(mark: &str) -> Bed {
    bed(&[
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

#[test]
fn a_run_of_execline_is_read_by_its_own_rules() {
    let bed = bed(&[(
        "etc/s6/sv/kubelet/run",
        "#!/bin/execlineb -P\n# the node's own\nfdmove -c 2 1\ns6-setuidgid root\n\
         foreground { mkdir -p /var/lib/kubelet }\n\
         /usr/bin/kubelet --config=/var/lib/kubelet/config.yaml \"--node-ip=10.0.0.7\" # last\n",
    )]);
    assert_snapshot!("s6_execline", said(&bed, "s6", "generic"));
    bed.write(
        "etc/s6/sv/kubelet/run",
        "#!/bin/execlineb -P\nimportas -D \"\" ARGS ARGS\nkubelet $ARGS --v=2\n",
    );
    assert_snapshot!("s6_importas", said(&bed, "s6", "generic"));
}

#[test]
fn a_section_of_supervisord_has_arguments_and_variables() {
    let bed = bed(&[(
        "etc/supervisor/conf.d/kubelet.conf",
        "[program:kubelet]\n; ours is another\ncommand=/usr/bin/kubelet --config=/var/lib/%(program_name)s/config.yaml ; the file\n  \
         --node-ip=10.0.0.7 '--node-labels=a=b c'\nenvironment=HTTP_PROXY=\"http://proxy:3128\",KUBELET_EXTRA_ARGS=\"--v=4\"\nautorestart=true\n",
    )]);
    assert_snapshot!("supervisord", said(&bed, "supervisord", "generic"));
    bed.write(
        "etc/supervisor/conf.d/kubelet.conf",
        "[program:kubelet]\ncommand=bash -c \"exec /usr/bin/kubelet --v=%(ENV_LEVEL)s\"\n",
    );
    assert_snapshot!("supervisord_unknown", said(&bed, "supervisord", "generic"));
}

#[test]
fn other_inits_are_read_as_well() {
    let explain = |bed: &Bed, init: &str| shortened(&bed.said(&["explain", "--init", init]));
    let dinit = bed(&[(
        "usr/lib/dinit.d/kubelet",
        "type = process\nenv-file = /var/lib/kubelet/kubeadm-flags.env\n\
         command = /usr/bin/kubelet --cgroup-driver=cgroupfs --config=/var/lib/kubelet/config.yaml\n",
    )]);
    let mut said = explain(&dinit, "dinit");
    let script = bed(&[(
        "etc/init.d/kubelet",
        "#!/bin/sh\nARGS=--v=2\n[ -r /etc/default/kubelet ] && . /etc/default/kubelet\n\
         case \"$1\" in\nstart) start-stop-daemon --start -b --exec /usr/bin/kubelet -- $ARGS ;;\n\
         stop) start-stop-daemon --stop --exec /usr/bin/kubelet ;;\nesac\n",
    )]);
    script.write("etc/default/kubelet", "ARGS=\"$ARGS --node-ip=10.0.0.7\"\n");
    said += &explain(&script, "sysvinit");
    let entry = bed(&[(
        "etc/inittab",
        "id:2:initdefault:\n# ku:2:respawn:no\nku:2345:respawn:/usr/bin/kubelet --v=2 >/dev/null\n",
    )]);
    said += &explain(&entry, "sysvinit");
    let source = bed(&[
        ("etc/s6-rc/source/kubelet/type", "longrun\n"),
        (
            "etc/s6-rc/source/kubelet/run",
            "#!/bin/sh\nexec /usr/bin/kubelet --v=3\n",
        ),
    ]);
    said += &explain(&source, "s6-rc");
    assert_snapshot!("others", said);
}

#[test]
fn without_a_service_that_is_said() {
    let bed = bed(&[("etc/init.d/docker", "#!/sbin/openrc-run\n")]);
    let mut said = String::new();
    for init in [
        "openrc",
        "runit",
        "s6",
        "s6-rc",
        "dinit",
        "sysvinit",
        "supervisord",
    ] {
        said += &bed.said(&["explain", "--init", init]);
        said += &bed.said(&["explain", "--init", init, "--flag", "v"]);
        said += &bed.said(&["check", "--init", init, "--for", "1.36"]);
    }
    assert_snapshot!("none", said);
}

#[test]
fn what_starts_our_launcher_is_ours() {
    let bed = bed(&[]);
    let install = ["install", "--init", "runit", "--distro", "void"];
    assert_eq!(bed.run(&install).0, 0);
    let explain = |bed: &Bed| bed.said(&["explain", "--init", "runit", "--distro", "void"]);
    // An edited script starts the launcher all the same.
    let run = fs::read_to_string(bed.at("etc/sv/kubelet/run")).unwrap();
    bed.write(
        "etc/sv/kubelet/run",
        &run.replace("exec 2>&1", "exec 2>&1\nulimit -n 4096"),
    );
    let mut said = explain(&bed);
    // A package can have put the files there.
    fs::remove_dir_all(bed.at("var/lib/kubelet-unit")).unwrap();
    said += &explain(&bed);
    let launcher = bed.at("usr/libexec/kubelet-unit/kubelet");
    let text = fs::read_to_string(&launcher).unwrap();
    fs::write(&launcher, text + "# of another version\n").unwrap();
    said += &explain(&bed);
    // A package's service in the stead of ours is not ours, whatever the record says.
    assert_eq!(bed.run(&[&install[..], &["--force"]].concat()).0, 0);
    bed.write("etc/sv/kubelet/run", VOID);
    said += &explain(&bed);
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
fn status(bed: &Bed, init: &str, format: &str) -> String {
    let words = ["service", "status", "--init", init, "--distro", "void"];
    let (code, out, err) = run(Command::new("unshare")
        .args(["-m", "sh", "-c", MACHINE, "sh"])
        .arg(bed.at(""))
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
    let other = Bed::new();
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
