//! The place beside an edited configuration file where its new version goes.

use super::disk::{Content, OnDisk};
use super::error::{Conflict, InstallError, Obstacle};
use super::record::RecordedFile;
use crate::root::Root;
use crate::service::AbsPath;

/// What can have a number has four digits (`etc-update(1)`, Gentoo).
const NUMBERS: u32 = 10_000;

/// A place for a new version, and whether it lies there already.
pub(super) struct Offer {
    pub(super) path: AbsPath,
    pub(super) there: bool,
}

/// Finds the place.
///
/// # Errors
/// Somebody else's file has it, for which there is no second name.
pub(super) fn place(
    root: &Root,
    pattern: &str,
    path: &AbsPath,
    content: &[u8],
    recorded: Option<&RecordedFile>,
) -> Result<Result<Offer, Conflict>, InstallError> {
    let numbered = pattern.contains("{number}");
    let mut obstacle = Obstacle::Foreign;
    let mut last = path.clone();
    for number in 0..if numbered { NUMBERS } else { 1 } {
        let name = pattern
            .replace("{number}", &format!("{number:04}"))
            .replace("{version}", env!("CARGO_PKG_VERSION"))
            .replace("{file}", path.file_name());
        let folder: AbsPath = path.parent().parse()?;
        let beside = folder.join(&name)?;
        match OnDisk::at(root, &beside, false)? {
            OnDisk::Absent => return Ok(Ok(offer(beside, false))),
            OnDisk::File { content: there, .. } if there.is(content) => {
                return Ok(Ok(offer(beside, true)));
            }
            OnDisk::File { content: there, .. } if is_ours(recorded, &beside, &there) => {
                return Ok(Ok(offer(beside, false)));
            }
            OnDisk::File { .. } => {}
            OnDisk::Other(kind) => obstacle = Obstacle::Kind(kind),
        }
        last = beside;
    }
    Ok(Err(Conflict {
        path: root.shown(last.as_str()),
        why: obstacle,
    }))
}

fn offer(path: AbsPath, there: bool) -> Offer {
    Offer { path, there }
}

/// Whether we laid it there: an earlier version that nobody has looked at.
fn is_ours(recorded: Option<&RecordedFile>, beside: &AbsPath, there: &Content) -> bool {
    let Some(recorded) = recorded else {
        return false;
    };
    recorded.beside.as_ref() == Some(beside)
        && there.checksum().is_some_and(|sum| recorded.wrote(&sum))
}
