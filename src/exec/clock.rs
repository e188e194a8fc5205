//! Time as the launchers count it: hundredths of a second since boot, which
//! nobody sets back. `/proc/uptime`, which the sh launcher reads, is the same
//! clock (`CLOCK_BOOTTIME`, `fs/proc/uptime.c` of Linux).

use std::fmt;
use std::str::FromStr;
use std::thread;
use std::time::Duration;

use nix::time::ClockId;

use crate::service::Span;

/// A moment since boot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(u64);

impl Moment {
    pub(super) fn now() -> Self {
        // The clock is there since Linux 2.6.39; without it every wait ends at once.
        let now = ClockId::CLOCK_BOOTTIME
            .now()
            .map_or(Duration::ZERO, Duration::from);
        Self(now.as_secs() * 100 + u64::from(now.subsec_nanos()) / 10_000_000)
    }

    /// A moment in the kernel's clock ticks, of which there are 100 in a second for whoever
    /// asks (`USER_HZ`).
    pub(super) fn of_ticks(ticks: u64) -> Self {
        Self(ticks)
    }

    /// Since boot.
    pub(super) fn hundredths(self) -> u64 {
        self.0
    }

    /// Rounded up: a delay or a timeout never ends early.
    pub(super) fn after(self, span: Span) -> Self {
        self.later(span.milliseconds().div_ceil(10))
    }

    pub(super) fn later(self, hundredths: u64) -> Self {
        Self(self.0.saturating_add(hundredths))
    }

    pub(super) fn earlier(self, hundredths: u64) -> Self {
        Self(self.0.saturating_sub(hundredths))
    }

    /// Hundredths of a second from `self` to `later`.
    pub(super) fn until(self, later: Self) -> u64 {
        later.0.saturating_sub(self.0)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Moment {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// Sleeps so many hundredths of a second.
pub(super) fn nap(hundredths: u64) {
    thread::sleep(Duration::from_millis(hundredths * 10));
}

/// Waits until a time is over, or until `over` says so: what it looks at is
/// looked at twice a second.
pub(super) fn pause(until: Moment, over: impl Fn() -> bool) {
    loop {
        let now = Moment::now();
        if now > until || over() {
            return;
        }
        nap(step(now, until));
    }
}

/// How long to sleep before the next look, in hundredths of a second.
pub(super) fn step(now: Moment, until: Moment) -> u64 {
    (now.until(until) + 1).min(50)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_rounded_up_to_hundredths() {
        let moment = Moment(1000);
        assert_eq!(moment.after("10s".parse().unwrap()), Moment(2000));
        assert_eq!(moment.after("1501ms".parse().unwrap()), Moment(1151));
        assert_eq!(moment.earlier(2000), Moment(0));
        assert_eq!(Moment(2000).until(moment), 0);
    }

    #[test]
    fn the_clock_is_that_of_proc_uptime() {
        let uptime = || -> u64 {
            let text = std::fs::read_to_string("/proc/uptime").unwrap();
            let first = text.split(' ').next().unwrap();
            first.replace('.', "").parse().unwrap()
        };
        let (before, now, after) = (uptime(), Moment::now().0, uptime());
        assert!(before <= now && now <= after, "{before} {now} {after}");
    }

    #[test]
    fn the_last_step_ends_after_the_time_and_not_before() {
        assert_eq!(step(Moment(0), Moment(500)), 50);
        assert_eq!(step(Moment(490), Moment(500)), 11);
        assert_eq!(step(Moment(500), Moment(500)), 1);
    }
}
