//! What a service says of itself at `NOTIFY_SOCKET` (`sd_notify(3)`), and who is told of it.

use std::fs::{self, Permissions};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::Path;

use nix::sys::socket::{setsockopt, sockopt};
use nix::unistd::Pid;

use crate::exec::unsafe_calls::receive_from;

/// The most that systemd reads of a notice (`NOTIFY_BUFFER_MAX`, `manager.c`).
const LONGEST: usize = 4096;

/// What came with one notice.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Notice {
    /// It has started.
    pub(super) ready: bool,
    /// Its start takes so much longer, in hundredths of a second from now on.
    pub(super) extends: Option<u64>,
}

impl Notice {
    fn parse(text: &str) -> Self {
        let value = |key: &str| {
            let mut lines = text.lines();
            lines.find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
        };
        let micros = value("EXTEND_TIMEOUT_USEC").and_then(|it| it.parse::<u64>().ok());
        Self {
            ready: value("READY") == Some("1"),
            extends: micros.map(|micros| micros.div_ceil(10_000)),
        }
    }
}

/// Where a service says what it has to say.
#[derive(Debug)]
pub(super) struct Notices {
    socket: UnixDatagram,
    /// Whether the service has said that it is ready.
    pub(super) ready: bool,
}

impl Notices {
    /// Listens at a path, at which nothing else does.
    pub(super) fn at(path: &Path) -> io::Result<Self> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let socket = UnixDatagram::bind(path)?;
        // Whoever the service runs as; the kernel says who it was.
        fs::set_permissions(path, Permissions::from_mode(0o777))?;
        socket.set_nonblocking(true)?;
        setsockopt(&socket, sockopt::PassCred, &true)?;
        Ok(Self {
            socket,
            ready: false,
        })
    }

    /// The next notice of who is heard; what others say is passed over.
    pub(super) fn next(&self, is_heard: impl Fn(Pid) -> bool) -> Option<Notice> {
        let mut buffer = [0; LONGEST];
        loop {
            let (length, sender) = receive_from(self.socket.as_fd(), &mut buffer).ok()?;
            if sender.is_some_and(&is_heard) {
                return Some(Notice::parse(&String::from_utf8_lossy(&buffer[..length])));
            }
        }
    }

    pub(super) fn descriptor(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Scratch;

    #[test]
    fn notices_are_read_as_lines() {
        let parse = |text| {
            let Notice { ready, extends } = Notice::parse(text);
            (ready, extends)
        };
        assert_eq!(parse("STATUS=READY=1\nREADY=1\n"), (true, None));
        assert_eq!(parse("READY=0"), (false, None));
        assert_eq!(parse("EXTEND_TIMEOUT_USEC=15000"), (false, Some(2)));
        assert_eq!(parse("EXTEND_TIMEOUT_USEC=soon\n"), (false, None));
    }

    #[test]
    fn only_who_may_speak_is_heard() {
        let scratch = Scratch::new();
        let path = scratch.path().join("notify");
        let notices = Notices::at(&path).unwrap();
        let client = UnixDatagram::unbound().unwrap();
        client.send_to(b"READY=1", &path).unwrap();
        assert_eq!(notices.next(|it| it == Pid::from_raw(1)), None);
        client.send_to(b"STATUS=a", &path).unwrap();
        client.send_to(b"READY=1", &path).unwrap();
        assert_eq!(
            notices.next(|it| it == Pid::this()),
            Some(Notice::default())
        );
        assert!(
            notices
                .next(|it| it == Pid::this())
                .is_some_and(|it| it.ready)
        );
        assert_eq!(notices.next(|it| it == Pid::this()), None);
    }
}
