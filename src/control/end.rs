//! How a service ended that nobody stopped: what the launcher notes, and what an init tells.

use std::fmt;
use std::time::Duration;

use crate::host::Host;
use crate::service::Name;

/// An end as the launcher notes it, in the file `ended` of its state folder: a line of
/// `STATUS AT COUNT SINCE NEXT [PID]`. Moments are in hundredths of a second since boot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct End {
    /// The exit code, or 256 and the signal; `None` where only the supervisor knows it.
    pub(crate) status: Option<u32>,
    /// When that was.
    pub(crate) at: u64,
    /// How often it ended since it was last started on purpose.
    pub(crate) count: u64,
    /// When it did so first.
    pub(crate) since: u64,
    /// When it is to be started again; `None` where it is not.
    pub(crate) next: Option<u64>,
    /// The process that it was, where only the supervisor knows the status.
    pub(crate) pid: Option<i32>,
}

impl End {
    /// Reads the line; `None` where nothing is noted.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut words = text.lines().next()?.split_ascii_whitespace();
        let status = words.next()?;
        let mut number = || words.next()?.parse().ok();
        Some(Self {
            status: match status {
                "-" => None,
                status => Some(status.parse().ok()?),
            },
            at: number()?,
            count: number()?,
            since: number()?,
            next: number().filter(|&next| next > 0),
            pid: number().and_then(|pid| i32::try_from(pid).ok()),
        })
    }

    /// The same seen from a moment.
    fn seen_at(&self, now: u64) -> Ended {
        let hundredths = |hundredths: u64| Duration::from_millis(hundredths * 10);
        Ended {
            how: self.status.map(How::of_launcher),
            ago: Some(hundredths(now.saturating_sub(self.at))),
            count: self.count,
            since: Some(hundredths(now.saturating_sub(self.since))),
            next: self
                .next
                .filter(|&next| next > now)
                .map(|next| hundredths(next - now)),
            pid: self.pid,
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            Some(status) => write!(f, "{status}")?,
            None => f.write_str("-")?,
        }
        let (at, count, since, next) = (self.at, self.count, self.since, self.next.unwrap_or(0));
        write!(f, " {at} {count} {since} {next}")?;
        match self.pid {
            Some(pid) => writeln!(f, " {pid}"),
            None => writeln!(f),
        }
    }
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// With this exit code.
    Code(u32),
    /// By this signal.
    Signal(u32),
}

impl How {
    /// As the launcher counts: 256 and more is a signal.
    fn of_launcher(status: u32) -> Self {
        match status.checked_sub(256) {
            Some(signal) => Self::Signal(signal),
            None => Self::Code(status),
        }
    }

    /// The signal's name, without `SIG`.
    pub fn signal(self) -> Option<String> {
        let Self::Signal(number) = self else {
            return None;
        };
        let known = i32::try_from(number).ok();
        let known = known.and_then(|number| nix::sys::signal::Signal::try_from(number).ok());
        Some(match known {
            Some(signal) => signal.as_str().trim_start_matches("SIG").to_owned(),
            None => number.to_string(),
        })
    }
}

/// `with exit code 1`, `by signal KILL`.
impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.signal()) {
            (Self::Code(code), _) => write!(f, "with exit code {code}"),
            (_, signal) => write!(f, "by signal {}", signal.unwrap_or_default()),
        }
    }
}

/// The last end of a service that nobody had asked for, seen from now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// How, where that is known.
    pub how: Option<How>,
    /// How long ago, where that is known.
    pub ago: Option<Duration>,
    /// How often that happened since the service was last started on purpose.
    pub count: u64,
    /// How long ago it happened first, where that is known.
    pub since: Option<Duration>,
    /// In what time it is started again, where it is about to be.
    pub next: Option<Duration>,
    /// Its process, where only the supervisor knows how that ended.
    pub pid: Option<i32>,
}

/// Where the launcher of a service keeps what it knows.
fn folder(name: &Name) -> String {
    format!("/run/kubelet-unit/{name}")
}

/// What the launcher of a service notes of its last end.
pub fn last_end(host: &Host, name: &Name) -> Option<Ended> {
    let end = End::parse(&host.text(format!("{}/ended", folder(name)))?)?;
    let uptime = host.text("/proc/uptime")?;
    Some(end.seen_at(hundredths(&uptime)?))
}

/// The process that the launcher of a service started or became, if it is still there.
pub fn main_process(host: &Host, name: &Name) -> Option<u32> {
    let text = host.text(format!("{}/pid", folder(name)))?;
    let mut words = text.lines().next()?.split_ascii_whitespace();
    let (pid, started) = (words.next()?, words.next()?);
    let stat = host.text(format!("/proc/{pid}/stat"))?;
    // The name before it can hold anything, blanks and parentheses too.
    let (_, fields) = stat.rsplit_once(')')?;
    let is_same = fields.split_ascii_whitespace().nth(19) == Some(started);
    pid.parse().ok().filter(|_| is_same)
}

/// The first number of `/proc/uptime`, which has two decimals (`proc_uptime(5)`).
fn hundredths(uptime: &str) -> Option<u64> {
    let (seconds, rest) = uptime.split_whitespace().next()?.split_once('.')?;
    Some(seconds.parse::<u64>().ok()? * 100 + rest.parse::<u64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fixture::Fake;

    #[test]
    fn a_line_is_read_as_it_is_written() {
        for line in [
            "1 2000 37 500 3000\n",
            "271 2000 1 2000 0\n",
            "- 2000 2 500 3000 42\n",
        ] {
            assert_eq!(End::parse(line).unwrap().to_string(), line);
        }
        // As sh writes it.
        assert_eq!(
            End::parse("0 2000 1 2000 0 \n").unwrap().to_string(),
            "0 2000 1 2000 0\n"
        );
        for nothing in ["", "\n", "x 1 2 3 4\n", "1 2000 37\n", "1 -2 3 4 5\n"] {
            assert_eq!(End::parse(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn an_end_is_seen_from_now() {
        let name: Name = "kubelet".parse().unwrap();
        let fake = Fake::empty();
        fake.file("/run/kubelet-unit/kubelet/ended", "265 2000 37 500 3000\n")
            .file("/run/kubelet-unit/kubelet/pid", "42 777 \n")
            .file("/proc/uptime", "24.50 11.00\n");
        let host = fake.host();
        let expected = Ended {
            how: Some(How::Signal(9)),
            ago: Some(Duration::from_millis(4500)),
            count: 37,
            since: Some(Duration::from_millis(19500)),
            next: Some(Duration::from_millis(5500)),
            pid: None,
        };
        assert_eq!(last_end(&host, &name), Some(expected));
        assert_eq!(main_process(&host, &name), None);
        let stat = |started| format!("42 (a b) c) S 1{}{started} 0\n", " 0".repeat(17) + " ");
        fake.file("/proc/42/stat", &stat(777));
        assert_eq!(main_process(&fake.host(), &name), Some(42));
        fake.file("/proc/42/stat", &stat(778));
        assert_eq!(main_process(&fake.host(), &name), None);
    }

    #[test]
    fn an_end_is_told_in_words() {
        assert_eq!(How::of_launcher(1).to_string(), "with exit code 1");
        assert_eq!(How::of_launcher(265).to_string(), "by signal KILL");
        assert_eq!(How::of_launcher(256 + 40).to_string(), "by signal 40");
    }
}
