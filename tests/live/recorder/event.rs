//! The files that the recorder writes, and what they say.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};
use nix::unistd::getpid;

use super::{EVENTS, Record};
use crate::error::{Context, Result, fail};

/// One event, in the order of time.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// The kubelet was started.
    Start(Box<Record>),
    /// The kubelet started a child.
    Child { pid: i32, ppid: i32, at: Duration },
    /// The kubelet or a child got a signal. `sender` is 0 when it came from outside the bed.
    Signal {
        pid: i32,
        signal: i32,
        sender: i32,
        at: Duration,
    },
    /// The kubelet or a child is about to end by itself, or by a signal that it could catch.
    End { pid: i32, at: Duration },
}

/// `CLOCK_MONOTONIC` now: the same clock in every bed and outside.
pub(crate) fn now() -> Duration {
    clock_gettime(ClockId::CLOCK_MONOTONIC)
        .map(Duration::from)
        .unwrap_or_default()
}

/// Named byte strings, in order.
pub(crate) struct Sections(Vec<(String, Vec<u8>)>);

impl Sections {
    pub(super) fn new(kind: &str) -> Self {
        Self(Vec::new())
            .add("kind", kind)
            .add("at", now().as_nanos().to_string())
    }

    pub(super) fn add(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.0.push((name.to_owned(), bytes.into()));
        self
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (name, value) in &self.0 {
            bytes.extend_from_slice(format!("{name} {}\n", value.len()).as_bytes());
            bytes.extend_from_slice(value);
            bytes.push(b'\n');
        }
        bytes
    }

    fn parse(mut bytes: &[u8]) -> Result<Self> {
        let mut sections = Vec::new();
        while let Some(end) = bytes.iter().position(|&b| b == b'\n') {
            let head = std::str::from_utf8(&bytes[..end])?;
            let Some((name, length)) = head.split_once(' ') else {
                fail!("`{head}` is not a section")
            };
            let length: usize = length.parse()?;
            let Some(value) = bytes.get(end + 1..end + 1 + length) else {
                fail!("section `{name}` is cut off")
            };
            sections.push((name.to_owned(), value.to_owned()));
            bytes = &bytes[end + length + 2..];
        }
        Ok(Self(sections))
    }

    pub(super) fn bytes(&self, name: &str) -> Result<&[u8]> {
        match self.0.iter().find(|(key, _)| key == name) {
            Some((_, value)) => Ok(value),
            None => fail!("no section `{name}`"),
        }
    }

    pub(super) fn text(&self, name: &str) -> Result<&str> {
        std::str::from_utf8(self.bytes(name)?).context(format_args!("section `{name}`"))
    }

    pub(super) fn number<T: std::str::FromStr<Err: std::error::Error>>(
        &self,
        name: &str,
    ) -> Result<T> {
        self.text(name)?
            .trim()
            .parse()
            .context(format_args!("section `{name}`"))
    }

    pub(super) fn at(&self) -> Result<Duration> {
        self.number("at").map(Duration::from_nanos)
    }
}

/// Writes one event: whole or not at all.
pub(super) fn write(sections: &Sections) -> io::Result<()> {
    let folder = Path::new(EVENTS);
    let name = format!("{}-{}", String::from_utf8_lossy(&sections.0[1].1), getpid());
    let unfinished = folder.join(format!(".{name}"));
    fs::write(&unfinished, sections.to_bytes())?;
    fs::rename(unfinished, folder.join(name))
}

/// Takes all events out of `folder`, in the order of time. Each event is seen once.
pub(crate) fn take(folder: &Path) -> Result<Vec<Event>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        // Names are nanoseconds of a running machine: all of one length but just after boot.
        if !name.as_encoded_bytes().starts_with(b".") {
            names.push((name.len(), name));
        }
    }
    names.sort();
    let mut events = Vec::new();
    for (_, name) in names {
        let path = folder.join(name);
        events.push(Event::parse(&fs::read(&path)?).context(path.display())?);
        fs::remove_file(path)?;
    }
    Ok(events)
}

impl Event {
    fn parse(bytes: &[u8]) -> Result<Self> {
        let sections = Sections::parse(bytes)?;
        let at = sections.at()?;
        Ok(match sections.text("kind")? {
            "start" => Self::Start(Box::new(Record::parse(&sections)?)),
            "child" => Self::Child {
                pid: sections.number("pid")?,
                ppid: sections.number("ppid")?,
                at,
            },
            "signal" => Self::Signal {
                pid: sections.number("pid")?,
                signal: sections.number("signal")?,
                sender: sections.number("sender")?,
                at,
            },
            "end" => Self::End {
                pid: sections.number("pid")?,
                at,
            },
            other => fail!("unknown kind of event `{other}`"),
        })
    }

    pub(crate) fn at(&self) -> Duration {
        match self {
            Self::Start(record) => record.at,
            Self::Child { at, .. } | Self::Signal { at, .. } | Self::End { at, .. } => *at,
        }
    }
}
