//! What is said where not everything could be looked at: files that may not be read, and
//! folders that are not a root file system.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::unistd::geteuid;

use crate::support::{Tree, run, skipped};

/// The user whom files without an owner belong to.
const NOBODY: u32 = 65534;

/// What somebody else than root is told; none where root cannot play him.
fn as_nobody(tree: &Tree, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubelet-unit"));
    command.args(arguments).arg("--root").arg(tree.at(""));
    command.uid(NOBODY).gid(NOBODY);
    if !geteuid().is_root() || command.output().is_err() {
        skipped("only root can run the program as a user who may not read a file");
        return None;
    }
    let (code, out, err) = run(&mut command);
    let root = tree.at("").display().to_string();
    let said = format!("$ {}\n{out}{err}exit {code}\n\n", arguments.join(" "));
    Some(said.replace(root.trim_end_matches('/'), "ROOT"))
}

fn close(tree: &Tree, path: &str, mode: u32) {
    fs::set_permissions(tree.at(path), PermissionsExt::from_mode(mode)).unwrap();
}

/// A node with a service, of which everybody may read everything.
fn node() -> Tree {
    let tree = Tree::new();
    tree.kubelet();
    let install = ["install", "--init", "runit", "--distro", "void"];
    assert_eq!(tree.run(&install).0, 0);
    close(&tree, "", 0o755);
    tree.write(
        "var/lib/kubelet/kubeadm-flags.env",
        "KUBELET_KUBEADM_ARGS=\"--v=2 --node-ip=10.0.0.7\"\n",
    );
    tree.write("var/lib/kubelet/config.yaml", "maxPods: 50\n");
    tree.write("etc/default/kubelet", "KUBELET_EXTRA_ARGS=--v=4\n");
    tree
}

#[test]
fn a_file_that_may_not_be_read_makes_the_answer_incomplete() {
    let commands = [
        &["explain"][..],
        &["explain", "v"],
        &["explain", "max-pods"],
        &["check"],
        &["check", "--for", "1.36"],
    ];
    let said: Option<String> = [
        ("etc/default/kubelet", 0o600),
        ("var/lib/kubelet/config.yaml", 0o600),
        ("var/lib/kubelet", 0o700),
        ("etc/sv/kubelet/run", 0o700),
        ("var/lib/kubelet-unit", 0o700),
    ]
    .into_iter()
    .map(|(path, mode)| {
        let tree = node();
        close(&tree, path, mode);
        let said = commands.iter().map(|it| as_nobody(&tree, it));
        Some(format!("# {path}\n{}", said.collect::<Option<String>>()?))
    })
    .collect();
    if let Some(said) = said {
        insta::assert_snapshot!(said);
    }
}

#[test]
fn what_is_detected_is_incomplete_where_a_folder_may_not_be_looked_into() {
    let tree = node();
    tree.write("etc/os-release", "ID=void\n");
    let open = as_nobody(&tree, &["detect"]);
    close(&tree, "etc", 0o700);
    if let (Some(open), Some(closed)) = (open, as_nobody(&tree, &["detect"])) {
        insta::assert_snapshot!(open + &closed);
    }
}

#[test]
fn a_folder_that_is_no_root_file_system_is_refused() {
    let tree = Tree::new();
    let look = [
        &["explain"][..],
        &["check"],
        &["diff", "--init", "runit"],
        &["detect"],
        &["service", "is-enabled", "--init", "runit"],
    ];
    let mut said: String = look.iter().map(|it| tree.said(it)).collect();
    // Below or above is what was meant.
    tree.write("rootfs/etc/os-release", "ID=alpine\n");
    said += &tree.said(&["explain"]);
    let program = env!("CARGO_BIN_EXE_kubelet-unit");
    let within = tree.at("rootfs/etc");
    let (code, out, err) = run(Command::new(program)
        .arg("explain")
        .arg("--root")
        .arg(within));
    let root = tree.at("").display().to_string();
    said += &format!("{out}{err}exit {code}\n").replace(root.trim_end_matches('/'), "ROOT");
    insta::assert_snapshot!(said);
    // An image or a package begins with an empty folder, and may end with one.
    let empty = Tree::new();
    let install = ["install", "--init", "openrc", "--distro", "alpine"];
    assert_eq!(empty.run(&install).0, 0);
    assert!(empty.at("etc/init.d/kubelet").exists());
    let (code, _, err) = Tree::new().run(&["uninstall"]);
    assert!(code == 1 && err.contains("not installed"), "{err}");
}

#[test]
fn a_tree_that_boots_another_init_is_told_of() {
    let tree = Tree::new();
    tree.kubelet();
    tree.write("usr/lib/systemd/systemd", "");
    fs::create_dir_all(tree.at("sbin")).unwrap();
    symlink("../usr/lib/systemd/systemd", tree.at("sbin/init")).unwrap();
    let warnings = |arguments: &[&str]| {
        let (_, _, err) = tree.run(arguments);
        let lines = err.lines().filter(|line| line.starts_with("warning: "));
        let lines: Vec<_> = lines.map(|line| format!("{line}\n")).collect();
        format!("$ {}\n{}", arguments.join(" "), lines.concat())
    };
    let said = [
        &["install", "--init", "runit", "--dry-run"][..],
        &["check", "--init", "openrc"],
        &["explain", "--init", "runit"],
        &["diff", "--init", "s6"],
        &["check", "--init", "systemd"],
        &["check", "--init", "supervisord"],
        &["explain"],
    ];
    let alpine = Tree::new();
    alpine.write("etc/inittab", "# lines\n::sysinit:/sbin/openrc sysinit\n");
    alpine.write("sbin/openrc", "");
    close(&alpine, "sbin/openrc", 0o755);
    let of_a_line = alpine.said(&["explain", "--init", "runit"]) + &alpine.said(&["detect"]);
    insta::assert_snapshot!(said.map(warnings).concat() + &of_a_line);
}

#[test]
fn where_links_may_not_be_looked_at_it_is_not_called_disabled() {
    let cases = [
        ("openrc", "alpine", "etc/runlevels"),
        ("runit", "void", "etc/runit/runsvdir/default"),
        (
            "systemd",
            "debian",
            "etc/systemd/system/multi-user.target.wants",
        ),
    ];
    let mut told = String::new();
    for (init, distro, folder) in cases {
        let tree = Tree::new();
        tree.kubelet();
        fs::create_dir_all(tree.at(folder)).unwrap();
        let install = ["install", "--init", init, "--distro", distro, "--enable"];
        assert_eq!(tree.run(&install).0, 0, "{init}");
        close(&tree, "", 0o755);
        close(&tree, folder, 0);
        let version = ["check", "--init", init, "--kubelet-version", "1.36"];
        for words in [
            &["service", "is-enabled", "--init", init][..],
            &["service", "exists", "--init", init],
            &version,
        ] {
            let Some(said) = as_nobody(&tree, words) else {
                return;
            };
            told.push_str(&said);
        }
    }
    insta::assert_snapshot!(told);
}

/// A refusal of the system is not systemd's, and a script that was not read does not lack
/// anything.
#[test]
fn what_may_not_be_read_is_blamed_on_nobody() {
    let tree = Tree::new();
    tree.kubelet();
    close(&tree, "", 0o755);
    let unit = "usr/lib/systemd/system/kubelet.service";
    let drop_in = "etc/systemd/system/kubelet.service.d/20.conf";
    tree.write(unit, "[Service]\nExecStart=/usr/bin/kubelet --v=2\n");
    tree.write(drop_in, "[Service]\nNice=2\n");
    tree.write(
        "etc/init.d/kubelet",
        "#!/sbin/openrc-run\ncommand=kubelet\n",
    );
    let mut told = String::new();
    for (path, commands) in [
        (
            drop_in,
            &[
                &["import", "kubelet"][..],
                &["explain", "--init", "systemd"],
            ][..],
        ),
        (
            unit,
            &[
                &["import", "kubelet"],
                &["service", "exists", "--init", "systemd"],
                &["service", "is-enabled", "--init", "systemd"],
            ],
        ),
        (
            "etc/init.d/kubelet",
            &[
                &["explain", "--init", "openrc"],
                &["explain", "--init", "sysvinit"],
            ],
        ),
    ] {
        close(&tree, path, 0);
        for words in commands {
            let Some(said) = as_nobody(&tree, words) else {
                return;
            };
            told.push_str(&said);
        }
        close(&tree, path, 0o644);
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_masked_unit_is_not_enabled() {
    let tree = Tree::new();
    tree.kubelet();
    let folder = tree.at("etc/systemd/system");
    fs::create_dir_all(&folder).unwrap();
    assert_eq!(tree.run(&["install", "--init", "systemd"]).0, 0);
    let mask = folder.join("kubelet.service");
    let ask = ["service", "is-enabled", "--init", "systemd"];
    fs::write(&mask, "").unwrap();
    let (code, out, _) = tree.run(&ask);
    assert_eq!((code, out.as_str()), (1, "disabled\n"));
    fs::remove_file(&mask).unwrap();
    symlink("/dev/null", &mask).unwrap();
    let (code, out, _) = tree.run(&ask);
    assert_eq!((code, out.as_str()), (1, "disabled\n"));
    let (code, _, err) = tree.run(&["service", "enable", "--init", "systemd"]);
    let root = tree.at("").display().to_string();
    assert_eq!(code, 1);
    insta::assert_snapshot!(err.replace(root.trim_end_matches('/'), "ROOT"));
}
