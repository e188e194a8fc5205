//! The native launcher: what `--launcher native` renders is the service as a spec
//! whose interpreter this is.
//!
//! It does what the sh launcher in `backends/launcher` does, with the same verbs,
//! messages, state folder and cgroup, so that a machine may go from one to the
//! other while the service runs. Beyond sh it undoes whatever a supervisor did to
//! signals, descriptors and limits, and makes a session.
//!
//! A start is this process from the first line to `execve(2)`: there is one
//! thread, and nothing between reads what it need not.

mod argv;
mod cgroup;
mod clock;
mod env_files;
mod error;
mod initial_state;
mod limits;
mod log;
mod members;
mod start;
mod state;
mod supervise;
mod unsafe_calls;
mod verb;
mod waiter;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use nix::unistd::Pid;

use crate::service::{Kill, Policy, Service};
use crate::spec::{self, Spec};

use clock::Moment;
use log::Log;
use members::{Members, Told};
use state::State;

pub(crate) use error::ExecError;
pub(crate) use verb::{VERBS, Verb};

/// Exit code of [`Verb::Finish`] for: not again. s6's own, `s6-supervise(8)`.
const NOT_AGAIN: u8 = 125;

/// How long after KILL nothing more is waited for, besides the stop timeout.
const AFTER_KILL: u64 = 1000;

/// Does what `verb` says for the service in `file`, and gives the exit code. A
/// start that succeeds does not return.
///
/// # Errors
/// There is no service to be read from the file.
pub(crate) fn run(file: &Path, verb: Verb) -> Result<u8, ExecError> {
    initial_state::close_descriptors();
    // Whatever waits here, on the way to a start too, has to end by a signal.
    initial_state::reset_signals();
    initial_state::set_umask();
    let unit = Unit::read(file)?;
    unit.state.prepare();
    Ok(match verb {
        Verb::Start => unit.start(),
        Verb::Respawn => unit.respawn(),
        Verb::Stop(except) => unit.stop(except),
        Verb::End => u8::from(!unit.end()),
        Verb::Finish { floor, status } => unit.finish(floor, status),
        Verb::Supervise { once } => supervise::run(&unit, once),
        Verb::Wait => unit.wait(),
    })
}

/// A service and what is known of its last start.
struct Unit {
    file: PathBuf,
    service: Service,
    log: Log,
    state: State,
}

impl Unit {
    fn read(path: &Path) -> Result<Self, ExecError> {
        let bytes = read_bounded(path).map_err(|source| ExecError::Unreadable {
            path: path.into(),
            source,
        })?;
        let spec = Spec::read(&path.to_string_lossy(), &bytes)?;
        let not_resolved = || ExecError::NotResolved { path: path.into() };
        let service = spec.resolve().ok_or_else(not_resolved)?;
        let log = Log::new(service.name.as_str());
        let state = State::new(service.name.as_str(), log.clone());
        Ok(Self {
            file: path.into(),
            service,
            log,
            state,
        })
    }

    /// The processes of the last start.
    fn members(&self) -> Members {
        Members::new(self.service.stop.kill, self.state.last())
    }

    /// A stop begins. The stop signal goes to all but `except`, which the
    /// supervisor signals itself: a kubelet that gets it twice exits at once. KILL
    /// goes to what is left at the stop timeout, for which a process stays behind.
    fn stop(&self, except: Option<Pid>) -> u8 {
        let members = self.members();
        self.set_deadline();
        let supervisors: Told = except.into_iter().collect();
        let told = members.stop(self.service.stop.signal, &supervisors);
        self.state.note_told(&supervisors.and(told));
        if let Err(error) = waiter::leave_behind(&self.file) {
            self.log.say(format_args!(
                "nothing stays behind to send KILL at the stop timeout: {error}"
            ));
        }
        0
    }

    /// A stop that has begun keeps its timeout, however often it is asked for; unless
    /// it was given up, or is of before a boot that left the state folder.
    fn set_deadline(&self) {
        let now = Moment::now();
        let latest = now.after(self.service.stop.timeout);
        let begun = self.state.deadline();
        let begun = begun.filter(|&begun| begun <= latest && now < self.gives_up(begun));
        self.state.set_deadline(begun.unwrap_or(latest));
    }

    /// When nothing more is waited for that should have ended by this deadline.
    fn gives_up(&self, deadline: Moment) -> Moment {
        deadline.after(self.service.stop.timeout).later(AFTER_KILL)
    }

    /// What [`Unit::stop`] leaves behind. It ends when nothing is left of the
    /// start that was stopped, and at the latest when the next one has begun.
    fn wait(&self) -> u8 {
        let members = self.members();
        match self.state.deadline() {
            Some(deadline) => {
                let over = || self.state.deadline() != Some(deadline);
                u8::from(!self.kill_at(&members, deadline, over))
            }
            None => 0,
        }
    }

    /// Ends what is left of the last start, within the timeout of a stop that has
    /// begun, or of one that begins now. What has had the stop signal does not get
    /// it again. Whether nothing is left.
    fn end_last(&self) -> bool {
        let members = self.members();
        if !members.are_left() {
            return true;
        }
        let begun = self.state.deadline();
        let deadline = begun.unwrap_or_else(|| Moment::now().after(self.service.stop.timeout));
        let told = begun.map(|_| self.state.told()).unwrap_or_default();
        members.stop(self.service.stop.signal, &told);
        self.kill_at(&members, deadline, || false)
    }

    /// Returns when nothing is left, or when nobody is interested any more; from
    /// the deadline on with KILL. `false` when even that has not helped for as long
    /// again, as systemd gives up then.
    fn kill_at(&self, members: &Members, deadline: Moment, over: impl Fn() -> bool) -> bool {
        let gives_up = self.gives_up(deadline);
        while members.are_left() && !over() {
            let now = Moment::now();
            if now >= deadline {
                members.kill();
            }
            if now >= gives_up {
                self.log
                    .say(format_args!("still there after KILL: {members}"));
                return false;
            }
            clock::nap(10);
        }
        true
    }

    /// The service has ended and is to be down. Whether nothing is left.
    fn end(&self) -> bool {
        if !self.end_last() {
            return false;
        }
        let last = self.state.last();
        self.state.forget_start();
        if let Some(procs) = last.and_then(|start| start.procs) {
            cgroup::remove(&procs);
        }
        true
    }

    /// After an end, for a supervisor with such a hook. Returns when nothing is
    /// left and, unless a stop was asked for, when the delay is over but for
    /// `floor`, which the supervisor may add; the next start makes up the rest.
    fn finish(&self, floor: u64, status: u32) -> u8 {
        self.state.begin_finish();
        self.end();
        if self.state.deadline().is_some() {
            return 0;
        }
        if !is_started_again(self.service.restart.policy, status) {
            return NOT_AGAIN;
        }
        let earliest = Moment::now().after(self.service.restart.delay);
        clock::nap(10); // the supervisor writes the status of this `finish`, too
        self.state.settle();
        clock::pause(earliest.earlier(floor), || self.state.is_commanded());
        if !self.state.is_commanded() {
            self.state.set_earliest(earliest);
        }
        0
    }

    /// Ends what is left of the last start, and makes this process the first of
    /// the next.
    fn enter(&self) {
        self.end_last();
        self.state.clear_deadline();
        let procs = match self.service.stop.kill {
            Kill::Group => cgroup::enter(self.service.name.as_str()),
            Kill::Process => None,
        };
        self.state.note_start(procs.as_deref());
        if let Some(earliest) = self.state.earliest() {
            clock::pause(earliest, || false);
            self.state.clear_earliest();
        }
    }

    fn start(&self) -> u8 {
        self.enter();
        start::replace(&self.service, &self.log)
    }

    /// A start, for a supervisor that starts this again without a delay of its
    /// own. It is one after a crash unless [`Unit::end`] came since the last.
    fn respawn(&self) -> u8 {
        let crashed = self.state.last().is_some();
        self.enter();
        if crashed {
            let earliest = Moment::now().after(self.service.restart.delay);
            clock::pause(earliest, || false);
        }
        start::replace(&self.service, &self.log)
    }
}

/// Whether the policy has a service started again after it ended with this exit
/// code, 128 + N for signal N. Clean are 0 and an end by HUP, INT, PIPE or TERM
/// (`systemd.service(5)`, `Restart=`).
fn is_started_again(policy: Policy, status: u32) -> bool {
    match policy {
        Policy::Always => true,
        Policy::OnFailure => !matches!(status, 0 | 129 | 130 | 141 | 143),
        Policy::Never => false,
    }
}

/// At most one byte more than a spec may have.
fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(4096);
    let limit = spec::MOST_JSON as u64 + 1;
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The program that this process is, to be started once more. It may have been
/// replaced by an update since.
fn own_program() -> PathBuf {
    const DELETED: &str = " (deleted)"; // proc_pid_exe(5)
    let link = std::env::current_exe().unwrap_or_default();
    let path = link.to_str().and_then(|link| link.strip_suffix(DELETED));
    let path = path.map_or_else(|| link.clone(), PathBuf::from);
    match path.exists() {
        true => path,
        false => PathBuf::from(OsStr::new("/proc/self/exe")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_ends_are_those_of_systemd() {
        for (status, on_failure) in [
            (0, false),
            (1, true),
            (78, true),
            (126, true),
            (129, false),
            (130, false),
            (137, true),
            (139, true),
            (141, false),
            (143, false),
            (256, true),
        ] {
            assert!(is_started_again(Policy::Always, status));
            assert!(!is_started_again(Policy::Never, status));
            assert_eq!(
                is_started_again(Policy::OnFailure, status),
                on_failure,
                "{status}"
            );
        }
    }
}
