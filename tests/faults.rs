//! The installer killed, refused and led astray: the tree is then the old or the
//! new of each file, running it again finishes, and nothing outside changes.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::stat::{Mode, SFlag, makedev, mknod};

use crate::support::{Scratch, is_root, run, tool, walk};

/// A path below a tree, with its mode and what it holds.
type Snapshot = BTreeMap<String, (u32, String)>;

fn snapshot(folder: &Path) -> Snapshot {
    let entry = |path: &PathBuf| {
        let status = path.symlink_metadata().unwrap();
        let kind = status.file_type();
        let holds = match () {
            () if kind.is_symlink() => format!("-> {}", fs::read_link(path).unwrap().display()),
            () if kind.is_dir() => "folder".into(),
            () if kind.is_file() => fs::read_to_string(path).unwrap(),
            () if kind.is_fifo() => "FIFO".into(),
            () => "other".into(),
        };
        let name = path.strip_prefix(folder).unwrap().display().to_string();
        (name, (status.mode() & 0o7777, holds))
    };
    walk(folder).iter().map(entry).collect()
}

/// The files of a tree without its record, and without folders.
fn files(snapshot: &Snapshot) -> Snapshot {
    let mut files = snapshot.clone();
    files
        .retain(|path, (_, holds)| holds != "folder" && !path.starts_with("var/lib/kubelet-unit/"));
    files
}

/// A tree and something beside it that must not change.
struct Bed {
    scratch: Scratch,
    outside: Snapshot,
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_kubelet-unit");

impl Bed {
    fn new() -> Self {
        let scratch = Scratch::in_memory();
        for folder in ["root", "outside/etc/init.d"] {
            fs::create_dir_all(scratch.path().join(folder)).unwrap();
        }
        fs::write(scratch.path().join("outside/etc/init.d/kubelet"), "outside").unwrap();
        fs::write(scratch.path().join("outside/secret"), "outside").unwrap();
        let outside = snapshot(&scratch.path().join("outside"));
        Self { scratch, outside }
    }

    fn root(&self) -> PathBuf {
        self.scratch.path().join("root")
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        // Nothing that a tree holds may block it.
        let mut command = Command::new("timeout");
        command.args(["60", PROGRAM]).args(arguments);
        command.arg("--root").arg(self.root());
        command
    }

    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let (code, _, err) = run(&mut self.command(arguments));
        (
            code,
            err.replace(self.scratch.path().to_str().unwrap(), "BED"),
        )
    }

    /// The same with something done to one of its system calls.
    fn inject(&self, arguments: &[&str], what: &str) -> (i32, String) {
        let mut command = Command::new("strace");
        command.args(["-qq", "-o", "/dev/null", "-e", &format!("inject={what}")]);
        command
            .arg(PROGRAM)
            .args(arguments)
            .arg("--root")
            .arg(self.root());
        let (code, _, err) = run(&mut command);
        (
            code,
            err.replace(self.scratch.path().to_str().unwrap(), "BED"),
        )
    }

    fn check_outside(&self, about: &str) {
        let outside = snapshot(&self.scratch.path().join("outside"));
        assert_eq!(outside, self.outside, "{about}");
    }
}

const INSTALL: &[&str] = &["install", "--init", "openrc", "--distro", "alpine"];
/// The next version, as far as the files go.
const UPGRADE: &[&str] = &[
    "install",
    "--init",
    "openrc",
    "--distro",
    "alpine",
    "--log-folder",
    "/var/log/other",
    "--launcher",
    "native",
];
const ENABLE: &[&str] = &[
    "install", "--init", "openrc", "--distro", "alpine", "--enable",
];
/// The same service under an init that shares its launcher.
const OTHER: &[&str] = &["install", "--init", "runit", "--distro", "alpine"];
const PURGE_OTHER: &[&str] = &["uninstall", "--init", "runit", "--purge"];
const UNINSTALL: &[&str] = &["uninstall", "--init", "openrc"];
const PURGE: &[&str] = &["uninstall", "--init", "openrc", "--purge"];

/// What each scenario begins with.
fn prepare(bed: &Bed, scenario: &str) {
    if !matches!(scenario, "install" | "enable") {
        assert_eq!(bed.run(INSTALL).0, 0);
        let conf = bed.at("etc/conf.d/kubelet");
        let text = fs::read_to_string(&conf).unwrap();
        fs::write(conf, format!("{text}# mine\n")).unwrap();
        if is_root() {
            let rotation = bed.at("etc/logrotate.d/kubelet");
            chown(&rotation, Some(12), Some(34)).unwrap();
            fs::set_permissions(rotation, Permissions::from_mode(0o600)).unwrap();
        }
    }
    if scenario == "uninstall one of two" {
        assert_eq!(bed.run(OTHER).0, 0);
    }
    if matches!(scenario, "purge later" | "install again") {
        assert_eq!(bed.run(UNINSTALL).0, 0);
    }
}

const SCENARIOS: &[(&str, &[&str])] = &[
    ("install", INSTALL),
    ("enable", ENABLE),
    ("upgrade", UPGRADE),
    ("uninstall", UNINSTALL),
    ("uninstall one of two", UNINSTALL),
    ("purge", PURGE),
    ("purge later", PURGE),
    ("install again", INSTALL),
];

/// The system calls by which the installer changes anything.
const WRITING: &[&str] = &[
    "openat",
    "write",
    "fchmod",
    "fchown",
    "fsync",
    "mkdirat",
    "renameat",
    "unlinkat",
    "symlinkat",
    "flock",
];

/// How often each of them is called in a run without faults.
fn counts(scenario: &str, arguments: &[&str]) -> Vec<(&'static str, usize)> {
    let bed = Bed::new();
    prepare(&bed, scenario);
    let log = bed.scratch.path().join("log");
    let mut command = Command::new("strace");
    command.arg("-qq").arg("-o").arg(&log).arg("-e");
    command.arg(format!("trace={}", WRITING.join(",")));
    command
        .arg(PROGRAM)
        .args(arguments)
        .arg("--root")
        .arg(bed.root());
    assert_eq!(run(&mut command).0, 0);
    let log = fs::read_to_string(log).unwrap();
    let count = |call: &&'static str| {
        let start = format!("{call}(");
        // What it says is written, too, after all the rest.
        let says = |line: &str| line.starts_with("write(1,") || line.starts_with("write(2,");
        let lines = log.lines().filter(|line| !says(line));
        (*call, lines.filter(|line| line.starts_with(&start)).count())
    };
    WRITING.iter().map(count).collect()
}

fn strace_works() -> bool {
    tool("strace").is_some() && tool("timeout").is_some()
}

/// Each file is as before or as after, and nothing else is there but what has not
/// been finished.
fn check_between(now: &Snapshot, before: &Snapshot, after: &Snapshot, about: &str) {
    for (path, file) in files(now) {
        let is_whole = before.get(&path) == Some(&file) || after.get(&path) == Some(&file);
        assert!(
            is_whole || path.ends_with(".kubelet-unit~"),
            "{about}: {path}: {file:?}"
        );
    }
    for path in files(before)
        .keys()
        .filter(|path| after.contains_key(*path))
    {
        assert!(now.contains_key(path), "{about}: {path} is gone");
    }
}

#[test]
fn killed_at_every_writing_call_it_finishes_when_run_again() {
    if !strace_works() {
        return;
    }
    let mut points = 0;
    for (scenario, arguments) in SCENARIOS {
        let clean = Bed::new();
        prepare(&clean, scenario);
        let before = snapshot(&clean.root());
        assert_eq!(clean.run(arguments).0, 0);
        let after = snapshot(&clean.root());
        for (call, count) in counts(scenario, arguments) {
            for when in 1..=count {
                let about = format!("{scenario}, killed at {call} {when}");
                let bed = Bed::new();
                prepare(&bed, scenario);
                let (code, _) = bed.inject(arguments, &format!("{call}:signal=KILL:when={when}"));
                assert_ne!(code, 0, "{about}");
                check_between(&snapshot(&bed.root()), &before, &after, &about);
                let (code, err) = bed.run(arguments);
                // What is removed last is the record, and then nothing is installed.
                let removes = arguments[0] == "uninstall";
                let done = code == 0 || removes && err.contains("not installed");
                assert!(done, "{about}: {err}");
                assert_eq!(files(&snapshot(&bed.root())), files(&after), "{about}");
                if removes {
                    bed.run(PURGE);
                    bed.run(PURGE_OTHER);
                    let mut left = snapshot(&bed.root());
                    // Once the record has gone, nobody knows who made its folder.
                    left.retain(|path, _| !"var/lib/kubelet-unit".starts_with(path));
                    assert_eq!(left, Snapshot::new(), "{about}");
                } else {
                    assert_eq!(folders(&snapshot(&bed.root())), folders(&after), "{about}");
                    let (code, err) = bed.run(arguments);
                    assert!(code == 0 && err.contains("nothing to do"), "{about}: {err}");
                }
                bed.check_outside(&about);
                points += 1;
            }
        }
    }
    assert!(points >= 100, "only {points} points");
    eprintln!("killed at {points} points");
}

fn folders(snapshot: &Snapshot) -> Snapshot {
    let mut folders = snapshot.clone();
    folders.retain(|_, (_, holds)| holds == "folder");
    folders
}

#[test]
fn refused_by_the_system_it_names_the_path_and_finishes_later() {
    if !strace_works() {
        return;
    }
    let clean = Bed::new();
    prepare(&clean, "upgrade");
    let before = snapshot(&clean.root());
    assert_eq!(clean.run(UPGRADE).0, 0);
    let after = snapshot(&clean.root());
    let counts: BTreeMap<_, _> = counts("upgrade", UPGRADE).into_iter().collect();
    for (call, error) in [
        ("write", "ENOSPC"),
        ("fsync", "EIO"),
        ("renameat", "EROFS"),
        ("fchmod", "EPERM"),
        ("fchown", "EIO"),
        ("flock", "EAGAIN"),
    ] {
        // The lock is given back as well, which nobody minds.
        let count = if call == "flock" { 1 } else { counts[call] };
        for when in 1..=count {
            let about = format!("{call} {when} fails with {error}");
            let bed = Bed::new();
            prepare(&bed, "upgrade");
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
    let bed = Bed::new();
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
    let bed = Bed::new();
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
fn a_root_may_be_a_link() {
    let bed = Bed::new();
    let real = bed.scratch.path().join("real");
    fs::remove_dir(bed.root()).unwrap();
    fs::create_dir(&real).unwrap();
    symlink("real", bed.root()).unwrap();
    assert_eq!(bed.run(INSTALL).0, 0);
    assert!(real.join("etc/init.d/kubelet").is_file());
    assert_eq!(bed.run(UNINSTALL).0, 0);
    assert_eq!(snapshot(&real), Snapshot::new());
}

/// Puts something in the way of a path.
fn obstruct(bed: &Bed, path: &str, obstacle: &str) {
    let at = bed.at(path);
    fs::create_dir_all(at.parent().unwrap()).unwrap();
    let outside = bed.scratch.path().join("outside");
    let up = "../".repeat(30);
    match obstacle {
        "absolute link out" => symlink(outside.join("secret"), at).unwrap(),
        "link to a folder outside" => symlink(outside.join("etc/init.d"), at).unwrap(),
        "relative link out" => symlink(format!("{up}{}", outside.display()), at).unwrap(),
        "link beside the root" => symlink("../outside", at).unwrap(),
        "loop" => symlink(at.file_name().unwrap(), &at).unwrap(),
        "FIFO" => nix::unistd::mkfifo(&at, nix::sys::stat::Mode::S_IRWXU).unwrap(),
        "socket" => drop(std::os::unix::net::UnixListener::bind(at).unwrap()),
        // Reading it takes for ever.
        "device" => mknod(
            &at,
            SFlag::S_IFCHR,
            Mode::S_IRWXU,
            makedev(1, 5), // /dev/zero
        )
        .unwrap(),
        "file" => fs::write(at, "a file").unwrap(),
        "folder" => fs::create_dir_all(at.join("full")).unwrap(),
        other => panic!("{other}"),
    }
}

const OBSTACLES: &[&str] = &[
    "absolute link out",
    "link to a folder outside",
    "relative link out",
    "link beside the root",
    "loop",
    "FIFO",
    "socket",
    "device",
];

#[test]
fn hostile_roots_lead_nowhere_else() {
    let places = [
        ("etc", "file"),
        ("etc/init.d", "file"),
        ("etc/init.d/kubelet", "folder"),
        ("etc/conf.d/kubelet", "folder"),
        ("var/lib/kubelet-unit", "file"),
        ("var/lib/kubelet-unit/kubelet.openrc.json", "folder"),
        ("usr/libexec/kubelet-unit/kubelet", "file"),
    ];
    let mut roots = 0;
    for (path, odd) in places {
        for obstacle in OBSTACLES.iter().copied().chain([odd]) {
            if obstacle == "device" && !is_root() {
                continue;
            }
            let about = format!("{obstacle} at {path}");
            let bed = Bed::new();
            obstruct(&bed, path, obstacle);
            let before = snapshot(&bed.root());
            for arguments in [
                INSTALL,
                &["check", "--init", "openrc"],
                &["diff", "--init", "openrc"],
                &[INSTALL, &["--force"]].concat(),
                UNINSTALL,
            ] {
                let (code, err) = bed.run(arguments);
                bed.check_outside(&about);
                assert!(
                    (0..=2).contains(&code),
                    "{about}: {arguments:?}: {code} {err}"
                );
                if arguments == INSTALL {
                    // A link that leads to nothing inside is as bad as any other.
                    assert_eq!(code, 1, "{about}: {err}");
                    let named = err.contains(&format!("BED/root/{path}"));
                    assert!(named, "{about}: {err}");
                    assert_eq!(snapshot(&bed.root()), before, "{about}");
                }
            }
            roots += 1;
        }
    }
    assert!(roots >= 30);
    eprintln!("{roots} hostile roots");
}

#[test]
fn links_inside_are_followed_inside() {
    let bed = Bed::new();
    for folder in ["etc/rc.d/init.d", "merged/libexec"] {
        fs::create_dir_all(bed.at(folder)).unwrap();
    }
    symlink("rc.d/init.d", bed.at("etc/init.d")).unwrap();
    symlink("/merged", bed.at("usr")).unwrap();
    assert_eq!(bed.run(INSTALL).0, 0);
    assert!(bed.at("etc/rc.d/init.d/kubelet").is_file());
    assert!(bed.at("merged/libexec/kubelet-unit/kubelet").is_file());
    assert!(bed.run(INSTALL).1.contains("nothing to do"));
    assert_eq!(bed.run(UNINSTALL).0, 0);
    assert!(
        files(&snapshot(&bed.root()))
            .values()
            .all(|(_, holds)| holds.starts_with("->"))
    );
}

#[test]
fn a_link_swapped_in_while_it_runs_leads_nowhere_else() {
    let bed = Bed::new();
    fs::create_dir_all(bed.at("etc/init.d")).unwrap();
    let outside = bed.scratch.path().join("outside/etc/init.d");
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (place, aside) = (bed.at("etc/init.d"), bed.at("etc/aside"));
            while !done.load(Ordering::Relaxed) {
                let _ = fs::rename(&place, &aside);
                let _ = symlink(&outside, &place);
                let _ = fs::remove_file(&place);
                let _ = symlink("../../outside/etc/init.d", &place);
                let _ = fs::remove_file(&place);
                let _ = fs::rename(&aside, &place);
            }
        });
        for _ in 0..30 {
            bed.run(INSTALL);
            bed.run(&[INSTALL, &["--force"]].concat());
            bed.run(UNINSTALL);
        }
        done.store(true, Ordering::Relaxed);
    });
    bed.check_outside("swapped");
}

#[test]
fn two_at_once_do_not_mix() {
    let bed = Bed::new();
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
