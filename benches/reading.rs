//! What reading a machine's files costs: a unit with its drop-ins imported, a root explained
//! and checked, against `/bin/true`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::pairs::{Contender, compare};

const PROGRAM: &str = env!("CARGO_BIN_EXE_kubelet-unit");

/// The largest unit of a node's daemon that we have, by its bytes with its drop-ins.
const LARGEST: &str = "kubelet-aks.service";

pub(crate) fn run(rounds: usize) {
    let tree = Tree::new();
    let units = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/units");
    let unit = units.join(LARGEST).display().to_string();
    let root = tree.0.display().to_string();
    let run = |words: &[&str]| {
        let status = Command::new(PROGRAM).args(words).output().unwrap().status;
        assert!(status.success(), "{words:?}");
    };
    fs::create_dir_all(tree.0.join("usr/bin")).unwrap();
    fs::copy("/bin/true", tree.0.join("usr/bin/kubelet")).unwrap();
    run(&["install", "--init", "systemd", "--enable", "--root", &root]);
    fs::create_dir_all(tree.0.join("var/lib/kubelet")).unwrap();
    let flags = "KUBELET_KUBEADM_ARGS=\"--node-ip=10.0.0.7\"\n";
    fs::write(tree.0.join("var/lib/kubelet/kubeadm-flags.env"), flags).unwrap();
    let contender = |name: &str, words: Vec<String>| {
        Contender::new(name, move || {
            let mut command = Command::new(PROGRAM);
            command.args(&words);
            command
        })
        .that_judges()
    };
    let words = |words: &[&str]| {
        words
            .iter()
            .map(|&word| word.to_owned())
            .collect::<Vec<_>>()
    };
    let contenders = [
        Contender::new("/bin/true", || Command::new("/bin/true")),
        contender(
            "kubelet-unit import, the largest unit",
            words(&["import", &unit]),
        ),
        contender(
            "kubelet-unit explain of a root",
            words(&["explain", "--root", &root]),
        ),
        contender(
            "kubelet-unit check of a root",
            words(&["check", "--root", &root]),
        ),
    ];
    compare("reading what is there, as a process", rounds, &contenders);
}

/// A folder, removed in the end.
struct Tree(PathBuf);

impl Tree {
    fn new() -> Self {
        let name = format!("kubelet-unit-bench-reading-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
