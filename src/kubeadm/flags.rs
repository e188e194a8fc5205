//! `kubeadm-flags.env`: the flags that kubeadm gives to this node's kubelet.

use super::cri::DOCKERSHIM;
use super::gotext;
use super::model::{Argument, Cluster, NodeRegistration, Taint};
use super::version::{Behaviour, Version};
use super::warning::Warning;
use crate::kubelet::flags::{normalize, refused, removed_from};
use crate::sorting;

/// The file.
pub const FLAGS_FILE: &str = "/var/lib/kubelet/kubeadm-flags.env";
/// Its one variable, which the drop-in passes on.
pub const VARIABLE: &str = "KUBELET_KUBEADM_ARGS";
/// systemd-resolved's list of the real name servers, not the stub.
pub const RESOLVED: &str = "/run/systemd/resolve/resolv.conf";

/// What the flags follow from.
#[derive(Clone, Debug)]
pub struct Flags<'f> {
    /// The kubeadm.
    pub version: Version,
    /// This node.
    pub node: &'f NodeRegistration,
    /// The cluster.
    pub cluster: &'f Cluster,
    /// The container runtime's socket.
    pub cri_socket: &'f str,
    /// The host's name, trimmed and lowered.
    pub hostname: &'f str,
    /// The node's name.
    pub node_name: &'f str,
    /// Whether systemd-resolved's file is pointed to.
    pub resolved: bool,
    /// docker's cgroup driver, if docker answers.
    pub docker_cgroup_driver: Option<&'f str>,
    /// The kubelet's minor release, if it is known.
    pub kubelet_minor: Option<u8>,
    /// Whether the node joins a cluster.
    pub join: bool,
    /// Whether the endpoint is in instance-config.yaml.
    pub instance_config: bool,
}

impl Flags<'_> {
    fn has(&self, behaviour: Behaviour) -> bool {
        self.version.has(behaviour)
    }

    /// kubeadm's own flags.
    fn base(&self) -> Vec<Argument> {
        let mut flags = Vec::new();
        let mut add = |name: &str, value: String| {
            flags.push(Argument {
                name: name.to_owned(),
                value,
            });
        };
        let docker = self.docker();
        if docker {
            add("network-plugin", "cni".to_owned());
            if self.has(Behaviour::CniDirectories) {
                add("cni-bin-dir", "/opt/cni/bin".to_owned());
                add("cni-conf-dir", "/etc/cni/net.d".to_owned());
            }
            if let Some(driver) = self
                .docker_cgroup_driver
                .filter(|_| self.has(Behaviour::CgroupDriverFlag))
            {
                add("cgroup-driver", driver.to_owned());
            }
        } else if !self.instance_config {
            if self.has(Behaviour::RuntimeFlag) {
                add("container-runtime", "remote".to_owned());
            }
            add("container-runtime-endpoint", self.cri_socket.to_owned());
        }
        if self.has(Behaviour::PauseForAll) || (docker && self.has(Behaviour::PauseForDocker)) {
            let image = format!(
                "{}/pause:{}",
                self.cluster.image_repository,
                self.version.pause()
            );
            add("pod-infra-container-image", image);
        }
        if self.resolved && self.has(Behaviour::ResolvConfFlag) {
            add("resolv-conf", RESOLVED.to_owned());
        }
        let gate = |name: &str| self.cluster.gates.get(name).copied();
        if gate("DynamicKubeletConfig") == Some(true) && self.has(Behaviour::DynamicConfigDir) {
            add(
                "dynamic-config-dir",
                "/var/lib/kubelet/dynamic-config".to_owned(),
            );
        }
        if let Some(on) = gate("IPv6DualStack").filter(|_| self.has(Behaviour::DualStackFlag)) {
            add("feature-gates", format!("IPv6DualStack={on}"));
        }
        if let Some(taints) = self.taints() {
            add("register-with-taints", taints);
        }
        if self.node_name != self.hostname {
            add("hostname-override", self.node_name.to_owned());
        }
        flags
    }

    fn docker(&self) -> bool {
        let shim = self.cri_socket == DOCKERSHIM
            || self.cri_socket.strip_prefix("unix://") == Some(DOCKERSHIM);
        let old_kubelet = self.kubelet_minor.is_some_and(|minor| minor < 24);
        (self.has(Behaviour::DockershimFlags) && self.cri_socket == DOCKERSHIM)
            || (self.has(Behaviour::OldKubeletDockershim) && shim && old_kubelet)
    }

    /// Taints go onto the command line of workers that join: an init's node gets them from kubeadm itself.
    fn taints(&self) -> Option<String> {
        let taints = self.node.taints.as_deref().filter(|t| !t.is_empty())?;
        if !self.join || self.node.control_plane || !self.has(Behaviour::TaintsOnJoin) {
            return None;
        }
        let colon = self.has(Behaviour::ColonAfterBareKey);
        Some(
            taints
                .iter()
                .map(|t| taint(t, colon))
                .collect::<Vec<_>>()
                .join(","),
        )
    }

    /// All flags in kubeadm's order: an argument of the user's takes the place of kubeadm's of the same name.
    pub fn arguments(&self) -> Vec<Argument> {
        let mut user = self.node.arguments.clone();
        let mut base = self.base();
        base.retain(|b| !user.iter().any(|u| u.name == b.name));
        sorting::by(&mut base, |a, b| {
            a.name.cmp(&b.name).then(a.value.cmp(&b.value))
        });
        if self.has(Behaviour::OverridesFirst) {
            sorting::by(&mut user, |a, b| a.name.cmp(&b.name));
            user.append(&mut base);
            return user;
        }
        base.append(&mut user);
        if self.has(Behaviour::OneSortedMap) || self.has(Behaviour::AllSorted) {
            sorting::by(&mut base, |a, b| {
                a.name.cmp(&b.name).then(a.value.cmp(&b.value))
            });
        }
        base
    }

    /// The file's text.
    pub fn text(&self) -> String {
        env_file(&self.arguments(), self.version)
    }

    /// What is worth knowing about these flags.
    pub fn warnings(&self) -> Vec<Warning> {
        let arguments = self.arguments();
        let minor = self.kubelet_minor.unwrap_or(self.version.minor());
        let kubelet = crate::kubelet::Version::release(minor.into());
        let removed = arguments
            .iter()
            .filter(|a| removed_from(&a.name, kubelet).is_some());
        let mut warnings: Vec<_> = removed
            .map(|a| Warning::RemovedFlag {
                flag: a.name.clone(),
                version: kubelet,
            })
            .collect();
        let refused = arguments.iter().filter_map(|a| {
            let row = refused(&normalize(&a.name), &a.value)?;
            (row.since <= kubelet && removed_from(&a.name, kubelet).is_none()).then(|| {
                Warning::RefusedValue {
                    flag: a.name.clone(),
                    value: a.value.clone(),
                    version: kubelet,
                    why: row.why,
                }
            })
        });
        warnings.extend(refused);
        // In systemd's eyes: quotes within an argument keep it together.
        let texts = arguments.iter().map(Argument::text);
        let split = texts.filter(|text| crate::envfile::split(text).len() > 1);
        warnings.extend(split.map(Warning::SplitArgument));
        warnings
    }
}

/// The file's text for a list of arguments.
pub fn env_file(arguments: &[Argument], version: Version) -> String {
    let words: Vec<_> = arguments.iter().map(Argument::text).collect();
    let line = words.join(" ");
    if version.has(Behaviour::QuotedEnvFile) {
        format!("{VARIABLE}={}\n", gotext::quote(&line))
    } else {
        format!("{VARIABLE}={line}\n")
    }
}

/// `k=v:Effect`, without the parts that are empty; 1.11 writes the colon of a key alone.
fn taint(taint: &Taint, colon: bool) -> String {
    let Taint { key, value, effect } = taint;
    match (value.is_empty(), effect.is_empty()) {
        (true, true) if !colon => key.clone(),
        (true, _) => format!("{key}:{effect}"),
        (false, _) => format!("{key}={value}:{effect}"),
    }
}
