//! Commands of which it depends on others whether they are run.

use std::collections::{BTreeMap, BTreeSet};

use super::{DECIDES, Flow, Run, unknown, way};
use crate::shipped::script::lex::{Part, Word, assignment, base, plain};
use crate::shipped::script::parse::Node;
use crate::shipped::script::value::{Cell, Spot, Value, text};
use crate::shipped::script::waits::{self, Way};
use crate::sorting;

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
        let flow = self.list(nodes);
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
            (first, Flow::Ended) => {
                self.variables = after_first;
                first
            }
            (Flow::Ended, second) => second,
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

    pub(super) fn differences(&mut self, other: &BTreeMap<usize, Value>, spot: Spot) {
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
        let reaches = self.names_in(inner, &mut names);
        // A subshell, a pipe and the background change nothing here.
        if matches!(what, "a loop" | "a `case`") {
            for name in names {
                let reason = self.because(spot, format!("begins {what}, which is not followed"));
                let name = self.name(&name);
                self.variables.insert(name, unknown(reason, spot));
            }
        }
        if reaches {
            let reason = self.because(spot, format!("begins {what}, which is not followed"));
            self.doubts.insert(reason);
            if matches!(what, "a loop" | "a `case`") {
                self.taint.get_or_insert(reason);
            }
        }
        Flow::Next(None)
    }

    /// The variables that are set in commands, and whether one of these could set any, or be
    /// the program.
    fn names_in(&self, nodes: &[Node], names: &mut BTreeSet<String>) -> bool {
        let mut reaches = false;
        for node in nodes {
            reaches |= match node {
                Node::Simple {
                    assignments, words, ..
                } => {
                    let exported = words.iter().skip(1).filter_map(|word| assignment(word));
                    names.extend(
                        assignments
                            .iter()
                            .cloned()
                            .chain(exported)
                            .map(|it| it.name),
                    );
                    let first = words
                        .first()
                        .and_then(|word| plain(word))
                        .unwrap_or_default();
                    if first == "read" {
                        names.extend(words.iter().skip(1).filter_map(|word| plain(word)));
                    }
                    let program = words.iter().filter_map(|word| plain(word));
                    let mut program = program.map(|it| base(&it).to_owned());
                    matches!(first.as_str(), "." | "source" | "eval")
                        || first == "exec" && program.any(|it| it == self.program)
                        || base(&first) == self.program
                }
                Node::If {
                    branches,
                    otherwise,
                    ..
                } => {
                    let mut any = self.names_in(otherwise, names);
                    for (condition, body) in branches {
                        any |= self.names_in(condition, names) | self.names_in(body, names);
                    }
                    any
                }
                Node::Chain { left, right, .. } => {
                    let both = [(**left).clone(), (**right).clone()];
                    self.names_in(&both, names)
                }
                Node::Not(inner) => self.names_in(std::slice::from_ref(inner), names),
                Node::Case { arms, .. } => {
                    let bodies = arms.iter().map(|(_, body)| body);
                    bodies.fold(false, |any, body| self.names_in(body, names) | any)
                }
                Node::Group(inner) | Node::Opaque { inner, .. } => self.names_in(inner, names),
                Node::Function { .. } => false,
            };
        }
        reaches
    }
}
