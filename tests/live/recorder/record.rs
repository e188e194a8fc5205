//! One start of the kubelet, and how two of them differ.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Sections;
use crate::error::{Context, Result, fail};

/// Everything that the kubelet inherits, as the kernel tells it.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// `CLOCK_MONOTONIC` at the start.
    pub(crate) at: Duration,
    pub(crate) pid: i32,
    pub(crate) ppid: i32,
    pub(crate) pgid: i32,
    pub(crate) sid: i32,
    pub(crate) argv: Vec<Vec<u8>>,
    /// In the order of the environment block; a name may come twice.
    pub(crate) env: Vec<(Vec<u8>, Vec<u8>)>,
    pub(crate) cwd: Vec<u8>,
    pub(crate) fds: BTreeMap<i32, Fd>,
    /// `/proc/self/status`: identity, umask, signals, capabilities.
    pub(crate) status: BTreeMap<String, String>,
    /// `/proc/self/limits`: soft and hard, in the kernel's words.
    pub(crate) limits: BTreeMap<String, (String, String)>,
    pub(crate) oom_score_adj: i32,
    /// `/proc/self/cgroup` as the bed's cgroup namespace shows it.
    pub(crate) cgroup: String,
}

/// An open descriptor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fd {
    /// The octal flags of `/proc/self/fdinfo`.
    pub(crate) flags: u32,
    /// `/dev/null`, `pipe:[N]`, `socket:[N]` or a path.
    pub(crate) target: String,
}

impl Record {
    pub(super) fn parse(sections: &Sections) -> Result<Self> {
        let stat = sections.text("stat")?;
        // `pid (comm) state ppid pgrp session …`: comm may hold blanks and parentheses.
        let Some((pid, rest)) = stat
            .split_once(" (")
            .and_then(|(pid, rest)| Some((pid, rest.rsplit_once(") ")?.1)))
        else {
            fail!("`{stat}` is not a stat line")
        };
        let numbers: Vec<i32> = rest
            .split(' ')
            .skip(1)
            .take(3)
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        let &[parent, group, session] = numbers.as_slice() else {
            fail!("`{stat}` is not a stat line")
        };
        Ok(Self {
            at: sections.at()?,
            pid: pid.parse()?,
            ppid: parent,
            pgid: group,
            sid: session,
            argv: nul_terminated(sections.bytes("cmdline")?),
            env: nul_terminated(sections.bytes("environ")?)
                .into_iter()
                .map(variable)
                .collect(),
            cwd: sections.bytes("cwd")?.to_owned(),
            fds: sections
                .text("fds")?
                .lines()
                .map(Fd::parse)
                .collect::<Result<_>>()?,
            status: fields(sections.text("status")?),
            limits: limits(sections.text("limits")?),
            oom_score_adj: sections.number("oom_score_adj")?,
            cgroup: sections.text("cgroup")?.to_owned(),
        })
    }

    /// The last value of a variable, as getenv(3) of most languages finds it.
    pub(crate) fn var(&self, name: &str) -> Option<&[u8]> {
        self.env
            .iter()
            .rfind(|(key, _)| key == name.as_bytes())
            .map(|(_, value)| value.as_slice())
    }
}

impl Fd {
    fn parse(line: &str) -> Result<(i32, Self)> {
        let mut parts = line.splitn(3, ' ');
        let (Some(number), Some(flags), Some(target)) = (parts.next(), parts.next(), parts.next())
        else {
            fail!("`{line}` is not a descriptor")
        };
        let flags = u32::from_str_radix(flags, 8).context(line)?;
        Ok((
            number.parse()?,
            Self {
                flags,
                target: target.to_owned(),
            },
        ))
    }
}

fn nul_terminated(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut parts: Vec<_> = bytes.split(|&byte| byte == 0).map(<[u8]>::to_vec).collect();
    parts.pop();
    parts
}

fn variable(entry: Vec<u8>) -> (Vec<u8>, Vec<u8>) {
    match entry.iter().position(|&byte| byte == b'=') {
        Some(at) => (entry[..at].to_vec(), entry[at + 1..].to_vec()),
        None => (entry, Vec::new()),
    }
}

fn fields(status: &str) -> BTreeMap<String, String> {
    let field = |line: &str| {
        line.split_once(':')
            .map(|(key, value)| (key.to_owned(), value.trim().to_owned()))
    };
    status.lines().filter_map(field).collect()
}

/// Columns are 26, 21 and 21 characters wide.
fn limits(table: &str) -> BTreeMap<String, (String, String)> {
    let column = |line: &str, from: usize, to: usize| {
        line.get(from..to.min(line.len()))
            .unwrap_or("")
            .trim()
            .to_owned()
    };
    let row = |line: &str| {
        (
            column(line, 0, 26),
            (column(line, 26, 47), column(line, 47, 68)),
        )
    };
    table.lines().skip(1).map(row).collect()
}
