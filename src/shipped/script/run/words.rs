//! What words come to: variables that are set, and their values in the places where they are
//! named.

use super::{APPENDS, ELEMENT, MOST_CELLS, Run, Set};
use crate::shipped::script::lex::{self, Assignment, Part, Word};
use crate::shipped::script::value::{Cell, Spot, Value, What, shown, text};
use crate::sorting;

impl Run<'_> {
    /// Notes the variables that were replaced since as those of the command line.
    pub(super) fn on_line_since(&mut self, before: usize) {
        let mut names = sorting::set(self.expanded[before..].iter().copied());
        for name in &self.expanded[before..] {
            names.extend(self.made_of.get(name).into_iter().flatten());
        }
        self.on_line.extend(names);
    }

    /// The words of a variable that is on the command line.
    pub(in crate::shipped::script) fn line_of(&mut self, name: &str) -> Value {
        // It may be another one, whatever was read.
        self.doubts.extend(self.taint);
        let number = self.name(name);
        let before = self.expanded.len();
        self.expanded.push(number);
        self.on_line_since(before);
        self.variables.get(&number).cloned().unwrap_or_default()
    }

    pub(super) fn set(&mut self, assignment: &Assignment, spot: Spot) {
        let (name, value) = (&assignment.name, &assignment.value);
        if assignment.is_element {
            let (why, quoted) = (ELEMENT, false);
            return self.assign(name, &vec![Part::Opaque { why, quoted, spot }], spot);
        }
        if !assignment.appends {
            return self.assign(name, value, spot);
        }
        let before = Part::Variable {
            name: name.clone(),
            default: None,
            quoted: false,
            spot,
        };
        let mut whole = vec![before];
        if self.appends {
            whole.extend_from_slice(value);
        } else {
            // What stands before a blank is the same either way.
            let is_blank = |it: &&Part| matches!(it, Part::Cell(cell) if matches!(cell.what, What::Char(' ' | '\t')));
            let is_empty = |it: &&Part| matches!(it, Part::Cell(cell) if cell.what == What::Empty);
            let first = value.iter().find(|it| !is_empty(it));
            whole.extend(first.filter(is_blank).cloned());
            let (why, quoted) = (APPENDS, false);
            whole.push(Part::Opaque { why, quoted, spot });
        }
        self.assign(name, &whole, spot);
    }

    pub(super) fn assign(&mut self, name: &str, word: &Word, spot: Spot) {
        if name == "IFS" {
            self.taint(spot, "sets `IFS`, by which a shell splits words otherwise");
        }
        let before = self.expanded.len();
        let mut value = self.expand(word);
        if begins_with_tilde(word) {
            let reason = self.because(spot, "begins with `~`, which is a user's home");
            value = unknown(reason, spot);
        }
        let name = self.name(name);
        if self.read_only.contains(&name) {
            let why = "sets a variable that is read-only, which ends a POSIX shell";
            let reason = self.because(spot, why);
            self.doubts.insert(reason);
        }
        let mut made_of = sorting::set(self.expanded[before..].iter().copied());
        for part in &self.expanded[before..] {
            made_of.extend(self.made_of.get(part).into_iter().flatten());
        }
        self.made_of.insert(name, made_of);
        value.retain(|cell| !matches!(cell.what, What::Empty | What::Unset(_)));
        for cell in &mut value {
            cell.quoted = false;
            cell.variable.get_or_insert(name);
        }
        if value.len() > MOST_CELLS {
            let reason = self.because(spot, "makes a value that is too long to follow");
            value = unknown(reason, spot);
        }
        self.sets.push(Set {
            name,
            value: value.clone(),
            spot,
        });
        self.variables.insert(name, value);
    }

    /// A word with its variables replaced.
    pub(in crate::shipped::script) fn expand(&mut self, word: &[Part]) -> Value {
        let mut value = Vec::new();
        for part in word {
            match part {
                Part::Cell(cell) => value.push(*cell),
                Part::Opaque { why, quoted, spot } => {
                    let reason = self.because(*spot, *why);
                    let what = match *why {
                        lex::ONE_WORD => What::Word(reason),
                        _ => What::Unknown(reason),
                    };
                    value.push(Cell {
                        what,
                        quoted: *quoted,
                        spot: *spot,
                        variable: None,
                    });
                }
                Part::Variable {
                    name,
                    default,
                    quoted,
                    spot,
                } => {
                    let found = self.variable(name, default.as_ref(), *spot);
                    value.extend(found.into_iter().map(|cell| Cell {
                        quoted: cell.quoted || *quoted,
                        ..cell
                    }));
                }
            }
            if value.len() > MOST_CELLS {
                break;
            }
        }
        value
    }

    fn variable(&mut self, name: &str, default: Option<&(String, Word)>, spot: Spot) -> Value {
        let number = self.name(name);
        self.expanded.push(number);
        if let Some(reason) = self.taint {
            return unknown(reason, spot);
        }
        let mut value = self.variables.get(&number).cloned();
        if value.is_none() && name.starts_with(|c: char| c.is_ascii_digit()) {
            let reason = self.because(spot, "names what the shell was called with");
            if default.is_none() && self.may_end_at_unset() {
                self.doubts.insert(reason);
            }
            return unknown(reason, spot);
        }
        if value.is_none() && OF_THE_HOST.contains(&name) {
            let why = format!("names `{name}`, which a shell or the init may set by itself");
            let reason = self.because(spot, why);
            let mut cells = unknown(reason, spot);
            if matches!(name, "HOSTNAME" | "UID" | "EUID" | "PPID") {
                cells[0].what = What::Word(reason);
            }
            value = Some(cells);
        }
        let Some((operator, word)) = default else {
            if let Some(value) = value {
                return value;
            }
            self.named_unset(name, spot);
            let what = What::Unset(number);
            return vec![Cell {
                what,
                quoted: false,
                spot,
                variable: None,
            }];
        };
        let has = value.filter(|value| !(operator.starts_with(':') && value.is_empty()));
        match (has, operator.ends_with('+')) {
            // What is not known may as well not be set.
            (Some(value), true) if value.len() == 1 && value[0].what.unknown().is_some() => value,
            (Some(_), true) => self.expand(word),
            (None, true) => Vec::new(),
            (Some(value), false) => value,
            (None, false) if operator.ends_with('=') => {
                self.assign(name, word, spot);
                self.variables.get(&number).cloned().unwrap_or_default()
            }
            (None, false) => self.expand(word),
        }
    }
}

/// Variables that are there although no file sets them (`bash(1)`, `ash` of busybox, and what
/// inits give to their services).
const OF_THE_HOST: [&str; 15] = [
    "EUID", "HOME", "HOSTNAME", "LANG", "LINENO", "LOGNAME", "OLDPWD", "PATH", "PPID", "PWD",
    "RANDOM", "SHELL", "TERM", "UID", "USER",
];

pub(super) fn unknown(reason: usize, spot: Spot) -> Value {
    vec![Cell {
        what: What::Unknown(reason),
        quoted: false,
        spot,
        variable: None,
    }]
}

/// A value as the word that it is, with `…` for what is not known after its beginning; none
/// where it may be another word or several.
pub(in crate::shipped::script) fn as_word(value: &[Cell]) -> Option<String> {
    let is_one = value.iter().all(Cell::is_one);
    let begins = value.first().is_some_and(|it| it.what.unknown().is_none());
    (is_one && begins)
        .then(|| shown(value))
        .or_else(|| text(value))
}

fn begins_with_tilde(word: &[Part]) -> bool {
    matches!(word.first(), Some(Part::Cell(cell)) if !cell.quoted && cell.what == What::Char('~'))
}

/// A value that a shell reads once more.
pub(super) fn unquoted(value: &[Cell]) -> Value {
    let cells = value.iter().filter(|it| it.what != What::Empty);
    let plain = |cell: &Cell| Cell {
        quoted: false,
        ..*cell
    };
    cells.map(plain).collect()
}
