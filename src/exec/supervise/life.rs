//! One life of a service whose parent is the launcher: from its start to its end, with the
//! commands on the way (`service.c` of systemd 257).

use std::io;
use std::iter;
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Command, Stdio};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::exec::clock::Moment;
use crate::exec::commands::{Kind, Limit, Variable};
use crate::exec::ending::{self, Outcome};
use crate::exec::members::{Start, Told, parent_of, system};
use crate::exec::own_program;
use crate::service::{Kill, NotifyAccess, Service, Type};

use super::notices::Notices;
use super::{Ended, NOT_STARTED, Process, Supervisor};

/// What is known of the life that goes on.
#[derive(Debug, Default)]
pub(super) struct Life {
    /// Where the process that becomes the service says that it does.
    start: Option<OwnedFd>,
    /// Where it says that it is ready.
    pub(super) notices: Option<Notices>,
    /// The process of the service, which alone is heard.
    main: Option<Pid>,
    /// The process that the one which was started has left behind.
    pub(super) left_behind: Option<Start>,
    /// Until when it has to have started, once its process has.
    pub(super) start_by: Option<Moment>,
    /// Whether its process has become the service.
    pub(super) launched: bool,
    /// Whether it has started, commands for that included.
    up: bool,
    /// Whether a stop goes on.
    stopping: bool,
    /// What went wrong first.
    result: Option<Outcome>,
    /// When it gets KILL, where it is ended for that.
    kill_at: Option<Moment>,
}

/// Whether this process has started another, or one has that it has started: what loses its
/// parent becomes its child again ([`Supervisor::take_in_orphans`]).
fn is_descendant(of: Pid) -> bool {
    // No chain is longer than there are processes; one that changes meanwhile has an end too.
    const LONGEST: usize = 4096;
    let mut line = iter::successors(parent_of(of), |pid| parent_of(*pid)).take(LONGEST);
    line.any(|ancestor| ancestor == Pid::this())
}

impl Life {
    /// Only the first thing that went wrong counts.
    pub(super) fn note(&mut self, outcome: Outcome) {
        if outcome != Outcome::Success {
            self.result.get_or_insert(outcome);
        }
    }
}

impl Supervisor<'_> {
    fn service(&self) -> &Service {
        &self.unit.service
    }

    /// From the start of the service to its end.
    pub(super) fn one_life(&mut self) -> Ended {
        self.life = Life::default();
        if let Err(error) = self.listen().and_then(|()| self.spawn()) {
            self.unit
                .log
                .say(format_args!("cannot start the launcher: {error}"));
            return Ended::by_code(NOT_STARTED, Outcome::ExitCode);
        }
        loop {
            self.reap();
            self.look_after();
            if let Process::Ended(ended) = self.main
                && !self.follow(ended)
            {
                return self.main_has_ended(ended);
            }
            if self.is_left_alone() {
                return Ended::by_code(0, self.life.result.unwrap_or(Outcome::Success));
            }
            self.begin_stop();
            self.heed_start();
            self.heed_time();
            // Commands may have taken the signal for its end, or for a stop.
            let is_due = self.asked && !self.life.stopping;
            if matches!(self.main, Process::Running(_)) && !is_due {
                self.wait(self.patience());
            }
            self.take_signals();
        }
    }

    /// Opens the socket at which the service says that it is ready, if it does.
    fn listen(&mut self) -> io::Result<()> {
        if self.service().service_type == Type::Notify {
            self.unit.state.set_ready(false);
            self.life.notices = Some(Notices::at(&self.unit.state.notify())?);
        }
        Ok(())
    }

    /// Reads what the main process has said.
    fn take_notices(&mut self) {
        let (Some(notices), Some(main)) = (&mut self.life.notices, self.life.main) else {
            return;
        };
        let control = match self.control {
            Process::Running(control) => Some(control),
            _ => None,
        };
        let access = self.unit.service.life.notify_access;
        let is_heard = |sender: Pid| match access {
            NotifyAccess::Main => sender == main,
            NotifyAccess::Exec => sender == main || Some(sender) == control,
            NotifyAccess::All => is_descendant(sender),
        };
        while let Some(notice) = notices.next(is_heard) {
            notices.ready |= notice.ready;
            if let (Some(extends), Some(by)) = (notice.extends, self.life.start_by) {
                self.life.start_by = Some(by.max(Moment::now().later(extends)));
            }
        }
    }

    /// A start by this program, which makes the session and all the rest itself.
    fn spawn(&mut self) -> io::Result<()> {
        let mut command = Command::new(own_program());
        command
            .arg("exec")
            .arg(&self.unit.file)
            .args(["start", &Pid::this().to_string()]);
        let is_told = self.service().start_has_steps();
        if is_told {
            let (read, write) = io::pipe()?;
            command.stdin(Stdio::from(write));
            self.life.start = Some(read.into());
        }
        let child = command.spawn()?;
        let main = Pid::from_raw(child.id().cast_signed());
        self.main = Process::Running(main);
        self.life.main = Some(main);
        self.life.launched = !is_told;
        self.life.up = !is_told;
        Ok(())
    }

    /// Whether a stop is over though the service may still be there: none of its processes
    /// is to be ended, or none by KILL.
    fn is_left_alone(&self) -> bool {
        let stop = &self.service().stop;
        let is_over = || {
            let deadline = self.life.kill_at.or_else(|| self.unit.state.deadline());
            deadline.is_none_or(|deadline| Moment::now() >= deadline)
        };
        let is_ended = self.life.stopping || self.life.kill_at.is_some();
        is_ended && (stop.kill == Kill::None || (!stop.send_kill && is_over()))
    }

    /// Once: a second stop signal makes a kubelet exit at once.
    fn begin_stop(&mut self) {
        if !self.asked || self.life.stopping {
            return;
        }
        self.life.stopping = true;
        if self.life.kill_at.is_some() {
            self.unit.set_deadline(None); // it has had the signal
            return;
        }
        if self.life.up {
            let outcome = self.run_commands(Kind::Stop, None);
            self.life.note(outcome);
        }
        let stop = &self.service().stop;
        if let Process::Running(main) = self.main
            && stop.kill != Kill::None
        {
            let signal = system(stop.signal);
            self.unit.stop(Some(main));
            let _ = kill(main, signal);
        }
    }

    /// Ends the service for something that went wrong.
    fn fail(&mut self, outcome: Outcome) {
        self.life.note(outcome);
        if self.life.kill_at.is_some() || self.life.stopping {
            return;
        }
        self.life.kill_at = Some(Moment::now().after(self.unit.stop_timeout()));
        let signal = self.service().stop.signal;
        let _ = self.unit.members().stop(signal, &Told::default());
    }

    /// Whether the process that was started has become the service.
    pub(super) fn has_launched(&mut self) -> bool {
        let Some(start) = &self.life.start else {
            return self.life.launched;
        };
        let mut ends = [PollFd::new(start.as_fd(), PollFlags::POLLIN)];
        if !poll(&mut ends, PollTimeout::ZERO).is_ok_and(|ready| ready > 0) {
            return false;
        }
        // It is closed without a word where it ends before that.
        self.life.launched = nix::unistd::read(start, &mut [0]) == Ok(1);
        self.life.start = None;
        let timeout = self.service().start_timeout();
        self.life.start_by = timeout.map(|timeout| Moment::now().after(timeout));
        self.life.launched
    }

    /// Goes on with what follows a start, when it is complete.
    fn heed_start(&mut self) {
        self.take_notices();
        if self.is_starting() && self.has_launched() && self.is_complete() {
            self.has_started();
        }
    }

    /// Whether it has said that it is ready.
    fn is_ready(&self) -> bool {
        self.life.notices.as_ref().is_some_and(|it| it.ready)
    }

    /// Whether a start whose process has become the service needs no more.
    fn is_complete(&self) -> bool {
        match self.service().service_type {
            Type::Simple => true,
            Type::Notify => self.is_ready(),
            Type::Oneshot | Type::Forking => false,
        }
    }

    pub(super) fn is_starting(&self) -> bool {
        !self.life.up && !self.life.stopping && self.life.kill_at.is_none()
    }

    /// The service has started: the commands for that are run. A stop ends them, and then no
    /// commands are run for it: systemd has those for what has started alone.
    pub(super) fn has_started(&mut self) {
        match self.run_commands(Kind::PostStart, None) {
            Outcome::Success => {
                self.life.up = true;
                self.pass_on();
            }
            outcome if self.asked => self.life.note(outcome),
            outcome => self.fail(outcome),
        }
    }

    /// Tells who waits for it that the service has said that it is ready.
    fn pass_on(&mut self) {
        if !self.is_ready() {
            return;
        }
        self.unit.state.set_ready(true);
        if let Some(ready) = self.ready.take() {
            let _ = nix::unistd::write(ready, b"\n");
        }
    }

    /// Ends a start that takes too long, and what does not end for it.
    fn heed_time(&mut self) {
        let now = Moment::now();
        if !self.life.up && self.life.start_by.is_some_and(|by| now >= by) {
            self.life.start_by = None;
            self.unit.log.say("it has not started in time");
            self.fail(Outcome::Timeout);
        }
        if self.life.kill_at.is_some_and(|until| now >= until) && self.service().stop.send_kill {
            self.unit.members().kill();
            if let Process::Running(main) = self.main {
                let _ = kill(main, Signal::SIGKILL);
            }
        }
    }

    /// How long nothing but a signal is waited for, in hundredths of a second.
    fn patience(&self) -> Option<u64> {
        let is_watched = self.life.start.is_some()
            || !self.life.up
            || self.life.kill_at.is_some()
            || self.life.stopping;
        let is_urgent = self.life.start.is_some();
        is_watched.then_some(if is_urgent { 2 } else { 50 })
    }

    /// What follows the end of the main process.
    fn main_has_ended(&mut self, ended: Ended) -> Ended {
        let is_oneshot = self.service().service_type == Type::Oneshot;
        self.take_notices();
        // What ends at once has started all the same.
        if self.is_complete() && self.is_starting() && !self.asked && self.has_launched() {
            self.has_started();
        }
        let mut ended = self.judge(ended);
        let is_mute = self.life.notices.is_some() && !self.is_ready();
        if is_mute && ended.outcome == Outcome::Success && self.is_starting() && !self.asked {
            self.unit.log.say("it has ended before it was ready");
            ended.outcome = Outcome::Protocol;
        }
        if is_oneshot && ended.outcome == Outcome::Success && self.is_starting() && !self.asked {
            ended.outcome = self.run_commands(Kind::PostStart, None);
            self.life.up = ended.outcome == Outcome::Success;
        }
        // At a stop they have been run.
        if self.life.up && !self.life.stopping && ended.outcome == Outcome::Success {
            if self.service().life.remain_after_exit {
                self.remain();
            }
            ended.outcome = self.run_commands(Kind::Stop, Some(&ended));
        }
        ended
    }

    /// What came of it.
    fn judge(&self, mut ended: Ended) -> Ended {
        let noted = self.unit.take_result();
        // Then the process had not become the service yet.
        ended.main = noted.is_none();
        let is_killed = ended.status == 256 + (Signal::SIGKILL as i32).unsigned_abs();
        let is_late = || {
            let deadline = self.unit.state.deadline();
            deadline.is_some_and(|deadline| Moment::now() >= deadline)
        };
        ended.outcome = match (self.life.result, noted) {
            (Some(outcome), _) | (None, Some((outcome, _))) => outcome,
            _ if self.life.stopping && is_killed && is_late() => Outcome::Timeout,
            _ => self.unit.outcome(ended.status, ended.dumped),
        };
        ended
    }

    /// Is up without a process, until a stop.
    fn remain(&mut self) {
        while !self.asked && self.is_ours() {
            self.wait(Some(50));
            self.take_signals();
            self.reap();
        }
    }

    /// Runs commands one after another, until one fails.
    pub(super) fn run_commands(&mut self, kind: Kind, ended: Option<&Ended>) -> Outcome {
        let unit = self.unit;
        unit.in_turn(kind, |index| self.run_command(kind, index, ended))
    }

    fn run_command(&mut self, kind: Kind, index: usize, ended: Option<&Ended>) -> Outcome {
        let variables = self.variables(kind, ended);
        let child = match self.unit.spawn_command(kind, index, &variables) {
            Ok(child) => child,
            Err(outcome) => return outcome,
        };
        let pid = Pid::from_raw(child.id().cast_signed());
        self.control = Process::Running(pid);
        let timeout = match kind {
            Kind::PostStart => self.service().start_timeout(),
            _ => Some(self.unit.stop_timeout()),
        };
        let mut limit = Limit::new(timeout);
        loop {
            self.reap();
            if let Process::Ended(ended) = self.control {
                self.control = Process::None;
                return limit.outcome(ending::of_command(ended.status, ended.dumped));
            }
            self.take_notices();
            let is_in_vain = kind == Kind::PostStart && self.asked && !limit.is_enforced();
            if limit.is_over() {
                limit.enforce(pid, Outcome::Timeout, self.unit.stop_timeout());
            } else if is_in_vain {
                limit.enforce(pid, Outcome::Signal, self.unit.stop_timeout());
            }
            self.wait(Some(50));
            self.take_signals();
        }
    }

    /// What a command is told of the service (`systemd.exec(5)`, "Environment Variables Set
    /// or Propagated by the Service Manager").
    fn variables(&self, kind: Kind, ended: Option<&Ended>) -> Vec<Variable> {
        let mut variables = Vec::new();
        if let Process::Running(main) = self.main {
            variables.push(("MAINPID", main.to_string()));
        }
        if matches!(kind, Kind::Stop | Kind::PostStop) {
            let outcome = ended.map_or(Outcome::Success, |ended| ended.outcome);
            variables.push(("SERVICE_RESULT", outcome.word().into()));
            if let Some(ended) = ended.filter(|ended| ended.main) {
                let (code, status) = ended.told();
                variables.push(("EXIT_CODE", code.into()));
                variables.push(("EXIT_STATUS", status));
            }
        }
        variables
    }

    /// Takes what has ended, what a stop left behind too.
    pub(super) fn reap(&mut self) {
        use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
        loop {
            let (pid, ended) = match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::Exited(pid, code)) => (pid, Ended::of(code.unsigned_abs(), false)),
                Ok(WaitStatus::Signaled(pid, signal, dumped)) => {
                    (pid, Ended::of(256 + (signal as i32).unsigned_abs(), dumped))
                }
                Ok(WaitStatus::StillAlive) => return,
                // It is no child any more: whoever took it knows how it ended.
                Err(Errno::ECHILD) => {
                    let lost = Ended::by_code(NOT_STARTED, Outcome::ExitCode);
                    for process in [&mut self.main, &mut self.control] {
                        if matches!(process, Process::Running(_)) {
                            *process = Process::Ended(lost);
                        }
                    }
                    return;
                }
                Ok(_) | Err(_) => continue,
            };
            for process in [&mut self.main, &mut self.control] {
                if matches!(process, Process::Running(running) if *running == pid) {
                    *process = Process::Ended(ended);
                }
            }
        }
    }
}
