//! What provisions machines, in each of its formats. cloud-init and Ansible read it in
//! `tests/thorough/`.

mod contents;

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kubelet_unit::backends::BUILTIN;
use serde_json::Value;

use crate::support::{Scratch, run, snapshot};
use contents::{files, kubelet_unit, rendered, tree};

#[test]
fn user_data_has_the_files() {
    for init in BUILTIN.iter().map(|backend| backend.name()) {
        let text = rendered(&["--init", init, "--format", "cloud-init"]);
        assert!(text.starts_with("#cloud-config\n"));
        let data: Value = serde_yaml::from_str(&text).unwrap();
        let written = data["write_files"].as_array().unwrap().iter().map(|file| {
            assert_eq!(file["owner"], "root:root");
            let text = |key: &str| file[key].as_str().unwrap().to_owned();
            (text("path"), (text("permissions"), text("content")))
        });
        assert_eq!(written.collect::<BTreeMap<_, _>>(), files(init), "{init}");
        let commands = data["runcmd"].as_array().unwrap();
        assert!(!commands.is_empty(), "{init}");
    }
}

/// Ignition's specification 3.4.0 as far as it concerns us: no other keys, and
/// these types.
mod ignition {
    use serde::Deserialize;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Config {
        pub ignition: Ignition,
        #[serde(default)]
        pub storage: Storage,
        pub systemd: Systemd,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Ignition {
        pub version: String,
    }

    #[derive(Deserialize, Default)]
    #[serde(deny_unknown_fields)]
    pub struct Storage {
        pub files: Vec<File>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct File {
        pub path: String,
        pub mode: u32,
        pub overwrite: bool,
        pub contents: Contents,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Contents {
        pub source: String,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Systemd {
        pub units: Vec<Unit>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Unit {
        pub name: String,
        pub enabled: Option<bool>,
        pub contents: Option<String>,
        #[serde(default)]
        pub dropins: Vec<DropIn>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct DropIn {
        pub name: String,
        pub contents: String,
    }
}

#[test]
fn ignition_has_the_unit_its_drop_in_and_every_other_file() {
    let text = rendered(&["--init", "systemd", "--format", "ignition"]);
    let config: ignition::Config = serde_json::from_str(&text).unwrap();
    assert_eq!(config.ignition.version, "3.4.0");
    let mut found = BTreeMap::new();
    for unit in config.systemd.units {
        assert_eq!(unit.enabled, Some(true));
        let path = format!("/usr/lib/systemd/system/{}", unit.name);
        for drop_in in unit.dropins {
            let path = format!("{path}.d/{}", drop_in.name);
            found.insert(path, ("0644".to_owned(), drop_in.contents));
        }
        found.insert(path, ("0644".to_owned(), unit.contents.unwrap()));
    }
    for file in config.storage.files {
        assert!(file.overwrite);
        let encoded = file.contents.source.strip_prefix("data:;base64,").unwrap();
        let content = String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap();
        found.insert(file.path, (format!("{:04o}", file.mode), content));
    }
    assert_eq!(found, files("systemd"));
}

#[test]
fn formats_that_take_one_machine_say_so() {
    let said = [
        &["--init", "all", "--format", "cloud-init"][..],
        &["--init", "all", "--format", "ansible"],
        &["--init", "runit", "--format", "ignition"],
        &["--init", "runit", "--nodes", "none.yaml"],
        &["--init", "all", "--nodes", "none.yaml", "--format", "tar"],
        &["--init", "runit", "--nodes", "none.yaml", "--format", "tar"],
    ]
    .map(|arguments| {
        let (code, out, err) = run(kubelet_unit(&["render"]).args(arguments));
        assert_eq!(out, "");
        format!("{arguments:?} exits {code}\n{err}")
    });
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_fleet_unpacks_to_the_trees_that_are_written() {
    let scratch = Scratch::new();
    let nodes = "- name: a\n  init: openrc\n  distro: alpine\n  extraArgs: [--v=2]\n- name: b\n";
    fs::write(scratch.path().join("nodes.yaml"), nodes).unwrap();
    let inside = |arguments: &[&str]| {
        let mut command = kubelet_unit(&["render", "--init", "runit", "--nodes", "nodes.yaml"]);
        command.current_dir(scratch.path()).args(arguments);
        command
    };
    let (code, _, err) = run(&mut inside(&["--output", "trees"]));
    assert_eq!(code, 0, "{err}");
    let archive = inside(&["--format", "tar"]).output().unwrap().stdout;
    let again = inside(&["--format", "tar"]).output().unwrap().stdout;
    assert!(archive == again && !archive.is_empty());
    fs::write(scratch.path().join("fleet.tar"), archive).unwrap();
    fs::create_dir(scratch.path().join("unpacked")).unwrap();
    let mut tar = Command::new("tar");
    tar.current_dir(scratch.path())
        .args(["-xpf", "fleet.tar", "-C", "unpacked"]);
    assert_eq!(run(&mut tar).0, 0);
    let trees = tree(&scratch.path().join("trees"));
    assert_eq!(trees, tree(&scratch.path().join("unpacked")));
    assert!(trees.contains_key("/a/etc/conf.d/kubelet.env"));
    assert!(trees.contains_key("/b/etc/sv/kubelet/run"));
}

#[test]
fn a_node_without_an_init_asks_for_the_option() {
    let scratch = Scratch::new();
    fs::write(scratch.path().join("nodes.yaml"), "- name: a\n").unwrap();
    let arguments = ["render", "--nodes", "nodes.yaml", "--output", "trees"];
    let (code, out, err) = run(kubelet_unit(&arguments).current_dir(scratch.path()));
    assert_eq!((code, out.as_str()), (1, ""));
    assert_eq!(
        err,
        "error: nodes.yaml:1: node `a`: it has no `init`, and no `--init` was given for all nodes\n\n\
         hint: `--init` sets it for every node that names none\n\n\
         hint: nothing was written\n"
    );
}

#[test]
fn one_bad_node_stops_a_fleet_before_anything_is_written() {
    let scratch = Scratch::new();
    let nodes = "- name: a\n- name: b\n  distro: alpne\n- name: a\n- name: c\n  init: opnrc\n";
    fs::write(scratch.path().join("nodes.yaml"), nodes).unwrap();
    let arguments = [
        "render",
        "--init",
        "runit",
        "--nodes",
        "nodes.yaml",
        "--output",
        "trees",
    ];
    let (code, out, err) = run(kubelet_unit(&arguments).current_dir(scratch.path()));
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(!scratch.path().join("trees").exists());
    insta::assert_snapshot!(err);
}

#[test]
fn no_umask_takes_anything_from_what_is_written() {
    let written = |umask: &str, arguments: &str| {
        let scratch = Scratch::new();
        let nodes = "- name: a\n  extraArgs: [--v=2]\n";
        fs::write(scratch.path().join("nodes.yaml"), nodes).unwrap();
        fs::create_dir(scratch.path().join("tree")).unwrap();
        let program = env!("CARGO_BIN_EXE_kubelet-unit");
        let script = format!("umask {umask}; exec {program} {arguments} --init openrc");
        let mut command = Command::new("sh");
        let (code, _, err) = run(command.args(["-c", &script]).current_dir(scratch.path()));
        assert_eq!(code, 0, "{err}");
        snapshot(&scratch.path().join("tree"))
    };
    for arguments in [
        "render --nodes nodes.yaml --output tree",
        "render --output tree",
        "install --root tree",
    ] {
        let usual = written("022", arguments);
        assert!(usual.len() > 5, "{usual:?}");
        assert_eq!(written("077", arguments), usual, "{arguments}");
        assert_eq!(written("000", arguments), usual, "{arguments}");
    }
}
