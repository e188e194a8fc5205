//! What there has to be in each format, and what there is in a tree.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{files as below, run};

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
    let entry = |path: &PathBuf| {
        let mode = std::os::unix::fs::MetadataExt::mode(&path.metadata().unwrap()) & 0o7777;
        let name = format!("/{}", path.strip_prefix(root).unwrap().display());
        let content = fs::read_to_string(path).unwrap();
        (name, (format!("{mode:04o}"), content))
    };
    below(root).iter().map(entry).collect()
}
