//! One line applied to what the lines before it came to.

use super::{Fate, Setting, Unit};
use crate::envfile::{is_noncharacter, is_valid_name};
use crate::unit::directive::{Directive, Kind};
use crate::unit::exec::{self, Refused};
use crate::unit::limit::Rlimit;
use crate::unit::name::UnitName;
use crate::unit::problem::{Fault, Ignored, Place};
use crate::unit::specifier::{Specifiers, Unresolved};
use crate::unit::text::{boolean, integer, shown};
use crate::unit::time::Time;
use crate::unit::value::{Signal, Value};
use crate::unit::word::{Escapes, WHITESPACE, Words};

impl Unit {
    /// Applies the last of the lines.
    pub(super) fn apply(&mut self, directive: Directive, specifiers: &Specifiers<'_>) {
        let Some(line) = self.lines.last() else {
            return;
        };
        let (place, value) = (line.place, line.value.clone());
        let key = directive.name;
        let resets = matches!(
            directive.kind,
            Kind::Text
                | Kind::Scalar
                | Kind::List
                | Kind::Words
                | Kind::Score(..)
                | Kind::Account
                | Kind::Commands
                | Kind::Environment
                | Kind::EnvFile
        );
        // An empty one delegates all the same, without a controller (`config_parse_delegate`).
        if resets && value.is_empty() && key != "Delegate" {
            self.reset(key, place);
            return;
        }
        match directive.kind {
            Kind::Text => match self.expanded(&value, place, specifiers) {
                Some(Value::Text(text)) if text.is_empty() => self.reset(key, place),
                Some(value) => self.replace(key, value, place),
                None => {}
            },
            Kind::Scalar => self.replace(key, Value::Text(value), place),
            Kind::List => self.add(key, Value::Text(value), place),
            Kind::Words => self.words(key, &value, place, specifiers),
            Kind::Units => self.units(key, &value, place, specifiers),
            Kind::Account => self.account(key, &value, place, specifiers),
            Kind::Commands => self.commands(key, &value, place, specifiers),
            Kind::Environment => self.environment(&value, place, specifiers),
            Kind::EnvFile => self.env_file(&value, place, specifiers),
            Kind::Obsolete => self.ignore(Ignored::Obsolete),
            Kind::Timeout => self.timeout(key, &value, place),
            kind => match scalar(kind, &value) {
                Ok(value) => self.replace(key, value, place),
                Err(why) => self.ignore(why),
            },
        }
    }

    pub(super) fn add(&mut self, key: &'static str, value: Value, place: Place) {
        self.settings.push(Setting { key, value, place });
    }

    fn replace(&mut self, key: &'static str, value: Value, place: Place) {
        self.drop_all(key, place);
        self.add(key, value, place);
    }

    fn reset(&mut self, key: &'static str, place: Place) {
        self.drop_all(key, place);
        if key.starts_with("Condition") || key.starts_with("Assert") {
            // One list holds them all (`config_parse_unit_condition_path`).
            let family = if key.starts_with('C') {
                "Condition"
            } else {
                "Assert"
            };
            self.drop_where(place, |setting| setting.key.starts_with(family));
        }
        if let Some(line) = self.lines.last_mut() {
            line.fate = Fate::Resets;
        }
    }

    fn drop_all(&mut self, key: &str, by: Place) {
        self.drop_where(by, |setting| setting.key == key);
    }

    /// Takes settings back, and says so of lines of which nothing is left.
    fn drop_where(&mut self, by: Place, dropped: impl Fn(&Setting) -> bool) {
        let (gone, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut self.settings)
            .into_iter()
            .partition(dropped);
        self.settings = kept;
        for setting in gone {
            self.is_replaced(setting.place, by);
        }
    }

    fn is_replaced(&mut self, place: Place, by: Place) {
        if place == by || self.settings.iter().any(|it| it.place == place) {
            return;
        }
        for line in self.lines.iter_mut().filter(|line| line.place == place) {
            if line.fate == Fate::Counts {
                line.fate = Fate::Replaced(by);
            }
        }
    }

    fn words(&mut self, key: &'static str, value: &str, place: Place, by: &Specifiers<'_>) {
        for word in value.split(WHITESPACE).filter(|word| !word.is_empty()) {
            if let Some(value) = self.expanded(word, place, by) {
                self.add(key, value, place);
            }
        }
    }

    /// A text with its specifiers replaced; nothing where one is unknown, for which systemd
    /// ignores the text.
    fn expanded(&mut self, text: &str, place: Place, by: &Specifiers<'_>) -> Option<Value> {
        match by.expand(text) {
            Ok(text) => Some(Value::Text(text)),
            Err(Unresolved::Host(specifier)) => Some(Value::Host(specifier)),
            Err(Unresolved::Unknown(specifier)) => {
                self.ignored.push((place, Ignored::Specifier(specifier)));
                None
            }
        }
    }

    /// `config_parse_unit_deps`, in which quotes are ordinary characters. A template stands for its instance of the same name.
    fn units(&mut self, key: &'static str, value: &str, place: Place, by: &Specifiers<'_>) {
        for word in value.split(WHITESPACE).filter(|word| !word.is_empty()) {
            let name = match self.expanded(word, place, by) {
                Some(Value::Text(name)) => name,
                Some(host) => {
                    self.add(key, host, place);
                    continue;
                }
                None => continue,
            };
            match name.parse::<UnitName>() {
                Ok(unit) if unit.is_template() => {
                    let instance = by.name.instance().unwrap_or(by.name.prefix());
                    let name = format!("{}@{instance}.{}", unit.prefix(), unit.suffix());
                    self.add(key, Value::Text(name), place);
                }
                Ok(unit) => self.add(key, Value::Text(unit.to_string()), place),
                Err(_) => self.ignored.push((
                    place,
                    Ignored::Value {
                        value: shown(&name),
                        wanted: "the name of a unit",
                    },
                )),
            }
        }
    }

    /// `config_parse_user_group_compat` with `valid_user_group_name` (`user-util.c`).
    fn account(&mut self, key: &'static str, value: &str, place: Place, by: &Specifiers<'_>) {
        let Some(value) = self.expanded(value, place, by) else {
            return;
        };
        if let Value::Text(name) = &value
            && !is_account(name)
        {
            let name = shown(name);
            self.faults.push((place, Fault::Account { name }));
            return;
        }
        self.replace(key, value, place);
    }

    fn commands(&mut self, key: &'static str, value: &str, place: Place, by: &Specifiers<'_>) {
        let (commands, refused) = exec::parse(value, by);
        for command in commands {
            self.add(key, Value::Command(command), place);
        }
        match refused {
            None => {}
            Some(Refused::Host(specifier)) => self.add(key, Value::Host(specifier), place),
            Some(Refused::Ignored(fault)) => self.ignore(Ignored::Command(fault)),
            Some(Refused::Fatal(fault)) => self.faults.push((place, fault)),
        }
    }

    /// `config_parse_environ`. What stands before an error on the line counts.
    fn environment(&mut self, value: &str, place: Place, by: &Specifiers<'_>) {
        let mut words = Words(value);
        loop {
            let word = match words.next(Escapes::Strict) {
                Ok(None) => return,
                Ok(Some(word)) => word,
                Err(_) => {
                    self.ignored.push((place, Ignored::Quote));
                    return;
                }
            };
            let text = String::from_utf8(word).ok();
            let text = text.filter(|text| !text.contains(is_noncharacter));
            match text.map(|text| self.expanded(&text, place, by)) {
                None => self.not_a_variable("", place),
                Some(None) => {}
                Some(Some(Value::Text(text))) => match text.split_once('=') {
                    Some((name, value)) if is_valid_name(name) => self.variable(name, value, place),
                    _ => self.not_a_variable(&text, place),
                },
                Some(Some(host)) => self.add("Environment", host, place),
            }
        }
    }

    fn not_a_variable(&mut self, text: &str, place: Place) {
        let name = text.split('=').next().unwrap_or_default();
        let value = shown(name);
        let wanted = "the name of a variable before a `=`";
        self.ignored.push((place, Ignored::Value { value, wanted }));
    }

    /// A later value takes the place of the first (`strv_env_replace_consume`).
    fn variable(&mut self, name: &str, value: &str, place: Place) {
        let is_it = |setting: &&mut Setting| matches!(&setting.value, Value::Variable { name: there, .. } if there == name);
        let new = Value::Variable {
            name: name.into(),
            value: value.into(),
        };
        match self.settings.iter_mut().find(is_it) {
            Some(setting) => {
                let before = std::mem::replace(&mut setting.place, place);
                setting.value = new;
                self.is_replaced(before, place);
            }
            None => self.add("Environment", new, place),
        }
    }

    /// `config_parse_unit_env_file`.
    fn env_file(&mut self, value: &str, place: Place, by: &Specifiers<'_>) {
        let value = match self.expanded(value, place, by) {
            Some(Value::Text(value)) => value,
            Some(host) => return self.add("EnvironmentFile", host, place),
            None => return,
        };
        let (path, optional) = match value.strip_prefix('-') {
            Some(path) => (path, true),
            None => (value.as_str(), false),
        };
        if !path.starts_with('/') {
            let path = shown(path);
            return self.ignore(Ignored::Relative { path });
        }
        let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
        let path = parts.fold(String::new(), |path, part| path + "/" + part);
        self.add("EnvironmentFile", Value::EnvFile { path, optional }, place);
    }

    /// `config_parse_service_timeout`: 0 is without an end, and `TimeoutSec=` is both.
    fn timeout(&mut self, key: &'static str, value: &str, place: Place) {
        let time = match Time::parse(value, 1_000_000) {
            Some(time) if time.is_zero() => Time::Infinity,
            Some(time) => time,
            None => {
                let value = shown(value);
                let wanted = "a span of time";
                return self.ignore(Ignored::Value { value, wanted });
            }
        };
        let keys = match key {
            "TimeoutSec" => &["TimeoutStartSec", "TimeoutStopSec"][..],
            "TimeoutStartSec" => &["TimeoutStartSec"],
            _ => &["TimeoutStopSec"],
        };
        for key in keys {
            self.drop_all(key, place);
        }
        for key in keys {
            self.add(key, Value::Time(time), place);
        }
    }
}

/// A number without leading zeros, or a name that is not one with a sign.
fn is_account(name: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    if is_number(name) {
        let number = name.parse::<u32>().ok();
        let fits = number.is_some_and(|it| it != u32::MAX && it != 0xffff);
        return fits && (name == "0" || !name.starts_with('0'));
    }
    let wrong = |c: char| c.is_control() || matches!(c, ':' | '/');
    let is_negative = name.strip_prefix('-').is_some_and(is_number);
    !is_negative && !name.contains(wrong) && !matches!(name, "" | "." | "..")
}

/// A value of a kind of which the last line counts and an empty one is an error.
fn scalar(kind: Kind, value: &str) -> Result<Value, Ignored> {
    let (found, wanted) = match kind {
        Kind::Bool => (boolean(value).map(Value::Bool), "`yes` or `no`"),
        Kind::Time => (
            Time::parse(value, 1_000_000).map(Value::Time),
            "a span of time",
        ),
        Kind::Number => {
            let number = integer(value).filter(|&number| u32::try_from(number).is_ok());
            (number.map(Value::Number), "a whole number")
        }
        Kind::Score(least, most) => {
            let number = integer(value).filter(|number| (least..=most).contains(number));
            (number.map(Value::Number), "a whole number in its range")
        }
        Kind::Signal => (Signal::parse(value).map(Value::Signal), "a signal"),
        Kind::Limit(resource) => return Rlimit::parse(value, resource).map(Value::Limit),
        Kind::Word(words) => {
            let word = words.iter().find(|word| **word == value);
            let word = word.map(|word| Value::Text((*word).into()));
            (word, "one of the words that it can be")
        }
        _ => (None, "of a kind that is read here"),
    };
    found.ok_or_else(|| Ignored::Value {
        value: shown(value),
        wanted,
    })
}
