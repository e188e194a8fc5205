//! What the lines of a unit and its drop-ins come to, applied in systemd's order
//! (`unit_load`, `unit.c`; the parsers of `load-fragment.c`).

mod apply;

use super::directive::{Directive, Section};
use super::file::{self, File};
use super::find::Found;
use super::name::UnitName;
use super::problem::{Fault, Ignored, Place};
use super::specifier::Specifiers;
use super::time::Time;
use super::value::Value;

/// A value that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The directive's name, the newer one where it has two.
    pub key: &'static str,
    /// What it is set to.
    pub value: Value,
    /// The line that sets it.
    pub place: Place,
}

/// What became of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It counts, wholly or in part.
    Counts,
    /// It begins a list anew, or takes a value back.
    Resets,
    /// A later line took its place.
    Replaced(Place),
    /// systemd does nothing with it.
    Ignored(Ignored),
}

/// A line of a unit or a drop-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its section.
    pub section: Section,
    /// Its key as it is written.
    pub key: String,
    /// The directive, where there is such a one.
    pub directive: Option<Directive>,
    /// Its value as it is written.
    pub value: String,
    /// Where it stands.
    pub place: Place,
    /// The comment directly above it.
    pub comment: Option<String>,
    /// What became of it.
    pub fate: Fate,
}

/// For so many ignored lines it is said which key may be meant.
const MOST_MEANT: usize = 32;

/// A unit as systemd sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Its name, which is that of its file where it was asked for by an alias.
    pub name: UnitName,
    /// Its files as messages name them: the unit's own, the drop-ins in the order in which
    /// they count, links in folders such as `NAME.wants`.
    pub files: Vec<String>,
    /// Every assignment in the sections that a service has, in the order in which they count.
    pub lines: Vec<Line>,
    /// What counts in the end, in the order in which it was set.
    pub settings: Vec<Setting>,
    /// Lines and words that systemd ignores.
    pub ignored: Vec<(Place, Ignored)>,
    /// Why systemd does not load it. What it reads otherwise than it looks is here too.
    pub faults: Vec<(Place, Fault)>,
    /// Other units that start it, each with its kind: `path`, `socket` or `timer`.
    pub triggers: Vec<(Place, &'static str)>,
}

impl Unit {
    /// Reads what was found. What specifiers of the host stand for is `host`'s to say.
    pub fn of(found: &Found, host: &dyn Fn(char) -> Option<String>) -> Self {
        let mut unit = Self {
            name: found.name.clone(),
            files: Vec::new(),
            lines: Vec::new(),
            settings: Vec::new(),
            ignored: Vec::new(),
            faults: Vec::new(),
            triggers: Vec::new(),
        };
        let specifiers = Specifiers {
            name: &found.name,
            fragment: &found.fragment.inside,
            host,
        };
        unit.take(
            &found.fragment.path,
            file::parse(&found.fragment.bytes),
            &specifiers,
        );
        for link in &found.links {
            let place = unit.file(&link.path, 0);
            let value = Value::Text(link.unit.to_string());
            unit.add(link.key, value, place);
        }
        for drop_in in &found.drop_ins {
            unit.take(&drop_in.path, file::parse(&drop_in.bytes), &specifiers);
        }
        for unread in &found.unread {
            let place = unit.file(&unread.path, 0);
            unit.faults.push((place, unread.fault.clone()));
        }
        for trigger in &found.triggers {
            let place = unit.file(&trigger.path, 0);
            unit.triggers.push((place, trigger.kind));
        }
        unit.verify();
        unit
    }

    fn file(&mut self, path: &str, line: usize) -> Place {
        self.files.push(path.into());
        Place {
            file: self.files.len() - 1,
            line,
        }
    }

    fn take(&mut self, path: &str, file: File, specifiers: &Specifiers<'_>) {
        let start = self.file(path, 1);
        let at = |line| Place { line, ..start };
        let ignored = file.ignored.into_iter();
        self.ignored
            .extend(ignored.map(|(line, why)| (at(line), why)));
        let faults = file.doubtful.into_iter().chain(file.broken);
        self.faults
            .extend(faults.map(|(line, fault)| (at(line), fault)));
        for assignment in file.assignments {
            let place = at(assignment.line);
            let directive = Directive::find(assignment.section, &assignment.key);
            self.lines.push(Line {
                section: assignment.section,
                directive,
                place,
                comment: assignment.comment,
                fate: Fate::Counts,
                key: assignment.key,
                value: assignment.value,
            });
            let faults = self.faults.len();
            match directive {
                Some(directive) => self.apply(directive, specifiers),
                None => self.unknown(),
            }
            if self.faults.len() > faults {
                // systemd reads the file no further.
                break;
            }
        }
    }

    /// Whether systemd loads it. A fault in a drop-in ends that file alone.
    pub fn is_loaded(&self) -> bool {
        let mut faults = self.faults.iter();
        !faults.any(|(place, fault)| {
            !fault.is_harmless() && (place.file == 0 || fault.is_of_the_whole())
        })
    }

    /// A key that the section does not have. Those of `X-` are for others.
    fn unknown(&mut self) {
        let Some(line) = self.lines.last() else {
            return;
        };
        let section = line.section.name();
        let key = super::shown(&line.key);
        let why = match Directive::home(&line.key) {
            Some(right) => Ignored::WrongSection {
                key,
                section,
                right: right.name(),
            },
            None => Ignored::Key {
                // Looking for one takes its time.
                near: (self.ignored.len() < MOST_MEANT)
                    .then(|| Directive::near(line.section, &line.key))
                    .flatten(),
                key,
                section,
            },
        };
        match line.key.starts_with("X-") {
            true => {
                self.lines.pop();
            }
            false => self.ignore(why),
        }
    }

    /// The last line, which is the one that is applied, does nothing.
    fn ignore(&mut self, why: Ignored) {
        if let Some(line) = self.lines.last_mut() {
            self.ignored.push((line.place, why.clone()));
            line.fate = Fate::Ignored(why);
        }
    }

    /// The settings of a directive, in their order.
    pub fn all(&self, key: &str) -> impl Iterator<Item = &Setting> {
        self.settings.iter().filter(move |it| it.key == key)
    }

    /// The setting of a directive that has one.
    pub fn one(&self, key: &str) -> Option<&Setting> {
        self.all(key).last()
    }

    /// The text of a directive that has one.
    pub fn text(&self, key: &str) -> Option<&str> {
        match &self.one(key)?.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The span of a directive that has one.
    pub fn time(&self, key: &str) -> Option<Time> {
        match self.one(key)?.value {
            Value::Time(time) => Some(time),
            _ => None,
        }
    }

    /// `Type=`, or what systemd takes in its stead (`service_add_extras`, `service.c`).
    pub fn service_type(&self) -> &str {
        self.text("Type")
            .unwrap_or_else(|| match (self.one("BusName"), self.one("ExecStart")) {
                (Some(_), _) => "dbus",
                (None, Some(_)) => "simple",
                (None, None) => "oneshot",
            })
    }

    /// Whether there is something to do that is not `ExecStart=`.
    fn does_without_start(&self) -> bool {
        let acts = self.text("SuccessAction").is_some_and(|it| it != "none");
        acts || self.one("ExecStop").is_some()
    }

    /// `service_verify` (`service.c`).
    fn verify(&mut self) {
        let service_type = self.service_type();
        let is_oneshot = service_type == "oneshot";
        let commands: Vec<_> = self.all("ExecStart").map(|it| it.place).collect();
        let fault = match (self.text("Restart"), commands.as_slice()) {
            (_, []) if !is_oneshot || !self.does_without_start() => {
                let unit = Place { file: 0, line: 0 };
                Some((unit, Fault::NoCommand))
            }
            (_, [_, second, ..]) if !is_oneshot => Some((*second, Fault::Commands)),
            (Some(policy @ ("always" | "on-success")), _) if is_oneshot => {
                let policy = policy.into();
                let place = self.one("Restart").map(|it| it.place);
                place.map(|place| (place, Fault::OneshotRestart { policy }))
            }
            _ if service_type == "dbus" && self.one("BusName").is_none() => {
                let place = self.one("Type").map(|it| it.place);
                place.map(|place| (place, Fault::NoBusName))
            }
            _ => None,
        };
        // With another fault, a command may be missing because of it.
        if self.is_loaded() {
            self.faults.extend(fault);
        }
    }

    /// Where something stands, as `file:line`; the file alone where it is a link.
    pub fn shown(&self, place: Place) -> String {
        let file = &self.files[place.file];
        match place.line {
            0 => file.clone(),
            line => format!("{file}:{line}"),
        }
    }
}
