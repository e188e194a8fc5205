//! Whether what is installed starts with the machine, for the commands that install.

use crate::backends::Registry;
use crate::control::{Enabled, Step};
use crate::distro::Overrides;
use crate::host::Host;
use crate::install::{Choices, Link};
use crate::root::Root;
use crate::service::Name;

use super::failure::Failure;
use super::session::Session;

/// An installed service, as what drives it sees it.
///
/// # Errors
/// The backend drives no services, or the tree is gone.
pub(super) fn session<'a>(
    root: &Root,
    name: &'a Name,
    init: &str,
    choices: &Choices,
    registry: &Registry,
) -> Result<Session<'a>, Failure> {
    let host = Host::of(Root::open(root.path())?);
    let overrides = Overrides {
        service_folder: choices.overrides.service_folder.clone(),
        ..Overrides::default()
    };
    let distro = Some(choices.distro.as_str());
    Session::open(name, host, init, distro, &overrides, registry)
}

/// Whether it starts with the machine; `None` where that cannot be told.
pub(super) fn is_enabled(session: &Session<'_>) -> Option<bool> {
    match session.enabled().ok()? {
        Enabled::Yes => Some(true),
        Enabled::No => Some(false),
        Enabled::Unknown => None,
    }
}

/// Steps apart: links, which a record can name, and all else.
pub(super) fn links(steps: Vec<Step>) -> Result<(Vec<Link>, Vec<Step>), Failure> {
    let mut links = Vec::new();
    let mut others = Vec::new();
    for step in steps {
        match step {
            Step::Link { path, target } => links.push(Link {
                path: path
                    .display()
                    .to_string()
                    .parse()
                    .map_err(|error: crate::service::ValueError| Failure::new(&error))?,
                target: target.display().to_string(),
            }),
            other => others.push(other),
        }
    }
    Ok((links, others))
}
