//! Programs with fewer commands: each is built without a warning, has what its feature says,
//! and tells of the rest that it is without.
//! A target of its own, because cargo runs inside it for minutes.

#![allow(unreachable_pub)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

#[path = "../support.rs"]
#[allow(dead_code, reason = "it is shared with the other tests")]
mod support;

use kubelet_unit::backends::Registry;
use support::{Scratch, own_run, repository, run};

const ALL: [&str; 3] = ["render", "exec", "host"];

fn target() -> PathBuf {
    repository().join("target/builds/test")
}

/// Where the libraries of the tests are, which cargo 1.91 and newer takes for these programs too.
fn libraries() -> &'static Path {
    let program = Path::new(env!("CARGO_BIN_EXE_kubelet-unit"));
    let target = program.ancestors().nth(2);
    target.expect("it is in a folder of the profile")
}

/// A command of cargo's about the program with one feature alone.
fn cargo(verb: &str, feature: &str) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command
        .args([verb, "--locked", "--quiet", "--bins"])
        .args(["--no-default-features", "--features", feature])
        .arg("--target-dir")
        .arg(target())
        .env("CARGO_BUILD_BUILD_DIR", libraries())
        .current_dir(repository());
    command
}

/// The program with the commands of one feature, built once. They are built one after
/// the other in one folder, for what they depend on is the same.
fn build(feature: &'static str) -> PathBuf {
    static BUILT: Mutex<BTreeMap<&str, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(program) = built.get(feature) {
        return program.clone();
    }
    let (code, _, err) = run(&mut cargo("build", feature));
    assert_eq!(
        (code, err.as_str()),
        (0, ""),
        "{feature}: what is not used in it?"
    );
    let program = target().join(feature);
    std::fs::copy(target().join("debug/kubelet-unit"), &program).unwrap();
    built.insert(feature, program.clone());
    program
}

/// The commands in the help of a program.
fn commands(program: &Path) -> Vec<String> {
    let (_, help, _) = run(Command::new(program).arg("--help"));
    help.lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        // What is broken to the width goes on further in.
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next().map(String::from))
        .filter(|name| name != "help")
        .collect()
}

#[test]
fn a_program_has_the_commands_of_its_features() {
    let all = commands(Path::new(env!("CARGO_BIN_EXE_kubelet-unit")));
    let mut together = Vec::new();
    for feature in ALL {
        let program = build(feature);
        let own = commands(&program);
        for command in &all {
            let (code, out, err) = run(Command::new(&program).args([command, "--help"]));
            if own.contains(command) {
                assert_eq!((code, err.as_str()), (0, ""), "{feature} {command}");
                continue;
            }
            let told = format!("error: this kubelet-unit was built without `{command}`\n");
            assert_eq!((code, out.as_str()), (2, ""), "{feature} {command}");
            assert!(err.starts_with(&told), "{feature} {command}: {err}");
        }
        together.extend(own);
    }
    together.sort();
    let mut sorted = all;
    sorted.sort();
    assert_eq!(together, sorted);
}

/// Its commands are those of `host`; what it does beyond them is the network's, and proven with all features.
#[test]
fn the_one_that_joins_has_nothing_without_use() {
    let (code, _, err) = run(&mut cargo("check", "join"));
    assert_eq!((code, err.as_str()), (0, ""), "what is not used in it?");
}

#[test]
fn one_that_only_renders_asks_for_the_init() {
    let (code, out, err) = run(Command::new(build("render")).arg("render"));
    let registry = Registry::builtin();
    let inits = registry
        .iter()
        .map(|backend| format!("`{}`, ", backend.name()));
    let inits: String = inits.collect();
    let told = format!(
        "error: which init? this kubelet-unit was built without `detect`\n\n\
         hint: add `--init` with one of {inits}`all`\n"
    );
    assert_eq!((code, out.as_str(), err), (2, "", told));
}

#[test]
fn the_smallest_starts_what_the_whole_one_renders() {
    own_run();
    let scratch = Scratch::new();
    let name = format!("kubelet-unit-test-{}", std::process::id());
    let spec = format!(
        "name: {name}\ndescription: A\nprogram: /bin/echo\narguments: [a b, c]\n\
         stop: {{kill: process}}\n"
    );
    std::fs::write(scratch.path().join("spec.yaml"), spec).unwrap();
    let mut render = Command::new(env!("CARGO_BIN_EXE_kubelet-unit"));
    render
        .args(["render", "--init", "runit", "--launcher", "native"])
        .args(["--spec", "spec.yaml", "--output", "tree"])
        .current_dir(scratch.path());
    let (code, _, err) = run(&mut render);
    assert_eq!(code, 0, "{err}");
    let launcher = scratch
        .path()
        .join("tree/usr/libexec/kubelet-unit")
        .join(&name);
    let program = build("exec");
    let mut start = Command::new(program);
    start.arg("exec").arg(&launcher);
    let (code, out, _) = run(&mut start);
    assert_eq!((code, out.as_str()), (0, "a b c\n"));
}
