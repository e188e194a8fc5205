//! A spec that is being made, with what was decided on the way.

use std::collections::BTreeMap;

use crate::service::specifiers;
use crate::service::{
    AbsPath, Argument, Assignment, CommandLine, Dependency, ForSystemd, Keep, Life, Limits, Line,
    Log, LogTo, Name, Policy, Process, Resource, Restart, Size, Span, Stop, TasksMax, Type,
    Variable,
};
use crate::sorting;
use crate::spec::{Spec, SpecEnvFile};
use crate::unit::{
    Directive, Fault, Ignored, Line as UnitLine, Place, Section, Setting, Unit, Value, shown,
};

use super::{Decision, Elsewhere, Imported, Locate, OF_HOST, Outcome, translate, yaml};

/// The property that has what is for systemd alone.
const SYSTEMD: &str = "systemd";

const UNWRITABLE: &str = "it cannot be written into a spec";

/// A spec that is being made.
pub struct Draft<'a> {
    /// The unit that it is made of.
    pub unit: &'a Unit,
    /// Finds programs that are named without a path.
    pub locate: Locate<'a>,
    /// Whether the unit takes something from the processes of the service.
    pub is_confined: bool,
    /// What is known of the spec.
    pub parts: Parts,
    /// Lines of comment, each above a property of the spec.
    pub comments: BTreeMap<&'static str, Vec<String>>,
    decisions: Vec<Decision>,
}

/// The parts of a spec; each translation sets its own.
#[derive(Debug)]
pub struct Parts {
    pub name: Option<Name>,
    pub description: Option<Line>,
    pub configured_by: Option<Name>,
    pub documentation: Vec<Line>,
    pub program: Option<AbsPath>,
    pub arguments: Vec<Argument>,
    pub environment: Vec<Variable>,
    pub env_files: Vec<SpecEnvFile>,
    pub service_type: Type,
    pub restart: Restart,
    pub stop: Stop,
    pub needs: Vec<Dependency>,
    pub wants: Vec<Dependency>,
    pub after: Vec<Dependency>,
    pub before: Vec<Name>,
    pub limits: Limits,
    pub tasks_max: Option<TasksMax>,
    pub delegate: bool,
    pub process: Process,
    pub life: Life,
    pub systemd: ForSystemd,
    /// Commands of a oneshot before the last.
    pub earlier: Vec<CommandLine>,
}

/// A word of a line as a line of its own.
fn word(setting: &Setting) -> Option<(Section, String)> {
    let section = Directive::home(setting.key)?;
    let Value::Text(word) = &setting.value else {
        return None;
    };
    let word = word.replace('%', "%%").replace(OF_HOST, "%");
    Some((section, format!("{}={word}", setting.key)))
}

/// Where a text has a specifier of the host, all of them are written with specifiers.
fn with_specifiers(spec: &mut Spec) {
    let is_there = {
        let mut texts =
            specifiers::texts(&spec.arguments, &spec.environment, &spec.life, &spec.stop);
        texts.any(|(_, text)| text.contains(OF_HOST))
    };
    spec.specifiers = is_there;
    if spec.specifiers {
        specifiers::replace(
            &mut spec.arguments,
            &mut spec.environment,
            &mut spec.life,
            &mut spec.stop,
            &|text| text.replace('%', "%%").replace(OF_HOST, "%"),
        );
    }
}

impl Default for Parts {
    /// What systemd does for a unit that says nothing (`systemd.service(5)`,
    /// `systemd.kill(5)`, `systemd-system.conf(5)`).
    fn default() -> Self {
        let mut limits = Limits::default();
        limits.set(Resource::Nofile, Some(Limits::NOFILE));
        Self {
            name: None,
            description: None,
            configured_by: None,
            documentation: Vec::new(),
            program: None,
            arguments: Vec::new(),
            environment: Vec::new(),
            env_files: Vec::new(),
            service_type: Type::Simple,
            restart: Restart {
                policy: Policy::Never,
                delay: Span::milliseconds_of(100),
                ..Restart::DEFAULT
            },
            stop: Stop::DEFAULT,
            needs: Vec::new(),
            wants: Vec::new(),
            after: Vec::new(),
            before: Vec::new(),
            limits,
            tasks_max: None,
            delegate: false,
            process: Process::default(),
            life: Life::default(),
            systemd: ForSystemd::default(),
            earlier: Vec::new(),
        }
    }
}

impl Parts {
    /// What is needed is not wanted as well, and nothing waits for itself: systemd takes
    /// the stronger of the two, and drops what a unit says of itself.
    fn settle_dependencies(&mut self) {
        let Self {
            name,
            needs,
            wants,
            after,
            before,
            life,
            ..
        } = self;
        let is_self =
            |it: &Dependency| matches!(it, Dependency::Service(of) if Some(of) == name.as_ref());
        needs.retain(|it| !is_self(it));
        wants.retain(|it| !is_self(it) && !needs.contains(it));
        after.retain(|it| !is_self(it) && !needs.contains(it) && !wants.contains(it));
        life.conflicts.retain(|it| Some(it) != name.as_ref());
        before.retain(|it| Some(it) != name.as_ref());
    }
}

impl<'a> Draft<'a> {
    pub(super) fn new(unit: &'a Unit, locate: Locate<'a>) -> Self {
        Self {
            unit,
            locate,
            is_confined: false,
            parts: Parts::default(),
            comments: BTreeMap::new(),
            decisions: Vec::new(),
        }
    }

    fn decide(
        &mut self,
        directive: &str,
        place: Option<Place>,
        outcome: Outcome,
        property: Option<&'static str>,
        note: Option<String>,
    ) {
        let decision = Decision {
            directive: directive.into(),
            file: place.map(|place| self.unit.files[place.file].clone()),
            line: place.map(|place| place.line).filter(|&line| line > 0),
            outcome,
            property,
            note,
        };
        if !self.decisions.contains(&decision) {
            self.decisions.push(decision);
        }
    }

    /// The spec says the same as these lines.
    pub fn translated(&mut self, key: &str, property: &'static str, settings: &[&Setting]) {
        for setting in settings {
            let place = Some(setting.place);
            self.decide(key, place, Outcome::Translated, Some(property), None);
        }
    }

    /// These lines are not needed elsewhere.
    pub fn no_effect(&mut self, key: &str, settings: &[&Setting]) {
        for setting in settings {
            self.decide(key, Some(setting.place), Outcome::NoEffect, None, None);
        }
    }

    /// The same, and a reader of the spec will want to know why.
    pub fn needless(&mut self, key: &str, place: Place, why: &str) {
        let why = Some(why.into());
        self.decide(key, Some(place), Outcome::NoEffect, None, why);
    }

    /// The spec keeps the line of this setting for systemd alone, as it is written.
    pub fn keep(&mut self, setting: &Setting, elsewhere: Elsewhere) {
        let is_it = |line: &&UnitLine| {
            line.place == setting.place && line.directive.is_some_and(|it| it.name == setting.key)
        };
        match self.unit.lines.iter().find(is_it) {
            Some(line) => {
                let text = format!("{}={}", line.key, line.value);
                self.keep_line(line.section, setting, &text, elsewhere);
            }
            // A link in a folder such as `NAME.wants`.
            None => self.keep_word(setting, elsewhere),
        }
    }

    /// The same of one word of a line.
    pub fn keep_word(&mut self, setting: &Setting, elsewhere: Elsewhere) {
        match word(setting) {
            Some((section, text)) => self.keep_line(section, setting, &text, elsewhere),
            None => self.refuse(setting.key, Some(setting.place), Some(SYSTEMD), UNWRITABLE),
        }
    }

    /// The same of a word that is not needed elsewhere, and why.
    pub fn keep_needless(&mut self, setting: &Setting, why: &str) {
        if let Some((section, text)) = word(setting)
            && self.push_line(section, setting, &text)
        {
            self.needless(setting.key, setting.place, why);
        }
    }

    /// Whether it can be written.
    fn push_line(&mut self, section: Section, of: &Setting, text: &str) -> bool {
        let Ok(line) = text.parse::<Assignment>() else {
            self.refuse(of.key, Some(of.place), Some(SYSTEMD), UNWRITABLE);
            return false;
        };
        let lines = match section {
            Section::Unit => &mut self.parts.systemd.unit,
            Section::Service => &mut self.parts.systemd.service,
            Section::Install => &mut self.parts.systemd.install,
        };
        if !lines.contains(&line) {
            lines.push(line);
        }
        true
    }

    fn keep_line(&mut self, section: Section, of: &Setting, text: &str, elsewhere: Elsewhere) {
        let (key, place) = (of.key, of.place);
        if !self.push_line(section, of, text) {
            return;
        }
        let told = match elsewhere {
            Elsewhere::Nothing | Elsewhere::Said => {
                return self.decide(key, Some(place), Outcome::NoEffect, Some(SYSTEMD), None);
            }
            Elsewhere::LeftOut(text) | Elsewhere::Lost(text) => {
                format!("for systemd alone: {text}")
            }
            Elsewhere::Refused(why) => {
                format!("for systemd alone, and refused under other inits: {why}")
            }
        };
        self.comment(
            SYSTEMD,
            format!("{}: {key}=: {told}", self.unit.shown(place)),
        );
        self.decide(key, Some(place), Outcome::Kept, Some(SYSTEMD), Some(told));
    }

    /// Something of a line is lost, or was decided.
    pub fn note(&mut self, key: &str, place: Place, text: &str) {
        let text = Some(text.into());
        self.decide(key, Some(place), Outcome::Noted, None, text);
    }

    /// A line is translated to a property, not without a decision.
    pub fn decided(&mut self, key: &str, place: Place, property: &'static str, text: &str) {
        self.comment(property, format!("{}: {text}", self.unit.shown(place)));
        let text = Some(text.into());
        let outcome = Outcome::Noted;
        self.decide(key, Some(place), outcome, Some(property), text);
    }

    /// A directive that is not there means something, of which the spec has a comment.
    pub fn absent(&mut self, key: &str, property: &'static str, text: &str) {
        self.comment(property, format!("No {key}=: {text}"));
        let text = Some(text.into());
        self.decide(key, None, Outcome::Absent, Some(property), text);
    }

    /// A line of comment above a property.
    pub fn comment(&mut self, property: &'static str, text: impl Into<String>) {
        self.comments.entry(property).or_default().push(text.into());
    }

    /// It cannot be said in a spec.
    pub fn refuse(
        &mut self,
        key: &str,
        place: Option<Place>,
        property: Option<&'static str>,
        why: &str,
    ) {
        self.decide(key, place, Outcome::Refused, property, Some(why.into()));
    }

    /// systemd ignores a value that is not one.
    pub fn ignored_value(&mut self, setting: &Setting, wanted: &'static str) {
        let Value::Text(text) = &setting.value else {
            return;
        };
        let value = shown(text);
        let why = Ignored::Value { value, wanted };
        let why = Some(format!("systemd ignores it: {why}"));
        self.decide(
            setting.key,
            Some(setting.place),
            Outcome::Ignored,
            None,
            why,
        );
    }

    pub(super) fn host(&mut self, key: &str, specifier: char, setting: &Setting) {
        let why = format!(
            "`%{specifier}` differs from host to host, so no fixed value can be written; a spec has `specifiers` in arguments, variables and commands alone, and of them `%H`, `%l`, `%m`, `%b` and `%v`"
        );
        self.refuse(key, Some(setting.place), Some("specifiers"), &why);
    }

    pub(super) fn fault(&mut self, place: Place, fault: &Fault) {
        let why = format!("{fault}; {}", fault.systemd(place.file > 0));
        self.refuse("", Some(place), None, &why);
    }

    pub(super) fn ignored(&mut self, place: Place, why: &Ignored) {
        let line = self.unit.lines.iter().find(|line| line.place == place);
        let key = line.map_or("", |line| line.key.as_str());
        let why = Some(format!("systemd ignores it: {why}"));
        self.decide(key, Some(place), Outcome::Ignored, None, why);
    }

    pub(super) fn replaced(&mut self, line: &UnitLine, by: Place) {
        let by = Some(format!("{} takes its place", self.unit.shown(by)));
        self.decide(&line.key, Some(line.place), Outcome::Replaced, None, by);
    }

    pub(super) fn resets(&mut self, line: &UnitLine) {
        self.decide(&line.key, Some(line.place), Outcome::Reset, None, None);
    }

    /// What is left is what the unit does not say; then the spec is whole, or refused.
    pub(super) fn finish(mut self) -> Imported {
        translate::absent(&mut self);
        self.parts.settle_dependencies();
        let files = &self.unit.files;
        sorting::by_key(&mut self.decisions, |it| {
            let file = it.file.as_ref();
            let number = files.iter().position(|other| Some(other) == file);
            (file.is_none(), number, it.line)
        });
        let is_refused = self.decisions.iter().any(Decision::is_refused);
        let spec = if is_refused { None } else { self.spec() };
        let yaml = spec.as_ref().map(|spec| {
            let noted = self.decisions.iter().filter(|it| it.is_noted());
            let noted = noted.filter(|it| it.property.is_none());
            yaml::write(self.unit, spec, &self.comments, &noted.collect::<Vec<_>>())
        });
        Imported {
            unit: self.unit.name.to_string(),
            yaml,
            spec,
            decisions: self.decisions,
        }
    }

    fn spec(&self) -> Option<Spec> {
        let parts = &self.parts;
        let mut spec = Spec {
            name: parts.name.clone()?,
            description: parts.description.clone()?,
            configured_by: parts.configured_by.clone(),
            documentation: parts.documentation.clone(),
            program: parts.program.clone()?,
            arguments: parts.arguments.clone(),
            environment: parts.environment.clone(),
            specifiers: false,
            env_files: parts.env_files.clone(),
            service_type: parts.service_type,
            life: Life {
                pre_start: [&parts.life.pre_start[..], &parts.earlier[..]].concat(),
                ..parts.life.clone()
            },
            restart: parts.restart,
            stop: parts.stop.clone(),
            needs: parts.needs.clone(),
            wants: parts.wants.clone(),
            after: parts.after.clone(),
            before: parts.before.clone(),
            limits: parts.limits,
            tasks_max: parts.tasks_max,
            delegate: parts.delegate,
            process: parts.process.clone(),
            systemd: parts.systemd.clone(),
            log: Log {
                to: LogTo::default(),
                max_size: Size::mebibytes(10),
                keep: Keep::DEFAULT,
            },
        };
        with_specifiers(&mut spec);
        Some(spec)
    }
}
