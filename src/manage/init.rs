//! Which init is meant: by name, by what is installed or by what the host shows.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

use crate::backends::{Backend, Registry};
use crate::detect::{Listed, Undecided};
use crate::hint::{Call, Hint};
use crate::install::{Record, RecordError};
use crate::root::Root;
use crate::service::Name;
use crate::sorting;

use super::site::Site;

/// In the place of an init's name: find out.
pub const AUTO: &str = "auto";

/// Why it is not known which init is meant. All but the last are for whoever asked to
/// decide, by naming one.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum InitError {
    /// It is recorded for several.
    #[error("which init? {what} for {}", Listed(inits))]
    Several {
        /// What is recorded, as the beginning of a sentence.
        what: String,
        /// The inits.
        inits: Vec<&'static str>,
    },
    /// The host does not show it.
    #[error("which init? {why}")]
    Undecided {
        /// Why it shows none.
        why: Undecided,
        /// The folder of the tree, where that shows something.
        shown_in: Option<PathBuf>,
        /// What can be named.
        names: Vec<&'static str>,
    },
    /// This build does not look at hosts.
    #[error("which init? this kubelet-unit was built without `detect`")]
    NotBuilt {
        /// What can be named.
        names: Vec<&'static str>,
    },
    /// What is recorded is for inits that are not known.
    #[error("the init is not known")]
    Unknown {
        /// What can be named.
        names: Vec<&'static str>,
    },
    /// A record that cannot be used.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl InitError {
    /// What has to be named.
    pub fn hint(&self) -> Option<Hint> {
        let names = match self {
            Self::Several { inits: names, .. }
            | Self::Undecided { names, .. }
            | Self::NotBuilt { names }
            | Self::Unknown { names } => names,
            Self::Record(_) => return None,
        };
        let names = names.iter().copied();
        let add = Hint::text(format!("add {}", one_of(names)));
        Some(match self {
            Self::Undecided {
                shown_in: Some(root),
                ..
            } => add.and("; see ").and_call(Call::new("detect").root(root)),
            _ => add,
        })
    }
}

/// The init of that name; or the one that a service is installed for, or, without a
/// `service`, that anything is installed for; or the one that the host shows.
///
/// What was installed counts more than what shows: it says what was wanted, and a tree
/// can have the programs of several inits, or of none yet. Of several that it was
/// installed for, a machine runs one, and that shows.
///
/// # Errors
/// It is installed for several, and the host is not a machine or shows none of them; or for
/// none, and the host does not show one; or a record cannot be used.
pub fn chosen(
    name: &str,
    service: Option<&Name>,
    site: &Site<'_>,
) -> Result<&'static dyn Backend, InitError> {
    let registry = site.registry();
    if let Some(backend) = registry.find(name) {
        return Ok(backend);
    }
    let installed = Recorded::Installed(service);
    let inits = installed.inits(site.root(), registry)?;
    if inits.len() > 1
        && site.is_machine()
        && let Ok(shown) = registry.shown(site.signs())
        && inits.contains(shown.name())
    {
        return Ok(shown);
    }
    match only(installed, &inits, registry)? {
        Some(backend) => Ok(backend),
        None => detected(site, &[]),
    }
}

/// What the records in a tree tell of.
#[derive(Debug, Clone, Copy)]
pub enum Recorded<'a> {
    /// A service that is installed; without a name, whatever is.
    Installed(Option<&'a Name>),
    /// What is left of a service that was removed.
    Left(&'a Name),
}

impl Recorded<'_> {
    /// These records, each with its init; without those of an init that is not known.
    ///
    /// # Errors
    /// A record cannot be used.
    pub fn records(
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
        Ok(sorting::set(
            records.iter().map(|(backend, _)| backend.name()),
        ))
    }
}

impl fmt::Display for Recorded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Installed(None) => f.write_str("something is installed"),
            Self::Installed(Some(service)) => write!(f, "`{service}` is installed"),
            Self::Left(_) => f.write_str("edited configuration is left"),
        }
    }
}

/// The only init that something is recorded for, if there is one.
///
/// # Errors
/// There are several, or a record cannot be used.
pub fn recorded(
    what: Recorded<'_>,
    site: &Site<'_>,
) -> Result<Option<&'static dyn Backend>, InitError> {
    let registry = site.registry();
    only(what, &what.inits(site.root(), registry)?, registry)
}

fn only(
    what: Recorded<'_>,
    inits: &BTreeSet<&'static str>,
    registry: &Registry,
) -> Result<Option<&'static dyn Backend>, InitError> {
    match inits.len() {
        0 | 1 => Ok(inits.first().and_then(|init| registry.find(init))),
        _ => Err(InitError::several(what, inits)),
    }
}

impl InitError {
    /// That one of the inits has to be named.
    pub fn several(what: Recorded<'_>, inits: &BTreeSet<&'static str>) -> Self {
        Self::Several {
            what: what.to_string(),
            inits: inits.iter().copied().collect(),
        }
    }

    /// That the init has to be named, and which ones there are.
    pub(super) fn unknown(registry: &Registry) -> Self {
        Self::Unknown {
            names: registry.iter().map(Backend::name).collect(),
        }
    }
}

/// What has to be typed where one of these is to be named.
pub fn one_of<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    format!("`--init` with one of {}", names.join(", "))
}

/// The init that the host shows; `others` is what can be named besides the inits.
///
/// # Errors
/// The host shows none, or several alike.
pub fn detected(
    site: &Site<'_>,
    others: &[&'static str],
) -> Result<&'static dyn Backend, InitError> {
    let registry = site.registry();
    let names = || {
        let names = registry.iter().map(Backend::name);
        names.chain(others.iter().copied()).collect()
    };
    if !cfg!(feature = "host") {
        return Err(InitError::NotBuilt { names: names() });
    }
    let table = site.signs();
    let root = || site.root().path().to_path_buf();
    registry.shown(table).map_err(|why| InitError::Undecided {
        why,
        shown_in: (!table.signs.is_empty()).then(root),
        names: names(),
    })
}

#[cfg(test)]
mod tests;
