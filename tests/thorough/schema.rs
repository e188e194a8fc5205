//! The JSON Schemas as the validators of others take them, through the line by which an editor
//! finds them, and the samples that they belong to.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Scratch, repository, run, specs, tool};

/// What starts the line by which YAML's language server finds a schema.
const LINE: &str = "# yaml-language-server: $schema=";

fn kubelet_unit(folder: &Path, line: &str) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubelet-unit"));
    run(command.current_dir(folder).args(line.split(' ')))
}

/// A folder with the schemas under the names that the samples call them by.
fn schemas() -> Scratch {
    let scratch = Scratch::new();
    for command in ["spec", "nodes"] {
        let (code, out, err) = kubelet_unit(scratch.path(), &format!("{command} --schema"));
        assert_eq!((code, err.as_str()), (0, ""));
        fs::write(scratch.path().join(format!("{command}.schema.json")), out).unwrap();
    }
    scratch
}

/// What the validator says of a file: its exit code, and all that it prints.
fn validated(folder: &Path, schema: &str, file: &str) -> (i32, String) {
    let mut command = Command::new("check-jsonschema");
    let command = command.current_dir(folder).args(["--schemafile", schema]);
    let (code, out, err) = run(command.arg(file));
    (code, out + &err)
}

/// The schema that an editor finds for a text.
fn found_by_editors(text: &str) -> &str {
    let lines: Vec<_> = text
        .lines()
        .filter_map(|it| it.strip_prefix(LINE))
        .collect();
    let [schema] = lines.try_into().expect(text);
    schema
}

#[test]
fn the_schemas_are_schemas() {
    if tool("check-jsonschema").is_none() {
        return;
    }
    let scratch = schemas();
    let mut check = Command::new("check-jsonschema");
    check.current_dir(scratch.path()).arg("--check-metaschema");
    let (code, out, err) = run(check.args(["spec.schema.json", "nodes.schema.json"]));
    assert_eq!(code, 0, "{out}{err}");
}

#[test]
fn the_samples_are_valid_by_the_schema_that_an_editor_finds() {
    if tool("check-jsonschema").is_none() {
        return;
    }
    let scratch = schemas();
    let (_, names, _) = kubelet_unit(scratch.path(), "spec --list");
    let commands = names.lines().map(|name| format!("spec {name}"));
    let mut shown = 0;
    for command in commands.chain(["nodes".into()]) {
        let (code, text, err) = kubelet_unit(scratch.path(), &command);
        assert_eq!((code, err.as_str()), (0, ""), "{command}");
        fs::write(scratch.path().join("it.yaml"), &text).unwrap();
        let (code, said) = validated(scratch.path(), found_by_editors(&text), "it.yaml");
        assert_eq!(code, 0, "{command}: {said}");
        shown += 1;
    }
    assert!(shown > 3);
}

#[test]
fn our_specs_and_inventories_are_valid() {
    if tool("check-jsonschema").is_none() {
        return;
    }
    let scratch = schemas();
    for (name, text) in specs() {
        fs::write(scratch.path().join("it.yaml"), text).unwrap();
        let (code, said) = validated(scratch.path(), "spec.schema.json", "it.yaml");
        assert_eq!(code, 0, "{name}: {said}");
    }
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let (_, inventory) = readme.split_once("```yaml\n- name: edge-1\n").unwrap();
    let (inventory, _) = inventory.split_once("```").unwrap();
    let documents = "name: a\ninit: runit\n---\nname: b\n";
    for text in [&format!("- name: edge-1\n{inventory}"), documents] {
        for (number, text) in text.split("---\n").enumerate() {
            fs::write(scratch.path().join("it.yaml"), text).unwrap();
            let (code, said) = validated(scratch.path(), "nodes.schema.json", "it.yaml");
            assert_eq!(code, 0, "{number}: {said}");
        }
    }
}

#[test]
fn what_the_reader_refuses_is_not_valid() {
    if tool("check-jsonschema").is_none() {
        return;
    }
    let scratch = schemas();
    for (schema, line, text) in [
        (
            "nodes",
            "render --init s6 --nodes it.yaml --format json",
            "- name: a\n  innit: s6\n",
        ),
        (
            "nodes",
            "render --nodes it.yaml --format json",
            "- name: a\n  init: plan9\n",
        ),
        (
            "nodes",
            "render --init s6 --nodes it.yaml --format json",
            "- name: A\n",
        ),
        (
            "nodes",
            "render --init s6 --nodes it.yaml --format json",
            "- init: s6\n",
        ),
        (
            "spec",
            "render --init s6 --spec it.yaml",
            "extends: kubelet\nrestart: {delay: soon}\n",
        ),
        (
            "spec",
            "render --init s6 --spec it.yaml",
            "name: a\nprogram: /bin/a\n",
        ),
    ] {
        fs::write(scratch.path().join("it.yaml"), text).unwrap();
        let (code, said) = validated(scratch.path(), &format!("{schema}.schema.json"), "it.yaml");
        assert_eq!(code, 1, "{text}: {said}");
        let (code, out, err) = kubelet_unit(scratch.path(), line);
        assert_ne!(code, 0, "{text}: {out}{err}");
    }
}

#[test]
fn the_sample_of_an_inventory_renders_and_is_then_as_it_should_be() {
    let scratch = Scratch::new();
    let (_, text, _) = kubelet_unit(scratch.path(), "nodes");
    fs::write(scratch.path().join("nodes.yaml"), text).unwrap();
    let said = [
        "render --init runit --distro void --nodes nodes.yaml --output out",
        "check --init runit --distro void --nodes nodes.yaml --root out",
    ]
    .map(|line| {
        let (code, out, err) = kubelet_unit(scratch.path(), line);
        format!("$ kubelet-unit {line}\n{out}{err}exit {code}\n")
    });
    let trees = Vec::from_iter(crate::support::paths(&scratch.path().join("out")));
    insta::assert_snapshot!(format!("{}\n{}", said.join("\n"), trees.join("\n")));
}
