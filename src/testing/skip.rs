//! What a test cannot do here is said on a line of its own.

use std::io::Write;

/// Says that the running test, or a part of it, is skipped. The harness shows what
/// `eprintln!` prints of failed tests alone, so this goes to the descriptor itself.
pub(crate) fn skipped(why: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let _ = writeln!(std::io::stderr(), "skipped: {test}: {why}");
}

/// Whether the tests run as root; where not, says that the test is skipped for it.
pub(crate) fn is_root() -> bool {
    let is_root = nix::unistd::geteuid().is_root();
    if !is_root {
        skipped("not root");
    }
    is_root
}
