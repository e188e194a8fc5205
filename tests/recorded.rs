//! What the record in a tree says of its services holds for every command.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::support::{Scratch, run};

/// A tree in which nothing shows an init, with a kubelet.
struct Bed(Scratch);

impl Bed {
    fn new() -> Self {
        let bed = Self(Scratch::new());
        bed.write("usr/bin/kubelet", "#!/bin/sh\n");
        let kubelet = bed.0.path().join("usr/bin/kubelet");
        fs::set_permissions(kubelet, PermissionsExt::from_mode(0o755)).unwrap();
        bed
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// What a command line gives, with the tree called ROOT.
    fn said(&self, line: &str) -> String {
        let root = self.0.path().to_str().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_kubelet-unit"));
        let words = line.split(' ').map(|word| word.replace("ROOT", root));
        let (code, out, err) = run(command.args(words).args(["--root", root]));
        format!("$ {line}\n{out}{err}exit {code}\n\n").replace(root, "ROOT")
    }

    fn all(&self, lines: &[&str]) -> String {
        lines.iter().map(|line| self.said(line)).collect()
    }
}

#[test]
fn that_of_the_bridge_is_no_service() {
    let bed = Bed::new();
    bed.write(
        "var/lib/kubelet-unit/bridge.json",
        r#"{"init": "runit", "distro": null, "program": "/usr/bin/kubelet-unit", "links": []}"#,
    );
    let told = bed.all(&[
        "check",
        "install --init systemd --distro debian",
        "uninstall",
    ]);
    insta::assert_snapshot!(told);
}
