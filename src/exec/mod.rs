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

mod account;
mod argv;
mod cgroup;
mod clock;
mod commands;
mod conditions;
mod directories;
mod ending;
mod env_files;
mod error;
mod initial_state;
mod limits;
mod log;
mod members;
mod of_host;
mod process;
mod start;
mod starter;
mod state;
mod supervise;
mod unsafe_calls;
mod verb;
mod waiter;
mod wanted;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::exit;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::backends::launcher::{self, restarts, stays_parent};
use crate::service::{Kill, Reload, Service, Span, Type};
use crate::spec::{self, Spec};

use clock::Moment;
use commands::Kind;
use ending::{Outcome, is_started_again};
use log::Log;
use members::{Members, Start, Told};
use starter::Starter;
use state::State;
use wanted::Wanted;

pub(crate) use error::ExecError;
pub(crate) use verb::{VERBS, Verb};

/// Exit code of [`Verb::Finish`] for: not again. s6's own, `s6-supervise(8)`.
const NOT_AGAIN: u8 = 125;

/// Exit code of a start that was stopped before it became the service: that of TERM.
const STOPPED: i32 = 143;

/// How long after KILL nothing more is waited for, besides the stop timeout.
const AFTER_KILL: u64 = 1000;

/// Does what `verb` says for the service in `file`, and gives the exit code. A
/// start that succeeds does not return.
///
/// # Errors
/// No service can be read from the file.
pub(crate) fn run(file: &Path, verb: Verb) -> Result<u8, ExecError> {
    initial_state::close_descriptors(match verb {
        Verb::Supervise(_, true) => supervise::READY + 1,
        _ => 3,
    });
    // Whatever waits here, on the way to a start too, has to end by a signal.
    initial_state::reset_signals();
    initial_state::set_umask();
    let unit = Unit::read(file)?;
    unit.state.prepare();
    Ok(match verb {
        Verb::Start(parent) => unit.start(parent),
        Verb::Respawn => unit.respawn(),
        Verb::Stop(except) => unit.stop(except),
        Verb::End => u8::from(!unit.end_on_purpose()),
        Verb::Finish { floor, status } => unit.finish(floor, status),
        Verb::Supervise(what, is_told) => supervise::run(&unit, what, is_told),
        Verb::Reload => unit.reload(),
        Verb::Run(kind, index, variables) => unit.become_command(kind, index, &variables),
        Verb::Wait { deadline, target } => {
            let target = target.map(|(pid, started)| Start {
                pid,
                started,
                procs: None,
            });
            unit.wait(deadline, target.as_ref())
        }
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
        let mut service = spec.resolve().ok_or_else(not_resolved)?;
        let log = Log::new(service.name.as_str());
        of_host::fill(&mut service, &log);
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
        // Who is noted as stopped before it is known which start there is, is found
        // by a start that has not noted itself yet.
        let target = except.and_then(Start::of);
        let deadline = self.set_deadline(target.as_ref());
        let members = self.members();
        let supervisors: Told = except.into_iter().collect();
        let told = members.stop(self.service.stop.signal, &supervisors);
        self.state.note_told(&supervisors.and(told));
        if let Err(error) = waiter::leave_behind(&self.file, deadline, target.as_ref()) {
            self.log.say(format_args!(
                "nothing stays behind to send KILL at the stop timeout: {error}"
            ));
        }
        0
    }

    /// A stop that has begun keeps its timeout, however often it is asked for; unless
    /// it was given up, or is of before a boot that left the state folder.
    fn set_deadline(&self, target: Option<&Start>) -> Moment {
        let now = Moment::now();
        let latest = now.after(self.stop_timeout());
        let begun = self.state.deadline();
        let begun = begun.filter(|&begun| begun <= latest && now < self.gives_up(begun));
        let deadline = begun.unwrap_or(latest);
        self.state.set_deadline(deadline, target);
        deadline
    }

    fn stop_timeout(&self) -> Span {
        launcher::stop_timeout(&self.service)
    }

    /// When nothing more is waited for that should have ended by this deadline.
    fn gives_up(&self, deadline: Moment) -> Moment {
        deadline.after(self.stop_timeout()).later(AFTER_KILL)
    }

    /// What [`Unit::stop`] leaves behind. It ends when nothing is left of the
    /// start that was stopped, and at the latest when the next one has begun.
    fn wait(&self, deadline: Moment, target: Option<&Start>) -> u8 {
        let goes_on = || self.is_latest(deadline, target);
        u8::from(!self.kill_at(deadline, target, goes_on))
    }

    /// Whether the stop with this deadline is still the last: no start came after it
    /// but the one that it is for, which may have taken it for an old one. Where that has
    /// ended, another has forgotten the stop, and notes itself next.
    fn is_latest(&self, deadline: Moment, target: Option<&Start>) -> bool {
        if self.state.deadline() == Some(deadline) {
            return true;
        }
        let Some(target) = target else { return false };
        let is_noted = || self.state.last().is_some_and(|last| last.is(target));
        let is_its_own = target.main_lives() && is_noted();
        if is_its_own {
            self.state.set_deadline(deadline, Some(target));
        }
        is_its_own
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
        let deadline = begun.unwrap_or_else(|| Moment::now().after(self.stop_timeout()));
        let told = begun.map(|_| self.state.told()).unwrap_or_default();
        members.stop(self.service.stop.signal, &told);
        self.kill_at(deadline, None, || true)
    }

    /// Returns when nothing is left that is to be ended, or when nobody is interested any
    /// more; from the deadline on with KILL. `false` when even that has not helped for as long
    /// again, as systemd gives up then. The start that a stop is for may note itself
    /// only now.
    fn kill_at(
        &self,
        deadline: Moment,
        target: Option<&Start>,
        goes_on: impl Fn() -> bool,
    ) -> bool {
        let gives_up = self.gives_up(deadline);
        let target_lives = || target.is_some_and(Start::main_lives);
        while goes_on() {
            let members = self.members();
            if !members.are_left() && !target_lives() {
                break;
            }
            let now = Moment::now();
            let is_over = now >= deadline || members.are_rest();
            if is_over && !self.service.stop.send_kill {
                break; // systemd leaves it alone as well
            }
            if is_over {
                members.kill();
                let target = target.filter(|start| now >= deadline && start.main_lives());
                if let Some(target) = target {
                    let _ = kill(target.pid, Signal::SIGKILL);
                }
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
        directories::remove(&self.service.process);
        if let Some(procs) = last.and_then(|start| start.procs) {
            cgroup::remove(&procs);
        }
        true
    }

    /// [`Verb::End`]: what comes after it was asked for.
    fn end_on_purpose(&self) -> bool {
        let ended = self.end();
        if ended {
            self.state.forget_ends();
        }
        ended
    }

    /// After an end, for a supervisor with such a hook. Returns when nothing is
    /// left and, unless a stop was asked for, when the delay is over but for
    /// `floor`, which the supervisor may add; the next start makes up the rest.
    fn finish(&self, floor: u64, status: Option<u32>) -> u8 {
        self.state.begin_finish();
        let begun = self.state.last().map(|start| start.started);
        self.end();
        let wanted = Wanted::default();
        if self.state.deadline().is_some() || wanted.is_down() {
            self.state.forget_ends();
            return 0;
        }
        let known = status.unwrap_or(0);
        let noted = self.take_result();
        let (outcome, main) = noted.unwrap_or_else(|| (self.outcome(known, false), true));
        let begun = begun.map_or_else(Moment::now, Moment::of_ticks);
        if !is_started_again(&self.service.restart, outcome, main.then_some(known))
            || !self.is_within_limit(begun)
        {
            self.state.note_end(status, None, None);
            return NOT_AGAIN;
        }
        let earliest = Moment::now().after(self.service.restart.delay);
        self.state.note_end(status, Some(earliest), None);
        clock::nap(10); // the supervisor writes the status of this `finish`, too
        self.state.settle();
        let is_commanded = || match wanted::is_moved_by_updates() {
            true => wanted.is_down(),
            false => self.state.is_commanded() || wanted.is_down(),
        };
        clock::pause(earliest.earlier(floor), is_commanded);
        match is_commanded() {
            true => self.state.forget_ends(),
            false => self.state.set_earliest(earliest),
        }
        0
    }

    /// Whether the service may be started once more after the delay, as many times as that was
    /// since a start on purpose, which was at `begun` where none is counted yet
    /// (`ratelimit_below`, `ratelimit.c` of systemd 257). That start is counted.
    fn is_within_limit(&self, begun: Moment) -> bool {
        let Some(limit) = self.service.restart.reachable_limit() else {
            return true;
        };
        let next = Moment::now().after(self.service.restart.delay);
        let (begun, starts) = self.state.starts().unwrap_or((begun, 1));
        let (begun, starts) = match next > begun.after(limit.within) {
            true => (next, 0),
            false if starts < limit.starts => (begun, starts),
            false => {
                self.log.say("started too often, and not again");
                return false;
            }
        };
        self.state.set_starts(begun, starts + 1);
        true
    }

    /// Ends what is left of the last start, and makes this process the first of
    /// the next.
    ///
    /// Who stops a start notes the stop before it reads which start there is, and a
    /// start notes itself before it looks for a stop: none is missed. The same with a
    /// starter that ends, after which nobody would know of this start.
    fn enter(&self, starter: Starter) {
        if !matches!(starter, Starter::Supervise(_)) {
            self.state.take_over();
        }
        self.end_last();
        self.go_on(starter);
        // What ended without an `end` left its folders.
        if self.state.last().is_some() {
            directories::remove(&self.service.process);
        }
        self.state.clear_deadline();
        let procs = match self.service.stop.kill {
            Kill::Group | Kill::Mixed => cgroup::enter(self.service.name.as_str()),
            Kill::Process | Kill::None => None,
        };
        self.state.note_start(procs.as_deref());
        self.go_on(starter);
        if let Some(earliest) = self.state.earliest() {
            clock::pause(earliest, || false);
            self.state.clear_earliest();
        }
    }

    /// Ends this start if a stop is for it, or if who began it has ended.
    fn go_on(&self, starter: Starter) {
        let stopped = Start::of(Pid::this()).is_some_and(|own| self.state.is_stopped(&own));
        if stopped || starter.has_ended() {
            exit(STOPPED);
        }
    }

    /// What was noted of the end of a start, where the launcher stays the parent: nothing else
    /// notes it.
    fn take_result(&self) -> Option<(Outcome, bool)> {
        let is_noted = stays_parent(&self.service)
            || restarts(&self.service)
            || self.service.service_type == Type::Notify;
        is_noted.then(|| self.state.take_result()).flatten()
    }

    /// Becomes the service, once all that comes before has been done; who waits for that is
    /// told at standard input.
    fn become_service(&self, parent: Option<Pid>) -> u8 {
        if self.service.life.comes_before()
            && let Some(code) = self.comes_to_nothing()
        {
            return code;
        }
        if parent.is_some() && self.service.start_has_steps() {
            let _ = nix::unistd::write(io::stdin(), b"1");
        }
        let notify = self.state.notify().display().to_string();
        let is_heard = parent.is_some() && self.service.service_type == Type::Notify;
        let variables = is_heard.then_some(("NOTIFY_SOCKET", notify.as_str()));
        start::replace(&self.service, variables.as_slice(), &self.log)
    }

    /// Does what comes before the service; gives an exit code where that is the end of it.
    fn comes_to_nothing(&self) -> Option<u8> {
        self.state.take_result();
        if let Some(condition) = conditions::unfulfilled(&self.service.life.conditions) {
            self.log.say(format_args!(
                "not started, as `{}: {condition}` is not so",
                condition.check.key()
            ));
            self.state.set_result(Outcome::Condition, false);
            return Some(0);
        }
        if self.service.life.pre_start.is_empty() {
            return None;
        }
        // As long as only that can end this.
        self.state.set_result(Outcome::Signal, false);
        if let Err(outcome) = self.run_pre_start() {
            self.state.set_result(outcome, false);
            return Some(1);
        }
        self.state.take_result();
        None
    }

    /// How an end of the service counts: by an exit code, or by 256 and the signal.
    fn outcome(&self, status: u32, dumped: bool) -> Outcome {
        let is_oneshot = self.service.service_type == Type::Oneshot;
        ending::outcome(&self.service.restart, is_oneshot, status, dumped)
    }

    /// Becomes one of the commands beside the service, in its cgroup.
    fn become_command(&self, kind: Kind, index: usize, variables: &[String]) -> u8 {
        let Some(command) = kind.commands(&self.service).get(index) else {
            return start::NOT_CONFIGURED;
        };
        if matches!(self.service.stop.kill, Kill::Group | Kill::Mixed) {
            cgroup::enter(self.service.name.as_str());
        }
        let variables: Vec<_> = variables
            .iter()
            .filter_map(|it| it.split_once('='))
            .collect();
        start::become_command(&self.service, command, &variables, &self.log)
    }

    /// Asks the service to read its configuration again.
    fn reload(&self) -> u8 {
        let main = self.state.last().filter(Start::main_lives);
        let Some(main) = main else {
            self.log.say("it does not run, and cannot reload");
            return 1;
        };
        if self.service.life.comes_before() && self.state.has_result() {
            self.log.say("it is only starting, and cannot reload yet");
            return 1;
        }
        match &self.service.life.reload {
            None => {
                self.log.say("nothing says how it reloads");
                1
            }
            Some(Reload::Signal(signal)) => match kill(main.pid, members::system(*signal)) {
                Ok(()) => 0,
                Err(errno) => {
                    let errno = errno.desc();
                    self.log
                        .say(format_args!("it cannot be sent {signal}: {errno}"));
                    1
                }
            },
            Some(Reload::Commands(_)) => {
                let variables = [("MAINPID", main.pid.to_string())];
                u8::from(self.run_in_turn(Kind::Reload, &variables) != Outcome::Success)
            }
        }
    }

    fn start(&self, parent: Option<Pid>) -> u8 {
        self.enter(parent.map_or(Starter::Any, Starter::Supervise));
        self.become_service(parent)
    }

    /// A start, for a supervisor that starts this again without a delay of its
    /// own. It is one after a crash unless [`Unit::end`] came since the last.
    fn respawn(&self) -> u8 {
        let crashed = self.state.last();
        self.enter(Starter::Supervisor);
        if let Some(crashed) = crashed {
            let earliest = Moment::now().after(self.service.restart.delay);
            // Only the supervisor knows how it ended.
            self.state.note_end(None, Some(earliest), Some(crashed.pid));
            clock::pause(earliest, || false);
        }
        self.become_service(None)
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
