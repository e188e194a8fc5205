//! The two system calls of the launcher for which there is no safe interface.

#![allow(unsafe_code)]

use nix::libc::{
    SIG_DFL, SIG_IGN, SIGPIPE, SIGRTMAX, SYS_close_range, c_int, c_uint, signal, syscall,
};

/// Every signal at its default, SIGPIPE alone ignored: `IgnoreSIGPIPE=`
/// (`systemd.exec(5)`) is on by default.
pub(super) fn reset_dispositions() {
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

/// Closes every descriptor from `first` on, in one call and without `/proc`.
/// Whether the kernel has that call, `close_range(2)`, since Linux 5.9.
///
/// No safe wrapper exists, since whoever owns one of them would lose it.
pub(super) fn close_from(first: c_uint) -> bool {
    // The C library's function of that name is missing from older ones.
    // SAFETY: the call takes three integers and touches no memory. The caller owns
    // none of the descriptors: this is the first that the process does.
    let result = unsafe { syscall(SYS_close_range, first, c_uint::MAX, 0 as c_int) };
    result == 0
}
