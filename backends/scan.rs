//! What runit and s6 have in common: a folder in which a supervisor looks for
//! service directories, and takes those that are linked there.

use std::path::{Path, PathBuf};

use crate::control::{ControlError, Enabled, Question, State, Step, Target};
use crate::host::Host;
use crate::root::Kind;
use crate::service::LogTo;
use crate::sorting;

use super::output;

/// A supervisor of a folder.
pub(super) struct Scan {
    /// What the init calls itself.
    pub(super) title: &'static str,
    /// The program that watches the folder.
    pub(super) program: &'static str,
    /// Its options that take a value of their own.
    pub(super) valued: &'static [&'static str],
    /// Where the folder is on systems that are known, for when the program is not seen.
    pub(super) usual: &'static [&'static str],
    /// The folder from which the machine's next boot takes its services, where it
    /// is another one.
    pub(super) at_boot: fn(&Host) -> Option<PathBuf>,
    /// Where the folders are that services of the next boots are in.
    pub(super) kept: &'static str,
    /// The service directory where it is installed.
    pub(super) installed: fn(&Target<'_>) -> PathBuf,
}

impl Scan {
    /// The folder that is watched now, and the one that will be after a boot. They
    /// are often the same.
    fn folders(&self, target: &Target<'_>) -> Result<Folders, ControlError> {
        if let Some(asked) = target.scan_folder {
            let folder = PathBuf::from(asked.as_str());
            return Ok(Folders {
                live: folder.clone(),
                boot: Some(folder),
            });
        }
        let host = target.host;
        let boot = (self.at_boot)(host);
        let usual = || {
            let there = |path: &&&str| host.kind(path) == Some(Kind::Folder);
            self.usual.iter().find(there).map(PathBuf::from)
        };
        let live = self
            .watched(host)
            .or_else(usual)
            .or_else(|| boot.clone())
            .ok_or(ControlError::NoScanFolder { init: self.title })?;
        Ok(Folders { live, boot })
    }

    /// What the program was called with, in the process nearest to PID 1.
    fn watched(&self, host: &Host) -> Option<PathBuf> {
        let process = host
            .processes()
            .iter()
            .filter(|process| process.is(self.program))
            .min_by_key(|process| (process.parent.unwrap_or(0), process.pid))?;
        let mut words = process.arguments.iter().skip(1);
        while let Some(word) = words.next() {
            if self.valued.contains(&word.as_str()) {
                words.next();
            } else if !word.starts_with('-') {
                return Some(process.path(word));
            }
        }
        process.folder.clone()
    }

    /// Where the service is of which the init has one: in the scan directory, where that is
    /// known, else where it is installed.
    pub(super) fn service(&self, target: &Target<'_>) -> Option<PathBuf> {
        let places = [
            self.place(target).ok(),
            self.boot_place(target).ok(),
            Some((self.installed)(target)),
        ];
        let mut places = places.into_iter().flatten();
        let place = places.find(|place| is_service(target.host, place))?;
        Some(target.host.follow(&place).unwrap_or(place))
    }

    /// The service's folder in the scan directory.
    ///
    /// # Errors
    /// The scan directory is not known.
    pub(super) fn place(&self, target: &Target<'_>) -> Result<PathBuf, ControlError> {
        Ok(self.folders(target)?.live.join(target.name.as_str()))
    }

    /// The same for a service that is to be driven.
    ///
    /// # Errors
    /// There is no such service, or it is not in the scan directory.
    pub(super) fn supervised(&self, target: &Target<'_>) -> Result<PathBuf, ControlError> {
        let place = self.place(target)?;
        if is_service(target.host, &place) {
            return Ok(place);
        }
        match is_service(target.host, &(self.installed)(target)) {
            true => Err(ControlError::NotSupervised {
                init: self.title,
                name: target.name.clone(),
                place,
            }),
            false => Err(self.unknown(target)),
        }
    }

    /// The same, where one that is disabled is none.
    ///
    /// # Errors
    /// There is no such service.
    pub(super) fn supervised_if_enabled(
        &self,
        target: &Target<'_>,
    ) -> Result<Option<PathBuf>, ControlError> {
        match self.supervised(target) {
            Ok(place) => Ok(Some(place)),
            Err(ControlError::NotSupervised { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What files alone say about the state; `None` for a service that somebody
    /// supervises and has to be asked about.
    ///
    /// # Errors
    /// The scan directory is not known.
    pub(super) fn state_by_files(
        &self,
        target: &Target<'_>,
    ) -> Result<Option<State>, ControlError> {
        Ok(match self.supervised(target) {
            Ok(_) => None,
            Err(ControlError::NotSupervised { .. }) => Some(State::Inactive),
            Err(ControlError::Unknown { .. }) => Some(State::Unknown),
            Err(error) => return Err(error),
        })
    }

    /// Whether the next boot starts it: it is linked there, and nothing says `down`.
    ///
    /// # Errors
    /// It is installed, and the scan directory is not known.
    pub(super) fn enabled(&self, target: &Target<'_>) -> Result<Question<Enabled>, ControlError> {
        let host = target.host;
        let installed = is_service(host, &(self.installed)(target));
        let place = match self.boot_place(target) {
            Err(ControlError::NoScanFolder { .. }) if !installed => {
                return Ok(Question::Known(Enabled::Unknown));
            }
            place => place?,
        };
        Ok(Question::Known(match is_service(host, &place) {
            true if host.exists(place.join("down")) => Enabled::No,
            true => Enabled::Yes,
            false if installed && self.is_linked(target, &place) => Enabled::Yes,
            false if installed => Enabled::No,
            false => Enabled::Unknown,
        }))
    }

    /// Whether the init starts it under another name than its own.
    fn is_linked(&self, target: &Target<'_>, place: &Path) -> bool {
        let host = target.host;
        let installed = (self.installed)(target);
        let own = host.follow(&installed);
        let folder = place.parent().unwrap_or(Path::new("/"));
        let mut names = host.list(folder).into_iter();
        let is_down = host.exists(installed.join("down"));
        !is_down && names.any(|name| own.is_some() && host.follow(folder.join(name)) == own)
    }

    fn boot_place(&self, target: &Target<'_>) -> Result<PathBuf, ControlError> {
        let folders = self.folders(target)?;
        Ok(folders
            .boot
            .unwrap_or(folders.live)
            .join(target.name.as_str()))
    }

    /// The links for a service that is to start with the machine, and on the machine
    /// itself what `take_up` adds: being in the folder means that it runs now. It gets
    /// the scan directory and the service's folder in it.
    ///
    /// # Errors
    /// There is no such service.
    pub(super) fn enable(
        &self,
        target: &Target<'_>,
        take_up: impl FnOnce(&Path, &Path) -> Vec<Step>,
    ) -> Result<Vec<Step>, ControlError> {
        let installed = (self.installed)(target);
        let folders = self.folders(target)?;
        let boot = self.boot_place(target)?;
        let live = folders.live.join(target.name.as_str());
        let mut steps = Vec::new();
        if !is_service(target.host, &boot) {
            if !is_service(target.host, &installed) {
                return Err(self.unknown(target));
            }
            steps.push(link(&boot, &installed));
        }
        let down = boot.join("down");
        if target.host.exists(&down) {
            steps.push(Step::Remove(down));
        }
        if target.host.is_machine() {
            if live != boot && !is_service(target.host, &live) && !Self::same(target, &folders) {
                steps.push(link(&live, &installed));
            }
            steps.extend(take_up(&folders.live, &live));
        }
        Ok(steps)
    }

    /// The links away. What is not a link was put there by somebody else, and gets a
    /// `down` file.
    ///
    /// # Errors
    /// There is no such service.
    pub(super) fn disable(&self, target: &Target<'_>) -> Result<Vec<Step>, ControlError> {
        let folders = self.folders(target)?;
        let boot = self.boot_place(target)?;
        let live = folders.live.join(target.name.as_str());
        if !is_service(target.host, &boot) && !is_service(target.host, &(self.installed)(target)) {
            return Err(self.unknown(target));
        }
        let mut places = vec![boot];
        if target.host.is_machine() && !places.contains(&live) {
            places.push(live);
        }
        Ok(places
            .into_iter()
            .filter_map(|place| match target.host.root().kind(&place) {
                Ok(Some(Kind::Link)) => Some(Step::Remove(place)),
                Ok(Some(Kind::Folder)) => Some(Step::Touch(place.join("down"))),
                _ => None,
            })
            .collect())
    }

    /// The service directory itself, which has the supervisor's files also when no
    /// link leads to it any more.
    ///
    /// # Errors
    /// There is no such service, or it is not in the scan directory.
    pub(super) fn directory(&self, target: &Target<'_>) -> Result<PathBuf, ControlError> {
        let place = self.supervised(target)?;
        Ok(target.host.follow(&place).unwrap_or(place))
    }

    /// The folder that is watched, for the command that has it read again.
    ///
    /// # Errors
    /// It is not known.
    pub(super) fn live_folder(&self, target: &Target<'_>) -> Result<PathBuf, ControlError> {
        Ok(self.folders(target)?.live)
    }

    /// Every folder that is, or may be, one in which services are looked for.
    pub(super) fn entrances(&self, target: &Target<'_>) -> Vec<PathBuf> {
        let (host, kept) = (target.host, self.kept);
        let known = self.folders(target).ok();
        let known = known.map(|folders| folders.boot.into_iter().chain([folders.live]));
        let levels = host.list(kept).into_iter();
        let levels = levels.map(|level| Path::new(kept).join(level));
        let all = known.into_iter().flatten().chain(levels);
        let mut all: Vec<_> = all.chain(self.usual.iter().map(PathBuf::from)).collect();
        let mut seen = Vec::new();
        all.retain(|folder| {
            let is_folder = host.kind(folder) == Some(Kind::Folder);
            is_folder && sorting::is_new(&mut seen, host.follow(folder))
        });
        all
    }

    fn same(target: &Target<'_>, folders: &Folders) -> bool {
        let end = |path: &Path| target.host.follow(path);
        folders
            .boot
            .as_ref()
            .is_some_and(|boot| end(boot) == end(&folders.live))
    }

    fn unknown(&self, target: &Target<'_>) -> ControlError {
        let mut looked = vec![(self.installed)(target).join("run")];
        looked.extend(self.place(target).map(|place| place.join("run")));
        target.unknown(self.title, &looked)
    }

    /// Where the service's logger may have its script: in the service directory, or,
    /// as s6-overlay has it, in one of its own.
    ///
    /// # Errors
    /// There is no such service.
    pub(super) fn log_folders(&self, target: &Target<'_>) -> Result<Vec<PathBuf>, ControlError> {
        let installed = (self.installed)(target);
        let place = self.place(target).ok();
        let services: Vec<PathBuf> = place.into_iter().chain([installed]).collect();
        if !services.iter().any(|place| is_service(target.host, place)) {
            return Err(self.unknown(target));
        }
        let beside = format!("{}-log", target.name);
        Ok(services
            .iter()
            .flat_map(|place| [place.join("log"), place.with_file_name(&beside)])
            .collect())
    }

    /// Where the output goes of a service that has no logger, or one that passes it on.
    pub(super) fn elsewhere(&self, target: &Target<'_>) -> Option<ControlError> {
        let scripts = self.log_folders(target).ok()?.into_iter();
        let mut scripts = scripts.map(|folder| folder.join("run"));
        let Some(script) = scripts.find(|path| target.host.exists(path)) else {
            let run = self.service(target)?.join("run");
            return Some(output::elsewhere(target, &run, LogTo::Inherit));
        };
        let is_passed_on = output::calls_logger(&target.host.text(&script)?);
        is_passed_on.then(|| output::elsewhere(target, &script, LogTo::Syslog))
    }
}

struct Folders {
    live: PathBuf,
    boot: Option<PathBuf>,
}

fn link(path: &Path, target: &Path) -> Step {
    Step::Link {
        path: path.into(),
        target: target.into(),
    }
}

pub(super) fn is_service(host: &Host, folder: &Path) -> bool {
    host.exists(folder.join("run"))
}
