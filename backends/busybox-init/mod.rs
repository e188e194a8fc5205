//! busybox init: one line in `/etc/inittab`, the script that it starts, and a logrotate
//! include.

mod control;
mod effective;
mod evidence;
mod properties;

use serde::Serialize;
use thiserror::Error;

use super::output::Output;
use super::{
    Activation, Backend, Expression, RenderError, Request, command, launcher, logrotate, output,
};
use crate::control::Control;
use crate::detect::Evidence;
use crate::distro::{self, Distro, Place};
use crate::effective::Effective;
use crate::rendering::template::{Source, Templates};
use crate::rendering::{File, Rendered};
use crate::service::{AbsPath, Name, Property};

/// busybox's `init`.
pub struct BusyboxInit;

/// What it reads. It knows no folder of such files.
const INITTAB: &str = "/etc/inittab";

/// The end of the name of what a line starts, beside the launcher.
const RUN: &str = ".line";

/// What busybox hands to a shell when it is in a line (`init/init.c`, `run`, 1.36), what
/// parts its fields and words, and what would be an expression in the script.
const ODD: &str = " \t:~`!$^&*()=|\\{}[];\"'<>?#+%";

const TEMPLATES: &[Source] = &[
    ("entry", include_str!("entry")),
    ("run", include_str!("run.sh")),
];

/// A place that a line cannot name.
#[derive(Debug, Error)]
#[error("the line of `{name}` cannot start `{path}`: {odd:?} has a meaning in an inittab")]
struct OddPath {
    name: Name,
    path: AbsPath,
    odd: char,
}

impl Backend for BusyboxInit {
    fn name(&self) -> &'static str {
        "busybox-init"
    }

    fn title(&self) -> &'static str {
        "busybox init"
    }

    fn default_distro(&self) -> &'static Distro {
        &distro::GENERIC
    }

    fn place(&self, _distro: &Distro, _layout: Option<&str>) -> Place {
        Place::Fixed(INITTAB)
    }

    fn express(&self, property: Property) -> Expression {
        properties::express(property)
    }

    fn evidence(&self) -> Option<&dyn Evidence> {
        on_a_host!(evidence::Seen)
    }

    fn control(&self) -> Option<&dyn Control> {
        on_a_host!(control::Tools)
    }

    fn effective(&self) -> Option<&dyn Effective> {
        on_a_host!(effective::Lines)
    }

    fn render(&self, request: &Request<'_>) -> Result<Rendered, RenderError> {
        let templates = Templates::new(TEMPLATES)?;
        let launcher = launcher::path(request)?;
        let starter = output::starter(request)?;
        let run = launcher.with_suffix(RUN)?;
        check_path(request, &run)?;
        let log_file = logrotate::log_file(request)?;
        let data = Data {
            service: request.service.name.as_str(),
            // The launcher ends with the service, and init starts it no more.
            action: match request.service.stays_down() {
                false => "respawn",
                true => "once",
            },
            run: run.as_str(),
            inittab: INITTAB,
            output: Output::new(request),
            log_folder: request.places.log_folder.as_str(),
            log_file: log_file.as_str(),
            launcher: starter.as_str(),
        };
        let mut rendered = Rendered::default();
        let line = File::line(templates.render("entry", &data)?, mark(&run));
        rendered.add(request.places.service.clone(), line)?;
        rendered.add(run.clone(), File::program(templates.render("run", &data)?))?;
        logrotate::add(request, &mut rendered)?;
        output::add(request, &mut rendered)?;
        launcher::add(request, &mut rendered)?;
        notes(request, &mut rendered);
        Ok(rendered)
    }

    fn activation(&self, _request: &Request<'_>) -> Activation {
        Activation {
            start: vec![command(["kill", "-HUP", "1"])],
            ..Activation::default()
        }
    }
}

/// How a service's line ends.
fn mark(run: &AbsPath) -> String {
    format!(":{run}")
}

fn check_path(request: &Request<'_>, run: &AbsPath) -> Result<(), RenderError> {
    let Some(odd) = run.as_str().chars().find(|c| ODD.contains(*c)) else {
        return Ok(());
    };
    let error = OddPath {
        name: request.service.name.clone(),
        path: run.clone(),
        odd,
    };
    Err(RenderError::init("busybox-init", error).hint("another folder, with `--libexec-folder`"))
}

/// What the templates see.
#[derive(Serialize)]
struct Data<'a> {
    service: &'a str,
    action: &'static str,
    run: &'a str,
    output: Output,
    inittab: &'static str,
    log_folder: &'a str,
    log_file: &'a str,
    launcher: &'a str,
}

fn notes(request: &Request<'_>, rendered: &mut Rendered) {
    let service = request.service;
    if service.stays_down() {
        rendered.note(
            "restart.policy",
            "the line is `once`, since init starts again whatever ends: it is run at boot alone, and not after a stop",
        );
    }
    for (property, list) in [("needs", &service.needs), ("wants", &service.wants)] {
        if list.iter().any(|it| it.service().is_some()) {
            rendered.note(
                property,
                "init knows no order among lines that are respawned; it waits for its `sysinit` and `wait` lines alone",
            );
        }
    }
}
