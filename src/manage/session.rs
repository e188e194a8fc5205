//! A service under the init of a host: what the commands that drive services share.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::backends::{Backend, Trouble};
use crate::control::perform::Performer;
use crate::control::{
    Change, Command, Control, ControlError, Enabled, LogRequest, State, Step, Target, main_process,
};
use crate::distro::{Overrides, Places};
use crate::effective::Standing;
use crate::install::{Link, Record};
use crate::order::{self, Order, Placed};
use crate::process::{Processes, quietly};
use crate::root::Root;
use crate::service::{AbsPath, Name, Service, Span};

use super::error::ManageError;
use super::init;
use super::site::Site;
use super::spoken::standing;
use super::status::Status;
use super::watcher::Watcher;

/// A service, and what drives it.
pub struct Session<'a> {
    name: &'a Name,
    site: &'a Site<'a>,
    backend: &'static dyn Backend,
    control: &'static dyn Control,
    places: Places,
    scan_folder: Option<&'a AbsPath>,
    patience: Span,
    watcher: &'a dyn Watcher,
}

/// How a service is to be found.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// The init's name, or [`AUTO`](super::AUTO).
    pub init: &'a str,
    /// The distribution whose places are meant, where it is named.
    pub distro: Option<&'a str>,
    /// Single places that are named.
    pub overrides: &'a Overrides,
}

/// More than the kubelet's stop timeout of 90 s.
const PATIENCE: Span = Span::seconds(120);

impl fmt::Debug for Session<'_> {
    /// The service and the init.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("name", self.name)
            .field("init", &self.backend.name())
            .finish_non_exhaustive()
    }
}

impl<'a> Session<'a> {
    /// Finds the init and the places. Where no places are asked for, they are those
    /// that the service was installed in.
    ///
    /// # Errors
    /// The init cannot be told ([`chosen`](super::chosen)); its backend drives no services;
    /// or a record cannot be used.
    pub fn open(
        site: &'a Site<'a>,
        name: &'a Name,
        wish: &Wish<'_>,
        watcher: &'a dyn Watcher,
    ) -> Result<Self, ManageError> {
        let backend = init::chosen(wish.init, Some(name), site)?;
        let control = backend.control().ok_or(ManageError::NoControl {
            init: backend.name(),
        })?;
        let record = match wish.distro.is_none() && *wish.overrides == Overrides::default() {
            true => Record::read(site.root(), name, backend.name())?,
            false => None,
        };
        let (distro, overrides) = match &record {
            Some(Record { choices, .. }) => (Some(choices.distro.as_str()), &choices.overrides),
            None => (wish.distro, wish.overrides),
        };
        let distro = distro
            .and_then(|name| site.registry().distros().find(name))
            .or_else(|| site.distro())
            .unwrap_or_else(|| backend.default_distro());
        let places = order::places(backend, distro, name, overrides)?;
        Ok(Self {
            name,
            site,
            backend,
            control,
            places,
            scan_folder: None,
            patience: PATIENCE,
            watcher,
        })
    }

    /// The same with a scan directory that was asked for.
    #[must_use]
    pub fn scanning(self, scan_folder: Option<&'a AbsPath>) -> Self {
        Self {
            scan_folder,
            ..self
        }
    }

    /// The same with another time that a stop may take.
    #[must_use]
    pub fn patient(self, patience: Span) -> Self {
        Self { patience, ..self }
    }

    fn target(&self) -> Target<'_> {
        Target {
            name: self.name,
            places: &self.places,
            host: self.site.host(),
            scan_folder: self.scan_folder,
            patience: self.patience,
        }
    }

    /// The tree that this is about.
    pub fn root(&self) -> &Root {
        self.site.root()
    }

    /// Whether this is about the machine itself.
    pub fn is_here(&self) -> bool {
        self.site.is_machine()
    }

    /// The service itself: as it was installed, or the kubelet as it comes.
    ///
    /// # Errors
    /// A record cannot be used.
    pub fn service(&self) -> Result<Service, ManageError> {
        let record = Record::read(self.root(), self.name, self.init())?;
        Ok(self.placed(record.as_ref())?.service)
    }

    fn placed(&self, record: Option<&Record>) -> Result<Placed, ManageError> {
        let registry = self.site.registry();
        let order = match record {
            Some(record) => record.choices.order(registry)?,
            None => Order {
                distro: Some(self.places.distro),
                ..Order::kubelet()
            },
        };
        Ok(order.place(self.backend)?)
    }

    /// What keeps its init from starting it, whoever wrote it, so that it is enabled in vain.
    ///
    /// # Errors
    /// A record cannot be used.
    pub fn unmet(&self) -> Result<Vec<Trouble>, ManageError> {
        let record = Record::read(self.root(), self.name, self.init())?;
        let mut placed = self.placed(record.as_ref())?;
        let host = self.site.host();
        if record.is_some() {
            return Ok(placed.unmet(host));
        }
        // What somebody else's needs is in its files.
        placed.service.name = self.name.clone();
        placed.service.needs.clear();
        placed.places = self.places.clone();
        Ok(self.backend.unmet(host, &placed.request()))
    }

    /// The init's name.
    pub fn init(&self) -> &'static str {
        self.backend.name()
    }

    /// Whether it starts with the machine; `None` where that cannot be told.
    pub fn is_enabled(&self) -> Option<bool> {
        self.enabled().ok()?.of_service()
    }

    /// What is peculiar to enabling under this init.
    pub fn note(&self) -> Option<&'static str> {
        self.control.note()
    }

    /// What the distribution calls container runtimes.
    pub fn runtimes(&self) -> &'static [&'static str] {
        self.places.distro.runtimes
    }

    /// What its init has of it, where its services are read.
    ///
    /// # Errors
    /// The tree or a record cannot be read.
    pub fn standing(&self) -> Result<Option<Standing>, ManageError> {
        let record = Record::read(self.site.root(), self.name, self.init())?;
        let mut placed = self.placed(record.as_ref())?;
        if record.is_none() {
            placed.service.name = self.name.clone();
            placed.places = self.places.clone();
        }
        standing(self.site, &placed, record.as_ref())
    }

    /// What its init keeps it in.
    pub fn place(&self) -> &AbsPath {
        &self.places.service
    }

    /// The links by which its init finds it, whoever made them, each with that place: a link
    /// may name it otherwise.
    ///
    /// # Errors
    /// The tree cannot be read.
    pub fn links(&self) -> Result<Vec<Link>, ManageError> {
        let root = self.root();
        let identity = |path: &Path| root.target(path).ok().flatten().map(|it| it.identity);
        let Some(place) = identity(Path::new(self.place().as_str())) else {
            return Ok(Vec::new());
        };
        let mut links = Vec::new();
        for folder in self.control.entrances(&self.target()) {
            let names = match root.list(&folder) {
                Err(error) if error.is_not_found() => continue,
                names => names?,
            };
            for path in names.iter().map(|name| folder.join(name)) {
                if root.read_link(&path)?.is_some() && identity(&path) == Some(place) {
                    links.push(Link {
                        path: path.display().to_string().parse()?,
                        target: self.place().to_string(),
                    });
                }
            }
        }
        Ok(links)
    }

    /// The error for a service that is not there.
    pub fn unknown(&self) -> ControlError {
        match self.control.change(&self.target(), Change::Start) {
            Err(error @ ControlError::Unknown { .. }) => error,
            _ => self.target().unknown(self.backend.title(), &[]),
        }
    }

    /// What the service does.
    ///
    /// # Errors
    /// The init cannot be asked.
    pub fn state(&self) -> Result<State, ManageError> {
        Ok(self.status()?.state)
    }

    /// What the service does, how it ended last where nobody had asked for that, and what
    /// the init says itself. During the restart delay a launcher runs, and no service.
    ///
    /// # Errors
    /// As for [`Session::state`].
    pub fn status(&self) -> Result<Status, ManageError> {
        let target = self.target();
        let question = self.control.state(&target)?;
        let (state, answer) = self.perform(|performer| performer.hear(question))?;
        let ended = if state == State::Unknown {
            None
        } else {
            let question = self.control.ended(&target)?;
            self.perform(|performer| performer.ask(question))?
        };
        let waits = ended.as_ref().is_some_and(|ended| ended.next.is_some());
        let state = match state {
            State::Active { .. } if waits => State::Activating,
            State::Active { pid } => State::Active {
                pid: main_process(target.host, target.name).or(pid),
            },
            state => state,
        };
        Ok(Status {
            state,
            ended,
            said: answer.map(|answer| one_blank(&self.control.says(&answer))),
        })
    }

    /// The last lines that it printed; none where nobody keeps them.
    pub fn last_lines(&self, lines: u32) -> Vec<String> {
        let request = LogRequest {
            lines,
            follow: false,
        };
        let answer = self.log(request).ok().and_then(|it| quietly(&it).ok());
        let text = answer.filter(|answer| answer.code == Some(0));
        let text = text.map(|answer| answer.stdout).unwrap_or_default();
        // What `tail` puts over each of several files, and journalctl over what it has.
        let of_tool = |line: &&str| line.starts_with("==> ") || line.starts_with("-- ");
        let printed = text
            .lines()
            .filter(|line| !line.is_empty() && !of_tool(line));
        let printed: Vec<String> = printed.map(str::to_owned).collect();
        let first = printed.len().saturating_sub(lines as usize);
        printed[first..].to_vec()
    }

    /// Whether it starts with the machine.
    ///
    /// # Errors
    /// As for [`Session::state`].
    pub fn enabled(&self) -> Result<Enabled, ManageError> {
        match self.asked()? {
            (Enabled::No | Enabled::Unknown, Some(path)) => Err(self.denied(path)),
            (enabled, _) => Ok(enabled),
        }
    }

    /// The same, and the path that could not be looked at for want of permission.
    fn asked(&self) -> Result<(Enabled, Option<PathBuf>), ManageError> {
        let host = self.site.host();
        host.take_denied();
        let question = self.control.enabled(&self.target());
        let question = question.map_err(|error| self.as_typed(error))?;
        let enabled = self.perform(|performer| performer.ask(question))?;
        Ok((enabled, host.take_denied()))
    }

    /// An error whose commands are those of somebody outside of the tree.
    fn as_typed(&self, error: ControlError) -> ControlError {
        match error {
            ControlError::Untold {
                question,
                why,
                commands,
            } => ControlError::Untold {
                question,
                why,
                commands: self.within(commands),
            },
            error => error,
        }
    }

    fn denied(&self, path: PathBuf) -> ManageError {
        let name = self.name.clone();
        ControlError::Denied { name, path }.into()
    }

    /// Whether its files are there, in a tree that does not run.
    ///
    /// # Errors
    /// As for [`Session::state`].
    pub fn is_installed(&self) -> Result<bool, ManageError> {
        match self.asked() {
            // It is there; whether it would start is not asked.
            Err(ManageError::Control(
                ControlError::NoScanFolder { .. } | ControlError::Untold { .. },
            )) => Ok(true),
            Ok((Enabled::Unknown, Some(path))) => Err(self.denied(path)),
            asked => Ok(asked?.0 != Enabled::Unknown),
        }
    }

    /// How to change it.
    ///
    /// # Errors
    /// It cannot be changed.
    pub fn steps(&self, change: Change) -> Result<Vec<Step>, ManageError> {
        Ok(self.control.change(&self.target(), change)?)
    }

    /// How to let it start with the machine, or no longer.
    ///
    /// # Errors
    /// As for [`Session::steps`].
    pub fn enabling_steps(&self, enabled: bool) -> Result<Vec<Step>, ManageError> {
        Ok(self.control.set_enabled(&self.target(), enabled)?)
    }

    /// What has to be run in a tree that does not run before [`Session::enabling_steps`]
    /// count, as somebody outside of it would type it.
    pub fn in_tree(&self, enabled: bool) -> Vec<Command> {
        match self.is_here() {
            true => Vec::new(),
            false => self.within(self.control.in_tree(&self.target(), enabled)),
        }
    }

    /// Commands as somebody outside of a tree that does not run would type them.
    fn within(&self, commands: Vec<Command>) -> Vec<Command> {
        if self.is_here() {
            return commands;
        }
        let root = self.root().path().display().to_string();
        let chroot = |command: Command| {
            let words = ["chroot".to_owned(), root.clone()];
            Command::new(words.into_iter().chain(command.argv))
        };
        commands.into_iter().map(chroot).collect()
    }

    /// The command that shows what it printed.
    ///
    /// # Errors
    /// There is no log.
    pub fn log(&self, request: LogRequest) -> Result<Command, ManageError> {
        Ok(self.control.log(&self.target(), request)?)
    }

    /// Changes it.
    ///
    /// # Errors
    /// It cannot be changed.
    pub fn change(&self, change: Change) -> Result<(), ManageError> {
        self.take(&self.steps(change)?)
    }

    /// Lets it start with the machine, or no longer.
    ///
    /// # Errors
    /// It cannot be changed.
    pub fn set_enabled(&self, enabled: bool) -> Result<(), ManageError> {
        self.take(&self.enabling_steps(enabled)?)
    }

    /// Takes steps, and shows what is waited for.
    ///
    /// # Errors
    /// That of the first step that fails.
    pub fn take(&self, steps: &[Step]) -> Result<(), ManageError> {
        self.perform(|performer| performer.take(steps))
    }

    fn perform<T>(
        &self,
        work: impl FnOnce(&Performer<'_>) -> Result<T, ControlError>,
    ) -> Result<T, ManageError> {
        let result = work(&Performer {
            target: self.target(),
            init: self.backend.title(),
            runner: &Processes,
            waiting: &|what, passed, within| self.watcher.waits(what, passed, within),
        });
        self.watcher.over();
        Ok(result?)
    }
}

/// A text without the blanks that make columns of it.
fn one_blank(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
