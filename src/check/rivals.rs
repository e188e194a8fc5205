//! Other definitions of the service than ours: which of them counts.

use crate::effective::{Goes, Rival};

use super::Subject;
use super::finding::{Finding, Level, Rule};

pub(super) fn rivals(subject: &Subject<'_>) -> Vec<Finding> {
    let finding = |rival: &Rival| {
        let level = match rival.counts() {
            true => Level::Error,
            false => Level::Note,
        };
        let path = subject.root.shown(&rival.place.path);
        let finding = Finding {
            line: rival.place.at.map(|at| at.line),
            ..Finding::new(Rule::Init, level, path, &rival.what)
        };
        match &rival.goes {
            Goes::ByHand(how) => finding.hint(how),
            Goes::Relink => finding.hint("remove that link, and enable the service again"),
            Goes::File(_) | Goes::Unlink => finding.hint("move it away"),
            Goes::Stays => finding,
        }
    };
    subject.rivals.iter().map(finding).collect()
}
