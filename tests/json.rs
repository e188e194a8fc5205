//! `--format json` of every command: keys are spelt as Kubernetes spells them, and
//! words for programs in one way.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use kubelet_unit::backends::Registry;
use kubelet_unit::cli::command;
use serde_json::Value;

use crate::support::{Scratch, Tree, repository, run};

/// Command lines that have all there is to say; `{root}` is a [`tree`]. Their order
/// counts: some install what later ones look at.
const LINES: &[&str] = &[
    "render --init all",
    "render --init openrc",
    "list",
    "import /unit.service --root {root}",
    "packages --init runit",
    "detect --root {root}",
    "explain --root {root} --distro void --kubelet-version 1.35",
    "explain v --root {root} --distro void",
    "check --root {root} --init runit --distro void",
    "install --root {root} --init openrc --distro alpine --dry-run",
    "install --root {root} --init openrc --distro alpine --enable",
    "check --root {root}",
    "uninstall --root {root} --dry-run",
    "uninstall --root {root}",
    "kubeadm flags --root {root} --init openrc --config {root}/kubeadm.yaml --print",
    "kubeadm flags --from {root}/var/lib/kubelet/kubeadm-flags.env --for 1.36",
    "kubeadm config --root {root} --init openrc --config {root}/kubeadm.yaml --dry-run",
    "kubeadm configmap --root {root} --init openrc --config {root}/kubeadm.yaml",
    "kubeadm discovery --config {root}/join.yaml --ca {root}/ca.crt",
    "kubeadm kubelet-start --init supervisord --config {root}/kubeadm.yaml --dry-run",
    "service status --init supervisord",
    "service is-active --init supervisord",
    "service exists --init supervisord",
    "service start --init supervisord --dry-run",
    "service stop --init supervisord --dry-run",
    "service restart --init supervisord --dry-run",
    "service daemon-reload --init supervisord --dry-run",
    "service reload --init systemd --dry-run",
    "service logs --init systemd --dry-run",
    "service enable --init runit --root {root} --dry-run",
    "service disable --init runit --root {root} --dry-run",
    "service is-enabled --init runit --root {root}",
    "diff --root {root} --init s6 --distro generic",
    "bridge install --root {root} --init runit --dry-run",
    "bridge install --root {root} --init runit",
    "bridge status --root {root}",
    "bridge remove --root {root}",
];

/// Keys whose values are words of ours.
const WORDS: &[&str] = &[
    "action",
    "because",
    "enabled",
    "kind",
    "level",
    "listening",
    "outcome",
    "role",
    "rule",
    "severity",
    "state",
];

/// A tree with a service of the distribution's, env files with something wrong on
/// every other line, configuration of somebody's, and a supervisorctl that says what
/// one does.
fn tree() -> Tree {
    let programs = [
        (
            "bin/supervisorctl",
            "#!/bin/sh\necho kubelet RUNNING pid 42, uptime 0:00:03\n",
        ),
        ("usr/bin/kubelet", ""),
        ("usr/bin/kubelet-unit", ""),
        ("usr/bin/runsvdir", ""),
        ("etc/sv/kubelet/run", "#!/bin/sh\nexec kubelet\n"),
    ];
    let files = [
        (
            "etc/os-release",
            "ID=void\nVERSION_ID=1\nPRETTY_NAME=Void\n",
        ),
        ("etc/hostname", "node-7\n"),
        (
            "unit.service",
            "[Unit]\nAfter=a.service\n[Service]\nExecStart=\nExecStart=/a\nPrivateTmp=yes\nUnknown=1\n",
        ),
        ("etc/conf.d/kubelet", "mine\n"),
        ("etc/containerd/config.toml", "version = 2\n"),
        (
            "etc/runit/runsvdir/default/kubelet/run",
            "#!/bin/sh\nexec kubelet\n",
        ),
        (
            "var/lib/kubelet/kubeadm-flags.env",
            "KUBELET_KUBEADM_ARGS=\"--v=2 --container-runtime=remote --pod-infra-container-image=pause\"\n",
        ),
        (
            "etc/default/kubelet",
            "export KUBELET_EXTRA_ARGS=--v=3\nKUBELET_EXTRA_ARGS=--v=4\nKUBELET_EXTRA_ARGS=\"--v=5 b\"\nA=--v=6\n",
        ),
        (
            "kubeadm.yaml",
            "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: v1.34.0\n",
        ),
    ];
    let tree = Tree::of(&[&programs[..], &files].concat());
    let discovery = repository().join("fixtures/discovery");
    fs::copy(discovery.join("ca.crt"), tree.at("ca.crt")).unwrap();
    fs::copy(discovery.join("join/token.yaml"), tree.at("join.yaml")).unwrap();
    for (path, _) in programs {
        tree.mode(path, 0o755);
    }
    tree
}

/// The commands below one that have `--format json`, as they are typed.
fn with_json(command: &clap::Command, typed: &str) -> BTreeSet<String> {
    let formats = command
        .get_arguments()
        .filter(|argument| argument.get_long() == Some("format"))
        .flat_map(clap::Arg::get_possible_values);
    let own = formats.filter(|value| value.get_name() == "json");
    let mut all: BTreeSet<_> = own.map(|_| typed.to_owned()).collect();
    for below in command.get_subcommands() {
        let typed = format!("{typed} {}", below.get_name());
        all.extend(with_json(below, typed.trim_start()));
    }
    all
}

/// What is misspelt in a document: each key and word that is not as it should be.
fn misspelt(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                if !is(key, |byte| byte.is_ascii_alphanumeric()) {
                    found.insert(format!("the key {key}"));
                }
                let word = value.as_str().filter(|_| WORDS.contains(&key.as_str()));
                let kebab = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
                if let Some(word) = word.filter(|word| !is(word, kebab)) {
                    found.insert(format!("the {key} {word}"));
                }
                misspelt(value, found);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| misspelt(value, found)),
        _ => {}
    }
}

fn is(text: &str, others: impl Fn(u8) -> bool) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase()) && text.bytes().all(others)
}

#[test]
fn every_command_spells_its_json_alike() {
    let tree = tree();
    let root = tree.path().to_str().unwrap();
    let path = format!("{root}/bin:{}", std::env::var("PATH").unwrap());
    let mut wrong = Vec::new();
    for line in LINES {
        let line = line.replace("{root}", root);
        let mut command = Command::new(env!("CARGO_BIN_EXE_kubelet-unit"));
        command.args(line.split(' ')).args(["--format", "json"]);
        let (_, out, err) = run(command.env("PATH", &path));
        let json = serde_json::from_str(&out);
        let json: Value = json.unwrap_or_else(|error| panic!("{line}: {error}\n{out}{err}"));
        let mut found = BTreeSet::new();
        misspelt(&json, &mut found);
        wrong.extend(found.iter().map(|what| format!("{line}: {what}")));
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn every_command_with_json_is_among_them() {
    let all = with_json(&command(&Registry::builtin()), "");
    let missing = all.iter().filter(|typed| {
        let mut lines = LINES.iter();
        !lines.any(|line| line.starts_with(&format!("{typed} ")) || line == typed)
    });
    assert_eq!(missing.collect::<Vec<_>>(), [""; 0]);
}

/// Errors are for programs too, where the answer would be.
#[test]
fn errors_are_one_object_on_standard_error() {
    let scratch = Scratch::new();
    let spec = scratch.path().join("bad.yaml");
    std::fs::write(&spec, "name: a\nprogram: b\n").unwrap();
    let spec = spec.to_str().unwrap();
    let said: String = [
        format!("render --init openrc --spec {spec} --format json"),
        "render --init opnrc --format json".into(),
        "service status no-such --init runit --root / --format=json".into(),
        "check --format json --root /no/such/tree".into(),
        "list --format json --no-such-option".into(),
    ]
    .iter()
    .map(|line| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_kubelet-unit"));
        let (code, out, err) = run(command.args(line.split(' ')));
        for line in err.lines() {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(value["code"], code, "{line}");
        }
        format!("$ {line}\n{out}{err}\n").replace(scratch.path().to_str().unwrap(), "BED")
    })
    .collect();
    insta::assert_snapshot!(said);
}
