//! What a configuration asks for that has to be known before the rest of it is read.
//!
//! Nothing is checked here: [`Plan::new`](super::Plan::new) does that, and what is no text of its kind counts as
//! if it were not there.

use std::time::Duration;

use super::documents;
use super::gotext;
use super::read::{INIT_KINDS, JOIN_KINDS, OLD_INIT_KINDS};
use super::stream::Stream;
use super::yaml::Node;

/// The folder of patches that a configuration names for this node: `patches.directory`, from v1beta3 on.
///
/// `join` says that it joins; otherwise the kinds of the documents do.
pub fn wanted_patches(config: &Stream, join: bool) -> Option<String> {
    let folder = wanted(config, join, "patches", "directory")?;
    (!folder.is_empty()).then_some(folder)
}

/// What of a kubelet that was started is waited for, as kubeadm calls it under `timeouts` from v1beta4 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timeout {
    /// That it says of itself that it is healthy.
    KubeletHealthCheck,
    /// That it has its own kubeconfig.
    TlsBootstrap,
}

impl Timeout {
    /// The field below `timeouts`.
    pub fn field(self) -> &'static str {
        match self {
            Timeout::KubeletHealthCheck => "kubeletHealthCheck",
            Timeout::TlsBootstrap => "tlsBootstrap",
        }
    }

    /// kubeadm's default (`cmd/kubeadm/app/constants/constants.go`, 1.31 to 1.36; before, the same without a field).
    pub fn usual(self) -> Duration {
        Duration::from_secs(match self {
            Timeout::KubeletHealthCheck => 4 * 60,
            Timeout::TlsBootstrap => 5 * 60,
        })
    }
}

/// How long a configuration lets a kubelet take. `join` says that it joins.
pub fn wanted_timeout(config: &Stream, join: bool, timeout: Timeout) -> Option<Duration> {
    let text = wanted(config, join, "timeouts", timeout.field())?;
    let nanoseconds = gotext::parse_duration(&text)?;
    Some(Duration::from_nanos(u64::try_from(nanoseconds).ok()?))
}

/// The text in a field of a field of the document that the command reads: a file may have one for each.
fn wanted(config: &Stream, join: bool, outer: &str, inner: &str) -> Option<String> {
    let of = |kinds: &[&str]| {
        let is_it = |node: &&Node| kind(node).is_some_and(|kind| kinds.contains(&kind));
        config.nodes().find(is_it)
    };
    let document = match of(INIT_KINDS).or_else(|| of(OLD_INIT_KINDS)) {
        Some(_) if !join => of(&["InitConfiguration"]),
        _ => of(JOIN_KINDS),
    };
    let outer = document?.as_map()?.get(outer)?.as_map()?;
    Some(outer.get(inner)?.as_str()?.to_owned())
}

fn kind(node: &Node) -> Option<&str> {
    node.as_map()?.get("kind")?.as_str()
}

/// The text in a field of the cluster's own configuration, which may be in a ConfigMap, whichever version of the API
/// it has: an old cluster is read here before it is known which release it is.
pub fn cluster_field(text: &Stream, name: &str) -> Option<String> {
    let of = |node: &Node| {
        let is_it = ["ClusterConfiguration", "MasterConfiguration"].contains(&kind(node)?);
        let map = node.as_map().filter(|_| is_it)?;
        Some(map.get(name)?.as_str()?.to_owned())
    };
    text.nodes().find_map(|node| {
        let mut inner = Vec::new();
        documents::config_map_texts(node, &mut inner);
        of(node).or_else(|| {
            inner
                .iter()
                .find_map(|text| Stream::from(text.as_str()).nodes().find_map(of))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const INIT: &str = "kind: InitConfiguration\npatches: {directory: /init}\ntimeouts: {kubeletHealthCheck: 1m}\n";
    const JOIN: &str =
        "kind: JoinConfiguration\npatches: {directory: /join}\ntimeouts: {tlsBootstrap: 10m}\n";
    const CLUSTER: &str = "kind: ClusterConfiguration\nkubernetesVersion: v1.36.0\n";

    #[test]
    fn the_document_of_the_command_counts() {
        let text = |documents: &[&str]| Stream::from(documents.join("---\n"));
        let patches = |documents: &[&str], join| wanted_patches(&text(documents), join);
        let both = [INIT, JOIN, CLUSTER];
        assert_eq!(patches(&both, false).as_deref(), Some("/init"));
        assert_eq!(patches(&both, true).as_deref(), Some("/join"));
        assert_eq!(patches(&[JOIN], false).as_deref(), Some("/join"));
        assert_eq!(patches(&[CLUSTER, JOIN], false), None);
        assert_eq!(patches(&[INIT], true), None);
        let minutes = |minutes: u64| Some(Duration::from_secs(60 * minutes));
        let both = text(&both);
        let (health, tls) = (Timeout::KubeletHealthCheck, Timeout::TlsBootstrap);
        assert_eq!(wanted_timeout(&both, true, tls), minutes(10));
        assert_eq!(wanted_timeout(&both, true, health), None);
        assert_eq!(wanted_timeout(&both, false, health), minutes(1));
        assert_eq!(wanted_timeout(&INIT.into(), true, health), None);
    }
}
