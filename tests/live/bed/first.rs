//! The first process of a bed: it builds the bed's file tree, then becomes PID 1 of the pid namespace in earnest.
//!
//! Either it executes the init (systemd), or it starts the supervisor and reaps: without that a
//! `stop` that waits for the end of an orphan would never return.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::errno::Errno;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::stat::{Mode, SFlag, makedev, mknod, umask};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{pivot_root, setgroups, sethostname};

use super::busybox;
use super::cgroup::{self, Hierarchy};
use super::disk;
use super::keeper::{complain, link};
use super::loopback;
use super::{Cgroups, FileSystem, Plan};
use crate::error::{Context, Result, fail};
use crate::recorder;

/// Where the test binary is inside a bed.
pub(crate) const BINARY: &str = "/.bed/live";
/// Where the keeper has put it.
pub(super) const SCRATCH_BINARY: &str = "/tmp/live";
/// Where `kubelet-unit` is inside a bed.
pub(super) const PROGRAM: &str = "/.bed/kubelet-unit";
/// Where the keeper has put it.
pub(super) const SCRATCH_PROGRAM: &str = "/tmp/kubelet-unit";
/// The root file system that the bed is an overlay of, where the keeper has put it.
pub(super) const SCRATCH_GROUND: &str = "/tmp/ground";
/// Where the bed's ext4 is mounted, which the bed sees in parts alone.
const DISK: &str = "/tmp/disk";
/// A supervisor begins with a descriptor too many, which must not get to the kubelet.
const LEAK: &str = "exec 7>/run/leaked; exec \"$@\"";
/// What the supervisor itself prints.
pub(crate) const LOG: &str = "/run/bed.log";

/// Runs as the first process. `argv` is `live @first PLAN KEEPER`.
pub(crate) fn main(argv: &[OsString]) -> i32 {
    match first(argv) {
        Ok(never) => match never {},
        Err(error) => complain(&error),
    }
}

fn first(argv: &[OsString]) -> Result<std::convert::Infallible> {
    set_pdeathsig(Signal::SIGKILL)?;
    // /proc is still the machine's: this is the pid by which the tests find these namespaces.
    let pid = fs::read_link("/proc/self")?;
    let plan: Plan = serde_json::from_slice(argv[2].as_bytes())?;
    let keeper: u32 = argv[3].to_string_lossy().parse()?;
    for hierarchy in Hierarchy::ALL {
        if hierarchy.scratch().exists() {
            cgroup::enter(&hierarchy.bed(keeper)?)?;
        }
    }
    let apart = CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWCGROUP
        | CloneFlags::CLONE_NEWUTS
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWNET;
    unshare(apart).context("new mount, cgroup, uts, ipc and network namespaces")?;
    loopback::up().context("the bed's loopback interface")?;
    sethostname("bed")?;
    setgroups(&[])?;
    build(&plan).context("the bed's file tree")?;
    let mut link = link()?;
    link.write_all(format!("built {}\n", pid.display()).as_bytes())?;
    // The tests install their files now, and then let it start.
    link.read_exact(&mut [0])?;
    umask(Mode::from_bits_truncate(plan.state.umask));
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, plan.state.nofile, hard).context("nofile")?;
    if let Some(init) = &plan.init {
        return Err(command(&plan, init)?.exec()).context(&init[0]);
    }
    if let Some(supervisor) = &plan.supervisor {
        let leaking = ["/bin/sh", "-c", LEAK, "sh"].map(str::to_owned);
        let supervisor = [leaking.as_slice(), supervisor].concat();
        command(&plan, &supervisor)?
            .spawn()
            .context(&supervisor[0])?;
    }
    link.write_all(b"started\n")?;
    drop(link);
    reap()
}

/// A command with the plan's environment whose output goes to [`LOG`].
fn command(plan: &Plan, argv: &[String]) -> Result<Command> {
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .open(LOG)
        .context(LOG)?;
    let mut command = Command::new(&argv[0]);
    command
        .args(&argv[1..])
        .env_clear()
        .envs(&plan.state.env)
        .stdin(Stdio::null());
    command.stdout(log.try_clone()?).stderr(log);
    Ok(command)
}

fn reap() -> Result<std::convert::Infallible> {
    // The log is the supervisor's; the socket would keep the keeper's peer busy.
    nix::unistd::dup2_stdin(File::open("/dev/null")?)?;
    // What a machine's first process prints, and what is told to print there, is in the log too.
    let log = OpenOptions::new().create(true).append(true).open(LOG)?;
    nix::unistd::dup2_stdout(&log)?;
    nix::unistd::dup2_stderr(&log)?;
    let mut ends = SigSet::empty();
    ends.add(Signal::SIGCHLD);
    ends.thread_block()?;
    loop {
        match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::StillAlive) | Err(Errno::ECHILD) => drop(ends.wait()?),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => fail!("waitpid: {error}"),
        }
    }
}

/// The tree under an overlay, with fresh kernel file systems, becomes the root.
fn build(plan: &Plan) -> Result<()> {
    let root = Path::new("/tmp/root");
    let layers = "lowerdir=/tmp/ground,upperdir=/tmp/upper,workdir=/tmp/work";
    mount(
        Some("overlay"),
        root,
        Some("overlay"),
        MsFlags::empty(),
        Some(layers),
    )
    .context("overlay")?;
    fs::create_dir(root.join(".bed"))?;
    for (scratch, place) in [(SCRATCH_BINARY, BINARY), (SCRATCH_PROGRAM, PROGRAM)] {
        let place = root.join(place.trim_start_matches('/'));
        File::create(&place)?;
        bind(scratch, &place)?;
    }
    let kubelet = root.join("usr/bin/kubelet");
    drop(fs::remove_file(&kubelet));
    symlink(BINARY, kubelet)?;

    if plan.busybox {
        busybox::alone(root).context("busybox")?;
    }
    mount(
        Some("proc"),
        &root.join("proc"),
        Some("proc"),
        MsFlags::empty(),
        None::<&str>,
    )
    .context("/proc")?;
    bind("/sys", &root.join("sys"))?;
    // The kernel's settings are the machine's: systemd would raise some.
    let settings = root.join("proc/sys");
    bind(&settings.to_string_lossy(), &settings)?;
    read_only(&settings)?;
    read_only(&root.join("sys"))?;
    devices(&root.join("dev"))?;
    tmpfs(&root.join("tmp"), "mode=1777")?;
    if plan.empty_on == Some(FileSystem::Ext4) {
        disk::mount(Path::new(DISK)).context("ext4")?;
    }
    for (number, folder) in plan.empty.iter().chain([&"/run".to_owned()]).enumerate() {
        let folder = root.join(folder.trim_start_matches('/'));
        fs::create_dir_all(&folder)?;
        let on = match plan.empty_on {
            None | Some(FileSystem::Tmpfs) => {
                tmpfs(&folder, "mode=755")?;
                continue;
            }
            Some(FileSystem::Overlay) => root.join(".bed").join(number.to_string()),
            Some(FileSystem::Ext4) => Path::new(DISK).join(number.to_string()),
        };
        fs::create_dir(&on)?;
        bind(&on.to_string_lossy(), &folder)?;
    }
    fs::create_dir_all(root.join(recorder::EVENTS.trim_start_matches('/')))?;
    plan.cgroups
        .mount(&root.join("sys/fs/cgroup"))
        .context("/sys/fs/cgroup")?;

    std::env::set_current_dir(root)?;
    pivot_root(".", ".").context("pivot_root")?;
    umount2(".", MntFlags::MNT_DETACH)?;
    std::env::set_current_dir("/")?;
    Ok(())
}

fn bind(from: &str, to: &Path) -> Result<()> {
    mount(Some(from), to, None::<&str>, MsFlags::MS_BIND, None::<&str>).context(to.display())
}

fn read_only(folder: &Path) -> Result<()> {
    let flags = MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_RDONLY;
    mount(None::<&str>, folder, None::<&str>, flags, None::<&str>).context(folder.display())
}

fn tmpfs(folder: &Path, options: &str) -> Result<()> {
    mount(
        Some("tmpfs"),
        folder,
        Some("tmpfs"),
        MsFlags::empty(),
        Some(options),
    )
    .context(folder.display())
}

fn devices(dev: &Path) -> Result<()> {
    tmpfs(dev, "mode=755")?;
    let nodes = BTreeMap::from([
        ("null", 3),
        ("zero", 5),
        ("full", 7),
        ("random", 8),
        ("urandom", 9),
    ]);
    let all = Mode::from_bits_truncate(0o666);
    for (name, minor) in nodes {
        mknod(&dev.join(name), SFlag::S_IFCHR, all, makedev(1, minor)).context(name)?;
    }
    mknod(&dev.join("tty"), SFlag::S_IFCHR, all, makedev(5, 0))?;
    for (name, target) in [
        ("fd", "fd"),
        ("stdin", "fd/0"),
        ("stdout", "fd/1"),
        ("stderr", "fd/2"),
    ] {
        symlink(Path::new("/proc/self").join(target), dev.join(name))?;
    }
    for folder in ["pts", "shm"] {
        fs::create_dir(dev.join(folder))?;
    }
    tmpfs(&dev.join("shm"), "mode=1777")?;
    let options = Some("newinstance,ptmxmode=0666,mode=620");
    mount(
        Some("devpts"),
        &dev.join("pts"),
        Some("devpts"),
        MsFlags::empty(),
        options,
    )
    .context("/dev/pts")?;
    symlink("pts/ptmx", dev.join("ptmx"))?;
    Ok(())
}

impl Cgroups {
    /// Mounts what services of this bed see; the root of each hierarchy is the bed's own cgroup.
    fn mount(self, folder: &Path) -> Result<()> {
        match self {
            Self::Absent => {}
            Self::Unified | Self::ReadOnly => {
                Hierarchy::Unified.mount(folder, MsFlags::empty())?;
                if self == Self::ReadOnly {
                    read_only(folder)?;
                }
            }
            Self::Hybrid | Self::Legacy => {
                tmpfs(folder, "mode=755")?;
                let mut parts = vec![("systemd", Hierarchy::Named)];
                if self == Self::Hybrid {
                    parts.push(("unified", Hierarchy::Unified));
                }
                for (name, hierarchy) in parts {
                    fs::create_dir(folder.join(name))?;
                    hierarchy
                        .mount(&folder.join(name), MsFlags::empty())
                        .context(name)?;
                }
            }
        }
        Ok(())
    }
}
