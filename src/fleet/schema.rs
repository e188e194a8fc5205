//! What an inventory can say, as a JSON Schema for editors and validators, and a sample.

mod table;

use serde_json::{Value, json};

use crate::backends::Registry;
use crate::spec::schema::{DRAFT, Key, mapping};

/// A commented inventory, ready to edit.
pub const SAMPLE: &str = include_str!("nodes.yaml");

/// The schema, with the inits and distributions of a registry.
pub fn text(registry: &Registry) -> String {
    format!("{:#}\n", schema(registry))
}

/// The keys of a node.
pub(crate) fn keys() -> &'static [Key] {
    table::NODE
}

fn schema(registry: &Registry) -> Value {
    let mut node = mapping(1, table::NODE);
    let distros = registry.distros().iter().map(|distro| distro.name);
    node["properties"]["init"]["enum"] = registry.names().into();
    node["properties"]["distro"]["enum"] = distros.collect();
    json!({
        "$schema": DRAFT,
        "title": "An inventory, as kubelet-unit reads it: a list of nodes, or documents of one node each",
        "anyOf": [
            { "type": "array", "items": { "$ref": "#/$defs/node" } },
            { "$ref": "#/$defs/node" },
        ],
        "$defs": { "node": node },
    })
}

#[cfg(test)]
mod tests;
