//! Renderings as a tar archive that is the same, byte for byte, whenever it is made.

use std::collections::BTreeSet;
use std::io::Write;

use tar::{Builder, EntryType, Header};

use super::{Renderings, StreamError};

/// Writes a ustar archive: folders before what is in them, owner root, time 0.
///
/// # Errors
/// The stream cannot be written.
pub fn write(renderings: &Renderings, out: &mut impl Write) -> Result<(), StreamError> {
    let mut archive = Builder::new(&mut *out);
    let mut folders = BTreeSet::new();
    for (path, file) in renderings.files() {
        for (at, _) in path.match_indices('/') {
            let folder = format!("{}/", &path[..at]);
            if folders.insert(folder.clone()) {
                let mut header = header(EntryType::Directory, 0o755, 0);
                archive.append_data(&mut header, folder, &[][..])?;
            }
        }
        let size = file.content.len() as u64;
        let mut header = header(EntryType::Regular, file.mode, size);
        archive.append_data(&mut header, path, file.content.as_slice())?;
    }
    archive.finish()?;
    drop(archive);
    out.flush()?;
    Ok(())
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
