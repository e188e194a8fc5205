//! What is about the machine itself, `bridge install` and `kubeadm kubelet-start`: killed in a
//! root of its own, with nothing in it but the program and what plays an init.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{CONFIG, PROGRAM, WRITING, check_between, files, points_of};
use crate::support::{Scratch, Snapshot, is_root, one_in, run, skipped, snapshot, tool};

/// Plays supervisorctl with what a shell has of its own.
const SUPERVISORCTL: &str = r#"#!/bin/sh
state=stopped
[ ! -e /run/played ] || read -r state < /run/played
case $1 in
status)
	case $state in
	started) echo "kubelet RUNNING pid 42, uptime 0:00:03" ;;
	*) echo "kubelet STOPPED Nov 22 05:32 PM" ;;
	esac ;;
stop) echo stopped > /run/played; echo "kubelet: stopped" ;;
start) echo started > /run/played; echo "kubelet: started" ;;
esac
"#;

const CONFIGURATION: &str = "apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
nodeRegistration:
  name: node-a
  kubeletExtraArgs: [{name: v, value: '4'}]
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.36.0
";

const BRIDGE: &[&str] = &[
    "bridge", "install", "--init", "runit", "--folder", "/opt/bin",
];
const START: &[&str] = &[
    "kubeadm",
    "kubelet-start",
    "--init",
    "supervisord",
    "--config",
    "/etc/kubeadm.yaml",
    "--timeout",
    "0s",
];

/// What changes; the rest is the program with its libraries.
const CHANGES: &[&str] = &["etc", "var", "opt/bin", "run"];

struct Jail(Scratch);

impl Jail {
    /// Nobody but root changes its root.
    fn new() -> Option<Self> {
        let tools = ["strace", "unshare", "chroot", "mount", "ldd", "dash"];
        if !tools.iter().all(|name| tool(name).is_some()) {
            return None;
        }
        if !is_root() {
            skipped("a root of its own needs root");
            return None;
        }
        let jail = Self(Scratch::in_memory());
        let dash = tool("dash")?;
        for folder in ["proc", "dev", "bin", "opt/bin"] {
            fs::create_dir_all(jail.at(folder)).unwrap();
        }
        fs::write(jail.at("dev/null"), "").unwrap();
        for (from, to) in [
            (Path::new(PROGRAM), "opt/kubelet-unit"),
            (dash.as_path(), "bin/sh"),
        ] {
            fs::copy(from, jail.at(to)).unwrap();
            let (_, out, _) = run(Command::new("ldd").arg(from));
            for library in out.split_whitespace().filter(|word| word.starts_with('/')) {
                let to = jail.at(library);
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::copy(library, to).unwrap();
            }
        }
        Some(jail)
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path.trim_start_matches('/'))
    }

    fn write(&self, path: &str, text: &str, mode: u32) {
        fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
        fs::write(self.at(path), text).unwrap();
        fs::set_permissions(self.at(path), Permissions::from_mode(mode)).unwrap();
    }

    /// As a scenario begins.
    fn prepare(&self, arguments: &[&str]) {
        for folder in CHANGES {
            let _ = fs::remove_dir_all(self.at(folder));
            fs::create_dir_all(self.at(folder)).unwrap();
        }
        if arguments == START {
            self.write("bin/supervisorctl", SUPERVISORCTL, 0o755);
            self.write("etc/kubeadm.yaml", CONFIGURATION, 0o644);
            self.write(
                "etc/supervisor/conf.d/kubelet.conf",
                "[program:kubelet]\n",
                0o644,
            );
            self.write("run/played", "started\n", 0o644);
            self.write(CONFIG, "kind: KubeletConfiguration\n", 0o600);
        }
    }

    /// Runs the program in it, by these words before it.
    fn run(&self, before: &[&str], arguments: &[&str]) -> (i32, String) {
        let script = "root=$1; shift; mount --bind /proc \"$root/proc\" || exit 99\n\
                      export PATH=/opt/bin:/bin; exec \"$@\"";
        let mut command = Command::new("unshare");
        command
            .args(["-m", "sh", "-c", script, "sh"])
            .arg(self.0.path());
        for word in before {
            command.arg(word);
        }
        command.arg(tool("chroot").unwrap()).arg(self.0.path());
        command.arg("/opt/kubelet-unit").args(arguments);
        let (code, out, err) = run(&mut command);
        (code, out + &err)
    }

    fn snapshot(&self) -> Snapshot {
        let counts = CHANGES.iter().filter(|folder| **folder != "run");
        let below = |folder: &&str| {
            let all = snapshot(&self.at(folder)).into_iter();
            let folder = (*folder).to_owned();
            all.map(move |(path, held)| (format!("{folder}/{path}"), held))
        };
        counts.flat_map(below).collect()
    }
}

#[test]
fn killed_on_the_machine_itself_it_finishes_when_run_again() {
    let Some(jail) = Jail::new() else {
        return;
    };
    let strace = tool("strace").unwrap();
    let strace = strace.to_str().unwrap();
    let mut number = 0;
    for arguments in [BRIDGE, START] {
        jail.prepare(arguments);
        let before = jail.snapshot();
        let log = jail.at("log");
        let trace = format!("trace={}", WRITING.join(","));
        let traced = [strace, "-qq", "-o", log.to_str().unwrap(), "-e", &trace];
        let (code, said) = jail.run(&traced, arguments);
        assert_eq!(code, 0, "{arguments:?}: {said}");
        let after = jail.snapshot();
        let points = points_of(&fs::read_to_string(&log).unwrap());
        assert!(points.len() > 10, "{arguments:?}: {points:?}");
        number += points.len();
        for (call, when) in points.into_iter().step_by(one_in()) {
            let about = format!("{}, killed at {call} {when}", arguments[..2].join(" "));
            jail.prepare(arguments);
            let inject = format!("inject={call}:signal=KILL:when={when}");
            let (code, _) = jail.run(
                &[strace, "-qq", "-o", "/dev/null", "-e", &inject],
                arguments,
            );
            assert_ne!(code, 0, "{about}");
            check_between(&jail.snapshot(), &before, &after, &about);
            let (code, said) = jail.run(&[], arguments);
            assert_eq!(code, 0, "{about}: {said}");
            assert_eq!(files(&jail.snapshot()), files(&after), "{about}");
            let left = jail.snapshot().into_keys().find(|path| path.ends_with('~'));
            assert_eq!(left, None, "{about}");
            if arguments == START {
                let state = fs::read_to_string(jail.at("run/played")).unwrap();
                assert_eq!(state, "started\n", "{about}");
            }
        }
    }
    eprintln!("killed at one in {} of {number} points", one_in());
}
