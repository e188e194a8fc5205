//! What takes the launcher's tests minutes: every case under every shell, and what a start costs.

#[path = "../../launcher/bed.rs"]
#[allow(dead_code, reason = "the other tests of the launcher have more of it")]
mod bed;
#[path = "../../launcher/cases.rs"]
mod cases;
mod cost;

use bed::{both, starters};

/// dash and the native launcher have their turn in the inner loop.
#[test]
fn every_case_gives_what_systemd_gives_under_the_other_shells() {
    let done: Vec<_> = both().collect();
    cases::no_difference(starters().filter(|starter| !done.contains(starter)));
}
