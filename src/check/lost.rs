//! Settings that have no effect on the service: those of another's service that was there
//! before, and arguments in files that are not read.

use crate::effective::Definition;
use crate::root::RootError;
use crate::shipped::Reading;
use crate::takeover::{self, Lost, Ours, Site};

use super::Subject;
use super::distribution::foreign;
use super::finding::{Finding, Level, Rule};

/// None where another's service stands in the place of ours: there they count.
pub(super) fn lost(
    subject: &Subject<'_>,
    definition: &Definition,
) -> Result<Vec<Finding>, RootError> {
    let is_others = subject.standing.is_some_and(|it| !it.is_installed());
    if is_others || foreign(subject)?.is_some() {
        return Ok(Vec::new());
    }
    // The administrator's is the last, which wins.
    let Some(extra_args_file) = subject.service.env_files.last() else {
        return Ok(Vec::new());
    };
    let (backend, name) = (subject.rendering.backend, &subject.service.name);
    let place = takeover::place(backend, subject.rendering.distro, name);
    let shipped = backend.shipped().filter(|_| place.is_some());
    // Where nothing is known of such services, only the name counts.
    let place = place.unwrap_or_else(|| subject.service.program.clone());
    let site = Site {
        root: subject.root,
        shipped,
        foreign: false,
        reading: &Reading::new(subject.root, &place, name),
        extra_args_file: extra_args_file.path.as_str(),
    };
    let ours = Ours::read(subject.root, subject.service);
    let mut all = takeover::lost(&site, &ours);
    // A unit may read further files, by a drop-in.
    all.retain(|it| definition.env_files.iter().all(|file| file.path != it.path));
    Ok(all.into_iter().map(|it| finding(subject, it)).collect())
}

fn finding(subject: &Subject<'_>, lost: Lost) -> Finding {
    let path = subject.root.shown(&lost.path);
    Finding::new(Rule::Lost, Level::Error, path, lost.what)
        .line(lost.line)
        .hint(lost.hint)
}
