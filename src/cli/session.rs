//! A service under the init of a host: what the commands that drive services share.

use crate::backends::{Backend, Registry};
use crate::control::perform::Performer;
use crate::control::{
    Change, Command, Control, ControlError, Enabled, LogRequest, State, Step, Target,
};
use crate::distro::{Distro, Overrides, Places};
use crate::host::{Host, OsRelease};
use crate::install::Record;
use crate::process::Processes;
use crate::root::Root;
use crate::service::{AbsPath, Name, Span};

use super::failure::Failure;
use super::init;
use super::wait::Waiting;

/// A service, and what drives it.
pub(super) struct Session<'a> {
    name: &'a Name,
    host: Host,
    backend: &'static dyn Backend,
    control: &'static dyn Control,
    places: Places,
    scan_folder: Option<&'a AbsPath>,
    patience: Span,
}

/// More than the kubelet's stop timeout of 90 s.
const PATIENCE: Span = Span::seconds(120);

impl<'a> Session<'a> {
    /// Finds the init and the places. Where no places are asked for, they are those
    /// that the service was installed in.
    ///
    /// # Errors
    /// The init cannot be told ([`init::chosen`]); its backend drives no services; or a
    /// record cannot be used.
    pub(super) fn open(
        name: &'a Name,
        host: Host,
        init: &str,
        distro: Option<&str>,
        overrides: &Overrides,
        registry: &Registry,
    ) -> Result<Self, Failure> {
        let backend = init::chosen(init, Some(name), &host, registry)?;
        let control = backend.control().ok_or_else(|| {
            Failure::usage(format!("`{}` has no way to drive services", backend.name()))
        })?;
        let record = match distro.is_none() && *overrides == Overrides::default() {
            true => Record::read(host.root(), name, backend.name())?,
            false => None,
        };
        let (distro, overrides) = match &record {
            Some(Record { choices, .. }) => (Some(choices.distro.as_str()), &choices.overrides),
            None => (distro, overrides),
        };
        let distro = distro
            .and_then(Distro::find)
            .or_else(|| OsRelease::of(&host).distro())
            .unwrap_or_else(|| backend.default_distro());
        let places = Places::new(distro, name, overrides).map_err(ControlError::from)?;
        Ok(Self {
            name,
            host,
            backend,
            control,
            places,
            scan_folder: None,
            patience: PATIENCE,
        })
    }

    /// The same with a scan directory that was asked for.
    pub(super) fn scanning(self, scan_folder: Option<&'a AbsPath>) -> Self {
        Self {
            scan_folder,
            ..self
        }
    }

    /// The same with another time that a stop may take.
    pub(super) fn patient(self, patience: Span) -> Self {
        Self { patience, ..self }
    }

    fn target(&self) -> Target<'_> {
        Target {
            name: self.name,
            places: &self.places,
            host: &self.host,
            scan_folder: self.scan_folder,
            patience: self.patience,
        }
    }

    /// The tree that this is about.
    pub(super) fn root(&self) -> &Root {
        self.host.root()
    }

    /// Whether this is about the machine itself.
    pub(super) fn is_here(&self) -> bool {
        self.host.is_machine()
    }

    /// The init's name.
    pub(super) fn init(&self) -> &'static str {
        self.backend.name()
    }

    /// What is peculiar to enabling under this init.
    pub(super) fn note(&self) -> Option<&'static str> {
        self.control.note()
    }

    /// What the distribution calls container runtimes.
    pub(super) fn runtimes(&self) -> &'static [&'static str] {
        self.places.distro.runtimes
    }

    /// The error for a service that is not there.
    pub(super) fn unknown(&self) -> ControlError {
        match self.control.change(&self.target(), Change::Start) {
            Err(error @ ControlError::Unknown { .. }) => error,
            _ => self.target().unknown(self.backend.title(), &[]),
        }
    }

    /// What the service does.
    ///
    /// # Errors
    /// The init cannot be asked.
    pub(super) fn state(&self) -> Result<State, Failure> {
        let question = self.control.state(&self.target())?;
        self.perform(|performer| performer.ask(question))
    }

    /// Whether it starts with the machine.
    ///
    /// # Errors
    /// As for [`Session::state`].
    pub(super) fn enabled(&self) -> Result<Enabled, Failure> {
        let question = self.control.enabled(&self.target())?;
        self.perform(|performer| performer.ask(question))
    }

    /// Whether its files are there, in a tree that does not run.
    ///
    /// # Errors
    /// As for [`Session::state`].
    pub(super) fn is_installed(&self) -> Result<bool, Failure> {
        match self.control.enabled(&self.target()) {
            // It is there; whether it would start is not asked.
            Err(ControlError::NoScanFolder { .. }) => Ok(true),
            question => {
                let question = question?;
                let enabled = self.perform(|performer| performer.ask(question))?;
                Ok(enabled != Enabled::Unknown)
            }
        }
    }

    /// How to change it.
    ///
    /// # Errors
    /// It cannot be changed.
    pub(super) fn steps(&self, change: Change) -> Result<Vec<Step>, Failure> {
        Ok(self.control.change(&self.target(), change)?)
    }

    /// How to let it start with the machine, or no longer.
    ///
    /// # Errors
    /// As for [`Session::steps`].
    pub(super) fn enabling_steps(&self, enabled: bool) -> Result<Vec<Step>, Failure> {
        Ok(self.control.set_enabled(&self.target(), enabled)?)
    }

    /// The command that shows what it printed.
    ///
    /// # Errors
    /// There is no log.
    pub(super) fn log(&self, request: LogRequest) -> Result<Command, Failure> {
        Ok(self.control.log(&self.target(), request)?)
    }

    /// Changes it.
    ///
    /// # Errors
    /// It cannot be changed.
    pub(super) fn change(&self, change: Change) -> Result<(), Failure> {
        self.take(&self.steps(change)?)
    }

    /// Lets it start with the machine, or no longer.
    ///
    /// # Errors
    /// It cannot be changed.
    pub(super) fn set_enabled(&self, enabled: bool) -> Result<(), Failure> {
        self.take(&self.enabling_steps(enabled)?)
    }

    /// Takes steps, and shows what is waited for.
    ///
    /// # Errors
    /// That of the first step that fails.
    pub(super) fn take(&self, steps: &[Step]) -> Result<(), Failure> {
        self.perform(|performer| performer.take(steps))
    }

    fn perform<T>(
        &self,
        work: impl FnOnce(&Performer<'_>) -> Result<T, ControlError>,
    ) -> Result<T, Failure> {
        let waiting = Waiting::new();
        let result = work(&Performer {
            target: self.target(),
            init: self.backend.title(),
            runner: &Processes,
            waiting: &|what, passed, within| waiting.on(what, passed, within),
        });
        waiting.end();
        Ok(result?)
    }
}
