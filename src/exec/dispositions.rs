//! Signal dispositions, for which there is no safe interface.

#![allow(unsafe_code)]

use nix::libc::{SIG_DFL, SIG_IGN, SIGPIPE, SIGRTMAX, signal};

/// Every signal at its default, SIGPIPE alone ignored: `IgnoreSIGPIPE=`
/// (`systemd.exec(5)`) is on by default.
pub(super) fn reset() {
    for number in 1..=SIGRTMAX() {
        let disposition = match number {
            SIGPIPE => SIG_IGN,
            _ => SIG_DFL,
        };
        // SAFETY: neither disposition calls any code of this process. The one thread
        // that there is relies on no handler: those of Rust's runtime only explain a
        // stack overflow. KILL, STOP and the C library's own signals are refused,
        // which changes nothing.
        unsafe {
            signal(number, disposition);
        }
    }
}
