//! What a kubeadm configuration says about the kubelet, read and checked.

use std::collections::BTreeMap;

use super::convert::{self, Conversion};
use super::error::{Error, Invalid, Place};
use super::net::Subnet;
use super::schema::{self, Field, Type};
use super::version::Version;
use super::warning::Warning;
use super::yaml::{Entry, Map, Node, Pos, Value};
use crate::sorting;

/// An extra argument: the flag without dashes, and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// The flag's name.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl Argument {
    /// An argument of kubeadm's own.
    pub fn new(name: &str, value: impl Into<String>) -> Argument {
        Argument {
            name: name.to_owned(),
            value: value.into(),
        }
    }

    /// As the kubelet takes it.
    pub fn text(&self) -> String {
        format!("--{}={}", self.name, self.value)
    }
}

/// A taint of the node, unchecked, as kubeadm passes it on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taint {
    /// The key.
    pub key: String,
    /// The value, which may be empty.
    pub value: String,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`; kubeadm takes anything.
    pub effect: String,
}

/// `nodeRegistration`: what this node is told apart from the cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeRegistration {
    /// The node's name, trimmed and lowered; `None` for the host's.
    pub name: Option<String>,
    /// The container runtime's socket as it was written; `None` to look for one.
    pub cri_socket: Option<String>,
    /// The taints; `None` for kubeadm's own.
    pub taints: Option<Vec<Taint>>,
    /// The extra arguments in the order that counts: sorted for a mapping, the user's for a list.
    pub arguments: Vec<Argument>,
    /// Whether the node joins as a control plane.
    pub control_plane: bool,
    /// kubeadm's feature gates of a node that joins: up to v1alpha3 its own document has them.
    pub gates: BTreeMap<String, bool>,
}

/// What holds for the whole cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// The Kubernetes version, if one is given; for a label, none.
    pub kubernetes_minor: Option<u64>,
    /// One or two service subnets, never none.
    pub service_subnets: Vec<Subnet>,
    /// The first service subnet as it was written.
    pub service_subnet_text: String,
    /// The cluster's domain.
    pub dns_domain: String,
    /// Where the certificates are.
    pub certificates_dir: String,
    /// Where images come from.
    pub image_repository: String,
    /// kubeadm's feature gates that are set.
    pub gates: BTreeMap<String, bool>,
    /// The KubeletConfiguration, as it was given.
    pub kubelet: Option<Source>,
}

/// A KubeletConfiguration with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The content.
    pub node: Node,
    /// Where it stands.
    pub place: Place,
}

/// A document that has been checked against its fields, to read single values from.
#[derive(Clone, Copy)]
pub struct View<'d> {
    map: Option<&'d Map>,
    place: &'d Place,
    path: &'static str,
    pos: Pos,
}

/// A text value and where it stands.
#[derive(Clone, Copy)]
pub struct Text<'d> {
    /// The value.
    pub value: &'d str,
    place: &'d Place,
    path: &'static str,
    name: &'static str,
    pos: Pos,
}

impl<'d> Text<'d> {
    /// A value of the command line.
    pub fn option(name: &'static str, value: &'d str, place: &'d Place) -> Text<'d> {
        let (path, pos) = ("", Pos::default());
        Text {
            value,
            place,
            path,
            name,
            pos,
        }
    }

    /// An error about this value.
    pub fn error(&self, problem: Invalid) -> Error {
        schema::invalid(
            self.place,
            &schema::join(self.path, self.name),
            self.pos,
            problem,
        )
    }
}

/// How many letters may be wrong in a field that is meant to be another.
const MISSPELT: usize = 2;

/// A field that is nearly one of the struct that it is in.
fn misspelt(place: Place, fields: &'static [Field]) -> Option<Warning> {
    let (above, name) = place.path.rsplit_once('.').unwrap_or(("", &place.path));
    let inner = |fields: &'static [Field], name: &str| {
        let field = fields.iter().find(|field| field.name == name)?;
        match field.ty {
            Type::Struct(fields) => Some(fields),
            _ => None,
        }
    };
    let mut names = above.split('.').filter(|name| !name.is_empty());
    let siblings = names.try_fold(fields, inner)?;
    let near = |known: &str| strsim::damerau_levenshtein(name, known) <= MISSPELT;
    let known = siblings.iter().find(|field| near(field.name))?.name;
    Some(Warning::MisspeltField { place, known })
}

impl<'d> View<'d> {
    /// Checks a document's types, and the names of fields that are nearly those that are read here.
    ///
    /// # Errors
    /// The first value of a wrong type.
    pub fn check(
        node: &'d Node,
        place: &'d Place,
        fields: &'static [Field],
        version: Version,
        warnings: &mut Vec<Warning>,
    ) -> Result<View<'d>, Error> {
        let mut unknown = Vec::new();
        let mut by = Conversion {
            place: place.clone(),
            version,
            keep_unknown: false,
            warnings: &mut unknown,
        };
        convert::convert(node, fields, &mut by)?;
        // Most of what is unknown is only not read here.
        warnings.extend(unknown.into_iter().filter_map(|warning| match warning {
            Warning::UnknownField { place, .. } => misspelt(place, fields),
            _ => None,
        }));
        Ok(View {
            map: node.as_map(),
            place,
            path: "",
            pos: place.pos,
        })
    }

    /// The value of a field; null counts as absent.
    pub fn get(&self, name: &str) -> Option<&'d Node> {
        self.map.and_then(|m| m.get(name)).filter(|n| !n.is_null())
    }

    /// A struct in it; `path` is its whole path.
    #[must_use]
    pub fn inner(&self, name: &str, path: &'static str) -> View<'d> {
        let node = self.get(name);
        View {
            map: node.and_then(Node::as_map),
            place: self.place,
            path,
            pos: node.map_or(self.pos, |n| n.pos),
        }
    }

    /// A text, if it is there and not empty: Go's defaulting does not tell these apart.
    pub fn text(&self, name: &'static str) -> Option<Text<'d>> {
        let node = self.get(name)?;
        let value = node.as_str().filter(|t| !t.is_empty())?;
        Some(Text {
            value,
            place: self.place,
            path: self.path,
            name,
            pos: node.pos,
        })
    }

    /// A mapping of booleans.
    pub fn flags(&self, name: &str) -> BTreeMap<String, bool> {
        let map = self.get(name).and_then(Node::as_map);
        let flag =
            |(key, entry): (&str, &Entry)| (key.to_owned(), entry.node.value == Value::Bool(true));
        sorting::map(map.into_iter().flat_map(Map::iter).map(flag))
    }

    /// An error about a field in it.
    pub fn error(&self, name: &str, problem: Invalid) -> Error {
        let pos = self.get(name).map_or(self.pos, |n| n.pos);
        schema::invalid(self.place, &schema::join(self.path, name), pos, problem)
    }

    /// The taints: null is none given, an empty list is no taint.
    pub fn taints(&self) -> Option<Vec<Taint>> {
        let Value::Seq(items) = &self.get("taints")?.value else {
            return None;
        };
        let text = |item: &Node, name: &str| {
            let value = item
                .as_map()
                .and_then(|m| m.get(name))
                .and_then(Node::as_str);
            value.unwrap_or_default().to_owned()
        };
        let taint = |item| Taint {
            key: text(item, "key"),
            value: text(item, "value"),
            effect: text(item, "effect"),
        };
        Some(items.iter().map(taint).collect())
    }

    /// The extra arguments, from a mapping or a list.
    pub fn arguments(&self, name: &str) -> Vec<Argument> {
        let text = |node: Option<&Node>| node.and_then(Node::as_str).unwrap_or_default().to_owned();
        match self.get(name).map(|n| &n.value) {
            Some(Value::Map(map)) => map
                .iter()
                .map(|(name, entry)| Argument::new(name, text(Some(&entry.node))))
                .collect(),
            Some(Value::Seq(items)) => items
                .iter()
                .map(|item| {
                    let map = item.as_map();
                    let name = text(map.and_then(|m| m.get("name")));
                    Argument::new(&name, text(map.and_then(|m| m.get("value"))))
                })
                .collect(),
            _ => Vec::new(),
        }
    }
}
