//! What a command looks at: a machine or a tree once, and no more of it than it needs.

use std::fs;
use std::process::Command;

use crate::support::{Scratch, run};

const PROGRAM: &str = env!("CARGO_BIN_EXE_kubelet-unit");

/// The system calls that a command line makes, one a line.
fn calls(scratch: &Scratch, arguments: &str) -> Option<Vec<String>> {
    let list = scratch.path().join("calls");
    let mut strace = Command::new("strace");
    strace.arg("-f").arg("-o").arg(&list).arg(PROGRAM);
    strace.args(arguments.split(' '));
    // Where strace may not trace, it says so and traces nothing.
    strace.output().ok()?;
    let text = fs::read_to_string(list).ok()?;
    let lines: Vec<_> = text.lines().map(str::to_owned).collect();
    let traced = lines.iter().any(|line| line.contains("execve("));
    traced.then_some(lines)
}

/// When each use case opened the machine for itself, the same command made 2.8 times the
/// calls of a bare `detect`, which looks at everything. A quarter of that is 0.7 times.
#[test]
fn an_installation_on_a_machine_looks_at_it_once() {
    let scratch = Scratch::new();
    let install = "install --root / --init openrc --enable --dry-run";
    let (Some(install), Some(detect)) = (calls(&scratch, install), calls(&scratch, "detect"))
    else {
        eprintln!("skipped: system calls are counted with strace, which cannot be run here");
        return;
    };
    let (few, many) = (install.len(), detect.len());
    assert!(few * 10 <= many * 7, "{few} calls, of detect {many}");
    let opens = |lines: &[String]| {
        let open = |line: &&String| line.contains(r#"openat(AT_FDCWD, "/", "#);
        lines.iter().filter(open).count()
    };
    assert_eq!((opens(&install), opens(&detect)), (1, 1));
    let processes = |line: &&String| line.contains(r#""/proc","#) && line.contains("O_DIRECTORY");
    assert_eq!(detect.iter().filter(processes).count(), 1);
}

/// Nothing is replaced in a hint once its words have been quoted.
#[test]
fn a_hint_can_be_pasted_whatever_the_folders_are_called() {
    let scratch = Scratch::new();
    let tree = scratch.path().join("a'b");
    fs::create_dir(&tree).unwrap();
    let install = |options: &[&str]| {
        let mut command = Command::new(PROGRAM);
        command.args(["install", "--distro", "alpine", "--root"]);
        run(command.arg(&tree).args(options))
    };
    let (code, ..) = install(&["--init", "openrc", "--log-folder", "/{root}/{init}"]);
    assert_eq!(code, 0);
    let (code, _, err) = install(&["--init", "runit", "--launcher", "native"]);
    assert_eq!(code, 1);
    let hint = err.lines().last().unwrap();
    let quoted = tree.to_str().unwrap().replace('\'', r"'\''");
    assert_eq!(
        hint,
        format!(
            "hint: nothing was written; that was installed with `--distro alpine --launcher sh \
             --log-folder '/{{root}}/{{init}}'`: give the same, or remove it first with \
             `kubelet-unit uninstall --root '{quoted}' --init openrc`"
        )
    );
}
