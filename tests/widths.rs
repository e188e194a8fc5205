//! What people read, whole, on terminals of 40, 80 and 120 columns.

use std::process::Command;

use crate::support::{Tree, paths, run, tool};

const WIDTHS: [&str; 3] = ["40", "80", "120"];

/// What a command says in a tree at each width.
fn said(tree: &Tree, words: &[&str]) -> String {
    let at_width = |columns: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kubelet-unit"));
        command.args(words).env("COLUMNS", columns);
        command.current_dir(tree.at(""));
        let (code, out, err) = run(&mut command);
        let text = format!("{out}{err}");
        let widest = text
            .lines()
            .map(|line| line.chars().count())
            .max()
            .unwrap_or(0);
        format!("--- {columns} columns: exit code {code}, the widest line has {widest}\n{text}")
    };
    WIDTHS.map(at_width).concat()
}

fn tree() -> Tree {
    let tree = Tree::new();
    tree.kubelet();
    tree.write(
        "etc/os-release",
        "ID=alpine\nPRETTY_NAME=\"Alpine Linux v3.22\"\n",
    );
    tree.write("sbin/openrc-run", "");
    tree.write("sbin/openrc-init", "");
    std::os::unix::fs::symlink("/sbin/openrc-init", tree.at("sbin/init")).unwrap();
    let (code, out, err) = tree.run(&["install", "--init", "openrc", "--distro", "alpine"]);
    assert_eq!(code, 0, "{out}{err}");
    tree.write("etc/conf.d/kubelet.env", "KUBELET_EXTRA_ARGS=\"--v=4 --cgroup-driver=systemd --pod-infra-container-image=registry.k8s.io/pause:3.9\"\n");
    tree
}

#[test]
fn detect_says_one_thing_once() {
    insta::assert_snapshot!(said(&tree(), &["detect", "--root", "."]));
}

#[test]
fn detect_says_all_to_who_asks() {
    insta::assert_snapshot!(said(&tree(), &["detect", "--verbose", "--root", "."]));
}

#[test]
fn check_at_every_width() {
    insta::assert_snapshot!(said(
        &tree(),
        &["check", "--kubelet-version", "1.35", "--root", "."]
    ));
}

#[test]
fn a_node_before_its_join_at_every_width() {
    let tree = tree();
    tree.write("etc/conf.d/kubelet.env", "");
    tree.link("etc/runlevels/default/kubelet", "/etc/init.d/kubelet");
    let check = ["check", "--kubelet-version", "1.35", "--root", "."];
    let mut all = said(&tree, &check);
    let config = "kind: KubeletConfiguration\nauthentication:\n  x509:\n    clientCAFile: /etc/kubernetes/pki/ca.crt\n";
    tree.write("var/lib/kubelet/config.yaml", config);
    all += &said(&tree, &check);
    let (_, json, _) = tree.run(&["check", "--format", "json"]);
    assert!(json.contains("\"clean\": true"), "{json}");
    tree.write("etc/kubernetes/kubelet.conf", "");
    std::fs::remove_file(tree.at("var/lib/kubelet/config.yaml")).unwrap();
    all += &said(&tree, &check);
    insta::assert_snapshot!(all);
}

#[test]
fn explain_at_every_width() {
    insta::assert_snapshot!(said(
        &tree(),
        &["explain", "--kubelet-version", "1.40", "--root", "."]
    ));
}

#[test]
fn tables_become_blocks() {
    let tree = tree();
    let said = [
        said(&tree, &["list", "--properties"]),
        said(
            &tree,
            &["packages", "--init", "openrc", "--distro", "alpine"],
        ),
        said(&tree, &["list"]),
    ];
    insta::assert_snapshot!(said.concat());
}

#[test]
fn help_and_errors_at_every_width() {
    let tree = tree();
    let said = [
        said(&tree, &["detect", "--help"]),
        said(&tree, &["service", "exists", "--help"]),
        said(&tree, &["install", "--dry-run", "--root", "."]),
        said(&tree, &["render", "--init", "opnrc"]),
        said(
            &tree,
            &["render", "--init", "openrc", "--only", "/etc/init.d/kubelt"],
        ),
        said(
            &tree,
            &[
                "render",
                "--init",
                "openrc",
                "--distro",
                "alpine",
                "--list",
                "--verbose",
            ],
        ),
    ];
    insta::assert_snapshot!(said.concat());
}

const BAD_NODES: &str = "\
- {name: a, init: upstart}
- {name: b, distro: Ubuntu}
- {name: c, init: OpenRC, distro: Alpine, kubeletVersion: 1.30}
- name: d
  kubeletVersion: 1.3
- name: e
  kubeletVersion: yes
";

#[test]
fn what_an_inventory_has_wrong_is_said_at_every_width() {
    let tree = tree();
    tree.write("nodes.yaml", BAD_NODES);
    let words = [
        "render",
        "--init",
        "runit",
        "--nodes",
        "nodes.yaml",
        "--output",
        "out",
    ];
    insta::assert_snapshot!(said(&tree, &words));
    assert!(!tree.at("out").exists());
}

const BAD_ARGUMENTS: &str = "\
- name: a
  extraArgs: --v=2 --node-ip=10.0.0.1
- name: b
  extraArgs:
    - v: 2
- name: c
  extraArgs: {v: 2}
- name: d
  extraArgs:
    - --v=2
    - 10
- name: e
  hostname: 7
- name: f
  extraArgs: [\"--v=2 --node-ip=10.0.0.1\"]
";

#[test]
fn arguments_that_are_no_list_of_texts_are_named_at_every_width() {
    let tree = tree();
    tree.write("nodes.yaml", BAD_ARGUMENTS);
    let render = ["render", "--init", "runit", "--nodes", "nodes.yaml"];
    let to = |more: &[&str]| said(&tree, &[&render[..], more].concat());
    insta::assert_snapshot!(to(&["--output", "out"]) + &to(&["--format", "json"]));
    assert!(!tree.at("out").exists());
}

#[test]
fn diff_has_a_line_for_a_new_file() {
    let tree = tree();
    std::fs::remove_file(tree.at("usr/libexec/kubelet-unit/kubelet")).unwrap();
    insta::assert_snapshot!(said(&tree, &["diff", "--root", "."]));
    let (_, out, _) = tree.run(&["diff", "--new-files"]);
    assert!(out.lines().filter(|line| line.starts_with('+')).count() > 1000);
}

/// script(1) makes the terminal.
#[test]
fn a_launcher_is_folded_on_a_terminal() {
    if tool("script").is_none() {
        return;
    }
    let program = env!("CARGO_BIN_EXE_kubelet-unit");
    let on_terminal = |words: &str| {
        let call = format!("stty cols 80; {program} render --init dinit --distro artix {words}");
        let mut script = Command::new("script");
        let (code, out, _) = run(script
            .args(["-qec", &call, "/dev/null"])
            .env_remove("COLUMNS"));
        assert_eq!(code, 0, "{out}");
        out.replace("\r\n", "\n")
    };
    let shown = on_terminal("");
    let (files, fold) = shown.trim_end().rsplit_once("\n\n").unwrap();
    assert!(!files.contains("launcher_end"), "{files}");
    let (_, whole, _) = run(Command::new(program).args([
        "render", "--init", "dinit", "--distro", "artix", "--only", "launcher",
    ]));
    let lines = whole.lines().count();
    let (thousands, rest) = (lines / 1000, lines % 1000);
    assert_eq!(
        fold,
        format!("… /usr/lib/kubelet-unit/kubelet, {thousands},{rest:03} lines: --only launcher")
    );
    assert_eq!(on_terminal("--only launcher"), whole);
}

#[test]
fn what_enables_a_service_is_said_at_every_width() {
    let bed = tree();
    let render = |init: &str, more: &[&str]| {
        let words = [&["render", "--init", init][..], more].concat();
        said(&bed, &words)
    };
    let said = [
        render("dinit", &["--output", "dinit"]),
        render("dinit", &["--output", "dinit", "--enable"]),
        render(
            "sysvinit",
            &[
                "--layout", "script", "--distro", "devuan", "--output", "sysvinit",
            ],
        ),
        render("s6-rc", &["--distro", "s6-overlay", "--output", "overlay"]),
        render("s6", &["--output", "s6"]),
        render("s6", &["--output", "s6", "--enable"]),
        render(
            "sysvinit",
            &[
                "--layout", "script", "--distro", "devuan", "--list", "--enable",
            ],
        ),
        render("all", &["--output", "all", "--enable"]),
    ];
    insta::assert_snapshot!(said.concat());
}

#[test]
fn a_configuration_of_supervisord_without_ours_is_an_error_at_every_width() {
    let tree = Tree::new();
    tree.kubelet();
    let conf = "etc/supervisor/supervisord.conf";
    let install = [
        "install",
        "--init",
        "supervisord",
        "--distro",
        "debian",
        "--root",
        ".",
    ];
    let mut all = String::new();
    for text in [
        "[supervisord]\n",
        "[supervisord]\n[include]\nfiles = /etc/supervisor/other/*.conf\n",
    ] {
        tree.write(conf, text);
        let before = paths(&tree.at(""));
        all += &said(&tree, &install);
        assert_eq!(paths(&tree.at("")), before);
    }
    insta::assert_snapshot!(all);
}

#[test]
fn flags_for_another_release_at_every_width() {
    let tree = tree();
    let flags = "--container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock";
    tree.write(
        "var/lib/kubelet/kubeadm-flags.env",
        &format!("KUBELET_KUBEADM_ARGS=\"{flags}\"\n"),
    );
    let ask = [
        "kubeadm",
        "flags",
        "--for",
        "1.35",
        "--dry-run",
        "--root",
        ".",
    ];
    let mut all = said(&tree, &ask);
    let config = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n\
                  containerRuntimeEndpoint: unix:///run/containerd/containerd.sock\n";
    tree.write("var/lib/kubelet/config.yaml", config);
    all += &said(&tree, &ask);
    tree.write("var/lib/kubelet/kubeadm-flags.env", "");
    all += &said(&tree, &ask);
    insta::assert_snapshot!(all);
}

#[test]
fn a_flag_that_is_set_nowhere_at_every_width() {
    let tree = tree();
    let config =
        "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nmaxPods: 50\n";
    tree.write("var/lib/kubelet/config.yaml", config);
    let all = ["max-pods", "pod-max-pids", "node-ip", "nod-ip", "--node-ip"]
        .map(|flag| said(&tree, &["explain", flag, "--root", "."]));
    insta::assert_snapshot!(all.concat());
    // What no kubelet has is no answer; programs get the same.
    let json = ["nod-ip", "frobnicate", "log-dir"].map(|flag| {
        let releases = ["1.36", "1.37", "1.3"];
        releases.map(|release| {
            let words = [
                "explain",
                flag,
                "--format",
                "json",
                "--kubelet-version",
                release,
            ];
            let (code, out, err) = tree.run(&words);
            let answer: serde_json::Value = serde_json::from_str(&out).unwrap();
            let (why, meant) = (&answer["refusal"], &answer["meant"]);
            format!("{flag} {release}: exit code {code}, {why}, {meant}{err}\n")
        })
    });
    insta::assert_snapshot!(
        "a_flag_that_no_kubelet_has_for_programs",
        json.concat().concat()
    );
}

#[test]
fn words_at_every_width() {
    let tree = tree();
    let all = [
        &["status"][..],
        &["check", "etc"],
        &["render", "--init", "upstart"],
        &["render", "--init", "openrc", "--distro", "opensuse"],
        &["render", "--init", "openrc", "--only", "launchr"],
        &["service", "status", "kubelet.service", "--root", "."],
        &["service", "kubelet", "status", "--root", "."],
        &["check", "--for", "1.3", "--root", "."],
        &["check", "--frobnicate", "--root", "."],
        &["service", "check"],
        &["service", "logs", "-n", "abc"],
        &["kubeadm", "flags", "--kubeadm-version", "36"],
        &["check", "--kubelet-version", "1.40", "--root", "."],
    ]
    .map(|words| said(&tree, words));
    insta::assert_snapshot!(all.concat());
}
