//! An explanation for people: what is wrong first, then the command line,
//! grouped as the service's `ExecStart=` groups it, with the line of the file
//! before each argument; then the files and what else they set.

use super::model::{Argument, Explanation, FileReport, FileState, Replaced, Role, Variable, Word};
use super::problem::{Problem, ProblemKind, Severity};
use super::shown::shown;
use super::style::{Ink, Style, counted, write_problem, write_unknown};
use crate::effective::Place;
use crate::kubelet::takes::{Kind, Reason, Refusal};
use std::fmt::{self, Display, Formatter};

impl Explanation {
    /// The explanation as text.
    pub fn text(&self, style: Style) -> impl Display {
        Text {
            explanation: self,
            style,
        }
    }
}

struct Text<'e> {
    explanation: &'e Explanation,
    style: Style,
}

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(origin) = &self.explanation.origin {
            writeln!(f, "{}", self.style.paint(Ink::Faint, origin))?;
        }
        self.verdict(f)?;
        let Explanation {
            problems, unknown, ..
        } = self.explanation;
        if !problems.is_empty() || !unknown.is_empty() {
            writeln!(f)?;
        }
        for unknown in unknown {
            write_unknown(f, unknown, self.style)?;
        }
        for problem in &self.explanation.problems {
            write_problem(f, problem, self.style)?;
        }
        self.command_line(f)?;
        self.files(f)?;
        self.variables(f)
    }
}

impl Text<'_> {
    /// The first line: does it start, and how much is there to read.
    fn verdict(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Explanation {
            service,
            arguments,
            kubelet_version,
            ..
        } = self.explanation;
        let arguments = counted(arguments.len().saturating_sub(1), "argument");
        let version = kubelet_version.map(|v| format!(" {v}")).unwrap_or_default();
        let (ink, verdict) = if self.explanation.starts {
            (Ink::Good, "gets")
        } else {
            (Ink::Error, "does not start with these")
        };
        let words = format!("{service}{version} {verdict} {arguments}");
        let words = match self.explanation.complete {
            true => words,
            false => format!("{words}, as far as can be told"),
        };
        write!(f, "{}", self.style.paint(ink, words))?;
        let mut separator = ": ";
        for severity in [Severity::Error, Severity::Warning, Severity::Note] {
            let problems = self.explanation.problems.iter();
            let count = problems
                .filter(|problem| problem.severity == severity)
                .count();
            if count > 0 {
                write!(f, "{separator}{}", counted(count, &severity.to_string()))?;
                separator = ", ";
            }
        }
        writeln!(f)
    }

    fn command_line(&self, f: &mut Formatter<'_>) -> fmt::Result {
        // What the word before belongs to: its variable, and the file that it is written in.
        let mut before = None;
        for (number, word) in self.explanation.words.iter().enumerate() {
            let arguments = self.explanation.arguments.iter();
            let arguments = arguments.filter(|argument| argument.word == number);
            if word.split {
                writeln!(f)?;
                self.variable_heading(f, word)?;
                before = None;
            } else if let Some(first) = arguments.clone().next() {
                let group = Some((first.variable.as_deref(), first.place.path.as_str()));
                if group != before {
                    writeln!(f)?;
                    self.command_heading(f, first)?;
                }
                before = group;
            }
            for argument in arguments {
                self.argument(f, word, argument)?;
            }
        }
        Ok(())
    }

    /// Where a part of the command line is written, if that is a line of a file.
    fn command_heading(&self, f: &mut Formatter<'_>, argument: &Argument) -> fmt::Result {
        if argument.place.at.is_none() {
            return Ok(());
        }
        let heading = match &argument.variable {
            Some(variable) => format!("${variable}"),
            None => "The command itself".to_owned(),
        };
        let heading = self.style.paint(Ink::Heading, heading);
        let from = self.style.paint(Ink::Faint, &argument.place.path);
        writeln!(f, "{heading}  {from}")
    }

    /// `$NAME` and where its value comes from.
    fn variable_heading(&self, f: &mut Formatter<'_>, word: &Word) -> fmt::Result {
        let named = |variable: &&Variable| word.variables.contains(&variable.name);
        let from = match self.explanation.variables.iter().find(named) {
            None if !self.explanation.complete => "not set where it can be read".to_owned(),
            None => "not set".to_owned(),
            Some(Variable {
                value,
                place,
                replaced,
                ..
            }) => {
                let empty = if value.trim().is_empty() {
                    "empty, "
                } else {
                    ""
                };
                let beaten = replaced.last().map(|before| beaten(before, place));
                format!("{empty}{}{}", place.path, beaten.unwrap_or_default())
            }
        };
        let heading = self.style.paint(Ink::Heading, &word.text);
        writeln!(f, "{heading}  {}", self.style.paint(Ink::Faint, from))
    }

    /// `    12  --v=4  <- note`
    fn argument(&self, f: &mut Formatter<'_>, word: &Word, argument: &Argument) -> fmt::Result {
        if argument.role == Role::Value {
            return Ok(());
        }
        let line = argument
            .place
            .at
            .map(|at| at.line.to_string())
            .unwrap_or_default();
        let gutter = if word.split || argument.place.at.is_some() {
            format!("{line:>6}  ")
        } else {
            String::new()
        };
        let gutter = self.style.paint(Ink::Faint, gutter);
        let text = with_value(argument);
        match self.note(argument) {
            None => writeln!(f, "{gutter}{text}"),
            Some((ink, note)) => {
                let (text, note) = (
                    self.style.paint(ink, text),
                    self.style.paint(Ink::Faint, note),
                );
                writeln!(f, "{gutter}{text}  {note}")
            }
        }
    }

    /// What is to be said of an argument on its line.
    fn note(&self, argument: &Argument) -> Option<(Ink, String)> {
        if let Some(winner) = argument.overridden_by {
            let winner = &self.explanation.arguments[winner];
            let place = match winner.place.at {
                Some(at) if winner.place.path == argument.place.path => format!("line {}", at.line),
                _ => winner.place.to_string(),
            };
            let winner = with_value(winner);
            return Some((Ink::Faint, format!("<- overridden by {winner} ({place})")));
        }
        let mut problems = self.explanation.problems.iter();
        let problem = problems.find_map(|problem| {
            let note = short_note(&problem.kind).filter(|_| is_about(problem, argument))?;
            Some((Ink::of(problem.severity), note))
        });
        problem.or_else(|| self.parts(argument).map(|parts| (Ink::Note, parts)))
    }

    /// Where the variables come from that are put into an argument.
    fn parts(&self, argument: &Argument) -> Option<String> {
        let word = &self.explanation.words[argument.word];
        if word.split || word.variables.is_empty() {
            return None;
        }
        let part = |name: &String| {
            let mut variables = self.explanation.variables.iter();
            match variables.find(|variable| variable.name == *name) {
                Some(variable) => format!("{name}: {}", variable.place),
                None => format!("{name}: not set"),
            }
        };
        let parts: Vec<_> = word.variables.iter().map(part).collect();
        Some(format!("<- {}", parts.join(", ")))
    }

    fn files(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let files = &self.explanation.files;
        if files.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "\n{}",
            self.style.paint(Ink::Heading, "Files, the last one wins")
        )?;
        let width = files
            .iter()
            .map(|file| file.path.chars().count())
            .max()
            .unwrap_or(0);
        for file in files {
            let (ink, state) = file_state(file);
            writeln!(
                f,
                "  {:width$}  {}",
                file.path,
                self.style.paint(ink, state)
            )?;
        }
        Ok(())
    }

    fn variables(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let variables = self.explanation.variables.iter();
        let mut unused = variables.filter(|variable| !variable.used).peekable();
        let heading = match unused.peek() {
            None => return Ok(()),
            Some(first) if first.untold => "Set, and perhaps on the command line",
            Some(_) => "Set, but not on the command line",
        };
        writeln!(f, "\n{}", self.style.paint(Ink::Heading, heading))?;
        for Variable {
            name, value, place, ..
        } in unused
        {
            let place = self.style.paint(Ink::Faint, place);
            writeln!(f, "  {name}={}  {place}", shown(value))?;
        }
        Ok(())
    }
}

fn beaten(before: &Replaced, by: &Place) -> String {
    match before.place.at {
        Some(at) if before.place.path == by.path => format!(", replaces line {}", at.line),
        Some(at) => format!(", replaces {} line {}", before.place.path, at.line),
        None => format!(", replaces that of {}", before.place.path),
    }
}

fn short_note(kind: &ProblemKind) -> Option<String> {
    Some(match kind {
        ProblemKind::RemovedFlag(flag) => format!("<- gone from {} on", flag.since),
        ProblemKind::NotTaken(refusal) => return short_refusal(refusal),
        ProblemKind::RefusedValue(value) => format!("<- refused from {} on", value.since),
        ProblemKind::Operand { .. } => "<- not a flag".to_owned(),
        ProblemKind::ShortFlag { .. } => "<- not a flag of the kubelet".to_owned(),
        ProblemKind::Unexpanded { .. } => "<- not expanded".to_owned(),
        ProblemKind::FlagAsValue { .. } => "<- takes the next flag as its value".to_owned(),
        _ => return None,
    })
}

fn short_refusal(refusal: &Refusal) -> Option<String> {
    if refusal.kind == Kind::Gate {
        return Some(format!("<- see the problem about `{}`", refusal.name));
    }
    Some(match &refusal.reason {
        Reason::NotYet { since, .. } => format!("<- comes with {since}"),
        Reason::Gone { since, .. } => format!("<- gone from {since} on"),
        Reason::Never { .. } => "<- not a flag of the kubelet".to_owned(),
        _ => return None,
    })
}

/// Whether a problem is that of `argument`. A place in a file says so;
/// arguments of the definition share one.
fn is_about(problem: &Problem, argument: &Argument) -> bool {
    if problem.place != argument.place {
        return false;
    }
    match (&problem.kind, &argument.role) {
        (ProblemKind::RemovedFlag(removed), Role::Flag { flag, .. }) => removed.name == flag,
        (ProblemKind::NotTaken(refusal), Role::Flag { flag, .. }) => match refusal.kind {
            Kind::Gate => flag == "feature-gates",
            _ => refusal.name == *flag,
        },
        (ProblemKind::RefusedValue(refused), Role::Flag { flag, .. }) => refused.flag == flag,
        (ProblemKind::FlagAsValue { flag: ours, .. }, Role::Flag { flag, .. }) => ours == flag,
        (ProblemKind::Operand { text, .. }, Role::Operand)
        | (ProblemKind::ShortFlag { text } | ProblemKind::Unexpanded { text }, _) => {
            *text == argument.text
        }
        _ => false,
    }
}

fn file_state(file: &FileReport) -> (Ink, String) {
    match (&file.state, file.optional) {
        (
            FileState::Read {
                assignments,
                ignored: 0,
            },
            _,
        ) => (Ink::Good, counted(*assignments, "assignment")),
        (
            FileState::Read {
                assignments,
                ignored,
            },
            _,
        ) => {
            let (assignments, lines) = (
                counted(*assignments, "assignment"),
                counted(*ignored, "line"),
            );
            (Ink::Warning, format!("{assignments}, {lines} ignored"))
        }
        (FileState::Missing, true) => (Ink::Faint, "missing, optional".to_owned()),
        (FileState::Missing, false) => (Ink::Error, "missing, required".to_owned()),
        (FileState::Unreadable, _) => (Ink::Error, "cannot be read".to_owned()),
        (FileState::Ignored, true) => (Ink::Warning, "ignored".to_owned()),
        (FileState::Ignored, false) => (Ink::Error, "unusable, required".to_owned()),
    }
}

/// The argument, followed by its value if that is an argument of its own.
pub(super) fn with_value(argument: &Argument) -> String {
    let text = &argument.text;
    let holds_value = text.contains('=') || (!text.starts_with("--") && text.len() > 2);
    match &argument.role {
        Role::Flag {
            value: Some(value), ..
        } if !holds_value => {
            format!("{} {}", shown(text), shown(value))
        }
        _ => shown(text),
    }
}
