//! YAML as kubeadm reads and writes it.
//!
//! kubeadm uses go-yaml v2: YAML 1.1 scalars (`no` is false, `0777` is octal), the last of two equal keys wins,
//! `<<` merges in place, and keys are strings. This module reads that into [`Node`]s that know where they stand,
//! and writes the same text back ([`write()`]). The syntax itself is read by `saphyr-parser`, whose events carry
//! positions and tell a quoted scalar from a plain one; serde's view of YAML has neither.

pub mod read;
pub mod scalar;
pub mod write;

pub use read::{Failure, MAX_BYTES, MAX_DEPTH, MAX_NODES, Problem, read_document};
pub use write::write;

use std::collections::BTreeMap;

/// Where something stands in the text that was given: both count from 1, the column in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pos {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
}

/// A value with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it starts; for what we made ourselves, the default.
    pub pos: Pos,
}

/// The values of YAML that JSON knows as well: kubeadm turns every document into JSON before decoding it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing at all.
    Null,
    /// `true`, `yes`, `on` and their like.
    Bool(bool),
    /// A whole number. Go keeps those beyond `i64` as unsigned; both fit here.
    Int(i128),
    /// Any other number.
    Float(f64),
    /// Text.
    Str(String),
    /// A sequence.
    Seq(Vec<Node>),
    /// A mapping; a key appears once.
    Map(Map),
}

/// A mapping, sorted by key as kubeadm writes it. Of equal keys in a text the last one stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map(BTreeMap<String, Entry>);

/// The value of a key in a [`Map`].
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Where the key stands.
    pub pos: Pos,
    /// The value.
    pub node: Node,
}

impl Map {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.0.get(key).map(|e| &e.node)
    }

    /// The value of a key, with the key's place.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.0.get(key)
    }

    /// The value of a key, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.0.get_mut(key).map(|e| &mut e.node)
    }

    /// Sets a key.
    pub fn set(&mut self, key: impl Into<String>, node: impl Into<Node>) {
        self.set_at(key.into(), Pos::default(), node.into());
    }

    /// Sets a key that stands at a known place.
    pub fn set_at(&mut self, key: String, pos: Pos, node: Node) {
        self.0.insert(key, Entry { pos, node });
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &str) -> Option<Node> {
        self.0.remove(key).map(|e| e.node)
    }

    /// The keys and values, sorted by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.0.iter().map(|(key, entry)| (key.as_str(), entry))
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Node {
    /// The mapping, if it is one.
    pub fn as_map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The text, if it is text.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        self.value == Value::Null
    }
}

impl<V: Into<Value>> From<V> for Node {
    fn from(value: V) -> Self {
        Node {
            value: value.into(),
            pos: Pos::default(),
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

impl From<i128> for Value {
    fn from(value: i128) -> Self {
        Value::Int(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::Str(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Value::Str(value)
    }
}

impl From<Map> for Value {
    fn from(value: Map) -> Self {
        Value::Map(value)
    }
}

impl From<Vec<Node>> for Value {
    fn from(value: Vec<Node>) -> Self {
        Value::Seq(value)
    }
}
