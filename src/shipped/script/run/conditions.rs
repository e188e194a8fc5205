//! Commands of which it depends on others whether they are run.

use std::collections::BTreeSet;

use super::{DECIDES, Flow, Run, unknown, way};
use crate::shipped::script::lex::{Assignment, Part, Word, assignment, base, literal, plain};
use crate::shipped::script::parse::Node;
use crate::shipped::script::value::{Cell, Spot, Value, text};
use crate::shipped::script::waits::{self, Way};
use crate::sorting::{self, Few};

impl Run<'_> {
    pub(super) fn conditional(
        &mut self,
        branches: &[(Vec<Node>, Vec<Node>)],
        otherwise: &[Node],
        spot: Spot,
    ) -> Flow {
        let Some(((condition, body), rest)) = branches.split_first() else {
            return self.list(otherwise);
        };
        match self.condition(condition) {
            Flow::Next(Some(true)) => self.list(body),
            Flow::Next(Some(false)) => self.conditional(rest, otherwise, spot),
            Flow::Next(None) => {
                let asked = self.waits.take();
                let flow = self.either(
                    spot,
                    |run| {
                        let flow = run.list(body);
                        run.waits.decided(&asked, way(&flow), true);
                        flow
                    },
                    |run| {
                        let flow = run.conditional(rest, otherwise, spot);
                        run.waits.decided(&asked, way(&flow), false);
                        flow
                    },
                );
                self.waits.take();
                flow
            }
            end => end,
        }
    }

    /// Commands whose answer decides: that one of them fails is no failure of the script.
    fn condition(&mut self, nodes: &[Node]) -> Flow {
        self.waits.conditions += 1;
        let flow = self.asking(|run| run.list(nodes));
        self.waits.conditions -= 1;
        flow
    }

    /// What a loop, a pipe or a subshell asks of other services.
    pub(super) fn asks(&mut self, inner: &[Node], asks: Option<(usize, bool)>) {
        let asking = asks.and_then(|(count, until)| {
            let last = inner.get(..count)?.last()?;
            let (question, turned) = waits::question(last)?;
            Some((question, until != turned))
        });
        match asking {
            Some((question, with_success)) => {
                self.node(question);
                let asked = self.waits.take();
                if with_success && !waits::calls(inner, &["break"]) {
                    self.waits.decided(&asked, Way::Ends, false);
                }
            }
            None if waits::calls(inner, &["exit", "return"]) => {
                let untold = waits::questions(inner);
                self.waits.untold(untold);
            }
            None => {}
        }
    }

    /// Follows two ways of which nobody can tell which is taken: what differs is not known.
    pub(super) fn either(
        &mut self,
        spot: Spot,
        one: impl FnOnce(&mut Self) -> Flow,
        other: impl FnOnce(&mut Self) -> Flow,
    ) -> Flow {
        let before = self.variables.clone();
        self.undecided += 1;
        let first = one(self);
        let after_first = std::mem::replace(&mut self.variables, before);
        let second = other(self);
        self.undecided -= 1;
        match (first, second) {
            // A way that ends the script does not come to the program.
            (first, Flow::Ended | Flow::Failed) => {
                self.variables = after_first;
                first
            }
            (Flow::Ended | Flow::Failed, second) => second,
            (Flow::Returned, Flow::Returned) => {
                self.differences(&after_first, spot);
                Flow::Returned
            }
            (Flow::Returned, second) => {
                self.returns.push((after_first, spot));
                second
            }
            (first, Flow::Returned) => {
                let after_second = std::mem::replace(&mut self.variables, after_first);
                self.returns.push((after_second, spot));
                first
            }
            (Flow::Next(a), Flow::Next(b)) => {
                self.differences(&after_first, spot);
                Flow::Next(if a == b { a } else { None })
            }
            (Flow::Reached(words), _) | (_, Flow::Reached(words)) => {
                let reason = self.because(spot, DECIDES);
                self.doubts.insert(reason);
                Flow::Reached(words)
            }
        }
    }

    pub(super) fn differences(&mut self, other: &Few<usize, Value>, spot: Spot) {
        let all = sorting::set(self.variables.keys().chain(other.keys()).copied());
        let differs = |name: &usize| self.variables.get(name) != other.get(name);
        let names: Vec<usize> = all.into_iter().filter(differs).collect();
        for name in names {
            let reason = self.because(spot, DECIDES);
            self.variables.insert(name, unknown(reason, spot));
        }
    }

    /// A `case` whose word is known is followed as far as its patterns are plain.
    pub(super) fn case(
        &mut self,
        subject: &[Part],
        arms: &[(Vec<Word>, Vec<Node>)],
        spot: Spot,
    ) -> Flow {
        let subject = self.expand(subject);
        if let Some(subject) = text(&subject) {
            match self.arm(&subject, arms) {
                Some(Some(body)) => return self.list(body),
                Some(None) => return Flow::Next(Some(true)),
                None => {}
            }
        }
        let bodies = arms.iter().flat_map(|(_, body)| body.clone());
        let bodies: Vec<_> = bodies.collect();
        self.opaque(&bodies, "a `case`", spot)
    }

    /// What is done for a word; inside, `None` where nothing is. `None` where a pattern comes
    /// first of which that cannot be told.
    fn arm<'n>(
        &mut self,
        subject: &str,
        arms: &'n [(Vec<Word>, Vec<Node>)],
    ) -> Option<Option<&'n [Node]>> {
        for (patterns, body) in arms {
            for pattern in patterns {
                let value = self.expand(pattern);
                let known = text(&value)?;
                let is_pattern = value.iter().any(Cell::is_pattern);
                if is_pattern && known != "*" {
                    return None;
                }
                if is_pattern || known == subject {
                    return Some(Some(body));
                }
            }
        }
        Some(None)
    }

    /// What is set within something that is not followed is not known.
    pub(super) fn opaque(&mut self, inner: &[Node], what: &'static str, spot: Spot) -> Flow {
        let mut names = BTreeSet::new();
        let reaches = self.names_in(inner, &mut names, &mut BTreeSet::new());
        // A subshell, a pipe and the background change nothing here.
        let changes = matches!(what, "a loop" | "a `case`");
        let why = format!("begins {what}, which is not followed");
        if changes {
            self.perhaps_options(inner);
            self.moved |= waits::calls(inner, &["cd"]);
            if names.contains("IFS") {
                self.taint(spot, why.clone());
            }
            for name in names {
                let reason = self.because(spot, why.clone());
                let name = self.name(&name);
                self.variables.insert(name, unknown(reason, spot));
            }
            // What comes after it may not be done.
            if waits::calls(inner, &["return"]) {
                self.returns.push((self.variables.clone(), spot));
            }
        }
        if reaches {
            let reason = self.because(spot, why);
            self.doubts.insert(reason);
            if changes {
                self.taint.get_or_insert(reason);
            }
        }
        Flow::Next(None)
    }

    /// The variables that are set in commands, and whether one of these could set any, or be
    /// the program.
    fn names_in(
        &self,
        nodes: &[Node],
        names: &mut BTreeSet<String>,
        called: &mut BTreeSet<String>,
    ) -> bool {
        let mut reaches = false;
        for node in nodes {
            reaches |= match node {
                Node::Simple {
                    assignments, words, ..
                } => self.names_in_simple(assignments, words, names, called),
                Node::If {
                    branches,
                    otherwise,
                    ..
                } => {
                    let mut any = self.names_in(otherwise, names, called);
                    for (condition, body) in branches {
                        any |= self.names_in(condition, names, called);
                        any |= self.names_in(body, names, called);
                    }
                    any
                }
                Node::Chain { left, right, .. } => {
                    let both = [(**left).clone(), (**right).clone()];
                    self.names_in(&both, names, called)
                }
                Node::Not(inner) => self.names_in(std::slice::from_ref(inner), names, called),
                Node::Case { subject, arms, .. } => {
                    defaults(subject, names);
                    let mut any = false;
                    for (patterns, body) in arms {
                        for pattern in patterns {
                            defaults(pattern, names);
                        }
                        any |= self.names_in(body, names, called);
                    }
                    any
                }
                Node::Group(inner) | Node::Opaque { inner, .. } => {
                    self.names_in(inner, names, called)
                }
                Node::Function { .. } => false,
            };
        }
        reaches
    }

    fn names_in_simple(
        &self,
        assignments: &[Assignment],
        words: &[Word],
        names: &mut BTreeSet<String>,
        called: &mut BTreeSet<String>,
    ) -> bool {
        let values = assignments.iter().map(|it| &it.value);
        for word in words.iter().chain(values) {
            defaults(word, names);
        }
        let first = words.first().and_then(|word| plain(word));
        let first = first.unwrap_or_default();
        if words.is_empty() || self.sees_assignments(&first) {
            names.extend(assignments.iter().map(|it| it.name.clone()));
        }
        let exported = words.iter().skip(1).filter_map(|word| assignment(word));
        names.extend(exported.map(|it| it.name));
        let mut reaches = false;
        match first.as_str() {
            "read" | "getopts" | "mapfile" | "readarray" | "printf" => {
                names.extend(words.iter().skip(1).filter_map(|word| literal(word)));
            }
            "shift" | "set" => names.extend((1..=9).map(|at| at.to_string())),
            "export" | "readonly" | "local" | "declare" | "typeset" | "unset" => {
                let rest = words.iter().skip(1);
                let mut rest = rest.filter(|word| assignment(word).is_none());
                let all: Option<Vec<_>> = rest.by_ref().map(|word| literal(word)).collect();
                reaches = all.is_none();
                if first == "unset" {
                    names.extend(all.unwrap_or_default());
                }
            }
            name => {
                if let Some(body) = self.functions.get(name)
                    && called.insert(name.to_owned())
                {
                    reaches = self.names_in(body, names, called);
                }
            }
        }
        let program = words.iter().filter_map(|word| plain(word));
        let mut program = program.map(|it| base(&it).to_owned());
        reaches
            || matches!(first.as_str(), "." | "source" | "eval" | "let")
            || matches!(first.as_str(), "exec" | "command" | "builtin")
                && program.any(|it| it == self.program || matches!(it.as_str(), "." | "eval"))
            || base(&first) == self.program
    }
}

/// The variables that get a value where a word names them, by `${NAME:=value}`.
fn defaults(word: &[Part], names: &mut BTreeSet<String>) {
    for part in word {
        if let Part::Variable {
            name,
            default: Some((operator, word)),
            ..
        } = part
        {
            if operator.ends_with('=') {
                names.insert(name.clone());
            }
            defaults(word, names);
        }
    }
}
