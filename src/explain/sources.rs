//! From a byte of a variable's value to its place in a file.

use super::input::Input;
use super::problem::FileProblem;
use crate::effective::{Definition, Place};
use crate::envfile::{Assignment, Lines, Origin, Parsed, Position};

/// The places of everything that variables hold.
pub(super) struct Sources<'i, 'a> {
    definition: &'i str,
    read: Option<&'i Definition>,
    files: Vec<Source<'i, 'a>>,
}

/// A file that counts.
struct Source<'i, 'a> {
    path: &'i str,
    parsed: &'i Parsed<'a>,
    lines: Lines,
}

impl Source<'_, '_> {
    fn place(&self, at: Position) -> Place {
        Place {
            path: self.path.to_owned(),
            at: Some(at.into()),
        }
    }
}

impl<'i, 'a> Sources<'i, 'a> {
    pub(super) fn new(input: &Input<'i>, read: &'i [Result<Parsed<'a>, FileProblem>]) -> Self {
        let counting = input.files.iter().zip(read).filter_map(|(file, read)| {
            let parsed = read.as_ref().ok()?;
            Some(Source {
                path: file.path,
                parsed,
                lines: parsed.lines(),
            })
        });
        Self {
            definition: input.definition,
            read: input.read,
            files: counting.collect(),
        }
    }

    /// The service's definition.
    pub(super) fn definition(&self) -> Place {
        Place {
            path: self.definition.to_owned(),
            at: None,
        }
    }

    /// Where the command line is written.
    fn command(&self) -> Place {
        let read = self.read.and_then(|read| read.command.clone());
        read.unwrap_or_else(|| self.definition())
    }

    /// Where a word of the command line is written.
    pub(super) fn word(&self, number: usize) -> Place {
        let word = self.read.and_then(|read| read.words.get(number));
        let place = word.and_then(|word| word.place.clone());
        place.unwrap_or_else(|| self.command())
    }

    /// The variable that a word of the command line is written into.
    pub(super) fn variable(&self, number: usize) -> Option<String> {
        self.read?.words.get(number)?.variable.clone()
    }

    /// Where a variable of the service's own is written.
    fn inline(&self, origin: Origin) -> Place {
        let place = match (origin, self.read) {
            (Origin::Inline(number), Some(read)) => read.inline[number].place.clone(),
            _ => None,
        };
        place.unwrap_or_else(|| self.definition())
    }

    /// Where a value is set: its variable's name.
    pub(super) fn of_value(&self, origin: Origin) -> Place {
        self.assignment(origin)
            .map_or_else(|| self.inline(origin), |(source, set)| source.place(set.at))
    }

    /// Where the bytes of a value at `offsets` are written, one place each.
    pub(super) fn of_bytes(&self, origin: Origin, offsets: &[usize]) -> Vec<Place> {
        let Some((source, set)) = self.assignment(origin) else {
            return vec![self.inline(origin); offsets.len()];
        };
        let trace = source.parsed.trace(set);
        let at = |offset: &usize| {
            trace
                .source(*offset)
                .map_or(set.at, |offset| source.lines.position(offset))
        };
        offsets
            .iter()
            .map(|offset| source.place(at(offset)))
            .collect()
    }

    fn assignment(&self, origin: Origin) -> Option<(&Source<'i, 'a>, &Assignment<'a>)> {
        let Origin::File { file, assignment } = origin else {
            return None;
        };
        let source = &self.files[file];
        Some((source, &source.parsed.assignments[assignment]))
    }
}
