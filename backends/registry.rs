//! The inits and distributions that a program knows.

use std::fmt;

use super::{BUILTIN, Backend};
use crate::detect::{Table, Undecided};
use crate::distro::{Distro, Distros};
use crate::host::{Host, OsRelease, of_packages};

/// The backends to choose from, by default none, and the distributions that come with
/// them.
#[derive(Clone, Default)]
pub struct Registry {
    backends: Vec<&'static dyn Backend>,
    distros: Distros,
}

impl fmt::Debug for Registry {
    /// The names of the inits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.iter().map(Backend::name))
            .finish()
    }
}

impl Registry {
    /// Those of this crate; none in a build that has the command `exec` alone, which asks
    /// no init for anything.
    pub fn builtin() -> Self {
        let builtin = match cfg!(any(feature = "render", feature = "host")) {
            true => BUILTIN,
            false => &[],
        };
        let backends = builtin.iter();
        backends.fold(Self::default(), |all, backend| all.with(*backend))
    }

    /// The same with one more, which goes before one of the same name, and with the
    /// distributions that only it has.
    #[must_use]
    pub fn with(mut self, backend: &'static dyn Backend) -> Self {
        self.backends.retain(|there| there.name() != backend.name());
        self.backends.push(backend);
        backend
            .distros()
            .iter()
            .fold(self, |all, distro| all.with_distro(distro))
    }

    /// The same with one more distribution, in the place of one of the same name.
    #[must_use]
    pub fn with_distro(mut self, distro: &'static Distro) -> Self {
        self.distros.add(distro);
        self
    }

    /// All backends in order.
    pub fn iter(&self) -> impl Iterator<Item = &'static dyn Backend> {
        self.backends.iter().copied()
    }

    /// What shows on a host which of them it has.
    pub fn signs(&self, host: &Host) -> Table {
        Table::of(host, self.iter().map(|it| (it.name(), it.evidence())))
    }

    /// The one that a table shows.
    ///
    /// # Errors
    /// As for [`Table::verdict`].
    pub fn shown(&self, table: &Table) -> Result<&'static dyn Backend, Undecided> {
        self.find(table.verdict()?).ok_or(Undecided::Nothing)
    }

    /// The backend of that name.
    pub fn find(&self, name: &str) -> Option<&'static dyn Backend> {
        self.iter().find(|backend| backend.name() == name)
    }

    /// The names of all backends in order.
    pub fn names(&self) -> Vec<&'static str> {
        self.iter().map(Backend::name).collect()
    }

    /// All distributions.
    pub fn distros(&self) -> &Distros {
        &self.distros
    }

    /// The distribution of a host: one that an init brings and that shows, or the one that
    /// the host's `os-release(5)` names; or the one whose package database it has.
    pub fn distro_of(&self, host: &Host) -> Option<&'static Distro> {
        let shown = self.iter().find_map(|backend| backend.distro_of(host));
        shown
            .or_else(|| OsRelease::of(host).distro(&self.distros))
            .or_else(|| of_packages(host))
    }
}
