//! Which services of a tree are checked: those that are installed, or the one
//! that was asked for.

use std::path::{Path, PathBuf};

use crate::backends::{Backend, Trouble};
use crate::check::Subject;
use crate::control::ControlError;
use crate::effective::{Changed, Origin, Rival, Standing};
use crate::host::Host;
use crate::install::Record;
use crate::kubelet::Version;
use crate::order::{Choices, Order, Placed};
use crate::root::RootError;
use crate::service::Service;
use crate::sink::Rendering;

use super::booted::starts_instead;
use super::error::ManageError;
use super::init::InitError;
use super::install::{places, wish};
use super::others::kubelets;
use super::rivals::rivals;
use super::session::Session;
use super::site::Site;
use super::spoken::{asked, standing};
use super::troubles::troubles;
use super::watcher::Silent;

/// A service, what is rendered for it, and what was recorded of it.
pub struct Checked {
    choices: Choices,
    service: Service,
    rendering: Rendering,
    record: Option<Record>,
    standing: Option<Standing>,
    changed: Vec<Changed>,
    rivals: Result<Vec<Rival>, PathBuf>,
    troubles: Vec<Trouble>,
}

impl Checked {
    /// Those that are installed; none where nothing is, and nothing is left either.
    ///
    /// # Errors
    /// Only what is left of a service that was removed is there; or a record or its spec
    /// cannot be used.
    pub fn installed(site: &Site<'_>) -> Result<Vec<Self>, ManageError> {
        let root = site.root();
        let records = Record::read_all(root)?;
        if records.is_empty() {
            let removed = Record::read_removed(root)?;
            return match removed.is_empty() {
                true => Ok(Vec::new()),
                false => Err(only_left(site, removed)),
            };
        }
        let mut all = Vec::new();
        for record in records {
            let Some(backend) = site.registry().find(&record.init) else {
                continue;
            };
            let placed = record.choices.order(site.registry())?.place(backend)?;
            let choices = record.choices.clone();
            let standing = standing(site, &placed, Some(&record))?;
            let instead = starts_instead(site, backend, &placed.service.name)?;
            let mut checked = Self::new(site, choices, placed, Some(record), standing)?;
            checked.troubles.extend(instead);
            all.push(checked);
        }
        match all.is_empty() {
            true => Err(InitError::unknown(site.registry()).into()),
            false => Ok(all),
        }
    }

    /// The one that was asked for. One that `is_described` by what was asked for is checked
    /// as that, else as what its init makes of the files that are there.
    ///
    /// # Errors
    /// What was chosen gives no files, or a record cannot be used.
    pub fn chosen(
        site: &Site<'_>,
        backend: &'static dyn Backend,
        order: &Order,
        is_described: bool,
    ) -> Result<Self, ManageError> {
        let placed = order.place(backend)?;
        let name = &placed.service.name;
        let record = Record::read(site.root(), name, backend.name())?;
        let standing = match is_described {
            true => None,
            false => standing(site, &placed, record.as_ref())?,
        };
        Self::new(site, order.choices(backend), placed, record, standing)
    }

    fn new(
        site: &Site<'_>,
        choices: Choices,
        placed: Placed,
        record: Option<Record>,
        standing: Option<Standing>,
    ) -> Result<Self, ManageError> {
        let rendering = placed.render()?;
        let mut troubles = troubles(site, &placed, &rendering.rendered, record.as_ref());
        let unmet = placed.unmet(site.host());
        let is_new = |trouble: &Trouble| !troubles.contains(trouble);
        let unmet: Vec<_> = unmet.into_iter().filter(is_new).collect();
        troubles.extend(unmet);
        let changed = match &record {
            Some(_) => changed(site, &placed, &rendering)?,
            None => Vec::new(),
        };
        // Where ours is not there, there is one definition, which is spoken of itself; another
        // service may run a kubelet in its stead.
        let own = placed.places.service.as_str();
        let rivals = match record.is_some() || site.root().target(own)?.is_some() {
            true => told(rivals(site, &placed))?,
            false => told(kubelets(site, &placed))?,
        };
        Ok(Self {
            choices,
            changed,
            rivals,
            troubles,
            standing,
            rendering,
            record,
            service: placed.service,
        })
    }

    /// The init that it is for.
    pub fn backend(&self) -> &'static dyn Backend {
        self.rendering.backend
    }

    /// Which service its init has, and where that comes from, if that is read.
    pub fn origin(&self, site: &Site<'_>) -> Option<Origin> {
        let standing = self.standing.as_ref()?;
        Some(standing.origin().shown(site.root()))
    }

    /// Whether it starts with the machine, where that can be told.
    ///
    /// # Errors
    /// This path may not be looked at.
    pub fn is_enabled(&self, site: &Site<'_>) -> Result<Option<bool>, PathBuf> {
        let init = self.rendering.backend.name();
        let places = places(&self.choices);
        let wish = wish(init, &self.choices, &places);
        let session = Session::open(site, &self.service.name, &wish, &Silent);
        match session.map(|session| session.enabled()) {
            Ok(Ok(enabled)) => Ok(enabled.of_service()),
            Ok(Err(ManageError::Control(ControlError::Denied { path, .. }))) => Err(path),
            _ => Ok(None),
        }
    }

    /// The version of the kubelet that it starts, where that can be told; of what starts it by
    /// something else, that of the one in `PATH`.
    pub fn kubelet(&self, host: &Host) -> Option<Version> {
        match &self.standing {
            Some(Standing::Runs(definition)) if definition.is_kubelet() => {
                host.kubelet_of(&definition.program)?.version
            }
            _ => host.kubelet()?.version,
        }
    }

    /// What a check gets to see.
    pub fn subject<'a>(
        &'a self,
        site: &'a Site<'_>,
        kubelet: Option<Version>,
        enabled: Result<Option<bool>, &'a Path>,
    ) -> Subject<'a> {
        Subject {
            root: site.root(),
            service: &self.service,
            rendering: &self.rendering,
            record: self.record.as_ref(),
            standing: self.standing.as_ref(),
            changed: &self.changed,
            rivals: self.rivals.as_deref().map_err(PathBuf::as_path),
            troubles: &self.troubles,
            kubelet,
            enabled,
        }
    }
}

/// What was found, or the path that may not be looked at to tell.
fn told(
    found: Result<Vec<Rival>, ManageError>,
) -> Result<Result<Vec<Rival>, PathBuf>, ManageError> {
    match found {
        Ok(found) => Ok(Ok(found)),
        Err(ManageError::Root(error)) if error.is_denied() => match error {
            RootError::Io { path, .. } => Ok(Err(path)),
            error => Err(error.into()),
        },
        Err(error) => Err(error),
    }
}

/// What others' files change of what is installed. Where they cannot be read, that is said of
/// what the init makes of the service.
fn changed(
    site: &Site<'_>,
    placed: &Placed,
    rendering: &Rendering,
) -> Result<Vec<Changed>, ManageError> {
    let Some(reader) = placed.backend.effective() else {
        return Ok(Vec::new());
    };
    Ok(reader.changed(&asked(site, placed), &rendering.rendered)?)
}

fn only_left(site: &Site<'_>, removed: Vec<Record>) -> ManageError {
    let left = removed.into_iter();
    ManageError::OnlyLeft {
        root: site.root().path().to_owned(),
        left: left.map(|record| (record.service, record.init)).collect(),
    }
}
