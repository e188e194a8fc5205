//! The state that systemd starts a program in ("Process Properties" and following
//! in `systemd.exec(5)`), as far as it is not environment and arguments.

use std::fs;

use nix::fcntl::{OFlag, open};
use nix::sys::resource::{Resource, getrlimit};
use nix::sys::signal::SigSet;
use nix::sys::stat::{Mode, umask};
use nix::unistd::{close, dup2_stdin, setsid};

use crate::service::{OomScoreAdjust, Service};

use super::log::Log;
use super::unsafe_calls;

/// Closes what a supervisor left open from a number on, which is above standard error.
///
/// It has to be the first that this process does: nothing of its own is open yet.
pub(super) fn close_descriptors(first: u16) {
    if unsafe_calls::close_from(first.into()) {
        return;
    }
    // Before Linux 5.9, or in a sandbox.
    let listed = fs::read_dir("/proc/self/fd").ok().map(|folder| {
        let names = folder.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        names.filter_map(|name| name.parse().ok()).collect()
    });
    let open: Vec<i32> = listed.unwrap_or_else(|| {
        // /proc is not mounted.
        let (soft, _) = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or((1024, 1024));
        (0..i32::try_from(soft).unwrap_or(65_536).min(65_536)).collect()
    });
    for descriptor in open.into_iter().filter(|it| *it >= first.into()) {
        // That of the listing itself is gone already.
        let _ = close(descriptor);
    }
}

/// Signals at their defaults, SIGPIPE ignored, none blocked.
pub(super) fn reset_signals() {
    unsafe_calls::reset_dispositions();
    let _ = SigSet::empty().thread_set_mask();
}

/// `UMask=`, whose default is 0022. What the launcher itself writes needs it before: a
/// supervisor's may leave that to anybody to change.
pub(super) fn set_umask() {
    umask(Mode::from_bits_truncate(0o022));
}

/// All the rest.
pub(super) fn set(service: &Service, log: &Log) {
    // Fails for the leader of a process group, which a supervisor has made it:
    // then the session stays that supervisor's, for only another process could
    // make one.
    let _ = setsid();
    let null = open(
        "/dev/null",
        OFlag::O_RDONLY | OFlag::O_CLOEXEC,
        Mode::empty(),
    );
    if let Err(error) = null.and_then(dup2_stdin) {
        log.say(format_args!(
            "standard input stays as it was: `/dev/null`: {error}"
        ));
    }
    let score = service.limits.oom_score_adjust;
    let score = score.map_or(0, OomScoreAdjust::score);
    if fs::write("/proc/self/oom_score_adj", score.to_string()).is_err() {
        log.say(format_args!(
            "the OOM score stays as it was: {score} was refused"
        ));
    }
}
