//! What in its configuration makes supervisord end at once, so that it starts nothing at all: one
//! line of whatever service is enough (`read_config` and `_processes_from_section`, `options.py`,
//! 4.2; measured with 4.2.5).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::includes::Configuration;
use super::ini::{Ini, boolean};
use crate::backends::{Request, Trouble};
use crate::host::Host;
use crate::unit::shown;

/// Settings of a program that are yes or no (`datatypes.py`, `boolean`).
const BOOLEANS: [&str; 8] = [
    "autostart",
    "killasgroup",
    "redirect_stderr",
    "stderr_events_enabled",
    "stderr_syslog",
    "stdout_events_enabled",
    "stdout_syslog",
    "stopasgroup",
];

/// Those of supervisord itself.
const OWN_BOOLEANS: [&str; 4] = ["nocleanup", "nodaemon", "silent", "strip_ansi"];

/// Settings of a program that are whole numbers.
const NUMBERS: [&str; 8] = [
    "numprocs",
    "numprocs_start",
    "priority",
    "startretries",
    "startsecs",
    "stderr_logfile_backups",
    "stdout_logfile_backups",
    "stopwaitsecs",
];

const OWN_NUMBERS: [&str; 3] = ["logfile_backups", "minfds", "minprocs"];

/// What begins the head of a section of processes.
const PROCESSES: [&str; 3] = ["program:", "fcgi-program:", "eventlistener:"];

/// What follows from each.
const THEN: &str = "supervisord refuses its whole configuration for that, and starts nothing";

/// All that it refuses.
pub(super) fn refused(host: &Host, request: &Request<'_>) -> Vec<Trouble> {
    let own = Path::new(request.places.service.as_str());
    let Some(configuration) = Configuration::of(host) else {
        return Vec::new();
    };
    let files = configuration.read(host, own);
    let mut troubles: Vec<_> = files.iter().filter_map(unreadable).collect();
    if !files.iter().any(|(_, ini)| ini.has("supervisord")) {
        troubles.push(Trouble {
            path: configuration.path,
            what: format!(
                "has no section `[supervisord]`, and neither has what it includes: {THEN}"
            ),
            hint: Some("write `[supervisord]` into it; nothing has to stand below".into()),
        });
    }
    troubles.extend(programs(&files));
    troubles
}

fn unreadable((path, ini): &(PathBuf, Ini)) -> Option<Trouble> {
    let line = ini.unreadable?;
    Some(Trouble {
        path: path.clone(),
        what: format!(
            "has a line {line} that is neither `[SECTION]` nor, in a section, `KEY=VALUE`: {THEN}"
        ),
        hint: Some("make it a comment with `;` at its beginning, or take it out".into()),
    })
}

/// A setting as it counts in the end.
struct Counts<'a> {
    path: &'a Path,
    line: usize,
    value: &'a str,
}

fn programs(files: &[(PathBuf, Ini)]) -> Vec<Trouble> {
    let mut settings = BTreeMap::new();
    for (path, ini) in files {
        for (section, key, value, line) in ini.settings() {
            settings.insert((section, key), Counts { path, line, value });
        }
    }
    let mut troubles: Vec<_> = settings
        .iter()
        .filter_map(|((section, key), counts)| value(section, key, counts))
        .collect();
    for (path, ini) in files {
        for section in ini.sections() {
            let Some(name) = process(&section.name) else {
                continue;
            };
            let setting = |key| match settings.get(&(section.name.as_str(), key)) {
                Some(counts) => Some(counts.value),
                None => files.iter().rev().find_map(|(_, ini)| ini.of_all(key)),
            };
            // For no process nobody asks what it runs.
            let is_none = setting("numprocs").is_some_and(|it| it.trim() == "0");
            let has_command = is_none || setting("command").is_some();
            let trouble = |what: &str, hint: &str| Trouble {
                path: path.clone(),
                what: format!(
                    "has a section `[{}]` in line {} {what}: {THEN}",
                    shown(&section.name),
                    section.line
                ),
                hint: Some(hint.to_owned()),
            };
            if name.trim().contains([' ', ':', '/']) {
                let what = "with a blank, `:` or `/` in the program's name";
                troubles.push(trouble(what, "give the program another name"));
            } else if !has_command {
                troubles.push(trouble("without `command=`", "give it one, or take it out"));
            }
        }
    }
    troubles
}

/// The name in the head of a section of processes.
fn process(section: &str) -> Option<&str> {
    PROCESSES.iter().find_map(|it| section.strip_prefix(it))
}

/// A value that is none of those that its key takes.
fn value(section: &str, key: &str, counts: &Counts<'_>) -> Option<Trouble> {
    // What supervisord fills in may be anything.
    if counts.value.contains("%(") {
        return None;
    }
    let is_program = process(section).is_some();
    let is_own = section == "supervisord";
    let boolean = boolean(counts.value).is_some();
    let wanted = match key {
        _ if is_program && BOOLEANS.contains(&key) || is_own && OWN_BOOLEANS.contains(&key) => {
            (!boolean).then_some("`true` or `false`")
        }
        "autorestart" if is_program => {
            let is_it = boolean || counts.value.eq_ignore_ascii_case("unexpected");
            (!is_it).then_some("`true`, `false` or `unexpected`")
        }
        _ if is_program && NUMBERS.contains(&key) || is_own && OWN_NUMBERS.contains(&key) => {
            (!is_whole(counts.value.trim())).then_some("a whole number")
        }
        _ => None,
    }?;
    Some(Trouble {
        path: counts.path.to_owned(),
        what: format!(
            "says `{key}={}` in line {}, which is not {wanted}: {THEN}",
            shown(counts.value),
            counts.line
        ),
        hint: Some(format!("make it {wanted}")),
    })
}

/// A number as Python reads it (`int`).
fn is_whole(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mut groups = digits.split('_');
    groups.all(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
