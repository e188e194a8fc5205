//! The arguments that say where a service is installed: which tree, which init.

use std::path::{Path, PathBuf};

use crate::backends::{Backend, Registry};
use crate::manage::{self, AUTO, Site};

use super::failure::Failure;

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

    /// Opens it, for this command alone.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn site<'r>(&self, registry: &'r Registry) -> Result<Site<'r>, Failure> {
        Ok(Site::open(&self.root, registry)?)
    }
}

/// Which tree, which init.
#[derive(Debug, clap::Args)]
pub(super) struct Target {
    #[command(flatten)]
    tree: Tree,

    /// The init; by default the one that the service is installed for, else the one
    /// that the tree shows
    #[arg(long, default_value = AUTO, value_parser = [AUTO])]
    init: String,
}

impl Target {
    /// Opens the tree, for this command alone.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn site<'r>(&self, registry: &'r Registry) -> Result<Site<'r>, Failure> {
        self.tree.site(registry)
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
