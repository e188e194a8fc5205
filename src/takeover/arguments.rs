//! Which arguments of another's service have to be moved so that ours runs the kubelet with
//! the same flags.

use std::fmt;

use crate::kubelet::flags::{ACCUMULATING, BOOLEAN, Flag};
use crate::shipped::{CommandLine, Reason};
use crate::sorting;

use super::shown::shown;

/// A flag that is moved: its words, and where the first of them is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// One word, or two where its value is the next.
    pub words: Vec<String>,
    /// The file.
    pub path: String,
    /// The line in it, from 1.
    pub line: usize,
    /// The variable that it is written into.
    pub variable: Option<String>,
}

/// What the two command lines come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settled {
    /// What ours does not pass, in the order of the other's command line.
    pub moved: Vec<Moved>,
    /// What ours passes and the other does not.
    pub added: Vec<String>,
}

/// Why it cannot be told what has to be moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// Something that only running the service would tell.
    Unknown(Reason),
    /// An argument that is not a flag's.
    Operand {
        /// The argument.
        text: String,
        /// Where it is written.
        path: String,
        /// The line there.
        line: usize,
    },
    /// A flag that adds up, with values whose order decides and would be another one.
    Order {
        /// The flag.
        flag: String,
        /// Where it is written.
        path: String,
        /// The line there.
        line: usize,
    },
}

/// One flag of a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Use {
    flag: String,
    value: Option<String>,
    /// The first of its words, and how many there are.
    at: usize,
    words: usize,
}

impl Use {
    fn adds_up(&self) -> bool {
        ACCUMULATING.contains(&self.flag.as_str())
    }

    fn of<'a>(all: &'a [Self], flag: &'a str) -> impl DoubleEndedIterator<Item = &'a Self> {
        all.iter().filter(move |it| it.flag == flag)
    }
}

/// The flags of a command line without its program; the number of an argument that is none.
fn uses(words: &[&str]) -> Result<Vec<Use>, usize> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let flag = Flag::parse(word).ok_or(at)?;
        let next = words.get(at + 1).filter(|_| flag.takes_next());
        let bare = BOOLEAN.contains(&flag.name.as_ref()).then_some("true");
        let value = flag.value.or(next.copied()).or(bare);
        all.push(Use {
            value: value.map(str::to_owned),
            at,
            words: 1 + usize::from(next.is_some()),
            flag: flag.name.into_owned(),
        });
        at += 1 + usize::from(next.is_some());
    }
    Ok(all)
}

/// Compares another's command line with ours, which are the arguments without the program.
/// What is moved comes last there.
///
/// # Errors
/// All that is in doubt.
pub fn settle(line: &CommandLine, ours: &[String]) -> Result<Settled, Vec<Doubt>> {
    if !line.unknown.is_empty() {
        return Err(line.unknown.iter().cloned().map(Doubt::Unknown).collect());
    }
    let arguments = line.arguments.get(1..).unwrap_or_default();
    let words: Vec<_> = arguments.iter().map(|it| it.text.as_str()).collect();
    let theirs = uses(&words).map_err(|at| {
        let argument = &arguments[at];
        vec![Doubt::Operand {
            text: argument.text.clone(),
            path: argument.path.clone(),
            line: argument.at.line,
        }]
    })?;
    let own: Vec<_> = ours.iter().map(String::as_str).collect();
    // What ours passes beside flags, the kubelet refuses with or without what is moved.
    let own = uses(&own).unwrap_or_else(|at| uses(&own[..at]).unwrap_or_default());
    let mut moved = Vec::new();
    let mut doubts = Vec::new();
    for (number, it) in theirs.iter().enumerate() {
        if Use::of(&theirs[..number], &it.flag).next().is_some() {
            continue;
        }
        match it.adds_up() {
            false => moved.extend(last_that_differs(&theirs, &own, &it.flag)),
            true if keeps_order(&theirs, &own, &it.flag) => {
                let mut there: Vec<_> = Use::of(&own, &it.flag).map(|it| &it.value).collect();
                for it in Use::of(&theirs, &it.flag) {
                    match there.iter().position(|value| **value == it.value) {
                        Some(at) => drop(there.remove(at)),
                        None => moved.push(it.at),
                    }
                }
            }
            true => doubts.push(Doubt::Order {
                flag: it.flag.clone(),
                path: arguments[it.at].path.clone(),
                line: arguments[it.at].at.line,
            }),
        }
    }
    if !doubts.is_empty() {
        return Err(doubts);
    }
    let moved = theirs.iter().filter(|it| moved.contains(&it.at));
    Ok(Settled {
        moved: moved
            .map(|it| Moved {
                words: words[it.at..it.at + it.words]
                    .iter()
                    .map(ToString::to_string)
                    .collect(),
                path: arguments[it.at].path.clone(),
                line: arguments[it.at].at.line,
                variable: arguments[it.at].variable.clone(),
            })
            .collect(),
        added: added(&theirs, &own, ours),
    })
}

/// Of equal flags the last counts: theirs, if that is another than ours.
fn last_that_differs(theirs: &[Use], own: &[Use], flag: &str) -> Option<usize> {
    let last = Use::of(theirs, flag).next_back()?;
    let is_ours = Use::of(own, flag).next_back();
    (is_ours.map(|it| &it.value) != Some(&last.value)).then_some(last.at)
}

/// Whether the values of a flag that adds up come to the same when what ours lacks comes
/// last: then theirs does so already, or no key of one is a key of another.
fn keeps_order(theirs: &[Use], own: &[Use], flag: &str) -> bool {
    let mut there: Vec<_> = Use::of(own, flag).map(|it| it.value.clone()).collect();
    let mut shared: Vec<_> = Vec::new();
    let mut alone: Vec<_> = Vec::new();
    let mut in_order = true;
    for it in Use::of(theirs, flag) {
        match there.iter().position(|value| *value == it.value) {
            Some(at) => {
                in_order &= at == 0 && alone.is_empty();
                shared.push(there.remove(at));
            }
            None => alone.push(it.value.clone()),
        }
    }
    let keys = |values: &[Option<String>]| {
        let texts = values.iter().flatten().flat_map(|value| value.split(','));
        let key = |text: &str| text.split(['=', '<']).next().map(|it| it.trim().to_owned());
        sorting::set(texts.filter_map(key))
    };
    // The order of name servers counts, whatever they are.
    let is_a_set = flag != "cluster-dns" || alone.is_empty();
    let is_whole = there.is_empty();
    let others: Vec<_> = shared.into_iter().chain(there).collect();
    let is_apart = keys(&alone).is_disjoint(&keys(&others));
    in_order && (is_whole || is_apart) || is_a_set && is_apart
}

/// The flags of ours that theirs has not at all.
fn added(theirs: &[Use], own: &[Use], ours: &[String]) -> Vec<String> {
    let is_new = |it: &&Use| match it.adds_up() {
        true => Use::of(theirs, &it.flag).all(|other| other.value != it.value),
        false => Use::of(theirs, &it.flag).next().is_none(),
    };
    let words = |it: &Use| ours[it.at..it.at + it.words].join(" ");
    own.iter().filter(is_new).map(words).collect()
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.words.join(" ")))
    }
}

impl Doubt {
    /// The file and the line that it is about.
    pub fn place(&self) -> (&str, usize) {
        match self {
            Self::Unknown(reason) => (&reason.path, reason.line),
            Self::Operand { path, line, .. } | Self::Order { path, line, .. } => (path, *line),
        }
    }
}

/// What is wrong at its place, as the rest of a sentence that begins with that.
impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(reason) => f.write_str(&reason.why),
            Self::Operand { text, .. } => {
                write!(
                    f,
                    "has {} among the arguments, which is not a flag",
                    shown(text)
                )
            }
            Self::Order { flag, .. } => write!(
                f,
                "sets `--{flag}`, which adds up with what another file sets, and the order of the two would be another one"
            ),
        }
    }
}
