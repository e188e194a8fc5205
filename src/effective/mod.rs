//! What a service runs in the end, as its init reads the files: the command line before
//! variables are replaced, its variables and env files, each with its place, and what
//! cannot be told without running anything.
//!
//! An [`Effective`] reads one init's services, whoever wrote them. An [`Origin`] says which
//! service an answer is about and where that one comes from. Nothing is run.

mod changed;
mod definition;
pub(crate) mod of_host;
mod origin;
mod place;
mod rival;

pub use changed::{Change, Changed};
pub use definition::{
    CommandWord, Definition, Elsewhere, EnvFile, Inline, Remark, Superseded, Unknown, Unset,
    flags_within,
};
pub use origin::{DropIn, Origin, OriginKind};
pub use place::{At, Place};
pub use rival::{Goes, Rival};

use crate::distro::Places;
use crate::host::Host;
use crate::rendering::Rendered;
use crate::root::RootError;
use crate::service::Name;

/// A service that is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The machine or the tree.
    pub host: &'a Host,
    /// The service's name.
    pub name: &'a Name,
    /// Where the init keeps it: the places of the distribution, or those that were asked for.
    pub places: &'a Places,
    /// The name of the program that its scripts are followed to.
    pub program: &'a str,
}

/// A service that an init has beside another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// Its name.
    pub name: Name,
    /// The file that defines it or starts it, as a path of the tree, and the line in it.
    pub place: Place,
    /// Whether other services are in that file too, so that it cannot be disabled by itself.
    pub is_shared: bool,
}

impl Other {
    /// One with a file of its own.
    pub fn new(name: Name, place: Place) -> Self {
        Self {
            name,
            place,
            is_shared: false,
        }
    }
}

/// What there is of a service.
#[derive(Debug, Clone)]
pub enum Standing {
    /// The init starts it.
    Runs(Box<Definition>),
    /// It is there, and the init never starts it: it is masked, or cannot be loaded.
    Stopped {
        /// Which service.
        origin: Origin,
        /// Why, as a sentence without its period.
        why: String,
    },
    /// There is no such service.
    Absent(Origin),
}

impl Standing {
    /// Which service it is.
    pub fn origin(&self) -> &Origin {
        match self {
            Self::Runs(definition) => &definition.origin,
            Self::Stopped { origin, .. } | Self::Absent(origin) => origin,
        }
    }
}

impl Standing {
    /// Whether kubelet-unit installed it, or somebody else what it renders.
    pub fn is_installed(&self) -> bool {
        let kind = &self.origin().kind;
        matches!(
            kind,
            OriginKind::Installed
                | OriginKind::Rendered { .. }
                | OriginKind::Unit {
                    installed: true,
                    ..
                }
        )
    }
}

/// Reads what the services of an init come to.
pub trait Effective: Sync {
    /// What there is of a service.
    ///
    /// # Errors
    /// The tree cannot be read.
    fn read(&self, asked: &Asked<'_>) -> Result<Standing, RootError>;

    /// What files that are not among those of a rendering change of what they say, as far as
    /// an init takes a service together from several files.
    ///
    /// # Errors
    /// The tree cannot be read.
    fn changed(&self, _asked: &Asked<'_>, _rendered: &Rendered) -> Result<Vec<Changed>, RootError> {
        Ok(Vec::new())
    }

    /// The services beside that one whose files mention a program, as far as the init looks at
    /// them by itself or somebody has added them. What they run in the end is read one by one.
    ///
    /// # Errors
    /// The tree cannot be read.
    fn others(&self, _asked: &Asked<'_>, _program: &str) -> Result<Vec<Other>, RootError> {
        Ok(Vec::new())
    }

    /// Other definitions of the service than the one at its place, whether or not that one is
    /// there.
    ///
    /// # Errors
    /// The tree cannot be read.
    fn rivals(&self, _asked: &Asked<'_>) -> Result<Vec<Rival>, RootError> {
        Ok(Vec::new())
    }
}
