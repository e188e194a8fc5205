//! Removing a service.

use std::path::Path;

use crate::backends::Backend;
use crate::control::Step;
use crate::install::{Record, Uninstalled, uninstall};
use crate::service::Name;

use super::done::Done;
use super::error::ManageError;
use super::init::{Recorded, recorded};
use super::install::{places, wish};
use super::session::Session;
use super::site::Site;
use super::watcher::Watcher;

/// What is to be removed, and how.
pub struct Uninstalling<'a> {
    /// Where.
    pub site: &'a Site<'a>,
    /// The service.
    pub name: &'a Name,
    /// For which init it is installed.
    pub backend: &'static dyn Backend,
    /// Whether edited configuration goes as well.
    pub purge: bool,
    /// Whether nothing is to be done, and only told.
    pub dry_run: bool,
    /// Who is told about waits.
    pub watcher: &'a dyn Watcher,
}

/// What it came to.
pub struct Removed {
    /// Path by path what was done, or would be.
    pub steps: Vec<Done>,
    /// What would be run to disable it, or has to be run in a tree.
    pub would_disable: Vec<Step>,
    /// What became of its files.
    pub outcome: Uninstalled,
}

/// The only init that a service is installed for, or else that of which something is left.
///
/// # Errors
/// There are several, or none; or a record cannot be used.
pub fn installed_for(site: &Site<'_>, name: &Name) -> Result<&'static dyn Backend, ManageError> {
    if let Some(backend) = recorded(Recorded::Installed(Some(name)), site)? {
        return Ok(backend);
    }
    recorded(Recorded::Left(name), site)?.ok_or_else(|| ManageError::NotInstalled {
        service: name.clone(),
        root: site.root().path().to_owned(),
    })
}

impl Uninstalling<'_> {
    /// Removes it, or tells what that comes to.
    ///
    /// # Errors
    /// It is not installed, cannot be disabled, or the tree refuses.
    pub fn run(&self) -> Result<Removed, ManageError> {
        // What is wrong is told before the service is disabled.
        let planned = self.remove(true)?;
        let (mut steps, would_disable) = self.disable()?;
        let outcome = match self.dry_run {
            true => planned,
            false => self.remove(false)?,
        };
        let root = self.site.root();
        let removals = outcome.removals.iter();
        steps.extend(removals.map(|removal| Done::removed(root, removal)));
        Ok(Removed {
            steps,
            would_disable,
            outcome,
        })
    }

    fn remove(&self, dry_run: bool) -> Result<Uninstalled, ManageError> {
        let (root, init) = (self.site.root(), self.backend.name());
        let removed = uninstall(root, self.name, init, self.purge, dry_run);
        removed.map_err(|error| ManageError::Install {
            error,
            root: root.path().to_owned(),
            init,
            migrates: false,
        })
    }

    /// What starts with the machine has no service to start once this is done.
    /// Gives the links of a tree that go and are not in the record, which somebody made
    /// later; and what would be run.
    fn disable(&self) -> Result<(Vec<Done>, Vec<Step>), ManageError> {
        let (root, init) = (self.site.root(), self.backend.name());
        let nothing = (Vec::new(), Vec::new());
        let Some(record) = Record::read(root, self.name, init)? else {
            return Ok(nothing);
        };
        let places = places(&record.choices);
        let wish = wish(init, &record.choices, &places);
        let session = Session::open(self.site, self.name, &wish, self.watcher)?;
        let enabled = session.is_enabled();
        // In a tree whose init boots from something compiled nobody can tell, and files
        // may say it all the same.
        let may_be = enabled == Some(true) || enabled.is_none() && !session.is_here();
        let mut steps = match session.enabling_steps(false) {
            _ if !may_be => return Ok(nothing),
            Err(_) if enabled.is_none() => return Ok(nothing),
            steps => steps?,
        };
        let commands = session.in_tree(false).into_iter().map(Step::Run);
        let mut done = Vec::new();
        if !session.is_here() {
            // A file that would be moved aside goes as a whole, with the others.
            steps.retain(|step| is_other_link(step, &record));
            done.extend(steps.iter().filter_map(|step| Done::unlinked(root, step)));
        }
        if !self.dry_run {
            session.take(&steps)?;
            steps.clear();
        }
        match session.is_here() {
            true => Ok((done, steps)),
            false => Ok((done, commands.collect())),
        }
    }
}

/// Whether a step removes a link that a record does not name.
fn is_other_link(step: &Step, record: &Record) -> bool {
    match step {
        Step::Remove(path) => record
            .links
            .iter()
            .all(|link| Path::new(link.path.as_str()) != path),
        _ => false,
    }
}
