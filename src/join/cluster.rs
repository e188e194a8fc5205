//! What a node that joins asks its cluster, with its credentials.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::client::Client;
use super::error::{AskProblem, JoinError};
use super::retry::{Failed, Question, Watch};
use crate::erased;
use crate::kubeadm::{Stream, cluster_field};

/// The API server's port where an address has none.
const PORT: u16 = 6443;
/// From this minor release on the kubelets' ConfigMap has no release in its name.
const UNVERSIONED: u8 = 24;

/// A ConfigMap, as far as it is read.
#[derive(Debug, Deserialize)]
struct ConfigMap {
    #[serde(default)]
    data: BTreeMap<String, String>,
}

/// The data of a ConfigMap.
pub(super) fn config_map(
    client: &Client,
    namespace: &str,
    name: &str,
    within: Duration,
) -> Result<BTreeMap<String, String>, AskProblem> {
    let path = format!("/api/v1/namespaces/{namespace}/configmaps/{name}?timeout=10s");
    let answer = client.get(&path, within)?;
    match erased::from_json::<ConfigMap>(&answer) {
        Ok(map) => Ok(map.data),
        Err(_) => Err(AskProblem::Answer("a ConfigMap")),
    }
}

/// What the cluster holds of its own configuration and its kubelets': the documents of the ConfigMaps
/// `kubeadm-config` and `kubelet-config`, in one text.
///
/// # Errors
/// The cluster does not answer, refuses, or has no such ConfigMaps.
pub fn configuration(
    client: &Client,
    within: Duration,
    watch: &dyn Watch,
) -> Result<String, JoinError> {
    let missing = AskProblem::Answer("a ConfigMap with that key");
    let cluster = one_of(client, within, watch, &["kubeadm-config".to_owned()])?;
    let cluster = ["ClusterConfiguration", "MasterConfiguration"]
        .into_iter()
        .find_map(|key| cluster.get(key));
    let server = client.server().shown();
    let refused = |what: &str| JoinError::Refused {
        what: format!("the {what} ConfigMap"),
        server: server.clone(),
        problem: missing.clone(),
    };
    let cluster = cluster.ok_or_else(|| refused("kubeadm-config"))?;
    let mut names = vec!["kubelet-config".to_owned()];
    let version = cluster_field(&cluster.as_str().into(), "kubernetesVersion");
    if let Some(minor) = version.as_deref().and_then(minor) {
        // 1.23 had the new name behind a gate.
        let first = usize::from(minor >= UNVERSIONED);
        names.insert(first, format!("kubelet-config-1.{minor}"));
    }
    let kubelet = one_of(client, within, watch, &names)?;
    let kubelet = kubelet.get("kubelet");
    let kubelet = kubelet.ok_or_else(|| refused("kubelet-config"))?;
    Ok(format!("{}\n---\n{kubelet}", cluster.trim_end()))
}

/// The address that a cluster has for all its control planes: the host and port of cluster-info, where it is set
/// (`GetControlPlaneEndpoint` in kubeadm). The text is what `--cluster-config` takes.
pub fn endpoint(text: &Stream) -> Option<String> {
    let endpoint = cluster_field(text, "controlPlaneEndpoint").filter(|it| !it.is_empty())?;
    let has_port = match endpoint.strip_prefix('[') {
        Some(_) => endpoint.contains("]:"),
        None => endpoint.contains(':'),
    };
    Some(match has_port {
        true => endpoint,
        false => format!("{endpoint}:{PORT}"),
    })
}

fn minor(version: &str) -> Option<u8> {
    version.split('.').nth(1)?.parse().ok()
}

/// The first ConfigMap of these that is there.
fn one_of(
    client: &Client,
    within: Duration,
    watch: &dyn Watch,
    names: &[String],
) -> Result<BTreeMap<String, String>, JoinError> {
    let server = client.server().shown();
    let first = names.first().map_or("", String::as_str);
    let question = Question {
        what: &format!("the {first} ConfigMap"),
        server: &server,
        within,
    };
    question.ask(watch, |within| {
        let mut problem = None;
        for name in names {
            match config_map(client, "kube-system", name, within) {
                Ok(data) => return Ok(data),
                // Where there is no such ConfigMap, nobody may read it.
                Err(
                    error @ AskProblem::Status {
                        code: 403 | 404, ..
                    },
                ) => {
                    problem.get_or_insert(error);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(problem.unwrap_or(AskProblem::Answer("a ConfigMap")).into())
    })
}

/// A node, as far as it is read.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Node {
    status: Status,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Status {
    conditions: Vec<Condition>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Condition {
    #[serde(rename = "type")]
    kind: String,
    status: String,
}

/// Makes sure that the cluster has no node of that name that is ready, as kubeadm does: such a node is another
/// machine, and would be taken over.
///
/// # Errors
/// It has one, or does not say.
pub fn name_is_free(
    client: &Client,
    name: &str,
    within: Duration,
    watch: &dyn Watch,
) -> Result<(), JoinError> {
    let server = client.server().shown();
    let question = Question {
        what: &format!("the node `{name}`"),
        server: &server,
        within,
    };
    question.ask(watch, |within| {
        let path = format!("/api/v1/nodes/{name}?timeout=10s");
        let answer = match client.get(&path, within) {
            Ok(answer) => answer,
            Err(AskProblem::Status { code: 404, .. }) => return Ok(()),
            Err(
                problem @ AskProblem::Status {
                    code: 401 | 403, ..
                },
            ) => {
                return Err(Failed::Refused(problem));
            }
            Err(problem) => return Err(problem.into()),
        };
        let Ok(node) = erased::from_json::<Node>(&answer) else {
            return Err(AskProblem::Answer("a node").into());
        };
        let ready = |it: &Condition| it.kind == "Ready" && it.status == "True";
        match node.status.conditions.iter().any(ready) {
            true => Err(Failed::Finally(JoinError::NodeExists(name.to_owned()))),
            false => Ok(()),
        }
    })
}
