//! The table against the reader, and the schema against specs.

use std::path::Path;

use super::*;
use crate::spec::{BUILTIN, Spec};
use crate::testing::schema::valid;
use crate::yaml::Problem;

/// A spec in JSON with this at the end of a path of keys; items of lists count as one.
fn spec_with(path: &[&str], value: Value) -> Value {
    let inner = path.iter().rev().fold(value, |inner, part| match *part {
        "[]" => json!([inner]),
        key => json!({ key: inner }),
    });
    let mut spec = json!({ "name": "a", "description": "A", "program": "/bin/a" });
    for (key, value) in inner.as_object().unwrap() {
        spec[key] = value.clone();
    }
    spec
}

fn read(spec: &Value) -> Result<Spec, Problem> {
    Spec::read("s", spec.to_string().as_bytes()).map_err(|error| error.problem)
}

/// What the reader knows where it is given what it does not know.
fn known(path: &[&str], value: Value) -> Vec<String> {
    match read(&spec_with(path, value)) {
        Err(Problem::Unknown(unknown)) => unknown.known,
        other => panic!("{path:?}: {other:?}"),
    }
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    names
}

/// Every mapping and every word of the table, as the reader has it.
fn agrees(path: &[&str], shape: &Shape) {
    match shape {
        Shape::Keys(_, keys) => {
            let with = [path, &["no such key"]].concat();
            let names = keys.iter().map(|key| key.name.to_owned()).collect();
            assert_eq!(sorted(known(&with, json!(1))), sorted(names), "{path:?}");
            for key in *keys {
                agrees(&[path, &[key.name]].concat(), &key.shape);
            }
        }
        Shape::Words(words) => {
            assert_eq!(known(path, json!("no such word")), *words, "{path:?}");
        }
        Shape::WordsOr(words, other) => {
            agrees(path, &Shape::Words(words));
            agrees(path, other);
        }
        Shape::List(of) => agrees(&[path, &["[]"]].concat(), of),
        Shape::Limits => {
            let with = [path, &["no such key"]].concat();
            let schema = limits();
            let names = schema["properties"].as_object().unwrap().keys();
            let names = names.cloned().collect();
            assert_eq!(sorted(known(&with, json!(1))), sorted(names));
        }
        _ => {}
    }
}

#[test]
fn the_reader_knows_the_keys_and_words_of_the_table_and_no_others() {
    agrees(&[], &Shape::Keys(0, table::SPEC));
}

/// The keys of the table with the paths that lead to them.
fn keys(path: &[&'static str], all: &'static [Key]) -> Vec<(Vec<&'static str>, &'static Key)> {
    let mut found = Vec::new();
    for key in all {
        let here = [path, &[key.name]].concat();
        match &key.shape {
            Shape::Keys(_, inner) | Shape::WordsOr(_, Shape::Keys(_, inner)) => {
                found.extend(keys(&here, inner));
            }
            Shape::List(Shape::Keys(_, inner)) => {
                found.extend(keys(&[&here[..], &["[]"]].concat(), inner));
            }
            _ => {}
        }
        found.push((here, key));
    }
    found
}

/// What else has to be there for a key to be read.
fn completed(path: &[&str], mut spec: Value) -> Value {
    let complete = |value: &mut Value, key: &str, with: Value| {
        if value.get(key).is_none() {
            value[key] = with;
        }
    };
    match path {
        ["envFiles", "[]", "pattern"] => {}
        ["envFiles", "[]", _] => complete(&mut spec["envFiles"][0], "path", json!("/e")),
        ["restart", "limit", _] => {
            complete(&mut spec["restart"]["limit"], "starts", json!(1));
            complete(&mut spec["restart"]["limit"], "within", json!("1s"));
        }
        ["ioClass", _] => complete(&mut spec["ioClass"], "class", json!("idle")),
        [directory, "mode" | "preserve"] => {
            complete(&mut spec[*directory], "names", json!(["a"]));
        }
        ["type"] if spec["type"] == "forking" => {
            complete(&mut spec, "pidFile", json!("/run/a.pid"));
        }
        ["pidFile"] => complete(&mut spec, "type", json!("forking")),
        ["workingDirectory"] => complete(&mut spec, "user", json!("a")),
        _ => {}
    }
    spec
}

#[test]
fn every_example_is_taken_by_the_reader_and_by_the_schema() {
    let schema = schema();
    for (path, key) in keys(&[], table::SPEC) {
        assert!(!key.examples.is_empty(), "{path:?}");
        for example in key.examples {
            let value = serde_json::from_str(example).expect(example);
            let spec = completed(&path, spec_with(&path, value));
            assert_eq!(read(&spec).map(|_| ()), Ok(()), "{spec}");
            assert_eq!(valid(&schema, &spec), Ok(()), "{spec}");
        }
    }
}

#[test]
fn specs_are_valid() {
    let schema = schema();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/specs");
    let fixtures = crate::testing::files(&folder);
    let mut texts: Vec<String> = BUILTIN.iter().map(|it| it.text.into()).collect();
    texts.extend(
        fixtures
            .iter()
            .map(|path| std::fs::read_to_string(path).unwrap()),
    );
    texts.push(include_str!("../../order/everything.yaml").into());
    assert!(texts.len() > BUILTIN.len() + 1);
    for text in texts {
        let value: Value = serde_yaml::from_str(&text).unwrap();
        assert_eq!(valid(&schema, &value), Ok(()), "{text}");
    }
}

#[test]
fn what_is_no_spec_is_not_valid() {
    let schema = schema();
    for (path, value) in [
        (&["extra"][..], json!(1)),
        (&["name"], json!("a b")),
        (&["program"], json!("a")),
        (&["arguments"], json!("--a")),
        (&["arguments"], json!([1])),
        (&["environment"], json!({ "A-B": "1" })),
        (&["environment"], json!({ "A": 1 })),
        (&["envFiles"], json!([{ "optionel": true }])),
        (&["type"], json!("forkin")),
        (&["restart", "policy"], json!("sometimes")),
        (&["restart", "delay"], json!("soon")),
        (&["restart", "limit"], json!({ "starts": 5 })),
        (&["restart", "limit"], json!({ "starts": "5", "within": 1 })),
        (&["stop", "signal"], json!("WINCH")),
        (&["limits", "nofile"], json!("1K")),
        (&["limits", "memlock"], json!("1k")),
        (&["limits", "core"], json!({ "soft": 1 })),
        (&["limits", "everything"], json!(1)),
        (&["tasksMax"], json!("80%")),
        (&["delegate"], json!("yes")),
        (&["user"], json!("a b")),
        (&["umask"], json!(27)),
        (&["umask"], json!("0o27")),
        (&["nice"], json!(20)),
        (&["ioClass"], json!({ "priority": 1 })),
        (&["ioClass", "class"], json!("none")),
        (&["capabilities", "ambient"], json!(["NET_ADMIN"])),
        (&["stateDirectory"], json!({ "mode": "0700" })),
        (&["stateDirectory", "names"], json!(["/a"])),
        (&["workingDirectory"], json!("a")),
        (&["log", "keep"], json!(0)),
    ] {
        let spec = spec_with(path, value);
        assert!(read(&spec).is_err(), "the reader takes {spec}");
        assert!(valid(&schema, &spec).is_err(), "the schema takes {spec}");
    }
    assert!(valid(&schema, &json!({ "name": "a" })).is_err());
    assert_eq!(valid(&schema, &json!({ "extends": "kubelet" })), Ok(()));
}

#[test]
fn the_schema_is_as_shown() {
    insta::assert_snapshot!(text());
}
