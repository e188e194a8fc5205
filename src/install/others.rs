//! Other services in a tree, or the same one under another init: what they share with
//! the one that is installed or removed.

use super::disk::OnDisk;
use super::error::{InstallError, Obstacle};
use super::record::{Record, checksum, is_around_record};
use super::wanted::Wanted;
use crate::rendering::{File, Rendered};
use crate::root::Root;
use crate::service::AbsPath;
use crate::sorting;

/// Another service in the tree, or this one under another init.
pub(super) struct Other<'a> {
    pub(super) record: &'a Record,
    /// What this version renders for it, where that may share a file with what is wanted.
    rendered: Option<Rendered>,
}

impl<'a> Other<'a> {
    pub(super) fn new(record: &'a Record, wanted: &Wanted<'_>) -> Self {
        let shares = |(path, _): (&AbsPath, &File)| record.file(path).is_some();
        let backend = wanted.registry.find(&record.init);
        let backend = backend.filter(|_| wanted.rendered.files().any(shares));
        let rendered = backend.and_then(|backend| {
            let order = record.choices.order(wanted.registry).ok()?;
            order.place(backend).ok()?.rendered().ok()
        });
        Self { record, rendered }
    }

    /// Whether it needs a file with another content. What it was installed with may be
    /// of an earlier version; then what this one renders for it counts.
    pub(super) fn refuses(&self, path: &AbsPath, file: &File) -> bool {
        let Some(recorded) = self.record.part(path, file.line.as_deref()) else {
            return false;
        };
        match self
            .rendered
            .as_ref()
            .and_then(|all| all.file(path.as_str()))
        {
            Some(needed) => needed.content != file.content,
            None => recorded.sha256 != checksum(&file.content),
        }
    }

    pub(super) fn obstacle(&self) -> Obstacle {
        Obstacle::Shared {
            service: self.record.service.clone(),
            init: self.record.init.clone(),
            choices: Box::new(self.record.choices.clone()),
        }
    }
}

/// Gives another record what this one knows of that both need: the folders that were
/// made, `kept` for what they hold, and what was written last into the files. So who
/// is removed last leaves the tree as it was before the first.
pub(super) fn hand_over(
    root: &Root,
    from: &Record,
    mut to: Record,
    kept: &[AbsPath],
) -> Result<(), InstallError> {
    let before = to.clone();
    let needed = |folder: &&AbsPath| {
        is_around_record(folder) || kept.contains(folder) && to.needs(folder.as_str())
    };
    let folders: Vec<_> = from.folders.iter().filter(needed).cloned().collect();
    to.folders.extend(folders);
    sorting::by(&mut to.folders, Ord::cmp);
    to.folders.dedup();
    for file in &mut to.files {
        let Some(written) = from.part(&file.path, file.mark()) else {
            continue;
        };
        let place = file.place(root)?;
        if let OnDisk::File { content, .. } = OnDisk::of(root, place, file.config, file.mark())?
            && let Some(sum) = content.checksum()
            && written.wrote(&sum)
        {
            file.sha256 = sum;
        }
    }
    if to != before {
        let path = Record::path(&to.service, &to.init);
        root.write_whole(path, &to.to_bytes(), 0o644)?;
    }
    Ok(())
}
