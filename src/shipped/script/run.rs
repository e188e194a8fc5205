//! What the variables of a script are when it comes to a program, as far as that can be
//! told without running anything.

mod conditions;
mod functions;
mod variables;

use std::collections::{BTreeMap, BTreeSet};

use super::super::chain;
use super::files::{Files, Reason};
use super::lex::{self, Assignment, Comment, Part, Word, base, plain};
use super::parse::{Node, parse};
use super::value::{Cell, Spot, Value, What, fields, of_file, shown, text};
use super::waits::{self, Waits};
use crate::envfile::Position;
use crate::sorting;

/// The most commands that are followed.
const MOST_STEPS: usize = 20_000;
/// The most characters of a value.
const MOST_CELLS: usize = 1 << 17;
/// The most files that source each other.
const DEEPEST: usize = 8;

/// A variable that was set, in the order in which that happened.
#[derive(Debug, Clone)]
pub(super) struct Set {
    pub(super) name: usize,
    pub(super) value: Value,
    pub(super) spot: Spot,
}

/// How a list of commands ended.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Flow {
    /// The next one follows, after one that succeeded, failed, or did either.
    Next(Option<bool>),
    /// The function, or the file that is sourced, is over without a failure.
    Returned,
    /// The script ended.
    Ended,
    /// It became the program.
    Reached(Vec<Value>),
}

/// A script that is followed.
pub(super) struct Run<'a> {
    files: &'a dyn Files,
    /// The name of the program that is looked for.
    pub(super) program: &'a str,
    /// Whether `source` is a command of the shell.
    pub(super) has_source: bool,
    /// Whether `NAME+=value` appends, which a POSIX shell takes for the name of a command.
    pub(super) appends: bool,
    pub(super) paths: Vec<String>,
    pub(super) names: Vec<String>,
    pub(super) reasons: Vec<Reason>,
    pub(super) variables: BTreeMap<usize, Value>,
    /// Those that cannot be set any more.
    read_only: BTreeSet<usize>,
    functions: BTreeMap<String, Vec<Node>>,
    pub(super) sets: Vec<Set>,
    pub(super) comments: Vec<Comment>,
    /// Why nobody can tell what any variable is.
    taint: Option<usize>,
    /// Why the program may be reached otherwise.
    pub(super) doubts: BTreeSet<usize>,
    /// What has no effect, whatever it looks like.
    pub(super) remarks: BTreeSet<usize>,
    /// The variables that were replaced by their values, in their order.
    expanded: Vec<usize>,
    /// The variables that the value of one is made of.
    made_of: BTreeMap<usize, BTreeSet<usize>>,
    /// The variables that the command line is made of.
    pub(super) on_line: BTreeSet<usize>,
    /// What it asks of other services.
    pub(super) waits: Waits,
    /// Whether it went to another folder, from which relative paths lead elsewhere.
    moved: bool,
    /// Of how many conditions it is inside that are not followed.
    undecided: usize,
    /// The variables with which a function may be over before its end, each with the place that
    /// decides it.
    returns: Vec<(BTreeMap<usize, Value>, Spot)>,
    /// What variables were outside of the functions that have them for themselves.
    locals: Vec<Vec<(usize, Option<Value>)>>,
    /// Of how many commands it is asked whether they succeed.
    asked: usize,
    /// Whether each function that is being followed is asked so.
    calls: Vec<bool>,
    steps: usize,
    depth: usize,
}

impl<'a> Run<'a> {
    pub(super) fn new(files: &'a dyn Files, program: &'a str) -> Self {
        Self {
            files,
            program,
            has_source: true,
            appends: false,
            paths: Vec::new(),
            names: Vec::new(),
            reasons: Vec::new(),
            variables: BTreeMap::new(),
            read_only: BTreeSet::new(),
            functions: BTreeMap::new(),
            sets: Vec::new(),
            comments: Vec::new(),
            taint: None,
            doubts: BTreeSet::new(),
            remarks: BTreeSet::new(),
            expanded: Vec::new(),
            made_of: BTreeMap::new(),
            on_line: BTreeSet::new(),
            waits: Waits::default(),
            moved: false,
            undecided: 0,
            returns: Vec::new(),
            locals: Vec::new(),
            asked: 0,
            calls: Vec::new(),
            steps: 0,
            depth: 0,
        }
    }

    pub(super) fn name(&mut self, name: &str) -> usize {
        let at = self.names.iter().position(|it| it == name);
        at.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        })
    }

    /// Sets a variable that the init gives to the script.
    pub(super) fn given(&mut self, name: &str, value: &str) {
        let file = self.paths.len();
        self.paths.push(String::new());
        let name = self.name(name);
        self.variables.insert(name, of_file(file, value.as_bytes()));
    }

    /// Sets a variable that a file gives to the script, at its place there.
    pub(super) fn given_at(&mut self, path: &str, name: &str, value: &str, at: Position) {
        let file = self.paths.len();
        self.paths.push(path.to_owned());
        let mut value = of_file(file, value.as_bytes());
        let name = self.name(name);
        for cell in &mut value {
            cell.spot.at = at;
            cell.variable = Some(name);
        }
        self.variables.insert(name, value);
    }

    pub(super) fn defines(&self, function: &str) -> bool {
        self.functions.contains_key(function)
    }

    /// Follows a function that the init calls.
    pub(super) fn call(&mut self, function: &str) {
        if let Some(body) = self.functions.get(function).cloned() {
            let begun = self.returns.len();
            self.locals.push(Vec::new());
            let flow = self.list(&body);
            self.over(begun, flow);
            let kept = self.locals.pop().unwrap_or_default();
            self.put_back(kept);
        }
    }

    /// A reason why something cannot be told, and its number.
    pub(super) fn because(&mut self, spot: Spot, why: impl Into<String>) -> usize {
        let reason = Reason {
            path: self.paths[spot.file].clone(),
            line: spot.at.line,
            why: why.into(),
            within: None,
        };
        let at = self.reasons.iter().position(|it| *it == reason);
        at.unwrap_or_else(|| {
            self.reasons.push(reason);
            self.reasons.len() - 1
        })
    }

    fn taint(&mut self, spot: Spot, why: impl Into<String>) {
        let reason = self.because(spot, why);
        self.taint.get_or_insert(reason);
    }

    /// Follows a file. `None` where it is not there, else the program's words, if it comes
    /// to that.
    pub(super) fn file(&mut self, path: &str) -> Option<Option<Vec<Value>>> {
        self.source_file(path).map(|flow| match flow {
            Flow::Reached(words) => Some(words),
            _ => None,
        })
    }

    /// Follows commands that stand at a place in a file, and gives the program's words, if it
    /// comes to that.
    pub(super) fn text(&mut self, path: &str, text: &str, at: Position) -> Option<Vec<Value>> {
        let file = self.paths.len();
        self.paths.push(path.to_owned());
        let mut source = of_file(file, text.as_bytes());
        for cell in &mut source {
            let spot = &mut cell.spot.at;
            if spot.line == 1 {
                spot.column += at.column - 1;
            }
            spot.line += at.line - 1;
        }
        match self.script(&source) {
            Flow::Reached(words) => Some(words),
            _ => None,
        }
    }

    fn source_file(&mut self, path: &str) -> Option<Flow> {
        let content = match self.files.read(path) {
            Ok(content) => content?,
            Err(why) => {
                self.paths.push(path.to_owned());
                self.reasons.push(Reason {
                    path: path.to_owned(),
                    line: 0,
                    why,
                    within: None,
                });
                let reason = self.reasons.len() - 1;
                self.taint.get_or_insert(reason);
                self.doubts.insert(reason);
                return Some(Flow::Next(None));
            }
        };
        let file = self.paths.len();
        self.paths.push(path.to_owned());
        let source = of_file(file, &content);
        Some(self.script(&source))
    }

    /// Follows a text of commands.
    fn script(&mut self, source: &[Cell]) -> Flow {
        let Some(first) = source.first() else {
            return Flow::Next(Some(true));
        };
        self.depth += 1;
        let read = lex::lex(source).and_then(|(tokens, comments)| {
            self.comments.extend(comments);
            match tokens.is_empty() {
                true => Some(Vec::new()),
                false => parse(tokens),
            }
        });
        let flow = match read {
            Some(nodes) if self.depth <= DEEPEST => self.list(&nodes),
            _ => {
                let why = "is more of a shell script than is followed";
                self.taint(first.spot, why);
                let reason = self.because(first.spot, why);
                self.doubts.insert(reason);
                Flow::Next(None)
            }
        };
        self.depth -= 1;
        flow
    }

    fn list(&mut self, nodes: &[Node]) -> Flow {
        let mut status = Some(true);
        for node in nodes {
            match self.node(node) {
                Flow::Next(next) => status = next,
                end => return end,
            }
            self.waits.passed(node);
        }
        Flow::Next(status)
    }

    fn node(&mut self, node: &Node) -> Flow {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return Flow::Ended;
        }
        match node {
            Node::Simple {
                assignments,
                words,
                spot,
            } => self.simple(assignments, words, *spot),
            Node::Not(inner) => {
                let flow = self.asking(|run| run.node(inner));
                self.waits.turn();
                match flow {
                    Flow::Next(status) => Flow::Next(status.map(|it| !it)),
                    end => end,
                }
            }
            Node::Group(inner) => self.list(inner),
            Node::Function { name, body } => {
                self.functions.insert(name.clone(), body.clone());
                Flow::Next(Some(true))
            }
            Node::Chain {
                left,
                and,
                right,
                spot,
            } => match self.asking(|run| run.node(left)) {
                Flow::Next(Some(status)) if status == *and => self.node(right),
                Flow::Next(None) => {
                    let asked = self.waits.take();
                    let flow = self.either(
                        *spot,
                        |run| {
                            let flow = run.node(right);
                            run.waits.decided(&asked, way(&flow), *and);
                            flow
                        },
                        |_| Flow::Next(None),
                    );
                    self.waits.and(asked, *and);
                    flow
                }
                other => other,
            },
            Node::If {
                branches,
                otherwise,
                spot,
            } => self.conditional(branches, otherwise, *spot),
            Node::Case {
                subject,
                arms,
                spot,
            } => self.case(subject, arms, *spot),
            Node::Opaque {
                inner,
                what,
                spot,
                asks,
            } => {
                self.asks(inner, *asks);
                self.opaque(inner, what, *spot)
            }
        }
    }

    fn simple(&mut self, assignments: &[Assignment], words: &[Word], spot: Spot) -> Flow {
        let is_told = self.appends || assignments.iter().all(|it| !it.appends);
        if words.is_empty() {
            for assignment in assignments {
                self.set(assignment, spot);
            }
            // The status is that of the command whose output is put in.
            let runs = assignments.iter().any(|it| runs_a_command(&it.value));
            return Flow::Next((is_told && !runs).then_some(true));
        }
        if !is_told {
            let reason = self.because(spot, APPENDS);
            self.doubts.insert(reason);
        }
        let first = plain(&words[0]).unwrap_or_default();
        if !assignments.is_empty() && self.sees_assignments(&first) {
            return self.with_assignments(assignments, words, spot);
        }
        self.waits.simple(&first, words);
        match first.as_str() {
            ":" | "true" | "false" => {
                for word in &words[1..] {
                    self.expand(word);
                }
                Flow::Next(Some(first != "false"))
            }
            "command" | "builtin" => self.past_functions(words, spot),
            "cd" | "pushd" | "popd" => {
                self.moved = true;
                Flow::Next(None)
            }
            "export" | "readonly" | "local" | "declare" | "typeset" => {
                self.declares(&first, &words[1..], spot);
                Flow::Next(Some(true))
            }
            "unset" => {
                self.unsets(&words[1..], spot);
                Flow::Next(Some(true))
            }
            "let" => {
                self.taint(spot, "calculates");
                Flow::Next(None)
            }
            "read" | "getopts" | "mapfile" | "readarray" => {
                self.reads(words[1..].iter(), spot);
                Flow::Next(None)
            }
            "eval" => {
                self.taint(spot, "runs what `eval` makes of a text");
                Flow::Next(None)
            }
            // One that fails is as good as the end, which is where most scripts go from there
            // if they ask for it; who does not ask goes on.
            "return" if !fails(words) || self.goes_on_after_failure() => Flow::Returned,
            "exit" | "return" => Flow::Ended,
            "shift" => {
                self.called_otherwise(spot);
                Flow::Next(Some(true))
            }
            "set"
                if words
                    .iter()
                    .skip(1)
                    .any(|word| plain(word).is_none_or(|it| it == "--")) =>
            {
                self.called_otherwise(spot);
                Flow::Next(Some(true))
            }
            "printf" if words.get(1).and_then(|word| plain(word)).as_deref() == Some("-v") => {
                self.reads(words.get(2..).unwrap_or_default().iter().take(1), spot);
                Flow::Next(None)
            }
            "[" | "test" => Flow::Next(self.test(&words[1..])),
            "." | "source" => self.source(&first, words.get(1), spot),
            name if self.functions.contains_key(name) => self.function(name, &words[1..], spot),
            _ => self.program(words, first == "exec", spot),
        }
    }

    /// Follows what is asked whether it succeeds.
    fn asking(&mut self, follow: impl FnOnce(&mut Self) -> Flow) -> Flow {
        self.asked += 1;
        let flow = follow(self);
        self.asked -= 1;
        flow
    }

    fn source(&mut self, command: &str, word: Option<&Word>, spot: Spot) -> Flow {
        if command == "source" && !self.has_source {
            let reason = self.because(spot, NO_SOURCE);
            self.remarks.insert(reason);
            return Flow::Next(Some(false));
        }
        let path = word
            .map(|word| self.expand(word))
            .and_then(|value| text(&value));
        let Some(path) = path.filter(|path| path.contains('/')) else {
            self.taint(spot, "sources a file whose path cannot be told");
            return Flow::Next(None);
        };
        if self.moved && !path.starts_with('/') {
            self.taint(spot, "sources a file of a folder that it goes to");
            return Flow::Next(None);
        }
        let named = path;
        let path = self.files.place(&named);
        let begun = self.returns.len();
        match self.source_file(&path) {
            None => {
                if self.files.fits("-e", &path).is_none() {
                    self.taint(spot, "sources a file that only the running machine has");
                    return Flow::Next(None);
                }
                // Bash alone goes on, if it is called so.
                if !self.appends && self.undecided == 0 {
                    let why = format!(
                        "sources `{named}`, which is not there: a shell ends there, and nothing is \
                         started"
                    );
                    let reason = self.because(spot, why);
                    self.remarks.insert(reason);
                }
                Flow::Next(Some(false))
            }
            Some(flow) => self.over(begun, flow),
        }
    }

    /// `[`, as far as it asks for files and texts.
    fn test(&mut self, words: &[Word]) -> Option<bool> {
        let mut known = Vec::new();
        for word in words {
            let value = self.expand(word);
            for field in fields(&value) {
                if field.iter().any(Cell::is_pattern) {
                    return None;
                }
                // Of nothing but variables that are not set, no word is left.
                if field
                    .iter()
                    .any(|cell| !matches!(cell.what, What::Unset(_)))
                {
                    known.push(text(&field)?);
                }
            }
        }
        if known.last().is_some_and(|it| it == "]") {
            known.pop();
        }
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        match known.as_slice() {
            ["!", rest @ ..] => self.test_words(rest).map(|it| !it),
            words => self.test_words(words),
        }
    }

    fn test_words(&self, words: &[&str]) -> Option<bool> {
        match words {
            [
                operator @ ("-d" | "-e" | "-f" | "-h" | "-L" | "-r" | "-s" | "-x"),
                path,
            ] => {
                let is_elsewhere = self.moved && !path.starts_with('/');
                let path = self.files.place(path);
                let fits = (!is_elsewhere).then(|| self.files.fits(operator, &path));
                fits.flatten()
            }
            [] => Some(false),
            ["-n", text] | [text] => Some(!text.is_empty()),
            ["-z", text] => Some(text.is_empty()),
            [a, "=" | "==", b] => Some(a == b),
            [a, "!=", b] => Some(a != b),
            _ => None,
        }
    }

    /// A program: the one that is looked for, or another that changes nothing here.
    fn program(&mut self, words: &[Word], is_exec: bool, spot: Spot) -> Flow {
        let before = self.expanded.len();
        let mut argv: Vec<Value> = Vec::new();
        for word in words {
            let value = self.expand(word);
            argv.extend(fields(&value));
        }
        let names: Vec<Option<String>> = argv.iter().map(|value| as_word(value)).collect();
        let at = chain::program(&names);
        let called = names.get(at).and_then(Option::as_deref).map(base);
        let called = called.unwrap_or_default().to_owned();
        let argv = match called.as_str() {
            "start-stop-daemon" => match chain::daemon(&names[at..]) {
                Some(found) => {
                    let mut rest = argv.split_off(at);
                    let words = rest.split_off(found.words);
                    let program = rest.swap_remove(found.program);
                    std::iter::once(program).chain(words).collect()
                }
                // At a start of the service, nothing of it runs yet.
                None if chain::is_test(&names[at..]) => return Flow::Next(Some(true)),
                None => return Flow::Next(None),
            },
            called if called == self.program && !is_exec && only_asks(&names[at..]) => {
                return Flow::Next(None);
            }
            called if called == self.program || is_exec && argv.len() > 1 => {
                argv.split_off(at.min(argv.len() - 1))
            }
            called => {
                if waits::ASK.contains(&called) {
                    // As far as they are known as a whole.
                    let words = argv[at..].iter().map(|value| text(value));
                    self.waits.ask(words.collect(), spot);
                }
                return Flow::Next(None);
            }
        };
        self.on_line_since(before);
        let called = text(&argv[0]).map(|it| base(&it).to_owned());
        let called = called.unwrap_or_else(|| "…".into());
        let is_shell = matches!(called.as_str(), "sh" | "ash" | "bash" | "dash");
        if is_shell && argv.len() > 2 && text(&argv[1]).as_deref() == Some("-c") {
            let before = std::mem::replace(&mut self.appends, called == "bash");
            let flow = self.script(&unquoted(&argv[2]));
            self.appends = before;
            return flow;
        }
        if called != self.program {
            let why = format!("starts `{called}`, and what that starts is not followed");
            let reason = self.because(spot, why);
            self.doubts.insert(reason);
        }
        Flow::Reached(argv)
    }

    /// Notes the variables that were replaced since as those of the command line.
    fn on_line_since(&mut self, before: usize) {
        let mut names = sorting::set(self.expanded[before..].iter().copied());
        for name in &self.expanded[before..] {
            names.extend(self.made_of.get(name).into_iter().flatten());
        }
        self.on_line.extend(names);
    }

    /// The words of a variable that is on the command line.
    pub(super) fn line_of(&mut self, name: &str) -> Value {
        // It may be another one, whatever was read.
        self.doubts.extend(self.taint);
        let number = self.name(name);
        let before = self.expanded.len();
        self.expanded.push(number);
        self.on_line_since(before);
        self.variables.get(&number).cloned().unwrap_or_default()
    }

    fn set(&mut self, assignment: &Assignment, spot: Spot) {
        let (name, value) = (&assignment.name, &assignment.value);
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

    fn assign(&mut self, name: &str, word: &Word, spot: Spot) {
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
    pub(super) fn expand(&mut self, word: &[Part]) -> Value {
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
            return value.unwrap_or_else(|| {
                let what = What::Unset(number);
                vec![Cell {
                    what,
                    quoted: false,
                    spot,
                    variable: None,
                }]
            });
        };
        let has = value.filter(|value| !(operator.starts_with(':') && value.is_empty()));
        match (has, operator.ends_with('+')) {
            (Some(_), true) => self.expand(word),
            (None, true) => Vec::new(),
            (Some(value), false) => value,
            (None, false) if operator.ends_with('=') => {
                self.assign(name, word, spot);
                self.variables[&number].clone()
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

const DECIDES: &str = "decides it by a condition that is not followed";

const APPENDS: &str =
    "has `+=`, which appends in bash, and which other shells take for the name of a command";

/// What is said of `source` where the shell has no such command.
pub(super) const NO_SOURCE: &str =
    "has `source`, which is not a command of this tree's `/bin/sh`: it has no effect";

fn unknown(reason: usize, spot: Spot) -> Value {
    vec![Cell {
        what: What::Unknown(reason),
        quoted: false,
        spot,
        variable: None,
    }]
}

/// A value as the word that it is, with `…` for what is not known after its beginning; none
/// where it may be another word or several.
pub(super) fn as_word(value: &[Cell]) -> Option<String> {
    let is_one = value.iter().all(Cell::is_one);
    let begins = value.first().is_some_and(|it| it.what.unknown().is_none());
    (is_one && begins)
        .then(|| shown(value))
        .or_else(|| text(value))
}

/// Whether the program is asked what it is, and runs nothing.
fn only_asks(names: &[Option<String>]) -> bool {
    let mut words = names.iter().skip(1).filter_map(Option::as_deref);
    words.any(|word| matches!(word, "--version" | "--help" | "-h"))
}

fn begins_with_tilde(word: &[Part]) -> bool {
    matches!(word.first(), Some(Part::Cell(cell)) if !cell.quoted && cell.what == What::Char('~'))
}

/// Whether a value has the output of a command in it.
fn runs_a_command(word: &[Part]) -> bool {
    word.iter()
        .any(|part| matches!(part, Part::Opaque { why, .. } if lex::is_of_command(why)))
}

/// Whether a `return` says that its function has failed.
fn fails(words: &[Word]) -> bool {
    let status = words.get(1).and_then(|word| plain(word));
    status.is_some_and(|status| status != "0")
}

/// A value that a shell reads once more.
fn unquoted(value: &[Cell]) -> Value {
    let cells = value.iter().filter(|it| it.what != What::Empty);
    let plain = |cell: &Cell| Cell {
        quoted: false,
        ..*cell
    };
    cells.map(plain).collect()
}

/// Where a list of commands led, for what it asked before.
fn way(flow: &Flow) -> waits::Way {
    match flow {
        Flow::Next(_) | Flow::Returned => waits::Way::On,
        Flow::Ended => waits::Way::Ends,
        Flow::Reached(_) => waits::Way::Starts,
    }
}
