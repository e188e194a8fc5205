//! What stands where a file of ours goes.

use std::collections::BTreeSet;

use super::error::{InstallError, Obstacle};
use super::record::{RecordedFile, checksum};
use crate::rendering::{File, line};
use crate::root::{Kind, Root};
use crate::service::AbsPath;

/// The most that is read of a file that is compared. Ours have a few KiB; what is
/// larger is not ours.
pub(super) const LIMIT: usize = 1024 * 1024;

/// A place in the tree, looked at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum OnDisk {
    Absent,
    File {
        content: Content,
        mode: u32,
        /// Whether the name is a link that leads to the file.
        linked: bool,
    },
    Other(Kind),
}

/// A file's content, or that it is larger than any of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    Bytes(Vec<u8>),
    TooLarge,
}

impl Content {
    pub(super) fn checksum(&self) -> Option<String> {
        match self {
            Self::Bytes(bytes) => Some(checksum(bytes)),
            Self::TooLarge => None,
        }
    }

    pub(super) fn is(&self, other: &[u8]) -> bool {
        matches!(self, Self::Bytes(bytes) if bytes == other)
    }
}

impl OnDisk {
    /// Looks for a file, or for a line of one, which has the administrator's mode and may
    /// be in a file that a link leads to.
    pub(super) fn of(
        root: &Root,
        path: &AbsPath,
        config: bool,
        mark: Option<&str>,
    ) -> Result<Self, InstallError> {
        let there = Self::at(root, path, config || mark.is_some())?;
        let (Some(mark), Self::File { content, mode, .. }) = (mark, &there) else {
            return Ok(there);
        };
        let Content::Bytes(bytes) = content else {
            return Ok(there);
        };
        Ok(match line::find(bytes, mark) {
            Some(line) => Self::File {
                content: Content::Bytes(line),
                mode: *mode,
                linked: false,
            },
            None => Self::Absent,
        })
    }

    /// Looks. A configuration file may be a link that the administrator made to
    /// one; any other file has to be one itself.
    pub(super) fn at(root: &Root, path: &AbsPath, config: bool) -> Result<Self, InstallError> {
        let itself = root.status(path.as_str())?;
        let linked = itself.is_some_and(|status| status.kind == Kind::Link);
        let status = match config && linked {
            true => root.target(path.as_str())?.or(itself),
            false => itself,
        };
        let Some(status) = status else {
            // Where a folder above is a file, nothing is there either.
            root.check_folders(path.parent())?;
            return Ok(Self::Absent);
        };
        if status.kind != Kind::File {
            return Ok(Self::Other(status.kind));
        }
        let content = match status.size > LIMIT as u64 {
            true => Content::TooLarge,
            false => Content::Bytes(root.read(path.as_str(), LIMIT)?),
        };
        Ok(Self::File {
            content,
            mode: status.mode,
            linked,
        })
    }
}

/// What has to happen with one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Create,
    Replace,
    /// The content is right, the mode is not.
    SetMode,
    Same,
    /// It has been there, just so, before us.
    Found,
    /// Edited configuration for which there is something new.
    KeepAndOffer,
    /// Edited configuration, and nothing new.
    Keep,
    Refuse(Obstacle),
}

/// Judges a place by what stands there, what was recorded and what is wanted.
/// `known` is what the records say of it, this service's own first; `settled`, whether
/// the installation that this one tells of has come to its end, so that what it had to
/// offer is there.
pub(super) fn judge(
    disk: &OnDisk,
    known: &[&RecordedFile],
    settled: bool,
    wanted: &File,
) -> Verdict {
    let (content, mode, linked) = match disk {
        OnDisk::Absent => return Verdict::Create,
        OnDisk::Other(kind) => return Verdict::Refuse(Obstacle::Kind(*kind)),
        OnDisk::File {
            content,
            mode,
            linked,
        } => (content, *mode, *linked),
    };
    if wanted.line.is_some() && content.is(&wanted.content) {
        return Verdict::Same;
    }
    if content.is(&wanted.content) {
        return match known.first() {
            None if mode == wanted.mode => Verdict::Found,
            // The administrator may have made it private.
            _ if mode == wanted.mode || wanted.config => Verdict::Same,
            None => Verdict::Refuse(Obstacle::Foreign),
            Some(_) => Verdict::SetMode,
        };
    }
    // What was found just so, and differs now, is somebody else's after all.
    let mut recorded = known.iter().filter(|recorded| !recorded.found);
    let sum = content.checksum();
    let wrote = |recorded: &&RecordedFile| sum.as_deref().is_some_and(|sum| recorded.wrote(sum));
    // Whichever of two that share a file was installed last has written it.
    let ours = recorded.clone().any(wrote);
    match recorded.next() {
        Some(_) if ours && !linked => Verdict::Replace,
        Some(recorded)
            if wanted.config && settled && recorded.sha256 == checksum(&wanted.content) =>
        {
            Verdict::Keep
        }
        _ if wanted.config => Verdict::KeepAndOffer,
        Some(_) => Verdict::Refuse(Obstacle::Changed),
        // It has our mark, and came in a layer of an image.
        None if wanted.line.is_some() && sum.is_some() => Verdict::Replace,
        None => Verdict::Refuse(Obstacle::Foreign),
    }
}

/// Those folders above the paths that are not there, the outermost first.
pub(super) fn missing_folders<'a>(
    root: &Root,
    paths: impl Iterator<Item = &'a AbsPath>,
) -> Result<Vec<AbsPath>, InstallError> {
    let mut missing = BTreeSet::new();
    for path in paths {
        let mut folder = path.parent();
        while folder != "/" && root.target(folder)?.is_none() {
            let above: AbsPath = folder.parse()?;
            folder = match missing.insert(above) {
                true => &folder[..folder.rfind('/').unwrap_or(0).max(1)],
                false => break,
            };
        }
    }
    Ok(missing.into_iter().collect())
}
