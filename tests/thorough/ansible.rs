//! The tasks, played by ansible-playbook in roots of their own. Nothing here takes longer by itself, so
//! its name comes first, and the tests are begun in the order of their names.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::contents::{self, files, rendered, tree};
use crate::support::{Scratch, is_root, one_in, run, tool};

/// Ansible keeps its own files in that folder, and begins no more programs for a task than it has to.
fn sparing(ansible: &mut Command, temporary: &Path) {
    ansible
        .env("ANSIBLE_LOCAL_TEMP", temporary)
        .env("ANSIBLE_REMOTE_TEMP", temporary)
        .env("ANSIBLE_PIPELINING", "true");
}

#[test]
fn ansible_writes_the_files_and_finds_nothing_to_do_afterwards() {
    if tool("ansible-playbook").is_none() || !is_root() {
        return;
    }
    let scratch = Scratch::new();
    let mut playbooks = Command::new("ansible-playbook");
    playbooks.current_dir(scratch.path());
    sparing(&mut playbooks, &scratch.path().join("tmp"));
    // One without a service module of Ansible's own and one with; the tasks of the others are of the same making. Where
    // points are left out, the second is played only as a part of the fleet below. Each is run twice, and all by one
    // Ansible, which takes seconds to load.
    let all = ["s6", "openrc"];
    let inits = &all[..if one_in() > 1 { 1 } else { 2 }];
    for init in inits {
        let tasks = rendered(&["--init", init, "--format", "ansible"]);
        fs::write(scratch.path().join(format!("{init}.tasks.yaml")), tasks).unwrap();
        let root = scratch.path().join(init);
        let play = format!(
            "- hosts: localhost\n  connection: local\n  gather_facts: false\n  \
             vars:\n    kubelet_unit_root: {}\n  \
             tasks:\n  - ansible.builtin.import_tasks: {init}.tasks.yaml\n",
            root.display()
        );
        let name = format!("{init}.yaml");
        fs::write(scratch.path().join(&name), play).unwrap();
        playbooks.args([&name, &name]);
    }
    let (code, out, err) = run(&mut playbooks);
    assert_eq!(code, 0, "{out}{err}");
    let recaps = out.split_whitespace();
    let changed: Vec<_> = recaps.filter(|word| word.starts_with("changed=")).collect();
    // Ansible adds up over its playbooks: the second run of each has changed nothing.
    let expected = ["changed=2", "changed=2", "changed=4", "changed=4"];
    assert_eq!(changed, expected[..2 * inits.len()], "{out}");
    for init in inits {
        assert_eq!(tree(&scratch.path().join(init)), files(init), "{init}");
    }
}

/// A fleet is played, each node below a folder of its own: the whole one, or every fourth node where points are left out.
#[test]
fn ansible_makes_of_every_node_of_a_fleet_what_install_makes() {
    // What `install` is told of each node.
    const NODES: [(&str, &str); 7] = [
        ("edge-1", "openrc --distro alpine"),
        ("edge-2", "openrc --distro alpine"),
        ("void-1", "runit --distro void"),
        ("void-2", "runit --distro void --layout vlogger"),
        ("artix-1", "s6-rc --distro artix"),
        ("fed-1", "systemd --distro fedora"),
        ("router-1", "busybox-init --distro alpine"),
    ];
    if tool("ansible-playbook").is_none() || !is_root() {
        return;
    }
    let scratch = Scratch::new();
    let at = |name: &str| scratch.path().join(name);
    let mixed = include_str!("../../fixtures/fleets/mixed.yaml");
    fs::write(at("nodes.yaml"), mixed).unwrap();
    let said = |line: &str| {
        let words: Vec<_> = line.split(' ').collect();
        let mut command = contents::kubelet_unit(&words);
        let (code, _, err) = run(command.current_dir(scratch.path()));
        assert_eq!(code, 0, "{line}: {err}");
    };
    let render = "render --launcher native --nodes nodes.yaml --output";
    said(&format!("{render} ansible --format ansible"));
    said(&format!("{render} trees"));
    let mut hosts = format!(
        "all:\n  vars:\n    ansible_connection: local\n    \
         ansible_python_interpreter: '{{{{ ansible_playbook_python }}}}'\n    \
         kubelet_unit_root: '{}/{{{{ inventory_hostname }}}}'\n  hosts:\n",
        at("roots").display()
    );
    // Each takes ten seconds.
    let nodes: Vec<_> = NODES.into_iter().step_by(one_in().min(4)).collect();
    for (node, _) in &nodes {
        hosts += &["    ", node, ":\n"].concat();
    }
    fs::write(at("hosts.yaml"), hosts).unwrap();
    let mut playbook = Command::new("ansible-playbook");
    playbook.current_dir(scratch.path());
    sparing(&mut playbook, &at("tmp"));
    playbook.args([
        "-f",
        "2",
        "-i",
        "hosts.yaml",
        "ansible/playbook/kubelet.yaml",
    ]);
    let (code, out, err) = run(&mut playbook);
    assert_eq!(code, 0, "{out}{err}");
    let again: Vec<_> = nodes
        .iter()
        .map(|(node, _)| *node)
        .step_by(one_in())
        .collect();
    let (code, out, err) = run(playbook.arg("--limit").arg(again.join(",")));
    assert_eq!(code, 0, "{out}{err}");
    let recaps = out.split_whitespace();
    let changed: Vec<_> = recaps.filter(|word| word.starts_with("changed=")).collect();
    assert_eq!(changed, vec!["changed=0"; again.len()], "{out}");
    for (node, options) in nodes {
        let root = format!("installed/{node}");
        fs::create_dir_all(at(&root)).unwrap();
        said(&format!(
            "install --root {root} --launcher native --init {options}"
        ));
        let played = tree(&at("roots").join(node));
        assert_eq!(played, tree(&at("trees").join(node)), "{node}");
        // The record is of `install` alone, and the env file of the node alone.
        let mut installed = tree(&at(&root));
        installed.retain(|path, _| !path.starts_with("/var/lib/kubelet-unit/"));
        let own = |path: &String| !installed.contains_key(path);
        let own: Vec<_> = played.keys().filter(|path| own(path)).cloned().collect();
        let expected: &[&str] = match node {
            "edge-1" | "router-1" => &["/etc/conf.d/kubelet.env"],
            "void-1" => &["/etc/default/kubelet"],
            "fed-1" => &["/etc/sysconfig/kubelet"],
            _ => &[],
        };
        assert_eq!(own, expected, "{node}");
        installed.extend(own.iter().map(|path| (path.clone(), played[path].clone())));
        assert_eq!(played, installed, "{node}");
    }
}
