//! What runit and s6 have in common: a service is a directory of small scripts,
//! and there is no list of dependencies to put into it.

use serde::Serialize;

use super::Request;
use super::launcher::{self, Launcher};
use super::output::Output;
use crate::rendering::Rendered;
use crate::service::{AbsPath, Dependency};

/// What the templates of a service directory see.
#[derive(Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is what a template asks"
)]
pub(super) struct Data<'a> {
    name: &'a str,
    /// The service directory.
    service: &'a str,
    launcher: &'a str,
    state_folder: String,
    needs: Vec<&'a str>,
    wants: Vec<&'a str>,
    always: bool,
    /// The launcher stays the parent.
    pub(super) parent: bool,
    /// It starts the service again itself.
    pub(super) restarts: bool,
    /// It hears when the service is ready.
    hears: bool,
    stop_signal: &'static str,
    output: Output,
    log_folder: &'a str,
    max_size: u64,
    keep: u32,
}

impl<'a> Data<'a> {
    pub(super) fn new(request: &Request<'a>, launcher: &'a AbsPath) -> Self {
        let service = request.service;
        Self {
            name: service.name.as_str(),
            service: request.places.service.as_str(),
            launcher: launcher.as_str(),
            state_folder: launcher::state_folder(request),
            needs: Dependency::services(&service.needs),
            wants: wanted(request),
            always: !service.stays_down(),
            parent: launcher::is_parent(request) || restarts(request),
            restarts: restarts(request),
            hears: launcher::hears(request),
            stop_signal: service.stop.signal.name(),
            output: Output::new(request),
            log_folder: request.places.log_folder.as_str(),
            max_size: service.log.max_size.bytes(),
            keep: service.log.keep.count(),
        }
    }
}

/// Whether the launcher starts the service again itself, sooner than the supervisor would.
pub(super) fn restarts(request: &Request<'_>) -> bool {
    request.launcher == Launcher::Native && launcher::restarts(request.service)
}

/// The names of services that a first start waits for where they are enabled.
pub(super) fn wanted<'a>(request: &Request<'a>) -> Vec<&'a str> {
    let (service, distro) = (request.service, request.places.distro);
    let mut names = Vec::new();
    let before_it = service.needs.iter().chain(&service.wants);
    for dependency in before_it.chain(&service.after) {
        match dependency {
            Dependency::NetworkOnline => names.extend(distro.networks),
            Dependency::ContainerRuntime => names.extend(distro.runtimes),
            Dependency::Service(name) if !service.needs.contains(dependency) => {
                names.push(name.as_str());
            }
            // Stage 1 of the boot mounts the control groups.
            Dependency::Service(_) | Dependency::Cgroups => {}
        }
    }
    names
}

/// What a service directory cannot express, where the launcher `restarts` the service itself or
/// leaves that to the supervisor.
pub(super) fn notes(request: &Request<'_>, restarts: bool, rendered: &mut Rendered) {
    if launcher::restarts(request.service) && !restarts {
        rendered.note(
            "restart.delay",
            "the supervisor leaves at least 1 s between two starts",
        );
    }
}
