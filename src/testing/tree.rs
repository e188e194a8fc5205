//! A tree of files, and what is in one.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Scratch;

/// A tree of files for one test, which goes away with it.
#[derive(Debug)]
pub(crate) struct Tree(Scratch);

impl Tree {
    pub(crate) fn new() -> Self {
        Self(Scratch::new())
    }

    /// One with files, each a path with its text. Behind `->` is where a link leads.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let tree = Self::new();
        for (path, text) in files {
            match text.strip_prefix("->") {
                Some(target) => tree.link(path, target),
                None => tree.write(path, text),
            }
        }
        tree
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// A place in it, by its absolute path or without the slash.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.path().join(path.trim_start_matches('/'))
    }

    /// The same with the folders that lead there.
    pub(crate) fn place(&self, path: &str) -> PathBuf {
        let place = self.at(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        place
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        fs::write(self.place(path), text).unwrap();
    }

    pub(crate) fn link(&self, path: &str, target: &str) {
        symlink(target, self.place(path)).unwrap();
    }

    pub(crate) fn mode(&self, path: &str, mode: u32) {
        fs::set_permissions(self.at(path), Permissions::from_mode(mode)).unwrap();
    }

    /// A program that does nothing.
    pub(crate) fn program(&self, path: &str) {
        self.write(path, "#!/bin/sh\n");
        self.mode(path, 0o755);
    }

    pub(crate) fn kubelet(&self) {
        self.program("usr/bin/kubelet");
    }

    /// What `kubeadm join` brings.
    pub(crate) fn join(&self) {
        self.write(
            "var/lib/kubelet/config.yaml",
            "kind: KubeletConfiguration\n",
        );
        self.write("etc/kubernetes/kubelet.conf", "");
    }

    /// A text in which the tree is called ROOT.
    pub(crate) fn shown(&self, text: &str) -> String {
        text.replace(self.path().to_str().unwrap(), "ROOT")
    }
}

/// Copies what is in a folder into another, with whose it is and its modes.
pub(crate) fn copy(from: &Path, into: &Path) {
    let mut command = Command::new("cp");
    let status = command.arg("-a").arg(from.join(".")).arg(into).status();
    assert!(status.unwrap().success(), "{}", from.display());
}

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

/// What is below a folder: each path from there, with its mode and what it holds. A folder,
/// a FIFO and what else is no file say so; of a link it is `-> ` and where it leads.
pub(crate) type Snapshot = BTreeMap<String, (u32, String)>;

pub(crate) fn snapshot(folder: &Path) -> Snapshot {
    let entry = |path: &PathBuf| {
        let status = path.symlink_metadata().unwrap();
        let kind = status.file_type();
        let holds = match () {
            () if kind.is_symlink() => format!("-> {}", fs::read_link(path).unwrap().display()),
            () if kind.is_dir() => "folder".into(),
            () if kind.is_file() => fs::read_to_string(path).unwrap(),
            () if kind.is_fifo() => "FIFO".into(),
            () => "other".into(),
        };
        let name = path.strip_prefix(folder).unwrap().display().to_string();
        (name, (status.mode() & 0o7777, holds))
    };
    walk(folder).iter().map(entry).collect()
}
