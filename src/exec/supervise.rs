//! `supervise`: stays the parent of the service, for a supervisor that has no hook
//! before its TERM, or none after an end.

mod forking;
mod life;
mod notices;

use std::process::{Command, Stdio, exit};
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{self, SigSet, Signal, kill};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::unistd::{Pid, getppid};

use std::os::fd::{AsFd, OwnedFd};

use life::Life;

use super::Unit;
use super::clock::{self, Moment};
use super::commands::Kind;
use super::ending::{Outcome, is_started_again};
use super::members::Start;
use super::unsafe_calls::inherited;
use super::verb::Supervised;

/// What goes on to the service as it comes. TERM is the supervisor's word for a
/// stop.
const PASSED_ON: [Signal; 5] = [
    signal::SIGHUP,
    signal::SIGINT,
    signal::SIGQUIT,
    signal::SIGUSR1,
    signal::SIGUSR2,
];

/// Exit code of a child that could not be started, as a shell has it.
const NOT_STARTED: u32 = 126;

/// How long a supervisor has for what it was told, in hundredths of a second.
const TOLD: u64 = 1000;

/// What is added to a signal that ended the service: no exit code is as high.
const BY_SIGNAL: u32 = 256;

/// The descriptor at which a supervisor waits for a line, where it does.
pub(super) const READY: u16 = 3;

/// Starts the service, and again as its policy says, or once. Where the supervisor waits for
/// it, it `is_told` when the service is ready.
pub(super) fn run(unit: &Unit, what: Supervised, is_told: bool) -> u8 {
    let has_finish = what.has_finish();
    let mut supervisor = match Supervisor::new(unit, is_told) {
        Ok(supervisor) => supervisor,
        Err(errno) => {
            let errno = errno.desc();
            unit.log
                .say(format_args!("cannot wait for signals: {errno}"));
            return 126;
        }
    };
    let status = supervisor.lives(what);
    if what == Supervised::Tell {
        supervisor.tell();
    }
    if supervisor.asked {
        if !has_finish {
            unit.state.forget_ends();
        }
        unit.set_deadline(None); // for `finish`
    }
    if !has_finish {
        keep_output_open();
    }
    leave(status, has_finish)
}

/// Ends as the service did: 256 and more is by a signal, which `finish` has to be told.
fn leave(status: u32, has_finish: bool) -> u8 {
    let Some(number) = status.checked_sub(BY_SIGNAL) else {
        return u8::try_from(status).unwrap_or(u8::MAX);
    };
    let signal = i32::try_from(number).unwrap_or_default();
    if let (true, Ok(signal)) = (has_finish, Signal::try_from(signal)) {
        let _ = SigSet::empty().thread_set_mask();
        let _ = kill(Pid::this(), signal);
    }
    u8::try_from(128 + number).unwrap_or(u8::MAX)
}

/// supervisord looks for ended processes once a second, and when output ends. That of a process ends just
/// before it does: this ends it a little later.
fn keep_output_open() {
    // Without `sleep` the end is seen up to a second later, no more.
    let _ = Command::new("sleep")
        .arg("0.05")
        .stdin(Stdio::null())
        .spawn();
}

/// A process that this one has started.
#[derive(Debug, Clone, Copy, Default)]
enum Process {
    /// There is none.
    #[default]
    None,
    /// It is there.
    Running(Pid),
    /// It has ended, and what came of it has not been heeded yet.
    Ended(Ended),
}

/// How a process ended, and what it is to the service.
#[derive(Debug, Clone, Copy)]
struct Ended {
    /// Exit code, or 256 and the signal.
    status: u32,
    /// Whether it left a core file.
    dumped: bool,
    /// Whether it was the process of the service.
    main: bool,
    /// What came of it.
    outcome: Outcome,
}

impl Default for Ended {
    /// Nothing has ended.
    fn default() -> Self {
        Self::by_code(0, Outcome::Success)
    }
}

impl Ended {
    fn by_code(status: u32, outcome: Outcome) -> Self {
        Self {
            status,
            dumped: false,
            main: false,
            outcome,
        }
    }

    fn of(status: u32, dumped: bool) -> Self {
        Self {
            status,
            dumped,
            main: true,
            outcome: Outcome::Success,
        }
    }

    /// `EXIT_CODE` and `EXIT_STATUS` (`systemd.exec(5)`).
    fn told(self) -> (&'static str, String) {
        let Some(number) = self.status.checked_sub(BY_SIGNAL) else {
            return ("exited", self.status.to_string());
        };
        let code = if self.dumped { "dumped" } else { "killed" };
        let signal = i32::try_from(number).ok();
        let name = signal.and_then(|number| Signal::try_from(number).ok());
        let name = name.map_or_else(|| number.to_string(), |it| it.as_str()[3..].to_owned());
        (code, name)
    }

    /// What this process ends with: not as if all were well.
    fn left_with(self) -> u32 {
        let is_well = matches!(self.outcome, Outcome::Success | Outcome::Condition);
        if self.status == 0 && !is_well {
            1
        } else {
            self.status
        }
    }
}

/// An older supervisor that knows of no such thing may have left anything there.
fn is_pipe(descriptor: &OwnedFd) -> bool {
    use nix::sys::stat::{SFlag, fstat};
    let kind = fstat(descriptor).map(|it| SFlag::from_bits_truncate(it.st_mode));
    let is_pipe = kind.is_ok_and(|kind| kind & SFlag::S_IFMT == SFlag::S_IFIFO);
    if is_pipe {
        let flag = FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC);
        let _ = fcntl(descriptor, flag);
    }
    is_pipe
}

struct Supervisor<'a> {
    unit: &'a Unit,
    /// Signals are blocked and read from here, so that none comes in between.
    signals: SignalFd,
    /// Whether a stop was asked for.
    asked: bool,
    /// This process, by which the state folder knows it.
    own: Option<Start>,
    /// The process of the service.
    main: Process,
    /// A command beside it.
    control: Process,
    /// What is known of the life that goes on.
    life: Life,
    /// Where the supervisor waits for a line.
    ready: Option<OwnedFd>,
}

impl<'a> Supervisor<'a> {
    fn new(unit: &'a Unit, is_told: bool) -> Result<Self, Errno> {
        let ready = is_told.then(|| inherited(READY.into())).flatten();
        let mut mask = SigSet::from_iter(PASSED_ON);
        mask.add(signal::SIGTERM);
        mask.add(signal::SIGCHLD);
        mask.thread_block()?;
        let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
        Ok(Self {
            unit,
            signals: SignalFd::with_flags(&mask, flags)?,
            asked: false,
            own: Start::of(Pid::this()),
            main: Process::None,
            control: Process::None,
            life: Life::default(),
            ready: ready.filter(is_pipe),
        })
    }

    /// Starts the service as often as it has to be, and gives how it ended.
    fn lives(&mut self, what: Supervised) -> u32 {
        if let Some(own) = &self.own {
            self.unit.state.claim(own);
        }
        if !what.has_finish() {
            self.unit.state.forget_ends();
        }
        self.unit.end_last();
        self.take_in_orphans();
        let mut status = 0;
        loop {
            self.take_signals();
            if self.asked {
                return status;
            }
            self.unit.state.clear_deadline();
            self.unit.take_result();
            let begun = Moment::now();
            let mut ended = self.one_life();
            self.leave_to_others();
            self.after_life(&mut ended);
            self.take_signals();
            status = ended.left_with();
            if self.asked {
                return status;
            }
            let restart = &self.unit.service.restart;
            let of_main = ended.main.then_some(ended.status);
            if what == Supervised::Once
                || !is_started_again(restart, ended.outcome, of_main)
                || !self.unit.is_within_limit(begun)
            {
                match what.has_finish() {
                    true => self.note_result(ended),
                    false => self.unit.state.note_end(Some(ended.status), None, None),
                }
                return status;
            }
            let until = Moment::now().after(restart.delay);
            self.unit
                .state
                .note_end(Some(ended.status), Some(until), None);
            self.pause(until);
            self.leave_to_others();
        }
    }

    /// Notes for `finish` what it cannot tell from how this process ends.
    fn note_result(&self, ended: Ended) {
        let told = self.unit.outcome(ended.status, ended.dumped);
        if !ended.main || ended.outcome != told {
            self.unit.state.set_result(ended.outcome, ended.main);
        }
    }

    /// Ends what is left, and runs the commands for the end unless nothing was begun.
    fn after_life(&mut self, ended: &mut Ended) {
        self.main = Process::None;
        self.unit.state.set_ready(false);
        if !self.unit.service.life.post_stop.is_empty() && ended.outcome != Outcome::Condition {
            self.unit.end_last();
            let outcome = self.run_commands(Kind::PostStop, Some(ended));
            if ended.outcome == Outcome::Success {
                ended.outcome = outcome;
            }
        }
        self.unit.end();
        self.forget_file();
    }

    /// Ends this process if another start, or another `supervise`, has taken the service
    /// over.
    fn leave_to_others(&self) {
        if !self.is_ours() {
            exit(1);
        }
    }

    fn is_ours(&self) -> bool {
        let own = self.own.as_ref();
        own.is_none_or(|own| self.unit.state.is_left_to(own))
    }

    /// The restart delay, which a stop cuts short.
    fn pause(&mut self, until: Moment) {
        while !self.asked && self.is_ours() {
            let now = Moment::now();
            if now > until {
                return;
            }
            self.wait(Some(clock::step(now, until)));
            self.take_signals();
        }
    }

    /// Tells a supervisor that starts again whatever ends that this is not wanted, and
    /// waits until it ends this process.
    fn tell(&mut self) {
        if self.asked || kill(getppid(), signal::SIGTERM).is_err() {
            return;
        }
        let until = Moment::now().later(TOLD);
        while !self.asked && Moment::now() < until {
            self.wait(Some(50));
            self.take_signals();
        }
    }

    /// Waits for a signal, or for so many hundredths of a second.
    fn wait(&self, hundredths: Option<u64>) {
        let timeout = hundredths.map(|it| Duration::from_millis(it * 10));
        let timeout = timeout.map_or(PollTimeout::NONE, |it| {
            PollTimeout::try_from(it).unwrap_or(PollTimeout::MAX)
        });
        let signals = PollFd::new(self.signals.as_fd(), PollFlags::POLLIN);
        // What others say once it has ended is not read any more.
        let runs = matches!(self.main, Process::Running(_));
        let notices = self.life.notices.as_ref().filter(|_| runs);
        let notices = notices.map(notices::Notices::descriptor);
        let notices = notices.map(|it| PollFd::new(it, PollFlags::POLLIN));
        let mut all: Vec<_> = [signals].into_iter().chain(notices).collect();
        let _ = poll(&mut all, timeout);
    }

    /// Does what the signals that came ask for.
    fn take_signals(&mut self) {
        while let Ok(Some(came)) = self.signals.read_signal() {
            let number = i32::try_from(came.ssi_signo).unwrap_or_default();
            match Signal::try_from(number) {
                Ok(signal::SIGTERM) => self.asked = true,
                Ok(signal::SIGCHLD) | Err(_) => {}
                // A start is not the service yet, and these would only end it.
                Ok(signal::SIGHUP | signal::SIGUSR1 | signal::SIGUSR2) if !self.life.launched => {}
                Ok(passed_on) => {
                    if let Process::Running(main) = self.main {
                        let _ = kill(main, passed_on);
                    }
                }
            }
        }
    }
}
