//! A kubeadm configuration's documents: split as kubeadm splits them, each with its API and kind.

use super::error::{Error, Input, Place};
use super::stream::{Stream, split};
use super::version::{APIS, Behaviour, Version};
use super::warning::Warning;
use super::yaml::{Node, Pos, Value};

/// The group of kubeadm's own API.
const KUBEADM: &str = "kubeadm.k8s.io";
/// The group of the kubelet's configuration.
const KUBELET: &str = "kubelet.config.k8s.io";
/// The only version of the kubelet's configuration.
const KUBELET_VERSION: &str = "v1beta1";

/// One document with what it is.
#[derive(Clone, Debug)]
pub struct Document {
    /// Where it starts.
    pub place: Place,
    /// The API's group; `v1` has none.
    pub group: String,
    /// The API's version.
    pub version: String,
    /// The kind.
    pub kind: String,
    /// The content.
    pub node: Node,
}

impl Document {
    /// Whether this is kubeadm's own document of a kind.
    pub fn is(&self, kind: &str) -> bool {
        self.group == KUBEADM && self.kind == kind
    }

    /// Whether this is a KubeletConfiguration.
    pub fn is_kubelet(&self) -> bool {
        self.group == KUBELET && self.kind == "KubeletConfiguration"
    }
}

/// Reads a text into documents. An API that is gone from this kubeadm is refused. `strict` refuses also those to
/// come, which otherwise only get a warning.
///
/// # Errors
/// A text beyond the limits, broken YAML, a document without a kind, two of one kind, an API that this kubeadm does
/// not read.
pub fn read(
    text: &Stream,
    input: Input,
    version: Version,
    strict: bool,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Document>, Error> {
    if text.is_too_large() {
        return Err(Error::TooLarge {
            input,
            size: text.as_str().len(),
        });
    }
    let mut documents: Vec<Document> = Vec::new();
    for (index, part) in text.parts().iter().enumerate() {
        let mut place = Place {
            document: index + 1,
            ..Place::start(input)
        };
        place.pos.line = part.first_line;
        if index > 0 && version.has(Behaviour::FirstDocumentOnly) {
            warnings.push(Warning::IgnoredDocument(place));
            continue;
        }
        let node = part.node.clone().map_err(|(problem, pos)| Error::Yaml {
            place: Box::new(Place {
                pos,
                ..place.clone()
            }),
            problem: problem.into(),
        })?;
        let document = identify(node, place, version)?;
        let twin = documents.iter().find(|d| d.kind == document.kind);
        if let Some(first) = twin {
            return Err(Error::TwoOfOneKind {
                kind: document.kind,
                first: first.place.document,
                second: document.place.into(),
            });
        }
        documents.push(document);
    }
    for document in &documents {
        check_api(document, version, strict, warnings)?;
    }
    Ok(documents)
}

/// Reads `apiVersion` and `kind`.
fn identify(node: Node, mut place: Place, version: Version) -> Result<Document, Error> {
    let field = |name: &str| {
        node.as_map()
            .and_then(|m| m.get(name))
            .and_then(Node::as_str)
    };
    let kind = field("kind").unwrap_or_default().to_owned();
    let api = match field("apiVersion") {
        None | Some("") if version.has(Behaviour::ApiVersionOptional) => "kubeadm.k8s.io/v1alpha2",
        api => api.unwrap_or_default(),
    };
    let (group, api_version) = api.split_once('/').unwrap_or(("", api));
    if node.pos != Pos::default() {
        place.pos = node.pos;
    }
    place.kind.clone_from(&kind);
    let group_missing = group.is_empty() && version.has(Behaviour::GroupRequired);
    if kind.is_empty() || api_version.is_empty() || group_missing {
        return Err(Error::NoKind(place.into()));
    }
    Ok(Document {
        group: group.to_owned(),
        version: api_version.to_owned(),
        kind,
        place,
        node,
    })
}

/// Whether this kubeadm reads the document's API.
fn check_api(
    document: &Document,
    version: Version,
    strict: bool,
    warnings: &mut Vec<Warning>,
) -> Result<(), Error> {
    if document.group == KUBEADM {
        let row = APIS.iter().find(|(api, _)| *api == document.version);
        let readable = row.is_some_and(|(_, r)| r.contains(&version.minor()));
        // An API that is gone is refused whatever the kind; of an API to come, only kinds that are needed.
        let gone = row.is_some_and(|(_, r)| *r.end() < version.minor());
        let known = matches!(
            document.kind.as_str(),
            "InitConfiguration"
                | "ClusterConfiguration"
                | "JoinConfiguration"
                | "MasterConfiguration"
                | "NodeConfiguration"
        );
        let (place, api) = (document.place.clone(), document.version.clone());
        let range = row.and_then(|(_, r)| Version::new(*r.start()).zip(Version::new(*r.end())));
        match range {
            _ if !gone && (readable || !known) => {}
            Some((first, last)) if !strict && !gone => {
                warnings.push(Warning::OtherKubeadm {
                    place,
                    api,
                    version,
                    first,
                    last,
                });
            }
            _ => {
                return Err(Error::UnreadableApi {
                    place: place.into(),
                    api,
                    version,
                });
            }
        }
    }
    let kubelet = document.group == KUBELET;
    let foreign_kind = document.kind != "KubeletConfiguration"
        && version.has(Behaviour::ForeignKubeletKindRefused);
    let foreign_version =
        document.kind == "KubeletConfiguration" && document.version != KUBELET_VERSION;
    if kubelet && (foreign_kind || foreign_version) {
        return Err(Error::UnknownKind {
            place: document.place.clone().into(),
            api: format!("{}/{}", document.group, document.version),
            kind: document.kind.clone(),
        });
    }
    Ok(())
}

/// The documents that Kubernetes objects of a saved cluster carry: the data of ConfigMaps `kubeadm-config` and
/// `kubelet-config…`, alone or in a List. The rest stays as it is.
///
/// # Errors
/// As [`read`].
pub fn unwrap_config_maps(
    text: &Stream,
    version: Version,
    strict: bool,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Document>, Error> {
    if text.is_too_large() {
        return Err(Error::TooLarge {
            input: Input::Cluster,
            size: text.as_str().len(),
        });
    }
    let mut texts = Vec::new();
    let mut plain = String::new();
    for part in text.parts() {
        let node = part.node.clone().map_err(|(problem, pos)| Error::Yaml {
            place: Box::new(Place {
                pos,
                ..Place::start(Input::Cluster)
            }),
            problem: problem.into(),
        })?;
        if !config_map_texts(&node, &mut texts) {
            plain.push_str(&part.text);
            plain.push_str("\n---\n");
        }
    }
    if texts.is_empty() {
        return read(text, Input::Cluster, version, strict, warnings);
    }
    texts.push(plain);
    let joined = texts.join("\n---\n");
    let joined: String = joined.trim_start().to_owned();
    read(
        &drop_blank_parts(&joined).into(),
        Input::Cluster,
        version,
        strict,
        warnings,
    )
}

fn drop_blank_parts(text: &str) -> String {
    let parts: Vec<&str> = split(text)
        .into_iter()
        .map(|(_, part)| part)
        .filter(|part| !part.trim().is_empty())
        .collect();
    parts.join("\n---\n")
}

/// Takes the data out of a ConfigMap or a List of them; `false` for anything else.
pub(super) fn config_map_texts(node: &Node, texts: &mut Vec<String>) -> bool {
    let Some(map) = node.as_map() else {
        return false;
    };
    match map.get("kind").and_then(Node::as_str) {
        Some("List" | "ConfigMapList") => {
            if let Some(Value::Seq(items)) = map.get("items").map(|n| &n.value) {
                for item in items {
                    config_map_texts(item, texts);
                }
            }
            true
        }
        Some("ConfigMap") => {
            let data = map.get("data").and_then(Node::as_map);
            for key in ["kubelet", "ClusterConfiguration", "MasterConfiguration"] {
                if let Some(text) = data.and_then(|d| d.get(key)).and_then(Node::as_str) {
                    texts.push(text.to_owned());
                }
            }
            true
        }
        Some("Role" | "RoleBinding") => true,
        _ => false,
    }
}
