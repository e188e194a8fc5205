//! Another's service that is taken over: its files are kept beside, and its arguments go into
//! the administrator's env file.

use super::disk::{LIMIT, OnDisk};
use super::error::{InstallError, Obstacle};
use super::plan::{Action, Planner};
use crate::rendering::File;
use crate::service::AbsPath;

impl Planner<'_> {
    /// Keeps what the files of another's service hold, and writes the administrator's env
    /// file, before anything of them goes: whoever is killed has lost nothing.
    pub(super) fn keep_beside(&mut self) -> Result<(), InstallError> {
        let wanted = self.wanted;
        let env_file = wanted.taken.env_file.as_ref();
        let written = env_file.map(|(path, _)| path);
        for path in wanted.taken.files.iter().chain(written) {
            let Some(status) = self.root.target(path.as_str())? else {
                continue;
            };
            let content = self.root.read(path.as_str(), LIMIT)?;
            let is_new = |(new, text): &&(AbsPath, Vec<u8>)| new == path && *text == content;
            let rendered = wanted.rendered.file(path.as_str());
            // An earlier run that was killed may have come as far as this.
            if env_file.as_ref().is_some_and(is_new)
                || rendered.is_some_and(|file| file.content == content)
            {
                continue;
            }
            let spare = self.root.spare(path.as_str(), &content)?;
            let action = match spare.there {
                true => Action::Same,
                false => Action::KeepBeside,
            };
            // Nobody is to take it for a program, such as a script of a service.
            let mode = status.mode & 0o666;
            let file = File {
                mode,
                ..File::data(content)
            };
            let path: AbsPath = spare.path.display().to_string().parse()?;
            self.step(&path, action, Some(&file));
        }
        let Some((path, text)) = env_file else {
            return Ok(());
        };
        let file = File::config(text.clone());
        let action = match OnDisk::at(self.root, path, true)? {
            OnDisk::Absent => Action::Create,
            OnDisk::File { content, .. } if content.is(text) => Action::Same,
            OnDisk::File { .. } => Action::Replace,
            OnDisk::Other(kind) => {
                self.refuse(path, Obstacle::Kind(kind));
                return Ok(());
            }
        };
        self.step(path, action, Some(&file));
        Ok(())
    }

    /// Removes files of another's service in whose places ours has none, and links to them.
    pub(super) fn take_away(&mut self) -> Result<(), InstallError> {
        let taken = &self.wanted.taken;
        for path in taken.links.iter().chain(&taken.files) {
            let is_ours = self.wanted.rendered.file(path.as_str()).is_some();
            if !is_ours && self.root.status(path.as_str())?.is_some() {
                self.step(path, Action::Remove, None);
            }
        }
        Ok(())
    }
}
