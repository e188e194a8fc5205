//! Whose the files are that are replaced: a whole new file takes the place of the old
//! one, and is as much the same to everybody as who writes it can make it.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::PathBuf;
use std::process::Command;

use crate::support::{Scratch, is_root, run, tool};

const PROGRAM: &str = env!("CARGO_BIN_EXE_kubelet-unit");
const CONFIG: &str = "var/lib/kubelet/config.yaml";
const UPGRADE: [&str; 7] = [
    "install",
    "--init",
    "openrc",
    "--distro",
    "alpine",
    "--log-folder",
    "/var/log/other",
];
/// Who is neither root nor in a group of root's.
const NOBODY: u32 = 65534;

/// A tree.
struct Bed(Scratch);

impl Bed {
    /// None where files cannot be given to others.
    fn new() -> Option<Self> {
        is_root().then(|| Self(Scratch::new()))
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn give(&self, path: &str, (mode, uid, gid): (u32, u32, u32)) {
        chown(self.at(path), Some(uid), Some(gid)).unwrap();
        fs::set_permissions(self.at(path), Permissions::from_mode(mode)).unwrap();
    }

    fn whose(&self, path: &str) -> (u32, u32, u32) {
        let status = fs::symlink_metadata(self.at(path)).unwrap();
        (status.mode() & 0o7777, status.uid(), status.gid())
    }

    fn run(&self, command: &mut Command, arguments: &[&str]) {
        command.args(arguments).arg("--root").arg(self.0.path());
        let (code, out, err) = run(command);
        assert_eq!(code, 0, "{out}{err}");
    }

    /// Has a file of kubeadm's replaced, and says whose it is then.
    fn replace(&self, command: &mut Command, before: (u32, u32, u32)) -> (u32, u32, u32) {
        let kubeadm = self.at("kubeadm.yaml");
        let text = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n";
        fs::write(&kubeadm, text).unwrap();
        let folder = self.at("var/lib/kubelet");
        fs::create_dir_all(&folder).unwrap();
        chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
        fs::write(self.at(CONFIG), "old\n").unwrap();
        self.give(CONFIG, before);
        let kubeadm = kubeadm.to_str().unwrap();
        self.run(
            command,
            &[
                "kubeadm",
                "config",
                "--init",
                "openrc",
                "--hostname",
                "node",
                "--config",
                kubeadm,
            ],
        );
        assert_ne!(fs::read_to_string(self.at(CONFIG)).unwrap(), "old\n");
        self.whose(CONFIG)
    }
}

#[test]
fn a_file_of_kubeadms_stays_its_owners() {
    let Some(bed) = Bed::new() else { return };
    let before = (0o640, 12, 34);
    assert_eq!(bed.replace(&mut Command::new(PROGRAM), before), before);
}

/// Then nobody can do more with it than before.
#[test]
fn who_may_not_give_a_file_away_keeps_it() {
    let Some(bed) = Bed::new() else { return };
    if tool("setpriv").is_none() {
        return;
    }
    let program = bed.at("program");
    fs::copy(PROGRAM, &program).unwrap();
    let as_nobody = |groups: &str| {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", groups]);
        command.arg(&program);
        command
    };
    for (groups, before, after) in [
        (
            "--clear-groups",
            (0o644, NOBODY, NOBODY),
            (0o644, NOBODY, NOBODY),
        ),
        ("--clear-groups", (0o644, 0, 0), (0o644, NOBODY, NOBODY)),
        ("--clear-groups", (0o6764, 0, 0), (0o744, NOBODY, NOBODY)),
        ("--groups=34", (0o640, NOBODY, 34), (0o640, NOBODY, 34)),
        ("--groups=34", (0o2664, 12, 34), (0o664, NOBODY, 34)),
    ] {
        assert_eq!(
            bed.replace(&mut as_nobody(groups), before),
            after,
            "{groups} {before:?}"
        );
    }
}

#[test]
fn configuration_stays_its_owners_and_a_program_is_ours() {
    let Some(bed) = Bed::new() else { return };
    let installed = &UPGRADE[..5];
    bed.run(&mut Command::new(PROGRAM), installed);
    let (conf, script) = ("etc/logrotate.d/kubelet", "etc/init.d/kubelet");
    bed.give(conf, (0o600, 12, 34));
    bed.give(script, (0o700, 12, 34));
    let before = fs::read_to_string(bed.at(conf)).unwrap();
    bed.run(&mut Command::new(PROGRAM), &UPGRADE);
    assert_ne!(fs::read_to_string(bed.at(conf)).unwrap(), before);
    assert_eq!(bed.whose(conf), (0o600, 12, 34));
    // Root runs it.
    assert_eq!(bed.whose(script), (0o755, 0, 0));
}

#[test]
fn a_service_that_is_disabled_and_enabled_stays_its_owners() {
    let Some(bed) = Bed::new() else { return };
    let init = ["--init", "supervisord"];
    bed.run(
        &mut Command::new(PROGRAM),
        &[&["install"], &init[..]].concat(),
    );
    let conf = "etc/supervisor/conf.d/kubelet.conf";
    bed.give(conf, (0o640, 12, 34));
    for verb in ["disable", "enable"] {
        let mut command = Command::new(PROGRAM);
        bed.run(&mut command, &[&["service", verb], &init[..]].concat());
    }
    assert_eq!(bed.whose(conf), (0o640, 12, 34));
}
