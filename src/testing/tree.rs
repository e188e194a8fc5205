//! What is below a folder.

use std::fs;
use std::path::{Path, PathBuf};

/// Every path below a folder, sorted, folders before what is in them. Links are not
/// followed.
pub(crate) fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.is_symlink() {
                folders.push(path.clone());
            }
            all.push(path);
        }
    }
    all.sort();
    all
}

/// The same without folders.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let is_folder = |path: &PathBuf| path.is_dir() && !path.is_symlink();
    let mut all = walk(folder);
    all.retain(|path| !is_folder(path));
    all
}
