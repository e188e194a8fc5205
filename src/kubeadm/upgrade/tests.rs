//! Old files and what becomes of them.

use super::*;
use crate::kubeadm::yaml;

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
        yaml::write(&upgrade.config.clone().into()),
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
    let new = upgrade(old.as_bytes(), Version::new(36).unwrap()).unwrap();
    assert_eq!(new.text, "KUBELET_KUBEADM_ARGS=\"--node-labels=a=b\"\n");
    assert_eq!(
        yaml::write(&new.instance.into()),
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

/// What is judged by the tables of what each release takes.
#[test]
fn what_the_kubelet_does_not_take_goes_and_what_none_takes_stays() {
    let old = "KUBELET_KUBEADM_ARGS=\"--containerd /run/c.sock --docker=x --config-dir=/etc/kubelet.d --nod-ip=::1 --feature-gates=SidecarContainers=false,DynamicKubeletConfig=true,NodeSwap=perhaps,SidecarContainer=true,InPlacePodVerticalScaling=true\"\n";
    let of = |minor| {
        let (text, changes) = to(minor, old);
        format!("# 1.{minor}\n{text}{}\n", changes.join("\n"))
    };
    insta::assert_snapshot!([26, 36, 37].map(of).join("\n"));
    // All that the release knows is taken as it is.
    let known = "KUBELET_KUBEADM_ARGS=\"--feature-gates=NodeSwap=true\"\n";
    let (text, changes) = to(33, known);
    assert_eq!((text.as_str(), changes.len()), (known, 1), "{changes:?}");
    // Without a gate that is left, the flag goes too.
    let gone = "KUBELET_KUBEADM_ARGS=\"--feature-gates=DynamicKubeletConfig=true\"\n";
    assert_eq!(to(36, gone).0, "KUBELET_KUBEADM_ARGS=\"\"\n");
}

#[test]
fn every_flag_of_the_tables_is_judged_as_the_tables_have_it() {
    use crate::kubelet::takes::{Kind, Presence};
    for minor in [29, 33, 37] {
        let release = kubelet::Version::release(minor.into());
        for entry in Kind::Flag.entries() {
            let flag = Kind::Flag.written(entry.name);
            let old = format!("KUBELET_KUBEADM_ARGS=\"{flag}=external\"\n");
            let (text, changes) = to(minor, &old);
            let stays = text.contains(&flag);
            match Kind::Flag.presence(entry.name, release) {
                Presence::Gone { .. } | Presence::NotYet { .. } => {
                    assert!(!stays && !changes.is_empty(), "{text}{changes:?}");
                }
                _ => assert!(
                    stays || changes[0].contains("has moved"),
                    "{text}{changes:?}"
                ),
            }
        }
    }
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

#[test]
fn what_is_in_the_configuration_already_is_not_said() {
    let old = b"KUBELET_KUBEADM_ARGS=\"--container-runtime-endpoint=unix:///run/containerd/containerd.sock --cgroup-driver=systemd\"\n";
    let of = |config: &str| {
        let mut upgrade = upgrade(old, Version::new(36).unwrap()).unwrap();
        let node = yaml::read_document(config, 1).unwrap();
        upgrade.compare(node.as_map().unwrap());
        let changes: Vec<_> = upgrade.changes.iter().map(ToString::to_string).collect();
        (changes, upgrade.before_restart())
    };
    let there =
        "containerRuntimeEndpoint: unix:///run/containerd/containerd.sock\ncgroupDriver: systemd\n";
    assert_eq!(of(there), (vec![], String::new()));
    insta::assert_debug_snapshot!([
        of("containerRuntimeEndpoint: \"\"\ncgroupDriver: systemd\n"),
        of("cgroupDriver: cgroupfs\ncontainerRuntimeEndpoint: unix:///run/crio/crio.sock\n"),
    ]);
}

#[test]
fn in_tree_cloud_providers_end_kubelets_from_1_29_on() {
    let old = "KUBELET_KUBEADM_ARGS=\"--cloud-provider=aws\"\n";
    assert_eq!(to(28, old), (old.to_owned(), vec![]));
    let (text, changes) = to(29, old);
    assert_eq!(text, "KUBELET_KUBEADM_ARGS=\"\"\n");
    assert_eq!(
        changes,
        [
            "`--cloud-provider=aws` is dropped: kubelets from 1.29 on exit because of it; write `--cloud-provider=external` where a cloud controller manager runs, or remove it"
        ]
    );
    let external = "KUBELET_KUBEADM_ARGS=\"--cloud-provider=external\"\n";
    assert_eq!(to(36, external), (external.to_owned(), vec![]));
}

#[test]
fn an_empty_file_is_told() {
    let error = upgrade(b" \n", Version::NEWEST).unwrap_err();
    assert!(matches!(error, UpgradeError::Empty), "{error}");
}
