//! Whether the env-file cases passed: which differ, and how.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::error::{Failure, Result};
use crate::recorder::Difference;
use crate::report::Cell;

/// As many ways to differ are shown.
const SHOWN: usize = 5;

/// The cases that differ, by how they do.
#[derive(Default)]
pub(super) struct Failures {
    count: usize,
    kinds: BTreeMap<String, Vec<String>>,
}

impl Failures {
    pub(super) fn add(&mut self, case: &str, differences: &[Difference]) {
        if !differences.is_empty() {
            let lines = differences
                .iter()
                .map(|difference| format!("\n    {difference}"));
            self.add_text(case, lines.collect());
        }
    }

    pub(super) fn add_text(&mut self, case: &str, why: String) {
        self.count += 1;
        self.kinds.entry(why).or_default().push(case.to_owned());
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// `of` cases were tried.
    pub(super) fn result(self, of: usize) -> Result<Cell> {
        if self.count == 0 {
            return Ok(Cell::Passed(format!("{of} cases, 0 differ")));
        }
        let mut text = format!("{} of {of} cases differ", self.count);
        for (why, cases) in self.kinds.iter().take(SHOWN) {
            let _ = write!(
                text,
                "\n  {} cases, the first {}: {why}",
                cases.len(),
                cases[0]
            );
        }
        if self.kinds.len() > SHOWN {
            let _ = write!(text, "\n  and in {} other ways", self.kinds.len() - SHOWN);
        }
        Err(Failure::new(text))
    }
}
