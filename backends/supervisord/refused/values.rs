//! What supervisord takes as the value of a key (`datatypes.py`, 4.2).

use std::path::Path;

use super::format::{self, Unformatted};
use crate::backends::supervisord::ini::boolean;
use crate::host::Host;
use crate::root::Kind;
use crate::service::SIGNALS;
use crate::unit::shown;

/// The kinds of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    Text,
    Boolean,
    Restart,
    Whole,
    /// From 1 on.
    Positive,
    Octal,
    Bytes,
    Signal,
    ExitCodes,
    Level,
    /// A folder that is there.
    Folder,
    /// A file in one.
    File,
    User,
}

use Takes::{
    Bytes, ExitCodes, File, Folder, Level, Octal, Positive, Restart, Signal, Text, User, Whole,
};

/// Settings of processes.
const OF_A_PROCESS: [(&str, Takes); 31] = [
    ("autorestart", Restart),
    ("autostart", Takes::Boolean),
    ("command", Text),
    ("directory", Text),
    ("environment", Text),
    ("exitcodes", ExitCodes),
    ("killasgroup", Takes::Boolean),
    ("numprocs", Whole),
    ("numprocs_start", Whole),
    ("priority", Whole),
    ("process_name", Text),
    ("redirect_stderr", Takes::Boolean),
    ("serverurl", Text),
    ("startretries", Whole),
    ("startsecs", Whole),
    ("stderr_capture_maxbytes", Bytes),
    ("stderr_events_enabled", Takes::Boolean),
    ("stderr_logfile", File),
    ("stderr_logfile_backups", Whole),
    ("stderr_logfile_maxbytes", Bytes),
    ("stderr_syslog", Takes::Boolean),
    ("stdout_capture_maxbytes", Bytes),
    ("stdout_events_enabled", Takes::Boolean),
    ("stdout_logfile", File),
    ("stdout_logfile_backups", Whole),
    ("stdout_logfile_maxbytes", Bytes),
    ("stdout_syslog", Takes::Boolean),
    ("stopasgroup", Takes::Boolean),
    ("stopsignal", Signal),
    ("stopwaitsecs", Whole),
    ("umask", Octal),
];

/// Those of supervisord itself.
const OWN: [(&str, Takes); 17] = [
    ("childlogdir", Folder),
    ("directory", Folder),
    ("environment", Text),
    ("identifier", Text),
    ("logfile", File),
    ("logfile_backups", Whole),
    ("logfile_maxbytes", Bytes),
    ("loglevel", Level),
    ("minfds", Whole),
    ("minprocs", Whole),
    ("nocleanup", Takes::Boolean),
    ("nodaemon", Takes::Boolean),
    ("pidfile", File),
    ("silent", Takes::Boolean),
    ("strip_ansi", Takes::Boolean),
    ("umask", Octal),
    ("user", Text),
];

/// What a value is not, and what is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// The rest of a sentence about the value.
    pub(super) what: String,
    pub(super) hint: String,
}

/// What is wrong with the value of a key; `None` where nothing is, or where that cannot be told.
pub(super) fn wrong(host: &Host, section: &str, key: &str, value: &str) -> Option<Wrong> {
    let is_process = super::process(section).is_some();
    let takes = match section {
        "supervisord" => of(&OWN, key),
        _ if section.starts_with("eventlistener:") && key == "buffer_size" => Some(Positive),
        _ if is_process && key == "user" => Some(User),
        _ if is_process => of(&OF_A_PROCESS, key),
        _ if section.starts_with("group:") => (key == "priority").then_some(Whole),
        _ => None,
    }?;
    let known = match is_process {
        true if is_of_each(key) => &NAMES[..],
        true => &NAMES[..4],
        false => &NAMES[..2],
    };
    if let Some(wrong) = format::unformatted(value, known) {
        return Some(of_format(wrong));
    }
    // What supervisord fills in may be anything, and Python knows digits and cases of many scripts.
    if value.contains('%') || !value.is_ascii() {
        return None;
    }
    let wanted = takes.wanted(host, value)?;
    Some(Wrong {
        what: format!("which is not {wanted}"),
        hint: format!("make it {wanted}"),
    })
}

/// Whether a setting of processes is read for each of them, and for none where there is none.
pub(super) fn is_of_each(key: &str) -> bool {
    const KEYS: [&str; 4] = ["command", "directory", "environment", "process_name"];
    KEYS.contains(&key) || key.contains("_logfile") || key.ends_with("_syslog")
}

/// Whether what a key says is not for everybody's eyes.
pub(super) fn may_be_secret(key: &str) -> bool {
    ["command", "environment"].contains(&key)
}

/// What may stand between `%(` and `)`: the last two in what is read for each process.
const NAMES: [&str; 6] = [
    "here",
    "host_node_name",
    "program_name",
    "group_name",
    "process_num",
    "numprocs",
];

fn of(all: &[(&str, Takes)], key: &str) -> Option<Takes> {
    let mut all = all.iter();
    all.find(|(name, _)| *name == key).map(|(_, takes)| *takes)
}

fn of_format(wrong: Unformatted) -> Wrong {
    match wrong {
        Unformatted::Bare => Wrong {
            what: "in which a `%` begins nothing that supervisord can fill in".into(),
            hint: "write `%%` for a `%`".into(),
        },
        Unformatted::Unknown(name) => Wrong {
            what: format!("with `%({})`, which supervisord does not fill in here", shown(&name)),
            hint: "write a variable of supervisord's environment as `%(ENV_NAME)s`, and `%%` for a `%`"
                .into(),
        },
    }
}

impl Takes {
    /// What a value would have to be, if it is not.
    fn wanted(self, host: &Host, value: &str) -> Option<&'static str> {
        let bare = value.trim();
        let (is, wanted) = match self {
            Text => return None,
            Self::Boolean => (boolean(value).is_some(), "`true` or `false`"),
            Restart => (
                boolean(value).is_some() || value.eq_ignore_ascii_case("unexpected"),
                "`true`, `false` or `unexpected`",
            ),
            Whole => (is_whole(bare), "a whole number"),
            Positive => (
                is_whole(bare)
                    && !bare.starts_with('-')
                    && bare.contains(|c| matches!(c, '1'..='9')),
                "a whole number of at least 1",
            ),
            Octal => (is_octal(bare), "an octal number, as `022`"),
            Bytes => (is_size(bare), "a number of bytes, as `1048576` or `1MB`"),
            Signal => (is_signal(bare), "the name or number of a signal, as `TERM`"),
            ExitCodes => (
                bare.is_empty() || bare.split(',').all(|it| is_code(it.trim())),
                "a list of exit codes from 0 to 255, with commas",
            ),
            Level => (
                LEVELS.contains(&&*value.to_lowercase()) || value.starts_with('_'),
                "one of supervisord's levels, as `info`",
            ),
            Folder => (
                !is_missing(host, Path::new(value)),
                "a folder that is there",
            ),
            File => {
                let is_word = NO_FILES.contains(&&*value.to_lowercase());
                let folder = Path::new(value).parent().unwrap_or(Path::new(""));
                (
                    is_word || !is_missing(host, folder),
                    "a file in a folder that is there",
                )
            }
            User => (!is_nobody(host, bare), "a user of `/etc/passwd`"),
        };
        (!is).then_some(wanted)
    }
}

/// What stands in the place of a log file.
const NO_FILES: [&str; 4] = ["auto", "none", "off", "syslog"];

/// `LevelsByDescription` (`loggers.py`).
const LEVELS: [&str; 7] = [
    "blather", "critical", "debug", "error", "info", "trace", "warn",
];

/// A number as Python reads it (`int`), as far as it is no larger than anybody means.
pub(super) fn number(text: &str) -> Option<i64> {
    let digits = is_whole(text).then(|| text.replace('_', ""))?;
    digits.parse().ok()
}

/// Whether it is one.
fn is_whole(text: &str) -> bool {
    is_number(text, |byte| byte.is_ascii_digit())
}

/// The same to the base of eight, whose prefix may be there.
fn is_octal(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let bare = digits
        .strip_prefix("0o")
        .or_else(|| digits.strip_prefix("0O"))
        .map(|bare| bare.strip_prefix('_').unwrap_or(bare));
    is_number(bare.unwrap_or(text), |byte| matches!(byte, b'0'..=b'7'))
}

fn is_number(text: &str, is_digit: impl Fn(u8) -> bool) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mut groups = digits.split('_');
    groups.all(|it| !it.is_empty() && it.bytes().all(&is_digit))
}

fn is_size(text: &str) -> bool {
    let lower = text.to_lowercase();
    let number = ["kb", "mb", "gb"]
        .iter()
        .find_map(|end| lower.strip_suffix(end));
    is_whole(number.unwrap_or(&lower).trim())
}

fn is_code(text: &str) -> bool {
    number(text).is_some_and(|it| (0..=255).contains(&it))
}

/// Real-time signals and those of other systems have names too, and to supervisord so has `SIG_DFL`.
fn is_signal(text: &str) -> bool {
    if is_whole(text) {
        return number(text).is_some_and(|it| (0..=64).contains(&it));
    }
    let upper = text.to_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    let others = ["CLD", "IOT", "POLL", "RTMIN", "RTMAX"];
    SIGNALS.contains(&name) || others.contains(&name) || name.starts_with('_')
}

/// Whether a folder is certainly not there when supervisord starts: of a tree nobody can tell what comes to it before.
fn is_missing(host: &Host, folder: &Path) -> bool {
    let root = host.root();
    let is_there = || match root.target(folder) {
        Ok(found) => found.is_some_and(|it| it.kind == Kind::Folder),
        Err(_) => true,
    };
    host.is_machine() && folder.is_absolute() && !is_there()
}

/// Whether nobody on a machine has a name or number, where users are in files alone (nsswitch.conf(5)).
fn is_nobody(host: &Host, user: &str) -> bool {
    let Some(users) = host.text("/etc/passwd").filter(|_| host.is_machine()) else {
        return false;
    };
    let services = host.text("/etc/nsswitch.conf").unwrap_or_default();
    let mut lines = services
        .lines()
        .filter_map(|line| line.trim().strip_prefix("passwd:"));
    if lines
        .next()
        .is_none_or(|services| services.trim() != "files")
    {
        return false;
    }
    let number = number(user);
    !users.lines().any(|line| {
        let mut fields = line.split(':');
        let (name, own) = (fields.next(), fields.nth(1));
        match number {
            Some(number) => own.is_some_and(|own| own.parse() == Ok(number)),
            None => name == Some(user),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fixture::Fake;

    #[test]
    fn words_and_numbers_are_pythons() {
        for (text, is) in [
            ("Yes", Some(true)),
            ("OFF", Some(false)),
            ("t", None),
            ("", None),
        ] {
            assert_eq!(boolean(text), is, "{text}");
        }
        for (text, is) in [
            ("10", true),
            ("-1", true),
            ("+1_0", true),
            ("1.5", false),
            ("", false),
            ("1__0", false),
        ] {
            assert_eq!(is_whole(text), is, "{text}");
        }
    }

    #[test]
    fn sizes_signals_and_codes_are_supervisords() {
        let all = |is: fn(&str) -> bool, right: &[&str], wrong: &[&str]| {
            for text in right {
                assert!(is(text), "{text}");
            }
            for text in wrong {
                assert!(!is(text), "{text}");
            }
        };
        all(
            is_size,
            &["0", "50MB", "1 kb", "2GB"],
            &["1M", "MB", "1.5MB", "1TB"],
        );
        all(
            is_signal,
            &["TERM", "sigusr1", "15", "RTMIN"],
            &["TERMINATE", "99", ""],
        );
        all(is_octal, &["022", "0o22", "7"], &["8", "u=rwx", ""]);
        all(is_code, &["0", "255"], &["256", "-1", "x"]);
    }

    #[test]
    fn what_is_missing_is_told_of_a_machine_alone() {
        let fake = Fake::empty();
        fake.file("etc/passwd", "root:x:0:0::/root:/bin/sh\n");
        fake.file("srv/log/a", "");
        let tree = || fake.host();
        let machine = || fake.host().taken_for_the_machine();
        let file = |host: &Host, path| File.wanted(host, path).is_some();
        for (path, is_missing) in [
            ("/srv/log/b", false),
            ("/srv/log/a/b", true),
            ("/srv/logs/b", true),
            ("logs/b", false),
            ("~/logs/b", false),
            ("syslog", false),
        ] {
            assert_eq!(file(&machine(), path), is_missing, "{path}");
            assert!(!file(&tree(), path), "{path}");
        }
        let user = |host: &Host, user| User.wanted(host, user).is_some();
        assert!(!user(&machine(), "nobody"));
        fake.file("etc/nsswitch.conf", "passwd: files ldap\n");
        assert!(!user(&machine(), "nobody"));
        fake.file("etc/nsswitch.conf", "passwd:\tfiles\n");
        for (name, is_nobody) in [
            ("root", false),
            ("+0", false),
            ("0_0", false),
            ("nobody", true),
            ("7", true),
        ] {
            assert_eq!(user(&machine(), name), is_nobody, "{name}");
            assert!(!user(&tree(), name), "{name}");
        }
    }
}
