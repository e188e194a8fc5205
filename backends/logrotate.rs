//! Rotation for inits that only append to a log file: an include of `logrotate(8)`.

use std::path::Path;

use serde::Serialize;

use super::{RenderError, Request, output};
use crate::control::{ControlError, LogRequest, Target, follow_files};
use crate::process::Command;
use crate::rendering::template::{Source, Templates};
use crate::rendering::{File, Rendered};
use crate::service::{AbsPath, LogTo, Name};

/// The folder of logrotate's own includes.
const FOLDER: &str = "/etc/logrotate.d";

const TEMPLATES: &[Source] = &[("logrotate", include_str!("logrotate.conf"))];

#[derive(Serialize)]
struct Data<'a> {
    log_folder: &'a str,
    max_size: u64,
    keep: u32,
}

/// The file of a service's output, which the include rotates.
///
/// # Errors
/// A name that makes the path too long.
pub(super) fn log_file(request: &Request<'_>) -> Result<AbsPath, RenderError> {
    let name = log_name(&request.service.name);
    Ok(request.places.log_folder.join(&name)?)
}

/// The command that shows that file; `script` starts the service with its output going there.
///
/// # Errors
/// It is not there.
pub(super) fn follow(
    target: &Target<'_>,
    request: LogRequest,
    script: &Path,
) -> Result<Command, ControlError> {
    let folder = Path::new(target.places.log_folder.as_str());
    let log = follow_files(target, request, vec![folder.join(log_name(target.name))]);
    output::or_elsewhere(log, || {
        let text = target.host.text(script)?;
        let goes_to_file = text.contains(&log_name(target.name));
        let inherited = (!goes_to_file).then(|| output::elsewhere(target, script, LogTo::Inherit));
        output::is_passed_on(target).or(inherited)
    })
}

fn log_name(service: &Name) -> String {
    format!("{service}.log")
}

/// Where the include of a service is.
///
/// # Errors
/// A name that makes the path too long.
pub(super) fn path(request: &Request<'_>) -> Result<AbsPath, RenderError> {
    let folder: AbsPath = FOLDER.parse()?;
    Ok(folder.join(request.service.name.as_str())?)
}

/// Adds the include, which rotates every `*.log` of the service's log folder, if there are any.
///
/// # Errors
/// As for any file of a backend.
pub(super) fn add(request: &Request<'_>, rendered: &mut Rendered) -> Result<(), RenderError> {
    if !output::is_kept(request) {
        return Ok(());
    }
    let data = Data {
        log_folder: request.places.log_folder.as_str(),
        max_size: request.service.log.max_size.bytes(),
        keep: request.service.log.keep.count(),
    };
    let text = Templates::new(TEMPLATES)?.render("logrotate", &data)?;
    rendered.add(path(request)?, File::config(text))?;
    Ok(())
}
