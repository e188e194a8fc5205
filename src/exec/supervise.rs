//! `supervise`: stays the parent of the service, for a supervisor that has no hook
//! before its TERM, or none after an end.

use std::io;
use std::process::{Command, Stdio, exit};
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{self, SigSet, Signal, kill};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Pid, getppid};

use std::os::fd::AsFd;

use crate::service::Kill;

use super::clock::{self, Moment};
use super::ending::is_started_again;
use super::members::{Start, system};
use super::verb::Supervised;
use super::{Unit, own_program};

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

/// Starts the service, and again as its policy says, or once.
pub(super) fn run(unit: &Unit, what: Supervised) -> u8 {
    let once = what == Supervised::Once;
    let mut supervisor = match Supervisor::new(unit) {
        Ok(supervisor) => supervisor,
        Err(errno) => {
            let errno = errno.desc();
            unit.log
                .say(format_args!("cannot wait for signals: {errno}"));
            return 126;
        }
    };
    let status = supervisor.lives(once);
    if what == Supervised::Tell {
        supervisor.tell();
    }
    if supervisor.asked {
        if !once {
            unit.state.forget_ends();
        }
        unit.set_deadline(None); // for `finish`
    }
    if !once {
        keep_output_open();
    }
    leave(status, once)
}

/// Ends as the service did: 256 and more is by a signal.
fn leave(status: u32, once: bool) -> u8 {
    let Some(number) = status.checked_sub(BY_SIGNAL) else {
        return u8::try_from(status).unwrap_or(u8::MAX);
    };
    let signal = i32::try_from(number).unwrap_or_default();
    if let (true, Ok(signal)) = (once, Signal::try_from(signal)) {
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

struct Supervisor<'a> {
    unit: &'a Unit,
    /// Signals are blocked and read from here, so that none comes in between.
    signals: SignalFd,
    /// Whether a stop was asked for.
    asked: bool,
    /// This process, by which the state folder knows it.
    own: Option<Start>,
}

impl<'a> Supervisor<'a> {
    fn new(unit: &'a Unit) -> Result<Self, Errno> {
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
        })
    }

    /// Starts the service as often as it has to be, and gives how it ended.
    fn lives(&mut self, once: bool) -> u32 {
        if let Some(own) = &self.own {
            self.unit.state.claim(own);
        }
        if !once {
            self.unit.state.forget_ends();
        }
        self.unit.end_last();
        let mut status = 0;
        loop {
            self.take_signals(None);
            if self.asked {
                return status;
            }
            self.unit.state.clear_deadline();
            status = self.one_life();
            self.leave_to_others();
            self.unit.end();
            self.take_signals(None);
            if once || self.asked {
                return status;
            }
            if !is_started_again(&self.unit.service.restart, status) {
                self.unit.state.note_end(Some(status), None, None);
                return status;
            }
            let until = Moment::now().after(self.unit.service.restart.delay);
            self.unit.state.note_end(Some(status), Some(until), None);
            self.pause(until);
            self.leave_to_others();
        }
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

    /// From the start of the service to its end, of which it gives the exit code, or
    /// 256 + N for signal N.
    fn one_life(&mut self) -> u32 {
        let child = match self.spawn() {
            Ok(child) => child,
            Err(error) => {
                self.unit
                    .log
                    .say(format_args!("cannot start the launcher: {error}"));
                return NOT_STARTED;
            }
        };
        loop {
            if let Some(status) = reap(child) {
                return status;
            }
            if self.is_left_alone() {
                return 0;
            }
            self.wait(self.asked.then_some(50));
            self.take_signals(Some(child));
        }
    }

    /// Whether a stop is over though the service may still be there: none of its processes
    /// is to be ended, or none by KILL.
    fn is_left_alone(&self) -> bool {
        let stop = &self.unit.service.stop;
        let is_over = || {
            let deadline = self.unit.state.deadline();
            deadline.is_none_or(|deadline| Moment::now() >= deadline)
        };
        self.asked && (stop.kill == Kill::None || (!stop.send_kill && is_over()))
    }

    /// A start by this program, which makes the session and all the rest itself.
    fn spawn(&self) -> io::Result<Pid> {
        let child = Command::new(own_program())
            .arg("exec")
            .arg(&self.unit.file)
            .args(["start", &Pid::this().to_string()])
            .spawn()?;
        Ok(Pid::from_raw(child.id().cast_signed()))
    }

    /// The restart delay, which a stop cuts short.
    fn pause(&mut self, until: Moment) {
        while !self.asked && self.is_ours() {
            let now = Moment::now();
            if now > until {
                return;
            }
            self.wait(Some(clock::step(now, until)));
            self.take_signals(None);
        }
    }

    /// Waits for a signal, or for so many hundredths of a second.
    fn wait(&self, hundredths: Option<u64>) {
        let timeout = hundredths.map(|it| Duration::from_millis(it * 10));
        let timeout = timeout.map_or(PollTimeout::NONE, |it| {
            PollTimeout::try_from(it).unwrap_or(PollTimeout::MAX)
        });
        let signals = PollFd::new(self.signals.as_fd(), PollFlags::POLLIN);
        let _ = poll(&mut [signals], timeout);
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
            self.take_signals(None);
        }
    }

    /// Does what the signals that came ask for.
    fn take_signals(&mut self, child: Option<Pid>) {
        while let Ok(Some(came)) = self.signals.read_signal() {
            let number = i32::try_from(came.ssi_signo).unwrap_or_default();
            match Signal::try_from(number) {
                Ok(signal::SIGTERM) => self.terminate(child),
                Ok(signal::SIGCHLD) | Err(_) => {}
                Ok(passed_on) => {
                    if let Some(child) = child {
                        let _ = kill(child, passed_on);
                    }
                }
            }
        }
    }

    /// Once: a second stop signal makes a kubelet exit at once.
    fn terminate(&mut self, child: Option<Pid>) {
        if self.asked {
            return;
        }
        self.asked = true;
        let stop = &self.unit.service.stop;
        if let Some(child) = child.filter(|_| stop.kill != Kill::None) {
            self.unit.stop(Some(child));
            let _ = kill(child, system(stop.signal));
        }
    }
}

/// Takes what has ended, what a stop left behind too; the exit code of `child` if
/// it is among that, 256 + N for signal N.
fn reap(child: Pid) -> Option<u32> {
    loop {
        let (pid, status) = match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::Exited(pid, code)) => (pid, code),
            Ok(WaitStatus::Signaled(pid, signal, _)) => {
                (pid, BY_SIGNAL.cast_signed() + signal as i32)
            }
            Ok(WaitStatus::StillAlive) => return None,
            // It is no child any more: whoever took it knows how it ended.
            Err(Errno::ECHILD) => return Some(NOT_STARTED),
            Ok(_) | Err(_) => continue,
        };
        if pid == child {
            return Some(status.unsigned_abs());
        }
    }
}
