//! Installing a service, and letting it start with the machine.

use crate::backends::{Backend, Trouble};
use crate::control::{Command, Step};
use crate::distro::Overrides;
use crate::effective::Rival;
use crate::install::{Action, InstallError, Link, Plan, Record, Taken, Wanted};
use crate::order::{Choices, Order, Placed};
use crate::service::{Name, ValueError};
use crate::shipped::Reading;
use crate::sink::Rendering;
use crate::takeover::{self, Lost, Migration, Ours};

use super::done::Done;
use super::error::ManageError;
use super::rivals;
use super::session::{Session, Wish};
use super::site::Site;
use super::troubles::troubles;
use super::watcher::Watcher;

/// What is to be installed, and how.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is asked for on its own"
)]
pub struct Installing<'a> {
    /// Where.
    pub site: &'a Site<'a>,
    /// For which init.
    pub backend: &'static dyn Backend,
    /// What is asked for.
    pub order: Order,
    /// Whether it is to start with the machine.
    pub enable: bool,
    /// Whether files that are not ours are overwritten.
    pub force: bool,
    /// Whether what another's service there passes is taken over.
    pub migrate: bool,
    /// Whether nothing is to be done, and only told.
    pub dry_run: bool,
    /// Who is told about waits.
    pub watcher: &'a dyn Watcher,
}

/// What it came to.
pub struct Installed {
    /// The service.
    pub service: Name,
    /// What was rendered.
    pub rendering: Rendering,
    /// Path by path what was done, or would be.
    pub steps: Vec<Done>,
    /// Whether anything was changed, or would be.
    pub changed: bool,
    /// What was taken over from another's service.
    pub migration: Option<Migration>,
    /// Settings that have no effect on the service, and had none before.
    pub lost: Vec<Lost>,
    /// Other definitions of the service, which are left as they are.
    pub rivals: Vec<Rival>,
    /// What keeps its init from starting it, so that it is enabled in vain.
    pub unmet: Vec<Trouble>,
    /// Whether it starts with the machine. Where it cannot be enabled, it is installed
    /// all the same.
    pub enabling: Result<Enabling, ManageError>,
}

/// What became of letting a service start with the machine.
pub enum Enabling {
    /// It was not asked for.
    NotAsked,
    /// It does so already.
    Already,
    /// It does now.
    Done,
    /// The files say so, and it does once these have run in the tree, whose init boots from
    /// something compiled.
    Prepared(Vec<Command>),
    /// What would be done, as somebody outside of the tree would type it.
    Would(Vec<Step>),
    /// How it is done is known once its files are there.
    KnownLater,
}

impl Installing<'_> {
    /// Installs it, or tells what that comes to.
    ///
    /// # Errors
    /// What was chosen gives no files, something is in the way, or the tree refuses. Then
    /// nothing was changed.
    pub fn run(self) -> Result<Installed, ManageError> {
        let placed = self.order.place(self.backend)?;
        let rendering = placed.render()?;
        self.check_tree(&placed, &rendering)?;
        let found = self.entrances(&placed)?;
        let rivals = self.rivals(&placed, &rendering, &found)?;
        let (migration, lost) = self.look_at_others(&placed, &rendering)?;
        let taken = migration.as_ref().map(|it| it.taken.clone());
        let mut wanted = Wanted {
            service: &self.order.spec.name,
            init: self.backend.name(),
            choices: self.order.choices(self.backend),
            rendered: &rendering.rendered,
            links: Vec::new(),
            found,
            taken: taken.unwrap_or_default(),
            new_config: rendering.distro.new_config,
            registry: self.site.registry(),
        };
        let root = self.site.root();
        let plan = match self.dry_run {
            true => Plan::new(root, &wanted, self.force),
            false => Plan::install(root, &wanted, self.force),
        };
        let plan = plan.map_err(|error| self.failed(error))?;
        let steps = plan.steps().iter();
        let mut steps: Vec<_> = steps.map(|step| Done::placed(root, step)).collect();
        let placed_steps = steps.len();
        let enabling = match self.enable {
            true => {
                wanted.taken = Taken::default();
                self.enable(&mut wanted, &mut steps)
            }
            false => Ok(Enabling::NotAsked),
        };
        let unmet = match self.enable {
            true => self.backend.unmet(self.site.host(), &placed.request()),
            false => Vec::new(),
        };
        let changed = !plan.changes_nothing()
            || match enabling {
                Ok(Enabling::Done) => true,
                Ok(Enabling::Prepared(_)) => steps.len() > placed_steps,
                _ => false,
            };
        Ok(Installed {
            service: rendering.service.clone(),
            rendering,
            steps,
            changed,
            migration,
            lost,
            rivals,
            unmet,
            enabling,
        })
    }

    /// Other definitions of the service, which its init takes in the place of ours or as well.
    /// Links to ours that move with it are none.
    ///
    /// # Errors
    /// There are some, and ours is not there yet: it would be in vain, or a second one.
    fn rivals(
        &self,
        placed: &Placed,
        rendering: &Rendering,
        found: &[Link],
    ) -> Result<Vec<Rival>, ManageError> {
        let moves = |rival: &Rival| {
            let mut found = found.iter();
            found.any(|link| link.path.as_str() == rival.place.path)
        };
        let record = Record::read(self.site.root(), &placed.service.name, self.backend.name())?;
        let is_there = record.is_some_and(|record| record.complete);
        let mut rivals = match is_there {
            true => rivals::rivals(self.site, placed)?,
            false => rivals::all(self.site, placed, &rendering.rendered)?,
        };
        rivals.retain(|rival| !moves(rival));
        match is_there || self.force || rivals.is_empty() {
            true => Ok(rivals),
            false => Err(ManageError::Rivals {
                rivals,
                root: self.site.root().path().to_owned(),
                init: self.backend.name(),
            }),
        }
    }

    /// What is taken over from another's service, and which settings would have no effect.
    ///
    /// # Errors
    /// They would have had one until now; or it cannot be told what is to be taken over.
    fn look_at_others(
        &self,
        placed: &Placed,
        rendering: &Rendering,
    ) -> Result<(Option<Migration>, Vec<Lost>), ManageError> {
        let (root, service) = (self.site.root(), &placed.service);
        let record = Record::read(root, &service.name, self.backend.name())?;
        let place = takeover::place(self.backend, placed.places.distro, &service.name);
        let shipped = self.backend.shipped().filter(|_| place.is_some());
        let place = place.unwrap_or_else(|| placed.places.service.clone());
        let mut foreign = false;
        if let Some(shipped) = shipped {
            let script = shipped.files(&place, &service.name)?.script;
            let (record, rendered) = (record.as_ref(), &rendering.rendered);
            foreign = takeover::foreign(root, &script, record, rendered)?.is_some();
        }
        let others = takeover::Site {
            root,
            shipped,
            foreign,
            reading: &Reading::new(root, &place, &service.name),
            extra_args_file: placed.places.extra_args_file.as_str(),
        };
        let ours = Ours::read(root, service);
        let mut lost = takeover::lost(&others, &ours);
        if !self.migrate {
            let is_new = record.is_none_or(|record| !record.complete);
            let is_of_another = lost.iter().any(|it| it.is_of_another);
            return match is_new && is_of_another {
                true => Err(self.lost(lost)),
                false => Ok((None, lost)),
            };
        }
        let Some(shipped) = shipped else {
            return Err(ManageError::NotRead {
                init: self.backend.title(),
            });
        };
        let migration = Migration::look(&others, &ours, shipped)
            .map_err(|error| ManageError::Migration(Box::new(error)))?;
        if migration.is_some() {
            lost.retain(|it| !it.is_arguments);
        }
        Ok((migration, lost))
    }

    fn lost(&self, lost: Vec<Lost>) -> ManageError {
        ManageError::Lost {
            lost,
            root: self.site.root().path().to_owned(),
            init: self.backend.name(),
        }
    }

    /// # Errors
    /// Something in the tree stands against the service.
    fn check_tree(&self, placed: &Placed, rendering: &Rendering) -> Result<(), ManageError> {
        let (root, init) = (self.site.root(), self.backend.name());
        let before = Record::read(root, &self.order.spec.name, init)?;
        let troubles = troubles(self.site, placed, &rendering.rendered, before.as_ref());
        match troubles.is_empty() {
            true => Ok(()),
            false => Err(ManageError::Troubles {
                root: root.path().to_owned(),
                troubles,
            }),
        }
    }

    /// The links that lead to the service where it is kept now, if it is to be kept elsewhere.
    ///
    /// # Errors
    /// The tree or a record cannot be read.
    fn entrances(&self, placed: &Placed) -> Result<Vec<Link>, ManageError> {
        let (root, init) = (self.site.root(), self.backend.name());
        let name = &self.order.spec.name;
        let Some(before) = Record::read(root, name, init)? else {
            return Ok(Vec::new());
        };
        if self.backend.control().is_none() {
            return Ok(Vec::new());
        }
        let overrides = places(&before.choices);
        let wish = wish(init, &before.choices, &overrides);
        let session = Session::open(self.site, name, &wish, self.watcher)?;
        match *session.place() == placed.places.service {
            true => Ok(Vec::new()),
            false => session.links(),
        }
    }

    fn failed(&self, error: InstallError) -> ManageError {
        ManageError::Install {
            error,
            root: self.site.root().path().to_owned(),
            init: self.backend.name(),
            migrates: self.backend.shipped().is_some() && !self.migrate,
        }
    }

    /// In a tree the links are part of the record, and go with the service.
    fn enable(
        &self,
        wanted: &mut Wanted<'_>,
        done: &mut Vec<Done>,
    ) -> Result<Enabling, ManageError> {
        let root = self.site.root();
        let choices = wanted.choices.clone();
        let places = places(&choices);
        let wish = wish(wanted.init, &choices, &places);
        let session = Session::open(self.site, wanted.service, &wish, self.watcher)?;
        if self.dry_run {
            return would_enable(&session);
        }
        if session.is_enabled() == Some(true) {
            return Ok(Enabling::Already);
        }
        let steps = session.enabling_steps(true)?;
        if session.is_here() {
            done.extend(steps.iter().map(Done::enabled));
            session.take(&steps)?;
            return Ok(Enabling::Done);
        }
        let (to_link, others) = links(steps)?;
        wanted.links = to_link;
        // Nothing is overwritten by a link, with `--force` neither.
        let plan = Plan::install(root, wanted, self.force).map_err(ManageError::Link)?;
        let steps = plan.steps().iter();
        let linked = steps.filter(|step| step.action == Action::Link);
        done.extend(linked.map(|step| Done::placed(root, step)));
        done.extend(others.iter().map(Done::enabled));
        session.take(&others)?;
        Ok(match session.in_tree(true) {
            commands if commands.is_empty() => Enabling::Done,
            commands => Enabling::Prepared(commands),
        })
    }
}

/// The places of an installation that matter to what drives its service.
pub(super) fn places(choices: &Choices) -> Overrides {
    Overrides {
        service_folder: choices.overrides.service_folder.clone(),
        layout: choices.overrides.layout.clone(),
        ..Overrides::default()
    }
}

/// How an installed service is found.
pub(super) fn wish<'a>(init: &'a str, choices: &'a Choices, overrides: &'a Overrides) -> Wish<'a> {
    Wish {
        init,
        distro: Some(&choices.distro),
        overrides,
    }
}

/// What enabling comes to, where the files are there that it is about.
///
/// # Errors
/// It will fail with the files there, too.
fn would_enable(session: &Session<'_>) -> Result<Enabling, ManageError> {
    let steps = match session.enabling_steps(true) {
        Ok(steps) => steps,
        Err(error) if error.is_unknown_service() => return Ok(Enabling::KnownLater),
        Err(error) => return Err(error),
    };
    if session.is_enabled() == Some(true) {
        return Ok(Enabling::Already);
    }
    let outside = steps.iter().map(|step| step.outside(session.root()));
    let commands = session.in_tree(true).into_iter().map(Step::Run);
    Ok(Enabling::Would(outside.chain(commands).collect()))
}

/// Steps apart: links, which a record can name, and all else.
fn links(steps: Vec<Step>) -> Result<(Vec<Link>, Vec<Step>), ValueError> {
    let mut links = Vec::new();
    let mut others = Vec::new();
    for step in steps {
        match step {
            Step::Link { path, target } => links.push(Link {
                path: path.display().to_string().parse()?,
                target: target.display().to_string(),
            }),
            other => others.push(other),
        }
    }
    Ok((links, others))
}
