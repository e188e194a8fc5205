//! Refused by the system, or by another that is at work: what is in the way is named.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::{Fenced, INSTALL, PROGRAM, UPGRADE, check_between, files, points, strace_works};
use crate::support::{Snapshot, is_root, run, snapshot, tool};

#[test]
fn refused_by_the_system_it_names_the_path_and_finishes_later() {
    if !strace_works() {
        return;
    }
    let begun = Fenced::prepared("upgrade");
    let before = snapshot(&begun.root());
    let clean = begun.copy();
    assert_eq!(clean.run(UPGRADE).0, 0);
    let after = snapshot(&clean.root());
    let points = points(&begun, UPGRADE);
    for (call, error) in [
        ("write", "ENOSPC"),
        ("fsync", "EIO"),
        ("renameat", "EROFS"),
        ("fchmod", "EPERM"),
        ("fchown", "EIO"),
        ("flock", "EAGAIN"),
    ] {
        // The lock is given back as well, which nobody minds.
        let most = if call == "flock" { 1 } else { usize::MAX };
        let whens = points.iter().filter(|it| it.0 == call).map(|it| it.1);
        for when in whens.take(most) {
            let about = format!("{call} {when} fails with {error}");
            let bed = begun.copy();
            let (code, err) = bed.inject(UPGRADE, &format!("{call}:error={error}:when={when}"));
            assert_eq!(code, 1, "{about}: {err}");
            assert!(err.contains("`BED/root/"), "{about}: {err}");
            let now = snapshot(&bed.root());
            check_between(&now, &before, &after, &about);
            let unfinished = now.keys().find(|path| path.ends_with('~'));
            assert_eq!(unfinished, None, "{about}");
            let (code, err) = bed.run(UPGRADE);
            assert_eq!(code, 0, "{about}: {err}");
            assert_eq!(files(&snapshot(&bed.root())), files(&after), "{about}");
        }
    }
}

#[test]
fn a_full_or_read_only_disk_is_named() {
    // In a mount namespace of their own, so that nothing stays mounted.
    if tool("unshare").is_none() || !is_root() {
        return;
    }
    let bed = Fenced::new();
    let root = bed.root().display().to_string();
    for (mount, wanted) in [
        ("mount -t tmpfs -o size=20k full", "No space left on device"),
        ("mount -t tmpfs -o ro none", "Read-only file system"),
    ] {
        let script = format!(
            "{mount} {root} && {PROGRAM} {} --root {root}",
            INSTALL.join(" ")
        );
        let (code, _, err) = run(Command::new("unshare").args(["-m", "sh", "-c", &script]));
        assert_eq!(code, 1, "{err}");
        assert!(
            err.contains(wanted) && err.contains(&format!("`{root}/")),
            "{err}"
        );
    }
    assert_eq!(snapshot(&bed.root()), Snapshot::new());
}

#[test]
fn a_folder_without_permission_is_named() {
    if tool("setpriv").is_none() || !is_root() {
        return;
    }
    let bed = Fenced::new();
    let program = bed.scratch.path().join("program");
    fs::copy(PROGRAM, &program).unwrap();
    fs::set_permissions(bed.root(), Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(program);
    command.args(INSTALL).arg("--root").arg(bed.root());
    let (code, _, err) = run(&mut command);
    assert_eq!(code, 1);
    assert!(err.contains("root/var`: Permission denied"), "{err}");
    assert_eq!(snapshot(&bed.root()), Snapshot::new());
}

#[test]
fn two_at_once_do_not_mix() {
    let bed = Fenced::new();
    let codes: Vec<_> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..8)
            .map(|number| {
                let bed = &bed;
                let arguments = if number % 2 == 0 { INSTALL } else { UPGRADE };
                scope.spawn(move || bed.run(arguments))
            })
            .collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    for (code, err) in &codes {
        let expected = *code == 0 || err.contains("another process is at work in `BED/root/");
        assert!(expected, "{code}: {err}");
    }
    assert!(codes.iter().any(|(code, _)| *code == 0));
    assert_eq!(bed.run(INSTALL).0, 0);
    assert!(bed.run(INSTALL).1.contains("nothing to do"));
}
