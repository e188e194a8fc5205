//! Renderings as a tar archive that is the same, byte for byte, whenever it is made.

use std::collections::BTreeSet;
use std::io::{self, Write};

use tar::{Builder, EntryType, Header};

use super::{Renderings, StreamError};
use crate::rendering::File;

/// Writes a ustar archive: folders before what is in them, owner root, time 0.
///
/// # Errors
/// The stream cannot be written.
pub fn write(renderings: &Renderings, out: &mut impl Write) -> Result<(), StreamError> {
    let mut archive = TarWriter::new(out);
    let mut folders = BTreeSet::new();
    for (path, file) in renderings.files() {
        archive.add(&path, file, &mut folders)?;
    }
    for (path, target) in renderings.links() {
        archive.link(&path, target, &mut folders)?;
    }
    archive.finish()?;
    Ok(())
}

/// An archive of that kind, file by file.
pub(crate) struct TarWriter<W: Write>(Builder<W>);

impl<W: Write> TarWriter<W> {
    pub(crate) fn new(out: W) -> Self {
        Self(Builder::new(out))
    }

    /// Adds a file, and those folders above it that are not in `folders` yet.
    pub(crate) fn add(
        &mut self,
        path: &str,
        file: &File,
        folders: &mut BTreeSet<String>,
    ) -> io::Result<()> {
        self.folders(path, folders)?;
        let size = file.content.len() as u64;
        let mut header = header(EntryType::Regular, file.mode, size);
        self.0
            .append_data(&mut header, path, file.content.as_slice())
    }

    /// Adds a link that holds `target`.
    pub(crate) fn link(
        &mut self,
        path: &str,
        target: &str,
        folders: &mut BTreeSet<String>,
    ) -> io::Result<()> {
        self.folders(path, folders)?;
        let mut header = header(EntryType::Symlink, 0o777, 0);
        self.0.append_link(&mut header, path, target)
    }

    fn folders(&mut self, path: &str, folders: &mut BTreeSet<String>) -> io::Result<()> {
        for (at, _) in path.match_indices('/') {
            let folder = format!("{}/", &path[..at]);
            if !folders.contains(&folder) {
                let mut header = header(EntryType::Directory, 0o755, 0);
                self.0.append_data(&mut header, &folder, &[][..])?;
                folders.insert(folder);
            }
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> io::Result<()> {
        self.0.into_inner()?.flush()
    }
}

fn header(kind: EntryType, mode: u32, size: u64) -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header
}
