//! What was read of a tree already, so that a command that asks several times reads once, and
//! all of its answers are about the same content.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::Root;

/// A file that is larger is read again: nobody asks twice for a program.
const LARGEST: usize = 1024 * 1024;

/// The files that were read, by their paths.
#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<BTreeMap<PathBuf, Vec<u8>>>);

impl Root {
    /// The same for who only looks: each file is read once. What is written meanwhile is not
    /// seen.
    #[must_use]
    pub fn remembering(self) -> Self {
        Self {
            memory: Some(Memory::default()),
            ..self
        }
    }

    /// What was read of a file.
    pub(crate) fn remembered(&self, path: impl AsRef<Path>) -> Option<Vec<u8>> {
        let files = self.memory.as_ref()?.0.lock();
        let files = files.unwrap_or_else(PoisonError::into_inner);
        files.get(&key(path.as_ref())).cloned()
    }

    /// Keeps what was read.
    pub(crate) fn remember(&self, path: impl AsRef<Path>, content: &[u8]) {
        if let Some(memory) = self.memory.as_ref().filter(|_| content.len() <= LARGEST) {
            let mut files = memory.0.lock().unwrap_or_else(PoisonError::into_inner);
            files.insert(key(path.as_ref()), content.to_vec());
        }
    }
}

/// A path of the tree, in one spelling.
fn key(path: &Path) -> PathBuf {
    Path::new("/").join(path)
}
