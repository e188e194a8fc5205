//! The upgrade check: an old `kubeadm-flags.env`, rewritten for a newer release.
//!
//! kubeadm does not rewrite the file for long stretches of an upgrade, and a kubelet exits at once for a flag that it
//! does not know. What has become configuration moves there, what kubelets no longer take is dropped, and each change
//! says why. The file is read as systemd reads it, not as a shell would.

use std::borrow::Cow;
use std::fmt;

use thiserror::Error;

use super::flags::VARIABLE;
use super::kubelet::{CONFIG_FILE, INSTANCE_FILE};
use super::version::Version;
use super::yaml::{Map, Node};
use crate::envfile::quote::Unquotable;
use crate::envfile::{self, Rejected};
use crate::kubelet::flags::{Flag, removed_from};
use crate::kubelet::{self};

/// What a moved value becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Bool,
    /// A socket, to which `unix://` is completed.
    Endpoint,
}

/// A flag that has become configuration: from which minor release on kubeadm writes the field in its place.
struct Move {
    flag: &'static str,
    since: u8,
    file: &'static str,
    field: &'static str,
    kind: Kind,
}

const fn moved(
    flag: &'static str,
    since: u8,
    file: &'static str,
    field: &'static str,
    kind: Kind,
) -> Move {
    Move {
        flag,
        since,
        file,
        field,
        kind,
    }
}

/// What kubeadm moved, and the removed flag that has a field.
const MOVES: &[Move] = &[
    moved("cgroup-driver", 19, CONFIG_FILE, "cgroupDriver", Kind::Text),
    moved("resolv-conf", 19, CONFIG_FILE, "resolvConf", Kind::Text),
    moved(
        "experimental-kernel-memcg-notification",
        25,
        CONFIG_FILE,
        "kernelMemcgNotification",
        Kind::Bool,
    ),
    moved(
        "container-runtime-endpoint",
        34,
        INSTANCE_FILE,
        "containerRuntimeEndpoint",
        Kind::Endpoint,
    ),
];

/// From which minor release on an endpoint without a scheme is completed.
const SCHEME_SINCE: u8 = 24;
/// The first kubelet without dockershim.
const NO_DOCKERSHIM: u8 = 24;
/// The first kubelet that refuses the feature gate `IPv6DualStack`.
const NO_DUAL_STACK_GATE: u8 = 25;

/// Flags that still work, with the fields that should be used instead (`--help` of the kubelet calls them
/// deprecated).
const CONFIGURABLE: &[(&str, &str)] = &[
    ("address", "address"),
    ("anonymous-auth", "authentication.anonymous.enabled"),
    ("authorization-mode", "authorization.mode"),
    ("client-ca-file", "authentication.x509.clientCAFile"),
    ("cluster-dns", "clusterDNS"),
    ("cluster-domain", "clusterDomain"),
    ("container-log-max-files", "containerLogMaxFiles"),
    ("container-log-max-size", "containerLogMaxSize"),
    ("cpu-manager-policy", "cpuManagerPolicy"),
    ("event-qps", "eventRecordQPS"),
    ("eviction-hard", "evictionHard"),
    ("eviction-soft", "evictionSoft"),
    ("fail-swap-on", "failSwapOn"),
    ("feature-gates", "featureGates"),
    ("healthz-port", "healthzPort"),
    ("image-gc-high-threshold", "imageGCHighThresholdPercent"),
    ("image-gc-low-threshold", "imageGCLowThresholdPercent"),
    ("kube-api-burst", "kubeAPIBurst"),
    ("kube-api-qps", "kubeAPIQPS"),
    ("kube-reserved", "kubeReserved"),
    ("max-pods", "maxPods"),
    ("pod-manifest-path", "staticPodPath"),
    ("pod-max-pids", "podPidsLimit"),
    ("protect-kernel-defaults", "protectKernelDefaults"),
    ("read-only-port", "readOnlyPort"),
    ("register-with-taints", "registerWithTaints"),
    ("rotate-certificates", "rotateCertificates"),
    ("serialize-image-pulls", "serializeImagePulls"),
    ("system-reserved", "systemReserved"),
    ("tls-cipher-suites", "tlsCipherSuites"),
    ("volume-plugin-dir", "volumePluginDir"),
];

/// One change, or a piece of advice about what was left as it is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Change {
    /// A flag became a field.
    Moved {
        /// The flag, without dashes.
        flag: String,
        /// The file of the field.
        file: &'static str,
        /// The field.
        field: &'static str,
        /// Its value.
        value: String,
        /// From which release on kubeadm does so.
        since: u8,
    },
    /// The kubelet does not know the flag any more.
    Dropped {
        /// The argument as it stood.
        argument: String,
        /// The first release without it.
        since: kubelet::Version,
        /// What to do instead.
        instead: &'static str,
    },
    /// A value was completed.
    Completed {
        /// The flag.
        flag: String,
        /// Its old value.
        from: String,
        /// Its new value.
        to: String,
    },
    /// The feature gate is on for good, and its name is refused.
    GateDropped {
        /// The gate.
        gate: &'static str,
        /// The first minor release that refuses it.
        since: u8,
    },
    /// dockershim is gone, and no other runtime is named.
    RuntimeNeeded,
    /// The flag works, but a field is preferred. Left as it is.
    Deprecated {
        /// The flag.
        flag: String,
        /// The field of config.yaml.
        field: &'static str,
    },
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Change::Moved { flag, file, field, value, since } => write!(
                f,
                "`--{flag}` has moved: write `{field}: {value}` into `{file}`, as kubeadm does from 1.{since} on"
            ),
            Change::Dropped { argument, since, instead } => {
                write!(f, "`{argument}` is dropped: kubelets from {since} on exit because of it; {instead}")
            }
            Change::Completed { flag, from, to } => {
                write!(f, "`--{flag}={from}` becomes `{to}`: a path without a scheme is deprecated")
            }
            Change::GateDropped { gate, since } => write!(
                f,
                "the feature gate `{gate}` is dropped: it is always on, and kubelets from 1.{since} on refuse its name"
            ),
            Change::RuntimeNeeded => f.write_str(
                "dockershim is gone from 1.24 on and no endpoint is named: set `containerRuntimeEndpoint` or `--container-runtime-endpoint`",
            ),
            Change::Deprecated { flag, field } => {
                write!(f, "`--{flag}` stays; `{field}` in `{CONFIG_FILE}` is preferred to it")
            }
        }
    }
}

/// What became of the old file.
#[derive(Clone, Debug, PartialEq)]
pub struct Upgrade {
    /// The new file: everything but the one variable is as it was.
    pub text: String,
    /// What belongs into config.yaml.
    pub config: Map,
    /// What belongs into instance-config.yaml.
    pub instance: Map,
    /// Every change, in the order of the old arguments, then advice about the whole.
    pub changes: Vec<Change>,
}

/// Why an old file cannot be rewritten.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum UpgradeError {
    /// systemd ignores the file as a whole.
    #[error("systemd ignores this file: {0}")]
    Rejected(#[from] Rejected),
    /// The variable is not in it.
    #[error("the file does not set `{VARIABLE}`")]
    NoVariable,
    /// An argument holds what no environment file can.
    #[error("an argument cannot be written into an environment file: {0}")]
    Unquotable(#[from] Unquotable),
}

/// Rewrites an old file for a kubelet of a newer release.
///
/// # Errors
/// A file that systemd ignores, or without the variable.
pub fn upgrade(old: &[u8], target: Version) -> Result<Upgrade, UpgradeError> {
    let parsed = envfile::parse(old)?;
    let assignment = parsed.assignments.iter().rev().find(|a| a.name == VARIABLE);
    let assignment = assignment.ok_or(UpgradeError::NoVariable)?;
    let words: Vec<Cow<'_, str>> = envfile::split(&assignment.value)
        .into_iter()
        .map(|w| w.text)
        .collect();
    let mut rewrite = Rewrite {
        target,
        kept: Vec::new(),
        upgrade: Upgrade {
            text: String::new(),
            config: Map::default(),
            instance: Map::default(),
            changes: Vec::new(),
        },
        docker: false,
        endpoint: false,
    };
    let mut words = words.iter().map(AsRef::as_ref).peekable();
    while let Some(word) = words.next() {
        let flag = Flag::parse(word);
        let next = match &flag {
            Some(flag) if flag.takes_next() => words.next_if(|next| !next.starts_with('-')),
            _ => None,
        };
        rewrite.argument(word, flag.as_ref(), next);
    }
    let (kept, mut upgrade) = rewrite.finish();
    let value = envfile::quote::words(kept.iter().map(String::as_str))?;
    let quoted = envfile::quote::value(&value)?;
    let quoted = if quoted.starts_with('"') {
        quoted
    } else {
        format!("\"{quoted}\"").into()
    };
    let around = |range: std::ops::Range<usize>| String::from_utf8_lossy(&old[range]).into_owned();
    let (before, after) = (
        around(0..assignment.span.start),
        around(assignment.span.end..old.len()),
    );
    upgrade.text = format!("{before}{VARIABLE}={quoted}{after}");
    if !upgrade.text.ends_with('\n') {
        upgrade.text.push('\n');
    }
    Ok(upgrade)
}

struct Rewrite {
    target: Version,
    kept: Vec<String>,
    upgrade: Upgrade,
    docker: bool,
    endpoint: bool,
}

impl Rewrite {
    /// Decides about one argument, with the next one where that is its value.
    fn argument(&mut self, word: &str, flag: Option<&Flag<'_>>, next: Option<&str>) {
        let Some(flag) = flag else {
            self.kept.push(word.to_owned());
            return;
        };
        let minor = self.target.minor();
        let name = flag.name.as_ref();
        let value = flag.value.or(next);
        let text = next.map_or(word.to_owned(), |next| format!("{word} {next}"));
        self.docker |= name == "network-plugin";
        self.endpoint |= name == "container-runtime-endpoint";
        if let Some(row) = MOVES.iter().find(|m| m.flag == name && m.since <= minor) {
            self.shift(row, value);
        } else if let Some(gone) = removed_from(name, kubelet::Version::release(minor.into())) {
            self.upgrade.changes.push(Change::Dropped {
                argument: text,
                since: gone.since,
                instead: gone.instead,
            });
        } else if name == "container-runtime-endpoint" && minor >= SCHEME_SINCE {
            let from = value.unwrap_or_default();
            let to = endpoint(from);
            if to != from {
                let (flag, from) = (name.to_owned(), from.to_owned());
                self.upgrade.changes.push(Change::Completed {
                    flag,
                    from,
                    to: to.clone(),
                });
            }
            self.kept.push(format!("--{name}={to}"));
        } else if name == "feature-gates" && minor >= NO_DUAL_STACK_GATE {
            self.gates(word, value, next);
        } else {
            self.keep(word, name, next);
        }
    }

    fn keep(&mut self, word: &str, name: &str, next: Option<&str>) {
        if let Some((_, field)) = CONFIGURABLE.iter().find(|(flag, _)| *flag == name) {
            self.upgrade.changes.push(Change::Deprecated {
                flag: name.to_owned(),
                field,
            });
        }
        self.kept.push(word.to_owned());
        self.kept.extend(next.map(str::to_owned));
    }

    fn shift(&mut self, row: &Move, value: Option<&str>) {
        let value = value.unwrap_or(if row.kind == Kind::Bool { "true" } else { "" });
        let node: Node = match row.kind {
            Kind::Text => value.into(),
            Kind::Bool => (value != "false").into(),
            Kind::Endpoint => endpoint(value).into(),
        };
        self.upgrade.changes.push(Change::Moved {
            flag: row.flag.to_owned(),
            file: row.file,
            field: row.field,
            value: super::yaml::write(&node).trim_end().to_owned(),
            since: row.since,
        });
        let map = if row.file == INSTANCE_FILE {
            &mut self.upgrade.instance
        } else {
            &mut self.upgrade.config
        };
        map.set(row.field, node);
    }

    fn gates(&mut self, word: &str, value: Option<&str>, next: Option<&str>) {
        const GATE: &str = "IPv6DualStack";
        let list: Vec<&str> = value.unwrap_or_default().split(',').collect();
        let rest: Vec<&str> = list
            .iter()
            .copied()
            .filter(|gate| gate.split('=').next() != Some(GATE))
            .collect();
        if rest.len() == list.len() {
            self.keep(word, "feature-gates", next);
            return;
        }
        self.upgrade.changes.push(Change::GateDropped {
            gate: GATE,
            since: NO_DUAL_STACK_GATE,
        });
        if !rest.is_empty() {
            self.keep(
                &format!("--feature-gates={}", rest.join(",")),
                "feature-gates",
                None,
            );
        }
    }

    fn finish(mut self) -> (Vec<String>, Upgrade) {
        if self.docker && !self.endpoint && self.target.minor() >= NO_DOCKERSHIM {
            self.upgrade.changes.push(Change::RuntimeNeeded);
        }
        (self.kept, self.upgrade)
    }
}

/// An endpoint with its scheme.
fn endpoint(socket: &str) -> String {
    if socket.starts_with('/') {
        format!("unix://{socket}")
    } else {
        socket.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(minor: u8, old: &str) -> (String, Vec<String>) {
        let upgrade = upgrade(old.as_bytes(), Version::new(minor).unwrap()).unwrap();
        let changes = upgrade.changes.iter().map(ToString::to_string).collect();
        (upgrade.text, changes)
    }

    #[test]
    fn an_old_docker_node_goes_to_the_newest() {
        let old = "KUBELET_KUBEADM_ARGS=--cgroup-driver=cgroupfs --network-plugin=cni --pod-infra-container-image=k8s.gcr.io/pause:3.1 --resolv-conf=/run/systemd/resolve/resolv.conf\n";
        let upgrade = upgrade(old.as_bytes(), Version::NEWEST).unwrap();
        assert_eq!(upgrade.text, "KUBELET_KUBEADM_ARGS=\"\"\n");
        assert_eq!(
            super::super::yaml::write(&upgrade.config.clone().into()),
            "cgroupDriver: cgroupfs\nresolvConf: /run/systemd/resolve/resolv.conf\n"
        );
        let changes: Vec<_> = upgrade.changes.iter().map(ToString::to_string).collect();
        assert_eq!(
            changes,
            [
                "`--cgroup-driver` has moved: write `cgroupDriver: cgroupfs` into `/var/lib/kubelet/config.yaml`, as kubeadm does from 1.19 on",
                "`--network-plugin=cni` is dropped: kubelets from 1.24 on exit because of it; remove it: it was for the dockershim, which 1.24 no longer has",
                "`--pod-infra-container-image=k8s.gcr.io/pause:3.1` is dropped: kubelets from 1.35 on exit because of it; remove it: the container runtime's own configuration names the pause image",
                "`--resolv-conf` has moved: write `resolvConf: /run/systemd/resolve/resolv.conf` into `/var/lib/kubelet/config.yaml`, as kubeadm does from 1.19 on",
                "dockershim is gone from 1.24 on and no endpoint is named: set `containerRuntimeEndpoint` or `--container-runtime-endpoint`",
            ]
        );
    }

    #[test]
    fn an_endpoint_is_completed_then_moves() {
        let old = "KUBELET_KUBEADM_ARGS=\"--container-runtime=remote --container-runtime-endpoint=/run/containerd/containerd.sock --node-labels=a=b\"\n";
        let (text, changes) = to(26, old);
        assert_eq!(
            text,
            "KUBELET_KUBEADM_ARGS=\"--container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock --node-labels=a=b\"\n"
        );
        assert_eq!(changes.len(), 1);
        let (text, _) = to(31, old);
        assert_eq!(
            text,
            "KUBELET_KUBEADM_ARGS=\"--container-runtime-endpoint=unix:///run/containerd/containerd.sock --node-labels=a=b\"\n"
        );
        let new = upgrade(old.as_bytes(), Version::NEWEST).unwrap();
        assert_eq!(new.text, "KUBELET_KUBEADM_ARGS=\"--node-labels=a=b\"\n");
        assert_eq!(
            super::super::yaml::write(&new.instance.into()),
            "containerRuntimeEndpoint: unix:///run/containerd/containerd.sock\n"
        );
    }

    #[test]
    fn arguments_keep_their_words_and_the_file_its_other_lines() {
        let old = "# mine\nKUBELET_KUBEADM_ARGS=\"--x=1 \\\"--root-dir=/var/lib/my kubelet\\\" --v 4 --network_plugin cni stray\"\nOTHER=1\n";
        let (text, _) = to(36, old);
        assert_eq!(
            text,
            "# mine\nKUBELET_KUBEADM_ARGS=\"--x=1 \\\"--root-dir=/var/lib/my kubelet\\\" --v 4 stray\"\nOTHER=1\n"
        );
    }

    #[test]
    fn a_gate_that_is_on_for_good_goes() {
        let (text, changes) = to(
            25,
            "KUBELET_KUBEADM_ARGS=\"--feature-gates=IPv6DualStack=true,X=false\"\n",
        );
        assert_eq!(text, "KUBELET_KUBEADM_ARGS=\"--feature-gates=X=false\"\n");
        assert_eq!(changes.len(), 2);
        let (text, _) = to(
            25,
            "KUBELET_KUBEADM_ARGS=\"--feature-gates=IPv6DualStack=true\"\n",
        );
        assert_eq!(text, "KUBELET_KUBEADM_ARGS=\"\"\n");
    }

    #[test]
    fn what_is_current_stays_as_it_is() {
        let old = "KUBELET_KUBEADM_ARGS=\"--hostname-override=n --v=4\"\n";
        assert_eq!(to(36, old), (old.to_owned(), Vec::new()));
        let error = upgrade(b"A=1\n", Version::NEWEST).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the file does not set `KUBELET_KUBEADM_ARGS`"
        );
    }
}
