//! The sh launcher against what live systemd gave, under each shell that is
//! `/bin/sh` somewhere: the whole argv and the whole environment are compared.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use kubelet_unit::backends::{BUILTIN, Backend, Launcher, Request};
use kubelet_unit::distro::{self, Overrides};
use kubelet_unit::service::{Argument, Service};
use kubelet_unit::spec::Spec;

use crate::support::{Scratch, tool};
use crate::vectors;

/// Stands in the kubelet's place and writes what it was started with. The
/// kernel's own copies are exact, whatever the shell makes of them.
const RECORDER: &str = "#!/bin/sh\nprintf '%s\\0' $#\n/bin/cat /proc/$$/cmdline /proc/$$/environ\n";

const SHELLS: &[&[&str]] = &[
    &["dash"],
    &["busybox", "sh"],
    &["bash", "--posix"],
    &["bash"],
];

/// What the launcher gives with no env file, besides the arguments.
const BASELINE: &[(&str, &str)] = &[
    (
        "PATH",
        "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ),
    ("LANG", "C.UTF-8"),
    ("USER", "root"),
    (
        "KUBELET_KUBECONFIG_ARGS",
        "--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf \
         --kubeconfig=/etc/kubernetes/kubelet.conf",
    ),
    (
        "KUBELET_CONFIG_ARGS",
        "--config=/var/lib/kubelet/config.yaml",
    ),
];

type Environment = BTreeMap<Vec<u8>, Vec<u8>>;

/// A folder with the launcher, its recorder and its two env files.
struct Bed {
    scratch: Scratch,
    /// What the service is called, and with it its state folder and its cgroup:
    /// no other test and no real kubelet has that name.
    name: String,
}

impl Bed {
    fn new() -> Self {
        Self::of(|_| {})
    }

    /// A bed whose service differs from the kubelet's.
    fn of(change: impl FnOnce(&mut Service)) -> Self {
        let scratch = Scratch::new();
        let name = scratch
            .path()
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let bed = Self { scratch, name };
        let recorder = bed.path("recorder");
        fs::write(&recorder, RECORDER).expect("the recorder");
        fs::set_permissions(&recorder, fs::Permissions::from_mode(0o755)).expect("executable");

        let at = |name: &str| bed.path(name).to_str().unwrap().parse().unwrap();
        let (mut service, places) = Spec::kubelet()
            .service(&distro::GENERIC, &Overrides::default())
            .unwrap();
        service.name = bed.name.parse().unwrap();
        service.program = at("recorder");
        service.env_files[0].path = at("flags");
        service.env_files[1].path = at("default");
        change(&mut service);
        let rendered = s6()
            .render(&Request {
                service: &service,
                places: &places,
                launcher: Launcher::Sh,
            })
            .unwrap();
        let path = format!("/usr/libexec/kubelet-unit/{}", bed.name);
        let text = &rendered.file(&path).expect("the launcher").content;
        fs::write(bed.path("launcher.sh"), text).expect("the launcher");
        bed
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    fn env_file(&self, name: &str, content: Option<&[u8]>) {
        match content {
            Some(content) => fs::write(self.path(name), content).expect("an env file"),
            None => match fs::remove_file(self.path(name)) {
                Err(error) if error.kind() != ErrorKind::NotFound => panic!("{error}"),
                _ => {}
            },
        }
    }

    fn start(&self, shell: &[&str]) -> Output {
        Command::new(shell[0])
            .args(&shell[1..])
            .arg(self.path("launcher.sh"))
            .env("SUPERVISOR_ENABLED", "1")
            .env("odd.name", "1")
            .env("IFS", "x")
            .env("MULTI", "it's\nexport PATH='/evil'\n")
            .stdin(Stdio::null())
            .output()
            .expect("the shell is installed")
    }

    /// Starts the launcher and reads what the recorder got.
    fn record(&self, shell: &[&str]) -> (Vec<Vec<u8>>, Environment, String) {
        let output = self.start(shell);
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{shell:?}: {log}");
        let mut items = output.stdout.split(|byte| *byte == 0);
        let count: usize = std::str::from_utf8(items.next().expect("a count"))
            .ok()
            .and_then(|count| count.parse().ok())
            .expect("a number");
        let items: Vec<_> = items.map(<[u8]>::to_vec).collect();
        // `/bin/sh` and the recorder's path stand before the arguments, and
        // nothing follows the last NUL.
        let (argv, environ) = items[1..items.len() - 1].split_at(1 + count);
        let environment: Environment = environ.iter().map(|entry| split_entry(entry)).collect();
        assert_eq!(environment.len(), environ.len(), "no name comes twice");
        (argv[1..].to_vec(), environment, log)
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(Path::new("/run/kubelet-unit").join(&self.name));
        for root in [
            "/sys/fs/cgroup",
            "/sys/fs/cgroup/unified",
            "/sys/fs/cgroup/systemd",
        ] {
            let _ = fs::remove_dir(format!("{root}/kubelet-unit.{}", self.name));
        }
    }
}

fn s6() -> &'static dyn Backend {
    *BUILTIN
        .iter()
        .find(|backend| backend.name() == "s6")
        .unwrap()
}

/// The shells that are there.
fn shells() -> impl Iterator<Item = &'static [&'static str]> {
    SHELLS
        .iter()
        .copied()
        .filter(|shell| tool(shell[0]).is_some())
}

fn split_entry(entry: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let at = entry.iter().position(|byte| *byte == b'=').expect("a `=`");
    (entry[..at].to_vec(), entry[at + 1..].to_vec())
}

fn baseline() -> Environment {
    BASELINE
        .iter()
        .map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()))
        .collect()
}

/// Runs every case under one shell and names those that differ.
fn differences(shell: &[&str]) -> Vec<String> {
    let bed = Bed::new();
    let mut differing = Vec::new();
    for case in vectors::cases() {
        bed.env_file("flags", case.flags_env.as_deref());
        bed.env_file("default", case.default.as_deref());
        let (argv, environment, _) = bed.record(shell);
        let mut expected = baseline();
        expected.extend(
            case.env
                .iter()
                .map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())),
        );
        let arguments = case.argv[1..].iter().map(String::as_bytes);
        if !arguments.eq(argv.iter().map(Vec::as_slice)) || environment != expected {
            differing.push(format!("{shell:?} {}", case.id));
        }
    }
    differing
}

#[test]
fn every_case_gives_what_systemd_gives() {
    let workers: Vec<_> = shells()
        .map(|shell| thread::spawn(|| differences(shell)))
        .collect();
    let differing: Vec<_> = workers
        .into_iter()
        .flat_map(|worker| worker.join().expect("no panic"))
        .collect();
    assert_eq!(differing, Vec::<String>::new());
}

/// What makes the file unfit, and what the log says of it.
type Unfit = (&'static str, fn(&Path), &'static str);

const UNFIT: &[Unfit] = &[
    (
        "folder",
        |path| fs::create_dir(path).unwrap(),
        "it is a directory",
    ),
    ("fifo", |path| make_fifo(path), "it is not a regular file"),
    (
        "dangling",
        |path| symlink("/nonexistent", path).unwrap(),
        "it is a link to a file that does not exist",
    ),
    (
        "nul",
        |path| fs::write(path, b"KUBELET_EXTRA_ARGS=--a\n\0").unwrap(),
        "it contains a NUL byte",
    ),
    (
        "latin1",
        |path| fs::write(path, b"KUBELET_EXTRA_ARGS=--a\n\nexport X=\xe9\n").unwrap(),
        "line 3: the value is not UTF-8",
    ),
    (
        "huge",
        |path| fs::write(path, "# a comment\n".repeat((64 << 20) / 12 + 1)).unwrap(),
        "it has 64 MiB or more",
    ),
];

fn make_fifo(path: &Path) {
    let status = Command::new("mkfifo").arg(path).status();
    assert!(status.expect("mkfifo").success());
}

fn without_limits(log: &str) -> String {
    // A container may refuse the limit of open files; systemd takes it too
    log.lines()
        .filter(|line| !line.contains(" limit nofile stays "))
        .fold(String::new(), |text, line| text + line + "\n")
}

#[test]
fn an_unfit_optional_file_is_ignored_and_the_log_says_why() {
    for shell in shells() {
        for (name, make, reason) in UNFIT {
            let bed = Bed::new();
            make(&bed.path("default"));
            let (argv, environment, log) = bed.record(shell);
            assert_eq!(argv.len(), 3, "{shell:?} {name}");
            assert_eq!(environment, baseline(), "{shell:?} {name}");
            assert_eq!(
                without_limits(&log),
                format!(
                    "{}: {}: ignored: {reason}\n",
                    bed.name,
                    bed.path("default").display()
                ),
                "{shell:?} {name}"
            );
        }
    }
}

#[test]
fn an_unfit_required_file_stops_the_start() {
    for shell in shells() {
        let bed = Bed::of(|service| service.env_files[1].optional = false);
        let output = bed.start(shell);
        assert_eq!(output.status.code(), Some(78), "{shell:?}");
        assert_eq!(output.stdout, b"", "{shell:?}");
        assert_eq!(
            without_limits(&String::from_utf8_lossy(&output.stderr)),
            format!(
                "{}: cannot read the env file `{}`: it does not exist\n",
                bed.name,
                bed.path("default").display()
            ),
            "{shell:?}"
        );
    }
}

#[test]
fn variables_that_shells_treat_specially_arrive_as_written() {
    let names = [
        "PATH",
        "IFS",
        "PS4",
        "ENV",
        "OPTIND",
        "LC_ALL",
        "HOME",
        "PPID",
        "UID",
        "EUID",
        "SHELLOPTS",
        "BASHOPTS",
        "BASH_ENV",
        "BASH_VERSINFO",
        "_",
        "RANDOM",
        "LINENO",
        "SECONDS",
        "PWD",
        "OLDPWD",
        "SHLVL",
        "MAIL",
        "TERM",
        "POSIXLY_CORRECT",
        "GROUPS",
        "FUNCNAME",
        "launcher_environment",
        "launcher_end",
        "value",
        "state",
        "line",
        "file",
        "service",
    ];
    // A recorder in sh would treat them specially too: cat shows its own.
    let to_cat = |service: &mut Service| {
        service.arguments = vec!["/proc/self/environ".parse::<Argument>().unwrap()];
    };
    for shell in shells() {
        let bed = Bed::of(to_cat);
        fs::remove_file(bed.path("recorder")).expect("the recorder");
        symlink("/bin/cat", bed.path("recorder")).expect("a link");
        for name in names {
            bed.env_file("default", Some(format!("{name}=a b:c\n").as_bytes()));
            let output = bed.start(shell);
            let log = String::from_utf8_lossy(&output.stderr);
            let entries = output.stdout.strip_suffix(b"\0").expect(&log);
            let environment: Environment =
                entries.split(|byte| *byte == 0).map(split_entry).collect();
            let mut expected = baseline();
            expected.insert(name.as_bytes().to_vec(), b"a b:c".to_vec());
            assert_eq!(environment, expected, "{shell:?} {name}");
        }
    }
}

#[test]
fn dropped_lines_are_reported_without_their_values() {
    let text = b"# \xff\nexport SECRET=s\nA-B=s\ngarbage\nFOO=1\n\n \t=x=s\nC\xc3\xa9='s\n'\n";
    for shell in shells() {
        let bed = Bed::new();
        bed.env_file("default", Some(text));
        let (_, environment, log) = bed.record(shell);
        let mut expected = baseline();
        expected.insert(b"FOO".to_vec(), b"1".to_vec());
        assert_eq!(environment, expected, "{shell:?}");
        let at = |line: usize, reason: &str| {
            let path = bed.path("default");
            format!(
                "{}: {}:{line}: ignored: {reason}\n",
                bed.name,
                path.display()
            )
        };
        let report = [
            at(2, "`export SECRET` is not the name of a variable"),
            at(3, "`A-B` is not the name of a variable"),
            at(4, "the line has no `=`"),
            at(7, "`=x` is not the name of a variable"),
            at(8, "what stands before `=` is not the name of a variable"),
        ];
        assert_eq!(without_limits(&log), report.concat(), "{shell:?}");
    }
}
