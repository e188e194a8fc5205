//! Waiting until a kubelet that was started runs: as kubeadm, until it says of itself that it is healthy, and until
//! one that joins has the kubeconfig that it writes once the cluster has taken it in.
//!
//! Neither alone is enough: the kubeconfig is written before the kubelet looks for its client CA and its runtime, and
//! one that is healthy may still wait for its cluster.

use std::thread;
use std::time::{Duration, Instant};

use thiserror::Error;

use crate::control::{LogRequest, State};
use crate::host::{Unhealthy, healthz};
use crate::kubeadm::{Action, Timeout};
use crate::manage::{Session, Watcher};
use crate::process::quietly;
use crate::root::Root;

use super::super::failure::Failure;
use super::super::message;
use super::super::wait::Waiting;
use super::health::Endpoint;

/// What the kubelet of a node that joins writes when the cluster has taken it in.
pub(super) const KUBECONFIG: &str = "/etc/kubernetes/kubelet.conf";
/// What it asks the cluster with until then.
pub(super) const BOOTSTRAP: &str = "/etc/kubernetes/bootstrap-kubelet.conf";

/// How often to look whether the kubelet is there.
const LOOK: Duration = Duration::from_millis(100);
/// How long one question to the kubelet may take.
const ANSWER: Duration = Duration::from_secs(2);
/// How often to ask the init meanwhile what has become of it.
const ASK: Duration = Duration::from_secs(2);
/// How many of its last lines are shown when it has ended.
const LINES: u32 = 10;

/// A kubelet that does not run, or has not joined.
#[derive(Debug, Error)]
enum NotUp {
    #[error("the kubelet did not answer at `{url}` within {after:?}: {problem}, and it is {state}")]
    Unhealthy {
        after: Duration,
        url: String,
        problem: Unhealthy,
        state: State,
    },
    #[error("the kubelet did not write `{KUBECONFIG}` within {after:?}: it is {state}")]
    NotJoined { after: Duration, state: State },
    #[error("the kubelet does not run, and {init} has given it up")]
    GivenUp { init: &'static str },
}

/// What is waited for after the start.
#[derive(Debug, Default)]
pub(super) struct Awaited {
    /// Where the kubelet is asked whether it is healthy, and how long.
    pub health: Option<(Endpoint, Duration)>,
    /// How long its kubeconfig is waited for, from when it is healthy.
    pub kubeconfig: Option<Duration>,
    /// How long all of it may take, where that was said.
    total: Option<Duration>,
}

/// When what was waited for had come, counted from the start.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Came {
    /// The kubelet was healthy.
    pub healthy: Option<Duration>,
    /// It had its kubeconfig.
    pub joined: Option<Duration>,
}

/// How long is waited: for all of it, where that is said, or for each.
pub(super) struct Limits<'l> {
    /// `--timeout`.
    pub total: Option<Duration>,
    /// What the configuration says.
    pub configured: &'l dyn Fn(Timeout) -> Option<Duration>,
}

impl Limits<'_> {
    /// The time for one of them; `None` where it is not waited for.
    fn of(&self, timeout: Timeout) -> Option<Duration> {
        let one = || (self.configured)(timeout).unwrap_or_else(|| timeout.usual());
        Some(self.total.unwrap_or_else(one)).filter(|limit| !limit.is_zero())
    }
}

impl Awaited {
    /// What there is to wait for; says what keeps it from coming. `asks` says that what the kubelet asks the cluster
    /// with is among the files that are written.
    pub(super) fn of(
        root: &Root,
        action: Action,
        asks: bool,
        endpoint: Option<Endpoint>,
        limits: &Limits<'_>,
    ) -> Result<Self, Failure> {
        let health = limits.of(Timeout::KubeletHealthCheck);
        let mut awaited = Self {
            health: endpoint.zip(health),
            kubeconfig: None,
            total: limits.total,
        };
        let Some(limit) = limits.of(Timeout::TlsBootstrap) else {
            return Ok(awaited);
        };
        if action == Action::Init {
            return Ok(awaited);
        }
        if root.target(KUBECONFIG)?.is_some() {
            message::note(&format!("`{KUBECONFIG}` is there already"));
            return Ok(awaited);
        }
        if !asks && root.target(BOOTSTRAP)?.is_none() {
            message::note(&format!(
                "there is no `{BOOTSTRAP}`: the kubelet cannot ask the cluster to take it in"
            ));
        }
        awaited.kubeconfig = Some(limit);
        Ok(awaited)
    }

    /// Whether there is nothing to wait for.
    pub(super) fn is_nothing(&self) -> bool {
        self.health.is_none() && self.kubeconfig.is_none()
    }

    /// Waits for it.
    ///
    /// # Errors
    /// It has not come in time, or the init has given the kubelet up, with the lines that it printed last.
    pub(super) fn wait(&self, session: &Session<'_>, root: &Root) -> Result<Came, Failure> {
        let waiting = Waiting::new();
        let watch = Watch {
            awaited: self,
            session,
            root,
            waiting: &waiting,
        };
        let result = watch.run();
        waiting.over();
        result
    }
}

/// A wait that goes on.
struct Watch<'w> {
    awaited: &'w Awaited,
    session: &'w Session<'w>,
    root: &'w Root,
    waiting: &'w Waiting,
}

impl Watch<'_> {
    fn run(&self) -> Result<Came, Failure> {
        let start = Instant::now();
        let mut came = Came::default();
        let mut life = Life::default();
        loop {
            let problem = self.ask();
            let joined =
                self.awaited.kubeconfig.is_none() || self.root.target(KUBECONFIG)?.is_some();
            let passed = start.elapsed();
            if problem.is_none() {
                came.healthy.get_or_insert(passed);
            }
            if problem.is_none() && joined {
                came.joined = self.awaited.kubeconfig.map(|_| passed);
                came.healthy = came.healthy.filter(|_| self.awaited.health.is_some());
                return Ok(came);
            }
            let (since, limit) = self.limit(came.healthy);
            if passed >= since + limit {
                return Err(self.not_up(&self.in_vain(problem, limit)?));
            }
            if life.is_due(passed) {
                self.look(&mut life)?;
            }
            let what = match (&self.awaited.health, &problem) {
                (Some((endpoint, _)), Some(_)) => endpoint.url(),
                _ => KUBECONFIG.to_owned(),
            };
            let waited = passed.saturating_sub(since);
            self.waiting.waits(&format!("`{what}`"), waited, limit);
            thread::sleep(LOOK.min(limit.saturating_sub(waited)));
        }
    }

    /// What keeps the kubelet from being healthy; nothing where it is, or where nobody asks.
    fn ask(&self) -> Option<Unhealthy> {
        let (Endpoint(address), limit) = self.awaited.health?;
        healthz(address, ANSWER.min(limit)).err()
    }

    /// From when what is waited for now may take how long.
    fn limit(&self, healthy: Option<Duration>) -> (Duration, Duration) {
        let none = (Duration::ZERO, Duration::ZERO);
        match (self.awaited.total, healthy) {
            (Some(total), _) => (Duration::ZERO, total),
            (None, Some(since)) => self.awaited.kubeconfig.map_or(none, |limit| (since, limit)),
            (None, None) => self
                .awaited
                .health
                .map_or(none, |(_, limit)| (Duration::ZERO, limit)),
        }
    }

    fn in_vain(&self, problem: Option<Unhealthy>, after: Duration) -> Result<NotUp, Failure> {
        let state = self.session.state()?;
        Ok(match (problem, &self.awaited.health) {
            (Some(problem), Some((endpoint, _))) => NotUp::Unhealthy {
                after,
                url: endpoint.url(),
                problem,
                state,
            },
            _ => NotUp::NotJoined { after, state },
        })
    }

    /// Looks what has become of the kubelet. One that has ended and comes again is told of once: it may yet find what
    /// it misses, and kubeadm waits for that as well.
    fn look(&self, life: &mut Life) -> Result<(), Failure> {
        let state = self.session.state()?;
        let init = self.session.init();
        if state == State::Failed {
            return Err(self.not_up(&NotUp::GivenUp { init }));
        }
        if life.ended(state) {
            self.waiting.over();
            message::note(&format!(
                "the kubelet has ended, and {init} starts it again; {}",
                last_lines(self.session)
            ));
        }
        Ok(())
    }

    /// The error with what the kubelet said last, and what may be missing.
    fn not_up(&self, error: &NotUp) -> Failure {
        let failure = Failure::new(error).and("its files are in their places");
        let failure = failure.excerpt(last_lines(self.session));
        let joins = self.awaited.kubeconfig.is_some();
        match self.root.target(BOOTSTRAP) {
            Ok(None) if joins && !matches!(self.root.target(KUBECONFIG), Ok(Some(_))) => failure.hint(format!(
                "there is no `{BOOTSTRAP}`, with which the kubelet asks the cluster; `kubeadm join phase kubelet-start` or an administrator writes it"
            )),
            _ => failure.hint("`kubelet-unit service logs -f` shows more, `--timeout` lets it wait longer"),
        }
    }
}

/// What was seen of the kubelet's process.
#[derive(Default)]
struct Life {
    looked: Option<Duration>,
    pid: Option<u32>,
    ran: bool,
    told: bool,
}

impl Life {
    /// Whether it is time to look again.
    fn is_due(&mut self, passed: Duration) -> bool {
        let due = self.looked.is_none_or(|last| passed >= last + ASK);
        if due {
            self.looked = Some(passed);
        }
        due
    }

    /// Whether it has ended since it was looked at first, and that was not told yet.
    fn ended(&mut self, state: State) -> bool {
        let ended = match state {
            State::Active { pid } => {
                let other = self.pid.is_some() && pid.is_some() && self.pid != pid;
                self.pid = pid.or(self.pid);
                self.ran = true;
                other
            }
            State::Activating => self.ran,
            _ => false,
        };
        let first = ended && !self.told;
        self.told |= ended;
        first
    }
}

fn last_lines(session: &Session<'_>) -> String {
    let request = LogRequest {
        lines: LINES,
        follow: false,
    };
    let answer = match session.log(request) {
        Ok(command) => quietly(&command).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    let text = match answer {
        Ok(answer) if answer.code == Some(0) => answer.stdout,
        Ok(answer) => return format!("its log cannot be shown: {}", answer.message()),
        Err(error) => return format!("its log cannot be shown: {error}"),
    };
    let lines: Vec<_> = text.lines().collect();
    let first = lines.len().saturating_sub(LINES as usize);
    match lines.is_empty() {
        true => "it has printed nothing".to_owned(),
        false => format!("what it printed last:\n  {}", lines[first..].join("\n  ")),
    }
}
