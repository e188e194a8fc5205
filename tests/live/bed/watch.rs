//! Sleeps until the recorder has written something, instead of looking again and again.

use std::os::fd::AsFd;
use std::path::Path;
use std::thread;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};

/// The longest sleep: an init that is PID 1 can end meanwhile, and its folder with it.
const LONGEST: u8 = 20;

/// A sleep where there is nothing to wake us.
const BLIND: Duration = Duration::from_millis(2);

/// What watches the folder of events of a bed.
#[derive(Default)]
pub(super) struct Watch(Option<Inotify>);

impl Watch {
    /// Begins to watch a folder, if it is there and is not watched yet. What comes from now on ends a sleep.
    pub(super) fn begin(&mut self, folder: &Path) {
        if self.0.is_none() {
            let watched = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC);
            let begun = |it: &Inotify| it.add_watch(folder, AddWatchFlags::IN_MOVED_TO).is_ok();
            self.0 = watched.ok().filter(begun);
        }
    }

    /// Sleeps until something has come.
    pub(super) fn sleep(&self) {
        let Some(watched) = &self.0 else {
            return thread::sleep(BLIND);
        };
        let mut fds = [PollFd::new(watched.as_fd(), PollFlags::POLLIN)];
        // A signal is no reason to fail: one looks again then.
        let _ = poll(&mut fds, PollTimeout::from(LONGEST));
        let _ = watched.read_events();
    }
}
