//! The keeper: the process between the tests and a bed, which removes the bed whatever becomes of the tests.
//!
//! It holds one end of a socket. When the other end is closed, by a drop, a panic or a KILL of the
//! test process, it KILLs the bed's first process, and with it the kernel ends every process of that
//! pid namespace; then it removes the bed's cgroups. Its mounts live in a mount namespace that ends
//! with its last process, and on a tmpfs there: nothing on the machine's disk is ever created.
//! If the keeper itself is killed, the kernel KILLs the bed's first process (`PR_SET_PDEATHSIG`), and the
//! cgroups wait for the next keeper's sweep.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{self, Command, Stdio};

use nix::mount::{MsFlags, mount};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::{SigHandler, SigSet, Signal};
use nix::sys::signalfd::SignalFd;
use nix::unistd::{close, setsid};

use super::Plan;
use super::cgroup::{self, Hierarchy};
use crate::error::{Context, Result};

/// Runs as the keeper. `argv` is `live @keeper PLAN`; stdin is the socket to the tests.
pub(crate) fn main(argv: &[OsString]) -> i32 {
    let result = close_inherited().and_then(|()| keep(&argv[2], &link()?));
    result.map_or_else(|error| complain(&error), |()| 0)
}

/// A copy of stdin, the socket to the tests.
pub(super) fn link() -> Result<UnixStream> {
    Ok(UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?))
}

/// Tells the tests why this bed will not be. Returns the exit code.
pub(super) fn complain(error: &dyn std::fmt::Display) -> i32 {
    let line = format!("error {}\n", error.to_string().replace('\n', " "));
    match link().map(|mut link| link.write_all(line.as_bytes())) {
        Ok(Ok(())) => 0,
        _ => 1,
    }
}

/// Every signal that can be ignored has its default effect again.
#[expect(
    unsafe_code,
    reason = "a handler could be unsound, the default effect is not"
)]
fn defaults() -> Result<()> {
    let fixed = [Signal::SIGKILL, Signal::SIGSTOP];
    for signal in Signal::iterator().filter(|signal| !fixed.contains(signal)) {
        unsafe { nix::sys::signal::signal(signal, SigHandler::SigDfl) }?;
    }
    Ok(())
}

fn keep(plan: &OsString, link: &UnixStream) -> Result<()> {
    // The tests block signals, and who runs them may ignore some: a shell does with INT and QUIT in the background.
    // All that begins below here would inherit that.
    SigSet::empty().thread_set_mask()?;
    defaults()?;
    // Away from the terminal: ^C is for the tests, which then close their end.
    setsid()?;
    unshare(CloneFlags::CLONE_NEWNS).context("a new mount namespace")?;
    mount(
        None::<&str>,
        "/",
        None::<&str>,
        MsFlags::MS_REC | MsFlags::MS_PRIVATE,
        None::<&str>,
    )?;
    // Opened before /tmp is covered: it may be below.
    let binary = File::open(fs::read_link("/proc/self/exe")?);
    let settled: Plan = serde_json::from_slice(plan.as_bytes())?;
    let ground = settled.ground.unwrap_or_else(|| "/".into());
    let ground = File::open(&ground).context(ground.display())?;
    let program = File::open(&settled.program).context(settled.program.display())?;
    mount(
        Some("bed"),
        "/tmp",
        Some("tmpfs"),
        MsFlags::empty(),
        Some("mode=755"),
    )
    .context("tmpfs on /tmp")?;
    for folder in ["upper", "work", "root", "ground"] {
        fs::create_dir(Path::new("/tmp").join(folder))?;
    }
    bind_open(&ground, Path::new(super::first::SCRATCH_GROUND)).context("the root file system")?;
    share_binary(binary).context(super::first::SCRATCH_BINARY)?;
    let place = Path::new(super::first::SCRATCH_PROGRAM);
    File::create(place)?;
    bind_open(&program, place).context("kubelet-unit")?;
    let cgroups = prepare_cgroups()?;
    let result = host(plan, link);
    for folder in &cgroups {
        cgroup::remove(folder).context(folder.display())?;
    }
    result
}

/// Closes what the caller of the tests has left open: an init would pass it on to the kubelet.
fn close_inherited() -> Result<()> {
    let mut numbers: Vec<i32> = Vec::new();
    // Not while the listing is open, which is one of them.
    for entry in fs::read_dir("/proc/self/fd")? {
        numbers.push(entry?.file_name().to_string_lossy().parse()?);
    }
    for number in numbers.into_iter().filter(|&number| number > 2) {
        // The listing is closed by now: EBADF.
        let _ = close(number);
    }
    Ok(())
}

/// Puts the test binary into the scratch file system: a mount of the file itself, which costs nothing.
///
/// `/proc/self/exe` leads into the tests' mount namespace, from where nothing can be mounted; only the path
/// does. Where a new build has taken that path, the running program is copied.
fn share_binary(named: io::Result<File>) -> Result<()> {
    let place = Path::new(super::first::SCRATCH_BINARY);
    let running = fs::metadata("/proc/self/exe")?;
    match named {
        Ok(file) if file.metadata()?.ino() == running.ino() => {
            File::create(place)?;
            bind_open(&file, place)?;
        }
        _ => drop(fs::copy("/proc/self/exe", place)?),
    }
    Ok(())
}

/// Mounts what is open there: its path may be covered by now.
fn bind_open(file: &File, place: &Path) -> Result<()> {
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    let none = None::<&str>;
    Ok(mount(
        Some(path.as_str()),
        place,
        none,
        MsFlags::MS_BIND,
        none,
    )?)
}

/// Creates the bed's cgroup in each hierarchy that this machine has, and `session` below it for commands.
fn prepare_cgroups() -> Result<Vec<std::path::PathBuf>> {
    let mut made = Vec::new();
    for hierarchy in Hierarchy::ALL {
        fs::create_dir(hierarchy.scratch())?;
        if hierarchy
            .mount(hierarchy.scratch(), MsFlags::empty())
            .is_err()
        {
            fs::remove_dir(hierarchy.scratch())?;
        }
    }
    cgroup::sweep()?;
    for hierarchy in Hierarchy::ALL {
        if hierarchy.scratch().exists() {
            let folder = hierarchy.bed(process::id())?;
            fs::create_dir_all(folder.join("session")).context(folder.display())?;
            made.push(folder);
        }
    }
    Ok(made)
}

/// Starts the bed's first process and waits until it ends or the tests let go.
fn host(plan: &OsString, link: &UnixStream) -> Result<()> {
    unshare(CloneFlags::CLONE_NEWPID).context("a new pid namespace")?;
    let mut first = Command::new("/proc/self/exe")
        .args([
            OsString::from(super::FIRST),
            plan.clone(),
            process::id().to_string().into(),
        ])
        .env_clear()
        .stdin(Stdio::from(link.as_fd().try_clone_to_owned()?))
        .stdout(Stdio::null())
        .spawn()
        .context("the first process")?;
    let mut ends = SigSet::empty();
    ends.add(Signal::SIGCHLD);
    ends.thread_block()?;
    let ended = SignalFd::new(&ends)?;
    while first.try_wait()?.is_none() && !hung_up(link.as_fd(), &ended)? {}
    // An error only says that it is gone already.
    drop(first.kill());
    first.wait()?;
    Ok(())
}

/// Waits for either; true when the tests have let go. What the tests write is for the first process: it stays unread.
fn hung_up(link: BorrowedFd, ended: &SignalFd) -> Result<bool> {
    let mut fds = [
        PollFd::new(link, PollFlags::empty()),
        PollFd::new(ended.as_fd(), PollFlags::POLLIN),
    ];
    poll(&mut fds, PollTimeout::NONE)?;
    if fds[1].any() == Some(true) {
        ended.read_signal()?;
    }
    Ok(fds[0].any() == Some(true))
}
