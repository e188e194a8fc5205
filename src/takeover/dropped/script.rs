//! What is lost of a shell script, of the files that it sources, and of commands that a
//! description has for a shell.

mod programs;
mod sources;
mod variables;

use std::collections::{BTreeMap, BTreeSet};

use super::chain::Placed;
use super::commands::{Command, Frame, commands};
use super::lex::Word;
use super::tables::{self, NO_PLACE, is_harmless};
use super::{Hint, Scene, Statement};
use variables::assignment;

/// More texts within each other than anybody writes: a command of a shell may have another shell.
const DEEPEST: usize = 16;

/// More than there are in all.
const MOST: usize = 256;

/// A script that is gone through.
pub(super) struct Walk<'a> {
    scene: &'a Scene<'a>,
    /// The file in which it is.
    path: String,
    /// The folder in which it runs.
    folder: String,
    is_openrc: bool,
    /// Where commands of a script go that is for one thing only.
    fixed: Option<Hint>,
    /// A file whose variables are told of elsewhere.
    told: Option<&'a str>,
    /// Whether what is set is exported.
    exports: bool,
    variables: BTreeMap<String, String>,
    /// Its functions, each with what the first call of it stands in.
    functions: BTreeMap<String, Option<Vec<Frame>>>,
    sourced: BTreeSet<String>,
    /// How many texts are gone through within each other.
    depth: usize,
    /// How many there were.
    texts: usize,
    found: Vec<Statement>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(scene: &'a Scene<'a>, path: &str) -> Self {
        let folder = path.strip_suffix("/run").unwrap_or("/");
        let given = ["RC_SVCNAME", "SVCNAME"];
        let given = given.map(|name| (name.to_owned(), scene.name.to_owned()));
        Self {
            scene,
            path: path.to_owned(),
            folder: folder.to_owned(),
            is_openrc: false,
            fixed: fixed(path),
            told: None,
            exports: false,
            variables: given.into(),
            functions: BTreeMap::new(),
            sourced: BTreeSet::new(),
            depth: 0,
            texts: 0,
            found: Vec::new(),
        }
    }

    /// The same of a file of settings whose variables are told of elsewhere.
    pub(super) fn of_settings(scene: &'a Scene<'a>, path: &'a str) -> Self {
        Self {
            is_openrc: true,
            told: Some(path),
            ..Self::new(scene, path)
        }
    }

    pub(super) fn script(mut self, text: &str) -> Vec<Statement> {
        let first = text.lines().next().unwrap_or_default();
        self.is_openrc |= first.contains("openrc-run") || first.contains("runscript");
        self.text(text, 1);
        self.found
    }

    /// What a command line that is no shell's, and goes on with that of a service, has before it.
    pub(super) fn line(mut self, words: &[Placed]) -> Vec<Statement> {
        self.program(&Command::default(), words, Hint::Spec("preStart"));
        self.found
    }

    fn text(&mut self, text: &str, first: usize) {
        if self.depth == DEEPEST || self.texts == MOST {
            return;
        }
        self.depth += 1;
        self.texts += 1;
        let commands = commands(text, first);
        for it in commands.iter().flat_map(|it| &it.frames) {
            if let Frame::Function(name) = it {
                self.functions.entry(name.clone()).or_default();
            }
        }
        for it in &commands {
            let first = it.words.first().map_or("", |it| it.text.as_str());
            if let Some(call @ None) = self.functions.get_mut(first) {
                *call = Some(it.frames.clone());
            }
        }
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        for command in &commands {
            let before = self.found.len();
            self.command(command);
            let line = lines.get(command.line - first).copied().unwrap_or_default();
            let is_ours = |text: &str| self.scene.lines.contains(text);
            if is_ours(line) || is_ours(&command.text) {
                self.found.truncate(before);
            }
            for it in &mut self.found[before..] {
                it.within = it
                    .within
                    .take()
                    .or_else(|| function(command).map(str::to_owned));
            }
        }
        self.depth -= 1;
    }

    /// Where what a command does is said now; none where it is only told of.
    fn phase(&self, frames: &[Frame]) -> Option<Hint> {
        if let Some(fixed) = self.fixed {
            return Some(fixed);
        }
        let tells = |word: &str| word.contains("status") || word.contains("usage");
        for (at, frame) in frames.iter().enumerate().rev() {
            match frame {
                Frame::Function(name) if tells(name) => return None,
                Frame::Function(name) => return self.of_function(name, at),
                Frame::Arm { subject, patterns }
                    if subject.contains("$1") || subject.contains("${1") =>
                {
                    let patterns = patterns.as_str();
                    let hint = tables::of_word(patterns).unwrap_or(NO_PLACE);
                    return (!tells(patterns)).then_some(hint);
                }
                _ => {}
            }
        }
        Some(Hint::Spec("preStart"))
    }

    /// The same of a function: by its name, or else by where it is called.
    fn of_function(&self, name: &str, depth: usize) -> Option<Hint> {
        let called = tables::of_function(name).filter(|_| self.is_openrc);
        if let Some(hint) = called.or_else(|| tables::of_word(name)) {
            return Some(hint);
        }
        match self.functions.get(name).and_then(Option::as_ref) {
            // In itself, or in one that it calls.
            Some(frames) if depth == 0 && !frames.iter().any(|it| self.is_unnamed(it)) => {
                self.phase(frames)
            }
            _ => Some(NO_PLACE),
        }
    }

    /// Whether it is a function whose name does not say what it is for.
    fn is_unnamed(&self, frame: &Frame) -> bool {
        let Frame::Function(name) = frame else {
            return false;
        };
        let is_called = self.is_openrc && tables::of_function(name).is_some();
        !is_called && tables::of_word(name).is_none()
    }

    fn lost(&mut self, line: usize, text: impl Into<String>, hint: Hint) {
        let statement = Statement::new(&self.path, line, text.into(), hint);
        let mut of_line = self.found.iter().rev().take_while(|it| it.line == line);
        if of_line.all(|it| *it != statement) {
            self.found.push(statement);
        }
    }

    fn command(&mut self, command: &Command) {
        let Some(phase) = self.phase(&command.frames) else {
            return;
        };
        let line = command.line;
        let sets = command.words.iter().map_while(assignment);
        let sets: Vec<_> = sets.collect();
        let mut words = &command.words[sets.len()..];
        while let [first, second, ..] = words
            && ["command", "builtin"].contains(&first.text.as_str())
            && !second.text.starts_with('-')
        {
            words = &words[1..];
        }
        let Some(first) = words.first().map(|it| it.text.as_str()) else {
            for (name, value) in sets {
                self.assigned(line, &name, Some(&value), self.exports);
            }
            return self.output(command);
        };
        // What is in an env file before a word is no variable of a command there.
        if !sets.is_empty() && self.scene.ours.reads(&self.path) {
            return;
        }
        match first {
            "export" | "declare" | "typeset" | "readonly" => self.declared(line, words),
            "set" => self.set(words),
            "." | "source" => self.source(command, words.get(1)),
            ":" => self.default(line, words.get(1)),
            _ if function(command) == Some("depend") => self.order(line, words),
            _ if self.does_nothing(command, words) => {}
            _ if is_harmless(first) => self.lost(line, &command.text, phase),
            _ => {
                let words: Vec<_> = words.iter().map(|it| self.placed(it)).collect();
                let starts = self.program(command, &words, phase);
                for (name, _) in sets.iter().take_while(|_| starts) {
                    self.exported(line, name, None);
                }
            }
        }
    }

    /// A word, replaced where it is known what by, and its line.
    fn placed(&self, word: &Word) -> Placed {
        let text = self.expand(&word.text);
        (text.unwrap_or_else(|| word.text.clone()), word.line)
    }

    /// Whether nothing that lasts comes of it, or it is how the old service started and stopped.
    fn does_nothing(&self, command: &Command, words: &[Word]) -> bool {
        let first = words[0].text.as_str();
        let is_of_pid = |text: &str| {
            let text = text.to_ascii_lowercase();
            ["pid", "lockfile", "/lock/"]
                .iter()
                .any(|it| text.contains(it))
        };
        let mut outputs = command.redirections.iter();
        match first {
            "sleep" => !self.is_openrc && !command.frames.is_empty() && self.fixed.is_none(),
            "cd" => words.get(1).is_some_and(|it| it.text == "/"),
            "command" | "builtin" | "unset" | "$0" => true,
            "rm" | "mkdir" | "touch" | "chown" | "chmod" | "checkpath" => {
                words.iter().any(|it| is_of_pid(&it.raw))
            }
            _ if self.functions.contains_key(first) => true,
            _ if is_harmless(first) => outputs.all(|(operator, target)| {
                !operator.contains('>') || self.is_ours(operator, target) || is_of_pid(&target.raw)
            }),
            _ => false,
        }
    }

    /// The line of `depend`: what ours has nothing to do with.
    fn order(&mut self, line: usize, words: &[Word]) {
        let first = words[0].text.as_str();
        let Some(key) = tables::of_order(first) else {
            return;
        };
        let names = words[1..].iter().map(|it| it.text.as_str());
        let missing: Vec<_> = names.filter(|name| !self.scene.is_ordered(name)).collect();
        if !missing.is_empty() {
            self.lost(
                line,
                format!("{first} {}", missing.join(" ")),
                Hint::Spec(key),
            );
        }
    }
}

/// The innermost function that a command is in.
fn function(command: &Command) -> Option<&str> {
    command.frames.iter().rev().find_map(|frame| match frame {
        Frame::Function(name) => Some(name.as_str()),
        _ => None,
    })
}

/// What a script of a service directory is for, other than that which is run first.
fn fixed(path: &str) -> Option<Hint> {
    let folder = path.rsplit('/').nth(1).unwrap_or_default();
    match () {
        () if folder == "log" && path.ends_with("/run") => Some(Hint::Spec("log")),
        () if folder == "control" => Some(Hint::Spec("stop")),
        () if path.ends_with("/finish") => Some(Hint::Spec("postStop")),
        () if path.ends_with("/check") => Some(NO_PLACE),
        () => None,
    }
}
