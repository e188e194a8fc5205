//! The files into their places in a tree: all places are looked at before anything is written, and each file
//! appears whole or not at all.
//!
//! As kubeadm does, a file that is there keeps its permission bits, owner and group, and `/var/lib/kubelet` is made for
//! root alone (`os.WriteFile` and `os.MkdirAll` in kubeadm's `kubelet` phase, 1.11 to 1.36).

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;
use thiserror::Error;

use super::request::File;
use crate::root::{Kind, Root, RootError};

/// The permission bits of a new file.
pub const FILE_MODE: u32 = 0o644;
/// The permission bits of a file that root alone may read, whatever it had before.
pub const PRIVATE_MODE: u32 = 0o600;
/// The permission bits of the kubelet's own folder, where it has to be made.
pub const FOLDER_MODE: u32 = 0o700;
/// The kubelet's own folder.
const KUBELET: &str = "/var/lib/kubelet";

/// The most that is read of a file that is compared, in bytes.
const LIMIT: usize = 1024 * 1024;

/// What happens to one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// There is none yet.
    Create,
    /// There is another one. A link of that name is replaced, and what it leads to stays.
    Replace,
    /// It is there already.
    Unchanged,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Action::Create => "create",
            Action::Replace => "replace",
            Action::Unchanged => "unchanged",
        })
    }
}

/// One file and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step<'f> {
    /// The file.
    pub file: &'f File,
    /// What happens to it.
    pub action: Action,
    /// What stands there now.
    pub before: Option<Vec<u8>>,
    /// The permission bits that it will have, as far as its owner and group can be given:
    /// who may not give the file away writes it with less.
    pub mode: u32,
}

impl Step<'_> {
    /// The same with the permission bits of another file, where it is written anew: what is
    /// kept of that one is for nobody else's eyes than it was.
    #[must_use]
    pub fn like(self, other: &Self) -> Self {
        match self.action {
            Action::Create => Self {
                mode: other.mode,
                ..self
            },
            _ => self,
        }
    }
}

/// What has to happen so that files are in their places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placing<'f> {
    /// One step for each file, in their order.
    pub steps: Vec<Step<'f>>,
}

/// Writing that stopped before its end.
#[derive(Debug, Error)]
#[error("{source}{}", done(written))]
pub struct PutError {
    /// The files that were written before, as the user knows them.
    pub written: Vec<PathBuf>,
    /// What went wrong with the next one.
    pub source: RootError,
}

fn done(written: &[PathBuf]) -> String {
    let names: Vec<_> = written
        .iter()
        .map(|path| format!("`{}`", path.display()))
        .collect();
    match names.is_empty() {
        true => "; nothing was written".to_owned(),
        false => format!("; written before: {}", names.join(", ")),
    }
}

impl<'f> Placing<'f> {
    /// Looks at the places, and changes nothing.
    ///
    /// # Errors
    /// Something that is not a file stands in a place, or no folder above it; or it cannot be read.
    pub fn look(root: &Root, files: &'f [File]) -> Result<Self, RootError> {
        let steps = files.iter().map(|file| Step::look(root, file));
        Ok(Self {
            steps: steps.collect::<Result<_, _>>()?,
        })
    }

    /// Whether all files are there already.
    pub fn changes_nothing(&self) -> bool {
        self.steps
            .iter()
            .all(|step| step.action == Action::Unchanged)
    }

    /// Writes what is not there yet. Of two runs at the same time one is refused.
    ///
    /// # Errors
    /// The system refuses. What was written before stays.
    pub fn carry_out(&self, root: &Root) -> Result<(), PutError> {
        let mut written = Vec::new();
        match self.write(root, &mut written) {
            Ok(()) => Ok(()),
            Err(source) => Err(PutError { written, source }),
        }
    }

    fn write(&self, root: &Root, written: &mut Vec<PathBuf>) -> Result<(), RootError> {
        let mut locks = Vec::new();
        let changed = |step: &&Step<'_>| step.action != Action::Unchanged;
        for step in self.steps.iter().filter(changed) {
            let path = Path::new(&*step.file.path);
            let folder = make_folder(root, path)?;
            if !locks.iter().any(|(locked, _)| *locked == folder) {
                locks.push((folder, root.lock(folder)?));
            }
            // Of an earlier run that was killed.
            root.remove_unfinished(path)?;
            let content = step.file.text.as_bytes();
            match step.file.private {
                true => root.write_whole(path, content, PRIVATE_MODE)?,
                false => root.replace_whole(path, content, step.mode)?,
            }
            written.push(root.shown(path));
        }
        Ok(())
    }
}

impl<'f> Step<'f> {
    fn look(root: &Root, file: &'f File) -> Result<Self, RootError> {
        let path = Path::new(&*file.path);
        let step = |action, before, mode| Self {
            file,
            action,
            before,
            mode: if file.private { PRIVATE_MODE } else { mode },
        };
        let Some(itself) = root.status(path)? else {
            root.check_folders(folder(path))?;
            return Ok(step(Action::Create, None, FILE_MODE));
        };
        let link = itself.kind == Kind::Link;
        let there = match link {
            true => root.target(path)?,
            false => Some(itself),
        };
        // A link that leads nowhere.
        let Some(there) = there else {
            return Ok(step(Action::Replace, None, FILE_MODE));
        };
        let before = root.read(path, LIMIT)?;
        let open = file.private && (link || there.mode != PRIVATE_MODE);
        match (before == file.text.as_bytes() && !open, link) {
            (true, _) => Ok(step(Action::Unchanged, Some(before), there.mode)),
            (false, true) => Ok(step(Action::Replace, Some(before), FILE_MODE)),
            (false, false) => Ok(step(Action::Replace, Some(before), there.mode)),
        }
    }
}

/// Makes the folder of a file; the kubelet's own for root alone.
fn make_folder<'p>(root: &Root, path: &'p Path) -> Result<&'p Path, RootError> {
    let folder = folder(path);
    let made = root.make_folders(folder)?;
    let own = folder == Path::new(KUBELET);
    if own && made.iter().any(|made| made == folder) {
        root.set_mode(folder, FOLDER_MODE)?;
    }
    Ok(folder)
}

fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("/"))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;
    use crate::testing::Scratch;

    const PATH: &str = "/var/lib/kubelet/config.yaml";

    fn file(text: &str) -> [File; 1] {
        [File::new(PATH, text)]
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn put(root: &Root, text: &str) -> Action {
        let files = file(text);
        let placing = Placing::look(root, &files).unwrap();
        placing.carry_out(root).unwrap();
        placing.steps[0].action
    }

    #[test]
    fn a_file_is_created_then_left_alone_then_replaced() {
        let scratch = Scratch::new();
        let root = Root::open(scratch.path()).unwrap();
        let at = scratch.path().join(&PATH[1..]);
        assert_eq!(put(&root, "a\n"), Action::Create);
        assert_eq!((mode(&at), mode(at.parent().unwrap())), (0o644, 0o700));
        assert_eq!(mode(&scratch.path().join("var/lib")), 0o755);
        assert_eq!(put(&root, "a\n"), Action::Unchanged);
        // The administrator made it private, and it stays so.
        fs::set_permissions(&at, fs::Permissions::from_mode(0o600)).unwrap();
        fs::set_permissions(at.parent().unwrap(), fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(put(&root, "b\n"), Action::Replace);
        assert_eq!(fs::read_to_string(&at).unwrap(), "b\n");
        assert_eq!((mode(&at), mode(at.parent().unwrap())), (0o600, 0o755));
        let names = fs::read_dir(at.parent().unwrap()).unwrap().count();
        assert_eq!(names, 1, "nothing unfinished is left");
    }

    #[test]
    fn a_private_file_is_for_its_owner_alone_whatever_was_there() {
        let scratch = Scratch::new();
        let root = Root::open(scratch.path()).unwrap();
        let path = "/etc/kubernetes/bootstrap-kubelet.conf";
        let at = scratch.path().join(&path[1..]);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::set_permissions(at.parent().unwrap(), fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(&at, "token: a\n").unwrap();
        fs::set_permissions(&at, fs::Permissions::from_mode(0o644)).unwrap();
        let files = [File::private(path, "token: a\n")];
        for action in [Action::Replace, Action::Unchanged] {
            let placing = Placing::look(&root, &files).unwrap();
            placing.carry_out(&root).unwrap();
            assert_eq!(
                (placing.steps[0].action, placing.steps[0].mode),
                (action, 0o600)
            );
            assert_eq!((mode(&at), mode(at.parent().unwrap())), (0o600, 0o755));
        }
    }

    #[test]
    fn a_link_is_replaced_and_its_target_stays() {
        let scratch = Scratch::new();
        let root = Root::open(scratch.path()).unwrap();
        let folder = scratch.path().join("var/lib/kubelet");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("other"), "old\n").unwrap();
        symlink("other", folder.join("config.yaml")).unwrap();
        assert_eq!(put(&root, "old\n"), Action::Unchanged);
        assert_eq!(put(&root, "new\n"), Action::Replace);
        assert_eq!(fs::read_to_string(folder.join("other")).unwrap(), "old\n");
        assert!(
            folder
                .join("config.yaml")
                .symlink_metadata()
                .unwrap()
                .is_file()
        );
    }

    #[test]
    fn what_is_no_file_is_refused_before_anything_is_written() {
        let scratch = Scratch::new();
        let root = Root::open(scratch.path()).unwrap();
        fs::create_dir_all(scratch.path().join("var/lib/kubelet/config.yaml")).unwrap();
        let files = [
            File::new("/var/lib/kubelet/kubeadm-flags.env", ""),
            file("x")[0].clone(),
        ];
        let error = Placing::look(&root, &files).unwrap_err();
        assert!(matches!(error, RootError::NotAFile { .. }), "{error}");
    }

    #[test]
    fn what_was_written_before_a_failure_is_named() {
        let scratch = Scratch::new();
        let root = Root::open(scratch.path()).unwrap();
        let files = [
            file("x")[0].clone(),
            File::new("/var/lib/kubelet/instance-config.yaml", ""),
        ];
        let placing = Placing::look(&root, &files).unwrap();
        fs::create_dir_all(
            scratch
                .path()
                .join("var/lib/kubelet/instance-config.yaml/full"),
        )
        .unwrap();
        let error = placing.carry_out(&root).unwrap_err();
        assert_eq!(
            error.written,
            [scratch.path().join("var/lib/kubelet/config.yaml")]
        );
        let told = error.to_string();
        let end = format!("; written before: `{}`", error.written[0].display());
        assert!(
            told.starts_with("cannot write") && told.ends_with(&end),
            "{told}"
        );
    }
}
