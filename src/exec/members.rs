//! The processes of a start, and what can be done to them.

use std::fmt;
use std::fs::{self, File};
use std::io::Read;
use std::path::PathBuf;
use std::str::FromStr;

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
    /// Whether it is there.
    pub(super) fn main_lives(&self) -> bool {
        started_at(self.pid) == Some(self.started)
    }

    /// The process of that PID, as far as the state folder names it: without its cgroup.
    pub(super) fn of(pid: Pid) -> Option<Self> {
        let started = started_at(pid)?;
        Some(Self {
            pid,
            started,
            procs: None,
        })
    }

    /// Whether both are the same process.
    pub(super) fn is(&self, other: &Self) -> bool {
        (self.pid, self.started) == (other.pid, other.started)
    }

    /// A process group keeps its leader's PID from being given out again, so it
    /// is ours unless another process has that PID.
    fn group_is_ours(&self) -> bool {
        started_at(self.pid).is_none_or(|started| started == self.started)
    }
}

/// When a process began, in clock ticks since boot.
pub(super) fn started_at(pid: Pid) -> Option<u64> {
    stat(pid, 22)
}

/// The process that a process is a child of.
pub(super) fn parent_of(pid: Pid) -> Option<Pid> {
    let parent = stat(pid, 4)?;
    (parent > 0).then(|| Pid::from_raw(parent))
}

/// A number behind the name of a process, by that of the field in `proc_pid_stat(5)`.
fn stat<T: FromStr>(pid: Pid, field: usize) -> Option<T> {
    const AFTER_NAME: usize = 3;
    let mut buffer = [0; 1024]; // all of it has about 400 bytes
    let length = File::open(format!("/proc/{pid}/stat"))
        .and_then(|mut file| file.read(&mut buffer))
        .ok()?;
    let stat = &buffer[..length];
    // The name before it can hold anything, blanks and parentheses too.
    let after_name = stat.iter().rposition(|&byte| byte == b')')? + 1;
    let fields = std::str::from_utf8(&stat[after_name..]).ok()?;
    let mut fields = fields.split_ascii_whitespace();
    fields.nth(field - AFTER_NAME)?.parse().ok()
}

/// Who has had the stop signal: a kubelet that gets it twice exits at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Told {
    pids: Vec<Pid>,
    /// The whole process group.
    group: bool,
}

impl Told {
    /// The same with those of another.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.pids.extend(other.pids);
        self.group |= other.group;
        self
    }

    /// The words of the state's line; what is none is passed over.
    pub(super) fn parse(line: &str) -> Self {
        let words = || line.split_ascii_whitespace();
        Self {
            pids: words()
                .filter_map(|word| word.parse().ok())
                .map(Pid::from_raw)
                .collect(),
            group: words().any(|word| word == GROUP),
        }
    }
}

/// What stands for the process group among those told.
const GROUP: &str = "group";

impl FromIterator<Pid> for Told {
    fn from_iter<I: IntoIterator<Item = Pid>>(pids: I) -> Self {
        Self {
            pids: pids.into_iter().collect(),
            group: false,
        }
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let group = self.group.then(|| GROUP.to_owned());
        let words: Vec<_> = self.pids.iter().map(Pid::to_string).chain(group).collect();
        f.write_str(&words.join(" "))
    }
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
    /// All of them get KILL, and any other signal the main process alone.
    Mixed(Start, Box<Self>),
}

impl Members {
    pub(super) fn new(kill: Kill, start: Option<Start>) -> Self {
        match (kill, start) {
            (_, None) | (Kill::None, _) => Self::None,
            (Kill::Process, Some(start)) => Self::Main(start),
            (
                Kill::Group,
                Some(Start {
                    procs: Some(procs), ..
                }),
            ) => Self::Cgroup(procs),
            (Kill::Group, Some(start)) => Self::Group(start),
            (Kill::Mixed, Some(start)) => {
                let all = Self::new(Kill::Group, Some(start.clone()));
                Self::Mixed(start, Box::new(all))
            }
        }
    }

    /// Whether they are what the main process has left behind, and are not to be waited for.
    pub(super) fn are_rest(&self) -> bool {
        matches!(self, Self::Mixed(start, _) if !start.main_lives())
    }

    /// Asks all to end that have not been told so, stopped ones too, and gives
    /// those.
    pub(super) fn stop(&self, signal: Signal, told: &Told) -> Told {
        let now_told = self.send(system(signal), told);
        self.send(signal::SIGCONT, told);
        now_told
    }

    /// Ends all of them.
    pub(super) fn kill(&self) {
        self.send(signal::SIGKILL, &Told::default());
    }

    /// A process that has ended meanwhile is not an error.
    fn send(&self, signal: signal::Signal, except: &Told) -> Told {
        let one = |pid: &Pid| !except.pids.contains(pid) && kill(*pid, signal).is_ok();
        match self {
            Self::None => Told::default(),
            Self::Mixed(_, all) if signal == signal::SIGKILL => all.send(signal, except),
            Self::Main(start) | Self::Mixed(start, _) => {
                let main = Some(start.pid).filter(|_| start.main_lives());
                main.filter(one).into_iter().collect()
            }
            Self::Cgroup(procs) => in_cgroup(procs).filter(one).collect(),
            Self::Group(start) => {
                // Its leader is who is signalled apart.
                let leader_told = except.pids.contains(&start.pid) && start.main_lives();
                let wanted = !except.group && !leader_told && start.group_is_ours();
                Told {
                    pids: Vec::new(),
                    group: wanted && killpg(start.pid, signal).is_ok(),
                }
            }
        }
    }

    /// Whether any is left.
    pub(super) fn are_left(&self) -> bool {
        match self {
            Self::None => false,
            Self::Main(start) => start.main_lives(),
            Self::Mixed(_, all) => all.are_left(),
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
            Self::Mixed(_, all) => all.fmt(f),
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
        for mode in [Kill::Process, Kill::Group, Kill::Mixed] {
            let mut child = sleeper();
            let members = Members::new(mode, Some(start_of(&child)));
            assert!(members.are_left(), "{members}");
            let supervisors = Told::from_iter([start_of(&child).pid]);
            let told = members.stop(Signal::Term, &supervisors);
            assert_eq!(told, Told::default(), "{members}");
            assert!(child.try_wait().unwrap().is_none(), "{members}: excepted");
            let told = members.stop(Signal::Term, &told);
            assert_ne!(told, Told::default(), "{members}");
            assert_eq!(Told::parse(&told.to_string()), told);
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
    fn who_was_told_is_read_as_the_sh_launcher_wrote_it() {
        let told = Told::parse("12  13 14 group\n");
        assert_eq!(told.pids, [12, 13, 14].map(Pid::from_raw));
        assert!(told.group);
        assert_eq!(told.to_string(), "12 13 14 group");
        assert_eq!(Told::parse(""), Told::default());
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
