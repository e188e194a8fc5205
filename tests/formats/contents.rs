//! What there has to be in each format, and what there is in a tree.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{run, snapshot};

pub fn kubelet_unit(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubelet-unit"));
    command.args(arguments);
    command
}

pub fn rendered(arguments: &[&str]) -> String {
    let (code, out, err) = run(kubelet_unit(&["render"]).args(arguments));
    assert_eq!(code, 0, "{arguments:?}: {err}");
    out
}

/// Each file that an init gets: its path, mode and content.
pub fn files(init: &str) -> BTreeMap<String, (String, String)> {
    let json: Value =
        serde_json::from_str(&rendered(&["--init", init, "--format", "json"])).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let files = json["files"].as_array().unwrap().iter();
    files
        .map(|file| {
            (
                text(&file["path"]),
                (text(&file["mode"]), text(&file["content"])),
            )
        })
        .collect()
}

/// The files below a folder, as [`files`] has them.
pub fn tree(root: &Path) -> BTreeMap<String, (String, String)> {
    let files = snapshot(root)
        .into_iter()
        .filter(|(_, it)| it.1 != "folder");
    let file = |(path, (mode, text))| (format!("/{path}"), (format!("{mode:04o}"), text));
    files.map(file).collect()
}
