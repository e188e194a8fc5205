//! `config.yaml`: a KubeletConfiguration, completed as kubeadm completes it.

use super::convert::{self, Conversion};
use super::error::Error;
use super::flags::RESOLVED;
use super::gotext::join_path;
use super::kubelet_check;
use super::kubelet_fields::KUBELET;
use super::model::{Cluster, Source};
use super::version::{Behaviour, Version};
use super::warning::Warning;
use super::yaml::{Map, Node, Value};

/// The kubelet's configuration file.
pub const CONFIG_FILE: &str = "/var/lib/kubelet/config.yaml";
/// What differs per node, from 1.34 on.
pub const INSTANCE_FILE: &str = "/var/lib/kubelet/instance-config.yaml";
const STATIC_PODS: &str = "/etc/kubernetes/manifests";
const HEALTHZ_ADDRESS: &str = "127.0.0.1";
const HEALTHZ_PORT: i128 = 10248;

/// What a configuration is completed from.
pub struct Completion<'c> {
    /// The kubeadm.
    pub version: Version,
    /// The cluster.
    pub cluster: &'c Cluster,
    /// Whether kubeadm's own bytes are wanted: without unknown fields, with its mistakes.
    pub as_kubeadm: bool,
    /// Whether systemd-resolved's file belongs into the part that all nodes share.
    pub resolved: bool,
    /// docker's driver, where docker is the runtime and answers.
    pub docker_cgroup_driver: Option<&'c str>,
    /// The cgroup driver that kubeadm writes for an unset one.
    pub cgroup_driver: Option<&'static str>,
}

impl Completion<'_> {
    fn has(&self, behaviour: Behaviour) -> bool {
        self.version.has(behaviour)
    }

    /// Reads a configuration's fields as Go would: checked, and in Go's form.
    ///
    /// # Errors
    /// A value of a wrong type.
    pub fn decode(
        &self,
        source: Option<&Source>,
        warnings: &mut Vec<Warning>,
    ) -> Result<Map, Error> {
        let empty = Source {
            node: Map::default().into(),
            place: super::error::Place::start(super::error::Input::Config),
        };
        let source = source.unwrap_or(&empty);
        let mut node = source.node.clone();
        if let Value::Map(map) = &mut node.value {
            map.remove("apiVersion");
            map.remove("kind");
        }
        let mut by = Conversion {
            place: source.place.clone(),
            version: self.version,
            keep_unknown: !self.as_kubeadm,
            warnings,
        };
        convert::convert(&node, KUBELET, &mut by)
    }

    /// The part that all nodes share: what the ConfigMap holds.
    ///
    /// # Errors
    /// A value of a wrong type, or up to 1.17 one that the kubelet would refuse.
    pub fn shared(
        &self,
        source: Option<&Source>,
        warnings: &mut Vec<Warning>,
    ) -> Result<Map, Error> {
        let mut map = self.decode(source, warnings)?;
        let given = source.and_then(|s| s.node.as_map());
        if self.has(Behaviour::KubeletDefaults) {
            self.set(&mut map, given, warnings);
            self.force(&mut map, warnings);
            convert::fill_defaults(&mut map, given, KUBELET, self.version);
            if let Some(source) = source {
                kubelet_check::check(&map, source, self.version)?;
            }
        } else {
            self.set(&mut map, given, warnings);
            self.set_security(&mut map, warnings);
            self.set_driver(&mut map, warnings);
            self.set_gates(&mut map);
            if self.resolved && self.has(Behaviour::ResolvConfInClusterConfig) {
                set_text(&mut map, "resolvConf", RESOLVED, warnings);
            }
        }
        map.set("apiVersion", "kubelet.config.k8s.io/v1beta1");
        map.set("kind", "KubeletConfiguration");
        Ok(map)
    }

    /// What every release sets where it is unset.
    fn set(&self, map: &mut Map, given: Option<&Map>, warnings: &mut Vec<Warning>) {
        set_text(map, "staticPodPath", STATIC_PODS, warnings);
        set_text(map, "clusterDomain", &self.cluster.dns_domain, warnings);
        let dns = self.dns_address();
        // An empty list was given: it stays empty, and Go drops it.
        let emptied = given
            .and_then(|g| g.get("clusterDNS"))
            .is_some_and(|n| !n.is_null());
        match map.get("clusterDNS").map(|n| &n.value) {
            None if emptied => {}
            None => map.set("clusterDNS", vec![Node::from(dns)]),
            Some(Value::Seq(items)) => {
                let found: Vec<_> = items.iter().filter_map(Node::as_str).collect();
                if found != [dns.as_str()] {
                    let found = found.join(",");
                    warnings.push(Warning::UnusualValue {
                        field: "clusterDNS",
                        found,
                        usual: dns,
                    });
                }
            }
            Some(_) => {}
        }
    }

    /// The address of the cluster's DNS.
    fn dns_address(&self) -> String {
        const DEFAULT: &str = "10.96.0.10";
        let short = self.as_kubeadm && self.has(Behaviour::ShortAddressesFail);
        match self.cluster.service_subnets.first() {
            Some(subnet) if !(short && subnet.starts_with_zero()) => subnet.dns_address(),
            _ => DEFAULT.to_owned(),
        }
    }

    fn ca_file(&self) -> String {
        let dir = if self.has(Behaviour::CertificatesDirIgnored) {
            "/etc/kubernetes/pki"
        } else {
            &self.cluster.certificates_dir
        };
        join_path(dir, "ca.crt")
    }

    /// kubeadm's values of authentication and authorization, by the fields' paths.
    fn security(&self) -> [(&'static str, Node); 4] {
        [
            ("authentication.x509.clientCAFile", self.ca_file().into()),
            ("authentication.anonymous.enabled", false.into()),
            ("authentication.webhook.enabled", true.into()),
            ("authorization.mode", "Webhook".into()),
        ]
    }

    /// From 1.18 on: what is unset gets kubeadm's value, what is set stays.
    fn set_security(&self, map: &mut Map, warnings: &mut Vec<Warning>) {
        for (field, usual) in self.security() {
            set(map, field, usual, warnings);
        }
        set_text(map, "healthzBindAddress", HEALTHZ_ADDRESS, warnings);
        set(map, "healthzPort", HEALTHZ_PORT, warnings);
        map.set("rotateCertificates", true);
    }

    /// Up to 1.17: kubeadm's values whatever was set.
    fn force(&self, map: &mut Map, warnings: &mut Vec<Warning>) {
        for (field, value) in self.security() {
            force(map, field, value, warnings);
        }
        force(map, "healthzBindAddress", HEALTHZ_ADDRESS, warnings);
        force(map, "healthzPort", HEALTHZ_PORT, warnings);
        force(map, "rotateCertificates", true, warnings);
        if let Some(port) = map.remove("readOnlyPort") {
            warnings.push(Warning::ForcedValue {
                field: "readOnlyPort",
                found: plain(&port),
                written: "0".to_owned(),
            });
        }
    }

    fn set_driver(&self, map: &mut Map, warnings: &mut Vec<Warning>) {
        let docker = self
            .docker_cgroup_driver
            .filter(|_| self.has(Behaviour::DockerCgroupInConfig));
        if let Some(driver) = docker.or(self.cgroup_driver) {
            set_text(map, "cgroupDriver", driver, warnings);
        }
    }

    fn set_gates(&self, map: &mut Map) {
        let gate = self.cluster.gates.get("IPv6DualStack");
        let Some(on) = gate.filter(|_| self.has(Behaviour::DualStackInConfig)) else {
            return;
        };
        if map.get("featureGates").is_none() {
            map.set("featureGates", Map::default());
        }
        if let Some(gates) = inner(map, "featureGates")
            && gates.get("IPv6DualStack").is_none()
        {
            gates.set("IPv6DualStack", *on);
        }
    }
}

fn inner<'m>(map: &'m mut Map, key: &str) -> Option<&'m mut Map> {
    match map.get_mut(key).map(|n| &mut n.value) {
        Some(Value::Map(map)) => Some(map),
        _ => None,
    }
}

/// The struct that the field at a path is in, and its name there; none where that is not a mapping.
fn holder<'m>(map: &'m mut Map, field: &'static str) -> Option<(&'m mut Map, &'static str)> {
    let mut names = field.split('.');
    let key = names.next_back()?;
    Some((names.try_fold(map, inner)?, key))
}

fn plain(node: &Node) -> String {
    super::yaml::write(node).trim_end().to_owned()
}

/// Sets a top-level text that is unset or empty; warns where a set one differs.
pub fn set_text(map: &mut Map, field: &'static str, usual: &str, warnings: &mut Vec<Warning>) {
    if map
        .get(field)
        .and_then(Node::as_str)
        .is_some_and(str::is_empty)
    {
        map.remove(field);
    }
    set(map, field, usual, warnings);
}

fn set(map: &mut Map, field: &'static str, usual: impl Into<Node>, warnings: &mut Vec<Warning>) {
    let usual = usual.into();
    let Some((map, key)) = holder(map, field) else {
        return;
    };
    match map.get(key) {
        None => map.set(key, usual),
        Some(found) if found.value != usual.value => warnings.push(Warning::UnusualValue {
            field,
            found: plain(found),
            usual: plain(&usual),
        }),
        Some(_) => {}
    }
}

fn force(map: &mut Map, field: &'static str, value: impl Into<Node>, warnings: &mut Vec<Warning>) {
    let value = value.into();
    let Some((map, key)) = holder(map, field) else {
        return;
    };
    if let Some(found) = map.get(key).filter(|found| found.value != value.value) {
        warnings.push(Warning::ForcedValue {
            field,
            found: plain(found),
            written: plain(&value),
        });
    }
    map.set(key, value);
}
