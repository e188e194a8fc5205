//! `kubelet-unit kubeadm` that writes into place: whole outputs, and what is in the tree afterwards.

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;

use crate::support::{Scratch, run, snapshot, walk};

const INIT: &str = "apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
nodeRegistration:
  name: node-a
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.36.0
networking:
  serviceSubnet: 10.95.0.0/16
";

/// A scratch folder with the kubeadm configuration beside an empty rootfs.
fn scratch(config: &str) -> Scratch {
    let scratch = Scratch::new();
    fs::create_dir(scratch.path().join("rootfs")).unwrap();
    fs::write(scratch.path().join("kubeadm.yaml"), config).unwrap();
    scratch
}

/// What a command line gives, with `{at}` for the scratch folder.
fn said(scratch: &Scratch, line: &str) -> String {
    let at = scratch.path().to_str().unwrap();
    let words = line.replace("{at}", at);
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubelet-unit"));
    let (code, out, err) = run(command.arg("kubeadm").args(words.split(' ')));
    format!("$ kubelet-unit kubeadm {line}\n{out}---\n{err}[{code}]\n\n").replace(at, "{at}")
}

/// The same for one on a rootfs of which only this is known.
fn on_rootfs(scratch: &Scratch, line: &str) -> String {
    const HOST: &str =
        "--root {at}/rootfs --hostname node1 --init openrc --config {at}/kubeadm.yaml";
    said(scratch, &format!("{line} {HOST}"))
}

/// Every file and link below a folder, with its bits and its content.
fn tree(folder: &Path) -> String {
    let line = |(name, (mode, holds)): (String, (u32, String))| match &*holds {
        "folder" => format!("{name}/ {mode:o}\n"),
        link if link.starts_with("-> ") => format!("{name} {link}\n"),
        text => format!("{name} {mode:o}\n{}", indented(text)),
    };
    let mut lines: Vec<_> = snapshot(folder).into_iter().map(line).collect();
    lines.sort();
    lines.concat()
}

fn indented(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(|line| format!("    {line}\n")).collect();
    lines.concat()
}

#[test]
fn a_rootfs_gets_its_files_once() {
    let scratch = scratch(INIT);
    let mut told = String::new();
    for line in [
        "flags",
        "config",
        "config",
        "config --instance",
        "flags --format json",
    ] {
        told += &on_rootfs(&scratch, line);
    }
    told += &tree(&scratch.path().join("rootfs"));
    assert_snapshot!(told);
}

#[test]
fn a_dry_run_shows_what_would_change() {
    let scratch = scratch(INIT);
    let mut told = on_rootfs(&scratch, "flags --dry-run");
    assert_eq!(tree(&scratch.path().join("rootfs")), "");
    on_rootfs(&scratch, "config");
    let before = tree(&scratch.path().join("rootfs"));
    let changed = INIT.replace("10.95.0.0/16", "10.7.0.0/16");
    fs::write(scratch.path().join("kubeadm.yaml"), changed).unwrap();
    told += &on_rootfs(&scratch, "config --dry-run");
    told += &on_rootfs(&scratch, "config --dry-run --format json");
    told += &on_rootfs(&scratch, "flags --print");
    assert_eq!(tree(&scratch.path().join("rootfs")), before);
    assert_snapshot!(told);
}

#[test]
fn bad_input_changes_nothing() {
    let scratch = scratch(&INIT.replace("10.95.0.0/16", "10.95.0.0/33"));
    let rootfs = scratch.path().join("rootfs");
    let mut told = on_rootfs(&scratch, "config");
    told += &on_rootfs(&scratch, "config --print --write");
    told += &on_rootfs(&scratch, "config --print --dry-run");
    told += &said(&scratch, "flags --from - --for 1.36 --root {at}/rootfs");
    told += &said(&scratch, "flags --root {at}/none --init s6");
    told += &said(&scratch, "flags --root {at}/rootfs --init s6");
    assert_eq!(tree(&rootfs), "");
    // What stands in the way is refused before the first file is written.
    fs::write(scratch.path().join("kubeadm.yaml"), INIT).unwrap();
    fs::create_dir_all(rootfs.join("var/lib/kubelet/config.yaml")).unwrap();
    let before = tree(&rootfs);
    told += &on_rootfs(&scratch, "config");
    assert_eq!(tree(&rootfs), before);
    fs::remove_dir_all(rootfs.join("var/lib/kubelet")).unwrap();
    fs::write(rootfs.join("var/lib/kubelet"), "").unwrap();
    told += &on_rootfs(&scratch, "config");
    assert_snapshot!(told);
}

#[test]
fn links_do_not_lead_out_of_a_rootfs() {
    let scratch = scratch(INIT);
    let (rootfs, outside) = (
        scratch.path().join("rootfs"),
        scratch.path().join("outside"),
    );
    fs::create_dir_all(rootfs.join("var/lib")).unwrap();
    fs::create_dir(&outside).unwrap();
    symlink(&outside, rootfs.join("var/lib/kubelet")).unwrap();
    let mut told = on_rootfs(&scratch, "flags");
    fs::remove_file(rootfs.join("var/lib/kubelet")).unwrap();
    fs::create_dir(rootfs.join("var/lib/kubelet")).unwrap();
    // A file that is a link is replaced by a file of its own.
    fs::write(outside.join("flags"), "outside\n").unwrap();
    let place = rootfs.join("var/lib/kubelet/kubeadm-flags.env");
    symlink(outside.join("flags"), &place).unwrap();
    told += &on_rootfs(&scratch, "flags");
    assert!(place.symlink_metadata().unwrap().is_file());
    // Links that stay inside are followed as the system of that tree will.
    fs::rename(rootfs.join("var/lib"), rootfs.join("state")).unwrap();
    symlink("/state", rootfs.join("var/lib")).unwrap();
    told += &on_rootfs(&scratch, "flags");
    assert_eq!(tree(&outside), "flags 644\n    outside\n");
    assert_snapshot!(told);
}

#[test]
fn patches_are_applied_as_kubeadm_applies_them() {
    let scratch = scratch(INIT);
    let folder = scratch.path().join("patches");
    fs::create_dir_all(folder.join("folder+merge.yaml")).unwrap();
    for (name, text) in [
        (
            "kubeletconfiguration0+merge.yaml",
            "maxPods: 42\nclusterDomain: null\n",
        ),
        (
            "kubeletconfiguration1+json.json",
            r#"[{"op":"replace","path":"/maxPods","value":43}]"#,
        ),
        ("etcd.yaml", "spec: {}\n"),
    ] {
        fs::write(folder.join(name), text).unwrap();
    }
    let mut told = on_rootfs(&scratch, "config --print --patches {at}/patches");
    // The configuration names a folder of the tree.
    let named = INIT.replace("---\n", "patches: {directory: /etc/patches}\n---\n");
    fs::write(scratch.path().join("kubeadm.yaml"), named).unwrap();
    told += &on_rootfs(&scratch, "config --print");
    fs::create_dir_all(scratch.path().join("rootfs/etc")).unwrap();
    fs::rename(&folder, scratch.path().join("rootfs/etc/patches")).unwrap();
    let named = on_rootfs(&scratch, "config --print");
    assert_eq!(named.lines().skip(1).collect::<Vec<_>>(), first(&told));
    told += &on_rootfs(&scratch, "config --print --kubeadm-version 1.24");
    fs::write(
        scratch
            .path()
            .join("rootfs/etc/patches/kubeletconfiguration2+json.json"),
        r#"[{"op":"remove","path":"/none"}]"#,
    )
    .unwrap();
    told += &on_rootfs(&scratch, "config");
    assert_snapshot!(told);
}

#[test]
fn another_driver_of_the_runtime_is_told() {
    let scratch = scratch(INIT);
    let etc = scratch.path().join("rootfs/etc");
    fs::create_dir_all(etc.join("containerd")).unwrap();
    fs::write(
        etc.join("containerd/config.toml"),
        "version = 3\n[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]\nSystemdCgroup = true\n",
    )
    .unwrap();
    fs::create_dir_all(etc.join("crio")).unwrap();
    let warned = |line: &str| {
        let told = on_rootfs(&scratch, line);
        let notes = told.lines().filter(|it| it.contains("`cgroupDriver` is `"));
        notes.map(str::to_owned).collect::<Vec<_>>()
    };
    let containerd = "warning: `cgroupDriver` is `cgroupfs`, and that of containerd `systemd`, says `/etc/containerd/config.toml`; a kubelet that does not ask its runtime needs the same";
    assert_eq!(warned("config --print"), [containerd]);
    // kubeadm 1.20 writes none on init.
    let old = "config --print --kubeadm-version 1.20 --cri-socket /run/containerd/containerd.sock";
    let unset = containerd.replace("`cgroupfs`,", "`cgroupfs` where nothing is written,");
    assert_eq!(warned(old), [unset]);
    assert_eq!(warned("config --print --as-kubeadm"), [""; 0]);
    assert_eq!(warned("flags --print"), [""; 0]);
    // Only the runtime that the kubelet talks to counts.
    let crio = "config --print --cri-socket unix:///var/run/crio/crio.sock";
    assert_eq!(warned(crio), [""; 0]);
    fs::write(etc.join("crio/crio.conf"), "").unwrap();
    let default = "warning: `cgroupDriver` is `cgroupfs`, and that of crio `systemd`, its default; a kubelet that does not ask its runtime needs the same";
    assert_eq!(warned(crio), [default]);
    assert_eq!(
        warned("config --print --cri-socket unix:///run/other.sock"),
        [""; 0]
    );
}

/// A node is repaired in place: its own file and its own configuration count, and what was there is kept.
#[test]
fn a_node_s_own_file_is_rewritten_in_place() {
    let scratch = scratch(INIT);
    let kubelet = scratch.path().join("rootfs/var/lib/kubelet");
    fs::create_dir_all(&kubelet).unwrap();
    let flags = kubelet.join("kubeadm-flags.env");
    let old = "KUBELET_KUBEADM_ARGS=\"--container-runtime-endpoint=unix:///run/containerd/containerd.sock --pod-infra-container-image=registry.k8s.io/pause:3.9 --node-ip=10.0.0.7\"\n";
    fs::write(&flags, old).unwrap();
    fs::set_permissions(&flags, fs::Permissions::from_mode(0o600)).unwrap();
    let mut all = said(&scratch, "flags --for 1.35 --root {at}/rootfs --print");
    all += &said(&scratch, "flags --for 1.35 --root {at}/rootfs --dry-run");
    assert_eq!(fs::read_to_string(&flags).unwrap(), old);
    let config = kubelet.join("config.yaml");
    fs::write(
        &config,
        "containerRuntimeEndpoint: unix:///run/containerd/containerd.sock\n",
    )
    .unwrap();
    all += &said(&scratch, "flags --for 1.35 --root {at}/rootfs");
    all += &tree(&scratch.path().join("rootfs"));
    all += &said(
        &scratch,
        "flags --for 1.35 --root {at}/rootfs --format json",
    );
    fs::write(&flags, "").unwrap();
    all += &said(&scratch, "flags --for 1.35 --root {at}/rootfs");
    fs::remove_file(&flags).unwrap();
    all += &said(&scratch, "flags --for 1.35 --root {at}/rootfs");
    assert_snapshot!(all);
}

/// What an earlier run has kept is never written over.
#[test]
fn each_file_that_is_rewritten_is_kept() {
    let scratch = scratch(INIT);
    let kubelet = scratch.path().join("rootfs/var/lib/kubelet");
    fs::create_dir_all(&kubelet).unwrap();
    let flags = kubelet.join("kubeadm-flags.env");
    let texts = [
        "KUBELET_KUBEADM_ARGS=\"--pod-infra-container-image=registry.k8s.io/pause:3.9 --v=1\"\n",
        "KUBELET_KUBEADM_ARGS=\"--pod-infra-container-image=registry.k8s.io/pause:3.9 --v=2\"\n",
    ];
    let mut all = String::new();
    for text in texts {
        fs::write(&flags, text).unwrap();
        all += &said(&scratch, "flags --for 1.35 --root {at}/rootfs");
    }
    for path in walk(&kubelet) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        write!(all, "{name}: {}", fs::read_to_string(&path).unwrap()).unwrap();
    }
    assert_snapshot!(all);
}

/// The lines of the first answer, without its command line.
fn first(told: &str) -> Vec<&str> {
    let first = told.split("\n\n").next().unwrap();
    first.lines().skip(1).chain([""]).collect()
}
