//! What shells do differently: their options, the commands that not all of them have, and a
//! shell that gets its commands from another one.

use super::words::unquoted;
use super::{Flow, Run, unknown};
use crate::shipped::script::lex::{Part, Word, assignment, literal, plain};
use crate::shipped::script::parse::Node;
use crate::shipped::script::said::each;
use crate::shipped::script::value::{Cell, Spot, What};

/// Whether an option of the shell is on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Switch {
    #[default]
    Off,
    /// It depends on what is not followed.
    Perhaps,
    On,
}

impl Switch {
    fn turn(&mut self, on: bool, is_certain: bool) {
        let next = if on { Self::On } else { Self::Off };
        if *self != next {
            *self = if is_certain { next } else { Self::Perhaps };
        }
    }
}

/// Options that end a shell where it would go on without.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Options {
    /// `set -e`: at a command that fails.
    failure: Switch,
    /// `set -u`: at a variable that is not set.
    unset: Switch,
}

impl Options {
    /// Takes those of a word such as `-eu`, as `#!` has them.
    pub(super) fn of_letters(&mut self, letters: &str) {
        self.failure.turn(letters.contains('e'), true);
        self.unset.turn(letters.contains('u'), true);
    }
}

impl Run<'_> {
    /// The options that `set` turns on or off.
    pub(super) fn options(&mut self, words: &[Word], is_certain: bool) {
        for (letter, on) in switched(words) {
            let is_certain = is_certain && self.undecided == 0;
            match letter {
                'e' => self.options.failure.turn(on, is_certain),
                _ => self.options.unset.turn(on, is_certain),
            }
        }
        self.waits.ends_at_failure = self.may_end_at_failure();
    }

    /// Those that are turned in commands of which nobody can tell whether they are run.
    pub(super) fn perhaps_options(&mut self, nodes: &[Node]) {
        let mut sets = Vec::new();
        each(nodes, true, &mut |words, _, _| {
            let first = words.first().and_then(|word| plain(word));
            if first.is_some_and(|first| first == "set") {
                sets.push(words[1..].to_vec());
            }
        });
        for words in sets {
            self.options(&words, false);
        }
    }

    /// Whether it may matter that a variable is not set.
    pub(super) fn may_end_at_unset(&self) -> bool {
        self.options.unset != Switch::Off
    }

    /// Whether it may matter that a command fails.
    pub(super) fn may_end_at_failure(&self) -> bool {
        self.options.failure != Switch::Off
    }

    /// A variable that is not set was named.
    pub(super) fn named_unset(&mut self, name: &str, spot: Spot) {
        if self.may_end_at_unset() {
            let why = format!(
                "names `{name}`, which nothing here sets: with `set -u` a shell ends there"
            );
            let reason = self.because(spot, why);
            self.doubts.insert(reason);
        }
    }

    /// Where a command leads, if it may be the end of the shell that it failed.
    pub(super) fn unless_it_failed(&mut self, flow: Flow, spot: Spot) -> Flow {
        let is_asked = self.asked > 0 || self.calls.contains(&true);
        let failure = self.options.failure;
        if flow != Flow::Next(Some(false)) || is_asked || failure == Switch::Off {
            return flow;
        }
        // A way that ends does not count where another one goes on.
        if failure == Switch::Perhaps || self.undecided == 0 {
            let reason = self.because(spot, "fails, and with `set -e` a shell ends there");
            self.doubts.insert(reason);
        }
        match failure {
            Switch::On => Flow::Ended,
            _ => flow,
        }
    }

    /// `declare`, `typeset` and `builtin` in a shell that is not known to have them.
    pub(super) fn not_of_all(&mut self, command: &str, words: &[Word], spot: Spot) -> Flow {
        for word in words {
            self.expand(word);
        }
        if !self.has_source {
            let why = format!("has `{command}`, which is not a command of dash: it has no effect");
            let reason = self.because(spot, why);
            self.remarks.insert(reason);
            return Flow::Next(Some(false));
        }
        let why = format!("has `{command}`, which not every shell has");
        let names: Option<Vec<_>> = words.iter().map(named).collect();
        match names {
            // An option may make it one that cannot be set again.
            Some(names) if command != "builtin" && names.iter().all(Option::is_some) => {
                let reason = self.because(spot, why);
                if self.may_end_at_failure() {
                    self.doubts.insert(reason);
                }
                for name in names.into_iter().flatten() {
                    let name = self.name(&name);
                    self.variables.insert(name, unknown(reason, spot));
                }
            }
            _ => drop(self.gives_up(spot, &why)),
        }
        Flow::Next(None)
    }

    /// Follows what a shell does that gets its commands with `-c`.
    pub(super) fn another_shell(&mut self, called: &str, text: &[Cell], spot: Spot) -> Flow {
        let before = (self.appends, self.has_source, self.options, self.asked);
        self.appends = called == "bash";
        self.has_source = match called {
            "sh" => self.has_source,
            called => called != "dash",
        };
        self.options = Options::default();
        let numbers: Vec<_> = self.variables.keys().copied().collect();
        for number in numbers {
            let is_argument = self.names[number].starts_with(|c: char| c.is_ascii_digit());
            if is_argument {
                self.variables.remove(&number);
            } else if !self.exported.contains(&number) {
                let why = "starts another shell, which has a variable only if it is exported";
                let reason = self.because(spot, why);
                self.variables.insert(number, unknown(reason, spot));
            }
        }
        let flow = self.script(&unquoted(text));
        (self.appends, self.has_source, self.options, self.asked) = before;
        flow
    }

    /// Whether a shell may replace braces in a word.
    pub(super) fn replaces_braces(&self, word: &[Part]) -> bool {
        self.has_source && has_braces(word)
    }

    /// Notes braces in the words of the command line, which bash replaces before all else.
    pub(in crate::shipped::script) fn doubt_braces(&mut self, word: &[Part], spot: Spot) {
        if self.replaces_braces(word) {
            let why = "has braces, which bash and others replace by several words";
            let reason = self.because(spot, why);
            self.doubts.insert(reason);
        }
    }
}

/// The variable that a word after `declare` names, or none for an option. `None` where that
/// cannot be told.
fn named(word: &Word) -> Option<Option<String>> {
    if let Some(assignment) = assignment(word) {
        return Some(Some(assignment.name));
    }
    let text = literal(word)?;
    Some((!text.starts_with('-')).then_some(text))
}

/// The options `-e` and `-u` that words after `set` turn on or off.
fn switched(words: &[Word]) -> Vec<(char, bool)> {
    let mut found = Vec::new();
    let mut words = words.iter().map(|word| literal(word));
    while let Some(Some(word)) = words.next() {
        let mut letters = word.chars();
        let on = match letters.next() {
            Some('-') if word.len() > 1 && word != "--" => true,
            Some('+') => false,
            _ => break,
        };
        for letter in letters {
            let letter = match letter {
                'o' => match words.next().flatten().as_deref() {
                    Some("errexit") => 'e',
                    Some("nounset") => 'u',
                    _ => continue,
                },
                letter => letter,
            };
            found.extend(matches!(letter, 'e' | 'u').then_some((letter, on)));
        }
    }
    found
}

/// Whether a word has `{a,b}` or `{1..3}` in it.
fn has_braces(word: &[Part]) -> bool {
    let text: String = word
        .iter()
        .map(|part| match part {
            Part::Cell(Cell {
                what: What::Char(c),
                quoted: false,
                ..
            }) => *c,
            _ => '\0',
        })
        .collect();
    text.match_indices('{').any(|(at, _)| {
        let within = text[at..].rfind('}').map(|end| &text[at..at + end]);
        within.is_some_and(|it| it.contains(',') || it.contains(".."))
    })
}

#[cfg(test)]
mod tests;
