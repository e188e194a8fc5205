//! Which init a host has, by evidence.
//!
//! Each backend says what it [saw](Evidence) in a [`Host`]. The signs make a
//! [`Table`], and the verdict follows from the table alone: the init with the
//! strongest sign. What runs beats what is configured, and that beats what is
//! merely installed, so a second init's package never decides. Two inits with
//! equally strong signs are a tie, and there is no verdict: nothing is guessed.

mod foreign;
mod signs;

use std::cmp::Reverse;
use std::fmt;

use serde::Serialize;
use thiserror::Error;

use crate::host::Host;
use crate::sorting;

pub use foreign::{FOREIGN, Foreign};
pub use signs::Signs;

/// What a backend knows of how its init shows.
pub trait Evidence: Sync {
    /// Looks at a host and adds what speaks for the init.
    fn look(&self, signs: &mut Signs<'_>);
}

/// Something that speaks for an init.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sign {
    /// The init.
    pub init: &'static str,
    /// How much it says, of 100.
    pub weight: u8,
    /// The same in a word.
    pub level: Level,
    /// What was seen.
    #[serde(flatten)]
    pub seen: Seen,
    /// Where.
    pub place: String,
    /// Why it says something.
    pub reason: String,
}

impl Sign {
    /// What was seen, with the file of a line.
    pub fn told(&self) -> String {
        match &self.seen {
            Seen::Line { .. } => format!("`{}` {}", self.place, self.seen),
            Seen::Whole(text) => text.clone(),
        }
    }
}

/// What was seen of an init. In JSON it is a text either way, and a line has its number too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(into = "SeenInJson")]
pub enum Seen {
    /// What a sentence says on its own.
    Whole(String),
    /// A line of the file that is the place.
    Line {
        /// Its number, from 1.
        line: usize,
        /// What it does, as the rest of a sentence that begins with it.
        does: String,
    },
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(text) => f.write_str(text),
            Self::Line { line, does } => write!(f, "line {line} {does}"),
        }
    }
}

impl From<String> for Seen {
    fn from(text: String) -> Self {
        Self::Whole(text)
    }
}

impl From<&str> for Seen {
    fn from(text: &str) -> Self {
        Self::Whole(text.into())
    }
}

#[derive(Serialize)]
struct SeenInJson {
    seen: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
}

impl From<Seen> for SeenInJson {
    fn from(seen: Seen) -> Self {
        Self {
            seen: seen.to_string(),
            line: match seen {
                Seen::Line { line, .. } => Some(line),
                Seen::Whole(_) => None,
            },
        }
    }
}

/// What a sign says of its init. A higher one beats any number of lower ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It would be no surprise: up to 9. Such a sign decides nothing.
    Hint,
    /// Its programs are there: from 10.
    Installed,
    /// It is what will start: from 30.
    Configured,
    /// It runs: from 70.
    Running,
}

impl Level {
    /// The level of a weight.
    pub fn of(weight: u8) -> Self {
        match weight {
            70.. => Self::Running,
            30.. => Self::Configured,
            10.. => Self::Installed,
            _ => Self::Hint,
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Hint => "hint",
            Self::Installed => "installed",
            Self::Configured => "configured",
            Self::Running => "running",
        })
    }
}

/// All the signs on a host, the strongest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The signs.
    pub signs: Vec<Sign>,
    /// The inits that are rendered for.
    rendered: Vec<&'static str>,
}

/// Why there is no verdict.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Undecided {
    /// Nothing but hints, or nothing at all.
    #[error("nothing shows which init this is")]
    Nothing,
    /// Several inits have equally strong signs.
    #[error("{} are equally likely, all {level}", Listed(inits))]
    Tie {
        /// The inits.
        inits: Vec<&'static str>,
        /// What is known of each of them.
        level: Level,
    },
    /// An init that is there, and that no backend renders for.
    #[error("this is {title}, {} and not rendered by kubelet-unit", Is(*level))]
    Foreign {
        /// What it calls itself.
        title: &'static str,
        /// What is known of it.
        level: Level,
    },
}

/// A level as a sentence has it.
struct Is(Level);

impl fmt::Display for Is {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Level::Running => f.write_str("which runs"),
            Level::Configured => f.write_str("which is what will boot"),
            Level::Installed | Level::Hint => f.write_str("which is installed"),
        }
    }
}

/// Names as a sentence has them.
pub(crate) struct Listed<'a>(pub(crate) &'a [&'a str]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, name) in self.0.iter().enumerate() {
            let between = match at {
                0 => "",
                at if at + 1 == self.0.len() => " and ",
                _ => ", ",
            };
            write!(f, "{between}`{name}`")?;
        }
        Ok(())
    }
}

impl Table {
    /// What inits see of themselves, each with its name and how it shows; and what shows of
    /// those that are not among them.
    pub fn of<'e>(
        host: &Host,
        inits: impl IntoIterator<Item = (&'static str, Option<&'e dyn Evidence>)>,
    ) -> Self {
        let (mut signs, mut rendered) = (Vec::new(), Vec::new());
        let mut look = |name, evidence: &dyn Evidence| {
            let mut of_it = Signs::new(host, name);
            evidence.look(&mut of_it);
            signs.append(&mut of_it.list);
        };
        for (name, evidence) in inits {
            rendered.push(name);
            if let Some(evidence) = evidence {
                look(name, evidence);
            }
        }
        let foreign = FOREIGN.iter().filter(|init| !rendered.contains(&init.name));
        foreign.for_each(|init| look(init.name, init));
        sorting::by_key(&mut signs, |sign| Reverse(sign.weight));
        Self { signs, rendered }
    }

    /// The init that the table shows.
    ///
    /// # Errors
    /// It shows none, or several alike.
    pub fn verdict(&self) -> Result<&'static str, Undecided> {
        let strongest = self.signs.iter().map(|sign| sign.weight).max().unwrap_or(0);
        let level = Level::of(strongest);
        if level < Level::Installed {
            return Err(Undecided::Nothing);
        }
        let mut inits: Vec<_> = self
            .signs
            .iter()
            .filter(|sign| sign.weight == strongest)
            .map(|sign| sign.init)
            .collect();
        inits.dedup();
        match inits.as_slice() {
            [init] if self.rendered.contains(init) => Ok(init),
            [init] => Err(Foreign::find(init)
                .map_or(Undecided::Nothing, |Foreign { title, .. }| {
                    Undecided::Foreign { title, level }
                })),
            _ => Err(Undecided::Tie { inits, level }),
        }
    }

    /// The sign of another init that boots in the place of this one: the strongest, where that
    /// runs or is configured, and this one is neither.
    pub fn boots_instead_of(&self, init: &str) -> Option<&Sign> {
        let decides = |sign: &&Sign| sign.level >= Level::Configured;
        let mut own = self.signs.iter().filter(|sign| sign.init == init);
        match own.any(|sign| decides(&sign)) {
            true => None,
            false => self.signs.first().filter(decides),
        }
    }
}

#[cfg(test)]
mod tests;
