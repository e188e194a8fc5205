//! Where the output of a service goes other than into files (`log.to`).
//!
//! Inits with a logger beside the service run `logger(1)` as that. Others start the launcher
//! through a script that puts a pipe to `logger(1)` in the place of its output. Where the
//! output is that of the init itself, nothing is between the two.

use std::path::{Path, PathBuf};

use serde::Serialize;
use thiserror::Error;

use super::{RenderError, Request, Trouble, launcher};
use crate::control::{Command, ControlError, Destination, Target};
use crate::host::Host;
use crate::rendering::template::{Source, Templates};
use crate::rendering::{File, Rendered};
use crate::service::{AbsPath, LogTo, Name};

/// The end of the name of what starts the launcher with its output in a pipe, beside that.
const STARTER: &str = ".syslog";

const TEMPLATES: &[Source] = &[
    ("starter", include_str!("output-syslog.sh")),
    ("logger", include_str!("output-logger.sh")),
];

/// A layout with a logger for a service without one, or the other way round.
#[derive(Debug, Error)]
#[error("a service with `log: {to}` does not have the layout `{layout}`")]
struct OtherLayout {
    to: LogTo,
    layout: Name,
}

#[derive(Serialize)]
struct Data<'a> {
    service: &'a str,
    launcher: &'a str,
    pipe: String,
}

/// What becomes of the output, for templates.
#[derive(Serialize, Clone, Copy)]
pub(super) struct Output {
    inherit: bool,
    syslog: bool,
}

impl Output {
    pub(super) fn new(request: &Request<'_>) -> Self {
        Self {
            inherit: request.service.log.to == LogTo::Inherit,
            syslog: request.service.log.to == LogTo::Syslog,
        }
    }
}

/// Whether there are files of the output, which are rotated.
pub(super) fn is_kept(request: &Request<'_>) -> bool {
    request.service.log.to == LogTo::Folder
}

/// What an init without a logger beside the service starts in the launcher's place: it takes
/// the same verbs.
///
/// # Errors
/// A name that makes the path too long.
pub(super) fn starter(request: &Request<'_>) -> Result<AbsPath, RenderError> {
    let launcher = launcher::path(request)?;
    Ok(match request.service.log.to {
        LogTo::Syslog => launcher.with_suffix(STARTER)?,
        LogTo::Folder | LogTo::Inherit => launcher,
    })
}

/// Adds what [`starter`] names, if it is not the launcher itself.
///
/// # Errors
/// As for any file of a backend.
pub(super) fn add(request: &Request<'_>, rendered: &mut Rendered) -> Result<(), RenderError> {
    if request.service.log.to == LogTo::Syslog {
        let text = script(request, "starter")?;
        rendered.add(starter(request)?, File::program(text))?;
    }
    Ok(())
}

/// What an init runs as the logger beside a service.
///
/// # Errors
/// As for any file of a backend.
pub(super) fn logger(request: &Request<'_>) -> Result<String, RenderError> {
    script(request, "logger")
}

fn script(request: &Request<'_>, name: &'static str) -> Result<String, RenderError> {
    let launcher = launcher::path(request)?;
    let data = Data {
        service: request.service.name.as_str(),
        launcher: launcher.as_str(),
        pipe: launcher::state_folder(request) + ".output",
    };
    Ok(Templates::new(TEMPLATES)?.render(name, &data)?)
}

/// That the layout that was asked for, or the usual one, is not one for where the output goes.
pub(super) fn other_layout(
    init: &'static str,
    request: &Request<'_>,
    layout: &str,
    hint: &str,
) -> RenderError {
    let to = request.service.log.to;
    match layout.parse() {
        Ok(layout) => RenderError::init(init, OtherLayout { to, layout }).hint(hint),
        Err(error) => RenderError::Place(error),
    }
}

/// Whether the output goes to the system log, and what may be called to bring it there is not installed.
pub(crate) fn lacks_logger(host: &Host, request: &Request<'_>) -> bool {
    request.service.log.to == LogTo::Syslog && host.program("logger").is_none()
}

/// That `logger(1)` is missing, if one of the files calls it.
pub(crate) fn without_logger(rendered: &Rendered) -> Option<Trouble> {
    let calls_logger = |(path, file): (&AbsPath, &File)| {
        let text = String::from_utf8_lossy(&file.content);
        text.contains("logger -t ").then(|| path.clone())
    };
    let path = rendered.files().find_map(calls_logger)?;
    Some(Trouble {
        path: PathBuf::from(path.as_str()),
        what: "runs `logger`, which is not installed: what the service prints is lost".into(),
        hint: Some("logger is a program of util-linux, bsdutils or busybox".into()),
    })
}

/// That what a service prints is in no file, where the file of its definition says so.
pub(super) fn elsewhere(target: &Target<'_>, path: &Path, to: LogTo) -> ControlError {
    ControlError::LogElsewhere {
        name: target.name.clone(),
        path: target.host.root().shown(path),
        to: match to {
            LogTo::Syslog => Destination::Syslog,
            LogTo::Folder | LogTo::Inherit => Destination::OfInit(None),
        },
    }
}

/// What is said instead of that there is no log, where the output goes elsewhere.
///
/// # Errors
/// Always, unless there is a log.
pub(super) fn or_elsewhere(
    log: Result<Command, ControlError>,
    elsewhere: impl FnOnce() -> Option<ControlError>,
) -> Result<Command, ControlError> {
    log.map_err(|error| match error {
        ControlError::NoLog { .. } => elsewhere().unwrap_or(error),
        error => error,
    })
}

/// Whether a script becomes `logger(1)`.
pub(super) fn calls_logger(script: &str) -> bool {
    let mut lines = script.lines();
    lines.any(|line| line.trim_start().starts_with("exec logger "))
}

/// The same where the launcher's starter is there, which passes it on to syslog.
pub(super) fn is_passed_on(target: &Target<'_>) -> Option<ControlError> {
    let folder = Path::new(target.places.libexec_folder.as_str());
    let starter = folder.join(format!("{}{STARTER}", target.name));
    target
        .host
        .exists(&starter)
        .then(|| elsewhere(target, &starter, LogTo::Syslog))
}
