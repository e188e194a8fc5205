//! From a request to the files.

use std::collections::BTreeMap;

use super::configmap;
use super::cri;
use super::documents;
use super::effect;
use super::error::{Error, Input};
use super::flags::{FLAGS_FILE, Flags, RESOLVED};
use super::gotext;
use super::host::{HostInit, Overrides};
use super::identity::{host_bits, names, socket};
use super::kubelet::{CONFIG_FILE, Completion, INSTANCE_FILE};
use super::model::{Cluster, NodeRegistration, Source};
use super::patch;
use super::read::{Reader, means_join};
use super::request::{Action, File, Output, Request};
use super::template;
use super::version::{Behaviour, Version};
use super::warning::Warning;
use super::yaml::{self, Map, Node};

/// A request that was read and checked.
#[derive(Clone, Debug)]
pub struct Plan<'r> {
    request: Request<'r>,
    action: Action,
    /// `None` where the configuration says nothing about a node.
    node: Option<NodeRegistration>,
    cluster: Cluster,
    hostname: String,
    node_name: String,
    cri_socket: String,
    warnings: Vec<Warning>,
}

impl<'r> Plan<'r> {
    /// Reads and checks everything that was given.
    ///
    /// # Errors
    /// The first thing that kubeadm of that release would refuse, among what is read here.
    pub fn new(request: Request<'r>) -> Result<Plan<'r>, Error> {
        let texts = [
            (request.config, Input::Config),
            (request.cluster_config, Input::Cluster),
        ];
        let texts = texts
            .into_iter()
            .filter_map(|(text, input)| Some((text?, input)));
        let explained = |error| {
            texts.clone().fold(error, |error, (text, input)| {
                template::explain(error, text.as_str(), input)
            })
        };
        let mut plan = Plan::read(request).map_err(explained)?;
        if let Some(text) = request.config {
            plan.warnings
                .extend(template::warnings(text.as_str(), Input::Config));
        }
        Ok(plan)
    }

    fn read(request: Request<'r>) -> Result<Plan<'r>, Error> {
        let version = request.version;
        let mut warnings = Vec::new();
        if !version.is_proven() {
            warnings.push(Warning::NotProven(version));
        }
        let nothing = Overrides::default();
        let mut reader = Reader {
            version,
            strict: request.as_kubeadm,
            overrides: request.overrides,
            warnings: &mut warnings,
        };
        let documents = match request.config {
            Some(text) => reader.documents(text, Input::Config)?,
            None => Vec::new(),
        };
        let action = request.action.unwrap_or(if means_join(&documents) {
            Action::Join
        } else {
            Action::Init
        });
        let join = action == Action::Join;
        let node = match request.config {
            Some(_) => reader.node(&documents, join)?,
            None => Some(NodeRegistration::default()),
        };
        let cluster = if join {
            let held = match request.cluster_config {
                Some(text) => documents::unwrap_config_maps(
                    text,
                    version,
                    request.as_kubeadm,
                    reader.warnings,
                )?,
                None => Vec::new(),
            };
            let mut reader = Reader {
                version,
                strict: request.as_kubeadm,
                overrides: &nothing,
                warnings: reader.warnings,
            };
            if held.is_empty() {
                reader.warnings.push(Warning::ClusterAssumed);
            }
            let mut cluster = reader.cluster(&held, Input::Cluster)?;
            if version.has(Behaviour::NodeDocumentForFlags) {
                cluster.gates = node
                    .as_ref()
                    .map_or_else(BTreeMap::new, |n| n.gates.clone());
            }
            cluster
        } else {
            let mut cluster = reader.cluster(&documents, Input::Config)?;
            if request.as_kubeadm && version.has(Behaviour::OptionsAfterKubelet) {
                let mut ignored = Vec::new();
                let mut reader = Reader {
                    version,
                    strict: request.as_kubeadm,
                    overrides: &nothing,
                    warnings: &mut ignored,
                };
                let file = reader.cluster(&documents, Input::Config)?;
                (cluster.service_subnets, cluster.dns_domain) =
                    (file.service_subnets, file.dns_domain);
            }
            cluster
        };
        let (hostname, node_name) = names(&request, node.as_ref())?;
        let cri_socket = socket(&request, node.as_ref(), &mut warnings)?;
        host_bits(&cluster, &mut warnings);
        Ok(Plan {
            request,
            action,
            node,
            cluster,
            hostname,
            node_name,
            cri_socket,
            warnings,
        })
    }

    /// Whether the node makes a cluster or joins one.
    pub fn action(&self) -> Action {
        self.action
    }

    /// The container runtime's socket, given or found.
    pub fn cri_socket(&self) -> &str {
        &self.cri_socket
    }

    /// The node's name.
    pub fn node_name(&self) -> &str {
        &self.node_name
    }

    fn has(&self, behaviour: Behaviour) -> bool {
        self.request.version.has(behaviour)
    }

    fn is_join(&self) -> bool {
        self.action == Action::Join
    }

    /// Whether the endpoint goes into instance-config.yaml.
    fn instance_config(&self) -> bool {
        let gate = self.cluster.gates.get("NodeLocalCRISocket").copied();
        let gate = gate.filter(|_| self.has(Behaviour::InstanceGate));
        gate.unwrap_or(self.has(Behaviour::InstanceByDefault))
    }

    /// Whether this kubeadm takes systemd-resolved for running; the truth unless its own bytes are wanted.
    fn resolved(&self) -> bool {
        let host = self.request.host;
        if self.has(Behaviour::ResolvedByProcess) {
            return host.resolved_process.unwrap_or(host.resolved_active);
        }
        match host.init {
            HostInit::OpenRcOnly
                if self.request.as_kubeadm && self.has(Behaviour::OpenRcWithoutRcService) =>
            {
                true
            }
            HostInit::Other if self.request.as_kubeadm => false,
            _ => host.resolved_active,
        }
    }

    fn without_systemd(&self) -> bool {
        !self.request.as_kubeadm && self.request.host.init != HostInit::Systemd
    }

    /// `kubeadm-flags.env`.
    ///
    /// # Errors
    /// Up to 1.12, a configuration that says nothing about a node.
    pub fn flags(&self) -> Result<Output, Error> {
        let Some(flags) = self.made_flags() else {
            let wanted: &[&str] = &["InitConfiguration", "MasterConfiguration"];
            return Err(Error::NoDocument {
                input: Input::Config,
                wanted,
            });
        };
        let mut warnings = self.warnings.clone();
        warnings.extend(flags.warnings());
        // What is wrong with the other file is told where that one is made.
        let config = self
            .config()
            .map(|output| output.warnings)
            .unwrap_or_default();
        warnings.extend(config.into_iter().filter(Warning::is_of_a_flag));
        let file = File::new(FLAGS_FILE, flags.text());
        Ok(Output {
            files: vec![file],
            warnings,
        })
    }

    /// The flags; none where the configuration has to say something about a node and does not.
    fn made_flags(&self) -> Option<Flags<'_>> {
        let node = self.node.as_ref().or_else(|| self.default_node())?;
        Some(Flags {
            version: self.request.version,
            node,
            cluster: &self.cluster,
            cri_socket: &self.cri_socket,
            hostname: &self.hostname,
            node_name: &self.node_name,
            resolved: self.resolved(),
            docker_cgroup_driver: self.request.host.docker_cgroup_driver.as_deref(),
            kubelet_minor: self.request.host.kubelet_minor,
            join: self.is_join(),
            instance_config: self.instance_config(),
        })
    }

    fn default_node(&self) -> Option<&'static NodeRegistration> {
        static DEFAULT: NodeRegistration = NodeRegistration {
            name: None,
            cri_socket: None,
            taints: None,
            arguments: Vec::new(),
            control_plane: false,
            gates: BTreeMap::new(),
        };
        (!self.has(Behaviour::NodeDocumentForFlags)).then_some(&DEFAULT)
    }

    /// `config.yaml`, preceded by `instance-config.yaml` where this release has it.
    ///
    /// # Errors
    /// A value in the KubeletConfiguration of a wrong type; up to 1.17 one that the kubelet would refuse.
    pub fn config(&self) -> Result<Output, Error> {
        let mut warnings = self.warnings.clone();
        let mut map = self.shared(&mut warnings)?;
        if self.is_join() {
            map = self.joined(map, &mut warnings)?;
        }
        if self.resolved()
            && self.has(Behaviour::ResolvConfPerNode)
            && map.get("resolvConf").is_none()
        {
            map.set("resolvConf", RESOLVED);
        }
        let mut node = Node::from(map);
        patch::apply(
            &mut node,
            self.request.patches,
            self.request.version,
            &mut warnings,
        )?;
        self.judge(&node, &mut warnings);
        let mut files = Vec::new();
        if self.instance_config() {
            // kubeadm writes this one with quotes, whatever the text.
            let text = format!(
                "containerRuntimeEndpoint: {}\n",
                gotext::quote(&self.cri_socket)
            );
            files.push(File::new(INSTANCE_FILE, text));
            if let yaml::Value::Map(map) = &mut node.value {
                map.set("containerRuntimeEndpoint", self.cri_socket.as_str());
            }
        }
        files.push(File::new(CONFIG_FILE, yaml::write(&node)));
        Ok(Output { files, warnings })
    }

    /// Judges what the kubelet makes of its file and its flags, which beat the file.
    fn judge(&self, config: &Node, warnings: &mut Vec<Warning>) {
        let Some(config) = config.as_map() else {
            return;
        };
        let (host, own) = (self.request.host, self.request.as_kubeadm);
        let user = self.node.as_ref().map_or(&[][..], |node| &node.arguments);
        let all = self
            .made_flags()
            .map(|flags| flags.arguments())
            .unwrap_or_default();
        effect::judge(config, user, warnings);
        let effect = effect::effective(config, &all);
        let flag = |name: &str| all.iter().any(|argument| argument.name == name);
        let text = |field: &str| effect.get(field).and_then(Node::as_str);
        if self.without_systemd() && text("cgroupDriver") == Some("systemd") {
            let by_flag = flag("cgroup-driver");
            warnings.retain(|it| {
                !matches!(
                    it,
                    Warning::FlagWins {
                        flag: "cgroup-driver",
                        ..
                    }
                )
            });
            warnings.push(match by_flag {
                true => Warning::SystemdFlagWithoutSystemd,
                false => Warning::SystemdDriverWithoutSystemd,
            });
        }
        let resolved = text("resolvConf").filter(|path| path.starts_with("/run/systemd/resolve/"));
        if let Some(path) = resolved
            && flag("resolv-conf")
            && !own
            && !host.resolved_active
        {
            warnings.push(Warning::ResolvedFlag(path.to_owned()));
        }
        warnings.extend(self.other_driver(&effect, flag("cgroup-driver")));
        let refuses =
            effect.get("failCgroupV1").map(|it| &it.value) != Some(&yaml::Value::Bool(false));
        let kubelet = host.kubelet_minor.and_then(Version::new);
        let kubelet = kubelet.unwrap_or(self.request.version);
        if host.cgroup_v1 == Some(true) && kubelet.has(Behaviour::CgroupV1Refused) && refuses {
            warnings.push(Warning::CgroupV1(kubelet));
        }
    }

    /// A warning where the runtime that the kubelet talks to has another cgroup driver.
    fn other_driver(&self, config: &Map, flag: bool) -> Option<Warning> {
        let runtime = cri::runtime(&self.cri_socket)?;
        let mut known = self.request.host.drivers.iter();
        let known = known.find(|it| it.runtime == runtime)?;
        let given = config.get("cgroupDriver").and_then(Node::as_str);
        // What the kubelet takes for an unset one (`pkg/kubelet/apis/config/v1beta1/defaults.go`).
        let written = given.unwrap_or("cgroupfs");
        (written != known.driver).then(|| Warning::OtherDriver {
            flag,
            written: written.to_owned(),
            given: given.is_some(),
            runtime: known.runtime.clone(),
            driver: known.driver.clone(),
            file: known.source.clone(),
        })
    }

    /// The ConfigMap, Role and RoleBinding, as one text of three documents; the path is empty.
    ///
    /// # Errors
    /// As [`Plan::config`].
    pub fn config_map(&self) -> Result<Output, Error> {
        let mut warnings = self.warnings.clone();
        let map = self.shared(&mut warnings)?;
        if self.without_systemd()
            && map.get("cgroupDriver").and_then(Node::as_str) == Some("systemd")
        {
            warnings.push(Warning::SystemdDriverWithoutSystemd);
        }
        let name = configmap::name(&self.cluster, self.request.version);
        let own = self.cluster.kubelet.is_none() && self.has(Behaviour::ConfigMapHash);
        let text = configmap::text(&name, &yaml::write(&map.into()), own);
        Ok(Output {
            files: vec![File::new("", text)],
            warnings,
        })
    }

    fn completion(&self, resolved: bool) -> Completion<'_> {
        let docker = self.cri_socket == cri::DOCKERSHIM && !self.is_join();
        let systemd = self.has(Behaviour::SystemdAlways)
            || (self.has(Behaviour::SystemdOnInit) && !self.is_join());
        let driver = match (systemd, self.without_systemd() && !self.is_join()) {
            (false, _) => None,
            (true, false) => Some("systemd"),
            (true, true) => Some("cgroupfs"),
        };
        Completion {
            version: self.request.version,
            cluster: &self.cluster,
            as_kubeadm: self.request.as_kubeadm,
            resolved,
            docker_cgroup_driver: self
                .request
                .host
                .docker_cgroup_driver
                .as_deref()
                .filter(|_| docker),
            cgroup_driver: driver,
        }
    }

    /// What all nodes share: on join, what the ConfigMap of the cluster holds.
    fn shared(&self, warnings: &mut Vec<Warning>) -> Result<Map, Error> {
        // Whether the cluster's first node had systemd-resolved is not known here.
        let completion = self.completion(self.resolved() && !self.is_join());
        let source = self.cluster.kubelet.as_ref();
        let map = completion.shared(source, warnings)?;
        if self.is_join() {
            // What the cluster says kubeadm takes over, and what this host makes of it is judged in the end.
            let driver = |it: &Warning| {
                matches!(
                    it,
                    Warning::UnusualValue {
                        field: "cgroupDriver",
                        ..
                    }
                )
            };
            warnings.retain(|it| !driver(it));
        }
        if self.without_systemd() && !self.is_join() {
            let user = source
                .and_then(|s| s.node.as_map())
                .and_then(|m| m.get("cgroupDriver"));
            match user.and_then(Node::as_str).filter(|text| !text.is_empty()) {
                None if completion.cgroup_driver.is_some() => {
                    warnings.push(Warning::CgroupfsInstead);
                }
                _ => {}
            }
        }
        Ok(map)
    }

    /// What this node makes of the cluster's configuration.
    fn joined(&self, shared: Map, warnings: &mut Vec<Warning>) -> Result<Map, Error> {
        let mut map = if self.has(Behaviour::JoinTakesClusterText) {
            shared
        } else {
            let place = super::error::Place::start(Input::Cluster);
            let source = Source {
                node: shared.into(),
                place,
            };
            // The warnings about these values came up already.
            self.completion(self.resolved())
                .shared(Some(&source), &mut Vec::new())?
        };
        if !self.without_systemd() {
            return Ok(map);
        }
        if map.get("cgroupDriver").and_then(Node::as_str) == Some("systemd") {
            map.set("cgroupDriver", "cgroupfs");
            warnings.push(Warning::CgroupfsInstead);
        }
        if map.get("resolvConf").and_then(Node::as_str) == Some(RESOLVED)
            && !self.request.host.resolved_active
        {
            map.remove("resolvConf");
            warnings.push(Warning::ResolvedAbsent(RESOLVED.to_owned()));
        }
        Ok(map)
    }
}
