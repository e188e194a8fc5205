//! Whether the env-file cases passed: which differ and how, and what cannot be otherwise.

use std::collections::BTreeMap;
use std::fmt::Write;

use kubelet_unit::backends::Launcher;

use crate::error::{Failure, Result, fail};
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

    /// `of` cases were tried; `note` is for the table.
    pub(super) fn result(self, of: usize, note: &str) -> Result<Cell> {
        if self.count == 0 {
            return Ok(Cell::Passed(format!("{of} cases, 0 differ{note}")));
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

/// What a launcher in sh cannot give on an init.
struct Excuse {
    init: &'static str,
    /// [`Difference::field`] and [`Difference::found`].
    field: &'static str,
    found: &'static str,
    because: &'static str,
}

/// The native launcher has no excuse.
const SH_CANNOT: [Excuse; 2] = [
    Excuse {
        init: "supervisord",
        field: "leads its",
        found: "group true, session false",
        because: "supervisord makes a process group, and sh has no setsid(2)",
    },
    Excuse {
        init: "supervisord",
        field: "SigIgn",
        found: "0000000001001000",
        because: "Python ignores SIGXFSZ, and sh cannot take back a signal that it began with ignored",
    },
];

/// Which excuses hold for a run, and how often each was needed.
pub(super) struct Excuses(Vec<(&'static Excuse, usize)>);

impl Excuses {
    pub(super) fn new(init: &str, launcher: Launcher) -> Self {
        let holds = |excuse: &&Excuse| launcher == Launcher::Sh && excuse.init == init;
        Self(
            SH_CANNOT
                .iter()
                .filter(holds)
                .map(|excuse| (excuse, 0))
                .collect(),
        )
    }

    /// The differences without excuse.
    pub(super) fn without(&mut self, mut differences: Vec<Difference>) -> Vec<Difference> {
        for (excuse, used) in &mut self.0 {
            let before = differences.len();
            differences.retain(|difference| {
                (difference.field.as_str(), difference.found.as_str())
                    != (excuse.field, excuse.found)
            });
            *used += before - differences.len();
        }
        differences
    }

    /// For the table. An excuse that no case needed is an error: it would hide the next mistake.
    pub(super) fn note(&self) -> Result<String> {
        let mut note = String::new();
        for (Excuse { field, because, .. }, used) in &self.0 {
            if *used == 0 {
                fail!("nothing differs in `{field}` any more: the excuse has to go");
            }
            let _ = write!(note, "; not compared: {field}, because {because}");
        }
        Ok(note)
    }
}
