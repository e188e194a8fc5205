//! The program in the kubelet's place: it records how it was started and then behaves as it is told.
//!
//! It is the test binary itself, called as `kubelet`. Nothing of Rust's runtime may run before the
//! state is recorded: `std` ignores SIGPIPE and catches SIGSEGV and SIGBUS before `main`, which
//! is why the test binary has no Rust `main`.
//!
//! Each start, child, signal and end is one file in [`EVENTS`], written whole or not at all, whose name sorts by
//! time. A file is a row of sections, each `NAME LENGTH\n`, LENGTH bytes and `\n`; the bytes
//! are the kernel's own (`/proc/self/…`), so that nothing is interpreted here.

mod behaviour;
mod difference;
mod event;
mod healthz;
mod record;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::signalfd::SignalFd;
use nix::unistd::{getpid, getppid, setsid};

pub(crate) use behaviour::{Behaviour, Child, Created, End, Line, OnTerm, Stream};
pub(crate) use difference::{Difference, SYSTEMD_ONLY, text};
use event::Sections;
pub(crate) use event::{Event, now, take as take_events};
pub(crate) use record::Record;

/// The folder with one file an event, in the bed. It exists before the service starts.
pub(crate) const EVENTS: &str = "/run/recorder/events";
/// The [`Behaviour`] as JSON, in the bed.
pub(crate) const CONTROL: &str = "/run/recorder/control";
/// What the recorder says when it is asked.
pub(crate) const VERSION: &str = "v1.36.3";
/// argv\[0\] of the recorder's children.
pub(crate) const CHILD: &str = "kubelet-child";

/// Whether a program called like this is the recorder or its child.
pub(crate) fn is_called(argv0: &OsStr) -> bool {
    let name = Path::new(argv0).file_name().unwrap_or_default();
    name == "kubelet" || name == CHILD
}

/// Records, behaves, ends. Returns the exit code.
pub(crate) fn main(argv: &[OsString]) -> i32 {
    // What `kubelet-unit` asks a kubelet, which is no start of the service.
    if argv[0] != CHILD && argv.len() == 2 && argv[1] == "--version" {
        println!("Kubernetes {VERSION}");
        return 0;
    }
    let outcome = if argv[0] == CHILD {
        child(argv)
    } else {
        kubelet()
    };
    outcome
        .and_then(|code| ending().map(|()| code))
        .unwrap_or_else(|error| {
            eprintln!("recorder: {error}");
            97
        })
}

/// Records that this process ends now.
fn ending() -> io::Result<()> {
    event::write(&Sections::new("end").add("pid", getpid().to_string()))
}

fn kubelet() -> io::Result<i32> {
    let start = start()?;
    let behaviour: Behaviour = match fs::read(CONTROL) {
        Ok(text) => serde_json::from_slice(&text)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Behaviour::default(),
        Err(error) => return Err(error),
    };
    // Whoever sees the start may change the orders: they are for the next.
    event::write(&start)?;
    let signals = Signals::take()?;
    if let Some(status) = behaviour.healthz {
        healthz::serve(status)?;
    }
    print(&behaviour)?;
    if let Some(created) = &behaviour.creates {
        std::thread::sleep(Duration::from_millis(created.after_ms));
        let path = Path::new(&created.path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/")))?;
        fs::write(path, "")?;
    }
    if let (Some(after), Some(path)) = (behaviour.ready_ms, std::env::var_os("NOTIFY_SOCKET")) {
        std::thread::sleep(Duration::from_millis(after));
        UnixDatagram::unbound()?.send_to(b"READY=1", path)?;
    }
    for child in &behaviour.children {
        let orders = serde_json::to_string(child)?;
        Command::new("/proc/self/exe")
            .arg0(CHILD)
            .arg(orders)
            .spawn()?;
    }
    match behaviour.end {
        End::Run => signals.serve(None, behaviour.on_term),
        End::Exit(code) => {
            let left = Duration::from_millis(behaviour.after_ms);
            Ok(signals.serve(Some(left), behaviour.on_term)?.max(code))
        }
        End::Signal(number) => {
            signals.serve(
                Some(Duration::from_millis(behaviour.after_ms)),
                behaviour.on_term,
            )?;
            die_by(Signal::try_from(number)?)
        }
    }
}

fn child(argv: &[OsString]) -> io::Result<i32> {
    let orders: Child = serde_json::from_slice(argv[1].as_bytes())?;
    let signals = Signals::take()?;
    if orders.own_session {
        setsid()?;
    }
    event::write(
        &Sections::new("child")
            .add("pid", getpid().to_string())
            .add("ppid", getppid().to_string()),
    )?;
    signals.serve(
        None,
        if orders.ignore_term {
            OnTerm::Ignore
        } else {
            OnTerm::Exit(0)
        },
    )
}

/// Everything that a process can inherit.
fn start() -> io::Result<Sections> {
    let mut sections = Sections::new("start");
    for name in [
        "cmdline",
        "environ",
        "stat",
        "status",
        "limits",
        "cgroup",
        "oom_score_adj",
    ] {
        sections = sections.add(name, fs::read(Path::new("/proc/self").join(name))?);
    }
    let cwd = fs::read_link("/proc/self/cwd")?;
    Ok(sections
        .add("cwd", cwd.as_os_str().as_bytes())
        .add("fds", descriptors()?))
}

/// `NUMBER FLAGS TARGET\n` for every open descriptor but the one that lists them.
fn descriptors() -> io::Result<Vec<u8>> {
    let own = format!("/proc/{}/fd", getpid());
    let mut list = Vec::new();
    for entry in fs::read_dir("/proc/self/fd")? {
        let entry = entry?;
        let target = fs::read_link(entry.path())?;
        if target.as_os_str() == own.as_str() {
            continue;
        }
        let info = fs::read_to_string(Path::new("/proc/self/fdinfo").join(entry.file_name()))?;
        let flags = info
            .lines()
            .find_map(|line| line.strip_prefix("flags:"))
            .unwrap_or("?")
            .trim();
        list.extend_from_slice(entry.file_name().as_bytes());
        list.extend_from_slice(format!(" {flags} ").as_bytes());
        list.extend_from_slice(target.as_os_str().as_bytes());
        list.push(b'\n');
    }
    Ok(list)
}

fn print(behaviour: &Behaviour) -> io::Result<()> {
    for line in &behaviour.print {
        match line.stream {
            Stream::Out => writeln!(io::stdout(), "{}", line.text)?,
            Stream::Err => writeln!(io::stderr(), "{}", line.text)?,
        }
    }
    let mut bulk = Vec::new();
    for number in 0..behaviour.lines {
        let line = format!("line {} {number} ", getpid());
        writeln!(bulk, "{line:.<63}")?;
    }
    io::stdout().write_all(&bulk)?;
    io::stdout().flush()
}

/// All signals, blocked and read one by one, so that each can be recorded before it acts.
struct Signals(SignalFd);

impl Signals {
    fn take() -> io::Result<Self> {
        SigSet::all().thread_set_mask()?;
        Ok(Self(SignalFd::new(&SigSet::all())?))
    }

    /// Serves signals until one ends the process or `lifetime` is over (exit code 0).
    fn serve(&self, lifetime: Option<Duration>, on_term: OnTerm) -> io::Result<i32> {
        let mut end = lifetime.map(|left| Instant::now() + left);
        loop {
            let timeout = match end.map(|end| end.saturating_duration_since(Instant::now())) {
                None => PollTimeout::NONE,
                Some(Duration::ZERO) => return Ok(0),
                Some(left) => PollTimeout::try_from(left + Duration::from_millis(1))
                    .unwrap_or(PollTimeout::MAX),
            };
            let mut fds = [PollFd::new(self.0.as_fd(), PollFlags::POLLIN)];
            if poll(&mut fds, timeout)? == 0 {
                continue;
            }
            let Some(info) = self.0.read_signal()? else {
                continue;
            };
            let number = info.ssi_signo.cast_signed();
            if number == Signal::SIGCHLD as i32 {
                continue;
            }
            let signal = Sections::new("signal").add("pid", getpid().to_string());
            event::write(
                &signal
                    .add("signal", number.to_string())
                    .add("sender", info.ssi_pid.to_string()),
            )?;
            match Signal::try_from(number)? {
                Signal::SIGTERM => match on_term {
                    OnTerm::Exit(code) => return Ok(code),
                    OnTerm::After(delay) => {
                        end = Some(Instant::now() + Duration::from_millis(delay));
                    }
                    OnTerm::Ignore => {}
                },
                // By the last a service is told to reload: there is nothing to be read again.
                Signal::SIGCONT
                | Signal::SIGWINCH
                | Signal::SIGURG
                | Signal::SIGPIPE
                | Signal::SIGUSR2 => {}
                deadly => return die_by(deadly),
            }
        }
    }
}

/// Dies by `signal`. Returns only when the signal is ignored or does not kill.
fn die_by(signal: Signal) -> io::Result<i32> {
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    ending()?;
    kill(getpid(), signal)?;
    SigSet::empty().thread_set_mask()?;
    Err(io::Error::other(format!(
        "{signal} did not end the recorder"
    )))
}
