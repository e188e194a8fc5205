//! What counts where a flag is not on the command line: the field of the kubelet's configuration
//! that is the same setting, or the kubelet's default.

use super::shown::shown;
use crate::effective::{At, Place};
use crate::kubeadm::yaml::{self, Map, Node, Pos, Value};
use crate::kubelet::takes::{Kind, Presence};
use crate::kubelet::{Version, defaults, settings};
use serde::Serialize;
use std::fmt;

/// A document of the kubelet's configuration. Later ones are merged over earlier ones.
#[derive(Debug, Clone)]
pub struct Document<'a> {
    /// Its path, as the user knows it.
    pub path: String,
    /// Its bytes, or why there are none; without either, it is missing.
    pub content: Result<&'a [u8], Option<String>>,
}

/// What counts for a flag that is not on the command line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "from", rename_all = "kebab-case")]
pub enum Setting {
    /// The kubelet's configuration sets it.
    Configuration {
        /// The path of the field.
        field: &'static str,
        /// Its value, on one line.
        value: String,
        /// Where it stands.
        #[serde(flatten)]
        place: Place,
    },
    /// The kubelet's default.
    Default {
        /// The path of the field that would set it.
        field: Option<&'static str>,
        /// The default.
        value: &'static str,
        /// Where the configuration has a zero, which leaves it to the default.
        left: Option<Left>,
    },
    /// Nothing sets it, and what the kubelet does then is not known.
    Nowhere {
        /// The path of the field that would set it.
        field: Option<&'static str>,
    },
    /// The file that the command line names is missing, and without it the kubelet exits.
    Missing {
        /// Its path.
        path: String,
    },
    /// A document cannot be read.
    CannotTell {
        /// What is wrong.
        why: String,
        /// Where.
        #[serde(flatten)]
        place: Place,
    },
}

/// A zero in the configuration that counts as nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Left {
    /// What stands there.
    pub value: String,
    /// Where.
    #[serde(flatten)]
    pub place: Place,
}

impl Setting {
    /// Looks for a flag, without dashes, in the documents of a kubelet.
    pub fn of(flag: &str, documents: &[Document<'_>], version: Option<Version>) -> Self {
        let field = settings::field(flag).filter(|field| is_there(field, version));
        let mut found: Option<Found> = None;
        for document in documents.iter().filter(|_| field.is_some()) {
            match in_document(document, field.unwrap_or_default()) {
                Ok(None) => {}
                Ok(Some(next)) => found = Some(next.over(found.as_ref())),
                Err((Some(why), place)) => return Self::CannotTell { why, place },
                Err((None, place)) => return Self::Missing { path: place.path },
            }
        }
        let default = defaults::default(flag, version, !documents.is_empty());
        let left = match found {
            None => None,
            Some(found) if defaults::fills_zero(flag) && is_zero(&found.node) => Some(Left {
                value: one_line(&found.node),
                place: found.place,
            }),
            Some(found) => {
                return Self::Configuration {
                    field: field.unwrap_or_default(),
                    value: one_line(&found.node),
                    place: found.place,
                };
            }
        };
        match default {
            Some(value) => Self::Default { field, value, left },
            None => Self::Nowhere { field },
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configuration {
                field,
                value,
                place,
            } => write!(f, "{field}: {value} ({place})"),
            Self::Default { field, value, left } => {
                match field {
                    Some(field) => write!(f, "{field}: {value}, the kubelet's default")?,
                    None => write!(f, "the kubelet's default applies: {value}")?,
                }
                match left {
                    Some(Left { value, place }) => {
                        write!(f, ", to which `{value}` leaves it ({place})")
                    }
                    None => Ok(()),
                }
            }
            Self::Nowhere { field: Some(field) } => {
                write!(
                    f,
                    "`{field}` is not set either: the kubelet's default applies"
                )
            }
            Self::Nowhere { field: None } => f.write_str("the kubelet's default applies"),
            Self::Missing { path } => {
                write!(f, "{path} is missing, and without it the kubelet exits")
            }
            Self::CannotTell { why, place } => {
                write!(
                    f,
                    "the value that applies instead cannot be told: {place}: {why}"
                )
            }
        }
    }
}

/// Whether the kubelet of a release reads a field; what is not known of one, it may.
fn is_there(field: &str, version: Option<Version>) -> bool {
    let top = field.split('.').next().unwrap_or(field);
    let presence = version.map(|version| Kind::Field.presence(top, version));
    !matches!(
        presence,
        Some(Presence::NotYet { .. } | Presence::Gone { .. } | Presence::Never)
    )
}

/// A value and where it stands.
struct Found {
    node: Node,
    place: Place,
}

impl Found {
    /// A mapping is merged with that of an earlier document; all else replaces it.
    fn over(self, earlier: Option<&Found>) -> Self {
        let merged = earlier.and_then(|earlier| {
            let mut map: Map = earlier.node.as_map()?.clone();
            for (key, entry) in self.node.as_map()?.iter() {
                map.set_at(key.to_owned(), entry.pos, entry.node.clone());
            }
            Some(Node::from(map))
        });
        Self {
            node: merged.unwrap_or(self.node),
            place: self.place,
        }
    }
}

/// The value of a field in a document; null is the same as nothing.
fn in_document(
    document: &Document<'_>,
    field: &str,
) -> Result<Option<Found>, (Option<String>, Place)> {
    let place = |pos: Option<Pos>| Place {
        path: document.path.clone(),
        at: pos.map(|pos| At {
            line: pos.line,
            column: Some(pos.column),
        }),
    };
    let content = match &document.content {
        Ok(content) => String::from_utf8_lossy(content),
        Err(why) => return Err((why.clone(), place(None))),
    };
    let read = yaml::read_document(&content, 1);
    let top = read.map_err(|(problem, pos)| (Some(problem.to_string()), place(Some(pos))))?;
    let mut node = &top;
    let mut pos = top.pos;
    for name in field.split('.') {
        let mut entries = node.as_map().into_iter().flat_map(Map::iter);
        match entries.find(|(key, _)| *key == name) {
            Some((_, entry)) => (node, pos) = (&entry.node, entry.pos),
            None => return Ok(None),
        }
    }
    let node = node.clone();
    let place = place(Some(pos));
    Ok((!node.is_null()).then_some(Found { node, place }))
}

/// Whether Go has nothing there: zero, no text, a duration of nothing.
fn is_zero(node: &Node) -> bool {
    match &node.value {
        Value::Int(number) => *number == 0,
        Value::Str(text) => matches!(text.as_str(), "" | "0" | "0s"),
        _ => false,
    }
}

/// A value as flow style has it, cut where it is very long.
fn one_line(node: &Node) -> String {
    const MOST: usize = 400;
    let mut text = flow(node);
    if let Some((cut, _)) = text.char_indices().nth(MOST) {
        text.truncate(cut);
        text.push('…');
    }
    text
}

fn flow(node: &Node) -> String {
    match &node.value {
        Value::Str(text) => shown(text),
        Value::Seq(items) => {
            let items: Vec<_> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(map) => {
            let pairs = map.iter();
            let pairs: Vec<_> = pairs
                .map(|(key, entry)| format!("{}: {}", shown(key), flow(&entry.node)))
                .collect();
            format!("{{{}}}", pairs.join(", "))
        }
        _ => yaml::write(node).trim_end().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What counts for a flag with these documents.
    fn of(flag: &str, documents: &[&str], version: &str) -> String {
        let named = documents.iter().enumerate();
        let documents: Vec<_> = named
            .map(|(at, text)| Document {
                path: format!("{at}.yaml"),
                content: Ok(text.as_bytes()),
            })
            .collect();
        Setting::of(flag, &documents, version.parse().ok()).to_string()
    }

    #[test]
    fn the_last_document_counts_and_a_zero_leaves_the_default() {
        let said = [
            of("max-pods", &["kind: A\nmaxPods: 50\n"], "1.36"),
            of(
                "max-pods",
                &["maxPods: 50\n", "port: 1\n", "maxPods: 60\n"],
                "1.36",
            ),
            of("max-pods", &["maxPods: 0\n"], "1.36"),
            of("max-pods", &["maxPods: null\n"], "1.36"),
            of("max-pods", &[], "1.36"),
            of("sync-frequency", &["syncFrequency: 0s\n"], "1.36"),
            of("kube-api-qps", &["kubeAPIQPS: 0\n"], "1.36"),
            of("kube-api-qps", &["a: 1\n"], "1.26"),
            of(
                "anonymous-auth",
                &["authentication:\n  anonymous: {enabled: true}\n"],
                "1.36",
            ),
            of("anonymous-auth", &[], "1.36"),
            of(
                "eviction-hard",
                &[
                    "evictionHard: {memory.available: 1Gi, nodefs.available: 5%}\n",
                    "evictionHard: {memory.available: 2Gi}\n",
                ],
                "1.36",
            ),
            of("eviction-hard", &["a: 1\n"], "1.36"),
            of(
                "cluster-dns",
                &["clusterDNS: [10.96.0.10, 'a b']\n"],
                "1.36",
            ),
            // The field came with 1.27.
            of(
                "container-runtime-endpoint",
                &["containerRuntimeEndpoint: unix:///a\n"],
                "1.26",
            ),
            of(
                "container-runtime-endpoint",
                &["containerRuntimeEndpoint: unix:///a\n"],
                "1.27",
            ),
            of("node-ip", &["a: 1\n"], "1.36"),
            of("root-dir", &["a: 1\n"], "1.36"),
            of("max-pods", &["maxPods: 50\na: [\n"], "1.36"),
        ];
        insta::assert_snapshot!(said.join("\n"));
    }
}
