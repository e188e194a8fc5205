//! Every rendered script is one in the eyes of the shells and of their critics,
//! and every configuration file in the eyes of what reads it.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use kubelet_unit::backends::{BUILTIN, Backend, Launcher};

use crate::shells;
use crate::support::{Case, Scratch, cases, render, run, tool};

/// What our own specs do not use of the sh launcher.
const LIFE: &str = r#"
name: life
description: What is done around a start
program: /usr/bin/life
envFiles: [{path: /etc/life, optional: true}]
conditions:
  pathExists: [/etc/life.conf, "!/run/no life"]
  directoryNotEmpty: [/etc/life.d]
preStart:
  - ["-/sbin/modprobe", overlay]
  - [/bin/mkdir, -p, "/run/it's ${LIFE}", $MORE]
reload: HUP
restart: {policy: on-failure, delay: 2s, successExitStatus: [143], preventExitStatus: [2, PIPE]}
stop: {kill: mixed}
"#;

/// The shell scripts of a case, by what is in their first line.
fn scripts(case: &Case) -> impl Iterator<Item = (&str, &[u8])> {
    case.rendered.files().filter_map(|(path, file)| {
        let first = file.content.split(|byte| *byte == b'\n').next()?;
        let script = first.starts_with(b"#!")
            && (first.ends_with(b"/sh") || first.ends_with(b"/openrc-run"));
        script.then_some((path.as_str(), file.content.as_slice()))
    })
}

/// A service that does.
fn with_life(backend: &'static dyn Backend) -> Case {
    let (distro, launcher) = (backend.default_distro(), Launcher::Sh);
    Case {
        backend,
        spec: "life".to_owned(),
        distro,
        launcher,
        rendered: render(backend, LIFE, distro, launcher),
    }
}

/// Writes each different text once and gives the paths.
fn written(scratch: &Scratch) -> Vec<(String, std::path::PathBuf)> {
    let mut seen = BTreeMap::new();
    let around: Vec<_> = BUILTIN.iter().map(|&backend| with_life(backend)).collect();
    for case in cases().iter().chain(&around) {
        for (path, text) in scripts(case) {
            seen.entry(text.to_vec())
                .or_insert_with(|| format!("{} {path}", case.name()));
        }
    }
    seen.into_iter()
        .enumerate()
        .map(|(number, (text, name))| {
            let path = scratch.path().join(format!("{number}.sh"));
            std::fs::write(&path, text).unwrap();
            (name, path)
        })
        .collect()
}

#[test]
fn every_script_is_read_by_every_shell() {
    let scratch = Scratch::new();
    let scripts = written(&scratch);
    for shell in shells::all() {
        for (name, path) in &scripts {
            let result = run(shell.command().arg("-n").arg(path));
            let silent = (0, String::new(), String::new());
            assert_eq!(result, silent, "{shell} -n {name}");
        }
    }
}

#[test]
fn shellcheck_has_nothing_to_say() {
    let Some(shellcheck) = tool("shellcheck") else {
        return;
    };
    let scratch = Scratch::new();
    let mut shapes = BTreeSet::new();
    let (mut common, mut openrc) = (Vec::new(), Vec::new());
    for (name, path) in written(&scratch) {
        let text = std::fs::read_to_string(&path).unwrap();
        if !shapes.insert(shape(&text)) {
            continue;
        }
        let named = path.with_file_name(name.replace(['/', ' '], "_"));
        std::fs::rename(path, &named).unwrap();
        match text.starts_with("#!/sbin/openrc-run") {
            true => openrc.push(named),
            false => common.push(named),
        }
    }
    assert!(!common.is_empty() && !openrc.is_empty());
    let mut said = String::new();
    for (scripts, excluded) in [
        (common, ""),
        // openrc-run(8) sources the script: it sets and reads the variables
        // that look unused or unset here. A dollar sign in a description is one.
        (openrc, "SC2016,SC2034,SC2154"),
    ] {
        let mut command = Command::new(&shellcheck);
        command.args(["--shell=sh", "--format=gcc", "--exclude", excluded]);
        let (code, stdout, stderr) = run(command.args(scripts));
        if code != 0 {
            said += &(stdout + &stderr);
        }
    }
    assert!(said.is_empty(), "{said}");
}

/// A script with one plain path, or list of such, for every other: which it is plays no part for shellcheck, and
/// a launcher takes it two seconds.
fn shape(text: &str) -> String {
    let (first, rest) = text.split_once('\n').unwrap();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._:-".contains(c);
    let mut shape = format!("{first}\n");
    let mut rest = rest;
    // A word, or what is alone in quotes: behind a blank, a `=` or a quote, and so it ends.
    while let Some(at) = rest.find([' ', '=', '\'']) {
        let (before, after) = rest.split_at(at + 1);
        shape += before;
        let end = after.find(|c| !is_plain(c)).unwrap_or(after.len());
        let ends = after[end..].starts_with([' ', '\n', '\'']);
        rest = match after.starts_with('/') && ends {
            true => {
                shape += "/path";
                &after[end..]
            }
            false => after,
        };
    }
    shape + rest
}

#[test]
fn the_shape_of_a_script_is_all_but_its_paths() {
    let shapes = [
        "#!/bin/sh\na /b/c-d '/e' f=/g:/i\n/h\n",
        "#!/bin/sh\na /b/$c '/e f' /g; /h\n",
    ];
    assert_eq!(
        shapes.map(shape),
        [
            "#!/bin/sh\na /path '/path' f=/path\n/h\n",
            "#!/bin/sh\na /b/$c '/path f' /g; /path\n",
        ]
    );
}

#[test]
fn every_script_may_be_executed() {
    for case in cases() {
        for (path, file) in case.rendered.files() {
            let script = file.content.starts_with(b"#!");
            assert_eq!(script, file.mode & 0o111 != 0, "{} {path}", case.name());
        }
    }
}

#[test]
fn supervisord_reads_its_file() {
    let Some(python) = tool("python3").and_then(|_| supervisors_python()) else {
        return;
    };
    let scratch = Scratch::new();
    let cases: Vec<_> = cases()
        .iter()
        .filter(|case| case.backend.name() == "supervisord")
        .collect();
    // One after the other in one process: supervisor takes longer to load than to read.
    let mut command = Command::new(python);
    command.arg("-c").arg(READ_CONFIG);
    for case in &cases {
        let (_, file) = case
            .rendered
            .files()
            .find(|(path, _)| path.as_str().contains("/supervisor"))
            .unwrap();
        let path = scratch.path().join(case.name());
        let head = b"[supervisord]\nnodaemon=true\n";
        std::fs::write(&path, [head, file.content.as_slice()].concat()).unwrap();
        command.arg(&path);
    }
    let (code, out, err) = run(&mut command);
    assert_eq!((code, err.as_str()), (0, ""));
    let lines: Vec<_> = out.lines().collect();
    assert_eq!(lines.len(), cases.len(), "{out}");
    for (case, line) in cases.iter().zip(lines) {
        let launcher = format!("{}/{}", case.distro.libexec_folder, case.spec);
        assert!(
            line.starts_with(&format!("{} {launcher}", case.spec))
                || line.starts_with(&format!("{} /usr/bin/kubelet-unit", case.spec)),
            "{}: {line}",
            case.name()
        );
    }
}

/// The Python that has the `supervisor` package: a distribution's own is not
/// always the first in `PATH`.
pub(crate) fn supervisors_python() -> Option<&'static str> {
    let found = ["python3", "/usr/bin/python3"].into_iter().find(|python| {
        Command::new(python)
            .args(["-c", "import supervisor.options"])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    });
    assert!(
        found.is_some() || std::env::var_os("CI").is_none(),
        "supervisor's Python package is missing"
    );
    found
}

const READ_CONFIG: &str = "
import sys
from supervisor.options import ServerOptions
for path in sys.argv[1:]:
    options = ServerOptions()
    options.realize(['-c', path])
    for group in options.process_group_configs:
        for program in group.process_configs:
            print(program.name, program.command)
";

#[test]
fn systemd_finds_nothing_wrong() {
    let Some(analyze) = tool("systemd-analyze") else {
        return;
    };
    for case in cases() {
        if case.backend.name() != "systemd" || case.distro.name != "debian" {
            continue;
        }
        let scratch = Scratch::new();
        let root = scratch.path();
        let mut unit = None;
        for (path, file) in case.rendered.files() {
            let place = root.join(path.relative());
            std::fs::create_dir_all(place.parent().unwrap()).unwrap();
            std::fs::write(&place, &file.content).unwrap();
            if path.as_str().ends_with(".service") {
                unit = Some(path.file_name().to_owned());
            }
        }
        // What the unit names has to be there: the program, and the units it wants.
        let program = format!("/usr/bin/{}", case.spec);
        for program in [program, format!("/usr/local/bin/{}", case.spec)] {
            let program = root.join(&program[1..]);
            std::fs::create_dir_all(program.parent().unwrap()).unwrap();
            std::fs::write(&program, "#!/bin/sh\n").unwrap();
            std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
        }
        for wanted in [
            "network-online.target",
            "sysinit.target",
            "basic.target",
            "shutdown.target",
            "multi-user.target",
        ] {
            let path = root.join("usr/lib/systemd/system").join(wanted);
            std::fs::write(path, "[Unit]\nDefaultDependencies=no\n").unwrap();
        }
        let kubelet = root.join("usr/lib/systemd/system/kubelet.service");
        if !kubelet.exists() {
            std::fs::write(kubelet, "[Service]\nExecStart=/usr/bin/kubelet\n").unwrap();
            std::fs::write(root.join("usr/bin/kubelet"), "#!/bin/sh\n").unwrap();
            let mode = PermissionsExt::from_mode(0o755);
            std::fs::set_permissions(root.join("usr/bin/kubelet"), mode).unwrap();
        }
        let mut command = Command::new(&analyze);
        command
            .arg("verify")
            .arg("--man=no")
            .arg("--recursive-errors=no")
            .arg("--root")
            .arg(root)
            .arg(unit.unwrap());
        let silent = (0, String::new(), String::new());
        assert_eq!(run(&mut command), silent, "{}", case.name());
    }
}
