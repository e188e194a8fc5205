//! A service out of a tree: what its record names, and nothing else. Where edited
//! configuration stays, a record of that takes the place of the service's.

use std::path::{Path, PathBuf};

use super::disk::{Content, OnDisk};
use super::error::InstallError;
use super::lines;
use super::others::hand_over;
use super::record::{FOLDER, Record, RecordedFile, is_around_record};
use crate::root::{Kind, Root};
use crate::service::{AbsPath, Name};
use crate::sorting;

/// What happens to one path when a service is removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removal {
    /// It goes.
    Remove(AbsPath),
    /// A line goes out of a file that is others' too.
    RemoveLine(AbsPath),
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

/// What removing a service comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uninstalled {
    /// Path by path.
    pub removals: Vec<Removal>,
    /// Whether anything goes: nothing does where the service is removed already and
    /// only edited configuration is left.
    pub changes: bool,
}

impl Uninstalled {
    /// Whether edited configuration stays, and a record of it.
    pub fn keeps_edited(&self) -> bool {
        self.removals.iter().any(Removal::is_edited)
    }
}

impl Removal {
    fn is_edited(&self) -> bool {
        matches!(self, Self::KeepEdited(_))
    }
}

/// Removes a service or what is left of one, or says what would go.
///
/// # Errors
/// Nothing of it is there, its record cannot be used, or the system refuses;
/// running it again goes on.
pub fn uninstall(
    root: &Root,
    service: &Name,
    init: &str,
    purge: bool,
    dry_run: bool,
) -> Result<Uninstalled, InstallError> {
    // Where nothing is installed, there is nothing to lock.
    find(root, service, init)?;
    let _lock = match dry_run {
        true => None,
        false => Some(root.lock(FOLDER)?),
    };
    let (record, others) = find(root, service, init)?;
    // What is left of a service needs no file that another shares with it.
    let installed: Vec<_> = others.iter().filter(|other| !other.removed).collect();
    let (mut removals, left) = plan(root, &record, &installed, purge)?;
    let goes = |removal: &Removal| matches!(removal, Removal::Remove(_) | Removal::RemoveLine(_));
    let changes = !record.removed || left.is_empty() || removals.iter().any(goes);
    if !dry_run {
        remove(root, &record, &removals)?;
    }
    let folders = folders(root, &record, &removals, dry_run)?;
    if !dry_run {
        for other in others {
            hand_over(root, &record, other, &folders)?;
        }
        let stays = |it: &&AbsPath| is_around_record(it) || folders.contains(it);
        let around = record.folders.iter().filter(stays).cloned().collect();
        close(root, &record, &record.left(left, around))?;
    }
    removals.extend(folders.into_iter().map(Removal::KeepFolder));
    Ok(Uninstalled { removals, changes })
}

/// What happens to links and files, and what is left of these.
fn plan(
    root: &Root,
    record: &Record,
    others: &[&Record],
    purge: bool,
) -> Result<(Vec<Removal>, Vec<RecordedFile>), InstallError> {
    let mut removals = Vec::new();
    let mut left = Vec::new();
    for link in &record.links {
        if root.read_link(link.path.as_str())? == Some(PathBuf::from(&link.target)) {
            removals.push(Removal::Remove(link.path.clone()));
        }
    }
    for file in &record.files {
        let itself = of_file(root, file, others, purge)?;
        let offer = of_offer(root, file, purge)?;
        left.extend(left_of(file, itself.as_ref(), offer.as_ref()));
        removals.extend(itself);
        removals.extend(offer);
    }
    Ok((removals, left))
}

fn remove(root: &Root, record: &Record, removals: &[Removal]) -> Result<(), InstallError> {
    for removal in removals {
        match removal {
            Removal::Remove(path) => drop(root.remove(path.as_str())?),
            Removal::RemoveLine(path) => {
                let of_it = record.files.iter().filter(|file| file.path == *path);
                for line in of_it.filter_map(|file| file.line.as_ref()) {
                    lines::take(root, path, line)?;
                }
            }
            _ => {}
        }
    }
    for file in &record.files {
        let paths = [Some(&file.path), file.aside.as_ref(), file.beside.as_ref()];
        for path in paths.into_iter().flatten() {
            root.remove_unfinished(path.as_str())?;
        }
    }
    root.remove_unfinished(Record::path(&record.service, &record.init))?;
    Ok(())
}

fn find(root: &Root, service: &Name, init: &str) -> Result<(Record, Vec<Record>), InstallError> {
    let mut all = Record::read_every(root)?;
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
    others: &[&Record],
    purge: bool,
) -> Result<Option<Removal>, InstallError> {
    let path = file.place(root)?.clone();
    let edited = |content: &Content| content.checksum().is_none_or(|sum| !file.wrote(&sum));
    let shares = |other: &&Record| other.part(&file.path, file.mark()).is_some();
    Ok(match OnDisk::of(root, &path, false, file.mark())? {
        OnDisk::Absent => None,
        _ if others.iter().copied().any(|other| shares(&other)) => Some(Removal::KeepShared(path)),
        OnDisk::Other(_) => Some(Removal::KeepForeign(path)),
        OnDisk::File { .. } if file.found => Some(Removal::KeepForeign(path)),
        OnDisk::File { content, .. } if file.foreign && edited(&content) => {
            Some(Removal::KeepForeign(path))
        }
        OnDisk::File { content, .. } if file.config && !purge && edited(&content) => {
            Some(Removal::KeepEdited(path))
        }
        OnDisk::File { .. } => Some(match &file.line {
            Some(line) if !lines::is_all(root, &path, line)? => Removal::RemoveLine(path),
            _ => Removal::Remove(path),
        }),
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

/// What a later run has to know of a file: that it was edited, or its new version.
fn left_of(
    file: &RecordedFile,
    itself: Option<&Removal>,
    offer: Option<&Removal>,
) -> Option<RecordedFile> {
    let edited = itself.is_some_and(Removal::is_edited);
    let offered = offer.is_some_and(Removal::is_edited);
    (edited || offered).then(|| RecordedFile {
        // What comes to the place of a file that has gone is somebody else's.
        found: !edited,
        beside: file.beside.clone().filter(|_| offered),
        ..file.clone()
    })
}

/// The folders that were made and hold something else, the innermost first; removes
/// the others, or only looks. Those around the record go with it.
fn folders(
    root: &Root,
    record: &Record,
    removals: &[Removal],
    dry_run: bool,
) -> Result<Vec<AbsPath>, InstallError> {
    let removed = removals.iter().filter_map(|removal| match removal {
        Removal::Remove(path) => Some(PathBuf::from(path.as_str())),
        _ => None,
    });
    let mut gone = sorting::set(removed);
    let mut kept = Vec::new();
    for folder in record.folders.iter().rev() {
        let path = Path::new(folder.as_str());
        if is_around_record(folder) || root.kind(path)? != Some(Kind::Folder) {
            continue;
        }
        let goes = match dry_run {
            true => root
                .list(path)?
                .iter()
                .all(|it| gone.contains(&path.join(it))),
            false => root.remove_folder(path)?,
        };
        match goes {
            true => drop(gone.insert(path.into())),
            false => kept.push(folder.clone()),
        }
    }
    Ok(kept)
}

/// Ends a removal with its record, so that one that is killed before can go on: what
/// is left takes the place of the record, or that goes, with the folders around it.
fn close(root: &Root, before: &Record, left: &Record) -> Result<(), InstallError> {
    let path = Record::path(&before.service, &before.init);
    if !left.files.is_empty() {
        let same = before.removed && before.files == left.files && before.folders == left.folders;
        if !same {
            root.write_whole(&path, &left.to_bytes(), 0o644)?;
        }
        return Ok(());
    }
    root.remove(path)?;
    let folder: AbsPath = FOLDER.parse()?;
    let around = before.folders.iter().filter(|it| is_around_record(it));
    for folder in around.chain([&folder]).rev() {
        if root.kind(folder.as_str())? == Some(Kind::Folder) {
            root.remove_folder(folder.as_str())?;
        }
    }
    Ok(())
}
