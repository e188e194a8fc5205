//! Reading the records of a tree.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

use super::record::{FOLDER, FORMAT, Record};
use crate::root::{Kind, Root, RootError};
use crate::service::Name;

/// The most that is read of a record, in bytes. One has about 2 KiB, and a spec
/// of 16 KiB at most.
const LIMIT: usize = 256 * 1024;

/// A record that cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// It is no record.
    #[error("`{}` is not a record of kubelet-unit: {source}", path.display())]
    Unreadable {
        /// The record.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A newer version has written it.
    #[error("`{}` has format {format}; this version reads {FORMAT}", path.display())]
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
    /// Reads the record of a service under an init, where there is one.
    ///
    /// # Errors
    /// It is no record, or the tree refuses.
    pub fn read(root: &Root, service: &Name, init: &str) -> Result<Option<Self>, RecordError> {
        Self::read_at(root, &Self::path(service, init))
    }

    /// Reads every record of a tree, in the order of their names.
    ///
    /// # Errors
    /// One of them is no record, or the tree refuses.
    pub fn read_all(root: &Root) -> Result<Vec<Self>, RecordError> {
        let names = match root.list(FOLDER) {
            Err(error) if error.is_not_found() => return Ok(Vec::new()),
            names => names?,
        };
        names
            .iter()
            .map(Path::new)
            .filter(|name| name.extension().is_some_and(|end| end == "json"))
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
        let Format { format } = serde_json::from_slice(&bytes).map_err(unreadable)?;
        if format > FORMAT {
            let path = root.shown(path);
            return Err(RecordError::Newer { path, format });
        }
        serde_json::from_slice(&bytes).map(Some).map_err(unreadable)
    }
}
