//! The launchers against the ways in which they are usually replaced: executing the
//! program at once, and sourcing the env files.
//!
//! Entering a cgroup takes a grace period of the kernel's, which is up to tens of
//! milliseconds after a pause; so the launchers are measured with `kill: process` as
//! well, where they do without.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use kubelet_unit::backends::{BUILTIN, Launcher};
use kubelet_unit::distro::GENERIC;
use kubelet_unit::order::Order;
use kubelet_unit::service::{self, Bound, Kill, Limit};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::resource::{Resource, getrlimit};

use crate::builds::EXEC;
use crate::pairs::{Contender, compare};

/// Gives this process a `/run` that is a tmpfs, as every machine has it that boots
/// one of the inits; where it is a folder on a disk, the state that a start writes
/// there takes as long as all the rest.
fn use_a_run_of_its_own() -> nix::Result<()> {
    unshare(CloneFlags::CLONE_NEWNS)?;
    let none = None::<&str>;
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(none, "/", none, private, none)?;
    mount(Some("tmpfs"), "/run", Some("tmpfs"), MsFlags::empty(), none)
}

/// A folder with both launchers and the env files; removed when it is dropped, with
/// the state and the cgroup that a start leaves.
struct Launchers {
    folder: PathBuf,
    name: String,
}

impl Launchers {
    fn new(flags: &str, extra: &str) -> Self {
        let name = format!("kubelet-unit-bench-{}", std::process::id());
        let folder = std::env::temp_dir().join(&name);
        fs::create_dir_all(&folder).unwrap();
        let launchers = Self { folder, name };
        fs::write(launchers.path("flags"), flags).unwrap();
        fs::write(launchers.path("extra"), extra).unwrap();
        for (kill, cgroup) in [(Kill::Group, ""), (Kill::Process, "-no-cgroup")] {
            launchers.put_launcher(Launcher::Sh, kill, &format!("sh{cgroup}"));
            launchers.put_launcher(Launcher::Native, kill, &format!("native{cgroup}"));
        }
        launchers
    }

    fn put_launcher(&self, launcher: Launcher, kill: Kill, file: &str) {
        let openrc = BUILTIN.iter().find(|it| it.name() == "openrc").unwrap();
        let order = Order {
            distro: Some(&GENERIC),
            launcher,
            ..Order::kubelet()
        };
        let mut placed = order.place(*openrc).unwrap();
        let service = &mut placed.service;
        service.name = self.name.parse().unwrap();
        service.program = "/bin/true".parse().unwrap();
        service.stop.kill = kill;
        // A limit that is refused costs a line in the log, which is not the common case.
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
        let [soft, hard] = [soft, hard].map(Bound::At);
        service
            .limits
            .set(service::Resource::Nofile, Some(Limit { soft, hard }));
        service.env_files[0].path = self.path("flags").to_str().unwrap().parse().unwrap();
        service.env_files[1].path = self.path("extra").to_str().unwrap().parse().unwrap();
        let rendered = placed.rendered().unwrap();
        let path = format!("{}/{}", placed.places.libexec_folder, self.name);
        let path = rendered.file(&path).unwrap();
        fs::write(self.path(file), &path.content).unwrap();
        fs::set_permissions(self.path(file), PermissionsExt::from_mode(0o755)).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

impl Drop for Launchers {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
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

pub(crate) fn run(rounds: usize) {
    if let Err(error) = use_a_run_of_its_own() {
        println!("the machine's own /run is used: {error}");
    }
    let flags = "KUBELET_KUBEADM_ARGS=\"--container-runtime-endpoint=unix:///var/run/containerd/containerd.sock --pod-infra-container-image=registry.k8s.io/pause:3.9\"\n";
    let extra = "# The administrator's\n\nKUBELET_EXTRA_ARGS=\"--v=4 --node-ip=10.0.0.1\"\nGODEBUG=x509sha1=1\n";
    let small = EXEC.program();
    let small = small.as_deref();
    size("five lines", rounds, small, flags, extra);
    for kilobytes in [20, 86] {
        let line = |number: usize| format!("VARIABLE_{number}=\"value number {number}\"\n");
        let lines: String = (0..kilobytes * 1000 / 40).map(line).collect();
        size(
            &format!("{kilobytes} kB of lines"),
            rounds / 8,
            small,
            flags,
            &lines,
        );
        let words = "--node-labels=a=b ".repeat(kilobytes * 1000 / 18);
        let one = format!("KUBELET_EXTRA_ARGS=\"{words}\"\n");
        size(
            &format!("{kilobytes} kB in one line"),
            rounds / 8,
            small,
            flags,
            &one,
        );
    }
}

fn size(title: &str, rounds: usize, small: Option<&Path>, flags: &str, extra: &str) {
    let launchers = Launchers::new(flags, extra);
    let words = |name: &str| launchers.path(name).to_str().unwrap().to_owned();
    let sourcing = format!(
        "set -a; . {}; . {}; exec /bin/true $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS",
        words("flags"),
        words("extra")
    );
    let dash = |script: String| {
        move || {
            let mut command = Command::new("dash");
            command.arg("-c").arg(&script);
            command
        }
    };
    let script = |shell: &[&'static str], file: &str| {
        let words = [shell, &[]].concat();
        let file = launchers.path(file);
        move || {
            let mut command = Command::new(words[0]);
            command.args(&words[1..]).arg(&file);
            command
        }
    };
    let native = |program: &Path, file: &str| {
        let (program, file) = (program.to_owned(), launchers.path(file));
        move || {
            let mut command = Command::new(&program);
            command.arg("exec").arg(&file);
            command
        }
    };
    let whole = Path::new(env!("CARGO_BIN_EXE_kubelet-unit"));
    let mut contenders = vec![
        Contender::new("dash -c 'exec /bin/true'", dash("exec /bin/true".into())),
        Contender::new("dash, sourcing the files", dash(sourcing)),
        Contender::new("sh launcher, dash", script(&["dash"], "sh-no-cgroup")),
        Contender::new(
            "sh launcher, busybox",
            script(&["busybox", "sh"], "sh-no-cgroup"),
        ),
        Contender::new("native launcher", native(whole, "native-no-cgroup")),
        Contender::new("sh launcher, dash, cgroup", script(&["dash"], "sh")),
        Contender::new("native launcher, cgroup", native(whole, "native")),
    ];
    if let Some(small) = small {
        let command = native(small, "native-no-cgroup");
        contenders.push(Contender::new(
            "native launcher, static, exec alone",
            command,
        ));
    }
    compare(&format!("launchers, {title}"), rounds.max(3), &contenders);
}
