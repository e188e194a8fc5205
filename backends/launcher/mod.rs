//! The launcher: the program that every init but systemd starts.
//!
//! It gives the service what systemd would: the env files read anew at each start,
//! the arguments split as systemd splits them, a clean initial state, and an end
//! that leaves nothing behind. It is a sh program, so that the target needs
//! nothing of ours, or a call of `kubelet-unit exec`.

use serde::Serialize;

use super::{RenderError, Request};
use crate::rendered::{File, Rendered};
use crate::service::{AbsPath, Service};
use crate::template::{Source, Templates};

/// Which program starts the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Launcher {
    /// A POSIX sh program rendered for the service
    #[default]
    Sh,
    /// `kubelet-unit exec`, which the target then has to have
    Native,
}

const TEMPLATES: &[Source] = &[("launcher", include_str!("launcher.sh"))];

/// Where the launcher of a service is.
///
/// # Errors
/// The folder's path is too long for one more name.
pub fn path(request: &Request<'_>) -> Result<AbsPath, RenderError> {
    Ok(request
        .places
        .libexec_folder
        .join(request.service.name.as_str())?)
}

/// Adds the launcher to what an init gets.
///
/// # Errors
/// As for any file of a backend.
pub fn add(request: &Request<'_>, rendered: &mut Rendered) -> Result<(), RenderError> {
    let text = Templates::new(TEMPLATES)?.render("launcher", &Data::new(request.service))?;
    rendered.add(path(request)?, File::program(text))?;
    Ok(())
}

#[derive(Serialize)]
struct Data<'a> {
    name: &'a str,
    program: &'a str,
    stop_timeout: u64,
}

impl<'a> Data<'a> {
    fn new(service: &'a Service) -> Self {
        Self {
            name: service.name.as_str(),
            program: service.program.as_str(),
            stop_timeout: service.stop.timeout.milliseconds() / 10,
        }
    }
}
