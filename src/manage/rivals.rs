//! Other definitions of a service than ours, which its init takes in the place of ours or as
//! well.

use crate::effective::{Change, Changed, Goes, Rival};
use crate::install::Record;
use crate::order::Placed;
use crate::rendering::Rendered;
use crate::root::{Root, RootError};

use super::error::ManageError;
use super::others::kubelets;
use super::site::Site;
use super::spoken::asked;

/// Those of a service that is placed so, without what we have installed ourselves.
///
/// # Errors
/// The tree or a record cannot be read.
pub(super) fn rivals(site: &Site<'_>, placed: &Placed) -> Result<Vec<Rival>, ManageError> {
    let Some(reader) = placed.backend.effective() else {
        return Ok(Vec::new());
    };
    let mut all = reader.rivals(&asked(site, placed))?;
    if !all.is_empty() {
        let records = Record::read_all(site.root())?;
        let root = site.root();
        all.retain(|rival| !records.iter().any(|it| has(root, it, &rival.place.path)));
    }
    for other in kubelets(site, placed)? {
        let is_known = |it: &Rival| it.place == other.place;
        if !all.iter().any(is_known) {
            all.push(other);
        }
    }
    Ok(all)
}

/// The same, and what files of others would change of what is rendered.
///
/// # Errors
/// As for [`rivals`].
pub(super) fn all(
    site: &Site<'_>,
    placed: &Placed,
    rendered: &Rendered,
) -> Result<Vec<Rival>, ManageError> {
    let mut all = rivals(site, placed)?;
    if let Some(reader) = placed.backend.effective() {
        let changed = reader.changed(&asked(site, placed), rendered)?;
        let counts = changed.into_iter().filter(|it| it.change != Change::Lost);
        for changed in counts {
            all.extend(of_change(site.root(), changed, &all)?);
        }
    }
    Ok(all)
}

/// A file that changes something goes as a whole.
fn of_change(root: &Root, changed: Changed, all: &[Rival]) -> Result<Option<Rival>, RootError> {
    let Changed { place, text, .. } = changed;
    let is_link = root.read_link(&place.path)?.is_some();
    let anew = "find out what makes it anew in `/run`, and take it away there";
    let goes = Goes::of_file(place.path.as_ref(), is_link, anew);
    let what = match place.at {
        Some(_) => text,
        None => format!("changes the service: {text}"),
    };
    let rival = Rival { place, what, goes };
    Ok((!all.contains(&rival)).then_some(rival))
}

/// Whether a record has put something at a path. Of an installation that was interrupted it names
/// links that were still to be made.
fn has(root: &Root, record: &Record, path: &str) -> bool {
    let mut files = record.files.iter();
    let mut links = record.links.iter().filter(|it| it.path.as_str() == path);
    let is_made = |target: &str| {
        let link = root.read_link(path).ok().flatten();
        link.is_some_and(|it| it.as_os_str() == target)
    };
    files.any(|it| it.path.as_str() == path && !it.found && !it.foreign && it.line.is_none())
        || links.any(|it| record.complete || is_made(&it.target))
}
