//! What an explanation says, as data.

use super::input::Input;
use super::lost::Lost;
use super::problem::{FileProblem, Problem};
use crate::effective::{Origin, Place, Unknown};
use crate::envfile::Parsed;
use crate::kubelet::Version;
use serde::Serialize;

/// The command line of a service and where it comes from.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// Which service this is, and where it comes from, if that was looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// What cannot be told without running anything.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<Unknown>,
    /// The name of the service.
    pub service: String,
    /// Whether the program is a kubelet; the first argument may be another name that it gets.
    #[serde(skip)]
    pub is_kubelet: bool,
    /// What the words and the inline variables come from.
    pub definition: String,
    /// The kubelet's version, if it is known.
    pub kubelet_version: Option<Version>,
    /// Whether the service will start, as far as this can be told: no problem
    /// is an error.
    pub starts: bool,
    /// Whether all files that count could be read. Where one could not, what is said holds
    /// as far as can be told.
    pub complete: bool,
    /// The words of the command line before variables are replaced.
    pub words: Vec<Word>,
    /// The command line, the program first.
    pub arguments: Vec<Argument>,
    /// The variables, in the environment's order.
    pub variables: Vec<Variable>,
    /// The environment files, in the service's order.
    pub files: Vec<FileReport>,
    /// What is wrong or surprising, the gravest first.
    pub problems: Vec<Problem>,
    /// Flags that are written somewhere but are not on the command line.
    pub lost: Vec<Lost>,
}

impl Explanation {
    /// The files of which it is not known what they set.
    pub fn unreadable(&self) -> impl Iterator<Item = &str> {
        let files = self.files.iter();
        let files = files.filter(|file| file.state == FileState::Unreadable);
        files.map(|file| file.path.as_str())
    }

    /// The value of a flag that counts, and where it is written.
    pub fn value(&self, name: &str) -> Option<(&str, &Place)> {
        let mut arguments = self.arguments.iter().rev();
        arguments.find_map(|argument| match &argument.role {
            Role::Flag { flag, value } if flag == name => {
                Some((value.as_deref()?, &argument.place))
            }
            _ => None,
        })
    }
}

/// A word of the command line before variables are replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Word {
    /// As it is written: `/usr/bin/kubelet`, `$KUBELET_EXTRA_ARGS`.
    pub text: String,
    /// The variables that it names.
    pub variables: Vec<String>,
    /// Whether it is one `$NAME`, which becomes as many arguments as the
    /// value has words.
    pub split: bool,
    /// Whether all its variables are set.
    pub set: bool,
}

/// One argument of the command line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Argument {
    /// Its text.
    pub text: String,
    /// The index of the word that it comes from.
    pub word: usize,
    /// The variable that it was split from.
    pub variable: Option<String>,
    /// Where it is written.
    #[serde(flatten)]
    pub place: Place,
    /// What it is to the program.
    #[serde(flatten)]
    pub role: Role,
    /// The index of the argument that takes its effect away: the last of
    /// several equal flags wins.
    pub overridden_by: Option<usize>,
}

/// What an argument is to the program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "role", rename_all = "kebab-case")]
pub enum Role {
    /// The program itself.
    Program,
    /// A flag.
    Flag {
        /// Its name, without dashes.
        flag: String,
        /// Its value, be it here or in the next argument; `None` for a flag
        /// without one.
        value: Option<String>,
    },
    /// The value of the flag before it.
    Value,
    /// Neither a flag nor a value.
    Operand,
}

/// A variable of the environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Where it is set.
    #[serde(flatten)]
    pub place: Place,
    /// Whether a word of the command line names it. The program has it in its
    /// environment in any case.
    pub used: bool,
    /// Whether it may be on the command line although no word names it.
    #[serde(skip)]
    pub untold: bool,
    /// The variable of the command line that its name nearly spells, if that
    /// one is unset or it is unused.
    pub meant: Option<String>,
    /// The values that it had before, in the order in which they were set.
    pub replaced: Vec<Replaced>,
}

/// A value of a variable that another one replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replaced {
    /// The value.
    pub value: String,
    /// Where it is set.
    #[serde(flatten)]
    pub place: Place,
}

/// An environment file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// Its path.
    pub path: String,
    /// Whether the service starts without it.
    pub optional: bool,
    /// What became of it.
    #[serde(flatten)]
    pub state: FileState,
}

/// What became of an environment file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum FileState {
    /// It counts.
    Read {
        /// How many assignments in it count, duplicates included.
        assignments: usize,
        /// How many lines of it are ignored, comments not counted.
        ignored: usize,
    },
    /// It does not exist.
    Missing,
    /// All of it is ignored; the problems say why.
    Ignored,
    /// It may not be read, or the system refused: what it sets is not known.
    Unreadable,
}

pub(super) fn files(
    input: &Input<'_>,
    read: &[Result<Parsed<'_>, FileProblem>],
) -> Vec<FileReport> {
    let state = |read: &Result<Parsed<'_>, FileProblem>| match read {
        Ok(parsed) => FileState::Read {
            assignments: parsed.assignments.len(),
            ignored: parsed
                .findings
                .iter()
                .filter(|finding| finding.cause.drops_line())
                .count(),
        },
        Err(problem) if problem.is_missing() => FileState::Missing,
        Err(problem) if problem.is_unknown() => FileState::Unreadable,
        Err(_) => FileState::Ignored,
    };
    let report = |(file, read): (&super::EnvFile<'_>, _)| FileReport {
        path: file.path.to_owned(),
        optional: file.optional,
        state: state(read),
    };
    input.files.iter().zip(read).map(report).collect()
}
