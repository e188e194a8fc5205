//! Whether the service that stands in the place of ours is somebody else's.

use crate::backends::Backend;
use crate::distro::{Distro, Overrides, Places};
use crate::install::{Record, checksum};
use crate::rendering::Rendered;
use crate::root::{Root, RootError};
use crate::service::{AbsPath, Name};

/// The most that is read of a script.
const LIMIT: usize = 256 * 1024;

/// Where a distribution has the service under an init, whatever was asked for; none where
/// nothing is known of the services that others ship for it.
pub fn place(backend: &dyn Backend, distro: &'static Distro, name: &Name) -> Option<AbsPath> {
    backend.shipped()?;
    let place = backend.place(distro, None);
    let places = Places::new(place, distro, name, &Overrides::default()).ok()?;
    Some(places.service)
}

/// The content of a script that is there and not ours: we did not write it, and would write
/// another one. What an installation that was interrupted was to write counts only where it
/// is there.
///
/// # Errors
/// The tree cannot be read.
pub fn foreign(
    root: &Root,
    script: &AbsPath,
    record: Option<&Record>,
    rendered: &Rendered,
) -> Result<Option<Vec<u8>>, RootError> {
    let Some(content) = root.read_if_there(script.as_str(), LIMIT)? else {
        return Ok(None);
    };
    let is_recorded = record.is_some_and(|record| {
        let recorded = record.file(script).filter(|it| !it.found);
        recorded.is_some_and(|it| record.complete || it.wrote(&checksum(&content)))
    });
    let is_rendered = rendered
        .file(script.as_str())
        .is_some_and(|it| it.content == content);
    Ok((!is_recorded && !is_rendered).then_some(content))
}
