//! The installer killed, refused and led astray: the tree is then the old or the
//! new of each file, running it again finishes, and nothing outside changes.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::PathBuf;
use std::process::Command;

use crate::support::{Scratch, Snapshot, copy, is_root, run, snapshot, tool};

mod hostile;
mod jail;
mod killed;
mod refused;

/// The files of a tree without its record, and without folders.
fn files(snapshot: &Snapshot) -> Snapshot {
    let mut files = snapshot.clone();
    files
        .retain(|path, (_, holds)| holds != "folder" && !path.starts_with("var/lib/kubelet-unit/"));
    files
}

/// A tree and something beside it that must not change.
struct Fenced {
    scratch: Scratch,
    outside: Snapshot,
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_kubelet-unit");

impl Fenced {
    fn new() -> Self {
        let scratch = Scratch::in_memory();
        for folder in ["root", "outside/etc/init.d"] {
            fs::create_dir_all(scratch.path().join(folder)).unwrap();
        }
        fs::write(scratch.path().join("outside/etc/init.d/kubelet"), "outside").unwrap();
        fs::write(scratch.path().join("outside/secret"), "outside").unwrap();
        let outside = snapshot(&scratch.path().join("outside"));
        Self { scratch, outside }
    }

    /// As a scenario begins.
    fn prepared(scenario: &str) -> Self {
        let bed = Self::new();
        prepare(&bed, scenario);
        bed
    }

    /// Another that is as this one: what takes several runs of the program is made once.
    fn copy(&self) -> Self {
        let other = Self::new();
        copy(self.scratch.path(), other.scratch.path());
        other
    }

    fn root(&self) -> PathBuf {
        self.scratch.path().join("root")
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        // Nothing that a tree holds may block it.
        let mut command = Command::new("timeout");
        command.args(["60", PROGRAM]).args(arguments);
        command.arg("--root").arg(self.root());
        command.current_dir(self.scratch.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let (code, _, err) = run(&mut self.command(arguments));
        (
            code,
            err.replace(self.scratch.path().to_str().unwrap(), "BED"),
        )
    }

    /// The same with something done to one of its system calls.
    fn inject(&self, arguments: &[&str], what: &str) -> (i32, String) {
        let mut command = Command::new("strace");
        command.args(["-qq", "-o", "/dev/null", "-e", &format!("inject={what}")]);
        command
            .current_dir(self.scratch.path())
            .arg(PROGRAM)
            .args(arguments)
            .arg("--root")
            .arg(self.root());
        let (code, _, err) = run(&mut command);
        (
            code,
            err.replace(self.scratch.path().to_str().unwrap(), "BED"),
        )
    }

    fn check_outside(&self, about: &str) {
        let outside = snapshot(&self.scratch.path().join("outside"));
        assert_eq!(outside, self.outside, "{about}");
    }
}

const INSTALL: &[&str] = &["install", "--init", "openrc", "--distro", "alpine"];
/// The next version, as far as the files go.
const UPGRADE: &[&str] = &[
    "install",
    "--init",
    "openrc",
    "--distro",
    "alpine",
    "--log-folder",
    "/var/log/other",
    "--launcher",
    "native",
];
const ENABLE: &[&str] = &[
    "install", "--init", "openrc", "--distro", "alpine", "--enable",
];
/// The same service under an init that shares its launcher.
const OTHER: &[&str] = &["install", "--init", "runit", "--distro", "alpine"];
const PURGE_OTHER: &[&str] = &["uninstall", "--init", "runit", "--purge"];
const UNINSTALL: &[&str] = &["uninstall", "--init", "openrc"];
const PURGE: &[&str] = &["uninstall", "--init", "openrc", "--purge"];

/// What each scenario begins with.
fn prepare(bed: &Fenced, scenario: &str) {
    match scenario {
        "migrate" | "migrate and enable" => return another_service(bed),
        "migrate settings" => {
            assert_eq!(bed.run(INSTALL).0, 0);
            write(
                bed,
                "etc/conf.d/kubelet",
                "command_args=--v=3\nrc_need=net\n",
            );
            return write(bed, "etc/conf.d/kubelet.env", "# mine\n");
        }
        "migrate a script elsewhere" => {
            let script = "#!/sbin/openrc-run\ncommand=/usr/bin/kubelet\ncommand_args=--v=3\n";
            return write(bed, "usr/local/etc/init.d/kubelet", script);
        }
        "migrate runit" => {
            write(
                bed,
                "etc/sv/kubelet/run",
                "#!/bin/sh\n. ./conf\nexec kubelet $OPTS\n",
            );
            write(bed, "etc/sv/kubelet/conf", "OPTS=--v=3\n");
            write(bed, "etc/default/kubelet", "KUBELET_EXTRA_ARGS=--v=2\n");
            return link(bed, "etc/runit/runsvdir/default/kubelet", "/etc/sv/kubelet");
        }
        "migrate runit elsewhere" => {
            write(bed, "opt/k/run", "#!/bin/sh\nexec kubelet --v=3\n");
            return link(bed, "etc/runit/runsvdir/default/kubelet", "/opt/k");
        }
        "migrate a unit" => {
            let unit = "[Service]\nExecStart=/usr/bin/kubelet --v=3\nEnvironment=A=1\n";
            write(bed, "etc/systemd/system/kubelet.service", unit);
            let drop_in = "[Service]\nRestartSec=3\n";
            return write(
                bed,
                "etc/systemd/system/kubelet.service.d/20-x.conf",
                drop_in,
            );
        }
        "migrate a section" => {
            let include = "[supervisord]\n[include]\nfiles = conf.d/*.conf\n";
            write(bed, "etc/supervisor/supervisord.conf", include);
            let section = "[program:kubelet]\ncommand=/usr/bin/kubelet --v=3\nuser=root\n";
            return write(bed, "etc/supervisor/conf.d/node.conf", section);
        }
        "migrate a description" => {
            let text = "type = process\ncommand = /usr/bin/kubelet --v=3\n";
            return write(bed, "etc/dinit.d/kubelet", text);
        }
        "rewrite" => {
            let flags = "KUBELET_KUBEADM_ARGS=\"--pod-infra-container-image=a --v=2\"\n";
            write(bed, "var/lib/kubelet/kubeadm-flags.env", flags);
            // Kept by an earlier run.
            return write(bed, "var/lib/kubelet/kubeadm-flags.env.bak", "earlier\n");
        }
        "kubeadm" => {
            fs::write(bed.scratch.path().join("kubeadm.yaml"), CONFIGURATION).unwrap();
            return write(bed, CONFIG, CONFIGURATION);
        }
        _ => {}
    }
    if !matches!(scenario, "install" | "enable") {
        assert_eq!(bed.run(INSTALL).0, 0);
        let conf = bed.at("etc/conf.d/kubelet");
        let text = fs::read_to_string(&conf).unwrap();
        fs::write(conf, format!("{text}# mine\n")).unwrap();
        if is_root() {
            let rotation = bed.at("etc/logrotate.d/kubelet");
            chown(&rotation, Some(12), Some(34)).unwrap();
            fs::set_permissions(rotation, Permissions::from_mode(0o600)).unwrap();
        }
    }
    if scenario == "uninstall one of two" {
        assert_eq!(bed.run(OTHER).0, 0);
    }
    if matches!(scenario, "purge later" | "install again") {
        assert_eq!(bed.run(UNINSTALL).0, 0);
    }
}

fn write(bed: &Fenced, path: &str, text: &str) {
    fs::create_dir_all(bed.at(path).parent().unwrap()).unwrap();
    fs::write(bed.at(path), text).unwrap();
}

fn link(bed: &Fenced, path: &str, target: &str) {
    fs::create_dir_all(bed.at(path).parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(target, bed.at(path)).unwrap();
}

/// Alpine's service, with an argument that ours does not pass, and the administrator's file.
fn another_service(bed: &Fenced) {
    let fixture = crate::support::repository().join("fixtures/services/alpine");
    for path in ["etc/init.d/kubelet", "etc/conf.d/kubelet"] {
        let text = fs::read_to_string(fixture.join(path)).unwrap();
        write(bed, path, &text);
    }
    fs::set_permissions(bed.at("etc/init.d/kubelet"), Permissions::from_mode(0o755)).unwrap();
    write(bed, "etc/conf.d/kubelet.env", "KUBELET_EXTRA_ARGS=--v=2\n");
}

const SCENARIOS: &[(&str, &[&str])] = &[
    ("install", INSTALL),
    ("enable", ENABLE),
    ("upgrade", UPGRADE),
    ("uninstall", UNINSTALL),
    ("uninstall one of two", UNINSTALL),
    ("purge", PURGE),
    ("purge later", PURGE),
    ("install again", INSTALL),
];

/// What begins with another's service, with its arguments to be moved.
const MIGRATE: &[&str] = &[
    "install",
    "--init",
    "openrc",
    "--distro",
    "alpine",
    "--migrate",
];
const MIGRATE_AND_ENABLE: &[&str] = &[
    "install",
    "--init",
    "openrc",
    "--distro",
    "alpine",
    "--migrate",
    "--enable",
];
const MIGRATE_RUNIT: &[&str] = &[
    "install",
    "--init",
    "runit",
    "--distro",
    "void",
    "--migrate",
];
const MIGRATE_UNIT: &[&str] = &[
    "install",
    "--init",
    "systemd",
    "--distro",
    "debian",
    "--migrate",
];
const MIGRATE_SECTION: &[&str] = &[
    "install",
    "--init",
    "supervisord",
    "--distro",
    "debian",
    "--migrate",
];
const MIGRATE_DESCRIPTION: &[&str] = &[
    "install",
    "--init",
    "dinit",
    "--distro",
    "chimera",
    "--migrate",
];
/// The node's own file for a newer kubelet.
const REWRITE: &[&str] = &["kubeadm", "flags", "--for", "1.35"];
/// kubeadm's files. The configuration is in the folder that each command runs in.
const KUBEADM: &[&str] = &[
    "kubeadm",
    "config",
    "--config",
    "kubeadm.yaml",
    "--hostname",
    "node-a",
    "--init",
    "openrc",
];

const CONFIG: &str = "var/lib/kubelet/config.yaml";

const CONFIGURATION: &str = "apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.34.0
";

/// What writes into files that others have written as well.
const OTHERS: &[(&str, &[&str])] = &[
    ("migrate", MIGRATE),
    ("migrate and enable", MIGRATE_AND_ENABLE),
    ("migrate settings", MIGRATE),
    ("migrate a script elsewhere", MIGRATE),
    ("migrate runit", MIGRATE_RUNIT),
    ("migrate runit elsewhere", MIGRATE_RUNIT),
    ("migrate a unit", MIGRATE_UNIT),
    ("migrate a section", MIGRATE_SECTION),
    ("migrate a description", MIGRATE_DESCRIPTION),
    ("rewrite", REWRITE),
    ("kubeadm", KUBEADM),
];

/// The system calls by which the installer changes anything.
const WRITING: &[&str] = &[
    "openat",
    "write",
    "fchmod",
    "fchown",
    "fsync",
    "mkdirat",
    "renameat",
    "unlinkat",
    "symlinkat",
    "flock",
];

/// The calls of a run without faults at which something is written: each with its number
/// among the calls of its name.
fn points(begun: &Fenced, arguments: &[&str]) -> Vec<(&'static str, usize)> {
    let bed = begun.copy();
    let log = bed.scratch.path().join("log");
    let mut command = Command::new("strace");
    command.arg("-qq").arg("-o").arg(&log).arg("-e");
    command.arg(format!("trace={}", WRITING.join(",")));
    command
        .current_dir(bed.scratch.path())
        .arg(PROGRAM)
        .args(arguments)
        .arg("--root")
        .arg(bed.root());
    let (code, out, err) = run(&mut command);
    assert_eq!(code, 0, "{out}{err}");
    points_of(&fs::read_to_string(log).unwrap())
}

/// The same of what strace has written. A file that is opened to be read is not written, nor
/// is what the program says.
fn points_of(log: &str) -> Vec<(&'static str, usize)> {
    let mut all = Vec::new();
    for call in WRITING {
        let start = format!("{call}(");
        let lines = log.lines().filter(|line| line.starts_with(&start));
        for (number, line) in lines.enumerate() {
            let reads = *call == "openat" && !line.contains("O_CREAT");
            let says = line.starts_with("write(1,") || line.starts_with("write(2,");
            if !reads && !says {
                all.push((*call, number + 1));
            }
        }
    }
    all
}

fn strace_works() -> bool {
    tool("strace").is_some() && tool("timeout").is_some()
}

/// Each file is as before or as after, and nothing else is there but what has not
/// been finished.
fn check_between(now: &Snapshot, before: &Snapshot, after: &Snapshot, about: &str) {
    for (path, file) in files(now) {
        let is_whole = before.get(&path) == Some(&file) || after.get(&path) == Some(&file);
        assert!(
            is_whole || path.ends_with(".kubelet-unit~"),
            "{about}: {path}: {file:?}"
        );
    }
    for path in files(before)
        .keys()
        .filter(|path| after.contains_key(*path))
    {
        assert!(now.contains_key(path), "{about}: {path} is gone");
    }
}
