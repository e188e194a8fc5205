//! From texts to a checked model: which documents count, and what their fields say.

use super::documents::{self, Document};
use super::error::{Error, Input, Invalid, Place};
use super::host::Overrides;
use super::kubeadm_fields::{CLUSTER, INIT, INIT_LIST, JOIN, JOIN_LIST, JOIN_OLD, MASTER};
use super::model::{Cluster, NodeRegistration, Source, Text, View};
use super::net::{self, Subnet};
use super::schema::Field;
use super::stream::Stream;
use super::validate;
use super::version::{Behaviour, Version, meant};
use super::warning::Warning;
use super::yaml::{Node, Pos, Value};

const SERVICE_SUBNET: &str = "10.96.0.0/12";
const DNS_DOMAIN: &str = "cluster.local";
const CERTIFICATES_DIR: &str = "/etc/kubernetes/pki";
/// What a node gets of the pod subnet unless the controller manager is told otherwise.
const NODE_MASKS: (u8, u8) = (24, 64);

/// Reads one side of a configuration.
pub struct Reader<'r> {
    /// The kubeadm that is followed.
    pub version: Version,
    /// Options of the command line.
    pub overrides: &'r Overrides,
    /// Whether APIs of other kubeadms are refused.
    pub strict: bool,
    /// Where warnings go.
    pub warnings: &'r mut Vec<Warning>,
}

/// The kinds of a configuration for `init`.
pub(super) const INIT_KINDS: &[&str] = &["InitConfiguration", "ClusterConfiguration"];
pub(super) const OLD_INIT_KINDS: &[&str] = &["MasterConfiguration"];
pub(super) const JOIN_KINDS: &[&str] = &["JoinConfiguration", "NodeConfiguration"];

/// Whether these documents are for `kubeadm join`: they say how to join, and nothing about a cluster of their own.
pub fn means_join(documents: &[Document]) -> bool {
    let has = |kinds: &[&str]| documents.iter().any(|d| kinds.iter().any(|k| d.is(k)));
    has(JOIN_KINDS) && !has(INIT_KINDS) && !has(OLD_INIT_KINDS)
}

impl Reader<'_> {
    /// The documents of a text, with a warning for those that nobody reads.
    ///
    /// # Errors
    /// See [`documents::read`].
    pub fn documents(&mut self, text: &Stream, input: Input) -> Result<Vec<Document>, Error> {
        let documents = documents::read(text, input, self.version, self.strict, self.warnings)?;
        let count = |kinds: &[&str]| documents.iter().any(|d| kinds.iter().any(|k| d.is(k)));
        if count(&["InitConfiguration"]) && count(&["JoinConfiguration"]) {
            self.warnings.push(Warning::InitAndJoin);
        }
        for document in &documents {
            let known = [INIT_KINDS, OLD_INIT_KINDS, JOIN_KINDS].concat();
            let proxy = document.kind == "KubeProxyConfiguration";
            if !proxy && !document.is_kubelet() && !known.iter().any(|k| document.is(k)) {
                self.warnings
                    .push(Warning::IgnoredDocument(document.place.clone()));
            }
        }
        Ok(documents)
    }

    /// This node, from the configuration's documents; `None` where none of them is about a node.
    ///
    /// # Errors
    /// A missing document, a wrong type, a value that kubeadm refuses.
    pub fn node(
        &mut self,
        documents: &[Document],
        join: bool,
    ) -> Result<Option<NodeRegistration>, Error> {
        let kinds = if join { JOIN_KINDS } else { INIT_KINDS };
        let wanted: &[&str] = if join {
            JOIN_KINDS
        } else {
            &["InitConfiguration", "MasterConfiguration"]
        };
        let Some(document) = documents.iter().find(|d| wanted.iter().any(|k| d.is(k))) else {
            let cluster = documents.iter().any(|d| d.is("ClusterConfiguration"));
            let input = Input::Config;
            return if cluster && !join {
                Ok(None)
            } else if self.version.has(Behaviour::FirstDocumentOnly) && !join {
                Err(Error::NoDocument {
                    input,
                    wanted: OLD_INIT_KINDS,
                })
            } else {
                Err(Error::NoDocument {
                    input,
                    wanted: kinds,
                })
            };
        };
        let view = View::check(
            &document.node,
            &document.place,
            fields(document),
            self.version,
            self.warnings,
        )?;
        let node = view.inner("nodeRegistration", "nodeRegistration");
        let top = document.version == "v1alpha1";
        let name = if top {
            view.text("nodeName")
        } else {
            node.text("name")
        };
        let socket = if top {
            view.text("criSocket")
        } else {
            node.text("criSocket")
        };
        let name = name
            .map(|text| validate::node_name(text.value).map_err(|p| text.error(p)))
            .transpose()?;
        let cri_socket = socket
            .map(|text| validate::cri_socket(&text, self.version, self.warnings))
            .transpose()?;
        let arguments = node.arguments("kubeletExtraArgs");
        validate::arguments(&arguments, &node, self.version)?;
        Ok(Some(NodeRegistration {
            name,
            cri_socket,
            taints: node.taints(),
            arguments,
            control_plane: view
                .get("controlPlane")
                .is_some_and(|node| node.value != Value::Bool(false)),
            gates: view.flags("featureGates"),
        }))
    }

    /// The cluster, from documents and the command line; kubeadm's defaults where nothing is said.
    ///
    /// # Errors
    /// A wrong type, a value that kubeadm refuses.
    pub fn cluster(&mut self, documents: &[Document], input: Input) -> Result<Cluster, Error> {
        let document = documents
            .iter()
            .find(|d| d.is("ClusterConfiguration") || d.is("MasterConfiguration"));
        let nothing = Node::from(super::yaml::Map::default());
        let start = Place::start(input);
        let (node, place, kind) = match document {
            Some(d) => (&d.node, &d.place, fields(d)),
            None => (&nothing, &start, CLUSTER),
        };
        let view = View::check(node, place, kind, self.version, self.warnings)?;
        validate::gates(&view, self.version)?;
        let networking = view.inner("networking", "networking");
        let manager = view.inner("controllerManager", "controllerManager");
        let (version, from) = (self.version, self.overrides);
        let line = command_line();
        let gates = view.flags("featureGates");
        let dual = gates.get("IPv6DualStack") == Some(&true);

        let subnet = choose(
            "--service-cidr",
            from.service_subnet.as_deref(),
            &line,
            networking.text("serviceSubnet"),
        );
        let service_subnets = match subnet {
            Some(text) => net::service_subnet(text.value, version, dual)
                .map_err(|problem| subnet_error(&text, problem))?,
            None => Subnet::parse(SERVICE_SUBNET, false).into_iter().collect(),
        };
        let pods = choose(
            "--pod-network-cidr",
            from.pod_subnet.as_deref(),
            &line,
            networking.text("podSubnet"),
        );
        if let Some(text) = pods {
            let one = version.has(Behaviour::OneNodeMask)
                || (version.has(Behaviour::OneNodeMaskByGate)
                    && gates.get("IPv6DualStack") == Some(&false));
            let may_be_off = version.has(Behaviour::NodeRangesMayBeOff);
            let mask = |v4| node_mask(&manager, v4, one, may_be_off);
            net::pod_subnet(text.value, version, dual, mask)
                .map_err(|problem| subnet_error(&text, problem))?;
        }
        let domain = choose(
            "--service-dns-domain",
            from.dns_domain.as_deref(),
            &line,
            networking.text("dnsDomain"),
        );
        if let Some(text) = domain {
            validate::dns_name(text.value).map_err(|problem| text.error(problem))?;
        }
        let dir = choose(
            "--cert-dir",
            from.certificates_dir.as_deref(),
            &line,
            view.text("certificatesDir"),
        );
        let images = choose(
            "--image-repository",
            from.image_repository.as_deref(),
            &line,
            view.text("imageRepository"),
        );
        let kubernetes = choose(
            "--kubernetes-version",
            from.kubernetes_version.as_deref(),
            &line,
            view.text("kubernetesVersion"),
        );
        let kubernetes_minor = match kubernetes {
            // What a cluster holds was checked when it was made, perhaps by an older kubeadm.
            Some(text) if input == Input::Cluster => {
                meant(text.value).map(|asked| asked.number().into())
            }
            Some(text) => validate::kubernetes_version(&text, version, self.strict, self.warnings)?,
            None => None,
        };
        Ok(Cluster {
            kubernetes_minor,
            service_subnets,
            service_subnet_text: subnet.map_or(SERVICE_SUBNET, |t| t.value).to_owned(),
            dns_domain: domain.map_or(DNS_DOMAIN, |t| t.value).to_owned(),
            certificates_dir: match dir {
                Some(text) => validate::absolute(&text)?,
                None => CERTIFICATES_DIR.to_owned(),
            },
            image_repository: match images {
                Some(text) => validate::image_repository(&text, version)?,
                None => version.image_repository().to_owned(),
            },
            gates,
            kubelet: kubelet_source(documents),
        })
    }
}

/// The place of every option of the command line.
pub fn command_line() -> Place {
    Place {
        pos: Pos::default(),
        ..Place::start(Input::CommandLine)
    }
}

/// The command line's value before the file's.
fn choose<'d>(
    option: &'static str,
    value: Option<&'d str>,
    line: &'d Place,
    file: Option<Text<'d>>,
) -> Option<Text<'d>> {
    match value.filter(|v| !v.is_empty()) {
        Some(value) => Some(Text::option(option, value, line)),
        None => file,
    }
}

fn subnet_error(text: &Text<'_>, problem: net::SubnetProblem) -> Error {
    text.error(Invalid::Subnet {
        value: text.value.to_owned(),
        problem,
    })
}

/// The mask of a node's part of the pod subnet, unless the controller manager hands out none. `one` says whether
/// the argument for both families counts, `may_be_off` whether it is looked at that none are handed out.
fn node_mask(manager: &View<'_>, v4: bool, one: bool, may_be_off: bool) -> Option<u8> {
    let arguments = manager.arguments("extraArgs");
    let value = |name: &str| {
        let found = arguments.iter().rev().find(|a| a.name == name);
        found.map(|a| a.value.as_str())
    };
    if may_be_off && value("allocate-node-cidrs").is_some_and(|v| v != "true") {
        return None;
    }
    let own = if v4 {
        "node-cidr-mask-size-ipv4"
    } else {
        "node-cidr-mask-size-ipv6"
    };
    let both = value("node-cidr-mask-size").filter(|_| one);
    match value(own).or(both) {
        Some(mask) => mask.parse().ok(),
        None => Some(if v4 { NODE_MASKS.0 } else { NODE_MASKS.1 }),
    }
}

/// The KubeletConfiguration: a document of its own, or a MasterConfiguration's `kubeletConfiguration.baseConfig`.
fn kubelet_source(documents: &[Document]) -> Option<Source> {
    if let Some(document) = documents.iter().find(|d| d.is_kubelet()) {
        return Some(Source {
            node: document.node.clone(),
            place: document.place.clone(),
        });
    }
    let master = documents.iter().find(|d| d.is("MasterConfiguration"))?;
    let outer = master.node.as_map()?.get("kubeletConfiguration")?;
    let node = outer.as_map()?.get("baseConfig")?;
    Some(Source {
        node: node.clone(),
        place: Place {
            path: "kubeletConfiguration.baseConfig".to_owned(),
            pos: node.pos,
            ..master.place.clone()
        },
    })
}

/// The fields of a document's kind at its API's version.
fn fields(document: &Document) -> &'static [Field] {
    let list = document.version == "v1beta4";
    match document.kind.as_str() {
        "MasterConfiguration" => MASTER,
        "ClusterConfiguration" => CLUSTER,
        "InitConfiguration" if list => INIT_LIST,
        "InitConfiguration" => INIT,
        _ if list => JOIN_LIST,
        _ if document.version.starts_with("v1alpha") => JOIN_OLD,
        _ => JOIN,
    }
}
