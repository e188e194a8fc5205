//! What an installation is going to do, file by file.

use std::path::Path;

use super::disk::{OnDisk, Verdict, judge, missing_folders};
use super::error::{Conflict, InstallError, Obstacle};
use super::lines;
use super::moved::{self, Identities};
use super::offer;
use super::others::Other;
use super::record::{FOLDER, Link, Record, RecordedFile, RecordedLine, checksum, standing};
use super::wanted::Wanted;
use crate::rendering::File;
use crate::root::Root;
use crate::service::AbsPath;
use crate::sorting;

/// What is done at one path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// A file is written where none was.
    Create,
    /// A file of ours, or one that is forced away, gets its new content.
    Replace,
    /// A file gets its mode.
    SetMode,
    /// An edited configuration file stays.
    Keep,
    /// A configuration file of somebody else's stays.
    KeepForeign,
    /// What another's file holds is kept beside it.
    KeepBeside,
    /// The new version of an edited configuration file is laid beside it.
    Offer,
    /// A link is made.
    Link,
    /// A file or link of an earlier version is removed.
    Remove,
    /// A file of an earlier version stays because it was edited.
    Leave,
    /// All is as it should be.
    Same,
}

/// One path and what is done there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The path in the tree.
    pub path: AbsPath,
    /// What is done.
    pub action: Action,
    pub(super) file: Option<File>,
    pub(super) target: Option<String>,
    /// The line that goes, where it is one of a file that is others' too.
    pub(super) line: Option<RecordedLine>,
}

/// All that an installation is going to do.
#[derive(Debug, Clone)]
pub struct Plan {
    steps: Vec<Step>,
    pub(super) before: Option<Record>,
    pub(super) after: Record,
}

impl Plan {
    /// Looks at the tree and decides about every file. Nothing is written.
    ///
    /// # Errors
    /// [`InstallError::Conflicts`] with all of them, unless `force` takes them
    /// away; a record that cannot be used; a tree that cannot be read.
    pub fn new(root: &Root, wanted: &Wanted<'_>, force: bool) -> Result<Self, InstallError> {
        let all = Record::read_every(root)?;
        let mine =
            |record: &&Record| record.service == *wanted.service && record.init == wanted.init;
        let before = all.iter().find(mine).cloned();
        let others = all.iter().filter(|record| !mine(record) && !record.removed);
        let others = others.map(|record| Other::new(record, wanted));
        let mut planner = Planner {
            root,
            wanted,
            force,
            others: others.collect(),
            records: &all,
            steps: Vec::new(),
            conflicts: Vec::new(),
            after: Record::new(wanted.service.clone(), wanted.init, wanted.choices.clone()),
        };
        planner.keep_beside()?;
        planner.files(before.as_ref())?;
        if let Some(before) = &before {
            let found = moved::links_in_the_way(root, before, wanted.rendered)?;
            planner.conflicts.extend(found);
        }
        planner.links(before.as_ref())?;
        planner.take_away()?;
        planner.leftovers(before.as_ref())?;
        planner.folders(before.as_ref())?;
        let Planner {
            steps,
            conflicts,
            mut after,
            ..
        } = planner;
        if !conflicts.is_empty() {
            return Err(InstallError::Conflicts { conflicts });
        }
        after.complete = true;
        Ok(Self {
            steps,
            before,
            after,
        })
    }

    /// What is done, path by path.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whether carrying it out would write anything at all.
    pub fn changes_nothing(&self) -> bool {
        self.before.as_ref() == Some(&self.after) && !self.steps.iter().any(Step::writes)
    }
}

impl Step {
    /// Whether it is about one line of a file that is others' too.
    pub fn is_line(&self) -> bool {
        let of_file = self.file.as_ref().and_then(|file| file.line.as_ref());
        of_file.is_some() || self.line.is_some()
    }

    /// Whether something is written or removed.
    pub fn writes(&self) -> bool {
        !matches!(
            self.action,
            Action::Keep | Action::KeepForeign | Action::Leave | Action::Same
        )
    }
}

pub(super) struct Planner<'a> {
    pub(super) root: &'a Root,
    pub(super) wanted: &'a Wanted<'a>,
    force: bool,
    /// The records of other services, or of this one under other inits.
    others: Vec<Other<'a>>,
    /// All records, those of what is left of removed services too.
    records: &'a [Record],
    steps: Vec<Step>,
    conflicts: Vec<Conflict>,
    after: Record,
}

impl Planner<'_> {
    pub(super) fn step(&mut self, path: &AbsPath, action: Action, file: Option<&File>) {
        self.steps.push(Step {
            path: path.clone(),
            action,
            file: file.cloned(),
            target: None,
            line: None,
        });
    }

    pub(super) fn refuse(&mut self, path: &AbsPath, why: Obstacle) {
        self.conflicts.push(Conflict {
            path: self.root.shown(path.as_str()),
            why,
        });
    }

    fn files(&mut self, before: Option<&Record>) -> Result<(), InstallError> {
        // What it had to offer went with a service that was removed.
        let settled = before.is_some_and(|record| record.complete && !record.removed);
        let wanted = self.wanted;
        for (path, file) in wanted.rendered.files() {
            let recorded = moved::recorded(self.root, before, path)?;
            // A file that two inits share belongs to both.
            let theirs = self
                .others
                .iter()
                .filter_map(|other| other.record.part(path, file.line.as_deref()));
            let known: Vec<_> = recorded.into_iter().chain(theirs).collect();
            let place = standing(self.root, path, file.aside.as_ref())?;
            let disk = OnDisk::of(self.root, place, file.config, file.line.as_deref())?;
            let other = self.others.iter().find(|other| other.refuses(path, file));
            let verdict = match other {
                Some(other) => Verdict::Refuse(other.obstacle()),
                None => judge(&disk, &known, settled, file),
            };
            self.file(path, place, file, recorded, verdict)?;
        }
        Ok(())
    }

    fn file(
        &mut self,
        path: &AbsPath,
        place: &AbsPath,
        file: &File,
        recorded: Option<&RecordedFile>,
        verdict: Verdict,
    ) -> Result<(), InstallError> {
        let mut entry = RecordedFile {
            path: path.clone(),
            mode: file.mode,
            sha256: checksum(&file.content),
            config: file.config,
            found: recorded.is_some_and(|recorded| recorded.found),
            foreign: false,
            before: None,
            aside: file.aside.clone(),
            beside: recorded.and_then(|recorded| recorded.beside.clone()),
            line: self.line(path, file, recorded)?,
        };
        let is_taken = self.wanted.taken.files.contains(place);
        let verdict = match verdict {
            // What it holds is kept beside it.
            Verdict::KeepAndOffer | Verdict::Keep if is_taken => Verdict::Replace,
            Verdict::Refuse(why) if is_taken && why.yields() => Verdict::Replace,
            verdict => verdict,
        };
        let offers = verdict == Verdict::KeepAndOffer;
        if matches!(verdict, Verdict::KeepAndOffer | Verdict::Keep) {
            entry.foreign = !self.is_known(path);
        }
        match verdict {
            Verdict::Create => {
                entry.found = false;
                self.step(place, Action::Create, Some(file));
            }
            Verdict::Replace => {
                entry.found = false;
                self.step(place, Action::Replace, Some(file));
            }
            Verdict::SetMode => self.step(place, Action::SetMode, Some(file)),
            Verdict::Same => self.step(place, Action::Same, None),
            Verdict::Found => {
                entry.found = true;
                self.step(place, Action::Same, None);
            }
            Verdict::Keep => self.step(place, kept(&entry), None),
            Verdict::KeepAndOffer => self.offer(&mut entry, file, recorded)?,
            Verdict::Refuse(why) if self.force && why.yields() => {
                self.step(place, Action::Replace, Some(file));
            }
            Verdict::Refuse(why) => self.refuse(place, why),
        }
        if let Some(beside) = &entry.beside
            && !offers
            && self.root.status(beside.as_str())?.is_none()
        {
            entry.beside = None;
        }
        self.after.files.push(entry);
        Ok(())
    }

    /// Whether a file was ours once, by whatever record.
    fn is_known(&self, path: &AbsPath) -> bool {
        let mut files = self.records.iter().filter_map(|record| record.file(path));
        files.any(|file| !file.found && !file.foreign)
    }

    /// What is recorded of a line: whoever wrote one first has made the file for all.
    fn line(
        &self,
        path: &AbsPath,
        file: &File,
        recorded: Option<&RecordedFile>,
    ) -> Result<Option<RecordedLine>, InstallError> {
        let Some(mark) = file.line.clone() else {
            return Ok(None);
        };
        let of_others = self.others.iter().flat_map(|other| &other.record.files);
        let known = of_others.filter(|file| file.path == *path).chain(recorded);
        let mut lines = known.filter_map(|file| file.line.as_ref());
        let made = lines.any(|line| line.made) || self.root.status(path.as_str())?.is_none();
        Ok(Some(RecordedLine { mark, made }))
    }

    fn offer(
        &mut self,
        entry: &mut RecordedFile,
        file: &File,
        recorded: Option<&RecordedFile>,
    ) -> Result<(), InstallError> {
        let pattern = self.wanted.new_config;
        self.step(&entry.path, kept(entry), None);
        match offer::place(self.root, pattern, &entry.path, &file.content, recorded)? {
            Err(conflict) if self.force && conflict.why.yields() => {}
            Err(conflict) => self.conflicts.push(conflict),
            Ok(offer) => {
                let action = if offer.there {
                    Action::Same
                } else {
                    Action::Offer
                };
                self.step(&offer.path, action, Some(file));
                entry.beside = Some(offer.path);
            }
        }
        Ok(())
    }

    fn links(&mut self, before: Option<&Record>) -> Result<(), InstallError> {
        let wanted = self.wanted;
        // Without `--enable` a service that was enabled stays so.
        let kept = before.map_or(&[][..], |record| &record.links);
        let mut links: Vec<&Link> = Vec::new();
        for link in wanted.links.iter().chain(&wanted.found).chain(kept) {
            if links.iter().all(|known| known.path != link.path) {
                links.push(link);
            }
        }
        for link in links {
            let target = match moved::target(link, before, wanted.rendered) {
                Ok(target) => target,
                Err(why) => {
                    self.refuse(&link.path, why);
                    continue;
                }
            };
            let is_found = wanted.found.contains(link);
            if is_found && moved::is_beside(self.root, &link.path, &target)? {
                let shown = self.root.shown(link.path.as_str());
                if self.conflicts.iter().all(|it| it.path != shown) {
                    let target = link.target.clone().into();
                    self.refuse(&link.path, Obstacle::Entrance { target });
                }
                continue;
            }
            let link = Link {
                target,
                ..link.clone()
            };
            let Some(action) = self.judge_link(&link, before)? else {
                continue;
            };
            match action {
                Ok(action) => self.steps.push(Step {
                    path: link.path.clone(),
                    action,
                    file: None,
                    target: Some(link.target.clone()),
                    line: None,
                }),
                Err(why) => self.refuse(&link.path, why),
            }
            self.after.links.push(link);
        }
        Ok(())
    }

    /// What is done about a link; `None` where the administrator has removed it, and
    /// nobody asks for it anew.
    fn judge_link(
        &self,
        link: &Link,
        before: Option<&Record>,
    ) -> Result<Option<Result<Action, Obstacle>>, InstallError> {
        let path = &link.path;
        let is_in = |links: &[Link]| links.iter().any(|it| it.path == *path);
        let there = self.root.read_link(path.as_str())?;
        let kind = self.root.kind(path.as_str())?;
        Ok(match (there, kind) {
            (Some(there), _) if there == Path::new(&link.target) => Some(Ok(Action::Same)),
            (Some(there), _)
                if is_in(&self.wanted.found)
                    || before.is_some_and(|before| moved::leads_to_ours(&there, before)) =>
            {
                Some(Ok(Action::Link))
            }
            (_, Some(_)) => Some(Err(Obstacle::Foreign)),
            (_, None) if !is_in(&self.wanted.links) => None,
            (_, None) => {
                self.root.check_folders(path.parent())?;
                Some(Ok(Action::Link))
            }
        })
    }

    /// What an earlier version wrote and this one does not.
    fn leftovers(&mut self, before: Option<&Record>) -> Result<(), InstallError> {
        let Some(before) = before else {
            return Ok(());
        };
        let rendered = self.wanted.rendered.files().map(|(path, _)| path);
        let kept = Identities::of(self.root, rendered)?;
        for file in &before.files {
            // A file of this version may have another name than before, and be the same.
            if self.after.file(&file.path).is_some() || kept.have(self.root, &file.path)? {
                continue;
            }
            let shared = self
                .others
                .iter()
                .any(|other| other.record.part(&file.path, file.mark()).is_some());
            if shared || file.found {
                continue;
            }
            let place = file.place(self.root)?;
            let action = match OnDisk::of(self.root, place, false, file.mark())? {
                OnDisk::Absent => continue,
                OnDisk::File { content, .. }
                    if content.checksum().is_some_and(|sum| file.wrote(&sum)) =>
                {
                    Action::Remove
                }
                OnDisk::File { .. } if file.config => {
                    self.carry(file)?;
                    Action::Leave
                }
                _ => Action::Leave,
            };
            self.step(place, action, None);
            if let (Some(line), Some(step)) = (&file.line, self.steps.last_mut())
                && !lines::is_all(self.root, place, line)?
            {
                step.line = Some(line.clone());
            }
        }
        sorting::by(&mut self.after.files, |a, b| a.path.cmp(&b.path));
        Ok(())
    }

    /// Keeps edited configuration in the record, so that it can be purged with the
    /// service, or is known where it is rendered again.
    fn carry(&mut self, file: &RecordedFile) -> Result<(), InstallError> {
        let mut entry = RecordedFile {
            before: None,
            ..file.clone()
        };
        if let Some(beside) = &file.beside
            && self.root.status(beside.as_str())?.is_none()
        {
            entry.beside = None;
        }
        self.after.files.push(entry);
        Ok(())
    }

    fn folders(&mut self, before: Option<&Record>) -> Result<(), InstallError> {
        let record: AbsPath = FOLDER.parse()?;
        let record = record.join("record")?;
        let written = self
            .steps
            .iter()
            .filter(|step| step.writes())
            .map(|step| &step.path)
            .chain([&record]);
        let mut folders = missing_folders(self.root, written)?;
        if let Some(before) = before {
            folders.extend(before.folders.iter().cloned());
        }
        sorting::by(&mut folders, Ord::cmp);
        folders.dedup();
        self.after.folders = folders;
        Ok(())
    }
}

/// What is said of a configuration file that stays.
fn kept(entry: &RecordedFile) -> Action {
    match entry.foreign {
        true => Action::KeepForeign,
        false => Action::Keep,
    }
}
