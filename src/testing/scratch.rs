//! A folder for one test, which goes away with it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The folder.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// Below the system's own folder for such.
    pub(crate) fn new() -> Self {
        Self::below(&std::env::temp_dir())
    }

    /// A folder in memory, where there is such a place: for what syncs often.
    pub(crate) fn in_memory() -> Self {
        let memory = Path::new("/dev/shm");
        match nix::unistd::access(memory, nix::unistd::AccessFlags::W_OK) {
            Ok(()) => Self::below(memory),
            Err(_) => Self::new(),
        }
    }

    pub(crate) fn below(folder: &Path) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("kubelet-unit-test-{}-{number}", std::process::id());
        let path = folder.join(name);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
