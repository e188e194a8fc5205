//! Rotation for inits that only append to a log file: an include of `logrotate(8)`.

use serde::Serialize;

use super::{RenderError, Request};
use crate::rendering::template::{Source, Templates};
use crate::rendering::{File, Rendered};
use crate::service::AbsPath;

/// The folder of logrotate's own includes.
const FOLDER: &str = "/etc/logrotate.d";

const TEMPLATES: &[Source] = &[("logrotate", include_str!("logrotate.conf"))];

#[derive(Serialize)]
struct Data<'a> {
    log_folder: &'a str,
    max_size: u64,
    keep: u32,
}

/// Where the include of a service is.
///
/// # Errors
/// A name that makes the path too long.
pub(super) fn path(request: &Request<'_>) -> Result<AbsPath, RenderError> {
    let folder: AbsPath = FOLDER.parse()?;
    Ok(folder.join(request.service.name.as_str())?)
}

/// Adds the include, which rotates every `*.log` of the service's log folder.
///
/// # Errors
/// As for any file of a backend.
pub(super) fn add(request: &Request<'_>, rendered: &mut Rendered) -> Result<(), RenderError> {
    let data = Data {
        log_folder: request.places.log_folder.as_str(),
        max_size: request.service.log.max_size.bytes(),
        keep: request.service.log.keep.count(),
    };
    let text = Templates::new(TEMPLATES)?.render("logrotate", &data)?;
    rendered.add(path(request)?, File::config(text))?;
    Ok(())
}
