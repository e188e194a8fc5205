//! Commands beside the service: each is a process of this program, `run`, which becomes
//! the command as a start becomes the service.

use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::service::{CommandLine, Kill, Reload, Service, Span};

use super::clock::{self, Moment};
use super::ending::{self, Outcome};
use super::members::Members;
use super::{Unit, own_program};

/// What commands are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Before the service starts.
    PreStart,
    /// When it has started.
    PostStart,
    /// To stop it.
    Stop,
    /// When it has ended.
    PostStop,
    /// To let it read its configuration again.
    Reload,
}

impl Kind {
    const ALL: [(Self, &'static str); 5] = [
        (Self::PreStart, "preStart"),
        (Self::PostStart, "postStart"),
        (Self::Stop, "stop.commands"),
        (Self::PostStop, "postStop"),
        (Self::Reload, "reload"),
    ];

    /// The kind of this word.
    pub(crate) fn of(word: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, known)| *known == word);
        found.map(|(kind, _)| *kind)
    }

    /// Its key in a spec.
    pub(super) fn word(self) -> &'static str {
        let found = Self::ALL.iter().find(|(kind, _)| *kind == self);
        found.map_or("", |(_, word)| word)
    }

    /// The commands of a service.
    pub(super) fn commands(self, service: &Service) -> &[CommandLine] {
        match self {
            Self::PreStart => &service.life.pre_start,
            Self::PostStart => &service.life.post_start,
            Self::Stop => &service.stop.commands,
            Self::PostStop => &service.life.post_stop,
            Self::Reload => match &service.life.reload {
                Some(Reload::Commands(commands)) => commands,
                _ => &[],
            },
        }
    }
}

/// A variable that a command gets besides those of the service, with its value.
pub(super) type Variable = (&'static str, String);

impl Unit {
    /// Starts one of the commands, or says why that cannot be.
    ///
    /// # Errors
    /// What comes of it then.
    pub(super) fn spawn_command(
        &self,
        kind: Kind,
        index: usize,
        variables: &[Variable],
    ) -> Result<Child, Outcome> {
        let variables = variables
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        Command::new(own_program())
            .arg("exec")
            .arg(&self.file)
            .args(["run", kind.word(), &index.to_string()])
            .args(variables)
            .stdin(Stdio::null())
            .spawn()
            .map_err(|error| {
                self.tell_failed(kind, index, &format!("cannot be started: {error}"));
                Outcome::ExitCode
            })
    }

    /// Runs commands one after another by `run`, until one fails whose failure counts.
    pub(super) fn in_turn(&self, kind: Kind, mut run: impl FnMut(usize) -> Outcome) -> Outcome {
        for (index, command) in kind.commands(&self.service).iter().enumerate() {
            let outcome = run(index);
            if outcome != Outcome::Success && !command.ignores_failure {
                self.tell_failed(kind, index, "has failed");
                return outcome;
            }
        }
        Outcome::Success
    }

    /// Says which command failed, and how.
    fn tell_failed(&self, kind: Kind, index: usize, how: &str) {
        let number = index + 1;
        let word = kind.word();
        self.log
            .say(format_args!("command {number} of `{word}` {how}"));
    }

    /// Runs the commands before a start, each until it has ended; in the process that
    /// becomes the service.
    ///
    /// # Errors
    /// One failed: nothing is started.
    pub(super) fn run_pre_start(&self) -> Result<(), Outcome> {
        match self.run_in_turn(Kind::PreStart, &[]) {
            Outcome::Success => Ok(()),
            outcome => Err(outcome),
        }
    }

    /// Runs commands one after another in the stead of this process, until one fails.
    pub(super) fn run_in_turn(&self, kind: Kind, variables: &[Variable]) -> Outcome {
        self.in_turn(kind, |index| {
            let child = self.spawn_command(kind, index, variables);
            let outcome = child.map_or_else(|outcome| outcome, |child| self.await_command(child));
            if kind == Kind::PreStart {
                self.end_leftovers();
            }
            outcome
        })
    }

    /// What a command before the start has left behind, which systemd ends before it goes on.
    fn end_leftovers(&self) {
        if matches!(self.service.stop.kill, Kill::Group | Kill::Mixed)
            && let Some(procs) = self.state.last().and_then(|start| start.procs)
        {
            Members::Cgroup(procs).kill();
        }
    }

    fn await_command(&self, mut child: Child) -> Outcome {
        let pid = Pid::from_raw(child.id().cast_signed());
        let mut limit = Limit::new(self.service.start_timeout());
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return limit.outcome(outcome(status)),
                Ok(None) => {}
                Err(_) => return Outcome::ExitCode,
            }
            if limit.is_over() {
                limit.enforce(pid, Outcome::Timeout, self.stop_timeout());
            }
            clock::nap(1);
        }
    }
}

/// How long a command may take: then it gets TERM, and KILL where that does not end it.
pub(super) struct Limit {
    until: Option<Moment>,
    signal: Signal,
    /// What comes of it once a signal has been sent.
    outcome: Option<Outcome>,
}

impl Limit {
    /// A command that begins now; without a timeout it may take as long as it likes.
    pub(super) fn new(timeout: Option<Span>) -> Self {
        Self {
            until: timeout.map(|timeout| Moment::now().after(timeout)),
            signal: Signal::SIGTERM,
            outcome: None,
        }
    }

    /// Whether the next signal is due.
    pub(super) fn is_over(&self) -> bool {
        self.until.is_some_and(|until| Moment::now() >= until)
    }

    /// Whether a signal has been sent.
    pub(super) fn is_enforced(&self) -> bool {
        self.outcome.is_some()
    }

    /// Sends the next signal; the first time it is for that reason.
    pub(super) fn enforce(&mut self, pid: Pid, why: Outcome, stop_timeout: Span) {
        let _ = kill(pid, self.signal);
        self.signal = Signal::SIGKILL;
        self.until = Some(Moment::now().after(stop_timeout));
        self.outcome.get_or_insert(why);
    }

    /// What came of a command that has ended so.
    pub(super) fn outcome(&self, of_end: Outcome) -> Outcome {
        self.outcome.unwrap_or(of_end)
    }
}

fn outcome(status: ExitStatus) -> Outcome {
    let by_code = status.code().map(i32::unsigned_abs);
    ending::of_command(by_code.unwrap_or(256), status.core_dumped())
}
