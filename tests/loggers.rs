//! What keeps the log under runit: svlogd, whose sizes are the administrator's to change, and
//! Void's vlogger.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{Scratch, Tree, run, tool};

const PROGRAM: &str = env!("CARGO_BIN_EXE_kubelet-unit");

/// A rootfs as Void's is, in which runit is booted.
fn void() -> Tree {
    let tree = Tree::new();
    tree.kubelet();
    fs::create_dir_all(tree.at("/etc/runit/runsvdir/default")).unwrap();
    tree
}

const CONFIG: &str = "/etc/sv/kubelet/log/config";

#[test]
fn sizes_follow_the_spec_until_they_are_edited() {
    let tree = void();
    let install = ["install", "--init", "runit", "--distro", "void"];
    let with = |size: &'static str| [&install[..], &["--set", size]].concat();
    let config = || {
        format!(
            "{CONFIG}:\n{}\n",
            fs::read_to_string(tree.at(CONFIG)).unwrap()
        )
    };
    let mut said = tree.said(&install) + &config();
    said += &(tree.said(&with("log.maxSize=1MiB")) + &config());
    tree.write(CONFIG, "s5000000\nn9\n");
    said += &tree.said(&["check"]);
    said += &(tree.said(&with("log.maxSize=2MiB")) + &config());
    said += &tree.said(&["check"]);
    let new = fs::read_to_string(tree.at("/etc/sv/kubelet/log/config.new-0.1.0")).unwrap();
    insta::assert_snapshot!(format!("{said}what was laid beside:\n{new}"));
}

#[test]
fn vlogger_is_a_choice_that_is_kept() {
    let tree = void();
    let mut said = tree.said(&["install", "--init", "runit", "--layout", "logger"]);
    said += &tree.said(&[
        "install", "--init", "runit", "--distro", "void", "--layout", "vlogger", "--enable",
    ]);
    said += &tree.said(&["check"]);
    tree.write("/usr/bin/vlogger", "#!/bin/sh\n");
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(tree.at("/usr/bin/vlogger"), mode).unwrap();
    said += &tree.said(&["check"]);
    said += &tree.said(&["install"]);
    let log = fs::read_to_string(tree.at("/etc/sv/kubelet/log/run")).unwrap();
    said += &["log/run:\n", &log, "\n"].concat();
    said += &tree.said(&[
        "install", "--init", "runit", "--distro", "void", "--layout", "svlogd",
    ]);
    insta::assert_snapshot!(said);
}

/// Writes the service directory of a service whose places are all below a folder.
fn written(folder: &Path, options: &[&str]) {
    let at = |name: &str| folder.join(name).display().to_string();
    let mut command = Command::new(PROGRAM);
    command.args(["render", "--init", "runit", "--format", "json"]);
    command.args(["--service-folder", &at("sv"), "--log-folder", &at("log")]);
    let (code, out, err) = run(command.args(options));
    assert_eq!(code, 0, "{err}");
    let json: Value = serde_json::from_str(&out).unwrap();
    for file in json["files"].as_array().unwrap() {
        let path = Path::new(file["path"].as_str().unwrap());
        if path.starts_with(folder) {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file["content"].as_str().unwrap()).unwrap();
            let mode = u32::from_str_radix(file["mode"].as_str().unwrap(), 8).unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
    }
}

/// Runs the logger over a text, and gives what it says.
fn logged(folder: &Path, programs: &Path, text: &[u8]) -> String {
    // By its shell: what was just written cannot be executed while a process that another test has
    // forked in that moment still has it open.
    let mut logger = Command::new("/bin/sh")
        .arg("run")
        .current_dir(folder.join("sv/kubelet/log"))
        .env("PATH", format!("{}:/usr/bin:/bin", programs.display()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    logger.stdin.take().unwrap().write_all(text).unwrap();
    let output = logger.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn svlogd_has_the_sizes_that_are_installed() {
    if tool("svlogd").is_none() {
        return;
    }
    let scratch = Scratch::new();
    let folder = scratch.path();
    let line = format!("{}\n", "x".repeat(99));
    let text = line.repeat(3000);
    // The number of old files, none of which is longer than it may be; then they go, since svlogd
    // removes one for each that it makes.
    let old = |most: u64| {
        let files = fs::read_dir(folder.join("log")).unwrap();
        let mut files: Vec<_> = files.map(|file| file.unwrap()).collect();
        files.retain(|file| file.file_name().to_string_lossy().starts_with('@'));
        let sizes: Vec<_> = files
            .iter()
            .map(|it| it.metadata().unwrap().len())
            .collect();
        assert!(sizes.iter().all(|size| *size <= most), "{sizes:?}");
        for file in &files {
            fs::remove_file(file.path()).unwrap();
        }
        sizes.len()
    };
    written(
        folder,
        &["--set", "log.maxSize=64KiB", "--set", "log.keep=2"],
    );
    assert_eq!(logged(folder, folder, text.as_bytes()), "");
    assert_eq!(old(64 * 1024), 2);
    let target = fs::read_link(folder.join("log/config")).unwrap();
    assert_eq!(target, folder.join("sv/kubelet/log/config"));

    // The next version has other sizes, and the link stays.
    written(
        folder,
        &["--set", "log.maxSize=16KiB", "--set", "log.keep=7"],
    );
    logged(folder, folder, text.as_bytes());
    assert_eq!(old(16 * 1024), 7);

    // A file in the place of the link is somebody's own.
    fs::remove_file(folder.join("log/config")).unwrap();
    fs::write(folder.join("log/config"), "s20000\nn3\n").unwrap();
    logged(folder, folder, text.as_bytes());
    assert_eq!(old(20_000), 3);
    assert!(!folder.join("log/config").is_symlink());
}

#[test]
fn vlogger_is_told_the_service_and_that_it_is_a_daemon() {
    let scratch = Scratch::new();
    let folder = scratch.path();
    written(folder, &["--layout", "vlogger"]);
    let stub = folder.join("vlogger");
    fs::write(&stub, "#!/bin/sh\necho \"$*\"\ncat\n").unwrap();
    fs::set_permissions(&stub, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(
        logged(folder, folder, b"a line\n"),
        "-t kubelet -p daemon\na line\n"
    );
    assert!(!folder.join("sv/kubelet/log/config").exists());
}
