//! One question, asked again until it is answered or the time is over.

use std::thread;
use std::time::{Duration, Instant};

use super::client::ATTEMPT;
use super::error::{AskProblem, JoinError};

/// The pauses between two tries: the first, and the longest, which is kubeadm's (`DiscoveryRetryInterval`).
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(5));
/// How often the wait is told.
const TELL: Duration = Duration::from_secs(1);

/// Who is told what goes on.
pub trait Watch {
    /// A question begins.
    fn asks(&self, what: &str, server: &str);
    /// A try has failed, and there will be another.
    fn again(&self, what: &str, server: &str, problem: &AskProblem);
    /// Time passes until the next try.
    fn waits(&self, what: &str, passed: Duration, within: Duration);
    /// Something worth knowing.
    fn note(&self, text: &str);
}

/// A question.
pub(super) struct Question<'q> {
    pub(super) what: &'q str,
    pub(super) server: &'q str,
    /// How long all tries may take.
    pub(super) within: Duration,
}

/// Why a try has failed.
pub(super) enum Failed {
    /// Another try may get an answer.
    Again(AskProblem),
    /// Another try will not.
    Refused(AskProblem),
    /// Another try will not, and it is not a matter of the answer.
    Finally(JoinError),
}

impl From<AskProblem> for Failed {
    fn from(problem: AskProblem) -> Self {
        Self::Again(problem)
    }
}

impl Question<'_> {
    /// Asks until there is an answer. A try gets the time that it may take.
    pub(super) fn ask<T>(
        &self,
        watch: &dyn Watch,
        mut attempt: impl FnMut(Duration) -> Result<T, Failed>,
    ) -> Result<T, JoinError> {
        let start = Instant::now();
        let mut pause = PAUSES.0;
        let mut told = None;
        watch.asks(self.what, self.server);
        loop {
            let left = self.within.saturating_sub(start.elapsed());
            let problem = match attempt(left.clamp(Duration::from_millis(1), ATTEMPT)) {
                Ok(answer) => return Ok(answer),
                Err(Failed::Finally(error)) => return Err(error),
                Err(Failed::Refused(problem)) => {
                    return Err(JoinError::Refused {
                        what: self.what.to_owned(),
                        server: self.server.to_owned(),
                        problem,
                    });
                }
                Err(Failed::Again(problem)) => problem,
            };
            let next = start.elapsed() + pause;
            if next >= self.within {
                return Err(JoinError::InTime {
                    what: self.what.to_owned(),
                    server: self.server.to_owned(),
                    within: self.within,
                    // A last try that had hardly any time says nothing.
                    problem,
                });
            }
            if told.as_ref() != Some(&problem) {
                watch.again(self.what, self.server, &problem);
                told = Some(problem);
            }
            while start.elapsed() < next {
                watch.waits(self.what, start.elapsed(), self.within);
                thread::sleep(TELL.min(next.saturating_sub(start.elapsed())));
            }
            pause = (2 * pause).min(PAUSES.1);
        }
    }
}
