//! The arguments that say where a service is installed: which tree, which init.

use std::path::{Path, PathBuf};

use crate::backends::{Backend, Registry};
use crate::host::Host;
use crate::manage::{self, AUTO, Site};
use crate::root::Root;

use super::failure::Failure;
use super::message;

/// What the argument is called wherever a command has it.
pub(super) const INIT: &str = "init";

/// Which tree: that of this machine where no other is named.
#[derive(Debug, clap::Args)]
pub(super) struct Tree {
    /// The tree below this folder instead of this machine; nothing outside of it is
    /// touched, and nothing in it is run
    #[arg(
        long,
        value_name = "DIR",
        default_value = "/",
        hide_default_value = true
    )]
    root: PathBuf,
}

impl Tree {
    /// Its folder, as it was named.
    pub(super) fn path(&self) -> &Path {
        &self.root
    }

    /// Opens it to look at what is there, for this command alone.
    ///
    /// # Errors
    /// There is none, or it is not a root file system.
    pub(super) fn site<'r>(&self, registry: &'r Registry) -> Result<Site<'r>, Failure> {
        let site = Site::open(&self.root, registry)?;
        site.root().check_tree()?;
        Ok(site)
    }

    /// Opens it for a command that only looks, and reads each file once.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn look<'r>(&self, registry: &'r Registry) -> Result<Site<'r>, Failure> {
        let root = Root::open(&self.root)?.remembering();
        Ok(Site::of(Host::of(root), registry))
    }

    /// Opens it to put something there, or to take it away again. An empty folder is as good as
    /// a root file system: that is how packages and images are begun.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn place<'r>(&self, registry: &'r Registry) -> Result<Site<'r>, Failure> {
        Ok(Site::open(&self.root, registry)?)
    }
}

/// Which tree, which init.
#[derive(Debug, clap::Args)]
pub(super) struct Target {
    #[command(flatten)]
    tree: Tree,

    /// The init; by default the one that the service is installed for, otherwise the one
    /// that is detected in the tree
    #[arg(long, default_value = AUTO, value_parser = [AUTO])]
    init: String,
}

impl Target {
    /// Opens the tree to look at what is there, for this command alone, and warns where it
    /// boots another init than the one that was asked for.
    ///
    /// # Errors
    /// There is none, or it is not a root file system.
    pub(super) fn site<'r>(&self, registry: &'r Registry) -> Result<Site<'r>, Failure> {
        let site = self.tree.look(registry)?;
        site.root().check_tree()?;
        self.warn_of_named(&site);
        Ok(site)
    }

    /// Opens the tree to put something there, with the same warning.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn place<'r>(&self, registry: &'r Registry) -> Result<Site<'r>, Failure> {
        let site = self.tree.place(registry)?;
        self.warn_of_named(&site);
        Ok(site)
    }

    fn warn_of_named(&self, site: &Site<'_>) {
        if let Some(named) = self.named(site.registry()) {
            warn_of_another(site, named);
        }
    }

    /// The folder of the tree, as it was named.
    pub(super) fn folder(&self) -> &Path {
        self.tree.path()
    }

    /// What was typed for the init.
    pub(super) fn init(&self) -> &str {
        &self.init
    }

    /// The init that was asked for by its name.
    pub(super) fn named(&self, registry: &Registry) -> Option<&'static dyn Backend> {
        registry.find(&self.init)
    }

    /// The init: as asked for, or the only one that something is installed for, or
    /// the one that the tree shows.
    ///
    /// # Errors
    /// There are several, or none; or a record cannot be used.
    pub(super) fn backend(&self, site: &Site<'_>) -> Result<&'static dyn Backend, Failure> {
        Ok(manage::chosen(&self.init, None, site)?)
    }
}

/// Warns where a tree boots another init than the one that is meant. What a machine runs shows
/// when a service is driven; a tree tells nobody before it boots.
pub(super) fn warn_of_another(site: &Site<'_>, meant: &'static dyn Backend) {
    if site.is_machine() || !meant.boots() {
        return;
    }
    if let Some(boots) = site.signs().boots_instead_of(meant.name()) {
        message::warning(&format!(
            "`{}` boots {} and not {}: {}",
            site.root().path().display(),
            boots.init,
            meant.name(),
            boots.told()
        ));
    }
}
