//! The processes of a start, and what can be done to them.

use std::fmt;
use std::fs::{self, File};
use std::io::Read;
use std::path::PathBuf;

use nix::sys::signal::{self, kill, killpg};
use nix::unistd::Pid;

use crate::service::{Kill, Signal};

/// A process that became the service. A PID alone may be another process by now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Start {
    /// The main process.
    pub(super) pid: Pid,
    /// When that began, in clock ticks since boot.
    pub(super) started: u64,
    /// `cgroup.procs` of the cgroup that it entered.
    pub(super) procs: Option<PathBuf>,
}

impl Start {
    fn main_lives(&self) -> bool {
        started_at(self.pid) == Some(self.started)
    }

    /// A process group keeps its leader's PID from being given out again, so it
    /// is ours unless another process has that PID.
    fn group_is_ours(&self) -> bool {
        started_at(self.pid).is_none_or(|started| started == self.started)
    }
}

/// When a process began, in clock ticks since boot (`proc_pid_stat(5)`, field 22).
pub(super) fn started_at(pid: Pid) -> Option<u64> {
    let mut buffer = [0; 1024]; // all of it has about 400 bytes
    let length = File::open(format!("/proc/{pid}/stat"))
        .and_then(|mut file| file.read(&mut buffer))
        .ok()?;
    let stat = &buffer[..length];
    // The name before it can hold anything, blanks and parentheses too.
    let after_name = stat.iter().rposition(|&byte| byte == b')')? + 1;
    let fields = std::str::from_utf8(&stat[after_name..]).ok()?;
    fields.split_ascii_whitespace().nth(19)?.parse().ok()
}

/// Which processes a stop concerns (`KillMode=`).
#[derive(Debug)]
pub(super) enum Members {
    /// There was no start.
    None,
    /// The main process alone; the others are to live on.
    Main(Start),
    /// All in the cgroup, but not in one below it.
    Cgroup(PathBuf),
    /// Without a cgroup, the process group; what has left that is missed.
    Group(Start),
}

impl Members {
    pub(super) fn new(kill: Kill, start: Option<Start>) -> Self {
        match (kill, start) {
            (_, None) => Self::None,
            (Kill::Process, Some(start)) => Self::Main(start),
            (
                Kill::Group,
                Some(Start {
                    procs: Some(procs), ..
                }),
            ) => Self::Cgroup(procs),
            (Kill::Group, Some(start)) => Self::Group(start),
        }
    }

    /// Asks all but one to end, stopped ones too.
    pub(super) fn stop(&self, signal: Signal, except: Option<Pid>) {
        self.send(system(signal), except);
        self.send(signal::SIGCONT, except);
    }

    /// Ends all of them.
    pub(super) fn kill(&self) {
        self.send(signal::SIGKILL, None);
    }

    /// A process that has ended meanwhile is no error.
    fn send(&self, signal: signal::Signal, except: Option<Pid>) {
        match self {
            Self::Main(start) if Some(start.pid) != except && start.main_lives() => {
                let _ = kill(start.pid, signal);
            }
            Self::Cgroup(procs) => {
                for pid in in_cgroup(procs).filter(|pid| Some(*pid) != except) {
                    let _ = kill(pid, signal);
                }
            }
            // A group has no exception: its leader is whom the supervisor signals.
            Self::Group(start) if except.is_none() && start.group_is_ours() => {
                let _ = killpg(start.pid, signal);
            }
            Self::None | Self::Main(_) | Self::Group(_) => {}
        }
    }

    /// Whether any is left.
    pub(super) fn are_left(&self) -> bool {
        match self {
            Self::None => false,
            Self::Main(start) => start.main_lives(),
            Self::Cgroup(procs) => in_cgroup(procs).next().is_some(),
            Self::Group(start) => start.group_is_ours() && killpg(start.pid, None).is_ok(),
        }
    }
}

/// The others in a cgroup, which is empty where it is gone. 0 is a process that
/// this PID namespace does not see.
fn in_cgroup(procs: &PathBuf) -> impl Iterator<Item = Pid> {
    let own = Pid::this();
    let text = fs::read_to_string(procs).unwrap_or_default();
    let pids: Vec<_> = text.lines().filter_map(|line| line.parse().ok()).collect();
    pids.into_iter()
        .filter(|&pid| pid > 0)
        .map(Pid::from_raw)
        .filter(move |&pid| pid != own)
}

/// What is left, for a message.
impl fmt::Display for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("nothing"),
            Self::Main(start) => write!(f, "process {}", start.pid),
            Self::Cgroup(procs) => procs.display().fmt(f),
            Self::Group(start) => write!(f, "process group {}", start.pid),
        }
    }
}

/// The signal as the system has it.
pub(super) const fn system(signal: Signal) -> signal::Signal {
    match signal {
        Signal::Term => signal::SIGTERM,
        Signal::Int => signal::SIGINT,
        Signal::Quit => signal::SIGQUIT,
        Signal::Hup => signal::SIGHUP,
        Signal::Kill => signal::SIGKILL,
        Signal::Usr1 => signal::SIGUSR1,
        Signal::Usr2 => signal::SIGUSR2,
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command, Stdio};

    use super::*;

    /// A process of its own group that ends by a signal, or after a minute.
    fn sleeper() -> Child {
        use std::os::unix::process::CommandExt;
        let mut command = Command::new("sleep");
        command.arg("60").stdin(Stdio::null()).process_group(0);
        command.spawn().expect("sleep")
    }

    fn start_of(child: &Child) -> Start {
        let pid = Pid::from_raw(child.id().cast_signed());
        Start {
            pid,
            started: started_at(pid).expect("it runs"),
            procs: None,
        }
    }

    #[test]
    fn the_main_process_and_its_group_are_ended() {
        for mode in [Kill::Process, Kill::Group] {
            let mut child = sleeper();
            let members = Members::new(mode, Some(start_of(&child)));
            assert!(members.are_left(), "{members}");
            members.stop(Signal::Term, Some(start_of(&child).pid));
            assert!(child.try_wait().unwrap().is_none(), "{members}: excepted");
            members.stop(Signal::Term, None);
            assert!(!child.wait().unwrap().success());
            assert!(!members.are_left(), "{members}");
        }
    }

    #[test]
    fn another_process_of_the_same_pid_is_left_alone() {
        for mode in [Kill::Process, Kill::Group] {
            let mut child = sleeper();
            let mut start = start_of(&child);
            start.started += 1;
            let members = Members::new(mode, Some(start));
            assert!(!members.are_left());
            members.kill();
            assert!(child.try_wait().unwrap().is_none());
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    #[test]
    fn a_cgroup_that_is_gone_is_empty() {
        let start = Start {
            pid: Pid::this(),
            started: 0,
            procs: Some("/nonexistent/cgroup.procs".into()),
        };
        assert!(!Members::new(Kill::Group, Some(start)).are_left());
    }
}
