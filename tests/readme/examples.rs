//! The section "Images, layers and fleets" of README, and what it takes to run what stands in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{repository, run, snapshot};

const PROGRAM: &str = env!("CARGO_BIN_EXE_kubelet-unit");

/// The text of that section.
pub fn section() -> String {
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let (_, rest) = readme
        .split_once("\n## Images, layers and fleets\n")
        .unwrap();
    rest.split("\n## ").next().unwrap().to_owned()
}

/// The blocks of a language in it.
pub fn blocks(language: &str) -> Vec<String> {
    let section = section();
    let start = format!("```{language}\n");
    let parts = section.split(&start).skip(1);
    parts
        .map(|part| part.split("```").next().unwrap().to_owned())
        .collect()
}

/// Runs a line of sh in a folder, with our program in PATH.
pub fn sh(folder: &Path, line: &str) {
    let programs = Path::new(PROGRAM).parent().unwrap().display();
    let mut command = Command::new("sh");
    command.args(["-euc", line]).current_dir(folder);
    command.env("PATH", format!("{programs}:/usr/bin:/bin"));
    let (code, out, err) = run(&mut command);
    assert_eq!(code, 0, "{line}: {out}{err}");
}

/// Every file below a folder with its mode and content.
pub fn tree(folder: &Path) -> BTreeMap<String, String> {
    let files = snapshot(folder)
        .into_iter()
        .filter(|(_, it)| it.1 != "folder");
    let file = |(path, (mode, text))| (path, format!("{mode:o} {text}"));
    files.map(file).collect()
}

/// What `render --output` writes.
pub fn rendered(folder: &Path, options: &str) -> BTreeMap<String, String> {
    sh(
        folder,
        &format!("kubelet-unit render {options} --output it"),
    );
    let files = tree(&folder.join("it"));
    fs::remove_dir_all(folder.join("it")).unwrap();
    assert!(!files.is_empty());
    files
}
