//! How a service is, as its init and its launcher tell together.

use crate::control::{Ended, State};

/// How a service is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// What it does.
    pub state: State,
    /// How it ended last, where nobody had asked for that.
    pub ended: Option<Ended>,
    /// What the init says itself, in one line, where it was asked.
    pub said: Option<String>,
}

impl Status {
    /// Whether it waits for a start that comes after more than one end.
    pub fn is_crash_loop(&self) -> bool {
        let ends = self.ended.as_ref().map_or(0, |ended| ended.count);
        self.state == State::Activating && ends > 1
    }
}
