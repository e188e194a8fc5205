use std::fs;
use std::ops::Deref;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;

use super::*;
use crate::backends::{BUILTIN, Backend, Launcher, Registry};
use crate::distro::Overrides;
use crate::effective::{Place, Unknown};
use crate::install::{Plan, Taken, Wanted};
use crate::kubelet::takes::NEWEST;
use crate::order::Choices;
use crate::testing::{Scratch, Tree, copy, is_root};

/// A tree with the kubelet's service for one init.
struct Node {
    tree: Tree,
    root: Root,
    service: Service,
    rendering: Rendering,
    choices: Choices,
    enabled: Option<bool>,
}

impl Deref for Node {
    type Target = Tree;

    fn deref(&self) -> &Tree {
        &self.tree
    }
}

impl Node {
    fn new(init: &str, distro: &str) -> Self {
        let tree = Tree::new();
        let backend = BUILTIN.iter().find(|backend| backend.name() == init);
        let choices = Choices {
            distro: distro.into(),
            launcher: Launcher::Sh,
            spec: None,
            set: Vec::new(),
            overrides: Overrides::default(),
        };
        let backend: &'static dyn Backend = *backend.unwrap();
        let order = choices.order(&Registry::builtin()).unwrap();
        let placed = order.place(backend).unwrap();
        let (rendering, service) = (placed.render().unwrap(), placed.service);
        Self {
            root: Root::open(tree.path()).unwrap(),
            tree,
            service,
            rendering,
            choices,
            enabled: None,
        }
    }

    /// A node that is part of a cluster.
    fn installed(init: &str, distro: &str) -> Self {
        let node = Self::new(init, distro);
        node.install();
        node.join();
        node.write("/usr/bin/kubelet", "");
        node.mode("/usr/bin/kubelet", 0o755);
        node
    }

    fn install(&self) {
        let wanted = Wanted {
            found: Vec::new(),
            taken: Taken::default(),
            service: &self.service.name,
            init: self.rendering.backend.name(),
            choices: self.choices.clone(),
            rendered: &self.rendering.rendered,
            links: Vec::new(),
            new_config: self.rendering.distro.new_config,
            registry: &crate::backends::Registry::builtin(),
        };
        Plan::install(&self.root, &wanted, false).unwrap();
    }

    fn report(&self, kubelet: Option<&str>) -> Report {
        let init = self.rendering.backend.name();
        let record = Record::read(&self.root, &self.service.name, init).unwrap();
        check(&Subject {
            standing: None,
            root: &self.root,
            service: &self.service,
            rendering: &self.rendering,
            record: record.as_ref(),
            changed: &[],
            rivals: Ok(&[]),
            troubles: &[],
            kubelet: kubelet.map(|version| version.parse().unwrap()),
            enabled: Ok(self.enabled),
        })
        .unwrap()
    }

    /// What was found by a kubelet's version, 1.36 if no other is meant, a line each, without the
    /// name of the node.
    fn found(&self, kubelet: Option<&str>) -> Vec<String> {
        self.lines(kubelet.or(Some("1.36")))
    }

    /// The same, where no version may be known.
    fn lines(&self, kubelet: Option<&str>) -> Vec<String> {
        let report = self.report(kubelet);
        let line = |finding: &Finding| {
            let path = finding.path.as_ref().map(|path| path.display().to_string());
            let line = finding
                .line
                .map(|line| format!(":{line}"))
                .unwrap_or_default();
            format!(
                "{} {} {}{line} {}",
                finding.level,
                finding.rule.id(),
                path.unwrap_or_default(),
                finding.message
            )
            .replace(self.tree.path().to_str().unwrap(), "")
        };
        let lines: Vec<_> = report.findings.iter().map(line).collect();
        let grave = report
            .findings
            .iter()
            .any(|finding| finding.level != Level::Note);
        assert_eq!(
            report.clean,
            !grave && report.distribution_service.is_none()
        );
        lines
    }
}

const UNIT: &str = "/usr/lib/systemd/system/kubelet.service";
const CONFIG: &str = "/var/lib/kubelet/config.yaml";
const DROP_IN: &str = "/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf";

#[test]
fn what_was_just_installed_is_clean() {
    for backend in BUILTIN {
        let node = Node::installed(backend.name(), backend.default_distro().name);
        assert_eq!(node.found(Some("1.36")), [""; 0], "{}", backend.name());
        assert!(node.report(None).clean);
    }
}

#[test]
fn files_that_are_not_as_rendered_are_found() {
    let node = Node::installed("systemd", "debian");
    fs::remove_file(node.at(DROP_IN)).unwrap();
    let unit = fs::read_to_string(node.at(UNIT)).unwrap();
    node.write(UNIT, &unit.replace("RestartSec=10", "RestartSec=1"));
    node.mode(UNIT, 0o600);
    assert_eq!(
        node.found(None),
        [
            "error changed /usr/lib/systemd/system/kubelet.service was changed since it was installed",
            "warning mode /usr/lib/systemd/system/kubelet.service has mode 0600 and not 0644",
            "error missing /usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf is missing",
        ]
    );
    let report = node.report(None);
    let diff = report.findings[0].diff.as_deref().unwrap();
    assert!(diff.contains("\n-RestartSec=1\n+RestartSec=10\n"), "{diff}");
    let whole = report.findings[2].diff.as_deref().unwrap();
    assert!(
        whole.starts_with("--- /dev/null\n+++ /usr/lib/systemd"),
        "{whole}"
    );
}

#[test]
fn what_an_upgrade_leaves_to_the_administrator_is_only_noted() {
    if !is_root() {
        return;
    }
    let node = Node::installed("openrc", "alpine");
    let config = "/etc/conf.d/kubelet";
    let tree = fs::metadata(node.path()).unwrap();
    let (uid, gid) = (tree.uid(), tree.gid());
    for path in [config, "/etc/init.d/kubelet"] {
        chown(node.at(path), Some(65534), Some(65534)).unwrap();
    }
    node.mode(config, 0o600);
    let owner = format!("belongs to 65534:65534 and not to {uid}:{gid}, whose the tree is");
    assert_eq!(
        node.found(None),
        [
            format!("note mode {config} has mode 0600 and not 0644"),
            format!("note owner {config} {owner}"),
            format!("warning owner /etc/init.d/kubelet {owner}"),
        ]
    );
}

#[test]
fn a_tree_without_anything_has_all_of_it_missing() {
    let node = Node::new("systemd", "debian");
    assert_eq!(
        node.found(None),
        [
            "error missing /usr/lib/systemd/system/kubelet.service is missing",
            "error missing /usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf is missing",
            "error program /usr/bin/kubelet is missing, and the service cannot start without it",
            &before_a_join(),
        ]
    );
}

/// What is said of a tree in which `kubeadm init` and `kubeadm join` have not written yet.
fn before_a_join() -> String {
    format!(
        "note configuration /usr/bin/kubelet `--config` names `{CONFIG}`, which is missing: the kubelet exits at every start, as always before `kubeadm init` or `kubeadm join`"
    )
}

#[test]
fn what_a_kubelet_does_not_have_of_its_cluster_is_found() {
    let node = Node::installed("runit", "void");
    let remove = |path: &str| fs::remove_file(node.at(path)).unwrap();
    assert_eq!(node.found(None), [""; 0]);
    remove("/etc/kubernetes/kubelet.conf");
    let neither = "note kubeconfig /usr/bin/kubelet neither `/etc/kubernetes/kubelet.conf` of `--kubeconfig` nor `/etc/kubernetes/bootstrap-kubelet.conf` of `--bootstrap-kubeconfig` is there: the kubelet exits at every start";
    assert_eq!(node.found(None), [neither]);
    node.write("/etc/kubernetes/bootstrap-kubelet.conf", "");
    assert_eq!(node.found(None), [""; 0]);
    // It was part of a cluster, or is about to be.
    remove(CONFIG);
    assert_eq!(
        node.found(None),
        [format!(
            "error configuration /usr/bin/kubelet `--config` names `{CONFIG}`, which is missing: the kubelet exits at every start"
        )]
    );
    let report = node.report(None);
    assert_eq!(
        report.findings[0].hint.as_deref(),
        Some("`kubeadm upgrade node phase kubelet-config` writes it again")
    );
    remove("/etc/kubernetes/bootstrap-kubelet.conf");
    assert_eq!(node.found(None), [before_a_join()]);
    assert!(node.report(Some("1.36")).clean);
    // A client CA comes with them, and of a node that has a kubeconfig it should be there.
    node.write(CONFIG, "authentication: {x509: {clientCAFile: /ca.crt}}\n");
    let ca = |level: &str| {
        format!(
            "{level} client-ca {CONFIG}:1 `clientCAFile` names `/ca.crt`, which is missing: the kubelet exits"
        )
    };
    assert_eq!(node.found(None), [neither.to_owned(), ca("note")]);
    node.write("/etc/kubernetes/kubelet.conf", "");
    assert_eq!(node.found(None), [ca("error")]);
}

#[test]
fn files_of_a_cluster_are_looked_for_where_the_flags_have_them() {
    let node = Node::installed("runit", "void");
    fs::remove_file(node.at(CONFIG)).unwrap();
    fs::remove_file(node.at("/etc/kubernetes/kubelet.conf")).unwrap();
    let with = |arguments: &str| {
        let text = format!("KUBELET_EXTRA_ARGS=\"{arguments}\"\n");
        node.write("/etc/default/kubelet", &text);
        node.found(None)
    };
    assert_eq!(
        with("--config=/etc/k.yaml"),
        [
            "warning configuration /etc/default/kubelet:1 `--config` names `/etc/k.yaml`, which is missing: the kubelet exits at every start"
        ]
    );
    node.write("/etc/k.yaml", "kind: KubeletConfiguration\n");
    assert_eq!(
        with("--config=/etc/k.yaml --bootstrap-kubeconfig= --kubeconfig=/etc/k.conf"),
        [
            "note kubeconfig /etc/default/kubelet:1 `--kubeconfig` names `/etc/k.conf`, which is missing: the kubelet exits at every start"
        ]
    );
    // A kubelet without a cluster needs neither.
    assert_eq!(with("--config=/etc/k.yaml --kubeconfig="), [""; 0]);
    assert_eq!(with("--config= --kubeconfig="), [""; 0]);
    // Which file it is cannot be told.
    node.write("/etc/default/kubelet", "");
    let found = |flag: &str| {
        let files = Files::of(&node.root);
        let settings = Settings::read(&node.service, &files);
        let place = Place {
            path: String::new(),
            at: None,
        };
        let unknown = Unknown {
            flags: Some(vec![flag.into()]),
            ..Unknown::of_all(place, "it is computed")
        };
        let found = joined::joined(&settings, &files, &[unknown]).unwrap();
        found.map(|finding| finding.rule)
    };
    assert_eq!(found("config"), None);
    assert_eq!(found("kubeconfig"), Some(Rule::Configuration));
    node.write(CONFIG, "kind: KubeletConfiguration\n");
    assert_eq!(found("node-ip"), Some(Rule::Kubeconfig));
    assert_eq!(found("kubeconfig"), None);
    assert_eq!(found("bootstrap-kubeconfig"), None);
}

#[test]
fn a_machine_before_its_join_is_warned_of() {
    let scratch = Scratch::new();
    let (machine, tree) = (
        Root::open("/").unwrap(),
        Root::open(scratch.path()).unwrap(),
    );
    let level = |root, is_joined| joined::level(&Files::of(root), is_joined);
    assert_eq!(level(&machine, false), Level::Warning);
    assert_eq!(level(&tree, false), Level::Note);
    assert_eq!(
        [level(&machine, true), level(&tree, true)],
        [Level::Error; 2]
    );
}

#[test]
fn what_other_versions_left_is_found() {
    let node = Node::installed("systemd", "debian");
    let record = "/var/lib/kubelet-unit/kubelet.systemd.json";
    let text = fs::read_to_string(node.at(record)).unwrap();
    let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
    json["complete"] = false.into();
    let old = serde_json::json!({"path": "/etc/old", "mode": "0644", "sha256": "0"});
    let mine =
        serde_json::json!({"path": "/etc/mine", "mode": "0644", "sha256": "0", "config": true});
    json["files"].as_array_mut().unwrap().extend([old, mine]);
    node.write(record, &json.to_string());
    node.write("/etc/old", "old");
    node.write("/etc/mine", "mine");
    assert_eq!(
        node.found(None),
        [
            "error unfinished /var/lib/kubelet-unit/kubelet.systemd.json tells of an installation that was interrupted",
            "warning left-over /etc/old was installed by an earlier version and is no longer needed",
            "note left-over /etc/mine was edited, and the service does not need it",
        ]
    );
}

#[test]
fn the_kubelet_its_files_and_its_flags_are_looked_at() {
    let node = Node::installed("runit", "void");
    node.mode("/usr/bin/kubelet", 0o644);
    node.write(
        "/var/lib/kubelet/kubeadm-flags.env",
        "KUBELET_KUBEADM_ARGS=--container-runtime=remote --pod-infra-container-image=pause:3\n",
    );
    node.write(
        "/etc/default/kubelet",
        "export KUBELET_EXTRA_ARGS=\"--v=$LEVEL\"\n",
    );
    node.write(
        "/var/lib/kubelet/config.yaml",
        "a: {}\ncgroupDriver: systemd\n",
    );
    let of_every = format!(
        "warning field /var/lib/kubelet/config.yaml:1 no kubelet from 1.20 to 1.{NEWEST} has the field `a`: 1.34 does not know it and ignores it"
    );
    assert_eq!(
        node.found(Some("1.34")),
        [
            "error program /usr/bin/kubelet is not executable",
            "error flag /var/lib/kubelet/kubeadm-flags.env:1 the kubelet no longer has `--container-runtime` from 1.27 on, and exits",
            "warning env-file /etc/default/kubelet:1 ignored: `export KUBELET_EXTRA_ARGS` is not a variable name: no shell reads this file",
            "warning shell-differs /var/lib/kubelet/kubeadm-flags.env:1 a shell would run `--pod-infra-container-image=pause:3` as a command",
            "error cgroup-driver /var/lib/kubelet/config.yaml:2 the kubelet is set to let systemd make its cgroups, and exits under runit",
            &of_every,
        ]
    );
}

#[test]
fn the_cgroup_driver_of_a_flag_beats_that_of_the_file() {
    let node = Node::installed("s6", "artix");
    node.write("/var/lib/kubelet/config.yaml", "cgroupDriver: systemd\n");
    node.write(
        "/etc/conf.d/kubelet.env",
        "KUBELET_EXTRA_ARGS=--cgroup-driver=cgroupfs\n",
    );
    assert_eq!(
        node.found(None),
        [
            "note overridden /var/lib/kubelet/config.yaml:1 `cgroupDriver` has no effect: `--cgroup-driver` of `/etc/conf.d/kubelet.env` line 1 has another value and overrides it"
        ]
    );
    node.write(
        "/etc/conf.d/kubelet.env",
        "# mine\nKUBELET_EXTRA_ARGS='--config=/etc/k.yaml --cgroup-driver systemd'\n",
    );
    let found = node.found(None);
    assert_eq!(
        found,
        [
            "error cgroup-driver /etc/conf.d/kubelet.env:2 the kubelet is set to let systemd make its cgroups, and exits under s6",
            "warning configuration /etc/conf.d/kubelet.env:2 `--config` names `/etc/k.yaml`, which is missing: the kubelet exits at every start"
        ]
    );
    node.write(
        "/etc/conf.d/kubelet.env",
        "KUBELET_EXTRA_ARGS=--config=/etc/k.yaml\n",
    );
    node.write("/etc/k.yaml", "cgroupDriver: [\n");
    assert_eq!(
        node.found(None),
        ["error field /etc/k.yaml:2 while parsing a node, did not find expected node content"]
    );
}

#[test]
fn a_drop_in_beats_the_file_and_a_flag_beats_both() {
    let node = Node::installed("runit", "void");
    node.write(
        "/var/lib/kubelet/config.yaml",
        "cgroupDriver: cgroupfs\nmaxPods: 110\n",
    );
    node.write(
        "/etc/kubelet.d/10-site.conf",
        "# site\ncgroupDriver: systemd\nmaxPods: 50\n",
    );
    node.write(
        "/etc/default/kubelet",
        "KUBELET_EXTRA_ARGS=\"--config-dir=/etc/kubelet.d --max-pods=60\"\n",
    );
    assert_eq!(
        node.found(None),
        [
            "error cgroup-driver /etc/kubelet.d/10-site.conf:2 the kubelet is set to let systemd make its cgroups, and exits under runit",
            "note overridden /etc/kubelet.d/10-site.conf:3 `maxPods` has no effect: `--max-pods` of `/etc/default/kubelet` line 1 has another value and overrides it",
        ]
    );
}

#[test]
fn a_service_that_does_not_start_with_the_machine_is_found() {
    let mut node = Node::installed("systemd", "debian");
    node.enabled = Some(true);
    assert_eq!(node.found(None), [""; 0]);
    node.enabled = Some(false);
    let message = "is installed and not enabled: `kubelet` does not start with the machine";
    assert_eq!(
        node.found(None),
        [format!("warning not-enabled {UNIT} {message}")]
    );
    let mut absent = Node::new("systemd", "debian");
    absent.enabled = Some(false);
    assert!(
        !absent
            .found(None)
            .iter()
            .any(|line| line.contains("not-enabled"))
    );
}

#[test]
fn arguments_in_a_file_that_is_not_read_for_them_are_found() {
    let node = Node::installed("openrc", "alpine");
    let path = node.at("/etc/conf.d/kubelet");
    let content = fs::read_to_string(&path).unwrap();
    let line = content.lines().count() + 1;
    fs::write(&path, content + "KUBELET_EXTRA_ARGS=--v=4\n").unwrap();
    let found = node.found(None);
    let message = "`KUBELET_EXTRA_ARGS` has no effect on this service";
    assert!(
        found.contains(&format!(
            "error lost-setting /etc/conf.d/kubelet:{line} {message}"
        )),
        "{found:#?}"
    );
}

#[test]
fn a_fifo_in_an_env_files_place_does_not_block() {
    let node = Node::installed("runit", "void");
    fs::create_dir_all(node.at("/etc/default")).unwrap();
    nix::unistd::mkfifo(
        &node.at("/etc/default/kubelet"),
        nix::sys::stat::Mode::S_IRWXU,
    )
    .unwrap();
    let found = node.found(None);
    assert_eq!(found.len(), 1);
    assert!(found[0].ends_with("it is not a regular file"), "{found:?}");
}

#[test]
fn services_of_distributions_are_told_point_by_point() {
    for (distro, init) in [
        ("alpine", "openrc"),
        ("gentoo", "openrc"),
        ("void", "runit"),
    ] {
        let node = Node::new(init, distro);
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures/services")
            .join(distro);
        copy(&fixture, node.path());
        let report = node.report(None);
        assert!(!report.clean);
        let text = serde_json::to_string_pretty(&report.distribution_service).unwrap();
        let text = text.replace(node.path().to_str().unwrap(), "");
        insta::assert_snapshot!(format!("service_of_{distro}"), text);
    }
}

/// systemd reads it as an empty file, and the launchers and `explain` do as well. A
/// rootfs gets its devices when it boots, so there it need not be there yet.
#[test]
fn an_env_file_that_is_a_link_to_dev_null_is_an_empty_one() {
    use nix::sys::stat::{Mode, SFlag, makedev, mknod};

    let node = Node::installed("systemd", "debian");
    let env_file = node.at("/etc/default/kubelet");
    let _ = fs::remove_file(&env_file);
    fs::create_dir_all(env_file.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink("/dev/null", &env_file).unwrap();
    assert_eq!(node.found(None), [""; 0]);
    let null = node.at("/dev/null");
    fs::create_dir_all(null.parent().unwrap()).unwrap();
    match mknod(
        &null,
        SFlag::S_IFCHR,
        Mode::from_bits_truncate(0o666),
        makedev(1, 3),
    ) {
        Ok(()) => assert_eq!(node.found(None), [""; 0]),
        Err(errno) => eprintln!("skipped: a device in a rootfs cannot be made here: {errno}"),
    }
}

/// A node with all the places in which a kubelet is told something.
fn told_everywhere() -> Node {
    let node = Node::installed("runit", "void");
    node.write(
        "/etc/default/kubelet",
        "KUBELET_EXTRA_ARGS=\"--config-dir=/etc/kubelet.d --nod-ip=10.0.0.1 --containerd=/run/c.sock --feature-gates=SidecarContainers=false,Nonesuch=true,NodeSwap=yes\"\n",
    );
    node.write(
        "/var/lib/kubelet/config.yaml",
        "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nmaxpods: 50\nfeatureGates:\n  SidecarContainers: false\n  GracefulNodeShutdown: true\n  DynamicKubeletConfig: false\n  KubeletPSI: false\n",
    );
    node.write(
        "/etc/kubelet.d/20-b/x.conf",
        "kind: KubeletConfiguration\nfeatureGates:\n  KubeletPSI: true\n  RotateKubeletServerCertificates: true\n",
    );
    node.write("/etc/kubelet.d/30.yaml", "nonesuch: 1\n");
    node.write(
        "/var/lib/kubelet/instance-config.yaml",
        "containerRuntimeEndpoint: unix:///run/c.sock\ndefaultPodSysctls: {}\n",
    );
    node
}

#[test]
fn what_a_kubelet_takes_is_looked_at_wherever_it_is_told_something() {
    let node = told_everywhere();
    let of = |version| format!("{version:?}:\n{}\n", node.lines(version).join("\n"));
    let versions = [
        Some("1.36.3"),
        Some("1.37"),
        Some("1.24"),
        Some("1.38"),
        None,
    ];
    insta::assert_snapshot!(versions.map(of).join("\n"));
}

#[test]
fn a_kubelet_whose_version_is_not_known_is_not_called_clean() {
    let node = Node::installed("runit", "void");
    let found = node.lines(None);
    assert_eq!(
        found,
        [format!(
            "note release /usr/bin/kubelet the version of this kubelet is not known, so it cannot be told which flags, fields and feature gates it no longer takes (1.20 to 1.{NEWEST} are known)"
        )]
    );
}

/// What a kubelet with this configuration lacks.
fn lacking(root: &Root, config: &str) -> Vec<String> {
    let written = [
        crate::kubeadm::File::new("/var/lib/kubelet/config.yaml", config),
        crate::kubeadm::File::new("/var/lib/kubelet/kubeadm-flags.env", ""),
        crate::kubeadm::File::new("/etc/default/kubelet", ""),
        crate::kubeadm::File::new("/etc/kubernetes/ca.crt", "-----BEGIN CERTIFICATE-----\n"),
        crate::kubeadm::File::new("/etc/kubernetes/empty.crt", "\n"),
    ];
    let files = Files {
        root,
        written: &written,
    };
    let node = Node::new("runit", "void");
    let settings = Settings::read(&node.service, &files);
    let findings = needs(&settings, &files).unwrap();
    let told = |it: &Finding| format!("{} {}: {}", it.level, it.rule.id(), it.sentence());
    findings.iter().map(told).collect()
}

#[test]
fn a_client_ca_that_is_missing_is_told_with_its_place() {
    let scratch = Scratch::new();
    let tree = Root::open(scratch.path()).unwrap();
    let config = |path: &str| format!("a: b\nauthentication:\n  x509:\n    clientCAFile: {path}\n");
    let of = |path: &str| {
        let found = lacking(&tree, &config(path)).join("\n");
        found.replace(&scratch.path().display().to_string(), "")
    };
    let at = "note client-ca: `/var/lib/kubelet/config.yaml` line 4: `clientCAFile` names";
    assert_eq!(
        of("/etc/kubernetes/pki/ca.crt"),
        format!("{at} `/etc/kubernetes/pki/ca.crt`, which is missing: the kubelet exits")
    );
    assert_eq!(
        of("../../../etc/kubernetes/pki/ca.crt"),
        format!(
            "{at} `/var/lib/kubelet/../../../etc/kubernetes/pki/ca.crt`, which is missing: the kubelet exits"
        )
    );
    assert_eq!(
        of("/etc/kubernetes/empty.crt"),
        format!("{at} `/etc/kubernetes/empty.crt`, which holds no certificate: the kubelet exits")
    );
    assert_eq!(of("/etc/kubernetes/ca.crt"), "");
    assert_eq!(of("\"\""), "");
    assert_eq!(lacking(&tree, "authentication: {x509: null}\n"), [""; 0]);
}

#[test]
fn a_runtime_that_does_not_listen_is_told_on_the_machine_itself() {
    let scratch = Scratch::new();
    let machine = Root::open("/").unwrap();
    let socket = scratch.path().join("c.sock").display().to_string();
    let config = format!("containerRuntimeEndpoint: unix://{socket}\n");
    let found = |what: &str| {
        [format!(
            "warning runtime-socket: `/var/lib/kubelet/config.yaml` line 1: `containerRuntimeEndpoint` names `{socket}`, {what}: the kubelet exits until the container runtime is there"
        )]
    };
    assert_eq!(lacking(&machine, &config), found("which is missing"));
    fs::write(&socket, "").unwrap();
    assert_eq!(lacking(&machine, &config), found("which is not a socket"));
    fs::remove_file(&socket).unwrap();
    let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    assert_eq!(lacking(&machine, &config), [""; 0]);
    drop(listener);
    assert_eq!(lacking(&machine, &config), found("where nothing listens"));
    // Nothing runs in a tree.
    let tree = Root::open(scratch.path()).unwrap();
    assert_eq!(lacking(&tree, &config), [""; 0]);
}
