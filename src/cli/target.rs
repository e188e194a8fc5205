//! The arguments that say where a service is installed: which tree, which init.

use std::path::{Path, PathBuf};

use crate::backends::{Backend, Registry};
use crate::distro::Distro;
use crate::host::{Host, OsRelease};
use crate::root::Root;
use crate::service::Name;

use super::failure::Failure;
use super::init;

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

    /// Opens it.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn open(&self) -> Result<Root, Failure> {
        Ok(Root::open(&self.root)?)
    }

    /// Opens it as the host that it is of.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn host(&self) -> Result<Host, Failure> {
        Ok(Host::of(self.open()?))
    }
}

/// Which tree, which init.
#[derive(Debug, clap::Args)]
pub(super) struct Target {
    #[command(flatten)]
    tree: Tree,

    /// The init; by default the one that the service is installed for, else the one
    /// that the tree shows
    #[arg(long, default_value = init::AUTO, value_parser = [init::AUTO])]
    init: String,
}

impl Target {
    /// Opens the tree.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn open(&self) -> Result<Root, Failure> {
        self.tree.open()
    }

    /// Opens the tree as the host that it is of.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn host(&self) -> Result<Host, Failure> {
        self.tree.host()
    }

    /// The init that was asked for by its name.
    pub(super) fn named(&self, registry: &Registry) -> Option<&'static dyn Backend> {
        registry.find(&self.init)
    }

    /// The distribution of the tree, where its `os-release(5)` names one of ours.
    ///
    /// # Errors
    /// There is no such tree.
    pub(super) fn distro(&self) -> Result<Option<&'static Distro>, Failure> {
        Ok(OsRelease::of(&self.host()?).distro())
    }

    /// The init: as asked for, or the only one that something is installed for, or
    /// the one that the tree shows.
    ///
    /// # Errors
    /// There are several, or none; or a record cannot be used.
    pub(super) fn backend(&self, registry: &Registry) -> Result<&'static dyn Backend, Failure> {
        init::chosen(&self.init, None, &self.host()?, registry)
    }
}

/// The option that names a service where it is not the kubelet.
pub(super) fn name_option(service: &Name) -> String {
    match service.as_str() {
        "kubelet" => String::new(),
        name => format!(" --name {name}"),
    }
}
