//! Who is told that something takes a while.

use std::time::Duration;

/// Is told about waits.
pub trait Watcher {
    /// Something has been waited for this long, and may take that long.
    fn waits(&self, what: &str, passed: Duration, within: Duration);

    /// The wait is over.
    fn over(&self);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Watcher for Silent {
    fn waits(&self, _what: &str, _passed: Duration, _within: Duration) {}

    fn over(&self) {}
}
