//! Where the bytes of a value or word come from.
//!
//! systemd never invents a byte: whatever it reads is a selection of the
//! file's bytes, in their order. So a value is a list of runs, and the same
//! list builds it and answers where each of its bytes stood.

use std::borrow::Cow;
use std::ops::Range;

/// Consecutive bytes that were taken over as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Where the run begins in the result, in bytes.
    pub result: usize,
    /// Where it begins in the source, in bytes.
    pub source: usize,
    /// Its length in bytes, at least 1.
    pub len: usize,
}

/// From where in a file each byte of a value comes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    runs: Vec<Run>,
}

impl Trace {
    /// The runs, in order and without a gap in the result.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The length of the result in bytes.
    pub fn len(&self) -> usize {
        self.runs.last().map_or(0, |run| run.result + run.len)
    }

    /// Whether the result is empty.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// The offset in the source of the result's byte at `offset`; `None`
    /// beyond its end.
    pub fn source(&self, offset: usize) -> Option<usize> {
        let after = self.runs.partition_point(|run| run.result <= offset);
        let run = self.runs[..after].last()?;
        let within = offset - run.result;
        (within < run.len).then_some(run.source + within)
    }

    pub(super) fn clear(&mut self) {
        self.runs.clear();
    }

    /// Takes over `source`; a run that continues the last one extends it.
    pub(super) fn push(&mut self, source: Range<usize>) {
        if source.is_empty() {
            return;
        }
        let result = self.len();
        match self.runs.last_mut() {
            Some(last) if last.source + last.len == source.start => last.len += source.len(),
            _ => self.runs.push(Run {
                result,
                source: source.start,
                len: source.len(),
            }),
        }
    }

    fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        self.runs.iter().map(|run| run.source..run.source + run.len)
    }

    /// The result, borrowed where it is one piece of `source`.
    pub(super) fn bytes<'a>(&self, source: &'a [u8]) -> Cow<'a, [u8]> {
        match self.runs[..] {
            [] => Cow::Borrowed(&[]),
            [run] => Cow::Borrowed(&source[run.source..run.source + run.len]),
            _ => {
                let mut bytes = Vec::with_capacity(self.len());
                self.ranges()
                    .for_each(|range| bytes.extend_from_slice(&source[range]));
                Cow::Owned(bytes)
            }
        }
    }

    /// The same for text; every run must begin and end between characters.
    pub(super) fn text<'a>(&self, source: &'a str) -> Cow<'a, str> {
        match self.runs[..] {
            [] => Cow::Borrowed(""),
            [run] => Cow::Borrowed(&source[run.source..run.source + run.len]),
            _ => Cow::Owned(self.ranges().map(|range| &source[range]).collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_join_and_lead_back() {
        let mut trace = Trace::default();
        for range in [2..4, 4..4, 4..5, 7..9] {
            trace.push(range);
        }
        assert_eq!(trace.bytes(b"0123456789").as_ref(), b"23478");
        assert_eq!(trace.text("0123456789"), "23478");
        assert_eq!(trace.runs().len(), 2);
        let sources: Vec<_> = (0..6).map(|offset| trace.source(offset)).collect();
        assert_eq!(sources, [Some(2), Some(3), Some(4), Some(7), Some(8), None]);
        assert_eq!(Trace::default().source(0), None);
    }
}
