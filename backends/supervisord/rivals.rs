//! Other sections that define a service: in the configuration itself, and in the files that it
//! includes.

use std::path::Path;

use super::includes::Configuration;
use super::ini::{Ini, Section};
use crate::backends::rivals::{Called, called, is_own};
use crate::effective::{Asked, Goes, Other, Place, Rival};
use crate::root::first_spare;

/// What begins the name of a section that defines something of a name
/// (`process_groups_from_parser`, `options.py`, 4.2).
const KINDS: [&str; 4] = ["program", "fcgi-program", "eventlistener", "group"];

pub(super) fn find(asked: &Asked<'_>) -> Vec<Rival> {
    let host = asked.host;
    let own = Path::new(asked.places.service.as_str());
    let Some(configuration) = Configuration::of(host) else {
        return Vec::new();
    };
    let files = configuration.files(host, own);
    let own_at = files.iter().position(|path| path == own);
    let mut found = Vec::new();
    for (at, path) in files.iter().enumerate() {
        if is_own(host.root(), own, path).unwrap_or(true) {
            continue;
        }
        let ini = Ini::read(&host.text(path).unwrap_or_default());
        let sections = ini.sections().iter();
        let ours: Vec<_> = sections
            .filter_map(|section| Some((section, of_service(section, asked)?)))
            .collect();
        let is_it = |(_, how): &(&Section, How)| !matches!(how, How::Nearly);
        let of_it = ours.iter().filter(|it| is_it(it)).count();
        let alone = *path != configuration.path && of_it == ini.sections().len();
        let spare = first_spare(path);
        let file = File {
            path,
            is_before: own_at.is_some_and(|own| at < own),
            goes: alone && !configuration.includes(&spare),
        };
        found.extend(
            ours.iter()
                .map(|(section, how)| file.rival(asked, section, *how)),
        );
    }
    found
}

/// The sections of other programs whose command mentions one.
pub(super) fn others(asked: &Asked<'_>, program: &str) -> Vec<Other> {
    let own = Path::new(asked.places.service.as_str());
    let Some(configuration) = Configuration::of(asked.host) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (path, ini) in configuration.read(asked.host, own) {
        let is_shared = path == configuration.path || ini.sections().len() > 1;
        for section in ini.sections() {
            let Some(name) = section.name.strip_prefix("program:") else {
                continue;
            };
            let name = name.trim();
            let command = ini.get(&section.name, "command").unwrap_or_default();
            let is_other = called(name, asked.name).is_none() && command.contains(program);
            let name = name.parse().ok().filter(|_| is_other);
            found.extend(name.map(|name| Other {
                name,
                place: Place::of_line(path.display().to_string(), section.line),
                is_shared,
            }));
        }
    }
    found
}

/// How a section stands to the service.
#[derive(Clone, Copy)]
enum How {
    /// It is the very one, of which each key counts as it is read last.
    Same,
    /// It is another one of the same name.
    Second,
    /// It is called nearly so.
    Nearly,
}

fn of_service(section: &Section, asked: &Asked<'_>) -> Option<How> {
    let (kind, name) = section.name.split_once(':')?;
    if !KINDS.contains(&kind) {
        return None;
    }
    Some(match called(name.trim(), asked.name)? {
        Called::Nearly => How::Nearly,
        Called::So if section.name == format!("program:{}", asked.name) => How::Same,
        Called::So => How::Second,
    })
}

/// A file with such a section.
struct File<'a> {
    path: &'a Path,
    /// Whether it is read before the service's own.
    is_before: bool,
    /// Whether it can be kept under another name: it has nothing else.
    goes: bool,
}

impl File<'_> {
    fn rival(&self, asked: &Asked<'_>, section: &Section, how: How) -> Rival {
        let root = asked.host.root();
        let own = root.shown(asked.places.service.as_str());
        let (own, head, name) = (own.display(), &section.name, asked.name);
        let what = match how {
            How::Same if self.is_before => format!(
                "has a section `[{head}]` too: supervisord reads `{own}` after it, and takes from \
                 here what that does not set"
            ),
            How::Same => format!(
                "has a section `[{head}]` too: supervisord reads it after `{own}`, and takes from \
                 there only what this one does not set"
            ),
            How::Second => format!(
                "has a section `[{head}]`: supervisord knows two of the name `{name}`, and drives \
                 one of them"
            ),
            How::Nearly => format!(
                "has a section `[{head}]`, which supervisord takes for another service than \
                 `{name}`: two of them run"
            ),
        };
        let goes = match (self.goes, how) {
            (true, How::Same | How::Second) => Goes::File(Vec::new()),
            _ => Goes::ByHand(format!(
                "take lines {} to {} out of `{}`",
                section.line,
                section.end,
                root.shown(self.path).display()
            )),
        };
        Rival::new(self.path.display().to_string(), section.line, what, goes)
    }
}
