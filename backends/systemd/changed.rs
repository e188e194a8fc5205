//! What drop-ins of others change of a unit that is installed with its own.
//!
//! Both are read as systemd reads them ([`Unit`]) and compared setting by setting. What is
//! only added (a variable, an env file, a dependency, a limit) is an administrator's right and
//! changes nothing that was installed.

use crate::effective::{Asked, Change, Changed, Place};
use crate::envfile::ExecWord;
use crate::rendering::Rendered;
use crate::root::RootError;
use crate::service::AbsPath;
use crate::unit::{self, FindError, Found, Setting, Source, Unit, Value, shown};

use super::find::{find, finder};

/// What systemd takes where a unit says nothing (`systemd.service(5)`, `systemd.kill(5)`,
/// `systemd.exec(5)`): before both units, so that a drop-in that says one of these otherwise
/// is seen, and one that says the same is none.
const DEFAULTS: &str = "[Service]
Type=simple
Restart=no
RestartSec=100ms
TimeoutStopSec=90
KillMode=control-group
KillSignal=SIGTERM
SendSIGKILL=yes
RemainAfterExit=no
User=root
Group=root
";

/// What people read and systemd does not heed.
const FOR_PEOPLE: [&str; 2] = ["Description", "Documentation"];

/// The changes, in the order of the installed settings. What is judged are files that are not
/// among the rendered ones, so that those count as they are rendered, whatever is there of them:
/// that is said of the files themselves.
pub(super) fn changed(asked: &Asked<'_>, rendered: &Rendered) -> Result<Vec<Changed>, RootError> {
    let Ok(found) = to_be(asked, rendered) else {
        return Ok(Vec::new());
    };
    let Some(mut comparison) = Comparison::new(asked, found, rendered)? else {
        return Ok(Vec::new());
    };
    // Why there is none that systemd loads is said of the service itself. Where another unit is
    // in its place, these count as soon as that has gone.
    let unit = asked.host.root().target(asked.places.service.as_str())?;
    if unit.is_some() && find(asked.host, asked.name).is_err() {
        return Ok(Vec::new());
    }
    comparison.displaced();
    comparison.settings();
    Ok(comparison.changed)
}

/// The unit as it will be with the drop-ins that are there.
fn to_be(asked: &Asked<'_>, rendered: &Rendered) -> Result<Found, FindError> {
    let own = &asked.places.service;
    let folder = format!("{own}.d/");
    let ours = rendered.files();
    let ours = ours.filter(|(path, _)| path.as_str().starts_with(&folder));
    let ours = ours.map(|(path, file)| source(path, &file.content));
    let finder = finder(asked.host).with_drop_ins(ours.collect());
    let name = format!("{}.service", asked.name).parse()?;
    let drop_ins = finder.drop_ins_of(&name)?;
    let fragment = rendered.file(own.as_str()).map(|file| file.content.clone());
    let fragment = source(own, &fragment.unwrap_or_default());
    Ok(Found::new(name, fragment, drop_ins))
}

fn source(path: &AbsPath, bytes: &[u8]) -> Source {
    Source {
        path: path.to_string(),
        inside: path.to_string(),
        bytes: bytes.to_owned(),
    }
}

struct Comparison<'a> {
    asked: &'a Asked<'a>,
    /// As it is installed.
    installed: Unit,
    /// As it is with what others have put there.
    there: Unit,
    /// The drop-ins of others, by their number among the files.
    others: Vec<usize>,
    /// Drop-ins of ours that systemd does not read, each with the number of the file in its
    /// place.
    displaced: Vec<(String, usize)>,
    changed: Vec<Changed>,
}

impl<'a> Comparison<'a> {
    /// `None` where there are no drop-ins of others.
    fn new(
        asked: &'a Asked<'a>,
        mut there: Found,
        rendered: &Rendered,
    ) -> Result<Option<Self>, RootError> {
        let root = asked.host.root();
        let own = asked.places.service.as_str();
        let folder = format!("{own}.d/");
        let ours = || {
            rendered
                .files()
                .filter(|(path, _)| path.as_str().starts_with(&folder))
        };
        let mut others = Vec::new();
        let mut displaced = Vec::new();
        for (at, drop_in) in there.drop_ins.iter().enumerate() {
            // The unit's own file is the first.
            let at = at + 1;
            let name = drop_in.inside.rsplit('/').next();
            let of_ours = ours().find(|(path, _)| Some(path.file_name()) == name);
            match of_ours {
                Some((path, _)) if path.as_str() == drop_in.inside => continue,
                Some((path, _)) if root.is_same(path.as_str(), &drop_in.inside)? => continue,
                Some((path, _)) => displaced.push((path.to_string(), at)),
                None => {}
            }
            others.push(at);
        }
        if others.is_empty() {
            return Ok(None);
        }
        let fragment = rendered.file(own).map(|file| file.content.clone());
        let installed = Found::new(
            there.name.clone(),
            source(&asked.places.service, &fragment.unwrap_or_default()),
            ours()
                .map(|(path, file)| source(path, &file.content))
                .collect(),
        );
        there.links.clear();
        Ok(Some(Self {
            asked,
            installed: with_defaults(installed),
            there: with_defaults(there),
            others,
            displaced,
            changed: Vec::new(),
        }))
    }

    /// Drop-ins of ours that systemd does not read: of one name it takes the first that it
    /// finds (`systemd.unit(5)`).
    fn displaced(&mut self) {
        for (ours, at) in &self.displaced {
            let place = Place::of_line(self.path(*at), 0);
            let is_empty = self.there.lines.iter().all(|line| line.place.file != *at);
            let how = if is_empty {
                "masks"
            } else {
                "stands in the place of"
            };
            let ours = self.asked.host.root().shown(ours);
            self.changed.push(Changed {
                place,
                text: format!("{how} `{}`, which systemd does not read", ours.display()),
                change: Change::Command,
            });
        }
    }

    fn settings(&mut self) {
        let mut keys: Vec<&str> = Vec::new();
        for setting in &self.installed.settings {
            if !keys.contains(&setting.key) && !FOR_PEOPLE.contains(&setting.key) {
                keys.push(setting.key);
            }
        }
        for key in keys {
            let gone: Vec<_> = self.installed.all(key).filter(|it| !self.has(it)).collect();
            let Some(first) = gone.first() else {
                continue;
            };
            let Some(place) = self.by(key) else {
                continue;
            };
            let (text, change) = match key {
                "ExecStart" => (self.command(), Change::Command),
                "EnvironmentFile" => (of_files(&gone), Change::Command),
                "Environment" => (of_variables(&gone), Change::Command),
                _ => (self.scalar(key, first), Change::Life),
            };
            let lost = self.lost(key, &gone, &place);
            self.changed.push(Changed {
                place,
                text,
                change,
            });
            self.changed.extend(lost);
        }
    }

    fn has(&self, setting: &Setting) -> bool {
        let mut there = self.there.all(setting.key);
        there.any(|it| it.value == setting.value)
    }

    /// Which line of others decides about a setting, if one does: the last that counts, else
    /// the last that takes it back, else the file in the place of ours.
    fn by(&self, key: &str) -> Option<Place> {
        let is_others = |place: &unit::Place| self.others.contains(&place.file);
        let counts = self.there.all(key).map(|it| it.place).filter(is_others);
        let written = self.there.lines.iter().rev();
        let mut written = written
            .filter(|line| line.directive.is_some_and(|it| it.name == key))
            .map(|line| line.place);
        let place = counts.last().or_else(|| written.find(is_others));
        let instead = || self.displaced.first().map(|(_, at)| (*at, 0));
        let place = place.map(|place| (place.file, place.line)).or_else(instead);
        place.map(|(file, line)| Place::of_line(self.path(file), line))
    }

    fn path(&self, file: usize) -> String {
        self.there.files[file].clone()
    }

    /// Which variables are no longer on the command line says more than its words.
    fn command(&self) -> String {
        let (before, now) = (names(&self.installed), names(&self.there));
        let gone = before.into_iter().filter(|name| !now.contains(name));
        let gone: Vec<_> = gone.map(|name| format!("`${name}`")).collect();
        let text = "the command line is not the one that is installed";
        match gone.as_slice() {
            [] => text.into(),
            [one] => format!("{text}: {one} is not on it"),
            several => format!("{text}: {} are not on it", several.join(", ")),
        }
    }

    fn scalar(&self, key: &str, installed: &Setting) -> String {
        let was = written(&self.installed, installed);
        match self.there.one(key) {
            Some(now) => format!(
                "`{key}=` is `{}` and not `{was}`, as it is installed",
                written(&self.there, now)
            ),
            None => format!("`{key}={was}`, which is installed, is taken back"),
        }
    }

    /// The env files that are there and are read no longer.
    fn lost(&self, key: &str, gone: &[&Setting], by: &Place) -> Vec<Changed> {
        let host = self.asked.host;
        let path = |setting: &&Setting| match &setting.value {
            Value::EnvFile { path, .. } if key == "EnvironmentFile" => Some(path.clone()),
            _ => None,
        };
        let by = Place {
            path: host.root().shown(&by.path).display().to_string(),
            at: by.at,
        };
        let there = gone
            .iter()
            .filter_map(path)
            .filter(|path| host.exists(path));
        let lost = there.map(|path| Changed {
            place: Place::of_line(path, 0),
            text: format!(
                "what is in it has no effect: because of `{by}` the service does not read it"
            ),
            change: Change::Lost,
        });
        lost.collect()
    }
}

/// A unit with what systemd takes where it says nothing. Lines of its own file are then
/// further down, and are never shown.
fn with_defaults(mut found: Found) -> Unit {
    // As every place of an answer: a path of the tree.
    let sources = std::iter::once(&mut found.fragment).chain(&mut found.drop_ins);
    for source in sources {
        source.path.clone_from(&source.inside);
    }
    found.fragment.bytes = [DEFAULTS.as_bytes(), &found.fragment.bytes].concat();
    Unit::of(&found, &|specifier| Some(format!("%{specifier}")))
}

/// The value of a setting as its line has it.
fn written(unit: &Unit, setting: &Setting) -> String {
    let mut lines = unit.lines.iter();
    let line = lines.find(|line| line.place == setting.place);
    shown(line.map_or("", |line| line.value.as_str()))
}

/// The variables of the command line.
fn names(unit: &Unit) -> Vec<String> {
    let mut names = Vec::new();
    for setting in unit.all("ExecStart") {
        let Value::Command(command) = &setting.value else {
            continue;
        };
        if command.prefixes.is_literal {
            continue;
        }
        for word in &command.argv {
            names.extend(ExecWord::parse(word).names().map(str::to_owned));
        }
    }
    names
}

fn of_files(gone: &[&Setting]) -> String {
    let path = |setting: &&Setting| match &setting.value {
        Value::EnvFile { path, .. } => Some(format!("`{}`", shown(path))),
        _ => None,
    };
    let paths: Vec<_> = gone.iter().filter_map(path).collect();
    match paths.as_slice() {
        [one] => format!("{one}, an env file that is installed, is not read"),
        several => format!(
            "{}, env files that are installed, are not read",
            several.join(", ")
        ),
    }
}

/// The names alone: values may be secret.
fn of_variables(gone: &[&Setting]) -> String {
    let name = |setting: &&Setting| match &setting.value {
        Value::Variable { name, .. } => Some(format!("`{}`", shown(name))),
        _ => None,
    };
    let names: Vec<_> = gone.iter().filter_map(name).collect();
    match names.as_slice() {
        [one] => format!("{one} is not what is installed"),
        several => format!("{} are not what is installed", several.join(", ")),
    }
}
