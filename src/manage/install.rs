//! Installing a service, and letting it start with the machine.

use crate::backends::{Backend, Trouble};
use crate::control::{Command, Step};
use crate::distro::Overrides;
use crate::effective::{Goes, Rival, Standing};
use crate::install::{Action, InstallError, Link, Plan, Record, Taken, Wanted};
use crate::order::{Choices, Order, Placed};
use crate::root::Kind;
use crate::service::{AbsPath, Name, ValueError};
use crate::shipped::Reading;
use crate::sink::Rendering;
use crate::sorting;
use crate::takeover::{self, Dropped, Elsewhere, Lost, Migration, Ours};

use super::done::Done;
use super::error::ManageError;
use super::rivals;
use super::session::{Session, Wish};
use super::site::Site;
use super::spoken::standing;
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
        let record = Record::read(self.site.root(), &placed.service.name, self.backend.name())?;
        let record = record.as_ref();
        self.check_tree(&placed, &rendering, record)?;
        let mut found = self.entrances(&placed, record)?;
        let mut rivals = self.rivals(&placed, &rendering, record, &found)?;
        let (migration, lost) = self.look_at_others(&placed, &rendering, record, &rivals)?;
        if migration.is_some() {
            found.extend(relinked(&rivals, &placed)?);
            rivals.retain(|rival| !rival.counts());
        }
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
            true => placed.unmet(self.site.host()),
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
        record: Option<&Record>,
        found: &[Link],
    ) -> Result<Vec<Rival>, ManageError> {
        let moves = |rival: &Rival| {
            let mut found = found.iter();
            found.any(|link| link.path.as_str() == rival.place.path)
        };
        let is_there = record.is_some_and(|record| record.complete);
        let mut rivals = match is_there {
            true => rivals::rivals(self.site, placed)?,
            false => rivals::all(self.site, placed, &rendering.rendered)?,
        };
        rivals.retain(|rival| !moves(rival));
        let is_in_the_way = |rival: &Rival| !self.migrate || rival.is_by_hand();
        if is_there && !self.migrate || self.force || !rivals.iter().any(is_in_the_way) {
            return Ok(rivals);
        }
        rivals.retain(is_in_the_way);
        Err(ManageError::Rivals {
            rivals,
            root: self.site.root().path().to_owned(),
            init: self.backend.name(),
        })
    }

    /// What is taken over from another's service, and which settings would have no effect.
    ///
    /// # Errors
    /// They would have had one until now; or it cannot be told what is to be taken over.
    fn look_at_others(
        &self,
        placed: &Placed,
        rendering: &Rendering,
        record: Option<&Record>,
        rivals: &[Rival],
    ) -> Result<(Option<Migration>, Vec<Lost>), ManageError> {
        let (root, service) = (self.site.root(), &placed.service);
        let place = takeover::place(self.backend, placed.places.distro, &service.name);
        let shipped = self.backend.shipped().filter(|_| place.is_some());
        let place = place.unwrap_or_else(|| placed.places.service.clone());
        let mut foreign = false;
        if let Some(shipped) = shipped {
            let script = shipped.files(&place, &service.name)?.script;
            let rendered = &rendering.rendered;
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
        if self.backend.effective().is_none() {
            return Err(ManageError::NotRead {
                init: self.backend.title(),
            });
        }
        let (elsewhere, main) = self.elsewhere(placed, rendering, record, rivals)?;
        let migration = Migration::look(&others, &ours, elsewhere)
            .map_err(|error| ManageError::Migration(Box::new(error)))?;
        if let Some(migration) = &migration {
            lost.retain(|it| !it.is_arguments);
            let settings = others.shipped.map(|it| it.settings(others.reading));
            let is_setting = |path: &String| settings.iter().flatten().any(|it| it == path);
            let taken = migration.taken.files.iter().map(ToString::to_string);
            let mut files: Vec<_> = main.into_iter().chain(taken).collect();
            files.retain(|path| !is_setting(path));
            sorting::by(&mut files, Ord::cmp);
            files.dedup();
            let dropped = takeover::dropped(&Dropped {
                root,
                files: &files,
                line: &migration.line,
                rendered: &rendering.rendered,
                ours: &ours,
                name: service.name.as_str(),
                env_file: others.extra_args_file,
                told: &lost,
            });
            lost.extend(dropped);
        }
        Ok((migration, lost))
    }

    /// The service that its init has now, and its main file, where that is not one that the backend knows of
    /// distributions.
    ///
    /// # Errors
    /// The tree cannot be read.
    fn elsewhere(
        &self,
        placed: &Placed,
        rendering: &Rendering,
        record: Option<&Record>,
        rivals: &[Rival],
    ) -> Result<(Elsewhere, Option<String>), ManageError> {
        let standing = standing(self.site, placed, record)?;
        let definition = match &standing {
            Some(Standing::Runs(it)) if it.origin.is_others() => Some(it),
            _ => None,
        };
        let mut files = match definition {
            Some(_) => self.in_our_places(rendering, record)?,
            None => Vec::new(),
        };
        // A backend that knows such services has looked at the service's own place; what else is
        // there goes with it.
        let is_known = self.backend.shipped().is_some();
        let is_there = !files.is_empty() && !is_known || !rivals.is_empty();
        let mut links = Vec::new();
        for rival in rivals {
            let path = rival.place.path.parse()?;
            match &rival.goes {
                Goes::File(of_it) => {
                    for link in of_it {
                        links.push(link.display().to_string().parse()?);
                    }
                    if !files.contains(&path) {
                        files.push(path);
                    }
                }
                Goes::Unlink if !links.contains(&path) => links.push(path),
                _ => {}
            }
        }
        let line = definition.filter(|_| is_there);
        let main = line.map(|it| it.source.clone());
        let elsewhere = Elsewhere {
            is_there,
            files,
            links,
            line: line.map(|it| takeover::command_line(self.site.root(), it)),
        };
        Ok((elsewhere, main.filter(|path| path.starts_with('/'))))
    }

    /// The files of somebody else's that stand in the places of ours.
    ///
    /// # Errors
    /// The tree cannot be read.
    fn in_our_places(
        &self,
        rendering: &Rendering,
        record: Option<&Record>,
    ) -> Result<Vec<AbsPath>, ManageError> {
        let root = self.site.root();
        let mut found = Vec::new();
        for (path, file) in rendering.rendered.files() {
            let is_ours = record.is_some_and(|record| record.file(path).is_some());
            let status = root.target(path.as_str())?;
            let is_file = status.is_some_and(|it| it.kind == Kind::File);
            if !is_ours && is_file && file.line.is_none() && !file.config {
                let content = root.read(path.as_str(), LIMIT)?;
                found.extend((content != file.content).then(|| path.clone()));
            }
        }
        Ok(found)
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
    fn check_tree(
        &self,
        placed: &Placed,
        rendering: &Rendering,
        record: Option<&Record>,
    ) -> Result<(), ManageError> {
        let troubles = troubles(self.site, placed, &rendering.rendered, record);
        match troubles.is_empty() {
            true => Ok(()),
            false => Err(ManageError::Troubles {
                root: self.site.root().path().to_owned(),
                troubles,
            }),
        }
    }

    /// The links that lead to the service where it is kept now, if it is to be kept elsewhere.
    ///
    /// # Errors
    /// The tree or a record cannot be read.
    fn entrances(
        &self,
        placed: &Placed,
        record: Option<&Record>,
    ) -> Result<Vec<Link>, ManageError> {
        let Some(before) = record.filter(|_| self.backend.control().is_some()) else {
            return Ok(Vec::new());
        };
        let overrides = places(&before.choices);
        let wish = wish(self.backend.name(), &before.choices, &overrides);
        let session = Session::open(self.site, &placed.service.name, &wish, self.watcher)?;
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
            migrates: self.backend.effective().is_some() && !self.migrate,
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
            done.extend(steps.iter().map(|step| Done::enabled(root, step)));
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
        done.extend(others.iter().map(|step| Done::enabled(root, step)));
        session.take(&others)?;
        Ok(match session.in_tree(true) {
            commands if commands.is_empty() => Enabling::Done,
            commands => Enabling::Prepared(commands),
        })
    }
}

/// The links that lead to another's service and are to lead to ours.
fn relinked(rivals: &[Rival], placed: &Placed) -> Result<Vec<Link>, ValueError> {
    let links = rivals.iter().filter(|rival| rival.goes == Goes::Relink);
    let link = |rival: &Rival| {
        Ok(Link {
            path: rival.place.path.parse()?,
            target: placed.places.service.to_string(),
        })
    };
    links.map(link).collect()
}

/// The most that is read of a file in the place of ours.
const LIMIT: usize = 1024 * 1024;

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
