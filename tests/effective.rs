//! Under systemd, answers are about the unit with all of its drop-ins, and the first line
//! says which service that is.

use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;

use crate::support::{Tree, repository};

const UNIT: &str = "usr/lib/systemd/system/kubelet.service";
const KUBEADM: &str = "usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf";
const CLOUD: &str = "etc/systemd/system/kubelet.service.d/20-cloud.conf";

/// A tree that boots with systemd.
struct Node(Tree);

impl Node {
    /// Without a kubelet.
    fn empty() -> Self {
        let node = Self(Tree::new());
        node.0.write("etc/os-release", "ID=debian\n");
        node.0.write("usr/lib/systemd/systemd", "");
        node.0.link("usr/sbin/init", "/usr/lib/systemd/systemd");
        node
    }

    /// With the unit of the kubelet's package and kubeadm's drop-in.
    fn kubeadm() -> Self {
        let node = Self::empty();
        let units = repository().join("fixtures/units");
        let text = |name: &str| std::fs::read_to_string(units.join(name)).unwrap();
        node.0.write(UNIT, &text("kubelet-upstream-deb.service"));
        node.0.write(
            KUBEADM,
            &text("kubelet-upstream-deb.service.d/10-kubeadm.conf"),
        );
        node.0.write(
            "var/lib/kubelet/kubeadm-flags.env",
            "KUBELET_KUBEADM_ARGS=\"--pod-infra-container-image=pause:3.9\"\n",
        );
        node
    }

    /// The exit code, standard output and standard error, the tree's folder as `ROOT`.
    fn run(&self, words: &[&str]) -> String {
        let root = self.0.path().to_str().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_kubelet-unit"))
            .args(words)
            .args(["--root", root])
            .current_dir(Path::new("/"))
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap().replace(root, "ROOT");
        let (out, err) = (text(output.stdout), text(output.stderr));
        format!("exit {}\n{out}---\n{err}", output.status.code().unwrap())
    }

    fn explain(&self, words: &[&str]) -> String {
        self.run(&[&["explain", "--kubelet-version", "1.36"], words].concat())
    }

    fn check(&self) -> String {
        self.run(&["check", "--kubelet-version", "1.36"])
    }
}

#[test]
fn a_drop_in_that_sets_a_variable_counts() {
    let node = Node::kubeadm();
    node.0.write(
        CLOUD,
        "[Service]\nEnvironment=\"KUBELET_EXTRA_ARGS=--node-ip=10.0.0.7\"\n",
    );
    assert_snapshot!("environment", node.explain(&[]));
    assert_snapshot!("environment_flag", node.explain(&["--flag", "node-ip"]));
    assert_snapshot!(
        "environment_json",
        node.explain(&["--flag", "node-ip", "--format", "json"])
    );
    assert_snapshot!("environment_check", node.check());
    // The env file has the last word, as in systemd.exec(5).
    node.0
        .write("etc/default/kubelet", "KUBELET_EXTRA_ARGS=--v=2\n");
    assert_snapshot!("environment_beaten", node.explain(&["node-ip"]));
}

#[test]
fn a_drop_in_that_replaces_the_command_counts() {
    let node = Node::kubeadm();
    node.0.write(
        CLOUD,
        "# of the cloud\n[Service]\nExecStart=\nExecStart=/opt/bin/kubelet --config=/etc/cloud/kubelet.yaml \\\n  --node-ip=10.0.0.7\n",
    );
    node.0.write("opt/bin/kubelet", "");
    node.0
        .write("etc/cloud/kubelet.yaml", "podInfraContainerImage: x\n");
    assert_snapshot!("command", node.explain(&[]));
    assert_snapshot!("command_config", node.explain(&["config"]));
    // Of a flag that is never passed nothing is said but that.
    assert_snapshot!("command_lost", node.explain(&["kubeconfig"]));
    assert_snapshot!("command_check", node.check());
}

#[test]
fn an_env_file_of_a_drop_in_is_read() {
    let node = Node::kubeadm();
    node.0.write(
        CLOUD,
        "[Service]\nEnvironmentFile=/etc/cloud/kubelet.env\nEnviroment=A=b\n",
    );
    node.0.write(
        "etc/cloud/kubelet.env",
        "# the node's own\nKUBELET_EXTRA_ARGS=--node-ip=10.0.0.8\n",
    );
    assert_snapshot!("env_file", node.explain(&[]));
}

#[test]
fn a_masked_unit_is_told_of() {
    let node = Node::kubeadm();
    node.0
        .link("etc/systemd/system/kubelet.service", "/dev/null");
    assert_snapshot!("masked", node.explain(&[]));
    assert_snapshot!("masked_check", node.check());
}

#[test]
fn a_unit_that_is_not_loaded_is_told_of() {
    let node = Node::kubeadm();
    node.0
        .write(CLOUD, "[Service]\nExecStart=/opt/bin/kubelet\n");
    assert_snapshot!("not_loaded", node.explain(&[]));
}

#[test]
fn without_a_service_there_is_nothing_to_explain() {
    let node = Node::empty();
    node.0.write(
        "usr/lib/systemd/system/docker.service",
        "[Service]\nExecStart=/usr/bin/dockerd\n",
    );
    assert_snapshot!("none", node.explain(&[]));
    assert_snapshot!("none_flag", node.explain(&["--flag", "node-ip"]));
    // A spec is explained all the same.
    assert_snapshot!(
        "none_described",
        node.explain(&["--kubelet", "/opt/bin/kubelet", "--flag", "config"])
    );
}

#[test]
fn a_drop_in_beside_our_own_service_counts() {
    let node = Node::empty();
    node.run(&["install", "--init", "systemd"]);
    assert_snapshot!("installed", node.explain(&["node-ip"]));
    node.0.write(
        CLOUD,
        "[Service]\nEnvironment=KUBELET_EXTRA_ARGS=--node-ip=10.0.0.7\n",
    );
    assert_snapshot!("installed_beside", node.explain(&["node-ip"]));
}

#[test]
fn what_only_the_host_says_is_not_guessed() {
    let node = Node::kubeadm();
    node.0.write(
        CLOUD,
        "[Service]\nEnvironment=KUBELET_EXTRA_ARGS=--hostname-override=%H\nEnvironmentFile=/etc/kubelet.d/*.env\nPassEnvironment=KUBELET_KUBEADM_ARGS\n",
    );
    assert_snapshot!("cannot_tell", node.explain(&["node-ip"]));
    assert_snapshot!("cannot_tell_all", node.explain(&[]));
}

/// `%H` is one word, and the flag that it belongs to is known; what is not on the command line
/// makes nothing unsure.
#[test]
fn what_the_host_says_is_a_part_of_its_word() {
    let node = Node::kubeadm();
    node.0.write(
        CLOUD,
        "[Service]\nEnvironment=\"KUBELET_EXTRA_ARGS=--hostname-override=%H --v=2\"\nEnvironment=OTHER=%m\n",
    );
    assert_snapshot!("host_other", node.explain(&["v"]));
    assert_snapshot!("host_none", node.explain(&["max-pods"]));
    assert_snapshot!("host_own", node.explain(&["hostname-override"]));
    assert_snapshot!("host_json", node.explain(&["node-ip", "--format", "json"]));
    assert_snapshot!("host_check", node.check());
    // The name of the flag is the host's.
    node.0.write(
        CLOUD,
        "[Service]\nEnvironment=\"KUBELET_EXTRA_ARGS=--%H=a --v=2\"\n",
    );
    assert_snapshot!("host_flag", node.explain(&["v"]));
}

/// A spec of ours whose specifiers are filled in at each start is no more guessed at than a unit.
#[test]
fn what_only_the_host_says_of_our_own_service_is_not_guessed() {
    let spec = "extends: kubelet\nspecifiers: true\n\
                environment: {KUBELET_EXTRA_ARGS: '--node-labels=at=%m --max-pods=50%%'}\n\
                arguments: ['--hostname-override=%H', '--v=2', $KUBELET_EXTRA_ARGS]\n";
    let tree = Tree::of(&[("etc/os-release", "ID=alpine\n"), ("kubelet.yaml", spec)]);
    let spec = tree.place("kubelet.yaml");
    let spec = spec.to_str().unwrap();
    let mut told = tree.said(&["install", "--init", "openrc", "--spec", spec]);
    for words in [
        &["explain"][..],
        &["explain", "hostname-override"],
        &["explain", "node-labels"],
        &["explain", "v"],
        &["check"],
    ] {
        told += &tree.said(words);
    }
    assert_snapshot!("host_ours", tree.shown(&told));
}

/// What a shell or a wrapper starts is not followed, and nothing is said of its flags; programs
/// of the kind of `env` become what they name.
#[test]
fn what_another_program_starts_is_not_guessed() {
    let node = Node::empty();
    let of = |command: &str| {
        node.0
            .write(UNIT, &format!("[Service]\nExecStart={command}\n"));
        node.explain(&["v"])
    };
    let told = [
        "/bin/sh -c 'exec /usr/bin/kubelet --v=2 $ARGS'",
        "/opt/kubelet-wrapper --v=2",
        "/usr/bin/env A=b nice -n 5 /usr/bin/kubelet --v=2",
        "/usr/bin/env $A /usr/bin/kubelet --v=2",
    ];
    assert_snapshot!("other_programs", told.map(of).concat());
}

/// `@` gives the program another name, under which it takes the same flags.
#[test]
fn a_kubelet_under_another_name_is_one() {
    let node = Node::empty();
    node.0.write(
        UNIT,
        "[Service]\nExecStart=@/usr/bin/kubelet kl --pod-infra-container-image=a --v 2\n",
    );
    assert_snapshot!("another_name", node.explain(&[]));
    // What no kubelet takes is said whatever it is called.
    assert_snapshot!("another_name_asked", node.explain(&["max-pod"]));
    node.0
        .write(UNIT, "[Service]\nExecStart=@/usr/bin/agent kubelet --v 2\n");
    assert_snapshot!("another_program_asked", node.explain(&["max-pod"]));
}

#[test]
fn what_systemd_goes_on_without_is_told_of() {
    let node = Node::kubeadm();
    node.0.link(
        "etc/systemd/system/kubelet.service.d/10-kubeadm.conf",
        "/nowhere",
    );
    node.0
        .link("etc/systemd/system/kubelet.service.d/30.conf", "30.conf");
    node.0.write("etc/systemd/system/service.d", "a file");
    assert_snapshot!("goes_on_without", node.explain(&[]));
    assert_snapshot!("goes_on_without_check", node.check());
}

#[test]
fn without_an_init_the_built_in_service_is_named() {
    let node = Node(Tree::new());
    assert_snapshot!("undecided", node.explain(&["node-ip"]));
}

/// What a link from one unit's name to another is to systemd (252, `systemd-analyze verify` with
/// its log): an alias of the same kind, or nothing at all.
#[test]
fn a_link_to_a_template_is_read_as_systemd_reads_it() {
    use std::fmt::Write;
    let mut said = String::new();
    for (unit, target) in [
        ("kubelet.service", "kubelet@.service"),
        ("kubelet.service", "kubelet@x.service"),
        ("kubelet.service", "plain.socket"),
        ("kubelet@a.service", "kubelet@.service"),
        ("kubelet@a.service", "other@.service"),
        ("kubelet@a.service", "other@a.service"),
        ("kubelet@a.service", "other@b.service"),
        ("kubelet@a.service", "plain.service"),
        ("kubelet@.service", "plain.service"),
        ("kubelet@.service", "other@.service"),
    ] {
        for with_plain in [false, true] {
            let tree = Tree::new();
            tree.kubelet();
            let folder = "usr/lib/systemd/system";
            for name in ["kubelet@", "other@", "plain"] {
                let text = format!("[Service]\nExecStart=/usr/bin/kubelet --of={name}%i\n");
                tree.write(&format!("{folder}/{name}.service"), &text);
            }
            tree.write(
                &format!("{folder}/plain.socket"),
                "[Socket]\nListenStream=1\n",
            );
            if with_plain {
                let text = "[Service]\nExecStart=/usr/bin/kubelet --of=kubelet\n";
                tree.write(&format!("{folder}/kubelet.service"), text);
            }
            tree.link(
                &format!("etc/systemd/system/{unit}"),
                &format!("/{folder}/{target}"),
            );
            let asked = unit.replace("@.", "@i.");
            let (_, out, err) = tree.run(&["import", &asked]);
            let of = out.lines().find(|line| line.contains("--of="));
            let of = of.unwrap_or_else(|| err.lines().next().unwrap_or_default());
            writeln!(said, "{unit} -> {target}, {with_plain}: {}", of.trim()).unwrap();
        }
    }
    // An instance that a target starts is a second service beside the one of the plain name.
    let tree = Tree::new();
    tree.kubelet();
    tree.write(
        "usr/lib/systemd/system/kubelet@.service",
        "[Service]\nExecStart=/usr/bin/kubelet\n",
    );
    tree.link(
        "etc/systemd/system/multi-user.target.wants/kubelet@node.service",
        "/usr/lib/systemd/system/kubelet@.service",
    );
    said += &tree.said(&["explain", "--init", "systemd"]);
    said += &tree.said(&["install", "--init", "systemd", "--distro", "debian"]);
    assert_snapshot!(said);
}

/// What a shell or a wrapper has in its environment may be on the command line all the same.
#[test]
fn what_another_program_gets_may_have_an_effect() {
    let node = Node::kubeadm();
    node.0.write(
        "etc/default/kubelet",
        "KUBELET_EXTRA_ARGS=--node-ip=1.1.1.1\n",
    );
    let of = |lines: &str| {
        let text = format!("[Service]\nExecStart=\n{lines}\n");
        node.0.write(CLOUD, &text);
        let json = ["max-pods", "--format", "json"];
        node.explain(&[]) + &node.explain(&["node-ip"]) + &node.explain(&json)
    };
    let told = [
        "ExecStart=/bin/sh -c \"exec /usr/bin/kubelet $KUBELET_EXTRA_ARGS\"",
        "ExecStart=/opt/k8s/kubelet-wrapper $KUBELET_EXTRA_ARGS\nEnvironment=OTHER=--max-pods=4",
        // A pattern names no variable of its own.
        "ExecStart=/usr/bin/kubelet\nEnvironment=OTHER=--max-pods=4\nEnvironmentFile=-/etc/k/*.env",
    ];
    assert_snapshot!("other_programs_variables", told.map(of).concat());
}

/// A script that is called like a kubelet passes on what it likes.
#[test]
fn a_script_in_the_stead_of_a_kubelet_is_not_followed() {
    let node = Node::kubeadm();
    node.0.write(
        "usr/local/bin/kubelet",
        "#!/bin/sh\n# the node's own\nexec /usr/bin/kubelet --max-pods=5 \"$@\"\n",
    );
    node.0.write(
        CLOUD,
        "[Service]\nExecStart=\nExecStart=/usr/local/bin/kubelet start --v=2\nEnvironment=OTHER=--max-pods=4\n",
    );
    let told = node.explain(&[]) + &node.explain(&["max-pods"]) + &node.check();
    assert_snapshot!("script", told);
    // One that does nothing is nobody's wrapper.
    node.0
        .write("usr/local/bin/kubelet", "#!/bin/sh\n# nothing\n");
    assert_snapshot!("script_of_nothing", node.explain(&["v"]));
}
