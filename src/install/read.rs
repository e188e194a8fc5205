//! Reading the records of a tree.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

use super::record::{FOLDER, NEWEST, Record};
use crate::erased;
use crate::root::{Kind, Root, RootError};
use crate::service::Name;

/// The most that is read of a record, in bytes. One has about 2 KiB, and a spec
/// of 16 KiB at most.
const LIMIT: usize = 256 * 1024;

/// A record that cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// It is not a record.
    #[error("`{}` is not a record of kubelet-unit: {source}", path.display())]
    Unreadable {
        /// The record.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A newer version has written it.
    #[error("`{}` has format {format}; this version reads up to {NEWEST}", path.display())]
    Newer {
        /// The record.
        path: PathBuf,
        /// Its format.
        format: u32,
    },
    /// The tree refused.
    #[error(transparent)]
    Root(#[from] RootError),
}

impl Record {
    /// Reads the record of a service under an init, where it is installed.
    ///
    /// # Errors
    /// It is not a record, or the tree refuses.
    pub fn read(root: &Root, service: &Name, init: &str) -> Result<Option<Self>, RecordError> {
        let record = Self::read_at(root, &Self::path(service, init))?;
        Ok(record.filter(|record| !record.removed))
    }

    /// Reads the record of every service that is installed in a tree, in the order
    /// of their names.
    ///
    /// # Errors
    /// One of the records is none, or the tree refuses.
    pub fn read_all(root: &Root) -> Result<Vec<Self>, RecordError> {
        let mut all = Self::read_every(root)?;
        all.retain(|record| !record.removed);
        Ok(all)
    }

    /// Reads the record of every service that was removed and left edited
    /// configuration.
    ///
    /// # Errors
    /// As for [`Record::read_all`].
    pub fn read_removed(root: &Root) -> Result<Vec<Self>, RecordError> {
        let mut all = Self::read_every(root)?;
        all.retain(|record| record.removed);
        Ok(all)
    }

    /// Both, for what installs and removes.
    pub(super) fn read_every(root: &Root) -> Result<Vec<Self>, RecordError> {
        let names = match root.list(FOLDER) {
            Err(error) if error.is_not_found() => return Ok(Vec::new()),
            names => names?,
        };
        names
            .iter()
            .map(Path::new)
            .filter(|name| is_of_a_service(name))
            .filter_map(|name| Self::read_at(root, &Path::new(FOLDER).join(name)).transpose())
            .collect()
    }

    fn read_at(root: &Root, path: &Path) -> Result<Option<Self>, RecordError> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        // A link in its place is none of ours, wherever it leads.
        let bytes = match root.kind(path)? {
            None => return Ok(None),
            Some(Kind::File) => root.read(path, LIMIT)?,
            Some(kind) => {
                let path = root.shown(path);
                return Err(RootError::NotAFile { path, kind }.into());
            }
        };
        let unreadable = |source| RecordError::Unreadable {
            path: root.shown(path),
            source,
        };
        let Format { format } = erased::from_json(&bytes).map_err(unreadable)?;
        if format > NEWEST {
            let path = root.shown(path);
            return Err(RecordError::Newer { path, format });
        }
        erased::from_json(&bytes).map(Some).map_err(unreadable)
    }
}

/// Whether a file is called `SERVICE.INIT.json`: the bridge's record has no init in
/// its name.
fn is_of_a_service(name: &Path) -> bool {
    let init = name.file_stem().map(Path::new).and_then(Path::extension);
    name.extension().is_some_and(|end| end == "json") && init.is_some()
}
