//! A service whose files are kept in another folder than before: two paths that are
//! one file, and the links that lead to the old folder.
//!
//! The folder in which an init looks for services (`/var/service`, a scan directory)
//! is not the one in which their files are kept (`/etc/sv`): what stands in the first is
//! a link to the second. A path through such a link names a file of the second, and
//! removing it by its old name removes it by both.

use std::path::{Path, PathBuf};

use super::error::{Conflict, InstallError, Obstacle};
use super::record::{Link, Record, RecordedFile};
use crate::rendering::Rendered;
use crate::root::Root;
use crate::service::{AbsPath, Name};

/// The files that paths lead to, whatever their names.
pub(super) struct Identities(Vec<(u64, u64)>);

impl Identities {
    /// Those of the paths at which something stands.
    pub(super) fn of<'a>(
        root: &Root,
        paths: impl Iterator<Item = &'a AbsPath>,
    ) -> Result<Self, InstallError> {
        let mut all = Vec::new();
        for path in paths {
            all.extend(root.target(path.as_str())?.map(|status| status.identity));
        }
        Ok(Self(all))
    }

    /// Whether a path leads to one of them.
    pub(super) fn have(&self, root: &Root, path: &AbsPath) -> Result<bool, InstallError> {
        let status = root.target(path.as_str())?;
        Ok(status.is_some_and(|status| self.0.contains(&status.identity)))
    }
}

/// What was recorded of the file at a path, under this name or under another one of the
/// same file.
pub(super) fn recorded<'a>(
    root: &Root,
    before: Option<&'a Record>,
    path: &AbsPath,
) -> Result<Option<&'a RecordedFile>, InstallError> {
    let Some(before) = before else {
        return Ok(None);
    };
    if let Some(file) = before.file(path) {
        return Ok(Some(file));
    }
    let it = Identities::of(root, [path].into_iter())?;
    for file in &before.files {
        if it.have(root, &file.path)? {
            return Ok(Some(file));
        }
    }
    Ok(None)
}

/// The links by which an init finds the service, where new files were to be written
/// through them into the service's old folder.
///
/// A link higher up, such as `/lib` to `/usr/lib`, is another name of the same folder,
/// and nothing is wrong with it.
pub(super) fn links_in_the_way(
    root: &Root,
    before: &Record,
    rendered: &Rendered,
) -> Result<Vec<Conflict>, InstallError> {
    let old: Vec<_> = before.files.iter().map(|file| &file.path).collect();
    let there = Identities::of(root, old.iter().copied())?;
    let mut conflicts = Vec::new();
    for (path, _) in rendered.files() {
        if old.contains(&path) || !there.have(root, path)? {
            continue;
        }
        let above = Path::new(path.as_str()).ancestors().skip(1);
        for folder in above.filter(|folder| is_named(folder, &before.service)) {
            let Some(target) = root.read_link(folder)? else {
                continue;
            };
            let conflict = Conflict {
                path: root.shown(folder),
                why: Obstacle::Entrance { target },
            };
            if !conflicts.contains(&conflict) {
                conflicts.push(conflict);
            }
        }
    }
    Ok(conflicts)
}

/// What a link that enables the service has to hold, which is something else where the
/// service's files move to another folder.
///
/// # Errors
/// The files that it leads to go, and nothing in the new place takes their stead.
pub(super) fn target(
    link: &Link,
    before: Option<&Record>,
    rendered: &Rendered,
) -> Result<String, Obstacle> {
    let old = Path::new(&link.target);
    let inside = |path: &AbsPath| {
        let below = Path::new(path.as_str()).strip_prefix(old);
        below.ok().map(PathBuf::from)
    };
    let files = before.map_or(&[][..], |before| &before.files);
    let mut moved = files
        .iter()
        .filter_map(|file| inside(&file.path))
        .peekable();
    let stays = rendered.files().any(|(path, _)| inside(path).is_some());
    if stays || moved.peek().is_none() {
        return Ok(link.target.clone());
    }
    moved
        .find_map(|below| counterpart(old, &below, rendered))
        .ok_or_else(|| Obstacle::Stranded { target: old.into() })
}

/// Whether a link would stand in the same folder as what it leads to: the init would find
/// the service there twice.
pub(super) fn is_beside(root: &Root, link: &AbsPath, target: &str) -> Result<bool, InstallError> {
    let folder = Path::new(target).parent().unwrap_or(Path::new("/"));
    Ok(root.is_same(link.parent(), folder)?)
}

/// What takes the stead of `old`, a file or a folder, going by what stands `below` it.
fn counterpart(old: &Path, below: &Path, rendered: &Rendered) -> Option<String> {
    let end = Path::new(old.file_name()?).join(below);
    // Joining nothing leaves a slash behind, which is no part of a path.
    let end: PathBuf = end.components().collect();
    let mut paths = rendered.files().map(|(path, _)| Path::new(path.as_str()));
    let path = paths.find(|path| path.ends_with(&end))?;
    let top = path.ancestors().nth(below.components().count())?;
    top.to_str().map(String::from)
}

/// Whether a link as it stands on the disk leads to where files of this service are, or
/// were before they moved.
pub(super) fn leads_to_ours(target: &Path, before: &Record) -> bool {
    before
        .files
        .iter()
        .any(|file| Path::new(file.path.as_str()).starts_with(target))
}

fn is_named(folder: &Path, service: &Name) -> bool {
    folder
        .file_name()
        .is_some_and(|name| name == service.as_str())
}
