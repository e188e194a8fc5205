//! A fleet in every format: whole outputs, and what is left on the disk.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{Scratch, paths, run};

const NODES: &str = "\
- name: edge-1
  init: openrc
  distro: alpine
  extraArgs: [--v=2, \"--node-labels=a=b\"]
- name: edge-2
  init: openrc
  distro: alpine
- name: edge-3
  init: openrc
  distro: alpine
  logFolder: /srv/log
- name: core-1
  hostname: core-1.example.org
";

pub fn command(scratch: &Scratch, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubelet-unit"));
    command.current_dir(scratch.path()).args(line.split(' '));
    command
}

/// A folder with the inventory.
pub fn inventory(text: &str) -> Scratch {
    let scratch = Scratch::new();
    fs::write(scratch.path().join("nodes.yaml"), text).unwrap();
    scratch
}

/// What a line gives, whole.
pub fn said(scratch: &Scratch, line: &str) -> String {
    let (code, out, err) = run(&mut command(scratch, line));
    format!("$ {line}\n{out}{err}exit {code}\n\n")
}

#[test]
fn user_data_is_that_of_one_machine_each() {
    let scratch = inventory(NODES);
    let line =
        "render --init runit --distro void --nodes nodes.yaml --format cloud-init --output out";
    let said = said(&scratch, line);
    assert!(
        said.contains("note: 4 nodes written below `out`, 0 were there already"),
        "{said}"
    );
    let paths = paths(&scratch.path().join("out"));
    let paths: Vec<_> = paths.iter().filter(|path| path.contains('/')).collect();
    let expected = [
        "core-1/user-data",
        "edge-1/user-data",
        "edge-2/user-data",
        "edge-3/user-data",
    ];
    assert_eq!(paths, expected);
    let (_, alone, _) = run(&mut command(
        &scratch,
        "render --init openrc --distro alpine --format cloud-init",
    ));
    let read = |node: &str| {
        fs::read_to_string(scratch.path().join("out").join(node).join("user-data")).unwrap()
    };
    assert_eq!(read("edge-2"), alone);
    assert_ne!(read("edge-1"), alone);
    assert!(read("edge-1").contains("--node-labels=a=b"));
}

#[test]
fn programs_get_a_line_for_each_node_and_standard_input_is_read() {
    let scratch = inventory("");
    let line = "render --init runit --distro void --nodes - --format json";
    let mut child = command(&scratch, line)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"\xef\xbb\xbf").unwrap();
    stdin.write_all(NODES.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let nodes: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let shown: Vec<_> = nodes
        .iter()
        .map(|node| {
            let files = node["files"].as_array().unwrap().len();
            format!(
                "{} {} {} {files}",
                node["node"], node["init"], node["distro"]
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "\"edge-1\" \"openrc\" \"alpine\" 5",
            "\"edge-2\" \"openrc\" \"alpine\" 4",
            "\"edge-3\" \"openrc\" \"alpine\" 4",
            "\"core-1\" \"runit\" \"void\" 7",
        ]
    );
}

/// A release is its text: as a number, 1.30 would be 1.3.
#[test]
fn a_release_needs_no_quotes() {
    let of = |release: &str| {
        let flag = "extraArgs: [--container-runtime=remote]";
        let text =
            format!("- name: a\n  init: supervisord\n  kubeletVersion: {release}\n  {flag}\n");
        let line = "render --nodes nodes.yaml --output out";
        let (code, _, err) = run(&mut command(&inventory(&text), line));
        (code, err)
    };
    let taken = "note: 1 node written below `out`, 0 were there already\n";
    let refused = "error: nodes.yaml:1: node `a`: `extraArgs`: the kubelet does not have the flag \
                   `--container-runtime` from 1.27 on and exits\n\nhint: remove `--container-runtime`\n\n\
                   hint: nothing was written\n";
    for release in ["1.20", "\"1.26\"", "v1.26.3"] {
        assert_eq!(of(release), (0, taken.into()), "{release}");
    }
    for release in ["1.30", "'1.30'"] {
        assert_eq!(of(release), (1, refused.into()), "{release}");
    }
}

/// What is said of one line after another, and then the files and links that are there.
fn said_in_turn(scratch: &Scratch, lines: &[(&str, &str)]) -> String {
    let mut all = String::new();
    for (nodes, line) in lines {
        fs::write(scratch.path().join("nodes.yaml"), nodes).unwrap();
        all += &said(scratch, line);
    }
    let mut find = Command::new("find");
    find.args(["out", "!", "-type", "d", "-printf", "%p %l\n"]);
    let (code, found, err) = run(find.current_dir(scratch.path()));
    assert_eq!(code, 0, "{err}");
    let mut found: Vec<_> = found.lines().map(str::trim_end).collect();
    found.sort_unstable();
    all + &found.join("\n")
}

const TWO: &str = "- name: a\n- name: b\n  extraArgs: [--v=2]\n";
const BARE: &str = "- name: a\n- name: b\n";

/// Nothing of an earlier run stays in a node's folder unsaid, and what the inventory no
/// longer has is named.
#[test]
fn what_an_earlier_run_has_left_is_named() {
    let void = "render --init runit --distro void --nodes nodes.yaml --output out";
    let lines = [
        (
            TWO,
            "render --init openrc --distro alpine --nodes nodes.yaml --output out",
        ),
        (TWO, void),
        (TWO, &format!("{void} --dry-run")),
        (TWO, &format!("{void} --force")),
        (BARE, void),
        (BARE, &format!("{void} --force")),
        ("- name: a\n", void),
    ];
    insta::assert_snapshot!(said_in_turn(&inventory(""), &lines));
}

/// A node whose folder differs stops the run before another one is written, in every format.
#[test]
fn nothing_is_written_where_a_folder_of_a_node_differs() {
    for format in ["files", "cloud-init", "ansible"] {
        let scratch = inventory("- name: b\n");
        let line = format!(
            "render --init openrc --distro alpine --nodes nodes.yaml --output out --format {format}"
        );
        said(&scratch, &line);
        let before = paths(&scratch.path().join("out"));
        let changed = "- name: a\n- name: b\n  extraArgs: [--v=2]\n- name: c\n";
        fs::write(scratch.path().join("nodes.yaml"), changed).unwrap();
        let refused = said(&scratch, &line);
        assert!(refused.ends_with("exit 1\n\n"), "{refused}");
        assert_eq!(paths(&scratch.path().join("out")), before, "{format}");
        let taken = said(&scratch, &format!("{line} --force"));
        assert!(taken.contains("3 nodes written below `out`"), "{taken}");
    }
}

/// What an earlier run in another format has left beside is named.
#[test]
fn one_format_beside_another_is_named() {
    let render = "render --nodes nodes.yaml --init runit --distro void --output out --format";
    let lines = [
        (TWO, &*format!("{render} files")),
        (TWO, &format!("{render} ansible")),
        (TWO, &format!("{render} files")),
        (TWO, &format!("{render} cloud-init")),
        (
            "- name: a\n  hostname: a\n  extraArgs: [--v=2, --hostname-override=b]\n",
            &format!("{render} files --force"),
        ),
    ];
    insta::assert_snapshot!(said_in_turn(&inventory(""), &lines));
}

#[test]
fn tasks_that_no_node_has_any_more_are_named() {
    let ansible = "render --nodes nodes.yaml --format ansible --output out --init";
    let lines = [
        (TWO, &*format!("{ansible} runit --distro void")),
        (
            "- name: a\n",
            &format!("{ansible} openrc --distro alpine --force"),
        ),
    ];
    insta::assert_snapshot!(said_in_turn(&inventory(""), &lines));
}

#[test]
fn nodes_are_enabled_by_links_where_files_can_do_that() {
    let render = "render --nodes nodes.yaml --output out --enable --init";
    let lines = [
        (TWO, &*format!("{render} openrc --distro alpine")),
        (TWO, &format!("{render} openrc --distro alpine")),
        (TWO, &format!("{render} openrc --distro alpine --dry-run")),
        (TWO, &format!("{render} s6")),
    ];
    let scratch = inventory("");
    insta::assert_snapshot!(said_in_turn(&scratch, &lines));
    let line = "render --nodes nodes.yaml --init dinit --format tar --enable";
    let mut tar = Command::new("sh");
    let program = env!("CARGO_BIN_EXE_kubelet-unit");
    tar.args([
        "-c",
        &format!("{program} {line} | tar -tvf - | grep -o '[^ ]* -> .*'"),
    ]);
    let (_, shown, err) = run(tar.current_dir(scratch.path()));
    let entry = "etc/dinit.d/boot.d/kubelet -> /usr/lib/dinit.d/kubelet";
    assert_eq!(
        (shown, err),
        (format!("a/{entry}\nb/{entry}\n"), String::new())
    );
    // A layer would take the place of the image's own inittab.
    let archive = |line: &str| {
        let mut sh = Command::new("sh");
        sh.args(["-c", &format!("{program} {line} --format tar >layer.tar")]);
        let (code, _, err) = run(sh.current_dir(scratch.path()));
        format!("$ {line}\n{err}exit {code}\n")
    };
    let said = [
        archive("render --init busybox-init"),
        archive("render --init busybox-init --nodes nodes.yaml"),
    ];
    insta::assert_snapshot!("an_inittab_in_an_archive_is_a_whole_one", said.concat());
}

const LINKED: &str = "\
- {name: a, init: openrc, distro: alpine}
- {name: b, init: runit, distro: void}
- {name: c, init: dinit}
- {name: d, init: systemd}
- {name: e, init: s6-rc, distro: s6-overlay}
- {name: f, init: sysvinit, distro: devuan}
- {name: g, init: s6}
";

/// What starts a service with the machine is expected of every node once one has it, and what
/// leads elsewhere is wrong in any case.
#[test]
fn links_that_are_missing_or_wrong_are_found() {
    use std::os::unix::fs::symlink;
    let (without_s6, _) = LINKED.split_once("- {name: g").unwrap();
    let scratch = inventory(without_s6);
    let at = |path: &str| scratch.path().join("out").join(path);
    let check = "check --nodes nodes.yaml --root out";
    let mut all = said(&scratch, "render --nodes nodes.yaml --output out");
    all += &said(&scratch, check);
    all += &said(&scratch, &format!("{check} --enable"));
    fs::remove_dir_all(at("")).unwrap();
    said(&scratch, "render --nodes nodes.yaml --output out --enable");
    said(
        &scratch,
        "render --nodes nodes.yaml --output out/lost --enable",
    );
    all += &said(&scratch, check);
    fs::remove_dir_all(at("lost")).unwrap();
    let links = [
        "a/etc/runlevels/default/kubelet",
        "b/etc/runit/runsvdir/default/kubelet",
        "c/etc/dinit.d/boot.d/kubelet",
        "d/etc/systemd/system/multi-user.target.wants/kubelet.service",
        "e/etc/s6-overlay/user-bundles.d/user/contents.d/kubelet",
    ];
    for link in links {
        fs::remove_file(at(link)).unwrap();
    }
    symlink("/etc/sv/sshd", at(links[1])).unwrap();
    fs::create_dir(at(links[2])).unwrap();
    // In other words the same.
    symlink(
        "../../../../usr/lib/systemd/system/kubelet.service",
        at(links[3]),
    )
    .unwrap();
    all += &said(&scratch, check);
    all += &said(&scratch, &format!("{check} --format json"));
    // Files alone do not enable it there.
    fs::write(scratch.path().join("nodes.yaml"), LINKED).unwrap();
    all += &said(&scratch, &format!("{check} --enable"));
    all += &said(&scratch, "check --enable --root out");
    insta::assert_snapshot!(all);
}

/// Who asks for JSON gets the errors so as well, an object for each.
#[test]
fn programs_get_an_object_for_each_bad_node() {
    let scratch = inventory("- name: a\n  init: opnrc\n- name: b\n  innit: s6\n- name: c\n");
    let said = [
        "render --nodes nodes.yaml --format json",
        "check --nodes nodes.yaml --root . --format json",
        "render --nodes none.yaml --format json",
    ]
    .map(|line| said(&scratch, line));
    insta::assert_snapshot!(said.concat());
}
