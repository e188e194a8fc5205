//! What a service directory of runit or s6 waits for and never gets, so that it is never
//! started: it is asked of its `run`, whoever wrote that.

use std::path::{Path, PathBuf};

use super::foreign;
use super::launcher;
use super::scan::{Scan, is_service};
use super::{Request, Trouble};
use crate::control::Target;
use crate::host::{Host, shortest};
use crate::service::{Dependency, Span};
use crate::shipped::{Reading, Wait};

/// Options of sv(8) and of s6-svwait(8) with a value in the next word.
const VALUED: [&str; 2] = ["-w", "-t"];

/// s6-svwait(8) waits until a service is down.
const DOWN: [&str; 2] = ["-d", "-D"];

impl Scan {
    /// Everything that it waits for in vain, and what nobody can tell of that.
    pub(super) fn unmet(&self, host: &Host, request: &Request<'_>) -> Vec<Trouble> {
        let service = request.service;
        let target = Target {
            name: &service.name,
            places: request.places,
            host,
            scan_folder: None,
            patience: Span::seconds(0),
        };
        let installed = (self.installed)(&target);
        let folder = self.service(&target);
        let own = folder.clone().unwrap_or_else(|| installed.clone());
        let run = own.join("run");
        let text = host.text(&run).filter(|_| folder.is_some());
        let waiting = Waiting {
            scan: self,
            host,
            name: service.name.as_str(),
            entrances: self.entrances(&target),
            is_ours: text.as_ref().is_none_or(|text| {
                launcher::path(request).is_ok_and(|path| text.contains(path.as_str()))
            }),
            own,
        };
        let Some(path) = text.and_then(|_| foreign::path(&waiting.own)) else {
            let needs = Dependency::services(&service.needs).into_iter();
            let needs = needs.map(|need| (need.to_owned(), 0, run.clone()));
            return needs.filter_map(|need| waiting.beside(&need)).collect();
        };
        let reading = Reading::new(host.root(), &path, &service.name);
        let line = reading.run_script(&run.display().to_string());
        let mut troubles: Vec<Trouble> = Vec::new();
        for wait in &line.waits {
            for trouble in waiting.of(wait) {
                if !troubles.contains(&trouble) {
                    troubles.push(trouble);
                }
            }
        }
        troubles
    }
}

struct Waiting<'a> {
    scan: &'a Scan,
    host: &'a Host,
    /// The service that waits.
    name: &'a str,
    /// Its folder, without links.
    own: PathBuf,
    /// Where the init looks for services.
    entrances: Vec<PathBuf>,
    /// Whether a launcher of ours is started, and a spec is the way to say otherwise.
    is_ours: bool,
}

/// A service that is waited for, with the line and the file that say so.
type Need = (String, usize, PathBuf);

impl Waiting<'_> {
    /// What a question waits for in vain.
    fn of(&self, wait: &Wait) -> Vec<Trouble> {
        let Some((program, rest)) = wait.words.split_first() else {
            return Vec::new();
        };
        let program = program.as_deref().unwrap_or_default();
        let is_sv = program.rsplit('/').next() == Some("sv");
        let mut named = Vec::new();
        let mut rest = rest.iter();
        while let Some(word) = rest.next() {
            match word.as_deref() {
                Some(word) if DOWN.contains(&word) => return Vec::new(),
                Some(word) if VALUED.contains(&word) => drop(rest.next()),
                Some(word) if word.starts_with('-') => {}
                word => named.push(word),
            }
        }
        // The first is what sv(8) is to do.
        let named = named.into_iter().skip(usize::from(is_sv));
        let mut troubles = Vec::new();
        for word in named {
            let by = PathBuf::from(&wait.path);
            let trouble = match word {
                Some(word) => self.beside(&(word.to_owned(), wait.line, by)),
                // Options of s6-svwait that the script chooses come before the first name.
                None if !is_sv && wait.words.last().is_some_and(Option::is_some) => None,
                None => Some(self.untold(wait, "a service whose name cannot be told")),
            };
            troubles.extend(trouble.map(|trouble| match word {
                Some(word) if !wait.is_certain => self.untold(wait, &format!("`{word}`")),
                _ => trouble,
            }));
        }
        troubles
    }

    /// Why it waits for one in vain, if it does.
    fn beside(&self, (need, line, by): &Need) -> Option<Trouble> {
        let shown = need.trim_end_matches('/');
        let shown = shown.strip_suffix("/log").unwrap_or(shown);
        let called = shown.rsplit('/').next().unwrap_or(shown);
        let path = match need.contains('/') {
            true => Some(shortest(&self.own.join(shown))),
            // As what is rendered has it: beside its own folder.
            false if *line == 0 => Some(self.own.with_file_name(shown)),
            false => None,
        };
        let what = self.why_not(path.as_deref(), called)?;
        let place = match line {
            0 => String::new(),
            line => format!(" in line {line}"),
        };
        Some(Trouble {
            path: by.clone(),
            what: format!(
                "waits for `{called}`{place}, {what}: `{}` is never started, enabled or not",
                self.name
            ),
            hint: Some(match self.is_ours {
                true => format!(
                    "install and enable the service `{called}`, or name it in `wants` of a spec, \
                     which does without"
                ),
                false => format!("install and enable the service `{called}`"),
            }),
        })
    }

    /// Why nobody starts the service of that path, or of that name where the init looks.
    fn why_not(&self, path: Option<&Path>, called: &str) -> Option<String> {
        let host = self.host;
        let of_scan = |path: &Path| {
            let folder = path.parent().unwrap_or(Path::new("/"));
            let usual = self.scan.usual.iter();
            usual.map(Path::new).any(|it| it == folder)
                || self.entrances.iter().any(|it| it == folder)
        };
        let Some(path) = path.filter(|path| !of_scan(path)) else {
            let mut entrances = self.entrances.iter();
            if entrances.any(|folder| is_service(host, &folder.join(called))) {
                return None;
            }
            let beside = self.own.with_file_name(called);
            return match is_service(host, &beside) {
                true if self.entrances.is_empty() => None,
                true => Some("which is not enabled".into()),
                false => Some(format!("and there is no service `{called}`")),
            };
        };
        let end = host.follow(path);
        let is_linked = |entrance: &PathBuf| {
            let names = host.list(entrance).into_iter();
            let mut ends = names.map(|name| host.follow(entrance.join(name)));
            ends.any(|it| it.is_some() && it == end)
        };
        match is_service(host, path) {
            false => Some(format!("and `{}` is not a service", path.display())),
            true if self.entrances.is_empty() || self.entrances.iter().any(is_linked) => None,
            true => Some("which is not enabled".to_owned()),
        }
    }

    fn untold(&self, wait: &Wait, whom: &str) -> Trouble {
        Trouble {
            path: PathBuf::from(&wait.path),
            what: format!(
                "asks in line {} for {whom}: whether `{}` is started as things are cannot be told",
                wait.line, self.name
            ),
            hint: None,
        }
    }
}
