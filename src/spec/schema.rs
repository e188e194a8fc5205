//! What a spec can say, as a JSON Schema (draft 2020-12) for editors and validators.
//!
//! It comes from the table here, as does the manual page of the format. The tests hold the
//! table against the reader: the keys and words that the reader knows are those of the table,
//! it takes every example, and refuses what the schema refuses.

mod table;

pub(crate) use table::{NAME, PATH, key};

use serde_json::{Map, Value, json};

use crate::service::process::DirectoryKind;
use crate::service::{Capability, LimitUnit, Resource};

/// The line by which an editor with YAML's language server finds a schema, which lies beside
/// the file.
pub const FOR_EDITORS: &str = "# yaml-language-server: $schema=";

/// What a value may be.
pub(crate) enum Shape {
    /// A text that matches a pattern.
    Text(&'static str),
    /// Any text.
    Any,
    /// One of a few words.
    Words(&'static [&'static str]),
    /// A whole number in a range, as a number or as text.
    Number(i64, i64),
    /// A whole number in a range, and no text.
    Plain(i64, i64),
    /// A number or a text that matches a pattern.
    NumberOr(&'static str),
    /// A text that matches a pattern, or something else.
    SignalOr(&'static str, &'static Self),
    /// One of a few words, or something else.
    WordsOr(&'static [&'static str], &'static Self),
    /// `true` or `false`.
    Bool,
    /// A list.
    List(&'static Self),
    /// A mapping with these keys, of which the first so many have to be there.
    Keys(usize, &'static [Key]),
    /// A mapping of variables to texts.
    Variables,
    /// A mapping of resources to limits.
    Limits,
    /// The name of a capability.
    Capability,
    /// A release, which YAML may take for a number.
    Release(&'static str),
}

/// A key of a mapping.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) shape: Shape,
    /// Values in JSON that the reader takes.
    pub(crate) examples: &'static [&'static str],
}

/// The schema.
pub fn text() -> String {
    format!("{:#}\n", schema())
}

/// The keys of a spec.
pub(crate) fn keys() -> &'static [Key] {
    table::SPEC
}

/// The version of JSON Schema that ours are of.
pub(crate) const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

fn schema() -> Value {
    let mut schema = mapping(0, table::SPEC);
    schema["$schema"] = DRAFT.into();
    schema["title"] = "A service, as kubelet-unit reads it".into();
    // What a spec extends says what is needed.
    schema["anyOf"] = json!([
        { "required": ["extends"] },
        { "required": ["name", "description", "program"] },
    ]);
    schema
}

/// A mapping with these keys and no others, of which the first so many have to be there.
pub(crate) fn mapping(required: usize, keys: &[Key]) -> Value {
    let mut properties = Map::new();
    properties.extend(keys.iter().map(|key| (key.name.to_owned(), of_key(key))));
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if required > 0 {
        let names = keys.iter().take(required).map(|key| key.name);
        schema["required"] = names.collect();
    }
    schema
}

fn of_key(key: &Key) -> Value {
    let mut schema = of_shape(&key.shape);
    schema["description"] = key.about.into();
    let examples = key.examples.iter();
    let examples = examples.filter_map(|text| serde_json::from_str(text).ok());
    schema["examples"] = examples.collect::<Vec<Value>>().into();
    schema
}

fn of_shape(shape: &Shape) -> Value {
    match shape {
        Shape::Text(pattern) => json!({ "type": "string", "pattern": anchored(pattern) }),
        Shape::Any => json!({ "type": "string" }),
        Shape::Words(words) => json!({ "enum": words }),
        Shape::Number(least, most) => json!({ "anyOf": [
            of_shape(&Shape::Plain(*least, *most)),
            { "type": "string", "pattern": "^[+-]?[0-9]+$" },
        ] }),
        Shape::Plain(least, most) => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Shape::NumberOr(pattern) => json!({ "anyOf": [
            { "type": "integer", "minimum": 0 },
            of_shape(&Shape::Text(pattern)),
        ] }),
        Shape::SignalOr(pattern, other) => json!({ "anyOf": [
            of_shape(&Shape::Text(pattern)),
            of_shape(other),
        ] }),
        Shape::WordsOr(words, other) => json!({ "anyOf": [
            of_shape(&Shape::Words(words)),
            of_shape(other),
        ] }),
        Shape::Bool => json!({ "type": "boolean" }),
        Shape::List(of) => json!({ "type": "array", "items": of_shape(of) }),
        Shape::Keys(required, keys) => mapping(*required, keys),
        Shape::Variables => json!({
            "type": "object",
            "propertyNames": { "pattern": "^[A-Za-z_][A-Za-z0-9_]*$" },
            "additionalProperties": { "type": "string" },
        }),
        Shape::Limits => limits(),
        Shape::Capability => {
            let names: Vec<_> = Capability::all().map(|it| it.to_string()).collect();
            json!({ "enum": names })
        }
        Shape::Release(pattern) => json!({ "anyOf": [
            { "type": "number" },
            of_shape(&Shape::Text(pattern)),
        ] }),
    }
}

fn anchored(pattern: &str) -> String {
    format!("^(?:{pattern})$")
}

/// What `limits.oomScoreAdjust` is for.
pub(crate) const OOM_SCORE: &str =
    "How likely the kernel ends it when memory runs out (OOMScoreAdjust=)";

fn limits() -> Value {
    let mut properties = Map::new();
    for resource in Resource::ALL {
        properties.insert(resource.key().into(), limit(*resource));
    }
    let score = Shape::Number(-1000, 1000);
    let mut score = of_shape(&score);
    score["description"] = OOM_SCORE.into();
    properties.insert("oomScoreAdjust".into(), score);
    json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}

/// A number for both limits, `soft:hard`, or a mapping of the two.
fn limit(resource: Resource) -> Value {
    let bound = match resource.unit() {
        LimitUnit::Count => "[0-9]+|infinity",
        LimitUnit::Bytes => "[0-9]+(?:B|[KMGT](?:iB)?)?|infinity",
        LimitUnit::Seconds | LimitUnit::Micros => table::SPAN_OR_INFINITY,
        LimitUnit::Nice => "[+-]?[0-9]+|infinity",
    };
    let one = json!({ "anyOf": [
        { "type": "integer" },
        { "type": "string", "pattern": anchored(bound) },
    ] });
    let both = format!("(?:{bound})(?::(?:{bound}))?");
    json!({
        "description": format!("{} ({}=)", resource.about(), resource.directive()),
        "anyOf": [
            { "type": "integer" },
            { "type": "string", "pattern": anchored(&both) },
            {
                "type": "object",
                "properties": { "soft": one, "hard": one },
                "required": ["soft", "hard"],
                "additionalProperties": false,
            },
        ],
    })
}

/// What folders of a kind are for.
const fn about_directory(kind: DirectoryKind) -> &'static str {
    match kind {
        DirectoryKind::Runtime => {
            "Folders below /run, made before each start and removed at the end; RUNTIME_DIRECTORY names them (RuntimeDirectory=)"
        }
        DirectoryKind::State => {
            "Folders below /var/lib, made before each start; STATE_DIRECTORY names them (StateDirectory=)"
        }
        DirectoryKind::Cache => {
            "Folders below /var/cache, made before each start; CACHE_DIRECTORY names them (CacheDirectory=)"
        }
        DirectoryKind::Logs => {
            "Folders below /var/log, made before each start; LOGS_DIRECTORY names them (LogsDirectory=)"
        }
        DirectoryKind::Configuration => {
            "Folders below /etc, made before each start; one that is there stays as it is; CONFIGURATION_DIRECTORY names them (ConfigurationDirectory=)"
        }
    }
}

#[cfg(test)]
mod tests;
