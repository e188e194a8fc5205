//! What a node's tree holds, compared with what is rendered for the node.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::error::Difference;
use crate::rendering::File;
use crate::service::AbsPath;
use crate::sorting;

/// What a tree has: files, sorted by their paths, and links with what they hold.
pub(super) type Content<'c> = (&'c [(&'c AbsPath, &'c File)], &'c [(AbsPath, String)]);

/// The first path of a tree that is not just so: a file or link of the node, or one that is
/// not the node's.
pub(super) fn first_difference(
    place: &Path,
    (files, links): Content<'_>,
) -> Option<(PathBuf, Difference)> {
    let files_here = files.iter().map(|(path, file)| {
        let path = place.join(path.relative());
        let why = of_file(&path, file);
        (path, why)
    });
    let links_here = links.iter().map(|(path, target)| {
        let path = place.join(path.relative());
        let why = of_link(&path, Path::new(target));
        (path, why)
    });
    let mut here = files_here.chain(links_here);
    if let Some((path, why)) = here.find_map(|(path, why)| Some((path, why?))) {
        return Some((below(place, &path), why));
    }
    let files = files.iter().map(|(path, _)| path.relative());
    let links = links.iter().map(|(path, _)| path.relative());
    let ours = files.chain(links).map(Path::new).collect();
    first_unknown(place, Path::new(""), &ours).map(|path| (path, Difference::Unknown))
}

fn below(place: &Path, path: &Path) -> PathBuf {
    path.strip_prefix(place).unwrap_or(path).to_owned()
}

fn of_file(path: &Path, file: &File) -> Option<Difference> {
    let Ok(there) = path.symlink_metadata() else {
        return Some(Difference::Missing);
    };
    let same = there.is_file()
        && there.len() == file.content.len() as u64
        && there.permissions().mode() & 0o7777 == file.mode
        && fs::read(path).ok().as_ref() == Some(&file.content);
    (!same).then_some(Difference::Content)
}

fn of_link(path: &Path, target: &Path) -> Option<Difference> {
    match fs::read_link(path) {
        Ok(there) if there == target => None,
        _ if path.symlink_metadata().is_ok() => Some(Difference::Content),
        _ => Some(Difference::Missing),
    }
}

/// The first path below a folder of a tree that is no folder and not among those of the node.
fn first_unknown(place: &Path, folder: &Path, ours: &HashSet<&Path>) -> Option<PathBuf> {
    let entries = fs::read_dir(place.join(folder)).ok()?;
    let mut entries: Vec<_> = entries.flatten().collect();
    sorting::by_key(&mut entries, fs::DirEntry::file_name);
    entries.into_iter().find_map(|entry| {
        let path = folder.join(entry.file_name());
        match entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            true => first_unknown(place, &path, ours),
            false => (!ours.contains(path.as_path())).then_some(path),
        }
    })
}
