//! Who begins a start, and whether that has ended.

use nix::unistd::{Pid, getppid};

/// Who begins a start.
#[derive(Debug, Clone, Copy)]
pub(super) enum Starter {
    /// Anybody, PID 1 among them.
    Any,
    /// A supervisor that is never PID 1. OpenRC's supervise-daemon (0.45) can end, at a stop, without a word to what it
    /// has just started: then PID 1 is the parent.
    Supervisor,
    /// A `supervise` with this PID.
    Supervise(Pid),
}

impl Starter {
    /// Whether it is not the parent of this process any more.
    pub(super) fn has_ended(self) -> bool {
        match self {
            Self::Any => false,
            Self::Supervisor => getppid() == Pid::from_raw(1),
            Self::Supervise(parent) => getppid() != parent,
        }
    }
}
