//! What provisions machines, as those take it who do so: cloud-init's check of its schema, and all
//! that README's examples write.

#[path = "../readme/examples.rs"]
#[allow(dead_code, reason = "the tests of README have more of it")]
mod examples;

use std::fs;
use std::process::Command;

use kubelet_unit::backends::BUILTIN;
use serde_json::Value;

use crate::contents::rendered;
use crate::support::{Scratch, is_root, run, tool};
use examples::{blocks, section, sh};

#[test]
fn cloud_init_takes_the_user_data() {
    if tool("cloud-init").is_none() {
        return;
    }
    let scratch = Scratch::new();
    for init in BUILTIN.iter().map(|backend| backend.name()) {
        let path = scratch.path().join(init);
        fs::write(&path, rendered(&["--init", init, "--format", "cloud-init"])).unwrap();
        let mut check = Command::new("cloud-init");
        let (code, out, err) = run(check.args(["schema", "--config-file"]).arg(&path));
        assert_eq!(code, 0, "{init}: {out}{err}");
    }
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
    // The row `image` of the live suite boots it.
    let link = folder.join("layer/etc/runlevels/default/kubelet");
    assert_eq!(
        fs::read_link(&link).unwrap().to_str(),
        Some("/etc/init.d/kubelet")
    );
    fs::remove_file(link).unwrap();
    assert_eq!(
        examples::tree(&folder.join("layer")),
        examples::rendered(folder, "--init openrc --distro alpine")
    );

    let config: Value =
        serde_json::from_slice(&fs::read(folder.join("config.ign")).unwrap()).unwrap();
    assert_eq!(config["ignition"]["version"], "3.4.0");

    let data: Value = serde_yaml::from_slice(&fs::read(folder.join("user-data")).unwrap()).unwrap();
    let alpine = examples::rendered(folder, "--init openrc --distro alpine");
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
        let void = examples::rendered(folder, "--init runit --distro void");
        assert_eq!(examples::tree(&folder.join("rootfs")), void);
    }
}
