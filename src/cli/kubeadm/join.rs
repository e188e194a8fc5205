//! Waiting for a node that joins: its kubelet writes a kubeconfig once the cluster has taken it in.

use std::thread;
use std::time::{Duration, Instant};

use thiserror::Error;

use crate::control::{LogRequest, State};
use crate::kubeadm::Action;
use crate::manage::{Session, Watcher};
use crate::process::quietly;
use crate::root::Root;

use super::super::failure::Failure;
use super::super::message;
use super::super::wait::Waiting;

/// What the kubelet of a node that joins writes when the cluster has taken it in.
pub(super) const KUBECONFIG: &str = "/etc/kubernetes/kubelet.conf";
/// What it asks the cluster with until then.
pub(super) const BOOTSTRAP: &str = "/etc/kubernetes/bootstrap-kubelet.conf";

/// How long to wait where nobody says: kubeadm's default of `timeouts.tlsBootstrap`.
const TIMEOUT: Duration = Duration::from_secs(5 * 60);
/// How often to look whether the kubelet has joined.
const LOOK: Duration = Duration::from_millis(100);
/// How often to ask meanwhile whether the init has given it up.
const ASK: Duration = Duration::from_secs(5);
/// How many of its last lines are shown when it has not.
const LINES: u32 = 10;

/// A kubelet that has not joined.
#[derive(Debug, Error)]
enum NotJoined {
    #[error("waited {after:?} for the kubelet to write `{KUBECONFIG}` in vain: it is {state}")]
    InTime { after: Duration, state: State },
    #[error("the kubelet has not written `{KUBECONFIG}`, and {init} has given it up")]
    GivenUp { init: &'static str },
}

/// How long to wait for the kubeconfig; `None` where there is nothing to wait for. Says what
/// keeps it from coming. `asks` says that what the kubelet asks the cluster with is among the files that are written.
pub(super) fn wait(
    root: &Root,
    action: Action,
    asks: bool,
    timeout: Option<Duration>,
) -> Result<Option<Duration>, Failure> {
    let timeout = timeout.unwrap_or(TIMEOUT);
    if action == Action::Init || timeout.is_zero() {
        return Ok(None);
    }
    if root.target(KUBECONFIG)?.is_some() {
        message::note(&format!("`{KUBECONFIG}` is there already"));
        return Ok(None);
    }
    if !asks && root.target(BOOTSTRAP)?.is_none() {
        message::note(&format!(
            "there is no `{BOOTSTRAP}`: the kubelet cannot ask the cluster to take it in"
        ));
    }
    Ok(Some(timeout))
}

/// Waits until the kubelet has written its kubeconfig; gives the time that it took.
///
/// # Errors
/// It has not, with the lines that it printed last.
pub(super) fn joined(
    session: &Session<'_>,
    root: &Root,
    limit: Duration,
) -> Result<Duration, Failure> {
    let waiting = Waiting::new();
    let result = watch(session, root, limit, &waiting);
    waiting.over();
    result
}

fn watch(
    session: &Session<'_>,
    root: &Root,
    limit: Duration,
    waiting: &Waiting,
) -> Result<Duration, Failure> {
    let start = Instant::now();
    let mut asked = Duration::ZERO;
    loop {
        let there = root.target(KUBECONFIG)?.is_some();
        let passed = start.elapsed();
        if there {
            return Ok(passed);
        }
        if passed >= limit {
            let state = session.state()?;
            let error = NotJoined::InTime {
                after: limit,
                state,
            };
            return Err(not_joined(session, root, &error));
        }
        if passed >= asked + ASK {
            asked = passed;
            if session.state()? == State::Failed {
                let init = session.init();
                return Err(not_joined(session, root, &NotJoined::GivenUp { init }));
            }
        }
        waiting.waits(&format!("`{KUBECONFIG}`"), passed, limit);
        thread::sleep(LOOK.min(limit.saturating_sub(passed)));
    }
}

/// The error with what the kubelet said last, and what may be missing.
fn not_joined(session: &Session<'_>, root: &Root, error: &NotJoined) -> Failure {
    let failure = Failure::new(error).and("its files are in their places");
    let failure = failure.excerpt(last_lines(session));
    match root.target(BOOTSTRAP) {
        Ok(None) => failure.hint(format!(
            "there is no `{BOOTSTRAP}`, with which the kubelet asks the cluster; `kubeadm join phase kubelet-start` or an administrator writes it"
        )),
        _ => failure.hint("`kubelet-unit service logs -f` shows more, `--timeout` gives it longer"),
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
