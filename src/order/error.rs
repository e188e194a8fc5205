//! Orders that give no files.

use thiserror::Error;

use crate::backends::RenderError;
use crate::detect::Listed;
use crate::service::{AbsPath, Name, Property};
use crate::spec::PlaceError;
use crate::yaml::YamlError;

/// Why an order gives no files.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OrderError {
    /// A distribution that this program does not know.
    #[error("unknown distribution `{name}`; known are {}", Listed(known))]
    Distro {
        /// Its name.
        name: String,
        /// Those that are known.
        known: Vec<&'static str>,
    },
    /// A way to keep services that the init does not have.
    #[error("{init} has no layout `{asked}`{}", other_layouts(known))]
    Layout {
        /// The init's name.
        init: &'static str,
        /// What was asked for.
        asked: Name,
        /// The layouts that it has.
        known: Vec<&'static str>,
    },
    /// A service folder for an init that has one place for its services.
    #[error("{init} reads services from `{place}` alone, and not from `{asked}`")]
    Fixed {
        /// The init's name.
        init: &'static str,
        /// Where it reads them.
        place: &'static str,
        /// The folder that was asked for.
        asked: AbsPath,
    },
    /// Something that the service says, and that the init refuses.
    #[error("{init} cannot run `{service}` with `{property}`: {why}")]
    Refused {
        /// The init's name.
        init: &'static str,
        /// The service's name.
        service: Name,
        /// What the service says.
        property: Property,
        /// Why it is refused.
        why: &'static str,
    },
    /// A line for systemd alone, without which the service would not run, or not as it says.
    #[error("{init} cannot run `{service}` with `{key}=` of `systemd`: {why}")]
    ForSystemd {
        /// The init's name.
        init: &'static str,
        /// The service's name.
        service: Name,
        /// The directive.
        key: String,
        /// Why it is refused.
        why: &'static str,
    },
    /// A text that is not a spec, for this version.
    #[error(transparent)]
    Spec(#[from] YamlError),
    /// A place that is not a valid path.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The backend refuses.
    #[error(transparent)]
    Render(#[from] RenderError),
}

fn other_layouts(known: &[&'static str]) -> String {
    match known {
        [] => ": there is only one way to keep services there".into(),
        known => format!("; it has {}", Listed(known)),
    }
}
