//! Programs of inits that no package of this machine has: built elsewhere, and found in the root file system
//! that [`VARIABLE`] names. They are copied into the beds, and never onto the machine. A file `versions` there,
//! with lines as `s6-rc 0.5.3.3`, is what the table says of them.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::entries;
use crate::bed::File;

/// Names the root file system, with `usr/bin` and the other folders below it. s6-overlay is there as in an image,
/// with `init`, `command`, `package` and `etc/s6-overlay`.
const VARIABLE: &str = "KUBELET_UNIT_PEERS";

/// Where programs are there, and who runs them looks for them.
const FOLDERS: [&str; 4] = ["usr/bin", "usr/sbin", "usr/libexec", "usr/lib/s6-rc"];

fn root() -> Option<PathBuf> {
    let root = std::env::var_os(VARIABLE).filter(|root| !root.is_empty())?;
    Some(root.into())
}

/// The version of what is there.
pub(super) fn version(name: &str) -> Option<String> {
    let text = std::fs::read_to_string(root()?.join("versions")).ok()?;
    let mut lines = text.lines();
    lines.find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(' ')?.to_owned()))
}

/// Whether a program is there: one of those folders, or one with a path of its own.
pub(super) fn have(program: &str) -> bool {
    let Some(root) = root() else {
        return false;
    };
    match program.strip_prefix('/') {
        Some(path) => root.join(path).is_file(),
        None => FOLDERS
            .iter()
            .any(|folder| root.join(folder).join(program).is_file()),
    }
}

/// All that is there below these paths, for the same places of a bed.
pub(super) fn trees(paths: &[&str]) -> Vec<File> {
    let mut files = Vec::new();
    if let Some(root) = root() {
        for path in paths {
            add_tree(&root, Path::new(path), &mut files);
        }
    }
    files
}

fn add_tree(root: &Path, path: &Path, files: &mut Vec<File>) {
    let origin = root.join(path);
    let place = Path::new("/").join(path);
    let Ok(data) = std::fs::symlink_metadata(&origin) else {
        return;
    };
    let mode = data.permissions().mode() & 0o7777;
    if data.is_dir() {
        files.push(File::folder(place, mode));
        for entry in entries(&origin).unwrap_or_default() {
            add_tree(root, entry.strip_prefix(root).unwrap_or(&entry), files);
        }
    } else if let Ok(target) = std::fs::read_link(&origin) {
        files.push(File::link(place, target));
    } else if let Ok(bytes) = std::fs::read(&origin) {
        files.push(File::new(place, mode, bytes));
    }
}

/// All programs whose names begin so, for the same places of a bed; none where the machine has its own.
pub(super) fn files(begin: &str) -> Vec<File> {
    let Some(root) = root() else {
        return Vec::new();
    };
    let mut files = Vec::new();
    for folder in FOLDERS {
        for path in entries(&root.join(folder)).unwrap_or_default() {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if let (true, Ok(bytes)) = (name.starts_with(begin), std::fs::read(&path)) {
                let place = Path::new("/").join(folder).join(&*name);
                files.push(File::new(place, 0o755, bytes));
            }
        }
    }
    files
}
