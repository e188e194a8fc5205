//! The ConfigMap in which the cluster keeps the kubelets' configuration, and the Role and RoleBinding that let
//! joining nodes read it.

use std::fmt::Write as _;

use super::model::Cluster;
use super::version::{Behaviour, Version};
use super::yaml::{self, Map, Node};

const NAMESPACE: &str = "kube-system";
const RBAC: &str = "rbac.authorization.k8s.io";
/// Who may read it: the nodes, and those who become nodes with a bootstrap token.
const READERS: [&str; 2] = [
    "system:nodes",
    "system:bootstrappers:kubeadm:default-node-token",
];
/// Says that the content is kubeadm's own, so that an upgrade may write it anew.
const HASH: &str = "kubeadm.kubernetes.io/component-config.hash";

/// The ConfigMap's name: `kubelet-config`, up to 1.23 with the cluster's release.
pub fn name(cluster: &Cluster, version: Version) -> String {
    let gate = cluster.gates.get("UnversionedKubeletConfigMap").copied();
    let versioned = match gate.filter(|_| version.has(Behaviour::ConfigMapGate)) {
        Some(unversioned) => !unversioned,
        None => version.has(Behaviour::VersionedConfigMap),
    };
    if versioned {
        let minor = cluster.kubernetes_minor.unwrap_or(version.minor().into());
        format!("kubelet-config-1.{minor}")
    } else {
        "kubelet-config".to_owned()
    }
}

/// The three objects in one text, for `kubectl apply -f`. `hash` says whether the content is kubeadm's own.
pub fn text(name: &str, kubelet: &str, hash: bool) -> String {
    let role = format!("kubeadm:{name}");
    let mut metadata = metadata(name);
    if hash {
        let digest = hmac_sha256::Hash::hash(kubelet.as_bytes());
        let digits = digest.iter().fold(String::new(), |mut out, byte| {
            // Writing to a string cannot fail.
            let _ = write!(out, "{byte:02x}");
            out
        });
        metadata.set(
            "annotations",
            map([(HASH, format!("sha256:{digits}").into())]),
        );
    }
    let config_map = map([
        ("apiVersion", "v1".into()),
        ("kind", "ConfigMap".into()),
        ("metadata", metadata.into()),
        ("data", map([("kubelet", kubelet.into())]).into()),
    ]);
    let permission = map([
        ("apiGroups", list(&[""])),
        ("resources", list(&["configmaps"])),
        ("resourceNames", list(&[name])),
        ("verbs", list(&["get"])),
    ]);
    let role_object = map([
        ("apiVersion", format!("{RBAC}/v1").into()),
        ("kind", "Role".into()),
        ("metadata", self::metadata(&role).into()),
        ("rules", vec![Node::from(permission)].into()),
    ]);
    let subjects: Vec<Node> = READERS
        .iter()
        .map(|group| {
            map([
                ("apiGroup", RBAC.into()),
                ("kind", "Group".into()),
                ("name", (*group).into()),
            ])
            .into()
        })
        .collect();
    let binding = map([
        ("apiVersion", format!("{RBAC}/v1").into()),
        ("kind", "RoleBinding".into()),
        ("metadata", self::metadata(&role).into()),
        ("subjects", subjects.into()),
        (
            "roleRef",
            map([
                ("apiGroup", RBAC.into()),
                ("kind", "Role".into()),
                ("name", role.as_str().into()),
            ])
            .into(),
        ),
    ]);
    [config_map, role_object, binding]
        .map(|object| yaml::write(&object.into()))
        .join("---\n")
}

fn metadata(name: &str) -> Map {
    map([("name", name.into()), ("namespace", NAMESPACE.into())])
}

fn map<const N: usize>(entries: [(&str, Node); N]) -> Map {
    let mut map = Map::default();
    for (key, node) in entries {
        map.set(key, node);
    }
    map
}

fn list(items: &[&str]) -> Node {
    items
        .iter()
        .map(|item| Node::from(*item))
        .collect::<Vec<_>>()
        .into()
}
