//! A service that goes into the background: the process that was started ends, and says in a
//! file which one it has left behind (`Type=forking` and `PIDFile=`; `service.c` of systemd 257).

use std::fs;
use std::path::Path;

use nix::sys::prctl::set_child_subreaper;
use nix::unistd::Pid;

use crate::exec::clock::Moment;
use crate::exec::ending::Outcome;
use crate::exec::members::Start;
use crate::service::{NotifyAccess, Type};

use super::{Ended, Process, Supervisor};

/// The most that is read of such a file: a number and a line's end.
const LONGEST: usize = 32;

/// The process in such a file.
fn written(path: &Path) -> Option<Pid> {
    let bytes = fs::read(path).ok()?;
    let text = std::str::from_utf8(&bytes[..bytes.len().min(LONGEST)]).ok()?;
    let number: i32 = text.lines().next()?.trim().parse().ok()?;
    (number > 1).then(|| Pid::from_raw(number))
}

/// Whether a process is in a cgroup, by the list of its processes.
fn is_in(procs: &Path, pid: Pid) -> bool {
    let list = fs::read_to_string(procs).unwrap_or_default();
    list.lines().any(|line| line.parse() == Ok(pid.as_raw()))
}

impl Supervisor<'_> {
    fn forks(&self) -> bool {
        self.unit.service.service_type == Type::Forking
    }

    /// What the process that is started leaves behind becomes a child of this one.
    pub(super) fn take_in_orphans(&self) {
        let hears_all = self.unit.service.life.notify_access == NotifyAccess::All;
        if (self.forks() || hears_all)
            && let Err(errno) = set_child_subreaper(true)
        {
            let errno = errno.desc();
            self.unit.log.say(format_args!(
                "cannot wait for what it leaves behind: {errno}"
            ));
        }
    }

    /// The process that the service says it is, if it is one of the last start's.
    fn main_in_file(&self) -> Option<Start> {
        let path = self.unit.service.life.pid_file.as_ref()?;
        let pid = written(Path::new(path.as_str()))?;
        let procs = self.unit.state.last()?.procs;
        let is_its = procs.as_deref().is_none_or(|procs| is_in(procs, pid));
        let main = Start::of(pid).filter(|_| is_its)?;
        Some(Start { procs, ..main })
    }

    /// Goes on with the process that the one which was started has left behind. Whether there
    /// is one.
    pub(super) fn follow(&mut self, ended: Ended) -> bool {
        let is_expected = self.forks() && self.life.left_behind.is_none() && !self.asked;
        if !is_expected || !self.is_starting() || !self.has_launched() {
            return false;
        }
        if self.unit.state.has_result()
            || self.unit.outcome(ended.status, ended.dumped) != Outcome::Success
        {
            return false;
        }
        self.main = Process::None;
        while !self.asked {
            if let Some(main) = self.main_in_file() {
                self.unit.state.note_main(&main);
                self.main = Process::Running(main.pid);
                self.life.left_behind = Some(main);
                self.has_started();
                return true;
            }
            if !self.unit.members().are_left() {
                self.unit
                    .log
                    .say("it has left no process behind that it names");
                self.life.note(Outcome::Protocol);
                break;
            }
            if self.life.start_by.is_some_and(|by| Moment::now() >= by) {
                self.unit.log.say("it has not named its process in time");
                self.life.note(Outcome::Timeout);
                break;
            }
            self.wait(Some(5));
            self.take_signals();
            self.reap();
        }
        self.main = Process::Ended(ended);
        false
    }

    /// A process of which another one of the service is the parent is not reaped here.
    pub(super) fn look_after(&mut self) {
        let left_behind = self.life.left_behind.as_ref();
        let is_gone = left_behind.is_some_and(|main| !main.main_lives());
        if is_gone && matches!(self.main, Process::Running(_)) {
            self.reap();
            if matches!(self.main, Process::Running(_)) {
                self.main = Process::Ended(Ended::of(0, false));
            }
        }
    }

    /// The file says nothing once the service has ended.
    pub(super) fn forget_file(&self) {
        if let Some(path) = &self.unit.service.life.pid_file {
            let _ = fs::remove_file(path.as_str());
        }
    }
}
