//! A service with both launchers, in a folder of its own.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use kubelet_unit::backends::{BUILTIN, Backend, Launcher, RenderError};
use kubelet_unit::distro;
use kubelet_unit::order::{Order, OrderError};
use kubelet_unit::service::Service;
use nix::mount::{MsFlags, mount};

use crate::EVERY_SHELL;
use crate::shells::{self, Shell};
use crate::support::{Scratch, own_run};

/// Stands in the kubelet's place and writes what it was started with. The
/// kernel's own copies are exact, whatever the shell makes of them.
const RECORDER: &str = "#!/bin/sh\nprintf '%s\\0' $#\n/bin/cat /proc/$$/cmdline /proc/$$/environ\n";

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

/// How the launcher is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Starter {
    /// The sh launcher, under a shell that is `/bin/sh` somewhere.
    Shell(&'static Shell),
    /// `kubelet-unit exec`.
    Native,
}

/// The native launcher: the program that this run has built, or the one that `KUBELET_UNIT_PROGRAM` names.
pub fn program() -> PathBuf {
    let named = std::env::var_os("KUBELET_UNIT_PROGRAM");
    named.map_or_else(|| env!("CARGO_BIN_EXE_kubelet-unit").into(), PathBuf::from)
}

/// Every way that this machine has the programs for; in the inner loop [`both`].
pub fn starters() -> impl Iterator<Item = Starter> {
    let shells = shells::running().filter(|shell| EVERY_SHELL || dash() == Some(*shell));
    shells.map(Starter::Shell).chain([Starter::Native])
}

/// One shell and the native launcher: for what takes seconds.
pub fn both() -> impl Iterator<Item = Starter> {
    let dash = dash().map(Starter::Shell).into_iter();
    dash.chain([Starter::Native])
}

fn dash() -> Option<&'static Shell> {
    shells::running().find(|shell| shell.name == "dash")
}

pub type Environment = BTreeMap<Vec<u8>, Vec<u8>>;

/// What the recorder got.
pub struct Record {
    pub arguments: Vec<Vec<u8>>,
    pub environment: Environment,
    /// What the launcher said.
    pub log: String,
}

/// A folder with the launchers, the recorder and its two env files.
pub struct Bed {
    scratch: Scratch,
    /// What the service is called, and with it its state folder and its cgroup:
    /// no other test and no real kubelet has that name.
    pub name: String,
}

impl Bed {
    pub fn new() -> Self {
        Self::of(|_| {})
    }

    /// A bed whose service differs from the kubelet's.
    pub fn of(change: impl FnOnce(&mut Service)) -> Self {
        own_run();
        let scratch = Scratch::new();
        let name = scratch.path().file_name().unwrap();
        let name = name.to_str().unwrap().to_owned();
        let bed = Self { scratch, name };
        bed.put_program(RECORDER);

        let at = |name: &str| bed.path(name).to_str().unwrap().parse().unwrap();
        let mut placed = Order {
            distro: Some(&distro::GENERIC),
            ..Order::kubelet()
        }
        .place(s6())
        .unwrap();
        let service = &mut placed.service;
        service.name = bed.name.parse().unwrap();
        service.program = at("recorder");
        service.env_files[0].path = at("flags");
        service.env_files[1].path = at("default");
        change(service);
        for launcher in [Launcher::Sh, Launcher::Native] {
            placed.launcher = launcher;
            let rendered = match placed.rendered() {
                // What a sh program cannot do is for the native one alone.
                Err(OrderError::Render(RenderError::NotInSh { .. })) => continue,
                rendered => rendered.unwrap(),
            };
            let path = format!("/usr/libexec/kubelet-unit/{}", bed.name);
            let text = &rendered.file(&path).expect("the launcher").content;
            bed.put_executable(&format!("launcher.{launcher:?}"), text);
        }
        bed
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    /// Puts another program in the recorder's place.
    pub fn put_program(&self, script: &str) {
        self.put_executable("recorder", script.as_bytes());
    }

    fn put_executable(&self, name: &str, content: &[u8]) {
        fs::write(self.path(name), content).expect(name);
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o755)).expect(name);
    }

    pub fn env_file(&self, name: &str, content: Option<&[u8]>) {
        match content {
            Some(content) => fs::write(self.path(name), content).expect("an env file"),
            None => match fs::remove_file(self.path(name)) {
                Err(error) if error.kind() != ErrorKind::NotFound => panic!("{error}"),
                _ => {}
            },
        }
    }

    /// The launcher, with an environment that must not show.
    pub fn command(&self, starter: Starter, verb: &str) -> Command {
        let mut command = match starter {
            Starter::Shell(shell) => {
                let mut command = shell.command();
                command.arg(self.path("launcher.Sh"));
                command
            }
            Starter::Native => {
                let mut command = Command::new(program());
                command.arg("exec").arg(self.path("launcher.Native"));
                command
            }
        };
        command
            .args(verb.split_whitespace())
            .env("SUPERVISOR_ENABLED", "1")
            .env("odd.name", "1")
            .env("IFS", "x")
            .env("MULTI", "it's\nexport PATH='/evil'\n")
            .stdin(Stdio::null());
        command
    }

    pub fn start(&self, starter: Starter) -> Output {
        self.verb(starter, "")
    }

    pub fn verb(&self, starter: Starter, verb: &str) -> Output {
        self.command(starter, verb).output().expect("the launcher")
    }

    /// Starts the service and does not wait for it.
    pub fn spawn(&self, starter: Starter, verb: &str) -> Child {
        let mut command = self.command(starter, verb);
        let command = command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("the launcher")
    }

    /// Starts the launcher and reads what the recorder got.
    pub fn record(&self, starter: Starter) -> Record {
        Self::record_of(&mut self.command(starter, ""))
    }

    /// The same of a launcher's command.
    pub fn record_of(command: &mut Command) -> Record {
        let output = command.output().expect("the launcher");
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{command:?}: {log}");
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
        Record {
            arguments: argv[1..].to_vec(),
            environment,
            log,
        }
    }

    /// Waits until there is a file of this name, which the program writes.
    pub fn await_file(&self, name: &str) -> String {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            match fs::read_to_string(self.path(name)) {
                Ok(text) if text.ends_with('\n') => return text,
                _ => assert!(Instant::now() < end, "`{name}` was not written"),
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// A file of the service's state.
    pub fn state(&self, name: &str) -> String {
        fs::read_to_string(self.state_folder().join(name)).unwrap_or_default()
    }

    /// Where the launcher keeps what it knows of the last start.
    pub fn state_folder(&self) -> PathBuf {
        Path::new("/run/kubelet-unit").join(&self.name)
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        let _ = self.verb(Starter::Native, "end");
        let _ = fs::remove_dir_all(self.state_folder());
        for root in [
            "/sys/fs/cgroup",
            "/sys/fs/cgroup/unified",
            "/sys/fs/cgroup/systemd",
        ] {
            let _ = fs::remove_dir(format!("{root}/kubelet-unit.{}", self.name));
        }
    }
}

/// From here on what this test starts sees no cgroup, as in many containers.
pub fn no_cgroups() {
    // In the mount namespace of the test's own.
    own_run();
    let none = None::<&str>;
    let flags = MsFlags::empty();
    mount(Some("tmpfs"), "/sys/fs/cgroup", Some("tmpfs"), flags, none)
        .expect("a mount over cgroups");
}

fn s6() -> &'static dyn Backend {
    let mut backends = BUILTIN.iter();
    *backends.find(|backend| backend.name() == "s6").unwrap()
}

pub fn split_entry(entry: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let at = entry.iter().position(|byte| *byte == b'=').expect("a `=`");
    (entry[..at].to_vec(), entry[at + 1..].to_vec())
}

pub fn baseline() -> Environment {
    BASELINE
        .iter()
        .map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()))
        .collect()
}

/// The log without what it says of limits: a container may refuse that of open
/// files, which systemd takes too.
pub fn without_limits(log: &str) -> String {
    log.lines()
        .filter(|line| !line.contains(" limit nofile "))
        .fold(String::new(), |text, line| text + line + "\n")
}
