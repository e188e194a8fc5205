//! A setting that is both a flag and a field, judged by its effect: the flag wins.

use insta::assert_snapshot;
use kubelet_unit::kubeadm::version::PROVEN;
use kubelet_unit::kubeadm::{Host, HostInit, Plan, Request, RuntimeDriver, Stream, Version};

/// What `kubeadm flags` and `kubeadm config` say of arguments and fields on a host.
fn said(host: &Host, arguments: &[(&str, &str)], fields: &str) -> String {
    let list: Vec<String> = arguments
        .iter()
        .map(|(name, value)| format!("  - name: {name}\n    value: \"{value}\"\n"))
        .collect();
    let list = list.concat();
    let text = format!(
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\nnodeRegistration:\n  criSocket: unix:///run/containerd/containerd.sock\n  kubeletExtraArgs:\n{list}---\napiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n{fields}"
    );
    let newest = Version::new(PROVEN.into_iter().max().unwrap()).unwrap();
    let stream = Stream::from(text.as_str());
    let request = Request {
        config: Some(&stream),
        ..Request::new(newest, host)
    };
    let plan = Plan::new(request).unwrap();
    let (flags, config) = (plan.flags().unwrap(), plan.config().unwrap());
    let lines = |name: &str, output: &kubelet_unit::kubeadm::Output| {
        let lines = output.warnings.iter().map(|it| format!("{name}: {it}\n"));
        lines.collect::<Vec<_>>().concat()
    };
    lines("flags", &flags) + &lines("config", &config)
}

fn host(init: HostInit) -> Host {
    Host {
        hostname: "node1".to_owned(),
        init,
        ..Host::default()
    }
}

#[test]
fn the_driver_that_counts_is_the_flag_s() {
    let openrc = host(HostInit::OpenRc);
    let systemd = [("cgroup-driver", "systemd")];
    let cgroupfs = [("cgroup-driver", "cgroupfs")];
    assert_snapshot!("ends_the_kubelet", said(&openrc, &systemd, ""));
    // The flag puts right what the file has wrong.
    assert_eq!(said(&openrc, &cgroupfs, "cgroupDriver: systemd\n"), "");
    let with_systemd = Host {
        drivers: vec![RuntimeDriver {
            runtime: "containerd".to_owned(),
            driver: "systemd".to_owned(),
            source: None,
        }],
        ..host(HostInit::Systemd)
    };
    assert_eq!(
        said(&with_systemd, &systemd, "cgroupDriver: cgroupfs\n"),
        ""
    );
    assert_snapshot!(
        "another_than_the_runtime",
        said(&with_systemd, &cgroupfs, "")
    );
}

#[test]
fn every_setting_that_kubeadm_writes_is_judged_so() {
    let systemd = host(HostInit::Systemd);
    let usual = [
        ("anonymous-auth", "false"),
        ("authorization-mode", "Webhook"),
        ("cluster-dns", "10.96.0.10"),
        ("healthz-port", "10248"),
    ];
    let fields = "authentication: {anonymous: {enabled: true}}\nauthorization: {mode: AlwaysAllow}\nclusterDNS: [10.0.0.10]\nhealthzPort: 1\n";
    assert_eq!(said(&systemd, &usual, fields), "");
    let others = [
        ("anonymous-auth", "true"),
        ("cluster-dns", "10.0.0.10"),
        ("cluster-dns", "10.0.0.11"),
        ("pod-manifest-path", "/etc/kubelet.d"),
        ("max-pods", "50"),
        ("eviction-hard", "memory.available<1Gi"),
        ("feature-gates", "A=true,B=false"),
        ("file-check-frequency", "60s"),
    ];
    let fields = "maxPods: 110\nevictionHard: {memory.available: 1Gi}\nfeatureGates: {A: true, C: true}\nfileCheckFrequency: 1m\n";
    assert_snapshot!(said(&systemd, &others, fields));
}

#[test]
fn a_refused_cgroup_v1_is_not_told_where_it_is_allowed() {
    let old = Host {
        cgroup_v1: Some(true),
        ..host(HostInit::Systemd)
    };
    let told = |arguments, fields| said(&old, arguments, fields).contains("cgroup v1");
    assert!(told(&[], ""));
    assert!(!told(&[], "failCgroupV1: false\n"));
    assert!(!told(&[("fail-cgroupv1", "false")], ""));
    assert!(told(&[("fail-cgroupv1", "true")], "failCgroupV1: false\n"));
    // The kubelet that is there decides, not kubeadm.
    let older = Host {
        kubelet_minor: Some(34),
        ..old.clone()
    };
    assert_eq!(said(&older, &[], ""), "");
}

#[test]
fn in_tree_cloud_providers_are_told() {
    let systemd = host(HostInit::Systemd);
    assert_eq!(said(&systemd, &[("cloud-provider", "external")], ""), "");
    assert_eq!(
        said(&systemd, &[("cloud-provider", "aws")], ""),
        "flags: `--cloud-provider=aws`: kubelet 1.36 exits: the cloud providers that were built in are disabled\n"
    );
}

/// Where cgroupfs is what was given, kubeadm writes it too.
#[test]
fn what_is_said_of_a_given_driver_is_true() {
    let systemd = host(HostInit::Systemd);
    assert_eq!(
        said(&systemd, &[], "cgroupDriver: cgroupfs\n"),
        "config: `cgroupDriver` is `cgroupfs`; where none is given, kubeadm writes `systemd`\n"
    );
    assert_eq!(
        said(&host(HostInit::OpenRc), &[], "cgroupDriver: cgroupfs\n"),
        ""
    );
}

#[test]
fn a_field_of_a_later_release_is_dropped_as_kubeadm_drops_it() {
    let systemd = host(HostInit::Systemd);
    let text = "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\n---\napiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\ncrashLoopBackOff: {maxContainerRestartPeriod: 30s}\n";
    let of = |minor| {
        let stream = Stream::from(text);
        let request = Request {
            config: Some(&stream),
            ..Request::new(Version::new(minor).unwrap(), &systemd)
        };
        let output = Plan::new(request).unwrap().config().unwrap();
        let warnings = output.warnings.iter().map(ToString::to_string);
        (
            output
                .files
                .iter()
                .any(|it| it.text.contains("crashLoopBackOff")),
            warnings.collect::<Vec<_>>(),
        )
    };
    let (written, told) = of(31);
    assert!(!written);
    assert_eq!(
        told,
        [
            "kubeadm configuration, document 2 (KubeletConfiguration), line 6, column 1: `crashLoopBackOff`: 1.31 does not know this field; it is dropped"
        ]
    );
    assert!(of(34).0);
}
