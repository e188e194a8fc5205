//! How often the tests look at what they wait for: less often the longer it takes, since the processors are for the
//! services.

use std::thread;
use std::time::{Duration, Instant};

/// Waits for a sixteenth of the time that has passed, within bounds: what comes then is seen that much later.
pub(crate) fn pause(began: Instant, shortest: Duration, longest: Duration) {
    thread::sleep((began.elapsed() / 16).clamp(shortest, longest));
}
