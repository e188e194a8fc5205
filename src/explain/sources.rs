//! From a byte of a variable's value to its place in a file.

use super::input::Input;
use super::place::Place;
use super::problem::FileProblem;
use crate::envfile::{Assignment, Lines, Origin, Parsed, Position};

/// The places of everything that variables hold.
pub(super) struct Sources<'i, 'a> {
    definition: &'i str,
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
            at: Some(at),
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

    /// Where a value is set: its variable's name.
    pub(super) fn of_value(&self, origin: Origin) -> Place {
        self.assignment(origin)
            .map_or_else(|| self.definition(), |(source, set)| source.place(set.at))
    }

    /// Where the bytes of a value at `offsets` are written, one place each.
    pub(super) fn of_bytes(&self, origin: Origin, offsets: &[usize]) -> Vec<Place> {
        let Some((source, set)) = self.assignment(origin) else {
            return vec![self.definition(); offsets.len()];
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
