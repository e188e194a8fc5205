//! A service out of a tree: what its record names, and nothing else.

use std::path::{Path, PathBuf};

use super::disk::{Content, OnDisk};
use super::error::InstallError;
use super::record::{FOLDER, Record, RecordedFile};
use crate::root::{Kind, Root};
use crate::service::{AbsPath, Name};

/// What happens to one path when a service is removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removal {
    /// It goes.
    Remove(AbsPath),
    /// Configuration that was edited stays.
    KeepEdited(AbsPath),
    /// It stays because it is not ours: it was there before, or something else
    /// has taken its place.
    KeepForeign(AbsPath),
    /// It stays because the service needs it under another init.
    KeepShared(AbsPath),
    /// A folder of ours stays because it holds something else.
    KeepFolder(AbsPath),
}

/// Removes a service, or says what would go.
///
/// # Errors
/// It is not installed, its record cannot be used, or the system refuses;
/// running it again goes on.
pub fn uninstall(
    root: &Root,
    service: &Name,
    init: &str,
    purge: bool,
    dry_run: bool,
) -> Result<Vec<Removal>, InstallError> {
    let (record, _) = find(root, service, init)?;
    let _lock = match dry_run {
        true => None,
        false => Some(root.lock(FOLDER)?),
    };
    let (_, others) = find(root, service, init)?;
    let mut removals = Vec::new();
    for link in &record.links {
        if root.read_link(link.path.as_str())? == Some(PathBuf::from(&link.target)) {
            removals.push(Removal::Remove(link.path.clone()));
        }
    }
    for file in &record.files {
        removals.extend(of_file(root, file, &others, purge)?);
        removals.extend(of_offer(root, file, purge)?);
    }
    if dry_run {
        return Ok(removals);
    }
    for removal in &removals {
        if let Removal::Remove(path) = removal {
            root.remove(path.as_str())?;
        }
    }
    for file in &record.files {
        for path in [Some(&file.path), file.aside.as_ref()]
            .into_iter()
            .flatten()
        {
            root.remove_unfinished(path.as_str())?;
        }
    }
    let path = Record::path(service, init);
    root.remove_unfinished(&path)?;
    removals.extend(folders(root, &record, &path)?);
    Ok(removals)
}

fn find(root: &Root, service: &Name, init: &str) -> Result<(Record, Vec<Record>), InstallError> {
    let mut all = Record::read_all(root)?;
    let at = all
        .iter()
        .position(|record| record.service == *service && record.init == init)
        .ok_or_else(|| InstallError::NotInstalled {
            service: service.to_string(),
            init: init.into(),
            root: root.path().into(),
        })?;
    let record = all.remove(at);
    Ok((record, all))
}

fn of_file(
    root: &Root,
    file: &RecordedFile,
    others: &[Record],
    purge: bool,
) -> Result<Option<Removal>, InstallError> {
    let path = file.place(root)?.clone();
    let edited = |content: &Content| content.checksum().is_none_or(|sum| !file.wrote(&sum));
    Ok(match OnDisk::at(root, &path, false)? {
        OnDisk::Absent => None,
        _ if others.iter().any(|other| other.file(&file.path).is_some()) => {
            Some(Removal::KeepShared(path))
        }
        OnDisk::Other(_) => Some(Removal::KeepForeign(path)),
        OnDisk::File { .. } if file.found => Some(Removal::KeepForeign(path)),
        OnDisk::File { content, .. } if file.config && !purge && edited(&content) => {
            Some(Removal::KeepEdited(path))
        }
        OnDisk::File { .. } => Some(Removal::Remove(path)),
    })
}

/// The new version beside an edited configuration file.
fn of_offer(
    root: &Root,
    file: &RecordedFile,
    purge: bool,
) -> Result<Option<Removal>, InstallError> {
    let Some(beside) = &file.beside else {
        return Ok(None);
    };
    Ok(match OnDisk::at(root, beside, false)? {
        OnDisk::File { content, .. }
            if purge || content.checksum().is_some_and(|sum| file.wrote(&sum)) =>
        {
            Some(Removal::Remove(beside.clone()))
        }
        OnDisk::File { .. } => Some(Removal::KeepEdited(beside.clone())),
        _ => None,
    })
}

/// Removes the folders that were made, the innermost first, as far as they are
/// empty; the record goes when it is its turn, so that a removal that is killed
/// can go on.
fn folders(root: &Root, record: &Record, path: &Path) -> Result<Vec<Removal>, InstallError> {
    let mut kept = Vec::new();
    let holds_record = |folder: &&AbsPath| Path::new(FOLDER).starts_with(folder.as_str());
    let (around, others): (Vec<_>, Vec<_>) = record.folders.iter().partition(holds_record);
    for folder in others.into_iter().rev() {
        let there = root.kind(folder.as_str())? == Some(Kind::Folder);
        if there && !root.remove_folder(folder.as_str())? {
            kept.push(Removal::KeepFolder(folder.clone()));
        }
    }
    root.remove(path)?;
    let folder: AbsPath = FOLDER.parse()?;
    for folder in around.into_iter().chain([&folder]).rev() {
        if root.kind(folder.as_str())? == Some(Kind::Folder) {
            root.remove_folder(folder.as_str())?;
        }
    }
    Ok(kept)
}
