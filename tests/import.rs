//! `kubelet-unit import` and what renders from a unit, from the command line to the exit code.

use std::fmt::Write;
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::{Tree, repository, run, units, walk};

/// What a command line gives where the folder `root` is called ROOT.
fn said(line: &str, root: &std::path::Path) -> String {
    let root = root.to_str().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubelet-unit"));
    let words = line.split(' ').map(|word| word.replace("ROOT", root));
    let (code, out, err) = run(command.args(words));
    format!("$ {line}\n{out}{err}exit {code}\n\n").replace(root, "ROOT")
}

const UNIT: &str = "etc/systemd/system/a.service";
const GOOD: &str =
    "[Service]\nExecStart=/usr/bin/a --flag\n[Install]\nWantedBy=multi-user.target\n";

#[test]
fn units_of_forty_projects() {
    let folder = repository().join("fixtures/units");
    let names = units();
    assert_eq!(names.len(), 29);
    let told: Vec<_> = names
        .iter()
        .map(|name| said(&format!("import --root ROOT /{name}"), &folder))
        .collect();
    insta::assert_snapshot!(told.concat());
}

#[test]
fn a_unit_with_drop_ins_of_a_cloud() {
    let text = fs::read_to_string(repository().join("fixtures/units/kubelet-upstream-deb.service"));
    let kubeadm =
        repository().join("fixtures/units/kubelet-upstream-deb.service.d/10-kubeadm.conf");
    let kubeadm = fs::read_to_string(kubeadm).unwrap();
    let cloud = "[Service]\nEnvironment=KUBELET_CLOUD=--node-ip=10.0.0.7\nExecStart=\n\
                 ExecStart=/usr/bin/kubelet $KUBELET_CONFIG_ARGS $KUBELET_CLOUD '--label=a b' $KUBELET_EXTRA_ARGS\n\
                 RestratSec=1\nProtectHome=yes\nPrivateTmp=no\nMemoryMax=2G\nSlice=kube.slice\n";
    let root = Tree::of(&[
        ("usr/lib/systemd/system/kubelet.service", &text.unwrap()),
        (
            "usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf",
            &kubeadm,
        ),
        ("etc/systemd/system/kubelet.service.d/20-cloud.conf", cloud),
        ("more.conf", "[Service]\nKillMode=process\n"),
    ]);
    let lines = [
        "import kubelet --root ROOT",
        "import kubelet.service --root ROOT --dropin /more.conf --format json",
        "import kubelet --root ROOT --strict",
        "import kubelet nothing --root ROOT",
    ];
    let told: Vec<_> = lines.iter().map(|line| said(line, root.path())).collect();
    insta::assert_snapshot!(told.concat());
}

#[test]
fn what_is_absent_counts() {
    let root = Tree::of(&[
        (UNIT, "[Service]\nExecStart=/usr/bin/a\n"),
        (
            "etc/systemd/system/b.service",
            "[Service]\nExecStart=/usr/bin/b\nRestart=always\n",
        ),
    ]);
    insta::assert_snapshot!(said("import a b --root ROOT", root.path()));
}

#[test]
fn a_unit_is_rendered_and_installed() {
    let root = Tree::of(&[
        (UNIT, GOOD),
        ("usr/bin/a", ""),
        ("etc/os-release", "ID=alpine\n"),
    ]);
    let unit = root.path().join(UNIT);
    let rendered = format!("render --from-unit {} --init runit", unit.display());
    let rendered = said(&rendered, root.path());
    assert!(
        rendered.contains("/usr/bin/a --flag") || rendered.contains("--flag"),
        "{rendered}"
    );
    let spec = root.path().join("a.yaml");
    let (code, yaml, _) = run(Command::new(env!("CARGO_BIN_EXE_kubelet-unit"))
        .args(["import", "a", "--root"])
        .arg(root.path()));
    assert_eq!(code, 0);
    fs::write(&spec, yaml).unwrap();
    let by_hand = said(
        &format!("render --spec {} --init runit", spec.display()),
        root.path(),
    );
    let below = |text: &str| text.split_once('\n').unwrap().1.to_owned();
    assert_eq!(below(&rendered), below(&by_hand));

    let lines = [
        "install --from-unit a --init openrc --root ROOT --dry-run",
        "install --from-unit a --init openrc --root ROOT",
        "install --from-unit b --init openrc --root ROOT",
        "install --from-unit a --spec x --init openrc --root ROOT",
    ];
    let told: Vec<_> = lines.iter().map(|line| said(line, root.path())).collect();
    insta::assert_snapshot!(told.concat());
    let record = root.path().join("var/lib/kubelet-unit/a.openrc.json");
    let record = fs::read_to_string(record).unwrap();
    assert!(
        record.contains("Made from the systemd unit `a.service`"),
        "{record}"
    );
}

/// What is wrong, the files of a tree, and the unit that is asked for.
type Case = (&'static str, Vec<(&'static str, String)>, &'static str);

fn of_content() -> Vec<Case> {
    let long = format!(
        "{GOOD}[Service]\nEnvironment=\"A={}\"\n",
        "secret ".repeat(4000)
    );
    let endless = format!(
        "[Service]\nExecStart=/usr/bin/a \\\n{}",
        "b \\\n".repeat(1000)
    );
    let contents = [
        ("too large", format!("{GOOD}#{}", "x".repeat(1 << 20))),
        (
            "too many lines",
            format!("{GOOD}{}", "A=1\n".repeat(1 << 17)),
        ),
        ("binary", "\u{7f}ELF\u{2}\u{1}\u{1}\0\0\0\0".into()),
        ("NUL", "[Service]\nExecStart=/usr/bin/a\0b\n".into()),
        ("endless", endless),
        ("a spec that is too large", long),
        ("a masked unit", String::new()),
        ("no command", "[Service]\nExeStart=/usr/bin/a\n".into()),
        ("an action alone", "[Unit]\nSuccessAction=reboot\n".into()),
        (
            "two commands",
            "[Service]\nExecStart=/usr/bin/a\nExecStart=/usr/bin/b\n".into(),
        ),
        (
            "a host's specifier",
            "[Service]\nExecStart=/usr/bin/a --host=%w\n".into(),
        ),
        (
            "an unknown specifier",
            "[Service]\nExecStart=/usr/bin/a --host=%Z\n".into(),
        ),
    ];
    let of = |(name, content)| (name, vec![(UNIT, content)], "a");
    contents.into_iter().map(of).collect()
}

fn of_files() -> Vec<Case> {
    const DROP_IN: &str = "etc/systemd/system/a.service.d/x.conf";
    let good = || (UNIT, GOOD.to_owned());
    let file = |path, content: &str| (path, content.to_owned());
    let broken = "[Service]\nRootDirectory=/a\n[Serv\nNice=2";
    vec![
        (
            "a drop-in folder that is a file",
            vec![good(), file("etc/systemd/system/a.service.d", "x")],
            "a",
        ),
        ("a broken drop-in", vec![good(), file(DROP_IN, broken)], "a"),
        (
            "links in a circle",
            vec![
                file(UNIT, "->b.service"),
                file("etc/systemd/system/b.service", "->a.service"),
            ],
            "a",
        ),
        ("a link to itself", vec![file(UNIT, "->a.service")], "a"),
        (
            "a link out of the tree",
            vec![file(UNIT, "->../../../../../../etc/passwd")],
            "a",
        ),
        (
            "a drop-in out of the tree",
            vec![good(), file(DROP_IN, "->/root/x")],
            "a",
        ),
        (
            "an instance without a name",
            vec![file("etc/systemd/system/a@.service", GOOD)],
            "a@",
        ),
        ("no unit", vec![], "a"),
        ("no name", vec![], "a/"),
        ("another kind", vec![], "a.timer"),
    ]
}

/// A timer, a socket or a path that starts the service is lost, and that is said.
#[test]
fn what_else_starts_a_service_is_told_of() {
    let root = Tree::of(&[
        (UNIT, GOOD),
        ("etc/systemd/system/a.timer", "[Timer]\nOnBootSec=1min\n"),
        (
            "usr/lib/systemd/system/b.timer",
            "[Timer]\nUnit=a.service\n",
        ),
        (
            "usr/lib/systemd/system/a.socket",
            "[Socket]\nListenStream=1\n",
        ),
        (
            "usr/lib/systemd/system/other.path",
            "[Path]\nPathExists=/x\nUnit=a.service\n",
        ),
        (
            "usr/lib/systemd/system/other.timer",
            "[Timer]\nOnBootSec=1min\n",
        ),
    ]);
    let told: Vec<_> = [
        "import a --root ROOT",
        "import a --root ROOT --strict",
        "import a --root ROOT --format json",
        "import --root ROOT /etc/systemd/system/a.service",
    ]
    .iter()
    .map(|line| said(line, root.path()))
    .collect();
    insta::assert_snapshot!(told.concat());
}

/// Each with the file, the line, what systemd does with it and what we do.
#[test]
fn bad_units_change_nothing() {
    let mut told = String::new();
    for (name, files, unit) in of_content().into_iter().chain(of_files()) {
        let files: Vec<_> = files
            .iter()
            .map(|(path, content)| (*path, content.as_str()))
            .collect();
        let root = Tree::of(&files);
        fs::create_dir_all(root.path().join("etc")).unwrap();
        let before = walk(root.path());
        // The best of some: what else the machine does is no matter of ours.
        let line = format!("import {unit} --root ROOT");
        let tries: Vec<_> = (0..5).map(|_| timed(&line, root.path())).collect();
        let (answer, best) = tries.into_iter().min_by_key(|(_, took)| *took).unwrap();
        assert!(best < Duration::from_millis(500), "{name} takes {best:?}");
        let installed = format!("install --from-unit {unit} --init runit --root ROOT");
        assert!(
            said(&installed, root.path()).ends_with("exit 1\n\n"),
            "{name}"
        );
        assert_eq!(walk(root.path()), before, "{name}");
        assert!(answer.ends_with("exit 1\n\n"), "{name}: {answer}");
        assert!(
            !answer.contains("secret secret secret secret secret secret secret"),
            "{answer}"
        );
        let _ = write!(told, "# {name}\n{answer}");
    }
    insta::assert_snapshot!(told);
}

fn timed(line: &str, root: &std::path::Path) -> (String, Duration) {
    let began = Instant::now();
    let answer = said(line, root);
    (answer, began.elapsed())
}
