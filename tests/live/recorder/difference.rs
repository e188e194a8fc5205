//! How one start of the kubelet differs from systemd's with the same files.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use super::Record;
use super::record::Fd;

/// One field in which a start differs from systemd's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) field: String,
    pub(crate) reference: String,
    pub(crate) found: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            field,
            reference,
            found,
        } = self;
        write!(f, "{field}: systemd gives {reference}, this init {found}")
    }
}

/// Variables that exist for systemd's own sake, and so are compared with nobody. They count again
/// when an env file sets them.
pub(crate) const SYSTEMD_ONLY: [(&str, &str); 5] = [
    (
        "INVOCATION_ID",
        "names one start of one unit to the journal",
    ),
    (
        "JOURNAL_STREAM",
        "the device and inode of the socket to the journal",
    ),
    (
        "SYSTEMD_EXEC_PID",
        "tells a program that systemd itself executed it",
    ),
    (
        "MEMORY_PRESSURE_WATCH",
        "257 and newer: a file in the unit's own cgroup",
    ),
    (
        "MEMORY_PRESSURE_WRITE",
        "257 and newer: what to write into that file",
    ),
];

/// The lines of `/proc/self/status` that a process inherits from its init.
const INHERITED: [&str; 16] = [
    "Umask",
    "Uid",
    "Gid",
    "Groups",
    "SigPnd",
    "ShdPnd",
    "SigBlk",
    "SigIgn",
    "SigCgt",
    "CapInh",
    "CapPrm",
    "CapEff",
    "CapBnd",
    "CapAmb",
    "NoNewPrivs",
    "Seccomp",
];

impl Record {
    /// Where this start differs from `reference`, which live systemd made with the same files.
    ///
    /// `set` are the names that the files set: those are compared even where [`SYSTEMD_ONLY`] excuses them.
    pub(crate) fn differences(&self, reference: &Self, set: &[&str]) -> Vec<Difference> {
        let mut found = Differences::default();
        found.compare("argv", &list(&reference.argv), &list(&self.argv));
        found.environment(reference, self, set);
        found.state(reference, self);
        found.0
    }
}

#[derive(Default)]
struct Differences(Vec<Difference>);

impl Differences {
    fn compare(&mut self, field: &str, reference: &str, found: &str) {
        if reference != found {
            let [reference, found] = [reference, found].map(str::to_owned);
            self.0.push(Difference {
                field: field.to_owned(),
                reference,
                found,
            });
        }
    }

    fn environment(&mut self, reference: &Record, found: &Record, set: &[&str]) {
        let excused = |name: &str| {
            // Since 257 systemd sets USER=root for a system service; the reference has it even where the live systemd is older.
            let user = name == "USER"
                && reference.var("USER").is_none()
                && found.var("USER") == Some(b"root");
            !set.contains(&name) && (user || SYSTEMD_ONLY.iter().any(|(only, _)| *only == name))
        };
        let block = |record: &Record| {
            let mut variables: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for (name, value) in &record.env {
                let name = text(name);
                let mut value = text(value);
                if name == "PATH" && !set.contains(&"PATH") {
                    // Debian's 252 appends them, the reference does not, and where /sbin is no link they are needed.
                    let merged = value.strip_suffix(":/sbin:/bin").map(str::len);
                    value.truncate(merged.unwrap_or(value.len()));
                }
                variables.entry(name).or_default().push(value);
            }
            variables
        };
        let (left, right) = (block(reference), block(found));
        let names: std::collections::BTreeSet<_> = left.keys().chain(right.keys()).collect();
        let show = |values: Option<&Vec<String>>| {
            values.map_or("nothing".to_owned(), |values| format!("{values:?}"))
        };
        for name in names {
            if !excused(name) {
                self.compare(
                    &format!("environment {name}"),
                    &show(left.get(name)),
                    &show(right.get(name)),
                );
            }
        }
    }

    fn state(&mut self, reference: &Record, found: &Record) {
        let leads = |record: &Record| {
            format!(
                "group {}, session {}",
                record.pgid == record.pid,
                record.sid == record.pid
            )
        };
        self.compare("leads its", &leads(reference), &leads(found));
        self.compare("cwd", &text(&reference.cwd), &text(&found.cwd));
        self.compare("descriptors", &descriptors(reference), &descriptors(found));
        for field in INHERITED {
            let show = |record: &Record| {
                let value = record.status.get(field).cloned().unwrap_or_default();
                if field == "SigIgn" {
                    without_internal_signals(&value)
                } else {
                    value
                }
            };
            self.compare(field, &show(reference), &show(found));
        }
        for (name, limit) in &reference.limits {
            let show = |(soft, hard): &(String, String)| format!("{soft} soft, {hard} hard");
            let other = found.limits.get(name).map(show).unwrap_or_default();
            self.compare(name, &show(limit), &other);
        }
        let [left, right] = [reference, found].map(|record| record.oom_score_adj.to_string());
        self.compare("oom_score_adj", &left, &right);
    }
}

/// Without signals 32 and 33, which are the C library's own: glibc's `posix_spawn(3)` ignores them in what it
/// starts, so that they are ignored below every program that was started so, cargo's tests for one.
fn without_internal_signals(mask: &str) -> String {
    let internal = 0b11 << 31;
    u64::from_str_radix(mask, 16).map_or_else(
        |_| mask.to_owned(),
        |mask| format!("{:016x}", mask & !internal),
    )
}

/// `0 /dev/null, 1 log, 2 log`: how the log is reached (a socket, a pipe, a file) is the init's own affair.
fn descriptors(record: &Record) -> String {
    let show = |(number, fd): (&i32, &Fd)| match number {
        1 | 2 if fd.target != "/dev/null" => format!("{number} log"),
        _ => format!("{number} {}", fd.target),
    };
    record.fds.iter().map(show).collect::<Vec<_>>().join(", ")
}

/// Bytes for a reader: escaped where they are not text.
pub(crate) fn text(bytes: &[u8]) -> String {
    bytes.utf8_chunks().fold(String::new(), |mut text, chunk| {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
        text
    })
}

fn list(words: &[Vec<u8>]) -> String {
    format!(
        "{:?}",
        words.iter().map(|word| text(word)).collect::<Vec<_>>()
    )
}
