//! The table against the reader, and the schema against inventories.

use super::*;
use crate::fleet::{Inventory, Node};
use crate::testing::schema::valid;

/// A node in JSON, which is YAML, with this key.
fn node_with(key: &str, value: &Value) -> Value {
    let mut node = json!({ "name": "a" });
    node[key] = value.clone();
    node
}

fn read(text: &str) -> Result<Vec<Node>, String> {
    Inventory::new("n", text.as_bytes())
        .map(|entry| entry.map(|it| it.node).map_err(|it| it.to_string()))
        .collect()
}

fn schema_of_all() -> Value {
    schema(&Registry::builtin())
}

#[test]
fn the_reader_knows_the_keys_of_the_table_and_no_others() {
    let error = read("other: b\nname: a\n").unwrap_err();
    let names: Vec<_> = table::NODE
        .iter()
        .map(|key| format!("`{}`", key.name))
        .collect();
    assert_eq!(
        error,
        format!(
            "node `a`: n:1:1: unknown field `other`, expected one of {}",
            names.join(", ")
        )
    );
}

#[test]
fn every_example_is_taken_by_the_reader_and_by_the_schema() {
    let schema = schema_of_all();
    for key in table::NODE {
        assert!(!key.examples.is_empty(), "{}", key.name);
        for example in key.examples {
            let value = serde_json::from_str(example).expect(example);
            let node = node_with(key.name, &value);
            assert_eq!(read(&node.to_string()).map(|_| ()), Ok(()), "{node}");
            assert_eq!(valid(&schema, &node), Ok(()), "{node}");
            assert_eq!(valid(&schema, &json!([node])), Ok(()), "{node}");
        }
    }
}

#[test]
fn the_sample_has_every_key_and_is_valid() {
    let nodes = read(SAMPLE).unwrap();
    assert_eq!(nodes.len(), 3);
    let value: Value = serde_yaml::from_str(SAMPLE).unwrap();
    assert_eq!(valid(&schema_of_all(), &value), Ok(()));
    for key in table::NODE {
        let has = |node: &Value| node.get(key.name).is_some();
        assert!(value.as_array().unwrap().iter().any(has), "{}", key.name);
    }
}

#[test]
fn what_is_no_node_is_not_valid() {
    let schema = schema_of_all();
    for (key, value) in [
        ("extra", json!(1)),
        ("name", json!("A")),
        ("name", json!("a..b")),
        ("name", json!("a-")),
        ("launcher", json!("bash")),
        ("kubelet", json!("kubelet")),
        ("layout", json!("a b")),
        ("hostname", json!("a_b")),
        ("kubeletVersion", json!("latest")),
        ("kubeletVersion", json!(true)),
        ("extraArgs", json!("--v=2")),
        ("extraArgs", json!([2])),
    ] {
        let node = node_with(key, &value);
        assert!(read(&node.to_string()).is_err(), "the reader takes {node}");
        assert!(valid(&schema, &node).is_err(), "the schema takes {node}");
    }
    // These are judged when the node is rendered.
    for key in ["init", "distro"] {
        assert!(valid(&schema, &node_with(key, &json!("plan9"))).is_err());
    }
    assert!(valid(&schema, &json!({ "init": "openrc" })).is_err());
}

#[test]
fn the_schema_is_as_shown() {
    insta::assert_snapshot!(text(&Registry::builtin()));
}
