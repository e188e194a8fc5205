//! Whose behaviour is followed: which release of kubeadm, and why that one.
//!
//! What was named counts first, then what the configuration is for. A node that joins follows its cluster, whose
//! `kubeadm-config` says which release it is: an installed kubelet that is older decides, since its files have to fit it,
//! and one that is newer does not, since Kubernetes' version skew policy does not allow it. After that the
//! installed kubelet decides, and last the newest release that is known and reads the configuration; only that is a
//! guess, and it says so.

use super::documents::config_map_texts;
use super::read::{INIT_KINDS, JOIN_KINDS, OLD_INIT_KINDS};
use super::stream::Stream;
use super::version::{APIS, Asked, Version, meant};
use super::warning::Warning;
use super::yaml::Node;

/// The most minor releases by which a kubelet may be older than its API server (version skew policy; 2 before 1.28).
const SKEW: u32 = 3;
const OLD_SKEW: u32 = 2;
/// The first release with the wider skew.
const WIDER_SINCE: u32 = 28;

/// What may name a release.
#[derive(Clone, Copy, Debug, Default)]
pub struct Given<'g> {
    /// `--kubeadm-version`.
    pub named: Option<Asked>,
    /// The kubeadm configuration.
    pub config: Option<&'g Stream>,
    /// What the joined cluster holds.
    pub cluster: Option<&'g Stream>,
    /// The installed kubelet.
    pub kubelet: Option<Asked>,
    /// Whether the node joins, so that what the cluster holds counts.
    pub join: bool,
}

/// The release, with what is worth knowing about its choice.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// Whose behaviour.
    pub version: Version,
    /// A release to come, a guess, a kubelet that does not fit its cluster.
    pub warnings: Vec<Warning>,
}

impl Given<'_> {
    /// Chooses.
    pub fn choose(self) -> Choice {
        let config = self.config.and_then(kubernetes_version);
        let cluster = self.cluster.filter(|_| self.join);
        let cluster = cluster.and_then(kubernetes_version);
        let own = config.map(|(text, asked)| (format!("`kubernetesVersion: {text}`"), asked));
        let named = |asked: Asked| (format!("`--kubeadm-version 1.{}`", asked.number()), asked);
        let installed = |asked: Asked| {
            (
                format!("the installed kubelet, 1.{},", asked.number()),
                asked,
            )
        };
        if let Some((what, asked)) = self.named.map(named).or(own) {
            return followed(&what, asked, Vec::new());
        }
        match (cluster, self.kubelet) {
            (Some((text, cluster)), kubelet) => {
                let warnings = kubelet.and_then(|kubelet| skew(kubelet, cluster));
                let warnings = warnings.into_iter().collect();
                match kubelet.filter(|kubelet| kubelet.number() < cluster.number()) {
                    Some(kubelet) => followed(&installed(kubelet).0, kubelet, warnings),
                    None => followed(&format!("the cluster's `{text}`"), cluster, warnings),
                }
            }
            (None, Some(kubelet)) => followed(&installed(kubelet).0, kubelet, Vec::new()),
            (None, None) => self.guess(),
        }
    }

    /// The newest release that reads the configuration.
    fn guess(self) -> Choice {
        let apis = self.config.map(apis).unwrap_or_default();
        let rows = APIS
            .iter()
            .filter(|(api, _)| apis.iter().any(|it| it == api));
        let last = rows.min_by_key(|(_, releases)| *releases.end());
        let last = last.and_then(|(api, releases)| Some((*api, Version::new(*releases.end())?)));
        let last = last.filter(|(_, version)| *version != Version::NEWEST);
        let (api, version) = last.map_or((None, Version::NEWEST), |(api, version)| {
            (Some(api), version)
        });
        Choice {
            version,
            warnings: vec![Warning::Guessed { version, api }],
        }
    }
}

/// A release that something names; a warning where it is one to come.
fn followed(what: &str, asked: Asked, mut warnings: Vec<Warning>) -> Choice {
    if asked.beyond.is_some() {
        let what = what.to_owned();
        warnings.push(Warning::Beyond { what });
    }
    Choice {
        version: asked.version,
        warnings,
    }
}

/// What the version skew policy says of a kubelet in a cluster.
fn skew(kubelet: Asked, cluster: Asked) -> Option<Warning> {
    let (kubelet, cluster) = (kubelet.number(), cluster.number());
    let most = match cluster < WIDER_SINCE {
        true => OLD_SKEW,
        false => SKEW,
    };
    if kubelet > cluster {
        return Some(Warning::KubeletNewer { kubelet, cluster });
    }
    (cluster - kubelet > most).then_some(Warning::KubeletTooOld {
        kubelet,
        cluster,
        most,
    })
}

/// The `kubernetesVersion` of a text that names a release, as it is written there. The documents may be in ConfigMaps.
pub(super) fn kubernetes_version(text: &Stream) -> Option<(String, Asked)> {
    let of = |node: &Node| {
        let text = node.as_map()?.get("kubernetesVersion")?.as_str()?;
        Some((text.to_owned(), meant(text)?))
    };
    text.nodes().find_map(|node| {
        let mut inner = Vec::new();
        config_map_texts(node, &mut inner);
        let inside = |text: &String| Stream::from(text.as_str()).nodes().find_map(of);
        of(node).or_else(|| inner.iter().find_map(inside))
    })
}

/// Whether a configuration is for a node that joins: it says how, and nothing about a cluster of its own.
pub fn joins(config: &Stream) -> bool {
    let kinds: Vec<&str> = config
        .nodes()
        .filter_map(|node| node.as_map()?.get("kind")?.as_str())
        .collect();
    let has = |of: &[&str]| kinds.iter().any(|kind| of.contains(kind));
    has(JOIN_KINDS) && !has(INIT_KINDS) && !has(OLD_INIT_KINDS)
}

/// The versions of kubeadm's API in a configuration.
fn apis(config: &Stream) -> Vec<&str> {
    let api = |node| {
        let api = Node::as_map(node)?.get("apiVersion")?.as_str()?;
        api.strip_prefix("kubeadm.k8s.io/")
    };
    config.nodes().filter_map(api).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLUSTER: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kubeadm-config}\ndata:\n  ClusterConfiguration: |\n    apiVersion: kubeadm.k8s.io/v1beta3\n    kind: ClusterConfiguration\n    kubernetesVersion: v1.30.4\n";

    fn minor(minor: u32) -> Option<Asked> {
        Asked::minor(minor)
    }

    fn chosen(given: Given<'_>) -> (u8, Vec<String>) {
        let choice = given.choose();
        let warnings = choice.warnings.iter().map(ToString::to_string);
        (choice.version.minor(), warnings.collect())
    }

    fn config(version: &str) -> String {
        format!(
            "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: {version}\n"
        )
    }

    #[test]
    fn what_names_a_release_decides() {
        for (version, number) in [
            ("v1.33.1", 33),
            ("stable-1.29", 29),
            ("ci/latest-1.31", 31),
            ("release/stable-1.28", 28),
            ("v1.37.1", 37),
        ] {
            let config = config(version).into();
            let given = Given {
                config: Some(&config),
                kubelet: minor(36),
                ..Given::default()
            };
            assert_eq!(chosen(given), (number, vec![]), "{version}");
            let named = Given {
                named: minor(34),
                ..given
            };
            assert_eq!(chosen(named), (34, vec![]));
        }
        let label = config("stable-1").into();
        let given = Given {
            config: Some(&label),
            kubelet: minor(33),
            ..Given::default()
        };
        assert_eq!(chosen(given), (33, vec![]), "the label names no release");
    }

    #[test]
    fn a_node_that_joins_follows_its_cluster() {
        let cluster = CLUSTER.into();
        let given = Given {
            cluster: Some(&cluster),
            join: true,
            ..Given::default()
        };
        assert_eq!(chosen(given), (30, vec![]));
        let with = |kubelet| chosen(Given { kubelet, ..given });
        assert_eq!(with(minor(30)), (30, vec![]));
        assert_eq!(with(minor(29)), (29, vec![]));
        insta::assert_debug_snapshot!([with(minor(31)), with(minor(26)), with(minor(40))]);
        // What another cluster holds says nothing about one that is made.
        let init = Given {
            join: false,
            kubelet: minor(36),
            ..given
        };
        assert_eq!(chosen(init), (36, vec![]));
    }

    #[test]
    fn a_guess_and_a_release_to_come_are_said() {
        let (old, new) = (
            config("stable").replace("v1beta4", "v1beta2").into(),
            config("v1.40.0").into(),
        );
        let of = |config| Given {
            config,
            ..Given::default()
        };
        insta::assert_debug_snapshot!([
            chosen(Given::default()),
            chosen(of(Some(&old))),
            chosen(of(Some(&new))),
            chosen(Given {
                named: minor(38),
                ..Given::default()
            }),
            chosen(Given {
                kubelet: minor(39),
                ..Given::default()
            }),
        ]);
    }
}
