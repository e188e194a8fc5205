//! The machine or the tree that a command is about.

use std::cell::OnceCell;
use std::fmt;
use std::path::PathBuf;

use crate::backends::Registry;
use crate::detect::Table;
use crate::distro::Distro;
use crate::host::Host;
use crate::root::{Root, RootError};

/// A machine or a tree, opened once for a command, with the inits that there are. What
/// has to be looked for is looked for when it is first asked for, and once.
pub struct Site<'r> {
    host: Host,
    registry: &'r Registry,
    signs: OnceCell<Table>,
    distro: OnceCell<Option<&'static Distro>>,
}

impl<'r> Site<'r> {
    /// Opens the tree below a folder; `/` is the machine itself.
    ///
    /// # Errors
    /// There is no such folder, or it may not be entered.
    pub fn open(path: impl Into<PathBuf>, registry: &'r Registry) -> Result<Self, RootError> {
        Ok(Self::of(Host::of(Root::open(path)?), registry))
    }

    /// The site of a host.
    pub fn of(host: Host, registry: &'r Registry) -> Self {
        Self {
            host,
            registry,
            signs: OnceCell::new(),
            distro: OnceCell::new(),
        }
    }

    /// Its tree.
    pub fn root(&self) -> &Root {
        self.host.root()
    }

    /// The host.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Whether this is the machine itself, where programs can be run.
    pub fn is_machine(&self) -> bool {
        self.host.is_machine()
    }

    /// The inits that there are.
    pub fn registry(&self) -> &'r Registry {
        self.registry
    }

    /// What shows which init it has.
    pub fn signs(&self) -> &Table {
        self.signs.get_or_init(|| self.registry.signs(&self.host))
    }

    /// The distribution, where it is one that is known.
    pub fn distro(&self) -> Option<&'static Distro> {
        *self
            .distro
            .get_or_init(|| self.registry.distro_of(&self.host))
    }
}

impl fmt::Debug for Site<'_> {
    /// The tree's folder.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Site").field(&self.root().path()).finish()
    }
}
