//! A bed without its init: the namespaces and the processes that keep them.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, Write};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;

use super::{ENTER, KEEPER, Plan};
use crate::error::{Context, Result, fail};
use crate::pace::pause;
use crate::recorder;

/// The links to all keepers, for an end from outside.
static LINKS: Mutex<Vec<(u32, UnixStream)>> = Mutex::new(Vec::new());

/// Ends every bed of this process and waits until nothing is left of them. For a signal handler's thread:
/// the process has to end afterwards.
pub(crate) fn close_all() {
    let links = LINKS
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    for (_, link) in links.iter() {
        drop(link.shutdown(Shutdown::Both));
    }
    for (keeper, _) in links.iter() {
        // An error says that another thread has waited already.
        let _ = waitpid(Pid::from_raw(keeper.cast_signed()), None);
    }
    // The lock stays taken: no bed can begin any more.
    std::mem::forget(links);
}

/// What a command inside gave.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    /// 128 + N when signal N ended it.
    pub(crate) code: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    pub(crate) took: Duration,
}

impl Output {
    /// stdout as text without its last newlines.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).trim_end().to_owned()
    }

    /// stdout and stderr, for a message.
    pub(crate) fn all(&self) -> String {
        let both = [self.stdout.as_slice(), self.stderr.as_slice()].concat();
        String::from_utf8_lossy(&both).trim_end().to_owned()
    }
}

/// Namespaces with a first process. Dropping it ends every process in it and removes its cgroups and mounts.
pub(crate) struct Machine {
    keeper: Child,
    link: UnixStream,
    lines: BufReader<UnixStream>,
    /// The first process, as the machine counts it.
    first: i32,
    mounts: OwnedFd,
}

impl Machine {
    /// Everything but the init. [`Machine::start`] is the next step.
    pub(super) fn build(plan: &Plan) -> Result<Self> {
        let (link, other) = UnixStream::pair()?;
        let plan = serde_json::to_string(plan)?;
        let mut links = LINKS
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut keeper = Command::new("/proc/self/exe")
            .args([KEEPER, &plan])
            .stdin(Stdio::from(OwnedFd::from(other)))
            .stdout(Stdio::null())
            .spawn()
            .context("keeper")?;
        links.push((keeper.id(), link.try_clone()?));
        drop(links);
        let mut answers = BufReader::new(link.try_clone()?);
        match first(&mut answers) {
            Ok((first, mounts)) => Ok(Self {
                keeper,
                link,
                lines: answers,
                first,
                mounts,
            }),
            Err(error) => {
                end(&mut keeper, &link);
                Err(error)
            }
        }
    }

    /// Lets the first process go on to the init.
    pub(super) fn start(&mut self, plan: &Plan) -> Result<()> {
        self.link.write_all(b".")?;
        match plan.init {
            // An execution that succeeds says nothing.
            Some(_) => Ok(()),
            None => expect(&mut self.lines, "started").map(drop),
        }
    }

    /// Fails when the bed has ended.
    pub(crate) fn alive(&self) -> Result<()> {
        let mut byte = [0; 512];
        self.link.set_nonblocking(true)?;
        let read = (&self.link).read(&mut byte);
        self.link.set_nonblocking(false)?;
        match read {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(error.into()),
            Ok(0) => fail!("the bed has ended"),
            Ok(count) => fail!(
                "the bed has ended: {}",
                String::from_utf8_lossy(&byte[..count]).trim_end()
            ),
        }
    }

    pub(crate) fn keeper_pid(&self) -> u32 {
        self.keeper.id()
    }

    /// The pid of the bed's PID 1 as the machine counts it.
    pub(crate) fn first_pid(&self) -> i32 {
        self.first
    }

    /// Where a path of the bed, without links in it, is outside as long as its PID 1 lives.
    pub(super) fn seen_from_outside(&self, path: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{path}", self.first))
    }

    /// Signals a process of the bed from outside. Returns the time just before.
    pub(crate) fn kill(&self, pid: i32, signal: Signal) -> Result<Duration> {
        let Some(outside) = self.outside(pid) else {
            fail!("there is no process {pid} in the bed")
        };
        let at = recorder::now();
        kill(Pid::from_raw(outside), signal)?;
        Ok(at)
    }

    /// The pid outside of a process of the bed.
    fn outside(&self, pid: i32) -> Option<i32> {
        let namespace = |pid: &str| fs::read_link(format!("/proc/{pid}/ns/pid")).ok();
        let ours = namespace(&self.first.to_string())?;
        let mut entries = fs::read_dir("/proc").ok()?.flatten();
        entries.find_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let outside = name.parse().ok()?;
            let status = fs::read_to_string(entry.path().join("status")).ok()?;
            let numbers = status
                .lines()
                .find_map(|line| line.strip_prefix("NSpid:"))?;
            let inside: i32 = numbers.split_whitespace().last()?.parse().ok()?;
            (inside == pid && namespace(&name)? == ours).then_some(outside)
        })
    }

    /// Runs `work` in a thread of its own whose file tree is the bed's.
    pub(super) fn inside<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        let thread = || {
            // A thread shares its root with the process until it is told not to.
            unshare(CloneFlags::CLONE_FS).expect("unshare(CLONE_FS) needs no right");
            setns(&self.mounts, CloneFlags::CLONE_NEWNS)
                .expect("root may enter a mount namespace of its own");
            work()
        };
        thread::scope(|scope| scope.spawn(thread).join())
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    /// Runs a command inside. Its output goes to memory files: a daemon that keeps them open does not hold us.
    pub(crate) fn run(&self, argv: &[&str], timeout: Duration) -> Result<Output> {
        let began = Instant::now();
        let [out, err] =
            [(); 2].map(|()| memfd_create(c"output", MFdFlags::MFD_CLOEXEC).map(File::from));
        let (mut out, mut err) = (out?, err?);
        let mut child = Command::new("/proc/self/exe")
            .args([
                ENTER,
                &self.keeper.id().to_string(),
                &self.first.to_string(),
            ])
            .args(argv)
            .env_clear()
            .envs([
                (
                    "PATH",
                    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                ),
                ("HOME", "/root"),
                ("TERM", "dumb"),
            ])
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(err.try_clone()?)
            .spawn()?;
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            if began.elapsed() > timeout {
                child.kill()?;
                child.wait()?;
                fail!("`{}` does not end within {timeout:?}", argv.join(" "));
            }
            // Most commands take milliseconds.
            pause(began, Duration::from_micros(200), Duration::from_millis(4));
        };
        let took = began.elapsed();
        let read = |file: &mut File| -> Result<Vec<u8>> {
            let mut bytes = Vec::new();
            file.rewind()?;
            file.read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        Ok(Output {
            code: status.code().unwrap_or(-1),
            stdout: read(&mut out)?,
            stderr: read(&mut err)?,
            took,
        })
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        end(&mut self.keeper, &self.link);
    }
}

fn first(lines: &mut BufReader<UnixStream>) -> Result<(i32, OwnedFd)> {
    let first: i32 = expect(lines, "built ")?.parse()?;
    let path = format!("/proc/{first}/ns/mnt");
    Ok((first, File::open(&path).context(path)?.into()))
}

/// The rest of the next line, which has to begin so.
fn expect(lines: &mut BufReader<UnixStream>, begin: &str) -> Result<String> {
    let mut line = String::new();
    lines.read_line(&mut line)?;
    match line.strip_prefix(begin) {
        Some(rest) => Ok(rest.trim_end().to_owned()),
        None if line.is_empty() => fail!("the bed has ended"),
        None => fail!("{}", line.trim_end().trim_start_matches("error ")),
    }
}

fn end(keeper: &mut Child, link: &UnixStream) {
    drop(link.shutdown(Shutdown::Both));
    drop(keeper.wait());
    let mut links = LINKS
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    links.retain(|(pid, _)| *pid != keeper.id());
}
