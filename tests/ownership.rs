//! Whose the files are that are replaced: a whole new file takes the place of the old
//! one, and is as much the same to everybody as who writes it can make it.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::process::Command;

use crate::support::{Tree, is_root, run, tool};

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

/// A tree; none where files cannot be given to others.
fn node() -> Option<Tree> {
    is_root().then(Tree::new)
}

fn give(tree: &Tree, path: &str, (mode, uid, gid): (u32, u32, u32)) {
    chown(tree.at(path), Some(uid), Some(gid)).unwrap();
    fs::set_permissions(tree.at(path), Permissions::from_mode(mode)).unwrap();
}

fn whose(tree: &Tree, path: &str) -> (u32, u32, u32) {
    let status = fs::symlink_metadata(tree.at(path)).unwrap();
    (status.mode() & 0o7777, status.uid(), status.gid())
}

fn call(tree: &Tree, command: &mut Command, arguments: &[&str]) {
    command.args(arguments).arg("--root").arg(tree.path());
    let (code, out, err) = run(command);
    assert_eq!(code, 0, "{out}{err}");
}

/// Has a file of kubeadm's replaced, and says whose it is then.
fn replace(tree: &Tree, command: &mut Command, before: (u32, u32, u32)) -> (u32, u32, u32) {
    let kubeadm = tree.at("kubeadm.yaml");
    let text = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n";
    fs::write(&kubeadm, text).unwrap();
    let folder = tree.at("var/lib/kubelet");
    fs::create_dir_all(&folder).unwrap();
    chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
    fs::write(tree.at(CONFIG), "old\n").unwrap();
    give(tree, CONFIG, before);
    let kubeadm = kubeadm.to_str().unwrap();
    call(
        tree,
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
    assert_ne!(fs::read_to_string(tree.at(CONFIG)).unwrap(), "old\n");
    whose(tree, CONFIG)
}

#[test]
fn a_file_of_kubeadms_stays_its_owners() {
    let Some(tree) = node() else { return };
    let before = (0o640, 12, 34);
    assert_eq!(replace(&tree, &mut Command::new(PROGRAM), before), before);
}

/// Then nobody can do more with it than before.
#[test]
fn who_may_not_give_a_file_away_keeps_it() {
    let Some(tree) = node() else { return };
    if tool("setpriv").is_none() {
        return;
    }
    let program = tree.at("program");
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
            replace(&tree, &mut as_nobody(groups), before),
            after,
            "{groups} {before:?}"
        );
    }
}

#[test]
fn configuration_stays_its_owners_and_a_program_is_ours() {
    let Some(tree) = node() else { return };
    let installed = &UPGRADE[..5];
    call(&tree, &mut Command::new(PROGRAM), installed);
    let (conf, script) = ("etc/logrotate.d/kubelet", "etc/init.d/kubelet");
    give(&tree, conf, (0o600, 12, 34));
    give(&tree, script, (0o700, 12, 34));
    let before = fs::read_to_string(tree.at(conf)).unwrap();
    call(&tree, &mut Command::new(PROGRAM), &UPGRADE);
    assert_ne!(fs::read_to_string(tree.at(conf)).unwrap(), before);
    assert_eq!(whose(&tree, conf), (0o600, 12, 34));
    // Root runs it.
    assert_eq!(whose(&tree, script), (0o755, 0, 0));
}

#[test]
fn a_service_that_is_disabled_and_enabled_stays_its_owners() {
    let Some(tree) = node() else { return };
    let init = ["--init", "supervisord"];
    call(
        &tree,
        &mut Command::new(PROGRAM),
        &[&["install"], &init[..]].concat(),
    );
    let conf = "etc/supervisor/conf.d/kubelet.conf";
    give(&tree, conf, (0o640, 12, 34));
    for verb in ["disable", "enable"] {
        let mut command = Command::new(PROGRAM);
        call(
            &tree,
            &mut command,
            &[&["service", verb], &init[..]].concat(),
        );
    }
    assert_eq!(whose(&tree, conf), (0o640, 12, 34));
}
