//! What in its configuration makes supervisord end at once, so that it starts nothing at all: one
//! line of whatever service is enough (`read_config` and `_processes_from_section`, `options.py`,
//! 4.2; measured with 4.2.5).

mod format;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::includes::Configuration;
use super::ini::{Ini, boolean};
use crate::backends::{Request, Trouble};
use crate::host::Host;
use crate::unit::shown;

/// What begins the head of a section of processes.
const PROCESSES: [&str; 3] = ["program:", "fcgi-program:", "eventlistener:"];

/// What follows from each.
const THEN: &str = "supervisord refuses its whole configuration for that, and starts nothing";

/// All that it refuses. What cannot be seen may say otherwise: then it is a line that cannot be read alone.
pub(super) fn refused(host: &Host, request: &Request<'_>) -> Vec<Trouble> {
    let own = Path::new(request.places.service.as_str());
    let Some(configuration) = Configuration::of(host) else {
        return Vec::new();
    };
    let files = configuration.read(host, own);
    let mut troubles: Vec<_> = files.iter().filter_map(unreadable).collect();
    if !configuration.is_seen(host, own) {
        return troubles;
    }
    let main = configuration.path;
    if !files.iter().any(|(_, ini)| ini.has("supervisord")) {
        troubles.push(Trouble {
            path: main.clone(),
            what: format!(
                "has no section `[supervisord]`, and neither has what it includes: {THEN}"
            ),
            hint: Some("write `[supervisord]` into it; nothing has to stand below".into()),
        });
    }
    let includes_nothing = |(path, ini): &&(PathBuf, Ini)| {
        *path == main && ini.has("include") && ini.counts("include", "files").is_none()
    };
    troubles.extend(files.iter().find(includes_nothing).map(|_| Trouble {
        path: main.clone(),
        what: format!("has a section `[include]` without `files=`: {THEN}"),
        hint: Some("give it one, or take it out".into()),
    }));
    let all = All::of(&files, format!("program:{}", request.service.name));
    troubles.extend(all.values(host));
    troubles.extend(all.sections());
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

/// All settings of all files: of two of one key the later one counts.
struct All<'a> {
    files: &'a [(PathBuf, Ini)],
    settings: BTreeMap<(&'a str, &'a str), Counts<'a>>,
    /// The head of the service's own section, which may be yet to come.
    own: String,
}

impl<'a> All<'a> {
    fn of(files: &'a [(PathBuf, Ini)], own: String) -> Self {
        let mut settings = BTreeMap::new();
        for (path, ini) in files {
            for (section, key, value, line) in ini.settings() {
                settings.insert((section, key), Counts { path, line, value });
            }
        }
        Self {
            files,
            settings,
            own,
        }
    }

    /// The values that are none of those that their keys take.
    fn values(&self, host: &Host) -> impl Iterator<Item = Trouble> {
        self.settings.iter().filter_map(|((section, key), counts)| {
            let is_read =
                !values::is_of_each(key) || self.processes(section).is_some_and(|it| it > 0);
            let wrong = values::wrong(host, section, key, counts.value).filter(|_| is_read)?;
            let line = counts.line;
            let says = match values::may_be_secret(key) {
                true => format!("has a `{key}=` in line {line}"),
                false => format!("says `{key}={}` in line {line}", shown(counts.value)),
            };
            Some(Trouble {
                path: counts.path.to_owned(),
                what: format!("{says}, {}: {THEN}", wrong.what),
                hint: Some(wrong.hint),
            })
        })
    }

    /// What is wrong with sections as a whole, of each once.
    fn sections(&self) -> Vec<Trouble> {
        let mut seen = BTreeSet::new();
        let mut troubles = Vec::new();
        for (path, ini) in self.files {
            for section in ini.sections() {
                if !seen.insert(section.name.as_str()) {
                    continue;
                }
                let Some((what, hint)) = self.section(&section.name) else {
                    continue;
                };
                let (name, line) = (shown(&section.name), section.line);
                troubles.push(Trouble {
                    path: path.clone(),
                    what: format!("has a section `[{name}]` in line {line} {what}: {THEN}"),
                    hint: Some(hint),
                });
            }
        }
        troubles
    }

    fn get(&self, section: &str, key: &str) -> Option<&str> {
        match self.settings.get(&(section, key)) {
            Some(counts) => Some(counts.value),
            None => self.files.iter().rev().find_map(|(_, ini)| ini.of_all(key)),
        }
    }

    /// How many processes a section of processes is for, where that is known.
    fn processes(&self, section: &str) -> Option<i64> {
        match self.get(section, "numprocs") {
            Some(number) => values::number(number.trim()),
            None => Some(1),
        }
    }

    fn is(&self, section: &str, key: &str) -> Option<bool> {
        self.get(section, key).and_then(boolean)
    }

    fn has(&self, section: &str) -> bool {
        section == self.own || self.files.iter().any(|(_, ini)| ini.has(section))
    }

    /// Whether a group names a program.
    fn is_grouped(&self, name: &str) -> bool {
        let mut programs = self
            .settings
            .iter()
            .filter(|((section, key), _)| section.starts_with("group:") && *key == "programs");
        programs.any(|(_, counts)| counts.value.split(',').any(|it| it.trim() == name))
    }

    /// What is wrong with a section as a whole, and what would be right.
    fn section(&self, section: &str) -> Option<(String, String)> {
        if section.starts_with("group:") {
            return self.group(section);
        }
        let name = process(section)?;
        let is_listener = section.starts_with("eventlistener:");
        let (get, is) = (|key| self.get(section, key), |key| self.is(section, key));
        let lacks = |key| get(key).is_none_or(str::is_empty);
        let is_numbered = || get("process_name").is_some_and(|it| it.contains("%(process_num)"));
        let processes = |is: fn(i64) -> bool| self.processes(section).is_some_and(is);
        let rules = [
            (
                name.trim().contains([' ', ':', '/']),
                "with a blank, `:` or `/` in the program's name",
                "give the program another name",
            ),
            (
                is_listener && lacks("events"),
                "without `events=`",
                "give it one, or take it out",
            ),
            (
                is_listener && is("redirect_stderr") == Some(true),
                "with `redirect_stderr=true`, which a listener cannot have",
                "take `redirect_stderr` out",
            ),
            (
                section.starts_with("fcgi-program:") && lacks("socket") && !self.is_grouped(name),
                "without `socket=`",
                "give it one, or take it out",
            ),
            (
                processes(|it| it > 1) && !is_numbered(),
                "with several processes (`numprocs=`) of one name",
                "write `process_name=%(program_name)s-%(process_num)d` into it",
            ),
            (
                is("stopasgroup") == Some(true) && is("killasgroup") == Some(false),
                "with `stopasgroup=true` and `killasgroup=false`",
                "take `killasgroup` out, which is then true",
            ),
            (
                // For no process nobody asks what it runs.
                processes(|it| it > 0) && get("command").is_none(),
                "without `command=`",
                "give it one, or take it out",
            ),
        ];
        let broken = rules.into_iter().find(|(is_broken, ..)| *is_broken);
        broken.map(|(_, what, hint)| (what.to_owned(), hint.to_owned()))
    }

    /// The same of a group, whose programs have to be there.
    fn group(&self, section: &str) -> Option<(String, String)> {
        let programs = self.get(section, "programs");
        let programs = programs.filter(|it| !it.is_empty() && !it.contains('%'))?;
        programs.split(',').map(str::trim).find_map(|program| {
            let heads = ["program:", "fcgi-program:"].map(|kind| format!("{kind}{program}"));
            match heads.each_ref().map(|head| self.has(head)) {
                [false, false] => Some((
                    format!(
                        "that names a program `{}`, which is nowhere",
                        shown(program)
                    ),
                    "take the program out of its `programs`".to_owned(),
                )),
                [true, true] => Some((
                    format!(
                        "that names `{}`, which is both a program and a FastCGI program",
                        shown(program)
                    ),
                    "give one of them another name".to_owned(),
                )),
                _ => None,
            }
        })
    }
}

/// The name in the head of a section of processes.
fn process(section: &str) -> Option<&str> {
    PROCESSES.iter().find_map(|it| section.strip_prefix(it))
}
