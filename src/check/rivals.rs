//! Other definitions of the service than ours: which of them counts.

use std::path::Path;

use crate::effective::{Goes, OriginKind, Rival};

use super::Subject;
use super::finding::{Finding, Level, Rule};

pub(super) fn rivals(subject: &Subject<'_>) -> Vec<Finding> {
    let finding = |rival: &Rival| {
        let is_other = matches!(rival.goes, Goes::Disable(_));
        let level = match rival.counts() {
            // Of two services one starts with the machine, and the other not.
            true if is_other && subject.enabled == Ok(Some(false)) => Level::Warning,
            true => Level::Error,
            false => Level::Note,
        };
        let path = subject.root.shown(&rival.place.path);
        let finding = Finding {
            line: rival.place.at.map(|at| at.line),
            ..Finding::new(Rule::Init, level, path, &rival.what)
        };
        match &rival.goes {
            Goes::ByHand(how) | Goes::Disable(how) => finding.hint(how),
            Goes::Relink => finding.hint("remove that link, and enable the service again"),
            Goes::File(_) | Goes::Unlink => finding.hint("move it away"),
            Goes::Stays => finding,
        }
    };
    // That it is masked is said of the service itself.
    let is_told = |rival: &&Rival| match subject.standing.map(|it| &it.origin().kind) {
        Some(OriginKind::Masked { path }) => {
            subject.root.shown(&rival.place.path) == Path::new(path)
        }
        _ => false,
    };
    match subject.rivals {
        Ok(rivals) => {
            let others = rivals.iter().filter(|rival| !is_told(rival));
            others.map(finding).collect()
        }
        Err(path) => vec![Finding::unreadable(path)],
    }
}
