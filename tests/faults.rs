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

mod jail;

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
        command.current_dir(self.scratch.path());
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
            .current_dir(self.scratch.path())
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
    match scenario {
        "migrate" => return another_service(bed),
        "rewrite" => {
            let flags = "KUBELET_KUBEADM_ARGS=\"--pod-infra-container-image=a --v=2\"\n";
            write(bed, "var/lib/kubelet/kubeadm-flags.env", flags);
            // Kept by an earlier run.
            return write(bed, "var/lib/kubelet/kubeadm-flags.env.bak", "earlier\n");
        }
        "kubeadm" => {
            fs::write(bed.scratch.path().join("kubeadm.yaml"), CONFIGURATION).unwrap();
            return write(bed, CONFIG, CONFIGURATION);
        }
        _ => {}
    }
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

fn write(bed: &Bed, path: &str, text: &str) {
    fs::create_dir_all(bed.at(path).parent().unwrap()).unwrap();
    fs::write(bed.at(path), text).unwrap();
}

/// Alpine's service, with an argument that ours does not pass, and the administrator's file.
fn another_service(bed: &Bed) {
    let fixture = crate::support::repository().join("fixtures/services/alpine");
    for path in ["etc/init.d/kubelet", "etc/conf.d/kubelet"] {
        let text = fs::read_to_string(fixture.join(path)).unwrap();
        write(bed, path, &text);
    }
    fs::set_permissions(bed.at("etc/init.d/kubelet"), Permissions::from_mode(0o755)).unwrap();
    write(bed, "etc/conf.d/kubelet.env", "KUBELET_EXTRA_ARGS=--v=2\n");
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

/// What begins with another's service, with its arguments to be moved.
const MIGRATE: &[&str] = &[
    "install",
    "--init",
    "openrc",
    "--distro",
    "alpine",
    "--migrate",
];
/// The node's own file for a newer kubelet.
const REWRITE: &[&str] = &["kubeadm", "flags", "--for", "1.35"];
/// kubeadm's files. The configuration is in the folder that each command runs in.
const KUBEADM: &[&str] = &[
    "kubeadm",
    "config",
    "--config",
    "kubeadm.yaml",
    "--hostname",
    "node-a",
    "--init",
    "openrc",
];

const CONFIG: &str = "var/lib/kubelet/config.yaml";

const CONFIGURATION: &str = "apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.34.0
";

/// What writes into files that others have written as well.
const OTHERS: &[(&str, &[&str])] = &[
    ("migrate", MIGRATE),
    ("rewrite", REWRITE),
    ("kubeadm", KUBEADM),
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

/// The calls of a run without faults at which something is written: each with its number
/// among the calls of its name.
fn points(scenario: &str, arguments: &[&str]) -> Vec<(&'static str, usize)> {
    let bed = Bed::new();
    prepare(&bed, scenario);
    let log = bed.scratch.path().join("log");
    let mut command = Command::new("strace");
    command.arg("-qq").arg("-o").arg(&log).arg("-e");
    command.arg(format!("trace={}", WRITING.join(",")));
    command
        .current_dir(bed.scratch.path())
        .arg(PROGRAM)
        .args(arguments)
        .arg("--root")
        .arg(bed.root());
    let (code, out, err) = run(&mut command);
    assert_eq!(code, 0, "{out}{err}");
    points_of(&fs::read_to_string(log).unwrap())
}

/// The same of what strace has written. A file that is opened to be read is not written, nor
/// is what the program says.
fn points_of(log: &str) -> Vec<(&'static str, usize)> {
    let mut all = Vec::new();
    for call in WRITING {
        let start = format!("{call}(");
        let lines = log.lines().filter(|line| line.starts_with(&start));
        for (number, line) in lines.enumerate() {
            let reads = *call == "openat" && !line.contains("O_CREAT");
            let says = line.starts_with("write(1,") || line.starts_with("write(2,");
            if !reads && !says {
                all.push((*call, number + 1));
            }
        }
    }
    all
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
    let mut number = 0;
    for (scenario, arguments) in SCENARIOS {
        number += killed(scenario, arguments);
    }
    assert!(number >= 100, "only {number} points");
    eprintln!("killed at {number} points");
}

#[test]
fn killed_while_it_takes_over_or_rewrites_nothing_is_lost() {
    if !strace_works() {
        return;
    }
    let mut number = 0;
    for (scenario, arguments) in OTHERS {
        let bed = Bed::new();
        prepare(&bed, scenario);
        let before = snapshot(&bed.root());
        assert_eq!(bed.run(arguments).0, 0);
        // What was there is there still, beside what has come into its place; kubeadm's own
        // files are written over, as kubeadm does.
        let after: Vec<_> = snapshot(&bed.root()).into_values().map(|it| it.1).collect();
        let lost = files(&before)
            .into_iter()
            .find(|(path, it)| path != CONFIG && !after.contains(&it.1));
        assert_eq!(lost, None, "{scenario}");
        number += killed(scenario, arguments);
    }
    assert!(number >= 60, "only {number} points");
    eprintln!("killed at {number} points");
}

/// Kills a run at every writing call, and runs it again.
fn killed(scenario: &str, arguments: &[&str]) -> usize {
    let clean = Bed::new();
    prepare(&clean, scenario);
    let before = snapshot(&clean.root());
    let (code, err) = clean.run(arguments);
    assert_eq!(code, 0, "{scenario}: {err}");
    let after = snapshot(&clean.root());
    let points = points(scenario, arguments);
    for (call, when) in &points {
        let about = format!("{scenario}, killed at {call} {when}");
        let bed = Bed::new();
        prepare(&bed, scenario);
        let (code, _) = bed.inject(arguments, &format!("{call}:signal=KILL:when={when}"));
        assert_ne!(code, 0, "{about}");
        let now = snapshot(&bed.root());
        check_between(&now, &before, &after, &about);
        // No content is lost at any time that is there in the end.
        let there: Vec<_> = now.values().collect();
        for (path, file) in files(&before) {
            let is_kept = after.values().any(|it| it.1 == file.1);
            let is_there = there.iter().any(|it| it.1 == file.1);
            assert!(!is_kept || is_there, "{about}: what {path} held is gone");
        }
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
            let nothing = arguments[0] != "install" || err.contains("nothing to do");
            assert!(code == 0 && nothing, "{about}: {err}");
            assert_eq!(files(&snapshot(&bed.root())), files(&after), "{about}");
        }
        bed.check_outside(&about);
    }
    points.len()
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
    let points = points("upgrade", UPGRADE);
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
