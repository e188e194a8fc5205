//! What the variables of a script are when it comes to a program, as far as that can be
//! told without running anything.

mod conditions;
mod functions;
mod programs;
mod shells;
mod test;
mod variables;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use self::shells::Options;
pub(super) use self::words::as_word;
use self::words::unknown;
use super::files::{Files, Reason};
use super::lex::{self, Assignment, Comment, Part, Word, plain};
use super::parse::{Node, parse};
use super::value::{Cell, Spot, Value, What, of_file};
use super::waits::{self, Waits};
use crate::envfile::Position;
use crate::sorting::Few;

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
    /// The same after a failure, which is as good as the end.
    Failed,
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
    /// Options of the shell that is followed.
    options: Options,
    pub(super) paths: Vec<String>,
    pub(super) names: Vec<String>,
    pub(super) reasons: Vec<Reason>,
    pub(super) variables: Few<usize, Value>,
    /// Those that cannot be set any more.
    read_only: BTreeSet<usize>,
    /// Those that the programs have that it starts.
    exported: BTreeSet<usize>,
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
    returns: Vec<(Few<usize, Value>, Spot)>,
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
            options: Options::default(),
            paths: Vec::new(),
            names: Vec::new(),
            reasons: Vec::new(),
            variables: Few::new(),
            read_only: BTreeSet::new(),
            exported: BTreeSet::new(),
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
        self.exported.insert(name);
        self.variables.insert(name, of_file(file, value.as_bytes()));
    }

    /// Options of the shell, as its first line has them.
    pub(super) fn begins_with(&mut self, letters: &str) {
        self.options.of_letters(letters);
        self.waits.ends_at_failure = letters.contains('e');
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
        self.exported.insert(name);
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
        let nul = |cell: &&Cell| cell.what == What::Char('\0');
        let read = lex::lex(source).and_then(|(tokens, comments)| {
            self.comments.extend(comments);
            parse(tokens)
        });
        if let Some(nul) = source.iter().find(nul) {
            self.gives_up(nul.spot, "has a NUL, which shells read in different ways");
        }
        let flow = match read {
            Ok(nodes) if self.depth <= DEEPEST => self.list(&nodes),
            Ok(_) => self.gives_up(first.spot, TOO_MUCH),
            Err(spot) => self.gives_up(spot, TOO_MUCH),
        };
        self.depth -= 1;
        flow
    }

    /// From here on nobody can tell anything.
    fn gives_up(&mut self, spot: Spot, why: &str) -> Flow {
        self.taint(spot, why);
        let reason = self.because(spot, why);
        self.doubts.insert(reason);
        Flow::Next(None)
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
            } => {
                let flow = self.simple(assignments, words, *spot);
                self.unless_it_failed(flow, *spot)
            }
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
        let is_told = self.appends || assignments.iter().all(|it| !it.appends && !it.is_element);
        if !is_told && self.may_end_at_failure() {
            let reason = self.because(spot, not_of_all(assignments));
            self.doubts.insert(reason);
        }
        if words.is_empty() {
            for assignment in assignments {
                self.set(assignment, spot);
            }
            // The status is that of the command whose output is put in.
            let runs = assignments.iter().any(|it| runs_a_command(&it.value));
            return Flow::Next((is_told && !runs).then_some(true));
        }
        if !is_told {
            let reason = self.because(spot, not_of_all(assignments));
            self.doubts.insert(reason);
        }
        let first = plain(&words[0]).unwrap_or_default();
        if !assignments.is_empty() && self.sees_assignments(&first) {
            return self.with_assignments(assignments, words, spot);
        }
        self.waits.take();
        match first.as_str() {
            ":" | "true" | "false" => {
                for word in &words[1..] {
                    self.expand(word);
                }
                Flow::Next(Some(first != "false"))
            }
            "declare" | "typeset" | "builtin" if !self.appends => {
                self.not_of_all(&first, &words[1..], spot)
            }
            "command" | "builtin" => self.past_functions(words, spot),
            "cd" | "pushd" | "popd" => {
                self.moved = true;
                Flow::Next(None)
            }
            "local" if self.locals.is_empty() => self.gives_up(
                spot,
                "has `local` outside of a function, where a shell may end",
            ),
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
            "return" => Flow::Failed,
            "exit" => Flow::Ended,
            "shift" => {
                self.shifts(spot);
                Flow::Next(None)
            }
            "set" => {
                self.options(&words[1..], true);
                for word in &words[1..] {
                    self.expand(word);
                }
                let mut rest = words[1..].iter();
                if rest.any(|word| plain(word).is_none_or(|it| it == "--")) {
                    self.called_otherwise(spot);
                }
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
}

const DECIDES: &str = "decides it by a condition that is not followed";

const TOO_MUCH: &str = "is more of a shell script than is followed";

const APPENDS: &str =
    "has `+=`, which appends in bash, and which other shells take for the name of a command";

const ELEMENT: &str = "sets an element of an array, which bash has, and which other shells take \
                       for the name of a command";

/// What is said of assignments that not every shell has.
fn not_of_all(assignments: &[Assignment]) -> &'static str {
    match assignments.iter().any(|it| it.is_element) {
        true => ELEMENT,
        false => APPENDS,
    }
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

/// Where a list of commands led, for what it asked before.
fn way(flow: &Flow) -> waits::Way {
    match flow {
        Flow::Next(_) | Flow::Returned => waits::Way::On,
        Flow::Failed | Flow::Ended => waits::Way::Ends,
        Flow::Reached(_) => waits::Way::Starts,
    }
}
