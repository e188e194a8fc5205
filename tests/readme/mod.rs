//! What README shows is what there is: its first screen, and the examples of "Images, layers and
//! fleets", run as they are printed. cloud-init and Ansible read theirs in
//! `tests/thorough/provisioning.rs`.

mod examples;

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use crate::support::{Scratch, repository, run};
use examples::{blocks, rendered, section, sh, tree};

const PROGRAM: &str = env!("CARGO_BIN_EXE_kubelet-unit");

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
