//! Where kubeadm is wrong for a host without systemd, we are right and say so.

use kubelet_unit::kubeadm::version::PROVEN;
use kubelet_unit::kubeadm::{Action, Host, HostInit, Output, Plan, Request, Stream, Version};

const KUBELET: &str = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n";
const CLUSTER: &str = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n";
const JOIN: &str = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\n";

/// The newest release that was compared with the real program: of a newer one that is said.
fn newest_compared() -> Version {
    let minor = PROVEN.into_iter().max().unwrap();
    Version::new(minor).unwrap()
}

fn host(init: HostInit) -> Host {
    Host {
        hostname: "node1".to_owned(),
        init,
        ..Host::default()
    }
}

fn config(request: Request<'_>) -> Output {
    Plan::new(request).unwrap().config().unwrap()
}

/// The value of a top-level key of config.yaml.
fn value<'o>(output: &'o Output, key: &str) -> Option<&'o str> {
    let file = output
        .files
        .iter()
        .find(|file| file.path.ends_with("/config.yaml"))
        .unwrap();
    file.text
        .lines()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(": "))
}

fn warnings(output: &Output) -> Vec<String> {
    output.warnings.iter().map(ToString::to_string).collect()
}

#[test]
fn the_cgroup_driver_is_one_that_the_host_has() {
    let document = |driver: &str| format!("{CLUSTER}---\n{KUBELET}cgroupDriver: {driver}\n");
    let (unset, systemd, cgroupfs) = (
        CLUSTER.to_owned(),
        document("systemd"),
        document("cgroupfs"),
    );
    let cases = [
        (HostInit::Systemd, &unset, "systemd", 0),
        (HostInit::Systemd, &cgroupfs, "cgroupfs", 1),
        (HostInit::OpenRc, &unset, "cgroupfs", 1),
        (HostInit::Other, &unset, "cgroupfs", 1),
        (HostInit::Other, &cgroupfs, "cgroupfs", 0),
        // The user's own word stays, with a warning about what kubeadm does not say.
        (HostInit::Other, &systemd, "systemd", 2),
    ];
    for (init, text, driver, count) in cases {
        let host = host(init);
        let stream = Stream::from(text);
        let request = Request {
            config: Some(&stream),
            ..Request::new(newest_compared(), &host)
        };
        let output = config(request);
        assert_eq!(
            value(&output, "cgroupDriver"),
            Some(driver),
            "{init:?} {text}"
        );
        assert_eq!(
            output.warnings.len(),
            count,
            "{init:?} {text} {:?}",
            warnings(&output)
        );
        let own = config(Request {
            as_kubeadm: true,
            ..request
        });
        let kubeadm = if text == &cgroupfs {
            "cgroupfs"
        } else {
            "systemd"
        };
        assert_eq!(value(&own, "cgroupDriver"), Some(kubeadm));
    }
    let host = host(HostInit::OpenRc);
    let old = config(Request::new(Version::new(20).unwrap(), &host));
    assert_eq!(
        value(&old, "cgroupDriver"),
        None,
        "1.20 leaves it to the kubelet"
    );
}

#[test]
fn a_node_that_joins_corrects_what_the_cluster_says() {
    let cluster = format!(
        "{CLUSTER}---\n{KUBELET}cgroupDriver: systemd\nresolvConf: /run/systemd/resolve/resolv.conf\nmaxPods: 42\n"
    );
    let join = |host: &Host| {
        config(Request {
            config: Some(&Stream::from(JOIN)),
            cluster_config: Some(&Stream::from(cluster.as_str())),
            ..Request::new(newest_compared(), host)
        })
    };
    let runit = join(&host(HostInit::Other));
    assert_eq!(value(&runit, "cgroupDriver"), Some("cgroupfs"));
    assert_eq!(value(&runit, "resolvConf"), None);
    assert_eq!(value(&runit, "maxPods"), Some("42"));
    assert_eq!(
        warnings(&runit),
        [
            "`cgroupDriver: cgroupfs` is written where kubeadm writes `systemd`: without systemd the kubelet would exit",
            "`/run/systemd/resolve/resolv.conf` is left out: systemd-resolved does not run here",
        ]
    );
    let systemd = join(&host(HostInit::Systemd));
    assert_eq!(value(&systemd, "cgroupDriver"), Some("systemd"));
    assert_eq!(
        value(&systemd, "resolvConf"),
        Some("/run/systemd/resolve/resolv.conf")
    );
}

#[test]
fn the_saved_config_map_of_a_cluster_is_as_good_as_its_configuration() {
    let text = format!(
        "{CLUSTER}networking: {{serviceSubnet: 10.95.0.0/16, dnsDomain: corp.local}}\nfeatureGates: {{NodeLocalCRISocket: false}}\n---\n{KUBELET}maxPods: 42\n"
    );
    let systemd = host(HostInit::Systemd);
    let stream = Stream::from(text.as_str());
    let init = Request {
        config: Some(&stream),
        ..Request::new(newest_compared(), &systemd)
    };
    let config_map = Plan::new(init).unwrap().config_map().unwrap();
    let saved = format!(
        "{}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: kubeadm-config}}\ndata:\n  ClusterConfiguration: |\n    {}",
        config_map.files[0].text,
        text.split("---")
            .next()
            .unwrap()
            .trim_end()
            .replace('\n', "\n    ")
    );
    for held in [&text, &saved] {
        let held_stream = Stream::from(held);
        let stream = Stream::from(JOIN);
        let request = Request {
            config: Some(&stream),
            cluster_config: Some(&held_stream),
            ..Request::new(newest_compared(), &systemd)
        };
        let plan = Plan::new(request).unwrap();
        assert_eq!(plan.action(), Action::Join);
        let output = plan.config().unwrap();
        assert_eq!(output.files.len(), 1, "the gate is off");
        assert_eq!(value(&output, "maxPods"), Some("42"));
        assert_eq!(value(&output, "clusterDomain"), Some("corp.local"));
        assert!(output.files[0].text.contains("clusterDNS:\n- 10.95.0.10\n"));
    }
}

#[test]
fn systemd_resolved_is_named_only_where_it_runs() {
    let at = |minor, init, active, as_kubeadm| {
        let host = Host {
            resolved_active: active,
            ..host(init)
        };
        let request = Request {
            as_kubeadm,
            ..Request::new(Version::new(minor).unwrap(), &host)
        };
        value(&config(request), "resolvConf").map(str::to_owned)
    };
    let path = Some("/run/systemd/resolve/resolv.conf".to_owned());
    assert_eq!(at(31, HostInit::Systemd, true, false), path);
    assert_eq!(at(31, HostInit::Systemd, false, false), None);
    assert_eq!(
        at(31, HostInit::OpenRcOnly, false, true),
        path,
        "kubeadm's mistake"
    );
    assert_eq!(at(31, HostInit::OpenRcOnly, false, false), None);
    assert_eq!(
        at(34, HostInit::OpenRcOnly, false, true),
        None,
        "mended in 1.33"
    );
}

/// `--service-cidr 10.95.0.0/12` does not give 10.95.0.10, though it is often said to.
#[test]
fn the_dns_address_follows_the_subnet_and_a_warning_says_why() {
    let systemd = host(HostInit::Systemd);
    let text = format!("{CLUSTER}networking: {{serviceSubnet: 10.95.0.0/12}}\n");
    let stream = Stream::from(text.as_str());
    let output = config(Request {
        config: Some(&stream),
        ..Request::new(newest_compared(), &systemd)
    });
    assert!(output.files[1].text.contains("clusterDNS:\n- 10.80.0.10\n"));
    assert_eq!(
        warnings(&output),
        [
            "`10.95.0.0/12` has host bits set: the subnet is 10.80.0.0/12, and the cluster's DNS gets 10.80.0.10, the address that kubeadm gives to the kube-dns Service; `10.95.0.0/16` would give 10.95.0.10"
        ]
    );
    let text = text.replace("/12", "/16");
    let stream = Stream::from(text.as_str());
    let output = config(Request {
        config: Some(&stream),
        ..Request::new(newest_compared(), &systemd)
    });
    assert!(output.files[1].text.contains("clusterDNS:\n- 10.95.0.10\n"));
    assert_eq!(warnings(&output), [""; 0]);
}

#[test]
fn unknown_fields_pass_through_in_kubeadm_s_order() {
    let systemd = host(HostInit::Systemd);
    let text = format!(
        "{CLUSTER}---\n{KUBELET}zebra: {{b: [1, {{c: no}}], a: \"no\"}}\naardvark: 0123\nauthentication: {{webhook: {{extra: 1}}}}\n"
    );
    let stream = Stream::from(text.as_str());
    let request = Request {
        config: Some(&stream),
        ..Request::new(newest_compared(), &systemd)
    };
    let output = config(request);
    let written = &output.files[1].text;
    assert!(
        written.starts_with("aardvark: 83\napiVersion: "),
        "{written}"
    );
    assert!(
        written.ends_with("zebra:\n  a: \"no\"\n  b:\n  - 1\n  - c: false\n"),
        "{written}"
    );
    assert!(
        written.contains("    enabled: true\n    extra: 1\n"),
        "{written}"
    );
    assert_eq!(
        warnings(&output)[0],
        "kubeadm configuration, document 2 (KubeletConfiguration), line 8, column 28: `authentication.webhook.extra`: 1.36 does not know this field; it is passed on"
    );
    let own = config(Request {
        as_kubeadm: true,
        ..request
    });
    assert!(!own.files[1].text.contains("zebra") && !own.files[1].text.contains("extra"));
}

#[test]
fn a_configuration_for_another_kubeadm_is_read_with_a_warning() {
    let systemd = host(HostInit::Systemd);
    let text = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\nnodeRegistration:\n  kubeletExtraArgs: [{name: v, value: \"4\"}]\n";
    let stream = Stream::from(text);
    let request = Request {
        config: Some(&stream),
        ..Request::new(Version::new(30).unwrap(), &systemd)
    };
    let output = Plan::new(request).unwrap().flags().unwrap();
    assert!(output.files[0].text.ends_with(" --v=4\"\n"));
    assert_eq!(
        warnings(&output)[1..],
        [
            "kubeadm configuration, document 1 (InitConfiguration), line 1, column 1: kubeadm 1.30 refuses `kubeadm.k8s.io/v1beta4`; 1.31 is the first that reads it, 1.37 the last"
        ]
    );
    assert!(
        Plan::new(Request {
            as_kubeadm: true,
            ..request
        })
        .is_err()
    );
}

/// What a kubeadm has left behind it does not read, whoever asks.
#[test]
fn an_api_that_is_gone_is_refused() {
    let systemd = host(HostInit::Systemd);
    let refused = |api: &str, minor| {
        let text = format!("apiVersion: kubeadm.k8s.io/{api}\nkind: ClusterConfiguration\n");
        let stream = Stream::from(text.as_str());
        let request = Request {
            config: Some(&stream),
            ..Request::new(Version::new(minor).unwrap(), &systemd)
        };
        let error = Plan::new(request).err()?;
        Some(format!("{error}\nhint: {}", error.hint().unwrap()))
    };
    assert_eq!(refused("v1beta3", 36), None);
    assert_eq!(refused("v1beta4", 37), None);
    insta::assert_snapshot!(
        [refused("v1beta3", 37), refused("v1beta2", 36)]
            .map(Option::unwrap)
            .join("\n")
    );
}

/// Until 1.22 at most one argument of the controller manager holds for both families; kubeadm's own example for v1beta4
/// has `node-cidr-mask-size`, which nobody reads there.
#[test]
fn the_mask_of_a_node_s_range_is_read_where_that_release_reads_it() {
    let systemd = host(HostInit::Systemd);
    let taken = |minor, api: &str, extra: &str, gates: &str| {
        let text = format!(
            "apiVersion: kubeadm.k8s.io/{api}\nkind: ClusterConfiguration\n{gates}networking: {{podSubnet: 10.100.0.0/24}}\ncontrollerManager:\n  extraArgs: {extra}\n"
        );
        let stream = Stream::from(text.as_str());
        let request = Request {
            config: Some(&stream),
            as_kubeadm: true,
            ..Request::new(Version::new(minor).unwrap(), &systemd)
        };
        let taken = Plan::new(request).map(|_| ());
        taken.map_err(|error| error.to_string())
    };
    let example = "[{name: node-cidr-mask-size, value: \"20\"}]";
    for minor in [31, 36, 37] {
        assert_eq!(
            taken(minor, "v1beta4", example, "").err(),
            None,
            "1.{minor}"
        );
    }
    let map = "{node-cidr-mask-size: \"20\"}";
    assert_eq!(taken(22, "v1beta3", map, "").err(), None);
    assert_eq!(taken(23, "v1beta3", map, "").err(), None);
    let off = "featureGates: {IPv6DualStack: false}\n";
    for (minor, api, gates) in [(20, "v1beta2", ""), (22, "v1beta3", off)] {
        let error = taken(minor, api, map, gates).unwrap_err();
        assert!(error.contains("10.100.0.0/24"), "{error}");
    }
    // Before 1.20 nobody looks.
    assert_eq!(taken(19, "v1beta2", map, "").err(), None);
    let own = "[{name: node-cidr-mask-size-ipv4, value: \"20\"}]";
    assert!(taken(36, "v1beta4", own, "").is_err());
}

/// A label that names a release means it, as it does where kubeadm can ask the network.
#[test]
fn a_label_means_the_release_that_it_names() {
    let systemd = host(HostInit::Systemd);
    let of = |label: &str, as_kubeadm| {
        let text = format!(
            "apiVersion: kubeadm.k8s.io/v1beta2\nkind: ClusterConfiguration\nkubernetesVersion: {label}\n"
        );
        let stream = Stream::from(text.as_str());
        let request = Request {
            config: Some(&stream),
            as_kubeadm,
            ..Request::new(Version::new(20).unwrap(), &systemd)
        };
        let output = Plan::new(request).and_then(|plan| plan.config_map());
        output
            .map(|output| (output.files[0].text.clone(), warnings(&output)))
            .map_err(|error| error.to_string())
    };
    let (text, told) = of("stable-1.19", false).unwrap();
    assert!(text.contains("name: kubelet-config-1.19\n"), "{text}");
    assert_eq!(told, [""; 0]);
    // Without a network kubeadm takes it for its own release.
    assert!(
        of("stable-1.19", true)
            .unwrap()
            .0
            .contains("name: kubelet-config-1.20\n")
    );
    let (_, told) = of("ci/latest-1.22", false).unwrap();
    assert_eq!(
        told,
        ["`kubernetesVersion: ci/latest-1.22` is newer than kubeadm 1.20"]
    );
    assert!(
        of("stable-1.18", false)
            .unwrap_err()
            .contains("not `stable-1.18`")
    );
}

/// Between the proven releases, the rules that are known.
#[test]
fn each_release_writes_its_own_flags() {
    let host = Host {
        docker_cgroup_driver: Some("cgroupfs".to_owned()),
        ..host(HostInit::Systemd)
    };
    let text = |api: &str| {
        format!(
            "apiVersion: kubeadm.k8s.io/{api}\nkind: InitConfiguration\nnodeRegistration:\n  name: other\n  criSocket: /run/x.sock\n  kubeletExtraArgs: {{v: \"4\", a: b}}\n"
        )
    };
    let flags = |minor, config: &str| {
        let stream = Stream::from(config);
        let request = Request {
            config: Some(&stream),
            ..Request::new(Version::new(minor).unwrap(), &host)
        };
        Plan::new(request)
            .unwrap()
            .flags()
            .unwrap()
            .files
            .remove(0)
            .text
    };
    let cases = [
        (
            14,
            "v1beta1",
            "KUBELET_KUBEADM_ARGS=--a=b --v=4 --container-runtime=remote --container-runtime-endpoint=/run/x.sock --hostname-override=other\n",
        ),
        (
            15,
            "v1beta2",
            "KUBELET_KUBEADM_ARGS=\"--a=b --v=4 --container-runtime=remote --container-runtime-endpoint=/run/x.sock --hostname-override=other\"\n",
        ),
        (
            19,
            "v1beta2",
            "KUBELET_KUBEADM_ARGS=\"--a=b --container-runtime=remote --container-runtime-endpoint=/run/x.sock --hostname-override=other --v=4\"\n",
        ),
        (
            22,
            "v1beta3",
            "KUBELET_KUBEADM_ARGS=\"--a=b --container-runtime=remote --container-runtime-endpoint=/run/x.sock --hostname-override=other --pod-infra-container-image=k8s.gcr.io/pause:3.5 --v=4\"\n",
        ),
        (
            24,
            "v1beta3",
            "KUBELET_KUBEADM_ARGS=\"--a=b --container-runtime=remote --container-runtime-endpoint=unix:///run/x.sock --hostname-override=other --pod-infra-container-image=k8s.gcr.io/pause:3.7 --v=4\"\n",
        ),
        (
            26,
            "v1beta3",
            "KUBELET_KUBEADM_ARGS=\"--a=b --container-runtime-endpoint=unix:///run/x.sock --hostname-override=other --pod-infra-container-image=registry.k8s.io/pause:3.9 --v=4\"\n",
        ),
        (
            33,
            "v1beta3",
            "KUBELET_KUBEADM_ARGS=\"--container-runtime-endpoint=unix:///run/x.sock --hostname-override=other --pod-infra-container-image=registry.k8s.io/pause:3.10 --a=b --v=4\"\n",
        ),
        (
            35,
            "v1beta3",
            "KUBELET_KUBEADM_ARGS=\"--hostname-override=other --a=b --v=4\"\n",
        ),
    ];
    for (minor, api, expected) in cases {
        assert_eq!(flags(minor, &text(api)), expected, "1.{minor}");
    }
    let docker = "apiVersion: kubeadm.k8s.io/v1beta1\nkind: InitConfiguration\n";
    assert_eq!(
        flags(14, docker),
        "KUBELET_KUBEADM_ARGS=--cgroup-driver=cgroupfs --network-plugin=cni --pod-infra-container-image=k8s.gcr.io/pause:3.1\n"
    );
}
