use indoc::indoc;

use super::*;
use crate::service::{Argument, Dependency};

fn minimal(more: &str) -> String {
    format!("name: a\ndescription: A\nprogram: /bin/a\n{more}")
}

fn refusal(text: &str) -> String {
    Spec::read("s.yaml", text.as_bytes())
        .unwrap_err()
        .to_string()
}

#[test]
fn the_built_in_spec_is_the_drop_in() {
    let service = Spec::kubelet()
        .service(&crate::distro::DEBIAN, &Overrides::default())
        .unwrap();
    let words: Vec<String> = service.arguments.iter().map(Argument::to_string).collect();
    assert_eq!(
        words,
        [
            "$KUBELET_KUBECONFIG_ARGS",
            "$KUBELET_CONFIG_ARGS",
            "$KUBELET_KUBEADM_ARGS",
            "$KUBELET_EXTRA_ARGS"
        ]
    );
    let files: Vec<_> = service
        .env_files
        .iter()
        .map(|file| (file.path.as_str(), file.optional))
        .collect();
    assert_eq!(
        files,
        [
            ("/var/lib/kubelet/kubeadm-flags.env", true),
            ("/etc/default/kubelet", true)
        ]
    );
}

#[test]
fn the_built_in_spec_is_the_one_that_is_printed() {
    let printed = Spec::read("kubelet.yaml", KUBELET.as_bytes()).unwrap();
    assert_eq!(Spec::kubelet(), printed);
}

#[test]
fn the_launcher_reads_whatever_yaml_may_hold() {
    let mut yaml = minimal("arguments: [");
    while yaml.len() + 4 < BOUNDS.size {
        yaml.push_str("a,");
    }
    yaml.push_str("a]\n");
    let spec = Spec::read("s", yaml.as_bytes()).unwrap();
    let distro = &crate::distro::DEBIAN;
    let service = spec.service(distro, &Overrides::default()).unwrap();
    let json = resolved(&service).unwrap();
    let read = Spec::read("s", json.as_bytes()).unwrap();
    assert_eq!(read.resolve(), Some(service));
}

#[test]
fn what_is_left_out_is_what_the_built_in_spec_has() {
    let bare = Spec::read("s", minimal("").as_bytes()).unwrap();
    let kubelet = Spec::kubelet();
    assert_eq!(bare.restart, kubelet.restart);
    assert_eq!(bare.stop, kubelet.stop);
    assert_eq!(bare.log, kubelet.log);
}

#[test]
fn a_part_of_a_section_leaves_the_rest_at_its_default() {
    let spec = Spec::read("s", minimal("restart: {delay: 500ms}\n").as_bytes()).unwrap();
    assert_eq!(spec.restart.delay.milliseconds(), 500);
    assert_eq!(spec.restart.policy, Spec::kubelet().restart.policy);
}

#[test]
fn single_values_go_before_the_spec_and_the_distribution() {
    let overrides = Overrides {
        program: Some("/opt/kubelet".parse().unwrap()),
        extra_args_file: Some("/etc/extra".parse().unwrap()),
        ..Overrides::default()
    };
    let service = Spec::kubelet()
        .service(&crate::distro::GENERIC, &overrides)
        .unwrap();
    assert_eq!(service.program.as_str(), "/opt/kubelet");
    assert_eq!(service.env_files[1].path.as_str(), "/etc/extra");
}

#[test]
fn dependencies_are_kinds_or_names() {
    let spec = Spec::read("s", minimal("needs: [cgroups, sshd]\n").as_bytes()).unwrap();
    let sshd = Dependency::Service("sshd".parse().unwrap());
    assert_eq!(spec.needs, [Dependency::Cgroups, sshd]);
}

#[test]
fn systemds_names_of_services_are_names() {
    let text = "name: a.service\ndescription: A\nprogram: /bin/a\nneeds: [containerd.service, cgroups.service]\nwants: [network-online.target, foo@bar.service]\n";
    let spec = Spec::read("s", text.as_bytes()).unwrap();
    assert_eq!(spec.name.as_str(), "a");
    let shown = |list: &[Dependency]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(shown(&spec.needs), ["containerd", "cgroups"]);
    assert_eq!(shown(&spec.wants), ["network-online", "foo@bar"]);
    assert_eq!(spec.needs[1], Dependency::Cgroups);
}

/// A refusal with its hint.
fn told(error: &YamlError) -> String {
    format!(
        "{error}\n  hint: {}",
        error.hint.as_deref().unwrap_or("none")
    )
}

fn refusal_and_hint(text: &str) -> String {
    told(&Spec::read("s.yaml", text.as_bytes()).unwrap_err())
}

#[test]
fn other_units_are_refused_with_what_becomes_of_them() {
    let units = [
        "network.target",
        "local-fs.target",
        "multi-user.target",
        "mine.target",
        "docker.socket",
        "logrotate.timer",
        "watch.path",
        "var-lib.mount",
        "home.automount",
        "disk.swap",
        "dev-sda.device",
        "system.slice",
        "session-1.scope",
        "a.socket.service",
    ];
    let mut refused: Vec<String> = units
        .map(|unit| refusal_and_hint(&minimal(&format!("wants: [{unit}]\n"))))
        .into();
    refused.push(refusal_and_hint(
        &minimal("").replace("name: a", "name: a.socket"),
    ));
    insta::assert_snapshot!(refused.join("\n"));
}

#[test]
fn dependencies_are_named_once_and_are_others() {
    let refused = [
        "needs: [b, a]\n",
        "wants: [a.service]\n",
        "needs: [b, c, b]\n",
        "wants:\n  - network-online\n  - cgroups\n  - network-online.target\n",
        "wants: [b]\nneeds: [c, b.service]\n",
        "after: [a]\n",
        "wants: [b]\nafter: [c, b]\n",
        "after: [b]\nbefore: [b]\n",
        "before: [network.target]\n",
    ]
    .map(|more| refusal_and_hint(&minimal(more)));
    let json = r#"{"name": "a", "description": "A", "program": "/bin/a", "needs": ["a"]}"#;
    insta::assert_snapshot!(format!(
        "{}\n{}",
        refused.join("\n"),
        refusal_and_hint(json)
    ));
}

#[test]
fn what_is_probably_not_meant_so_is_told() {
    let doubts = [
        minimal("arguments:\n  - --a\n  - --v=2 --node-ip=1.2.3.4\n  - -v -w\n"),
        minimal("arguments: [--node-ip 1.2.3.4, '--x=${A} --y ${B}', --z $A]\n"),
        minimal("").replace("/bin/a", "/usr/bin/kubelet --v=2"),
        minimal("").replace("/bin/a", "/usr/bin/kubelet"),
        minimal("arguments: ['--prefix=a b', --x=1 - 2, 'a --b', $A, '-c', '--d=- e', '']\n"),
        KUBELET.into(),
        include_str!("../../fixtures/specs/kube-proxy.yaml").into(),
    ]
    .map(|text| {
        let spec = Spec::read("s.yaml", text.as_bytes()).unwrap();
        let doubts = spec.doubts_in("s.yaml", text.as_bytes());
        doubts.iter().map(told).collect::<Vec<_>>().join("\n")
    });
    insta::assert_snapshot!(doubts.join("\n---\n"));
}

#[test]
fn the_administrators_file_needs_a_place() {
    let lacks = |text: &str| {
        let spec = Spec::read("s.yaml", text.as_bytes()).unwrap();
        spec.lacks_extra_args_file("s.yaml", text.as_bytes())
    };
    assert_eq!(lacks(KUBELET), None);
    let refused =
        ["", "envFiles: [{path: /etc/a}]\n"].map(|more| told(&lacks(&minimal(more)).unwrap()));
    insta::assert_snapshot!(refused.join("\n"));
}

#[test]
fn what_is_written_for_the_launcher_is_read_as_it_was() {
    let distro = &crate::distro::DEBIAN;
    let settle = |spec: Spec| spec.service(distro, &Overrides::default()).unwrap();
    let service = settle(Spec::kubelet());
    let json = format!(
        "#!/bin/x exec\n# A comment\n{}",
        resolved(&service).unwrap()
    );
    assert!(json::read("s", json.as_bytes()).is_ok());
    assert_eq!(settle(Spec::read("s", json.as_bytes()).unwrap()), service);
}

#[test]
fn json_is_held_to_the_rules_of_yaml() {
    let good = r#"{"name": "a", "description": "A", "program": "/bin/a"}"#;
    assert_eq!(
        Spec::read("s", good.as_bytes()),
        Spec::read("s", minimal("").as_bytes())
    );
    let refused = [
        good.replace("/bin/a", "bin/a"),
        good.replace("\"A\"", "1"),
        good.replace('}', ",\n \"name\": \"a\"}"),
        good.replace('}', ",\n \"restart\": {\"delya\": \"1s\"}}"),
        good.replace('}', ""),
        format!("{good}\n{good}"),
        format!("# a\n{good}{}", " ".repeat(MOST_JSON)),
        format!("# a\n# b\n{}", good.replace("\"A\",", "\"ä\"")),
        good.replace('"', "").replace("/bin", "bin"),
    ]
    .map(|text| refusal(&text));
    insta::assert_snapshot!(refused.join("\n"));
}

#[test]
fn yaml_that_is_nearly_json_is_read() {
    let yaml = r#"{"name": "a", "description": "A", "program": "/bin/a",} # YAML"#;
    assert_eq!(
        Spec::read("s", yaml.as_bytes()),
        Spec::read("s", minimal("").as_bytes())
    );
}

#[test]
fn bad_specs_are_refused_with_their_place() {
    let refused: Vec<String> = [
        "name: [",
        "",
        "- a\n",
        "description: A\nprogram: /bin/a\n",
        "name: ~\ndescription: A\nprogram: /bin/a\n",
        "name: a b\ndescription: A\nprogram: /bin/a\n",
        "name: a\ndescription: A\nprogram: bin/a\n",
        "name: a\ndescription: A\nprogram: /bin/../a\n",
        "name: a\ndescription: A\nprogram: ''\n",
        "name: a\ndescription: \"A\\nB\"\nprogram: /bin/a\n",
    ]
    .map(refusal)
    .into();
    insta::assert_snapshot!(refused.join("\n"));
}

#[test]
fn bad_parts_are_refused_with_their_place() {
    let refused: Vec<String> = [
        "progam: /bin/b\n",
        "arguments: --a\n",
        "arguments: [1]\n",
        "arguments: [\"a\\0b\"]\n",
        "arguments: [$A$B]\n",
        "environment: {A: x, A: y}\n",
        "environment: {A-B: x}\n",
        "environment: {A: 1}\n",
        "envFiles: [{path: a}]\n",
        "envFiles: [{optional: true}]\n",
        "envFiles: [{path: /a, pattern: /b}]\n",
        "restart: {delay: soon}\n",
        "restart: {policy: sometimes}\n",
        "restart: {limit: {starts: 5}}\n",
        "stop: {signal: WINCH}\n",
        "stop: {timeout: -1}\n",
        "limits: {nofile: {soft: 2, hard: 1}}\n",
        "limits: {nofile: {soft: many, hard: 1}}\n",
        "limits: {oomScoreAdjust: 2000}\n",
        "log: {maxSize: 0}\n",
        "type: dbus\n",
        "tasksMax: 0\n",
        "tasksMax: 80%\n",
        "delegate: 1\n",
        "log: {keep: 0}\n",
        "limits: {nproc: 1K}\n",
        "limits: {nprocs: 1}\n",
        "limits: {nproc: {soft: 1}}\n",
        "user: a b\n",
        "user: -1\n",
        "supplementaryGroups: a\n",
        "workingDirectory: srv\n",
        "workingDirectory: ~\n",
        "workingDirectory: '~'\n",
        "umask: 27\n",
        "umask: '0o27'\n",
        "nice: 20\n",
        "ioClass: idle\n",
        "ioClass: {class: none}\n",
        "ioClass: {class: idle, priority: 8}\n",
        "capabilities: {bounding: [SYS_ADMIN]}\n",
        "capabilities:\n  bounding: [CAP_CHOWN]\n  ambient: [CAP_CHOWN, CAP_KILL]\n",
        "runtimeDirectory: a\n",
        "runtimeDirectory: {names: []}\n",
        "runtimeDirectory: {names: [/run/a]}\n",
        "runtimeDirectory: {names: [a], preserve: always}\n",
        "stateDirectory: {names: [a], preserve: \"yes\"}\n",
        "extends: nobody\n",
        indoc! {"
            log:
              keep: 1
              keep: 2
        "},
    ]
    .map(|more| refusal(&minimal(more)))
    .into();
    insta::assert_snapshot!(refused.join("\n"));
}

#[test]
fn a_resolved_spec_reads_back_to_the_same_service() {
    let fixtures = [
        KUBELET,
        include_str!("containerd.yaml"),
        include_str!("../../fixtures/specs/kube-proxy.yaml"),
    ];
    for text in fixtures {
        let service = Spec::read("s", text.as_bytes())
            .unwrap()
            .service(&crate::distro::ALPINE, &Overrides::default())
            .unwrap();
        let resolved = resolved(&service).unwrap();
        let again = Spec::read("s", resolved.as_bytes())
            .unwrap()
            .service(&crate::distro::FEDORA, &Overrides::default())
            .unwrap();
        assert_eq!(again, service, "{resolved}");
    }
}
