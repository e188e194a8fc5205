//! Lines for the service's log, which is standard error.

use std::fmt::Display;
use std::io::{self, Write};
use std::rc::Rc;

/// Says things in the name of a service.
#[derive(Debug, Clone)]
pub(super) struct Log {
    service: Rc<str>,
}

impl Log {
    pub(super) fn new(service: &str) -> Self {
        Self {
            service: service.into(),
        }
    }

    /// One line, whole. Where nobody reads the log, the service starts all the same.
    pub(super) fn say(&self, text: impl Display) {
        let line = format!("{}: {text}\n", self.service);
        let _ = io::stderr().write_all(line.as_bytes());
    }
}
