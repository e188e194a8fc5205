//! `kubelet-unit kubeadm` as it is typed.

use std::io::Write;
use std::process::{Command, Stdio};

use insta::assert_snapshot;

/// The exit code, standard output and standard error, with a text on standard input.
fn kubeadm(arguments: &[&str], input: &str) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kubelet-unit"))
        .arg("kubeadm")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that refuses its arguments does not read.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(output.stdout), text(output.stderr));
    format!("exit {}\n{out}---\n{err}", output.status.code().unwrap())
}

/// A host of which only this is known: the folder holds nothing that is looked for.
const HOST: [&str; 8] = [
    "--root",
    concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/kubeadm"),
    "--hostname",
    "node1",
    "--init",
    "openrc",
    "--config",
    "-",
];
const CONFIG: &str = "apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
nodeRegistration:
  name: node-a
  kubeletExtraArgs:
  - name: node-labels
    value: a=b
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.31.4
networking:
  serviceSubnet: 10.95.0.0/16
";

#[test]
fn flags_follow_the_configuration_s_own_version() {
    assert_snapshot!(kubeadm(
        &[&["flags", "--print"], &HOST[..]].concat(),
        CONFIG
    ));
}

#[test]
fn config_goes_to_standard_output_and_notes_elsewhere() {
    assert_snapshot!(kubeadm(
        &[&["config", "--print"], &HOST[..]].concat(),
        CONFIG
    ));
}

#[test]
fn the_instance_s_part_is_asked_for() {
    let newer = [
        &[
            "config",
            "--print",
            "--instance",
            "--kubeadm-version",
            "1.34",
        ],
        &HOST[..],
    ]
    .concat();
    assert_snapshot!(kubeadm(&newer, CONFIG));
    assert_snapshot!(kubeadm(
        &[&["config", "--print", "--instance"], &HOST[..]].concat(),
        CONFIG
    ));
}

#[test]
fn config_map_is_ready_to_apply() {
    assert_snapshot!(kubeadm(&[&["configmap"], &HOST[..]].concat(), CONFIG));
}

#[test]
fn json_has_files_and_warnings() {
    let arguments = [&["flags", "--print", "--format", "json"], &HOST[..]].concat();
    assert_snapshot!(kubeadm(&arguments, CONFIG));
}

#[test]
fn an_old_file_is_rewritten_and_every_change_explained() {
    let old = "KUBELET_KUBEADM_ARGS=\"--container-runtime=remote --container-runtime-endpoint=/run/crio/crio.sock --max-pods=42 --pod-infra-container-image=k8s.gcr.io/pause:3.5\"\n";
    assert_snapshot!(kubeadm(&["flags", "--for", "1.36", "--from", "-"], old));
    assert_snapshot!(kubeadm(
        &["flags", "--for", "1.36", "--from", "-", "--format", "json"],
        old
    ));
}

#[test]
fn the_help_names_the_releases_that_are_known() {
    use kubelet_unit::kubeadm::version::{KNOWN, PROVEN};
    let range = format!("1.{} to 1.{}", KNOWN.start(), KNOWN.end());
    for arguments in [&["--help"][..], &["flags", "--help"]] {
        let help = kubeadm(arguments, "");
        assert!(help.contains(&range), "{range}: {help}");
    }
    let help = kubeadm(&["--help"], "").replace('\n', " ");
    for minor in PROVEN {
        assert!(help.contains(&format!("1.{minor}")), "1.{minor}");
    }
}

#[test]
fn a_release_that_is_newer_than_known_is_told_everywhere() {
    let config = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: v1.40.0\n";
    let print = [&["flags", "--print"], &HOST[..]].concat();
    let mut all = kubeadm(&print, config);
    all += &kubeadm(
        &[&print[..], &["--kubeadm-version", "1.38"]].concat(),
        CONFIG,
    );
    all += &kubeadm(
        &["flags", "--for", "1.40", "--from", "-"],
        "KUBELET_KUBEADM_ARGS=\"--v=2\"\n",
    );
    let gone = config
        .replace("v1.40.0", "v1.37.1")
        .replace("v1beta4", "v1beta3");
    all += &kubeadm(&print, &gone);
    assert_snapshot!(all);
}

#[test]
fn a_template_that_was_not_rendered_is_named() {
    let config = CONFIG.replace("value: a=b", "value: \"${NODE_LABELS}\"");
    let arguments = [&["flags", "--print"], &HOST[..]].concat();
    assert_snapshot!(kubeadm(&arguments, &config));
}

#[test]
fn a_field_that_is_nearly_another_is_told() {
    let config = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n\
        nodeRegistration: {criSockets: /run/x.sock, imagePullSerial: true}\n---\n\
        apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n\
        networking:\n  serviceSubnets: 10.95.0.0/12\netcd: {}\nclusterNam: x\n";
    assert_snapshot!(kubeadm(
        &[&["flags", "--print"], &HOST[..]].concat(),
        config
    ));
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let bad = CONFIG.replace("value: a=b", "value: 4");
    let mut all = kubeadm(&[&["flags", "--print"], &HOST[..]].concat(), &bad);
    all += &kubeadm(
        &["flags", "--init", "none", "--config", "/none/kubeadm.yaml"],
        "",
    );
    all += &kubeadm(
        &["flags", "--print", "--root", HOST[1], "--config", "-"],
        CONFIG,
    );
    all += &kubeadm(&["flags", "--kubeadm-version", "1.10"], "");
    all += &kubeadm(&["flags", "--from", "-"], "");
    all += &kubeadm(&["flags", "--for", "1.36", "--from", "-"], "A=1\n");
    assert_snapshot!(all);
}
