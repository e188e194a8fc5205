//! The examples of README's "Images, layers and fleets", run as they are printed
//! and read by those who they are for.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{Scratch, is_root, repository, run, tool};

const PROGRAM: &str = env!("CARGO_BIN_EXE_kubelet-unit");

/// The text of that section.
fn section() -> String {
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let (_, rest) = readme
        .split_once("\n## Images, layers and fleets\n")
        .unwrap();
    rest.split("\n## ").next().unwrap().to_owned()
}

/// The init script that README begins with is what is printed, with lines left out only
/// where it says so.
#[test]
fn the_script_on_the_first_screen_is_what_is_rendered() {
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let (_, rest) = readme.split_once("```sh\n#!/sbin/openrc-run\n").unwrap();
    let (shown, _) = rest.split_once("…\n```").unwrap();
    let mut command = Command::new(PROGRAM);
    let (code, out, _) = run(command.args(["render", "--init", "openrc"]));
    assert_eq!(code, 0);
    let (_, script) = out.split_once("#!/sbin/openrc-run\n").unwrap();
    let (script, _) = script.split_once("\ndepend() {").unwrap();
    let mut lines = script.lines();
    for line in shown.lines() {
        assert!(
            lines.any(|there| there == line),
            "`{line}` is not in it, or not there"
        );
    }
    let settings = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        lines.map(String::from).take(9).collect()
    };
    assert_eq!(
        settings(shown),
        settings(script),
        "no setting is left out on the way"
    );
}

/// The blocks of a language in it.
fn blocks(language: &str) -> Vec<String> {
    let section = section();
    let start = format!("```{language}\n");
    let parts = section.split(&start).skip(1);
    parts
        .map(|part| part.split("```").next().unwrap().to_owned())
        .collect()
}

/// Runs a line of sh in a folder, with our program in PATH.
fn sh(folder: &Path, line: &str) {
    let programs = Path::new(PROGRAM).parent().unwrap().display();
    let mut command = Command::new("sh");
    command.args(["-euc", line]).current_dir(folder);
    command.env("PATH", format!("{programs}:/usr/bin:/bin"));
    let (code, out, err) = run(&mut command);
    assert_eq!(code, 0, "{line}: {out}{err}");
}

/// Every file below a folder with its mode and content.
fn tree(folder: &Path) -> BTreeMap<String, String> {
    let mut find = Command::new("find");
    find.args([".", "-type", "f", "-printf", "%P %m\n"]);
    let (code, out, _) = run(find.current_dir(folder));
    assert_eq!(code, 0);
    let file = |line: &str| {
        let (path, mode) = line.rsplit_once(' ').unwrap();
        let content = fs::read_to_string(folder.join(path)).unwrap();
        (path.to_owned(), format!("{mode} {content}"))
    };
    out.lines().map(file).collect()
}

/// What `render --output` writes.
fn rendered(folder: &Path, options: &str) -> BTreeMap<String, String> {
    sh(
        folder,
        &format!("kubelet-unit render {options} --output it"),
    );
    let files = tree(&folder.join("it"));
    fs::remove_dir_all(folder.join("it")).unwrap();
    assert!(!files.is_empty());
    files
}

#[test]
fn what_provisions_machines_takes_what_the_examples_write() {
    let scratch = Scratch::new();
    let folder = scratch.path();
    let [commands] = blocks("sh").try_into().unwrap();
    for line in commands.lines() {
        sh(folder, line);
    }

    sh(folder, "mkdir layer && tar -xpf layer.tar -C layer");
    assert_eq!(tree(&folder.join("layer")), rendered(folder, "--init s6"));

    let config: Value =
        serde_json::from_slice(&fs::read(folder.join("config.ign")).unwrap()).unwrap();
    assert_eq!(config["ignition"]["version"], "3.4.0");

    let data: Value = serde_yaml::from_slice(&fs::read(folder.join("user-data")).unwrap()).unwrap();
    let alpine = rendered(folder, "--init openrc --distro alpine");
    assert_eq!(data["write_files"].as_array().unwrap().len(), alpine.len());
    if tool("cloud-init").is_some() {
        sh(folder, "cloud-init schema --config-file user-data");
    }

    if tool("ansible-playbook").is_some() && is_root() {
        let option = "-e kubelet_unit_root=/mnt/rootfs";
        assert!(section().contains(option));
        let play = "- hosts: localhost\n  connection: local\n  gather_facts: false\n  \
                    tasks:\n  - import_tasks: tasks.yaml\n";
        fs::write(folder.join("play.yaml"), play).unwrap();
        let option = option.replace("/mnt", "$PWD");
        sh(
            folder,
            &format!(
                "export ANSIBLE_LOCAL_TEMP=$PWD/tmp ANSIBLE_REMOTE_TEMP=$PWD/tmp; \
                 ansible-playbook play.yaml {option}"
            ),
        );
        let void = rendered(folder, "--init runit --distro void");
        assert_eq!(tree(&folder.join("rootfs")), void);
    }
}

#[test]
fn the_inventory_gives_each_node_its_tree() {
    let scratch = Scratch::new();
    let folder = scratch.path();
    let [nodes] = blocks("yaml").try_into().unwrap();
    fs::write(folder.join("nodes.yaml"), nodes).unwrap();
    let section = section();
    let commands = section
        .split('`')
        .filter(|text| text.starts_with("kubelet-unit render --init runit --nodes"));
    let [command] = commands.collect::<Vec<_>>().try_into().unwrap();
    sh(folder, command);
    let trees = tree(&folder.join("nodes"));

    let one = "--init openrc --distro alpine";
    let two = "--init runit --extra-args-file /etc/kubelet.env";
    let mut wanted = BTreeMap::new();
    for (name, options) in [("edge-1", one), ("edge-2", two)] {
        let files = rendered(folder, options).into_iter();
        wanted.extend(files.map(|(path, file)| (format!("{name}/{path}"), file)));
    }
    wanted.insert(
        "edge-1/etc/conf.d/kubelet.env".into(),
        "644 KUBELET_EXTRA_ARGS=\"--hostname-override=edge-1.example.org --v=2 \
         --node-ip=10.0.0.1\"\n"
            .into(),
    );
    assert_eq!(trees, wanted);

    let archive = command.replace("--output nodes", "--format tar > fleet.tar");
    sh(
        folder,
        &format!("{archive}; mkdir all; tar -xpf fleet.tar -C all"),
    );
    assert_eq!(tree(&folder.join("all")), wanted);
}
