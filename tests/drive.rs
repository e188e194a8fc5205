//! `detect`, `service` and `bridge` on trees and command lines: whole outputs and
//! exit codes. What needs an init that runs is in the live suite.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use kubelet_unit::backends::Registry;

use crate::support::{Scratch, run};

/// What a command line gives, with `{root}` in the place of the scratch folder.
fn said(scratch: &Scratch, arguments: &[&str]) -> String {
    let root = scratch.path().to_str().unwrap();
    let arguments: Vec<String> = arguments
        .iter()
        .map(|word| word.replace("{root}", root))
        .collect();
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubelet-unit"));
    let (code, out, err) = run(command.args(&arguments));
    let line = arguments.join(" ");
    format!("$ kubelet-unit {line}\n{out}{err}[{code}]\n").replace(root, "{root}")
}

fn all(scratch: &Scratch, lines: &[&str]) -> String {
    lines
        .iter()
        .map(|line| said(scratch, &line.split(' ').collect::<Vec<_>>()))
        .collect()
}

fn file(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A Void that does not run, with a kubelet.
fn void() -> Scratch {
    let scratch = Scratch::new();
    let root = scratch.path();
    file(
        root,
        "etc/os-release",
        "ID=void\nPRETTY_NAME=\"Void Linux\"\n",
    );
    file(root, "etc/hostname", "Node-7\n");
    for program in ["runit-init", "runsvdir", "sv", "kubelet"] {
        file(root, &format!("usr/bin/{program}"), "");
    }
    fs::create_dir_all(root.join("sbin")).unwrap();
    symlink("/usr/bin/runit-init", root.join("sbin/init")).unwrap();
    file(root, "etc/sv/kubelet/run", "#!/bin/sh\n");
    fs::create_dir_all(root.join("etc/runit/runsvdir/default")).unwrap();
    scratch
}

#[test]
fn a_rootfs_is_detected() {
    let scratch = void();
    insta::assert_snapshot!(all(
        &scratch,
        &["detect --root {root}", "detect --root {root} --format json"]
    ));
}

#[test]
fn runtimes_are_shown_with_their_cgroup_drivers() {
    let scratch = void();
    let root = scratch.path();
    file(
        root,
        "etc/containerd/config.toml",
        "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc.options]\nSystemdCgroup = true\n",
    );
    file(root, "usr/bin/crio", "");
    file(root, "etc/docker/daemon.json", "{\"exec-opts\": 1}");
    insta::assert_snapshot!(all(
        &scratch,
        &["detect --root {root}", "detect --root {root} --format json"]
    ));
}

#[test]
fn a_service_is_enabled_in_a_rootfs() {
    let scratch = void();
    let told = all(
        &scratch,
        &[
            "service exists --root {root}",
            "service is-enabled --root {root}",
            "service enable --root {root} --dry-run",
            "service is-enabled --root {root}",
            "service enable --root {root}",
            "service enable --root {root}",
            "service is-enabled --root {root}",
            "service disable --root {root} --dry-run",
            "service disable --root {root}",
            "service is-enabled --root {root}",
            "service is-active --root {root}",
            "service enable --now --root {root}",
        ],
    );
    insta::assert_snapshot!(told);
}

#[test]
fn nothing_runs_in_a_rootfs() {
    let scratch = void();
    let lines = [
        "status",
        "logs",
        "start",
        "stop",
        "restart",
        "reload",
        "daemon-reload",
        "is-active",
    ]
    .map(|verb| format!("service {verb} containerd --root {{root}}"));
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    insta::assert_snapshot!(all(&scratch, &lines));
}

/// Which folder runit or s6 watches decides whether a service starts, and not whether
/// it is there.
#[test]
fn a_service_exists_without_the_init_that_watches_it() {
    let scratch = Scratch::new();
    let root = scratch.path();
    file(root, "etc/sv/kubelet/run", "#!/bin/sh\n");
    file(root, "etc/s6/sv/kubelet/run", "#!/bin/sh\n");
    let told = all(
        &scratch,
        &[
            "service exists --root {root} --init runit",
            "service exists containerd --root {root} --init runit",
            "service exists --root {root} --init s6",
            "service exists containerd --root {root} --init s6",
            "service is-enabled --root {root} --init runit",
            "service is-enabled containerd --root {root} --init runit",
            "service exists --root {root}",
        ],
    );
    insta::assert_snapshot!(told);
}

#[test]
fn the_link_in_a_rootfs_is_one_that_its_init_reads() {
    let scratch = void();
    all(&scratch, &["service enable --root {root}"]);
    let link = scratch.path().join("etc/runit/runsvdir/default/kubelet");
    assert_eq!(fs::read_link(link).unwrap(), Path::new("/etc/sv/kubelet"));
}

#[test]
fn bad_input_is_told() {
    let scratch = Scratch::new();
    let root = scratch.path();
    file(root, "full/usr/bin/runsvdir", "");
    file(root, "full/usr/bin/s6-svscan", "");
    file(root, "file", "");
    symlink("loop", root.join("loop")).unwrap();
    fs::create_dir_all(root.join("empty/etc")).unwrap();
    let told = all(
        &scratch,
        &[
            "detect --root {root}/no-such",
            "detect --root {root}/file",
            "detect --root {root}/loop",
            "detect --root {root}/empty",
            "detect --root {root}/empty --format json",
            "detect --root {root}/full",
            "service is-enabled --root {root}/full",
            "service is-enabled --root {root}/empty",
            "service is-enabled --root {root}/no-such",
            "service enable --root {root}/empty --init runit",
            "service enable no-such --root {root}/full --init s6 --scan-folder /run/service",
            "service enable no-such --root {root}/empty --init openrc",
            "service is-enabled no-such --root {root}/empty --init systemd",
            "service exists no-such --root {root}/empty --init supervisord",
            "service start ../kubelet",
            "service start kubelet --init runt",
            "service stop --timeout soon",
            "service",
            "bridge",
        ],
    );
    insta::assert_snapshot!(told);
}

/// Every link of these leads out, and none of them is followed out.
#[test]
fn links_that_leave_a_rootfs_lead_nowhere() {
    let outside = Scratch::new();
    let there = outside.path();
    file(there, "runsvdir/x", "");
    file(there, "init", "");
    file(there, "os-release", "ID=void\nPRETTY_NAME=secret\n");
    file(there, "run", "");
    let scratch = Scratch::new();
    let root = scratch.path();
    for folder in ["etc/runit", "etc/sv/kubelet", "sbin", "usr/bin"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    symlink(there.join("init"), root.join("sbin/init")).unwrap();
    symlink(there.join("os-release"), root.join("etc/os-release")).unwrap();
    symlink(there.join("run"), root.join("etc/sv/kubelet/run")).unwrap();
    symlink(there.join("runsvdir"), root.join("etc/runit/runsvdir")).unwrap();
    symlink(there, root.join("etc/service")).unwrap();
    let told = all(
        &scratch,
        &[
            "detect --root {root}",
            "service is-enabled --root {root} --init runit --scan-folder /etc/service",
            "service enable --root {root} --init runit --scan-folder /etc/service",
        ],
    );
    assert!(!told.contains("secret"));
    insta::assert_snapshot!(told);
    let names: Vec<_> = fs::read_dir(there)
        .unwrap()
        .map(|it| it.unwrap().file_name())
        .collect();
    assert_eq!(names.len(), 4, "{names:?}");
}

/// By OpenRC's names the program says what it is.
#[test]
fn a_person_who_calls_the_bridge_is_told() {
    let scratch = Scratch::new();
    let mut told = Vec::new();
    for (name, words) in [
        ("openrc", "default"),
        ("rc-service", "kubelet zap"),
        ("rc-service", "--exists kubelet"),
        ("rc-service", "../x stop"),
        ("rc-update", "--help"),
    ] {
        let link = scratch.path().join(name);
        if !link.exists() {
            symlink(env!("CARGO_BIN_EXE_kubelet-unit"), &link).unwrap();
        }
        let (code, out, err) = run(Command::new(&link).args(words.split(' ')));
        told.push(format!("$ {name} {words}\n{out}{err}[{code}]\n"));
    }
    insta::assert_snapshot!(told.concat());
}

/// `render` without `--init` takes what `detect` finds on this machine, or says why
/// it cannot.
#[test]
fn render_takes_the_init_that_is_detected() {
    let program = || Command::new(env!("CARGO_BIN_EXE_kubelet-unit"));
    let (_, found, _) = run(program().args(["detect", "--format", "json"]));
    let found: serde_json::Value = serde_json::from_str(&found).unwrap();
    let (code, out, err) = run(program().args(["render", "--format", "json"]));
    if let Some(init) = found["init"].as_str() {
        let rendered: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!((code, rendered["init"].as_str()), (0, Some(init)), "{err}");
        return;
    }
    assert_eq!((code, out.as_str()), (2, ""), "{err}");
    let (code, _, err) = run(program().arg("render"));
    assert_eq!(code, 2);
    assert!(err.starts_with("error: which init? "), "{err}");
    let registry = Registry::builtin();
    let inits = registry
        .iter()
        .map(|backend| format!("`{}`, ", backend.name()));
    let inits: String = inits.collect();
    let hint = format!("hint: add `--init` with one of {inits}`all`; see `kubelet-unit detect`\n");
    assert!(err.ends_with(&hint), "{err}");
}
