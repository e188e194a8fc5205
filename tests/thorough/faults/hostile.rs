//! Trees with links, loops and devices in the way: nothing outside is read or written.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::stat::{Mode, SFlag, makedev, mknod};

use super::{Fenced, INSTALL, UNINSTALL, files};
use crate::support::{Snapshot, is_root, snapshot};

#[test]
fn a_root_may_be_a_link() {
    let bed = Fenced::new();
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
fn obstruct(bed: &Fenced, path: &str, obstacle: &str) {
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
            let bed = Fenced::new();
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
    let bed = Fenced::new();
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
    let bed = Fenced::new();
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
