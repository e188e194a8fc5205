//! Carrying a plan out.

use super::error::InstallError;
use super::lines;
use super::plan::{Action, Plan, Step};
use super::record::{FOLDER, Record};
use super::wanted::Wanted;
use crate::root::{FOLDER_MODE, Kind, Root, Status};
use crate::sorting;

impl Plan {
    /// Installs: plans, and carries the plan out unless nothing changes.
    ///
    /// # Errors
    /// As for [`Plan::new`], and then nothing was written; or the system refuses
    /// to write, and running it again finishes.
    pub fn install(root: &Root, wanted: &Wanted<'_>, force: bool) -> Result<Self, InstallError> {
        // Without the lock this may see another run half done, files without their
        // record; then only what is seen under the lock counts.
        let folders = match Self::new(root, wanted, force) {
            Ok(first) if first.changes_nothing() => return Ok(first),
            Ok(first) => first.after.folders,
            Err(error) if root.kind(FOLDER)?.is_none() => return Err(error),
            Err(_) => Vec::new(),
        };
        root.make_folders(FOLDER)?;
        let _lock = root.lock(FOLDER)?;
        let mut plan = Self::new(root, wanted, force)?;
        plan.after.folders.extend(folders);
        sorting::by(&mut plan.after.folders, Ord::cmp);
        plan.after.folders.dedup();
        plan.carry_out(root)?;
        Ok(plan)
    }

    fn carry_out(&self, root: &Root) -> Result<(), InstallError> {
        let record = Record::path(&self.after.service, &self.after.init);
        root.remove_unfinished(&record)?;
        if self.steps().iter().any(Step::writes) {
            root.write_whole(&record, &self.under_way().to_bytes(), 0o644)?;
        }
        for step in self.steps() {
            // Of an earlier run that was killed.
            root.remove_unfinished(step.path.as_str())?;
            step.carry_out(root)?;
        }
        self.share_folders(root)?;
        root.write_whole(&record, &self.after.to_bytes(), 0o644)?;
        Ok(())
    }

    /// A run that was killed may have made a folder and not set its mode.
    fn share_folders(&self, root: &Root) -> Result<(), InstallError> {
        if self.before.as_ref().is_some_and(|record| record.complete) {
            return Ok(());
        }
        for folder in &self.after.folders {
            let status = root.status(folder.as_str())?;
            let is_folder = |status: &Status| status.kind == Kind::Folder;
            if status.is_some_and(|it| is_folder(&it) && it.mode != FOLDER_MODE) {
                root.set_mode(folder.as_str(), FOLDER_MODE)?;
            }
        }
        Ok(())
    }

    /// The record while files are being written: what may be on the disk from now
    /// on, which is of the old and of the new.
    fn under_way(&self) -> Record {
        let mut record = self.after.clone();
        record.complete = false;
        let Some(before) = &self.before else {
            return record;
        };
        for old in &before.files {
            match record.files.iter_mut().find(|file| file.path == old.path) {
                Some(new) if new.sha256 != old.sha256 => {
                    new.before = Some(old.sha256.clone());
                }
                Some(new) => new.before.clone_from(&old.before),
                None => record.files.push(old.clone()),
            }
        }
        record
    }
}

impl Step {
    fn carry_out(&self, root: &Root) -> Result<(), InstallError> {
        let path = self.path.as_str();
        if let (Action::Create | Action::Replace, Some(file)) = (self.action, &self.file)
            && let Some(mark) = &file.line
        {
            return lines::put(root, &self.path, file, mark);
        }
        if let (Action::Remove, Some(line)) = (self.action, &self.line) {
            return lines::take(root, &self.path, line);
        }
        match (self.action, &self.file, &self.target) {
            (
                Action::Create | Action::Replace | Action::Offer | Action::KeepBeside,
                Some(file),
                _,
            ) => {
                root.make_folders(self.path.parent())?;
                // The administrator may have made it private or somebody's; of a
                // program that root runs nobody else may be the owner.
                match file.config {
                    true => root.replace_whole(path, &file.content, file.mode)?,
                    false => root.write_whole(path, &file.content, file.mode)?,
                }
            }
            (Action::SetMode, Some(file), _) => root.set_mode(path, file.mode)?,
            (Action::Link, _, Some(target)) => {
                root.make_folders(self.path.parent())?;
                root.link_whole(path, target)?;
            }
            (Action::Remove, ..) => {
                root.remove(path)?;
            }
            _ => {}
        }
        Ok(())
    }
}
