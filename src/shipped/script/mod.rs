//! The command line that a service's shell script comes to, as far as it can be read.
//!
//! Nothing is run. Assignments, files that are sourced, defaults (`${NAME:-value}`),
//! conditions about files and texts, and functions are followed; what only running the
//! script would tell (`$(command)`, a loop, a condition about a program) makes what depends
//! on it unknown, and is named with its line. So an answer is right, or says what it
//! cannot tell and why.

#![allow(
    clippy::option_option,
    clippy::single_match_else,
    clippy::match_same_arms,
    reason = "the outer `None` is a file that is not there or a quote that is not closed, \
              and a table of cases reads best with all of them"
)]

mod files;
mod lex;
mod parse;
mod run;
mod said;
mod value;
mod waits;

use std::collections::BTreeSet;

use super::chain;
use crate::envfile::Position;
use crate::sorting::{self, Few};

pub use files::{Files, Reason, beginning};
pub(crate) use lex::is_name;
use run::Run;
pub use said::{Said, said_in};
use value::{Cell, Value, What, fields, shown, text};
pub(super) use waits::ASK;
pub use waits::Wait;

/// One word of a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundArgument {
    /// Its text, with `…` for what cannot be told.
    pub text: String,
    /// Whether all of it is known.
    pub is_known: bool,
    /// The file that it is written in.
    pub path: String,
    /// Where it begins there.
    pub at: Position,
    /// The variable that it is written into.
    pub variable: Option<String>,
}

/// A variable that the command line names and that is not set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsetVariable {
    /// Its name.
    pub name: String,
    /// How many arguments come before it.
    pub before: usize,
    /// Whether it is a word of its own, of which nothing is left.
    pub alone: bool,
    /// A comment that would set it: its file and place.
    pub comment: Option<(String, Position)>,
}

/// A flag that is written into a variable and is not on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ElsewhereFlag {
    /// As it is written.
    pub text: String,
    /// The variable.
    pub variable: String,
    /// The file.
    pub path: String,
    /// Where it begins there.
    pub at: Position,
    /// Where the variable is set again, if that is why.
    pub replaced: Option<(String, Position)>,
}

/// A variable that was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assigned {
    /// Its name.
    pub name: String,
    /// Its value, with `…` for what cannot be told.
    pub value: String,
    /// The file.
    pub path: String,
    /// The line there, from 1.
    pub line: usize,
}

/// What is known of a command line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CommandLine {
    /// The program and its arguments.
    pub arguments: Vec<FoundArgument>,
    /// Variables on it that are not set.
    pub unset: Vec<UnsetVariable>,
    /// Why more may be on it, or other words.
    pub unknown: Vec<Reason>,
    /// What has no effect, whatever it looks like.
    pub remarks: Vec<Reason>,
    /// The variables that it is made of, in the order of their names.
    pub names: Vec<String>,
    /// Flags that are written elsewhere.
    pub elsewhere: Vec<ElsewhereFlag>,
    /// The files that were read, in their order.
    pub files: Vec<String>,
    /// Other services without which the program is not started.
    pub waits: Vec<Wait>,
}

/// A script that is being followed.
pub struct Script<'a> {
    run: Run<'a>,
    reached: Option<Vec<Value>>,
    /// The file that was followed last.
    followed: Option<String>,
}

impl<'a> Script<'a> {
    /// Begins; what is looked for is how it starts a program of this name.
    pub fn new(files: &'a dyn Files, program: &'a str) -> Self {
        Self {
            run: Run::new(files, program),
            reached: None,
            followed: None,
        }
    }

    /// The same for a shell that has no `source`, such as dash.
    #[must_use]
    pub fn without_source(mut self) -> Self {
        self.run.has_source = false;
        self
    }

    /// The same for a shell in which `NAME+=value` appends, such as bash.
    #[must_use]
    pub fn appending(mut self) -> Self {
        self.run.appends = true;
        self
    }

    /// The same for a shell with options, by their letters.
    #[must_use]
    pub fn with_options(mut self, letters: &str) -> Self {
        self.run.begins_with(letters);
        self
    }

    /// Sets a variable that the init gives to the script.
    pub fn given(&mut self, name: &str, value: &str) {
        self.run.given(name, value);
    }

    /// Sets a variable that a file gives to the script, at its place there.
    pub fn given_at(&mut self, path: &str, name: &str, value: &str, at: Position) {
        self.run.given_at(path, name, value, at);
    }

    /// Follows a file, where it is there.
    pub fn follow(&mut self, path: &str) {
        if let Some(reached) = self.run.file(path) {
            self.followed = Some(path.to_owned());
            self.reached = reached.or(self.reached.take());
        }
    }

    /// Follows commands that stand at a place in a file.
    pub fn follow_text(&mut self, path: &str, text: &str, at: Position) {
        self.followed = Some(path.to_owned());
        if let Some(reached) = self.run.text(path, text, at) {
            self.reached = Some(reached);
        }
    }

    /// Whether the script has a function of that name.
    pub fn defines(&self, function: &str) -> bool {
        self.run.defines(function)
    }

    /// Follows one of its functions, if it is there.
    pub fn call(&mut self, function: &str) {
        self.run.call(function);
    }

    /// Names a file that is read otherwise.
    pub fn at(&mut self, path: &str) {
        self.run.paths.push(path.to_owned());
    }

    /// The value of a variable, where it is set and all of it is known.
    pub fn text_of(&mut self, name: &str) -> Option<String> {
        let number = self.run.name(name);
        self.run
            .variables
            .get(&number)
            .and_then(|value| text(value))
    }

    /// Whether a variable is set.
    pub fn sets(&mut self, name: &str) -> bool {
        let number = self.run.name(name);
        self.run.variables.get(&number).is_some()
    }

    /// The variables that a file has set, each once, as it was set last.
    pub fn assigned_in(&self, path: &str) -> Vec<Assigned> {
        let mut all: Vec<Assigned> = Vec::new();
        for set in &self.run.sets {
            let (name, path_of) = (&self.run.names[set.name], &self.run.paths[set.spot.file]);
            if path_of != path {
                continue;
            }
            all.retain(|it| it.name != *name);
            all.push(Assigned {
                name: name.clone(),
                value: shown(&set.value),
                path: path.to_owned(),
                line: set.spot.at.line,
            });
        }
        all
    }

    /// Whether something was said of why the command line may be another one.
    pub fn doubts(&self) -> bool {
        !self.run.doubts.is_empty()
    }

    /// Says why the command line may be another one.
    pub fn doubt(&mut self, why: &str) {
        let path = self
            .followed
            .clone()
            .or_else(|| self.run.paths.last().cloned());
        self.doubt_of(&path.unwrap_or_default(), why);
    }

    /// Says it of a file.
    pub fn doubt_of(&mut self, path: &str, why: &str) {
        self.run.reasons.push(Reason {
            path: path.to_owned(),
            line: 0,
            why: why.to_owned(),
            within: None,
        });
        self.run.doubts.insert(self.run.reasons.len() - 1);
    }

    /// The command line that the script itself comes to, as a run script does.
    pub fn reached(mut self) -> CommandLine {
        match self.reached.take() {
            Some(words) => self.finish(&words),
            None if self.doubts() => self.finish(&[]),
            None => {
                self.doubt("does not come to the program as far as it is followed");
                self.finish(&[])
            }
        }
    }

    /// The command line that variables have, each read as the words of a shell, as OpenRC's
    /// `eval` does.
    pub fn of_variables(mut self, names: &[&str]) -> CommandLine {
        let mut words: Vec<Value> = Vec::new();
        for name in names {
            let value = self.run.line_of(name);
            words.extend(self.evaluated(&value));
        }
        let known: Vec<_> = words.iter().map(|word| run::as_word(word)).collect();
        let start = chain::program(&known);
        if start < words.len() {
            words.drain(..start);
        }
        if let Some(program) = words.first().and_then(|word| text(word))
            && lex::base(&program) != self.run.program
        {
            let why = format!(
                "starts `{}`, and what that starts is not followed",
                lex::base(&program)
            );
            let reason = self.run.because(words[0][0].spot, why);
            self.run.doubts.insert(reason);
        }
        self.finish(&words)
    }

    /// The words of a value that is read by a shell once more.
    fn evaluated(&mut self, value: &[Cell]) -> Vec<Value> {
        // It was split into words before, of which `eval` makes a text with single blanks.
        let mut text: Value = Vec::new();
        for cell in value {
            match (cell.is_blank(), text.last().is_some_and(Cell::is_blank)) {
                (false, _) => text.push(*cell),
                (true, true) => {}
                (true, false) => text.push(Cell {
                    what: What::Char(' '),
                    ..*cell
                }),
            }
        }
        let Ok((tokens, _)) = lex::lex(&text) else {
            self.doubt("has a quote that is not closed in its arguments");
            return Vec::new();
        };
        let mut words = Vec::new();
        let mut tokens = tokens.into_iter();
        while let Some(token) = tokens.next() {
            match token {
                lex::Token::Word(word, spot) => {
                    self.run.doubt_braces(&word, spot);
                    let value = self.run.expand(&word);
                    words.extend(fields(&value));
                }
                // Where the output goes, which is no argument.
                lex::Token::Operator(">" | ">>" | ">&" | "<" | "<&" | ">|", _) => {
                    tokens.next();
                }
                lex::Token::Operator(operator, spot) => {
                    let why = format!(
                        "has `{operator}` in the arguments, which means something to a shell"
                    );
                    let reason = self.run.because(spot, why);
                    self.run.doubts.insert(reason);
                }
            }
        }
        words
    }

    fn finish(mut self, words: &[Value]) -> CommandLine {
        let mut line = CommandLine::default();
        let mut unknown = std::mem::take(&mut self.run.doubts);
        let within = within(words, &unknown);
        for word in words {
            if word.iter().any(Cell::is_pattern)
                && let Some(cell) = word.iter().find(|cell| cell.is_pattern())
            {
                unknown.insert(self.run.because(
                    cell.spot,
                    "has a pattern, which a shell replaces by the files that fit",
                ));
            }
            for cell in word {
                match cell.what {
                    What::Unknown(reason) | What::Word(reason) => drop(unknown.insert(reason)),
                    What::Unset(name) => {
                        let name = self.run.names[name].clone();
                        let comment = self.run.comments.iter().rev().find(|it| it.0 == name);
                        let comment =
                            comment.map(|(_, spot)| (self.run.paths[spot.file].clone(), spot.at));
                        line.unset.push(UnsetVariable {
                            name,
                            before: line.arguments.len(),
                            alone: !word.iter().any(shows),
                            comment,
                        });
                    }
                    What::Char(_) | What::Empty => {}
                }
            }
            line.arguments.extend(self.argument(word));
        }
        let reason = |at: &usize| self.run.reasons[*at].clone();
        let doubt = |at: &usize| Reason {
            within: within.get(at).cloned().flatten(),
            ..reason(at)
        };
        line.unknown = unknown.iter().map(doubt).collect();
        line.remarks = self.run.remarks.iter().map(reason).collect();
        let names = self.run.on_line.iter();
        line.names = names.map(|name| self.run.names[*name].clone()).collect();
        sorting::by(&mut line.names, Ord::cmp);
        line.elsewhere = self.elsewhere(words);
        line.waits = self.run.waits.all(&self.run.paths);
        let mut files = self.run.paths;
        files.retain(|path| !path.is_empty());
        let mut seen = BTreeSet::new();
        files.retain(|path| seen.insert(path.clone()));
        line.files = files;
        line
    }

    /// A word as an argument; none where nothing is left of it. One of which nothing is known
    /// can be any number of them.
    fn argument(&self, word: &[Cell]) -> Option<FoundArgument> {
        let is_known = |cell: &Cell| cell.what.unknown().is_none();
        let unknown = word.iter().find(|cell| !is_known(cell));
        let char = word.iter().find(|cell| matches!(cell.what, What::Char(_)));
        let first = char.or_else(|| word.iter().find(|cell| shows(cell)));
        let first = first.or(unknown)?;
        Some(FoundArgument {
            text: shown(word),
            is_known: word.iter().all(is_known),
            path: self.run.paths[first.spot.file].clone(),
            at: first.spot.at,
            variable: first.variable.map(|name| self.run.names[name].clone()),
        })
    }

    fn elsewhere(&self, words: &[Value]) -> Vec<ElsewhereFlag> {
        let mut used = sorting::set(words.iter().flatten().map(|cell| cell.spot));
        let mut found = Vec::new();
        for (at, set) in self.run.sets.iter().enumerate() {
            for word in fields(&set.value) {
                let first = word[0];
                let is_flag =
                    text(&word).is_some_and(|text| text.starts_with("--") && text.len() > 2);
                if !is_flag || !used.insert(first.spot) {
                    continue;
                }
                let name = first.variable.unwrap_or(set.name);
                let mut later = self.run.sets[at + 1..].iter();
                let replaced = later.find(|it| it.name == name);
                found.push(ElsewhereFlag {
                    text: shown(&word),
                    variable: self.run.names[name].clone(),
                    path: self.run.paths[first.spot.file].clone(),
                    at: first.spot.at,
                    replaced: replaced.map(|it| (self.run.paths[it.spot.file].clone(), it.spot.at)),
                });
            }
        }
        found
    }
}

/// The words that reasons are a part of, for each that can be told of: what is not quoted may be
/// any number of words, and what is doubted of the whole line may be anything.
fn within(words: &[Value], doubts: &BTreeSet<usize>) -> Few<usize, Option<Vec<String>>> {
    let mut all: Few<_, Option<Vec<String>>> = Few::new();
    let is_known = |cell: &&Cell| cell.what.unknown().is_none();
    for (at, word) in words.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| text(&words[at]));
        let begins: Vec<Cell> = word.iter().take_while(is_known).copied().collect();
        let begins = match word.first().map(|cell| cell.what) {
            // Nothing of the kind begins like a flag.
            Some(What::Word(_)) => "…".to_owned(),
            _ => shown(&begins),
        };
        let begins = beginning(before.as_deref(), &begins);
        let is_one = word.iter().all(Cell::is_one);
        for cell in word {
            let Some(reason) = cell.what.unknown() else {
                continue;
            };
            let is_part = is_one && !doubts.contains(&reason);
            let found = all.or_insert(reason, Some(Vec::new()));
            match found {
                Some(found) if is_part => found.push(begins.clone()),
                found => *found = None,
            }
        }
    }
    all
}

/// Whether something of a word is there to be seen.
fn shows(cell: &Cell) -> bool {
    matches!(cell.what, What::Char(_) | What::Empty)
}

#[cfg(test)]
mod tests;
