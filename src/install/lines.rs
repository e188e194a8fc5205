//! Lines of ours in files that are others' too, in a tree.

use super::disk::LIMIT;
use super::error::InstallError;
use super::record::RecordedLine;
use crate::rendering::{File, line};
use crate::root::Root;
use crate::service::AbsPath;

/// Puts a line in the place of the one with its mark, or at the end of the file, which is
/// made where it is not there.
pub(super) fn put(
    root: &Root,
    path: &AbsPath,
    file: &File,
    mark: &str,
) -> Result<(), InstallError> {
    root.make_folders(path.parent())?;
    let before = root.read_if_there(path.as_str(), LIMIT)?;
    let content = line::put(&before.unwrap_or_default(), mark, &file.content);
    write(root, path, &content, file.mode)
}

/// Takes a line out of its file.
pub(super) fn take(root: &Root, path: &AbsPath, line: &RecordedLine) -> Result<(), InstallError> {
    match root.read_if_there(path.as_str(), LIMIT)? {
        Some(before) => write(root, path, &line::take(&before, &line.mark), 0o644),
        None => Ok(()),
    }
}

/// Whether the file was made for the line, and nothing else is in it.
pub(super) fn is_all(
    root: &Root,
    path: &AbsPath,
    line: &RecordedLine,
) -> Result<bool, InstallError> {
    let content = root
        .read_if_there(path.as_str(), LIMIT)?
        .unwrap_or_default();
    Ok(line.made && line::take(&content, &line.mark).is_empty())
}

/// The file keeps its mode and its owner, and one that a link leads to stays where it is.
fn write(root: &Root, path: &AbsPath, content: &[u8], mode: u32) -> Result<(), InstallError> {
    let end = root.end_of_links(path.as_str())?;
    root.replace_whole(end, content, mode)?;
    Ok(())
}
