//! `--init`: which init is meant, by name, by what is installed or by what the host shows.

use std::collections::BTreeSet;
use std::fmt::{self, Display, Formatter};

use crate::backends::{Backend, Registry};
use crate::detect::{Listed, Table};
use crate::host::Host;
use crate::install::{Record, RecordError};
use crate::root::Root;
use crate::service::Name;

use super::failure::Failure;
use super::table;

/// What the argument is called wherever a command has it.
pub(super) const ID: &str = "init";

/// In the place of an init: find out.
pub(super) const AUTO: &str = "auto";

/// The init of that name; or the one that a service is installed for, or, without a
/// `service`, that anything is installed for; or the one that the host shows.
///
/// What was installed counts more than what shows: it says what was wanted, and a tree
/// can have the programs of several inits, or of none yet. Of several that it was
/// installed for, a machine runs one, and that shows.
///
/// # Errors
/// It is installed for several, and the host is no machine or shows none of them; or for
/// none, and the host does not show one; or a record cannot be used.
pub(super) fn chosen(
    name: &str,
    service: Option<&Name>,
    host: &Host,
    registry: &Registry,
) -> Result<&'static dyn Backend, Failure> {
    if let Some(backend) = registry.find(name) {
        return Ok(backend);
    }
    let installed = Recorded::Installed(service);
    let inits = installed.inits(host.root(), registry)?;
    if inits.len() > 1
        && host.is_machine()
        && let Ok(shown) = Table::of(host, registry).backend(registry)
        && inits.contains(shown.name())
    {
        return Ok(shown);
    }
    match only(installed, &inits, registry)? {
        Some(backend) => Ok(backend),
        None => detected(host, registry, &[]),
    }
}

/// What the records in a tree tell of.
#[derive(Clone, Copy)]
pub(super) enum Recorded<'a> {
    /// A service that is installed; without a name, whatever is.
    Installed(Option<&'a Name>),
    /// What is left of a service that was removed.
    Left(&'a Name),
}

impl Recorded<'_> {
    /// These records, each with its init; without those of an init that is not known.
    pub(super) fn records(
        self,
        root: &Root,
        registry: &Registry,
    ) -> Result<Vec<(&'static dyn Backend, Record)>, RecordError> {
        let (records, service) = match self {
            Self::Installed(service) => (Record::read_all(root)?, service),
            Self::Left(service) => (Record::read_removed(root)?, Some(service)),
        };
        Ok(records
            .into_iter()
            .filter(|record| service.is_none_or(|service| record.service == *service))
            .filter_map(|record| Some((registry.find(&record.init)?, record)))
            .collect())
    }

    fn inits(
        self,
        root: &Root,
        registry: &Registry,
    ) -> Result<BTreeSet<&'static str>, RecordError> {
        let records = self.records(root, registry)?;
        Ok(records.iter().map(|(backend, _)| backend.name()).collect())
    }
}

impl Display for Recorded<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Installed(None) => formatter.write_str("something is installed"),
            Self::Installed(Some(service)) => write!(formatter, "`{service}` is installed"),
            Self::Left(_) => formatter.write_str("edited configuration is left"),
        }
    }
}

/// The only init that something is recorded for, if there is one.
///
/// # Errors
/// There are several, or a record cannot be used.
pub(super) fn recorded(
    what: Recorded<'_>,
    root: &Root,
    registry: &Registry,
) -> Result<Option<&'static dyn Backend>, Failure> {
    only(what, &what.inits(root, registry)?, registry)
}

fn only(
    what: Recorded<'_>,
    inits: &BTreeSet<&'static str>,
    registry: &Registry,
) -> Result<Option<&'static dyn Backend>, Failure> {
    match inits.len() {
        0 | 1 => Ok(inits.first().and_then(|init| registry.find(init))),
        _ => Err(several(what, inits)),
    }
}

/// That one of the inits has to be named.
pub(super) fn several(what: Recorded<'_>, inits: &BTreeSet<&str>) -> Failure {
    let inits: Vec<_> = inits.iter().copied().collect();
    Failure::usage(format!("which init? {what} for {}", Listed(&inits)))
        .hint(format!("add {}", one_of(inits)))
}

/// That the init has to be named, and which ones there are.
pub(super) fn unknown(registry: &Registry) -> Failure {
    let names = registry.iter().map(Backend::name);
    Failure::usage("the init is not known").hint(format!("add {}", one_of(names)))
}

/// What has to be typed where one of these is to be named.
pub(super) fn one_of<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    format!("`--init` with one of {}", names.join(", "))
}

/// The init that the host shows; `others` is what `--init` takes besides the inits.
///
/// # Errors
/// The host shows none, or several alike. The message has the table and asks for `--init`.
pub(super) fn detected(
    host: &Host,
    registry: &Registry,
    others: &[&'static str],
) -> Result<&'static dyn Backend, Failure> {
    let asked = |failure: Failure| {
        let names = registry.iter().map(Backend::name);
        let names = names.chain(others.iter().copied());
        failure.hint(format!("add {}", one_of(names)))
    };
    if !cfg!(feature = "host") {
        let why = "which init? this kubelet-unit was built without `detect`";
        return Err(asked(Failure::usage(why)));
    }
    let table = Table::of(host, registry);
    table.backend(registry).map_err(|undecided| {
        let failure = Failure::usage(format!("which init? {undecided}"));
        asked(match table.signs.is_empty() {
            true => failure,
            false => failure.excerpt(table::of_signs(&table.signs).trim_end()),
        })
    })
}

#[cfg(test)]
mod tests;
