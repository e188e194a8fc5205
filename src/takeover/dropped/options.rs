//! Options of programs that start another one with something of its own: start-stop-daemon,
//! supervise-daemon and chpst.

use super::Hint;
use super::tables::NO_PLACE;

/// What an option does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// It is about starting and stopping.
    OfStarting,
    /// A spec has a key for it.
    Key(&'static str),
    /// It sets a variable.
    Variable,
    None,
}

/// An option that was found: what it does, its name and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) effect: Effect,
    pub(super) name: String,
    pub(super) value: Option<String>,
}

impl Found {
    /// Its words as they are told.
    pub(super) fn text(&self) -> String {
        match &self.value {
            Some(value) => format!("{} {value}", self.name),
            None => self.name.clone(),
        }
    }

    pub(super) fn hint(&self) -> Option<Hint> {
        match self.effect {
            Effect::OfStarting => None,
            Effect::Key(key) => Some(Hint::Spec(key)),
            Effect::Variable => Some(Hint::EnvFile),
            Effect::None => Some(NO_PLACE),
        }
    }
}

/// Options of start-stop-daemon(8), of Debian and of OpenRC, and supervise-daemon(8): the long
/// name, the short one, whether it has a value.
const DAEMON: [(&str, &str, bool, Effect); 53] = {
    use Effect::{Key, None, OfStarting, Variable};
    [
        ("--background", "-b", false, OfStarting),
        ("--capabilities", "", true, Key("capabilities")),
        ("--chdir", "-d", true, Key("workingDirectory")),
        ("--chroot", "-r", true, None),
        ("--chuid", "-c", true, Key("user")),
        ("--env", "-e", true, Variable),
        ("--exec", "-x", true, OfStarting),
        ("--foreground", "-f", false, OfStarting),
        ("--group", "-g", true, Key("group")),
        ("--healthcheck-delay", "-A", true, None),
        ("--healthcheck-timer", "-a", true, None),
        ("--help", "-h", false, OfStarting),
        ("--interpreted", "-i", false, OfStarting),
        ("--ionice", "-I", true, Key("ioClass")),
        ("--iosched", "-I", true, Key("ioClass")),
        ("--make-pidfile", "-m", false, OfStarting),
        ("--name", "-n", true, OfStarting),
        ("--nicelevel", "-N", true, Key("nice")),
        ("--no-close", "-C", false, OfStarting),
        ("--no-new-privs", "", false, Key("noNewPrivileges")),
        ("--nocolor", "", false, OfStarting),
        ("--notify", "", true, OfStarting),
        ("--notify-await", "", false, OfStarting),
        ("--notify-timeout", "", true, OfStarting),
        ("--oknodo", "-o", false, OfStarting),
        ("--oom-score-adj", "", true, None),
        ("--output", "-O", true, Key("log")),
        ("--pid", "", true, OfStarting),
        ("--pidfile", "-p", true, OfStarting),
        ("--ppid", "", true, OfStarting),
        ("--procsched", "-P", true, None),
        ("--progress", "", false, OfStarting),
        ("--quiet", "-q", false, OfStarting),
        ("--remove-pidfile", "", false, OfStarting),
        ("--respawn-delay", "-D", true, Key("restart.delay")),
        ("--respawn-max", "", true, Key("restart.limit")),
        ("--respawn-period", "", true, Key("restart.limit")),
        ("--retry", "-R", true, OfStarting),
        ("--scheduler", "", true, None),
        ("--scheduler-priority", "", true, None),
        ("--secbits", "", true, None),
        ("--signal", "-s", true, OfStarting),
        ("--start", "-S", false, OfStarting),
        ("--startas", "-a", true, OfStarting),
        ("--stderr", "-2", true, Key("log")),
        ("--stderr-logger", "-4", true, Key("log")),
        ("--stdout", "-1", true, Key("log")),
        ("--stdout-logger", "-3", true, Key("log")),
        ("--stop", "-K", false, OfStarting),
        ("--test", "-t", false, OfStarting),
        ("--umask", "-k", true, Key("umask")),
        ("--user", "-u", true, Key("user")),
        ("--verbose", "-v", false, OfStarting),
    ]
};

/// What a call of such a program says of the service, up to the service's own words.
pub(super) fn of_daemon(words: &[String]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut words = words.iter().take_while(|it| *it != "--");
    while let Some(word) = words.next() {
        let (name, inside) = match word.split_once('=') {
            Some((name, value)) if word.starts_with("--") => (name, Some(value.to_owned())),
            // A short one may have its value in the same word.
            _ if word.len() > 2 && !word.starts_with("--") && word.is_char_boundary(2) => {
                (&word[..2], Some(word[2..].to_owned()))
            }
            _ => (word.as_str(), None),
        };
        if !name.starts_with('-') {
            continue;
        }
        let mut rows = DAEMON.iter();
        let row = rows.find(|(long, short, ..)| [long, short].contains(&&name));
        let (effect, takes) = row.map_or((Effect::None, false), |row| (row.3, row.2));
        let value = inside.filter(|_| takes || word.starts_with("--"));
        let value = value.or_else(|| words.next().filter(|_| takes).cloned());
        found.push(Found {
            effect,
            name: name.to_owned(),
            value,
        });
    }
    found
}

/// Options of chpst(8), each with what it does.
const CHPST: [(&str, Effect); 5] = [
    ("uU", Effect::Key("user")),
    ("e", Effect::Key("envFiles")),
    ("C", Effect::Key("workingDirectory")),
    ("n", Effect::Key("nice")),
    ("mdopfcrt", Effect::Key("limits")),
];

/// Those that have a value and no place, but for the name that the program sees.
const CHPST_OTHERS: &str = "/lL";

/// What a call of chpst says of the service.
pub(super) fn of_chpst(words: &[String]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let letters = word.strip_prefix('-').unwrap_or_default();
        for (at, letter) in letters.char_indices() {
            let mut rows = CHPST.iter();
            let row = rows.find(|(letters, _)| letters.contains(letter));
            let effect = match row {
                Some((_, effect)) => *effect,
                None if CHPST_OTHERS.contains(letter) => Effect::None,
                None if letter == 'b' => Effect::OfStarting,
                None => continue,
            };
            let rest = &letters[at + letter.len_utf8()..];
            let value = match rest.is_empty() {
                true => words.next().cloned(),
                false => Some(rest.to_owned()),
            };
            found.push(Found {
                effect,
                name: format!("-{letter}"),
                value,
            });
            break;
        }
    }
    found
}
